// Takes notifications of api.video. Each webhook has a signature secret, which was given when it was made; the header
// X-Api-Video-WebhookID says which one is calling.

import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

const secrets = new Map(Object.entries(JSON.parse(process.env.SIGNATURE_SECRETS)));

const isGenuine = (request, body) => {
  const secret = secrets.get(request.headers["x-api-video-webhookid"]);
  if (!secret) return false;
  const expected = Buffer.from(createHmac("sha256", secret).update(body).digest("hex"));
  const received = Buffer.from(request.headers["x-api-video-signature"] ?? "");
  return received.length === expected.length && timingSafeEqual(received, expected);
};

const describe = (event) => {
  switch (event.type) {
    case "live-stream.broadcast.started":
    case "live-stream.broadcast.ended":
      return `${event.liveStreamId} ${event.type.endsWith("started") ? "is live" : "is over"}`;
    case "video.source.recorded":
      return `${event.liveStreamId} was recorded as ${event.videoId}`;
    case "video.encoding.quality.completed":
      return `${event.videoId} can be watched in ${event.quality} (${event.encoding})`;
    case "video.caption.generated":
      return `${event.videoId} has captions ${event.captionId} (${event.language}, ${event.generationMode})`;
    case "video.summary.generated":
      return `${event.videoId} has a summary ${event.summaryId}`;
  }
};

const server = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  if (!isGenuine(request, body)) return response.writeHead(401).end();
  const event = JSON.parse(body);
  const text = describe(event);
  if (!text) return response.writeHead(422).end();
  console.log(JSON.stringify({ text, at: new Date(event.emittedAt).getTime() }));
  response.writeHead(202).end();
});
server.listen(0, "127.0.0.1", () => console.log("listening", server.address().port));
