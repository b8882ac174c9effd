// The example of docs/relay.md that makes a player token: what it makes is what the relay's own tests accept.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

const read = (path) => readFile(new URL(`../../${path}`, import.meta.url), "utf8");

test("the example of the guide makes the token that the relay's tests know", async (context) => {
  const [, script] = /```js\n([^]*?)```/.exec(await read("docs/relay.md"));
  const { playerToken } = await import(`data:text/javascript,${encodeURIComponent(script)}`);
  context.mock.timers.enable({ apis: ["Date"], now: 1_800_000_000_000 });
  const token = playerToken("the-key-of-the-tests-with-32-characters", "spring", "https://shop.example");
  const tests = await read("relay/src/token/tests.rs");
  assert.ok(tests.includes(`"${token}"`), token);
});
