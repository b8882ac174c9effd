import { nativeControls } from "./parts/native.js";
import { custom } from "./parts/custom.js";

export default {
  ...custom("mux-video", () => import("@mux/mux-video")),
  ...nativeControls(() => document.querySelector("main mux-video")),
};
