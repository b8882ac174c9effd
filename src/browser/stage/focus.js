// Where focus goes when what has it is about to go. Nothing is scrolled, and focus that is elsewhere stays there.

/** What takes focus in a template, a form or a question. */
const CONTROLS =
  "a[href],button,summary,audio[controls],video[controls],input:not([tabindex='-1']),select,textarea";

export class Focus {
  #stage;
  #film;
  /** What had focus before it came to a notice. */
  #before;
  /** What the viewer has activated last, by the element's place in the project; -1 is the page. */
  #causes = new Map();
  #held;

  constructor(stage, film) {
    this.#stage = stage;
    this.#film = film;
  }

  /** Another film lies below. */
  over(film) {
    this.#film = film;
  }

  /** The viewer has activated something. */
  activated(place, node) {
    this.#causes.set(place, node);
  }

  /** Focus has come to the stage. */
  came({ target, relatedTarget }) {
    if (isNotice(target) && !isNotice(relatedTarget)) this.#before = relatedTarget;
  }

  /** Something in `box` is about to change: notes where focus is, if it is in there. */
  hold(box) {
    const focused = box.matches(":focus-within") && box.getRootNode().activeElement;
    const precedes = (control) => control.compareDocumentPosition(focused) & Node.DOCUMENT_POSITION_FOLLOWING;
    this.#held = focused && { box, focused, before: controls(box).filter(precedes) };
  }

  /**
   * The change is done. Focus that was in the box and is lost goes to the control that is in its place now, or else to the
   * one before that, or else to the overlay. From a notice it goes back to what the viewer had activated at the place
   * `cause`, or else to where it came from.
   */
  release(cause) {
    if (!this.#held) return;
    const { box, focused, before } = this.#held;
    this.#held = undefined;
    const active = this.#stage.getRootNode().activeElement;
    // It is where it was, or somebody has moved it.
    if (active === focused ? isUsable(focused) : active && active !== document.body) return;
    const now = controls(box).filter(isUsable);
    const next = now.indexOf(before.filter((control) => now.includes(control)).pop()) + 1;
    const own = box.matches(".cuehook-html") ? [box] : isNotice(box) ? [this.#causes.get(cause), this.#before] : [];
    // First the node itself, in case it was only moved.
    for (const node of [focused, now[next] ?? now[next - 1], ...own, this.#film, this.#stage]) {
      // Some of these are the page's, and may do anything.
      try {
        if (!isUsable(node)) continue;
        if ((node === box || node === this.#stage) && !node.hasAttribute("tabindex")) node.tabIndex = -1;
        node.focus({ preventScroll: true });
        // Firefox and WebKit leave focus on what is hidden, which may lie in this very node.
        if (node.matches(":focus-within") && (node === focused || !focused.matches(":focus-within"))) return;
      } catch {}
    }
  }

  /** Presses the button that closes a notice: that in which focus is, or else the last one about a failure. */
  escape(target) {
    const own = target.closest(".cuehook-notice")?.querySelector(".cuehook-dismiss,.cuehook-cancel");
    const button = own ?? [...this.#stage.querySelectorAll(".cuehook-dismiss")].pop();
    button?.click();
  }
}

const isNotice = (node) => Boolean(node?.closest(".cuehook-notice"));
const controls = (box) => [...box.querySelectorAll(CONTROLS)];
const isUsable = (node) => node.isConnected && node.getClientRects().length > 0 && !node.disabled;
