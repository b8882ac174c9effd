/** Turns `cuehook:*` events into what the inspector shows: one exchange for each request, and a list of events. */

const NAMES = ["ready", "show", "hide", "activate", "request", "response", "error", "settled", "pause", "resume",
  "variablechange", "callback", "delivery", "destroy"];
const MOST_EVENTS = 300;
const MOST_EXCHANGES = 40;

/** Collects; tells of news by `change` events of its own. */
export class Recorder extends EventTarget {
  /** Newest last. */
  exchanges = [];
  /** Newest first. */
  events = [];
  /** What has become of each event that webhooks are sent, by its id; oldest first. */
  deliveries = new Map();
  /** The last click, whether or not a request followed. */
  click = null;
  #count = 0;

  constructor(host) {
    super();
    for (const name of NAMES) host.addEventListener(`cuehook:${name}`, (event) => this.#take(name, event.detail));
  }

  /** Forgets everything. */
  clear() {
    this.exchanges = [];
    this.events = [];
    this.click = null;
    this.deliveries.clear();
    this.#count = 0;
    this.#tell(null);
  }

  #take(name, detail) {
    const at = performance.now();
    this.#count += 1;
    this.events.unshift({ number: this.#count, name, detail, at });
    if (this.events.length > MOST_EVENTS) this.events.pop();
    this[`_${name}`]?.(detail, at);
    this.#tell(name);
  }

  #tell(name) {
    this.dispatchEvent(new CustomEvent("change", { detail: name }));
  }

  /** The running exchange of a request. Numbers start anew with each session, so the newest one counts. */
  #find(requestId) {
    return this.exchanges.findLast((exchange) => exchange.requestId === requestId && exchange.state === "running");
  }

  _activate(detail, at) {
    this.click = { ...detail, at, followed: false };
  }

  _request(detail, at) {
    const body = JSON.parse(detail.body);
    const earlier = this.exchanges.findLast((exchange) => exchange.body.id === body.id);
    const ours = this.click && !this.click.followed && this.click.element === body.trigger.element;
    if (ours) this.click.followed = true;
    this.exchanges.push({
      number: (this.exchanges.at(-1)?.number ?? 0) + 1,
      requestId: detail.requestId,
      webhook: detail.webhook,
      url: detail.url,
      headers: detail.headers,
      text: detail.body,
      bytes: new TextEncoder().encode(detail.body).length,
      body,
      mediaTime: detail.mediaTime,
      click: ours ? this.click : null,
      retryOf: earlier ?? null,
      at,
      state: "running",
      shown: [],
      held: this.#held === detail.requestId,
    });
    if (this.exchanges.length > MOST_EXCHANGES) this.exchanges.shift();
  }

  #held = null;

  // The film may stand still for an element, too.
  _pause({ requestId }) {
    if (requestId === undefined) return;
    this.#held = requestId;
    const exchange = this.#find(requestId);
    if (exchange) exchange.held = true;
  }

  _resume({ requestId, reason }) {
    if (requestId === undefined) return;
    this.#held = null;
    const exchange = this.exchanges.findLast((other) => other.requestId === requestId);
    if (exchange) exchange.resumed = reason;
  }

  _response(detail, at) {
    const exchange = this.#find(detail.requestId);
    if (exchange) Object.assign(exchange, { status: detail.status, data: detail.data, answeredAt: at });
  }

  _error(detail, at) {
    const exchange = detail.requestId === undefined ? undefined : this.#find(detail.requestId);
    if (exchange) Object.assign(exchange, { error: detail, status: detail.status, answeredAt: at });
  }

  _show({ element }, at) {
    const exchange = this.exchanges.findLast((other) => other.state === "running");
    if (exchange?.answeredAt) exchange.shown.push({ element, at });
  }

  _delivery({ state, events, type }) {
    for (const id of events) this.deliveries.set(id, { type: type ?? this.deliveries.get(id)?.type, state });
    for (const id of this.deliveries.keys()) {
      if (this.deliveries.size <= MOST_EVENTS) break;
      this.deliveries.delete(id);
    }
  }

  _settled({ requestId, outcome, attempts, durationMs }, at) {
    const exchange = this.#find(requestId);
    if (exchange) {
      const state = outcome === "ok" ? "ok" : "failed";
      Object.assign(exchange, { outcome, attempts, durationMs, settledAt: at, state });
    }
  }
}
