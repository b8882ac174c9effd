// Takes notifications as Cincopa's page about webhooks has it: the body as parsed JSON, verified by a hash of what it is when it is
// written again.

const crypto = require("crypto");
const bodyParser = require("body-parser");
const express = require("express");

const secret = process.env.WEBHOOK_SECRET;
const app = express();
app.use(bodyParser.json());

app.post("/api/webhook", (req, res) => {
  const hash = crypto.createHmac("sha256", secret).update(JSON.stringify(req.body)).digest("hex");
  if (hash !== req.headers["x-api-video-signature"]) {
    res.status(400).send("Invalid signature");
    return;
  }
  const { event, data } = req.body;
  console.log(JSON.stringify({ event, video: data.videoId, status: data.status, url: data.url, thumbnail: data.thumbnail, title: data.title }));
  res.status(200).send("Webhook received");
});

const server = app.listen(0, "127.0.0.1", () => console.log("listening", server.address().port));
