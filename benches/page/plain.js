// The peer: the same job in plain JavaScript, as short and as fast as it can be written.
//
// It leaves out whatever a page can live without: it checks no answer, escapes no value, has no timeout, no retry, no
// announcement and no events.

/** What the viewer clicks, named as in the project. */
const LABELS = { "get-code": "Get my code", "hide-code": "Hide my code" };

export class Plain {
  interactions = [];
  context = { viewerName: "guest" };
  session = { id: crypto.randomUUID(), startedAt: new Date().toISOString(), page: location.origin + location.pathname };

  /** `stage` has the same nodes as Cuehook's. */
  constructor(video, stage) {
    this.video = video;
    this.button = stage.querySelector("[data-cuehook-element=get-code]");
    this.hide = stage.querySelector("[data-cuehook-element=hide-code]");
    this.overlay = stage.querySelector("[data-cuehook-element=code]");
    this.button.addEventListener("click", () => this.execute());
    this.hide.addEventListener("click", () => {
      this.record("hide-code");
      this.overlay.hidden = true;
    });
  }

  record(element) {
    this.interactions.push({
      seq: this.interactions.length + 1,
      id: crypto.randomUUID(),
      type: "click",
      element,
      label: LABELS[element],
      mediaTime: this.video.currentTime,
      at: new Date().toISOString(),
    });
  }

  async execute() {
    const { video } = this;
    this.record("get-code");
    const wasPlaying = !video.paused;
    if (wasPlaying) video.pause();
    const id = crypto.randomUUID();
    const now = new Date();
    const response = await fetch("/bench/answer", {
      method: "POST",
      credentials: "omit",
      redirect: "error",
      cache: "no-store",
      headers: {
        "content-type": "application/json",
        "webhook-id": id,
        "webhook-timestamp": String(Math.floor(now / 1000)),
        "idempotency-key": id,
      },
      body: JSON.stringify({
        type: "webhook.executed",
        id,
        timestamp: now.toISOString(),
        webhook: { id: "discount", name: "Discount code" },
        video: { id: "bench", title: "Bench", currentTime: video.currentTime, duration: video.duration },
        session: this.session,
        trigger: { element: "get-code", event: "click" },
        params: { sku: "A-17" },
        context: this.context,
        interactions: this.interactions,
        truncated: false,
        contextTruncated: false,
      }),
    });
    const answer = JSON.parse(await response.text());
    Object.assign(this.context, answer);
    this.overlay.innerHTML =
      `<p>DiscountCode: <b>${answer.discountCode}</b></p><p>Hello ${answer.user.firstName}</p>` +
      `<img src="${answer.imageUrl}" alt="">`;
    this.overlay.hidden = false;
    if (wasPlaying) video.play();
  }

  /** As before the answer, for the next run. */
  forget() {
    this.context = { viewerName: "guest", discountCode: "", user: { firstName: "" }, score: 0, imageUrl: "" };
    this.overlay.textContent = "";
  }
}
