// `app.set` changes the state from outside, as anything on a page may.
import { flushSync, mount } from "svelte";

globalThis.app = { heard: [], set: (part) => flushSync(() => app.change(part)) };
const { default: App } = await import("./App.svelte");
mount(App, { target: document.querySelector("main") });
