// The package where there is no page: servers that render pages import it.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import test from "node:test";

const entry = new URL("../../pkg/cuehook.js", import.meta.url);
const properties = () => Reflect.ownKeys(globalThis).map(String).sort();
const before = { properties: properties(), resources: process.getActiveResourcesInfo() };
// Whatever it looks for on the global object from here on is there or not; nothing may be fetched or waited for.
const touched = [];
for (const name of ["fetch", "setTimeout", "setInterval", "queueMicrotask", "addEventListener"]) {
  const original = globalThis[name];
  if (original) globalThis[name] = (...parts) => (touched.push(name), original(...parts));
}
const cuehook = await import(entry);

test("importing touches nothing", () => {
  assert.deepEqual(touched, []);
  assert.deepEqual(properties(), before.properties);
  assert.deepEqual(process.getActiveResourcesInfo(), before.resources);
});

test("it exports what it declares", () => {
  assert.deepEqual(Object.keys(cuehook).sort(), ["CueHook", "Cuehook", "CuehookError", "attach", "default"]);
  assert.equal(cuehook.default, cuehook.Cuehook);
  assert.equal(cuehook.Cuehook.CuehookError, cuehook.CuehookError);
});

test("attach is rejected with an error that says why", async () => {
  const attempts = [[], [null, null], [{ play() {}, currentTime: 0 }, { cuehook: 1 }], [{}, "/project.json", { host: {} }]];
  for (const parts of attempts) {
    const error = await cuehook.attach(...parts).then(() => assert.fail("attached"), (error) => error);
    assert.ok(error instanceof cuehook.CuehookError && error instanceof Error, String(error));
    assert.equal(error.code, "config-invalid");
    assert.match(error.message, /There is no page here/);
  }
  assert.deepEqual(touched, []);
});

test("its files are found by the names that it gives them", () => {
  const require = createRequire(entry);
  const schemas = ["cuehook/schema.json", "cuehook/schemas/event.schema.json", "cuehook/schemas/request.schema.json"];
  for (const name of ["cuehook", "cuehook/wasm", "cuehook/full/wasm", ...schemas]) {
    assert.match(require.resolve(name), /pkg/, name);
  }
});
