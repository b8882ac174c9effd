import { createHmac, randomUUID, timingSafeEqual } from "node:crypto";
import { linkSync, mkdirSync, unlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";

const key = Buffer.from(process.env.WEBHOOK_SECRET.slice("whsec_".length), "base64");
mkdirSync("inbox", { recursive: true });

function isGenuine({ "webhook-id": id, "webhook-timestamp": sent, "webhook-signature": signatures = "" }, body) {
  if (!(Math.abs(Date.now() / 1000 - Number(sent)) <= 300)) return false;
  const expected = Buffer.from(`v1,${createHmac("sha256", key).update(`${id}.${sent}.`).update(body).digest("base64")}`);
  const given = signatures.split(" ").map((signature) => Buffer.from(signature));
  return given.some((signature) => signature.length === expected.length && timingSafeEqual(signature, expected));
}

function store(id, body) {
  const part = `inbox/.${randomUUID()}`;
  writeFileSync(part, body, { mode: 0o600 });
  try {
    linkSync(part, `inbox/${id}`);
  } catch (error) {
    if (error.code !== "EEXIST") throw error; // There already: a duplicate.
  } finally {
    unlinkSync(part);
  }
}

async function receive(request) {
  const parts = [];
  let size = 0;
  for await (const part of request) {
    parts.push(part);
    if ((size += part.length) > 1 << 20) return 413;
  }
  const body = Buffer.concat(parts);
  if (!isGenuine(request.headers, body)) return 401;
  store(request.headers["webhook-id"], body);
  return 204;
}

createServer((request, response) => {
  const answer = (status) => response.writeHead(status).end();
  receive(request).then(answer, () => answer(500));
}).listen(process.env.PORT, "127.0.0.1");
