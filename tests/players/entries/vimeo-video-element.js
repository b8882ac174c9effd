// The script of Vimeo, which is bundled with the element, is replaced: see parts/vimeo.js.
import { framed } from "./parts/framed.js";

export default framed("vimeo-video", () => import("vimeo-video-element"), {
  main: "https://vimeo.com/100000001",
  other: "https://vimeo.com/100000002",
  advert: "https://vimeo.com/100000009",
});
