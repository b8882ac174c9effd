// A shop that is told when an edition is scheduled or no longer: it answers, then asks for the edition's contents and plans with them.

import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

const { WEBHOOK_SECRET, API, API_KEY } = process.env;
const plan = new Map();

const isGenuine = (signature, body) => {
  const expected = createHmac("sha256", WEBHOOK_SECRET).update(body).digest();
  const received = Buffer.from(signature ?? "", "base64");
  return received.length === expected.length && timingSafeEqual(received, expected);
};

const further = async ({ name, resource, payload }) => {
  if (name === "dynamic-content.edition.unscheduled") {
    const wasPlanned = plan.delete(resource);
    return { unscheduled: payload.name, wasPlanned };
  }
  const response = await fetch(new URL(payload._links.self.href, API), { headers: { authorization: `Bearer ${API_KEY}` } });
  const edition = await response.json();
  plan.set(resource, edition.contents);
  const days = (Date.parse(payload.end) - Date.parse(payload.start)) / 86_400_000;
  return { scheduled: payload.name, days, status: response.status, contents: edition.contents };
};

const server = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  if (request.headers["content-type"] !== "application/json") return response.writeHead(415).end();
  if (!isGenuine(request.headers["x-amplience-webhook-signature"], body)) return response.writeHead(401).end();
  response.writeHead(200).end();
  console.log(JSON.stringify(await further(JSON.parse(body))));
});
server.listen(0, "127.0.0.1", () => console.log("listening", server.address().port));
