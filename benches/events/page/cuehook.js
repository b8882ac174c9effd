// Cuehook over a film, with a webhook that is sent what the page records. `batch=1`: several in one request. `strict=1`: stored as
// leads and answers are, which pages cannot record themselves.
import { attach } from "/pkg/cuehook.js";

export default async ({ receiver, queue, batch, strict }) => {
  if (strict) {
    const { transaction } = IDBDatabase.prototype;
    IDBDatabase.prototype.transaction = function (names, mode, options) {
      return transaction.call(this, names, mode, { ...options, durability: "strict" });
    };
  }
  const video = document.createElement("video");
  Object.assign(video, { src: "/film/lake.webm", muted: true, playsInline: true });
  document.querySelector("main").append(video);
  const { outbox } = await attach(video, {
    cuehook: 1,
    video: { id: "lake" },
    webhooks: [{ id: "collector", url: `${receiver}/collect/${queue}`, events: ["cart.*"], batch: Boolean(batch) }],
    elements: [],
  });
  while (outbox.state.storage !== "durable") await new Promise((go) => setTimeout(go, 10));
  return {
    record: (mark) =>
      outbox.record("cart.added", { mark, product: "tent", name: "Tent for two", price: 189, currency: "EUR" }),
    flush: () => outbox.flush(),
  };
};
