// What a page would write by hand for this one film: the same areas and overlays from the same project, without any of
// the rest (no retries, no pausing lease, no times, no templates but these).
const project = await (await fetch("project.json")).json();
const variables = { ...project.variables };
const film = document.querySelector(".film");
const video = film.querySelector("video");
const stage = document.createElement("div");
stage.className = "stage";
const overlays = new Map();

const valueOf = (path) => path.split(".").reduce((value, key) => value?.[key], variables);

function render({ node, element }) {
  const template = document.createElement("template");
  template.innerHTML = element.source.replace(/\$\{([\w.]+)!([^}]*)\}/g, (_, path, standard) => {
    const text = document.createElement("i");
    text.textContent = String(valueOf(path) ?? standard.trim());
    return text.innerHTML;
  });
  node.replaceChildren(template.content);
}

async function run({ do: what, webhook: id, params, element }) {
  if (what === "show") overlays.get(element).node.hidden = false;
  if (what === "hide") overlays.get(element).node.hidden = true;
  if (what !== "executeWebhook") return;
  const { url } = project.webhooks.find((webhook) => webhook.id === id);
  video.pause();
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ webhook: id, params, video: { ...project.video, currentTime: video.currentTime } }),
  });
  Object.assign(variables, await response.json());
  for (const overlay of overlays.values()) render(overlay);
  await video.play();
}

for (const element of project.elements) {
  const isArea = element.kind === "area";
  const node = document.createElement(isArea ? "button" : "div");
  node.className = isArea ? "area" : "overlay";
  node.hidden = element.visible === false;
  for (const [side, percent] of Object.entries(element.box)) node.style[side] = `${percent}%`;
  if (isArea) node.setAttribute("aria-label", element.label);
  if (!isArea) overlays.set(element.id, { node, element });
  node.addEventListener("click", async () => {
    for (const action of element.onClick ?? []) await run(action);
  });
  stage.append(node);
}
for (const overlay of overlays.values()) render(overlay);
film.append(stage);
