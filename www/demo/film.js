/** The player's controls, and the steps of the story below it. */

import { byId, clock, drawing, h } from "./dom.js";

/** Wires the controls of the film; `project()` gives the project in use. */
export function startFilm(cue, video, project) {
  const [bar, start, toggle, seek, time, now] = ["bar", "start", "toggle", "seek", "time", "now"].map(byId);
  let steps = [];
  let story = { says: "" };
  const length = () => video.duration || 32;

  // With our controls in place the native ones would only cover the picture.
  video.controls = false;
  bar.hidden = false;
  start.hidden = false;

  let toldUntil = 0;
  const say = (text, live) => {
    if (now.textContent !== text) now.textContent = text;
    now.toggleAttribute("data-live", live);
  };

  const play = () => video.play().catch(() => {});
  const flip = () => (video.paused ? play() : video.pause());
  toggle.addEventListener("click", flip);
  video.addEventListener("click", () => video.controls || flip());
  start.addEventListener("click", () => {
    play();
    toggle.focus({ preventScroll: true });
  });
  seek.addEventListener("input", () => (video.currentTime = Number(seek.value)));

  const full = byId("full");
  if (cue.requestFullscreen) {
    full.hidden = false;
    full.addEventListener("click", () => cue.requestFullscreen().catch(() => {}));
    // Our controls stay on the page, so in full screen the browser's own take over.
    document.addEventListener("fullscreenchange", () => (video.controls = document.fullscreenElement === cue));
  }

  /** What a step of the story leads to: the film goes there and plays. */
  const stepOf = ({ element, from, icon, title, text }) => {
    const words = text.map((part) => (part.startsWith("`") ? h("code", null, part.slice(1, -1)) : part));
    const step = h("button", { type: "button", "data-element": element, "data-from": from },
      drawing(icon), h("b", null, title), h("span", null, ...words), h("i"));
    step.addEventListener("click", () => {
      video.playbackRate = 1;
      video.currentTime = from;
      play();
      byId("screen").scrollIntoView({ block: "nearest", behavior: "smooth" });
    });
    return step;
  };

  const paint = () => {
    const at = video.currentTime;
    const playing = !video.paused;
    bar.classList.toggle("playing", playing);
    toggle.setAttribute("aria-label", playing ? "Pause" : "Play");
    if (playing) start.hidden = true;
    if (document.activeElement !== seek || playing) seek.value = String(at);
    seek.style.setProperty("--done", `${(at / length()) * 100}%`);
    const shown = `${clock(at, 0)} / ${clock(length(), 0)}`;
    // Only what is another second: screen readers look at what changes.
    if (time.textContent !== shown) {
      time.textContent = shown;
      seek.setAttribute("aria-valuetext", clock(at, 0));
    }
    const [said, live] = caption(cue, video, project(), at, story.says);
    if (performance.now() > toldUntil || cue.hasAttribute("busy")) say(said, live);
    for (const step of steps) {
      const area = element(project(), step.dataset.element);
      const isNow = area && at >= (area.from ?? 0) - 0.3 && at < (area.to ?? Infinity) && isThere(cue, area);
      step.closest("li").classList.toggle("current", Boolean(isNow && start.hidden));
    }
    if (playing) requestAnimationFrame(paint);
  };
  for (const name of ["play", "pause", "seeked", "loadedmetadata", "ended", "timeupdate"]) video.addEventListener(name, paint);
  for (const name of ["pause", "resume", "request", "settled"]) cue.addEventListener(`cuehook:${name}`, paint);
  paint();

  return {
    /** Shows the steps of another story. */
    tellStory(given) {
      story = given;
      steps = given.steps.map(stepOf);
      byId("steps").dataset.count = steps.length;
      byId("steps").replaceChildren(...steps.map((step) => h("li", null, step)));
      byId("spans").replaceChildren();
      toldUntil = 0;
      paint();
    },
    /** Marks in the track where something can be done. */
    mark(given) {
      const spans = given.elements.filter((item) => todo(item) && item.visible !== false).map((item) => {
        const span = document.createElement("span");
        span.style.left = `${(item.from / length()) * 100}%`;
        span.style.width = `${((item.to - item.from) / length()) * 100}%`;
        return span;
      });
      byId("spans").replaceChildren(...spans);
      paint();
    },
    /** Marks a step as done, or all as not done. */
    done(id) {
      for (const step of steps) {
        const item = step.closest("li");
        if (id === null) item.classList.remove("done");
        else if (step.dataset.element === id) item.classList.add("done");
      }
    },
    /** Says something below the film for a while. */
    tell(text) {
      say(text, false);
      toldUntil = performance.now() + 3500;
      setTimeout(paint, 3600);
    },
    /** Back to the beginning, standing still. */
    rewind() {
      video.pause();
      video.playbackRate = 1;
      video.currentTime = 0;
      start.hidden = false;
      paint();
    },
  };
}

const element = (project, id) => project?.elements.find((item) => item.id === id);

/** What viewers can do with an element, in a word. */
const todo = ({ kind }) => ({ area: "click", question: "answer", form: "fill in" })[kind];

/** Whether an element that an action shows is there; the others follow time alone. */
const isThere = (cue, { id, visible }) =>
  visible !== false || Boolean(cue.querySelector(`[data-cuehook-element="${id}"]`)?.checkVisibility());

/** One sentence on what can be done now, and whether something can be done. */
function caption(cue, video, project, at, says) {
  if (!project) return ["One moment…", false];
  if (cue.hasAttribute("busy")) return [video.paused ? "The film waits for the answer…" : "A call is under way…", false];
  if (video.ended) return ["That was the story. Any scene can be played again.", false];
  if (video.paused && at < 0.1) return [`Press play. ${says}`, false];
  const usable = project.elements.filter(todo);
  const now = usable.filter((item) => at >= item.from && at < item.to && isThere(cue, item));
  const last = now.at(-1);
  if (last && last.kind !== "area") return [last.kind === "form" ? "Now: fill in the form." : "Now: answer the question.", true];
  if (last) return [`Now: click the ${now.map((area) => area.id).join(" or the ")}.`, true];
  const next = usable.find((item) => item.from > at && item.visible !== false);
  const name = next && (next.kind === "question" ? "a question" : `the ${next.id}`);
  return [next ? `Next, in ${Math.ceil(next.from - at)} s: ${name}.` : "The stars are out. Nothing more to click.", false];
}
