// Takes views, interactions and leads of interactive videos, each at an address of its own, known by the account's key in X-KEY.

import { createServer } from "node:http";
import { timingSafeEqual } from "node:crypto";

const KEY = Buffer.from(process.env.WEBHOOK_KEY);

const routes = {
  "/webhooks/view": (view) => ({
    view: view.id,
    video: `${view.video_title} (${view.video_id}, ${view.video_token})`,
    watched: `${view.percentage} % in ${view.elapsed} s, up to ${view.furthest_point} of ${view.last_point}`,
    days: new Date(view.finished.replace(" UTC +00:00", " GMT")).toISOString(),
    viewer: [view.viewer_name, view.viewer_email, view.viewer_phone, view.viewer_custom_id],
  }),
  "/webhooks/interaction": (interaction) => ({
    interaction: interaction.id,
    what: `${interaction.type_of} on ${interaction.parent_type} "${interaction.parent_value}" at ${interaction.time} s`,
    value: interaction.value,
    right: interaction.answers.length > 0 ? interaction.value === interaction.correct_answer : null,
    viewer: interaction.viewer_email,
  }),
  "/webhooks/lead": (lead) => ({ lead: lead.id, name: lead.viewer_name, email: lead.viewer_email, phone: lead.viewer_phone }),
};

const server = createServer(async (request, response) => {
  const key = Buffer.from(request.headers["x-key"] ?? "");
  if (key.length !== KEY.length || !timingSafeEqual(key, KEY)) return response.writeHead(403).end();
  const take = routes[request.url];
  if (!take) return response.writeHead(404).end();
  let body = "";
  for await (const chunk of request.setEncoding("utf8")) body += chunk;
  console.log(JSON.stringify(take(JSON.parse(body))));
  response.writeHead(200).end("OK");
});
server.listen(0, "127.0.0.1", () => console.log("listening", server.address().port));
