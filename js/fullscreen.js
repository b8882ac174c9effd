/**
 * A button that shows `host`, and so the overlays, in fullscreen.
 *
 * The button among a video's native controls shows the bare video, over which nothing can lie, and a page can neither
 * catch that nor turn it into something else. So it is taken out where browsers allow that (`controlslist`). Where no
 * element but a video can be in fullscreen, as on iPhones, the element fills the window instead.
 */
export function offerFullscreen(host, media) {
  const stage = media.nextElementSibling;
  const ours = media.localName === "video" && media.controls && stage?.matches(".cuehook-stage");
  // Around a video that lies elsewhere (`for`) the element would go fullscreen alone.
  if (!ours || !host.contains(media)) return () => {};
  const takenOut = media.controlsList?.contains("nofullscreen") === false;
  if (takenOut) media.controlsList.add("nofullscreen");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "cuehook-button cuehook-fullscreen";
  button.setAttribute("aria-label", host.getAttribute("fullscreen-label") ?? "Full screen");
  const namespace = "http://www.w3.org/2000/svg";
  const icon = document.createElementNS(namespace, "svg");
  const path = document.createElementNS(namespace, "path");
  for (const [name, value] of Object.entries({ viewBox: "0 0 24 24", fill: "none", "aria-hidden": "true" })) {
    icon.setAttribute(name, value);
  }
  const lines = { d: "M4 9V4h5m6 0h5v5m0 6v5h-5m-6 0H4v-5", stroke: "currentColor", "stroke-width": "2.2" };
  for (const [name, value] of Object.entries(lines)) path.setAttribute(name, value);
  icon.append(path);
  button.append(icon);
  const leaveWindow = (event) => {
    if (event.key !== "Escape") return;
    // One thing at a time: it closes no message as well.
    event.preventDefault();
    fillWindow(false);
  };
  const fillWindow = (fill) => {
    host.toggleAttribute("full-window", fill);
    button.setAttribute("aria-pressed", String(fill));
    if (fill) document.addEventListener("keydown", leaveWindow, true);
    else document.removeEventListener("keydown", leaveWindow, true);
    window.dispatchEvent(new Event("resize"));
  };
  const changed = () => button.setAttribute("aria-pressed", String(document.fullscreenElement === host));
  button.addEventListener("click", () => {
    if (document.fullscreenElement === host) document.exitFullscreen();
    else if (host.requestFullscreen) host.requestFullscreen().catch(() => fillWindow(true));
    else fillWindow(!host.hasAttribute("full-window"));
  });
  host.addEventListener("fullscreenchange", changed);
  changed();
  stage.append(button);
  return () => {
    if (host.hasAttribute("full-window")) fillWindow(false);
    host.removeEventListener("fullscreenchange", changed);
    button.remove();
    if (takenOut) media.controlsList.remove("nofullscreen");
  };
}
