// `app.set` changes the state from outside, as anything on a page may.
import { createApp, h, nextTick, shallowReactive } from "vue";
import InteractiveFilm from "../components/InteractiveFilm.vue";

const state = shallowReactive({ count: 0, project: null, films: [] });
globalThis.app = { heard: [] };

createApp(() => [
  h("p", { id: "count" }, state.count),
  ...state.films.map((film, key) =>
    h(InteractiveFilm, { key, film, project: state.project, onCallback: ({ detail }) => app.heard.push(detail.name) }),
  ),
]).mount("main");

app.set = (part) => {
  Object.assign(state, part);
  return nextTick();
};
