/**
 * Finds the place of the stage: above the picture and what covers it, under the player's controls.
 *
 * Players differ too much for fixed places and numbers, and they rebuild themselves. So it is found by looking at what
 * lies over the picture now, and again whenever that may have changed.
 */

import { area, inside, pictureOf } from "./picture.js";

/** Where to look, in parts of the picture's width and height: not where bars of controls are. */
const POINTS = [[0.5, 0.35], [0.25, 0.5], [0.75, 0.6]];
const CONTROLS = 'button,a[href],input,select,[role="button"],[role="slider"]';
/** A cover with so many controls in it is a layer of controls: the stage goes inside, below them. */
const SEVERAL = 3;
/** So many controls are looked at. */
const MOST = 50;
/** So much larger than the picture may an element be that belongs to its player, if nobody says what does. */
const MARGIN = 1.6;
/** Players fade their posters and bars; when that is over, it is looked again, in milliseconds. */
const FADED = 600;
/** Events of a media element after which a player may have put something else over the picture. */
const EVENTS = ["play", "playing", "pause", "ended", "emptied", "loadstart", "loadedmetadata"];

/** Whether `outer` is drawn around `node`. */
function holds(outer, node) {
  while (node && node !== outer) node = node.assignedSlot ?? node.parentNode ?? node.host;
  return Boolean(node);
}

/** What is in fullscreen, through open shadow roots. */
function fullscreenElement() {
  let found = document.fullscreenElement;
  while (found?.shadowRoot?.fullscreenElement) found = found.shadowRoot.fullscreenElement;
  return found;
}

/** Puts a node somewhere, unless it is there already. Focus stays where it is, and nothing in the node begins anew. */
function put(node, parent, next) {
  if (next === node) next = node.nextSibling;
  if (node.parentNode === parent && node.nextSibling === next) return;
  const { activeElement } = node.getRootNode();
  const focused = node.contains(activeElement) && activeElement;
  try {
    parent.moveBefore(node, next);
  } catch {
    parent.insertBefore(node, next);
  }
  if (focused) focused.focus({ preventScroll: true });
}

let toldOfFullscreen = false;

/** Shows the stage over everything, as a popover, or no longer. */
function popOver(stage, isOver) {
  if (isOver === stage.hasAttribute("popover") || !stage.showPopover) return;
  if (!isOver) {
    stage.removeAttribute("popover");
    return;
  }
  stage.popover = "manual";
  stage.showPopover();
  if (!toldOfFullscreen) {
    console.warn(
      "[cuehook] The video itself is in fullscreen: overlays are shown, but browsers give all clicks to the video. Show an " +
        "element that holds it, such as by <cue-hook>.requestFullscreen().",
    );
  }
  toldOfFullscreen = true;
}

/**
 * Keeps the stage in its place over the picture of a media element. `roles` may say what shows the `picture`, and may put
 * the stage somewhere itself (`mount`). `placed` is told what shows the picture, whenever that or the place has changed.
 */
export class Mount {
  #stage;
  #host;
  #roles;
  #placed;
  #media;
  #picture;
  /** Where `roles.mount` has put the stage. */
  #own;
  #level;
  #lifted = new Set();
  /** What `placed` was told of. */
  #told = [];
  #frame;
  #timer;
  /** What is listened to, and what is observed, as long as it is the same. */
  #watched = [];
  #changes = new MutationObserver(() => this.#soon());
  #observers = [new ResizeObserver(() => this.#soon()), new IntersectionObserver(() => this.#soon())];
  #soon = () => {
    this.#frame ??= requestAnimationFrame(() => this.check());
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.check(), FADED);
  };
  #now = () => this.check();

  constructor(stage, roles, placed) {
    this.#stage = stage;
    this.#roles = roles;
    this.#placed = placed;
    document.addEventListener("fullscreenchange", this.#now);
  }

  /** How far around the picture everything belongs to its player, as far as is known. */
  get scope() {
    return this.#watched[2];
  }

  /** The stage belongs over this media element in `host` now; null: there is none. */
  follow(media, host) {
    this.#media = media;
    this.#host = host;
    this.#stage.hidden = !media;
    this.check();
  }

  /** Leaves the stage where it is. */
  end() {
    this.#media = undefined;
    this.check();
    document.removeEventListener("fullscreenchange", this.#now);
    for (const control of this.#lifted) control.style.position = "";
  }

  /** Looks again, and puts the stage where it belongs. */
  check() {
    cancelAnimationFrame(this.#frame);
    this.#frame = undefined;
    this.#picture = this.#media && (this.#roles.picture ?? pictureOf(this.#media, this.#host));
    const [base, scope] = this.#around();
    if (base) this.#place(base, scope);
    // What has been done here is no news.
    this.#changes.takeRecords();
    this.#watch(scope);
    const state = base ? [this.#picture, this.#stage.parentNode, this.#stage.nextSibling, this.#stage.popover] : [];
    const isNews = state.some((it, at) => it !== this.#told[at]);
    this.#told = state;
    if (isNews) this.#placed(this.#picture);
  }

  /**
   * Beside what the stage can lie: the picture, or, in the tree of the host, what has the picture in its shadow; and how
   * far around it belongs to the player.
   */
  #around() {
    const root = this.#host.getRootNode();
    let base = this.#picture;
    while (base && base.getRootNode() !== root) base = base.getRootNode().host;
    // Nothing can be looked at in a tree that is not in the document.
    if (!base?.parentNode || !base.isConnected) return [];
    if (this.#host !== base && this.#host.contains(base)) return [base, this.#host];
    let scope = base;
    for (let outer = base; (outer = outer.parentElement) && !outer.matches("body,html"); ) {
      if (area(outer) > area(this.#picture) * MARGIN) break;
      scope = outer;
    }
    return [base, scope];
  }

  #place(base, scope) {
    const [stage, full] = [this.#stage, fullscreenElement()];
    // What is not drawn inside of that is not drawn at all.
    const isBounded = full && holds(full, this.#picture);
    if (full !== this.#picture) {
      const { mount } = this.#roles;
      if (!mount) this.#lay(base, scope);
      else if (!stage.isConnected || stage.parentNode !== this.#own) {
        mount(stage);
        this.#own = stage.parentNode;
      }
      if (isBounded && !holds(full, stage)) put(stage, full, null);
    }
    popOver(stage, Boolean(isBounded && !(holds(full, stage) && stage.getClientRects().length > 0)));
  }

  /** Puts the stage where it belongs, as far as can be seen now. */
  #lay(base, scope) {
    // A player in a shadow of its own: what is put into it lies with its controls.
    const isPlayer = base !== this.#picture && base.shadowRoot?.querySelector("slot:not([name])");
    const hits = POINTS.map((point) => this.#hits(base.getRootNode(), point));
    const cover = hits.map((stack) => this.#cover(stack, base, scope)).find(Boolean);
    if (isPlayer && hasControls(base)) this.#put(base, null, 0);
    else if (cover) this.#cross(...cover);
    // What is outside of the window cannot be looked at.
    else if (hits.flat().length > 0 || !scope.contains(this.#stage)) this.#after(base);
    if (this.#level === 0) this.#lift(scope);
  }

  /**
   * Controls that are not positioned are drawn below everything that is, so below the stage, wherever it lies: those that it
   * would take clicks from are positioned where they are, until the end.
   */
  #lift(scope) {
    const { style } = this.#stage;
    const isOurs = (hit) => this.#stage.contains(hit);
    style.pointerEvents = "auto";
    for (const control of [...scope.querySelectorAll(CONTROLS)].slice(0, MOST)) {
      if (isOurs(control) || getComputedStyle(control).position !== "static") continue;
      const { left, top, width, height } = control.getBoundingClientRect();
      const [first, ...others] = control.getRootNode().elementsFromPoint(left + width / 2, top + height / 2);
      if (!isOurs(first ?? null) || !control.contains(others.find((hit) => !isOurs(hit)) ?? null)) continue;
      control.style.position = "relative";
      this.#lifted.add(control);
    }
    style.pointerEvents = "";
  }

  #hits(root, [x, y]) {
    const { left, top, width, height } = this.#picture.getBoundingClientRect();
    return root.elementsFromPoint(left + x * width, top + y * height);
  }

  /** What covers the picture, beside `base` or something that holds it, and what of it was hit. */
  #cover(stack, base, scope) {
    for (const hit of stack) {
      const control = hit.closest(CONTROLS);
      if (this.#stage.contains(hit) || !scope.contains(hit) || (control && !this.#isLarge(control))) continue;
      if (hit.contains(base) || base.contains(hit)) return undefined;
      let cover = hit;
      while (!cover.parentNode.contains(base)) cover = cover.parentNode;
      if (this.#isLarge(hit) || this.#isLarge(cover)) return [cover, hit];
    }
    return undefined;
  }

  /** Goes over a cover; but under the controls in it. */
  #cross(cover, hit) {
    if (!hasControls(cover)) {
      this.#after(cover, hit);
      return;
    }
    const part = [...cover.children].find((child) => child.contains(hit));
    if (part && this.#isLarge(part)) this.#cross(part, hit);
    else this.#put(cover, cover.firstChild, 0);
  }

  /** Whether it lies over most of the picture, by its size. */
  #isLarge(element) {
    const [box, picture] = [element, this.#picture].map((it) => it.getBoundingClientRect());
    return box.width > picture.width * 0.6 && box.height > picture.height * 0.5;
  }

  /** Goes right after an element and as high as it, or as what of it lies over the picture. */
  #after(element, hit = element) {
    let level;
    for (let node = hit; ; node = node.parentElement) {
      level = Number.parseInt(getComputedStyle(node).zIndex) || level;
      if (node === element) break;
    }
    this.#put(element.parentNode, element.nextSibling, level ?? 0);
  }

  #put(parent, next, level) {
    this.#level = level;
    this.#stage.style.zIndex = level;
    put(this.#stage, parent, next);
  }

  /** Watches what the place depends on. (The size of the stage is not looked at: whoever lays it out changes it.) */
  #watch(scope) {
    const watched = this.#picture ? [this.#media, this.#picture, scope, this.#stage.parentNode] : [];
    if (this.#watched.length === watched.length && this.#watched.every((it, at) => it === watched[at])) return;
    const [sources, before] = [watched.slice(0, 2), this.#watched.slice(0, 2)];
    this.#watched = watched;
    for (const name of EVENTS) {
      for (const source of before) source.removeEventListener?.(name, this.#soon);
      for (const source of sources) source.addEventListener(name, this.#soon);
    }
    for (const observer of [...this.#observers, this.#changes]) observer.disconnect();
    if (!this.#picture) {
      clearTimeout(this.#timer);
      return;
    }
    for (const observer of this.#observers) observer.observe(this.#picture);
    for (let node of [this.#picture, this.#stage]) {
      while (node && node !== scope) {
        node = node.parentNode ?? node.host;
        if (node) this.#changes.observe(node, { childList: true });
      }
    }
  }
}

const hasControls = (element) => inside(element, CONTROLS).length >= SEVERAL;
