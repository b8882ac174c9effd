// `app.set` changes the state from outside, as anything on a page may. StrictMode mounts everything twice.
import { StrictMode, useState } from "react";
import { flushSync } from "react-dom";
import { createRoot } from "react-dom/client";
import { InteractiveFilm } from "../components/InteractiveFilm";

function App() {
  const [state, setState] = useState({ count: 0, project: null, films: [] });
  app.set = (part) => flushSync(() => setState((before) => ({ ...before, ...part })));
  const heard = (event) => app.heard.push(event.detail.name);
  return (
    <>
      <p id="count">{state.count}</p>
      {state.films.map((film, index) => (
        <InteractiveFilm key={index} film={film} project={state.project} onCallback={heard} />
      ))}
    </>
  );
}

globalThis.app = { heard: [] };
createRoot(document.querySelector("main")).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
