import { nativeControls } from "./parts/native.js";
import { custom } from "./parts/custom.js";

export default {
  ...custom("hls-video", () => import("hls-video-element")),
  ...nativeControls(() => document.querySelector("main hls-video")),
};
