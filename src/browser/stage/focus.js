// Where focus goes when what has it is about to go, and how dialogs keep it. Nothing is scrolled, and focus that is
// elsewhere stays there.

/** What takes focus in a template, a form or a question. */
const CONTROLS =
  "a[href],button,summary,audio[controls],video[controls],input:not([tabindex='-1']),select,textarea";
/** What stays within reach while a dialog is shown. */
const BESIDE_DIALOGS = ".cuehook-picture,.cuehook-notices,.cuehook-status,.cuehook-fullscreen";

export class Focus {
  #stage;
  #film;
  /** What had focus before it came to a notice. */
  #before;
  /** What the viewer has activated last, by the element's place in the project; -1 is the page. */
  #causes = new Map();
  #held;
  /** The dialogs that are shown, in document order: the last one is in charge. */
  #dialogs = [];
  /** What had focus when a dialog was shown. */
  #openers = new WeakMap();

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
    this.uncover();
  }

  /** Notices lie at the bottom while they would cover the control in the upper half that has focus. */
  uncover() {
    const [stage, focused] = [this.#stage, this.#stage.querySelector(".cuehook-picture :focus")];
    const notices = [...stage.querySelectorAll(".cuehook-notice")];
    // From under the pointer nothing moves away.
    if (notices.some((notice) => notice.matches(":focus-within"))) return;
    stage.removeAttribute("data-beneath");
    if (!focused || !notices[0]) return;
    const [box, middle] = [focused.getBoundingClientRect(), stage.getBoundingClientRect()];
    const covers = (notice) => {
      const { left, top, right, bottom } = notice.getBoundingClientRect();
      return left < box.right && right > box.left && top < box.bottom && bottom > box.top;
    };
    const isHigh = box.bottom <= (middle.top + middle.bottom) / 2;
    stage.toggleAttribute("data-beneath", isHigh && notices.some(covers));
  }

  /** Elements were shown, hidden or removed: what lies around the dialog in charge is inert, and focus goes into a new one. */
  settle() {
    const stage = this.#stage;
    const now = [...stage.querySelectorAll(".cuehook-picture > [aria-modal]:not([hidden])")];
    const opened = now.filter((dialog) => !this.#dialogs.includes(dialog));
    if (now.length === 0 && this.#dialogs.length === 0) return;
    this.#dialogs = now;
    const top = now.at(-1);
    stage.toggleAttribute("data-modal", Boolean(top));
    for (const node of stage.querySelectorAll(".cuehook-picture > *")) node.inert = Boolean(top) && node !== top;
    for (const node of stage.children) node.inert = Boolean(top) && !node.matches(BESIDE_DIALOGS);
    for (const dialog of opened) {
      this.#openers.set(dialog, stage.getRootNode().activeElement);
      const title = dialog.querySelector("h1,h2,h3,h4,h5,h6,legend")?.textContent.trim();
      if (title && !dialog.getAttribute("aria-label")) dialog.setAttribute("aria-label", title);
    }
    if (opened.includes(top)) for (const node of entries(top)) if (take(node)) return;
  }

  /** What has opened a dialog, also if that lies in another one that is gone. */
  #opener(dialog) {
    let opener = this.#openers.get(dialog);
    for (let box; opener && !isUsable(opener) && (box = opener.closest("[aria-modal]")); ) {
      opener = box === dialog ? undefined : this.#openers.get((dialog = box));
    }
    return opener;
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
    const top = this.#dialogs.at(-1);
    const own = box.matches(".cuehook-html") ? [box] : isNotice(box) ? [this.#causes.get(cause), this.#before] : [];
    if (box.matches("[aria-modal]")) own.push(this.#opener(box));
    // Whatever is outside of a dialog has to wait.
    if (top) own.splice(0, own.length, ...own.filter((node) => top.contains(node)), ...entries(top));
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

  /** A key goes down on the stage. Gives the dialog that is to be closed by it. */
  key(event) {
    if (event.defaultPrevented || event.isComposing) return undefined;
    if (event.key === "Tab") this.#cycle(event);
    return event.key === "Escape" && !event.repeat ? this.#escape(event) : undefined;
  }

  /**
   * One thing at a time: presses the button that closes a notice (that in which focus is, or else the last one about a
   * failure), or else gives the dialog in charge.
   */
  #escape(event) {
    const own = event.target.closest(".cuehook-notice")?.querySelector(".cuehook-dismiss,.cuehook-cancel");
    const button = own ?? [...this.#stage.querySelectorAll(".cuehook-dismiss")].pop();
    const dialog = this.#dialogs.at(-1);
    // A dialog of the page around the stage stays open.
    if (button || dialog) event.preventDefault();
    button?.click();
    return button ? undefined : dialog;
  }

  /** While a dialog is shown, Tab goes round in it and the notices. Between them the browser knows the way. */
  #cycle(event) {
    const dialog = this.#dialogs.at(-1);
    if (!dialog) return;
    // The box of the dialog stands before its controls, and whatever else of the stage has focus, before all.
    const parts = [dialog, ...this.#stage.querySelectorAll(".cuehook-notices")].map(reachable);
    const at = parts.findIndex((part) => part.includes(event.target));
    const isBack = event.shiftKey;
    if (at >= 0 && !isSame(parts[at].at(isBack ? 0 : -1), event.target)) return;
    const round = isBack
      ? [...parts.slice(0, Math.max(at, 0)).reverse(), ...parts.slice(Math.max(at, 0)).reverse()]
      : [...parts.slice(at + 1), ...parts.slice(0, at + 1)];
    const part = round.find((controls) => controls.length > 0) ?? [dialog];
    event.preventDefault();
    const next = part.at(isBack ? -1 : 0);
    take(part.find((control) => isSame(control, next) && control.checked) ?? next);
  }
}

const isNotice = (node) => Boolean(node?.closest(".cuehook-notice"));
const controls = (box) => [...box.querySelectorAll(CONTROLS)];
/** What Tab leads to. */
const reachable = (box) => controls(box).filter((control) => isUsable(control) && control.tabIndex >= 0);
/** Where focus goes in a dialog. */
const entries = (dialog) => [...reachable(dialog).slice(0, 1), dialog];
/** Radio buttons of a group are one stop. */
const isSame = (one, other) =>
  one === other || (one?.type === "radio" && other?.type === "radio" && Boolean(one.name) && one.name === other.name);
const isUsable = (node) => node.isConnected && node.getClientRects().length > 0 && !node.disabled;

/** Moves focus; whether it has come. */
function take(node) {
  node.focus({ preventScroll: true });
  return node.matches(":focus");
}
