// Goes before everything else on a page: notes what goes wrong there, and what Cuehook says.
const seen = { problems: [], warnings: [], events: [], deliveries: [] };
globalThis.seen = seen;

addEventListener("error", (event) => event.target === globalThis && seen.problems.push(`error: ${event.message}`));
addEventListener("unhandledrejection", (event) => seen.problems.push(`unhandled: ${event.reason}`));
document.addEventListener("securitypolicyviolation", (event) => {
  seen.problems.push(`csp: ${event.effectiveDirective} ${event.blockedURI}`);
});
for (const [method, list] of [["error", seen.problems], ["warn", seen.warnings]]) {
  const original = console[method];
  console[method] = (...parts) => {
    list.push(`${method}: ${parts.join(" ")}`);
    original.apply(console, parts);
  };
}

const names = "ready show hide activate request response error settled pause resume variablechange callback destroy";
for (const name of names.split(" ")) {
  document.addEventListener(`cuehook:${name}`, (event) => seen.events.push({ event: name, detail: event.detail }));
}

document.addEventListener("cuehook:delivery", ({ detail }) => seen.deliveries.push(detail));

/** The details of all events of that name. */
seen.named = (name) => seen.events.filter(({ event }) => event === name).map(({ detail }) => detail);

const address = new URL("/tests/project.json", location);

/** Makes the next request for the project's address give this one. It comes from the test and lies on no server. */
globalThis.remember = (project) => {
  const browserFetch = globalThis.fetch;
  globalThis.fetch = (target, ...rest) => {
    if (String(target) !== String(address)) return browserFetch(target, ...rest);
    globalThis.fetch = browserFetch;
    return Promise.resolve(new Response(JSON.stringify(project)));
  };
};

/** Lays a project over a film, in a `<cue-hook>` with these attributes and a video of this class. */
globalThis.stage = (project, attributes = {}, videoClass = "", film = "/film/lake.webm") => {
  remember(project);
  const video = document.createElement("video");
  Object.assign(video, { src: film, controls: true, playsInline: true, muted: true, className: videoClass });
  const cue = document.createElement("cue-hook");
  for (const [name, value] of Object.entries({ src: address, ...attributes })) cue.setAttribute(name, value);
  cue.append(video);
  document.querySelector("main").append(cue);
};
