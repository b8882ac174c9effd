// The sides that are compared: Cuehook, three engines that make strings, lit-html, and code by hand.
//
// Each compiles a template of its language, then puts it into an empty element, then shows answers there. An answer is
// the UTF-8 text of a JSON object, as it comes from the network.

import init, { Template } from "/pkg/dist/authoring/cuehook.js";
import { Eta } from "./peers/node_modules/eta/dist/core.js";
import { html, nothing, render } from "./peers/node_modules/lit-html/lit-html.js";
import { repeat } from "./peers/node_modules/lit-html/directives/repeat.js";
import Mustache from "./peers/node_modules/mustache/mustache.mjs";

/** To be awaited before anything else. Not awaited here: the page's other modules would have to wait for it. */
export const prepare = () => init();

const { Handlebars } = globalThis;
const eta = new Eta();
const decoder = new TextDecoder();
const parse = (bytes) => JSON.parse(decoder.decode(bytes));

/** An engine whose template gives the element's content as a string. */
const strings = (language, compile) => ({
  language,
  compile(source, { anew = false } = {}) {
    const template = compile(source, anew);
    return (parent) => ({
      show(bytes) {
        parent.innerHTML = template(parse(bytes));
      },
    });
  },
});

/** lit-html prepares a template once for each array of strings that it sees; a copy is prepared again. */
function preparedAnew() {
  const copies = new Map();
  return (parts, ...values) => {
    if (!copies.has(parts)) copies.set(parts, Object.assign([...parts], { raw: [...parts.raw] }));
    return html(copies.get(parts), ...values);
  };
}

export const SIDES = {
  Cuehook: {
    language: "cuehook",
    compile: (source) => (parent) => {
      const template = new Template(source, parent);
      return { show: (bytes) => template.show(bytes), remove: () => template.free() };
    },
  },
  Handlebars: strings("handlebars", (source) => Handlebars.compile(source)),
  Mustache: strings("mustache", (source, anew) => {
    // It keeps what it has parsed by the template's text.
    if (anew) Mustache.clearCache();
    Mustache.parse(source);
    return (data) => Mustache.render(source, data);
  }),
  Eta: strings("eta", (source) => {
    const template = eta.compile(source);
    return (data) => template.call(eta, data);
  }),
  "lit-html": {
    language: "lit",
    compile(make, { anew = false } = {}) {
      const template = make(anew ? preparedAnew() : html, repeat, nothing);
      return (parent) => ({ show: (bytes) => render(template(parse(bytes)), parent) });
    },
  },
  "by hand": {
    language: "hand",
    compile: (make) => (parent) => {
      const show = make(parent);
      return { show: (bytes) => show(parse(bytes)) };
    },
  },
};

/** Those that hand the browser a string. */
export const STRINGS = ["Handlebars", "Mustache", "Eta"];
