// For tests that attack: what attacks would do is watched, and values are tried in one place of a template after another.

// Projects may compute, so the whole build is needed from the start.
globalThis.Cuehook = { expressions: true };

performance.setResourceTimingBufferSize(100_000);

const note = (what) => seen.problems.push(`attack: ${what}`);
for (const name of ["alert", "confirm", "prompt", "print", "open"]) window[name] = (text) => note(`${name}(${text})`);
Object.defineProperty(window, "xss", { set: (value) => note(`xss = ${value}`) });
new ReportingObserver((reports) => {
  for (const { type, body } of reports) if (type !== "deprecation") note(`report ${type} ${body.blockedURL ?? body.message}`);
}, { buffered: true }).observe();

// Nothing of this may ever be on the page, wherever an attack might put it.
const FORBIDDEN = "iframe, frame, object, embed, applet, base, meta[http-equiv], form, math, animate, set, use, foreignObject, [srcdoc]";
const CLICKABLE = new Set(["http:", "https:", "mailto:", "tel:", ":"]);
const own = { scripts: document.scripts.length };
addEventListener("DOMContentLoaded", () => (own.scripts = document.scripts.length));
const watched = new MutationObserver((mutations) => {
  for (const { target, type, attributeName, addedNodes } of mutations) {
    if (type === "attributes" && attributeName.startsWith("on")) note(`${attributeName} on ${target.localName}`);
    for (const node of addedNodes) {
      if (node.localName === "script" && !node.src.startsWith(`${location.origin}/`)) note(`a script in ${target.localName}`);
    }
  }
});
watched.observe(document, { subtree: true, childList: true, attributes: true });

// Links are followed only where a browser would run something.
addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  if (link && (CLICKABLE.has(link.protocol) || link.protocol === "about:")) event.preventDefault();
}, true);

/** As in watch.js, with a video that shows nothing: the policy of this page lets none in. */
globalThis.stage = (project, attributes = {}) => {
  remember(project);
  const cue = document.createElement("cue-hook");
  const all = { src: new URL("/tests/project.json", location), ...attributes };
  for (const [name, value] of Object.entries(all)) cue.setAttribute(name, value);
  cue.append(document.createElement("video"));
  document.querySelector("main").append(cue);
};

/** Whether an image from there would be a request to somebody else, which is a page's own decision. */
function isForeign(url) {
  try {
    const { protocol, origin } = new URL(url, document.baseURI);
    return /^https?:$/.test(protocol) && origin !== location.origin;
  } catch {
    return false;
  }
}

/** What the browser itself makes of an address: its scheme, or ":" if it is none. */
function scheme(url) {
  try {
    return new URL(url, document.baseURI).protocol;
  } catch {
    return ":";
  }
}

/** Elements, the names of their attributes, and where texts are. */
function shape(node, but) {
  if (node.nodeType !== Node.ELEMENT_NODE) return node.data === "" ? "" : node.nodeName;
  const names = node.getAttributeNames().filter((name) => !but.includes(name)).sort();
  return `<${node.localName} ${names}>${[...node.childNodes].map((child) => shape(child, but)).join("")}</>`;
}

const same = (found, value, what) => (found === value ? [] : [`${what} is ${JSON.stringify(found)}`]);
const attribute = (name, before = "", after = "") => (element, value) =>
  same(element.getAttribute(name), before + value + after, name);
const text = (element, value) => same(element.textContent, value, "the text");

/** A link shows the address as it is, or leads nowhere; the browser says which. */
function link(element, value, name = "href") {
  const shown = element.getAttribute(name);
  const found = scheme(value);
  if (name === "href") element.click();
  // What is no address to a browser leads nowhere, too.
  if (CLICKABLE.has(found) && shown === value) return [];
  if ((found === ":" || !CLICKABLE.has(found)) && shown === "about:blank#blocked") return [];
  return [`${name} is ${shown}, and a browser finds ${found} in the value`];
}

const isPicture = (url) => /^data:image\/(png|jpeg|gif|webp|avif)[;,]/.test(new URL(url, document.baseURI).href);

/** An image comes from where the value says, or from nowhere. */
function image(element, value, name = "src") {
  const shown = element.getAttribute(name);
  const found = scheme(value);
  const good = /^(https?)?:$/.test(found) || (found === "data:" && isPicture(value));
  if (good && shown === value) return [];
  if ((!good || found === ":" || value.trim() === "") && shown === null) return [];
  return [`${name} is ${shown}, and a browser finds ${found} in the value`];
}

/** A set of images is as the value says, or is not there; it is not there if its first or second address is no image's. */
function imageSet(element, value) {
  const shown = element.getAttribute("srcset");
  const [, first = ""] = /^[\s,]*([^\s]*?),*(?:\s|$)/.exec(value) ?? [];
  const [, second = ""] = /^[^\s,]+ [\d.]+[xw], *([^\s,]+)/.exec(value) ?? [];
  const good = [first, second].every((url) => /^(https?)?:$/.test(scheme(url)) || isPicture(url));
  return shown === null || (good && shown === value) ? [] : [`srcset is ${shown}`];
}

/** Only the properties that the template names are set, and nothing in them or in what follows from them loads. */
const style = (properties, mayLoad) => (element) => {
  const wrong = [];
  // A shorthand stands for several properties.
  const names = [...element.style].filter((name) => !properties.some((known) => name === known || name.startsWith(`${known}-`)));
  if (names.length > 0) wrong.push(`style sets ${names}`);
  const computed = getComputedStyle(element);
  for (const name of ["background-image", "list-style-image", "border-image-source", "content", "cursor", "filter", "mask-image"]) {
    const value = computed.getPropertyValue(name);
    for (const [, url] of value.matchAll(/url\("([^"]*)"\)/g)) {
      if (!mayLoad || isForeign(url) || !/^(https?:|data:|#)/.test(url)) wrong.push(`${name} is ${value}`);
    }
  }
  const css = element.style.cssText;
  if (!mayLoad && /(url|image|image-set|src|cross-fade|element|expression)\(/i.test(css)) wrong.push(`style is ${css}`);
  return wrong;
};

const paint = (name) => (element) => {
  const value = element.getAttribute(name) ?? "";
  return /(url|image|set|src)\(|[;<>"'\\{}@]/i.test(value) ? [`${name} is ${value}`] : [];
};

const each = (checks) => (node, value) =>
  Object.entries(checks).flatMap(([css, check]) => {
    const element = css === "" ? node : node.querySelector(css);
    return element ? [check].flat().flatMap((one) => one(element, value)) : [`${css} is gone`];
  });

/** Of a place: its template, what is true of it for each value, and which attributes come and go with the value. */
const places = {
  text: { source: "<p>${v}</p><b>a ${v} b</b>", check: each({ p: text, b: (b, v) => text(b, `a ${v} b`) }) },
  "text alone": { source: "Code: ${v! -}", check: (node, v) => text(node, `Code: ${v}`) },
  "other spellings": { source: "<p>$<v></p><b>{{ v }}</b><i>${ v ~ v }</i>", check: each({ p: text, b: text, i: (i, v) => text(i, v + v) }) },
  "quoted attribute": {
    source: "<p title=\"${v}\" lang='${v}' data-x=\"a ${v} b\" aria-label='${v}'>x</p>",
    check: each({ p: [attribute("title"), attribute("lang"), attribute("data-x", "a ", " b"), attribute("aria-label")] }),
  },
  "unquoted attribute": { source: "<p title=${v} data-x=a${v}b>x</p>", check: each({ p: [attribute("title"), attribute("data-x", "a", "b")] }) },
  "flow in an attribute": { source: "<p title=\"{% if v %}a${v}{% endif %}\">x</p>", check: each({ p: attribute("title", "a") }) },
  class: { source: "<p class=\"a ${v} b\">x</p><i class=${v}></i>", check: each({ p: attribute("class", "a ", " b"), i: attribute("class") }) },
  parameter: {
    source: "<button data-execute-webhook=\"discount\" data-param-x=\"${v}\" data-param-y=${v}>x</button>",
    check: each({ button: [attribute("data-param-x"), attribute("data-param-y")] }),
  },
  truth: {
    source: "<button hidden=\"${v}\" disabled=${v}>x</button>",
    check: each({ button: (button) => same(button.getAttribute("hidden") || button.getAttribute("disabled") || "", "", "a boolean attribute") }),
    but: ["hidden", "disabled"],
  },
  link: {
    source: "<a href=\"${v}\" target=\"_blank\">x</a><a class=\"two\" href=${v}>x</a><q cite=\"${v}\">x</q>",
    check: each({ a: link, ".two": link, q: (q, v) => link(q, v, "cite") }),
  },
  "link in two parts": {
    source: "<a href=\"${v[99999]!}${v}\">x</a>",
    check: each({ a: link }),
  },
  "rest of a link": { source: "<a href=\"/to/${v}\">x</a>", check: each({ a: [attribute("href", "/to/"), (a) => same(a.protocol, "http:", "the scheme")] }) },
  image: { source: "<img src=\"${v}\" alt=\"${v}\">", check: each({ img: [image, attribute("alt")] }), but: ["src"], skip: isForeign },
  "set of images": {
    source: "<img srcset=\"${v}\" alt=\"\"><img class=\"two\" srcset=\"data:image/gif;base64,R0lGODlhAQABAAAAACw= 1x, ${v} 2x\" alt=\"\">",
    check: each({ "img:first-child": imageSet }),
    but: ["srcset"],
    skip: (v) => v.split(/[\s,]+/).some(isForeign) || isForeign(v),
  },
  poster: { source: "<video poster=\"${v}\"></video>", check: each({ video: (video, v) => image(video, v, "poster") }), but: ["poster"], skip: isForeign },
  style: {
    source: "<p style=\"color: ${v}; width: calc(1px + ${v}); background: ${v} !important; font: ${v}\">x</p><i style='--own: ${v}; list-style: var(--own)'>x</i>",
    check: each({ p: style(["color", "width", "background", "font"]), i: style(["--own", "list-style"]) }),
    but: ["style"],
  },
  "URL in a style": {
    source: "<p style='background-image: url(\"${v}\")'>x</p><i style='list-style: square url(\"/x/${v}\")'>x</i>",
    check: each({ p: style(["background-image"], true), i: style(["list-style"], true) }),
    but: ["style"],
    skip: isForeign,
  },
  drawing: {
    source: "<svg viewBox=\"0 0 9 9\" aria-label=\"${v}\"><rect fill=\"${v}\" stroke=${v} class=\"${v}\" /><text>${v}</text><title>${v}</title></svg>",
    check: each({ svg: attribute("aria-label"), rect: [paint("fill"), paint("stroke"), attribute("class")], text, title: text }),
    but: ["fill", "stroke"],
  },
  "many at once": {
    source: "<p title=\"${v}\" data-x=${v}>${v}</p><a href=\"${v}\">x</a><b class=\"${v}\" style=\"color: ${v}\">x</b>" +
      "<button data-execute-webhook=\"discount\" data-param-x=\"${v}\">x</button>",
    check: each({ p: [text, attribute("title"), attribute("data-x")], a: link, b: [attribute("class"), style(["color"])], button: attribute("data-param-x") }),
    but: ["style"],
  },
  branch: {
    source: "{% if v == \"no\" %}<u>${v}</u>{% elif v %}<b title=\"${v}\">${v}</b>{% else %}<i>none</i>{% endif %}",
    check: each({ b: [text, attribute("title")] }),
  },
};

const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
/** Until what has been set was painted, so that what paint loads is asked for, and reports have come. */
globalThis.painted = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(resolve, 60))));
const overlay = (id) => document.querySelector(`[data-cuehook-element=${id}]`);
const handle = () => document.querySelector("cue-hook").handle;

/** Lists that keep within the work that templates may do at once: each value is shown up to eight times. */
function* parts(values, most) {
  let part = [];
  let size = 0;
  for (const value of values) {
    if (part.length >= 200 || (part.length > 0 && size + value.length > most)) {
      yield part;
      part = [];
      size = 0;
    }
    part.push(value);
    size += value.length;
  }
  if (part.length > 0) yield part;
}

/** What is wrong on the whole page now; an author's own images may come from elsewhere. */
function wrongOnPage(authors = []) {
  const wrong = [];
  const forbidden = document.querySelector(FORBIDDEN);
  if (forbidden) wrong.push(`there is a ${forbidden.localName}`);
  if (document.scripts.length !== own.scripts) wrong.push(`there are ${document.scripts.length} scripts`);
  if (document.title !== "Attacked" || document.cookie !== "" || location.pathname !== "/tests/attacked.html") wrong.push("the page was changed");
  for (const element of document.querySelectorAll("body *")) {
    const handler = element.getAttributeNames().find((name) => name.startsWith("on"));
    if (handler) wrong.push(`${handler} on ${element.localName}`);
    if (element.id && !["before", "after"].includes(element.id)) wrong.push(`the id ${element.id}`);
  }
  const foreign = performance.getEntriesByType("resource").filter(({ name }) => isForeign(name) && !authors.includes(name));
  for (const { name } of foreign) wrong.push(`a request to ${name}`);
  for (const word of ["polluted", "x"]) if (word in {}) wrong.push(`objects have ${word}`);
  return wrong;
}
globalThis.wrongOnPage = wrongOnPage;

/** Rows of a list, each the template of a place, with and without keys. */
const inRows = (source, keyed) => `{% for v in rows %}<div${keyed ? " key=\"${v}\"" : ""} class="row">${source}</div>{% endfor %}`;

/** What a row of many at once consists of. */
const MANY = "<p data-x,title></><a href></><b class></><button data-execute-webhook,data-param-x,type></></>";

/** The project that shows one place. */
globalThis.projectOf = (name) => {
  const box = { left: 2, top: 2, width: 90, height: 90 };
  const html = (id, source) => ({ id, kind: "html", box, source, whenMissing: "empty" });
  const { source } = places[name];
  return {
    cuehook: 1,
    webhooks: [{ id: "discount", url: "/webhook-test" }],
    elements: [html("one", source), html("rows", inRows(source)), html("keyed", inRows(source, true))],
  };
};

globalThis.placeNames = () => Object.keys(places);

/** Compares one instance of a place's template with its value. */
function examine(node, name, value, expected, wrong) {
  const { check, but = [] } = places[name];
  const found = check(node, value);
  const now = inside(shape(node, but));
  if (now !== expected) found.push(`the elements are ${now}`);
  for (const problem of found) wrong.push(`${JSON.stringify(value.slice(0, 200))}: ${problem.slice(0, 300)}`);
}

const inside = (shape) => shape.replace(/^<div [^>]*>/, "");

function examineRows(id, name, values, expected, wrong) {
  const nodes = overlay(id).querySelectorAll(":scope > .row");
  if (nodes.length !== values.length) wrong.push(`${id}: ${nodes.length} rows of ${values.length}`);
  values.forEach((value, row) => nodes[row] && examine(nodes[row], name, value, expected, wrong));
}

const result = (tried, wrong) => ({ tried, wrong: wrong.slice(0, 8), count: wrong.length });

/** Tries all values in one place: one after another in the same nodes, and as rows. Says what is wrong, and how much was tried. */
globalThis.attack = async (name, values) => {
  const { skip = () => false, but = [] } = places[name];
  const { variables } = handle();
  variables.set("v", "some");
  variables.set("rows", []);
  await handle().update(projectOf(name));
  const wrong = [];
  const expected = inside(shape(overlay("one"), but));
  const tried = values.filter((value) => !skip(value));
  for (const value of tried) {
    variables.set("v", value);
    examine(overlay("one"), name, value, expected, wrong);
  }
  variables.set("v", "some");
  for (const part of parts(tried, 4_000)) {
    for (const rows of [part, part.toReversed()]) {
      variables.set("rows", rows);
      // The second overlay may come with the next frame.
      await sleep(30);
      for (const id of ["rows", "keyed"]) examineRows(id, name, rows, expected, wrong);
    }
  }
  await painted();
  wrong.push(...wrongOnPage());
  performance.clearResourceTimings();
  seen.events.length = 0;
  return result(tried.length, wrong);
};

/** A project with an area whose click brings the list `given` back in an answer, and rows that show it. */
globalThis.answered = (url) => {
  const project = projectOf("many at once");
  const [, rows] = project.elements;
  rows.source = rows.source.replace("in rows", "in received.params.list");
  rows.whenMissing = "hide";
  const onClick = [{ do: "executeWebhook", webhook: "discount", params: { list: "${given}" } }];
  const box = { left: 0, top: 94, width: 50, height: 6 };
  // Otherwise the next click so soon would be taken for a double click.
  Object.assign(project.webhooks[0], { url, whileRunning: "queue" });
  project.elements = [{ id: "ask", kind: "area", label: "Ask", box, onClick }, rows];
  return project;
};

/** Splits the values into lists that an answer can bring; the first of them is what the next click sends. */
globalThis.lists = (values) => (seen.lists = [...parts(values, 8_000)]).length;

globalThis.give = (number) => {
  handle().variables.set("received", null);
  handle().variables.set("given", seen.lists[number]);
};

globalThis.examineAnswer = (number) => {
  const wrong = [];
  const first = overlay("rows").querySelector(":scope > .row");
  const expected = inside(shape(first, places["many at once"].but));
  const form = expected.replace(/#text/g, "");
  if (form !== inside(MANY)) wrong.push(`the elements are ${form}`);
  examineRows("rows", "many at once", seen.lists[number], expected, wrong);
  wrong.push(...wrongOnPage());
  return result(seen.lists[number].length, wrong);
};

/** Silences what Cuehook says of documents that it refuses. */
async function quietly(act) {
  const { error } = console;
  console.error = (...parts) => String(parts[0]).startsWith("[cuehook]") || error.apply(console, parts);
  try {
    return await act();
  } finally {
    console.error = error;
  }
}

/** Tries all values in one place of a project document. Gives what was accepted too: an author's own images may be foreign. */
globalThis.attackProject = (place, values) => quietly(async () => {
  const wrong = [];
  // What an author's own images and films load is not Cuehook's decision; the page's policy lets none of them in.
  const authors = [];
  let accepted = 0;
  for (const value of values) {
    const box = { left: 2, top: 2, width: 90, height: 90 };
    const element = { id: "one", kind: "html", box, source: "<p>${v!x}</p>", label: "x", whenMissing: "empty" };
    const webhook = { id: "discount", url: "/webhook-test" };
    const project = { cuehook: 1, video: { id: "v" }, webhooks: [webhook], elements: [element] };
    if (place === "source") element.source = value;
    if (place === "label") Object.assign(element, { label: value, onClick: [{ do: "callback", name: value }] });
    if (place === "names") {
      element.id = value;
      Object.assign(webhook, { id: value, name: value });
      project.video = { id: value, title: value };
      project.variables = { [value]: value };
      project.words = { failed: value, retry: value };
      element.onClick = [{ do: "executeWebhook", webhook: value, params: { [value]: 1 } }, { do: "show", element: value }];
    }
    try {
      await handle().update(project);
      accepted += 1;
    } catch (error) {
      if (error.code !== "config-invalid") wrong.push(`${value}: ${error.code} ${error.message}`);
      continue;
    }
    const stage = document.querySelector(".cuehook-stage");
    if (place === "names" && stage.querySelector(".cuehook-html").dataset.cuehookElement !== value) wrong.push(`${value}: another id`);
    for (const link of stage.querySelectorAll("a[href]")) {
      link.click();
      if (!CLICKABLE.has(link.protocol)) wrong.push(`${value}: a link to ${link.href}`);
    }
    for (const node of stage.querySelectorAll("[src], [poster], [srcset]")) {
      for (const name of ["src", "poster"]) {
        const url = node.getAttribute(name) ?? "";
        if (!/^(https?:|:)$/.test(scheme(url)) && !isPicture(url)) wrong.push(`${value}: ${name} is ${url}`);
        if (place === "source" && (isForeign(url) || node.localName !== "img")) authors.push(new URL(url, document.baseURI).href);
      }
    }
    const forbidden = stage.querySelector(FORBIDDEN);
    if (forbidden) wrong.push(`${value}: a ${forbidden.localName}`);
  }
  await handle().update({ cuehook: 1, webhooks: [{ id: "discount", url: "/webhook-test" }] });
  await painted();
  wrong.push(...wrongOnPage(authors));
  const expected = seen.problems.filter((problem) => authors.some((url) => problem.includes(url)));
  for (const problem of expected) seen.problems.splice(seen.problems.indexOf(problem), 1);
  performance.clearResourceTimings();
  seen.events.length = 0;
  return { accepted, authors: authors.length, ...result(values.length, wrong) };
});

/** Lets a click fail with each of these bodies; nothing of them may be said or shown. */
globalThis.failWith = async (values, code, words) => {
  const wrong = [];
  for (const value of values) {
    handle().variables.set("given", value);
    const settled = new Promise((tell) => document.addEventListener("cuehook:settled", tell, { once: true }));
    // A button of its own: a second click at once on the same one would be a double click.
    const button = document.createElement("button");
    Object.assign(button.dataset, { executeWebhook: "discount", paramBody: value });
    document.body.append(button);
    button.click();
    button.remove();
    const { outcome } = (await settled).detail;
    await sleep(0);
    const said = [...document.querySelectorAll(".cuehook-notice .cuehook-text")].map((node) => node.textContent);
    const { message } = seen.named("error").at(-1);
    if (outcome !== code) wrong.push(`${value}: ${outcome}`);
    if (said.join() !== words) wrong.push(`${value}: said is ${said}`);
    if (message.includes(value)) wrong.push(`the message is ${message}`);
    if (document.querySelector(".cuehook-stage").textContent.includes(value)) wrong.push(`shown is ${value}`);
    for (const button of document.querySelectorAll(".cuehook-dismiss")) button.click();
  }
  wrong.push(...wrongOnPage());
  return result(values.length, wrong);
};
