/** What Escape closes before it leaves the full window. */
const OPEN = ".cuehook-dismiss, [aria-modal]:not([hidden])";

/**
 * Makes a button that shows `host`, and so the overlays, in fullscreen.
 *
 * The button among a video's native controls shows the bare video, over which nothing can be clicked, and a page can
 * neither catch that nor turn it into something else. So it is taken out where browsers allow that (`controlslist`);
 * elsewhere there are two buttons, and ours says in words what it is for. Where no element but a video can be in
 * fullscreen, as on iPhones, the element fills the window instead.
 */
export function offerFullscreen(host) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "cuehook-button cuehook-fullscreen";
  const isAlone = "controlsList" in HTMLMediaElement.prototype;
  const text = document.createElement("span");
  const icon = drawn("svg", { viewBox: "0 0 24 24", fill: "none", "aria-hidden": "true" });
  icon.append(drawn("path", { d: "M4 9V4h5m6 0h5v5m0 6v5h-5m-6 0H4v-5", stroke: "currentColor", "stroke-width": "2.2" }));
  button.append(icon);
  if (!isAlone) button.append(text);
  /** What things are called. */
  let word = () => undefined;
  const name = (isFull) => {
    const enter = isAlone ? "fullscreen" : "interactiveFullscreen";
    text.textContent = (!isFull && host.getAttribute("fullscreen-label")) || word(isFull ? "exitFullscreen" : enter) || "";
    button.setAttribute("aria-label", text.textContent);
  };
  const leaveWindow = (event) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    // One thing at a time: first a message or a dialog is closed, of which the stage knows more.
    const stage = button.parentNode;
    const isOver = ({ target }) => target.closest?.(".cuehook-notice") || stage?.querySelector(OPEN);
    if (!isOver(event)) fillWindow(false);
    else if (stage.contains(event.target)) return;
    else stage.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", cancelable: true }));
    event.preventDefault();
  };
  const fillWindow = (fill) => {
    host.toggleAttribute("full-window", fill);
    name(fill);
    document[fill ? "addEventListener" : "removeEventListener"]("keydown", leaveWindow, true);
    window.dispatchEvent(new Event("resize"));
  };
  const changed = () => name(document.fullscreenElement === host || host.hasAttribute("full-window"));
  button.addEventListener("click", () => {
    if (document.fullscreenElement === host) document.exitFullscreen();
    else if (host.requestFullscreen) host.requestFullscreen().catch(() => fillWindow(true));
    else fillWindow(!host.hasAttribute("full-window"));
  });
  host.addEventListener("fullscreenchange", changed);

  /** The video, and what puts its own button back. */
  let current;
  let giveBack;
  const leave = () => {
    if (host.hasAttribute("full-window")) fillWindow(false);
    button.remove();
    giveBack?.();
    giveBack = undefined;
  };
  return {
    /** Offers it on the stage over this video, if it has native controls; null: there is none. */
    follow(video, stage, words) {
      word = words;
      changed();
      // It has been moved by a player.
      if (video === current && button.isConnected) return;
      leave();
      current = video;
      // Around a video that lies elsewhere (`for`) the element would go fullscreen alone.
      if (!video?.controls || !host.contains(stage)) return;
      if (video.controlsList?.contains("nofullscreen") === false) {
        const before = video.getAttribute("controlslist");
        video.controlsList.add("nofullscreen");
        giveBack = () => {
          video.controlsList.remove("nofullscreen");
          if (before === null && video.controlsList.length === 0) video.removeAttribute("controlslist");
        };
      }
      stage.append(button);
    },
    /** Leaves everything as it was. */
    end() {
      leave();
      host.removeEventListener("fullscreenchange", changed);
    },
  };
}

function drawn(name, attributes) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const attribute of Object.entries(attributes)) node.setAttribute(...attribute);
  return node;
}
