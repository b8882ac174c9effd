/** Makes the test webhook misbehave by rewriting the addresses in the project. */

/** What the webhook can be told to do. `query` is understood by `POST /webhook-test` of the demo server. */
export const MODES = [
  { id: "well", name: "answers well", query: "",
    says: "As the project says. Only the campfire of the tour fails, once a session." },
  { id: "slow", name: "takes 2.5 seconds", query: "delay=2500",
    says: "Watch the film wait, say so after a moment, and go on by itself." },
  { id: "never", name: "takes too long", query: "delay=20000", timeoutMs: 4000,
    says: "The project allows four seconds. You may cancel after three." },
  { id: "recovers", name: "fails twice, then recovers", query: "fail=2", retries: 2,
    says: "Two answers are 503. Cuehook repeats the same request by itself." },
  { id: "missing", name: "404 Not Found", query: "status=404",
    says: "Final: a 404 is not repeated. The viewer is told and may try again." },
  { id: "reset", name: "resets the connection", query: "reset=1",
    says: "No answer at all. Repeated, then told as “no connection”." },
  { id: "half", name: "sends half a JSON", query: "body=bad-json",
    says: "Status 200, but no JSON. Nothing of it reaches an overlay." },
  { id: "html", name: "sends a log-in page", query: "body=html",
    says: "As a captive portal does: status 200 and HTML with a script in it." },
  { id: "huge", name: "sends 64 MiB", query: "body=huge",
    says: "Reading stops at 256 KiB." },
];

/** The project as it is when the webhook behaves in this way. */
export function projectFor(project, mode) {
  if (!mode.query) return project;
  const copy = structuredClone(project);
  // The receiver of events has a switch of its own.
  for (const webhook of copy.webhooks.filter(({ events }) => !events)) {
    const [path, query] = webhook.url.split("?");
    const about = new URLSearchParams(query).get("answer");
    webhook.url = `${path}?echo=none${about ? `&answer=${about}` : ""}&${mode.query}`;
    if (mode.timeoutMs) webhook.timeoutMs = mode.timeoutMs;
    webhook.retries = mode.retries ?? 1;
  }
  return copy;
}
