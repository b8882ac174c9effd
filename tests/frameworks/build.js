// Bundles the entries with their frameworks, in the development builds, which say what they do not like.
// `node build.js <esbuild> <folder>`: where the bundler is, and where the bundles go.
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { compile } from "svelte/compiler";
import { compileScript, parse } from "vue/compiler-sfc";

const [esbuild, outdir] = process.argv.slice(2);
const { build } = await import(pathToFileURL(esbuild));
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Files of one framework become JavaScript. */
const compiled = (filter, toScript) => ({
  name: String(filter),
  setup({ onLoad }) {
    onLoad({ filter }, async ({ path }) => ({ contents: toScript(await readFile(path, "utf8"), basename(path)) }));
  },
});

const svelte = compiled(/\.svelte$/, (source, filename) => {
  const { js, warnings } = compile(source, { filename, generate: "client", dev: true });
  for (const { message } of warnings) throw new Error(`${filename}: ${message}`);
  return js.code;
});

const vue = compiled(/\.vue$/, (source, filename) => {
  const templateParseOptions = { isCustomElement: (tag) => tag === "cue-hook" };
  const { descriptor, errors } = parse(source, { filename, templateParseOptions });
  if (errors.length > 0) throw errors[0];
  return compileScript(descriptor, { id: filename, inlineTemplate: true }).content;
});

/** The package is that of the page. */
const cuehook = {
  name: "cuehook",
  setup({ onResolve }) {
    onResolve({ filter: /^cuehook$/ }, () => ({ path: "/pkg/cuehook.js", external: true }));
  },
};

await build({
  entryPoints: ["react.jsx", "vue.js", "svelte.js"].map((name) => here(`entries/${name}`)),
  outdir,
  bundle: true,
  format: "esm",
  jsx: "automatic",
  jsxDev: true,
  logLevel: "warning",
  conditions: ["browser", "development"],
  define: {
    "process.env.NODE_ENV": '"development"',
    __VUE_OPTIONS_API__: "true",
    __VUE_PROD_DEVTOOLS__: "false",
    __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: "false",
  },
  plugins: [cuehook, svelte, vue],
});
