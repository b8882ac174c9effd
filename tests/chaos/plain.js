// The least that keeps events over the end of a browser: each is stored, then sent, then deleted. With `?keep=memory` it is
// not stored, and so it is lost when the page dies: tests see to it that they would notice.

const { searchParams } = new URL(location);
const queue = `/collect/${searchParams.get("queue")}`;
const isStored = searchParams.get("keep") !== "memory";

const open = new Promise((resolve, reject) => {
  const request = indexedDB.open("plain", 1);
  request.onupgradeneeded = () => request.result.createObjectStore("events");
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

async function change(work) {
  const database = await open;
  return new Promise((resolve, reject) => {
    const transaction = database.transaction("events", "readwrite");
    const request = work(transaction.objectStore("events"));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = () => reject(transaction.error);
  });
}

const waiting = new Map();
let isSending = false;

async function send() {
  if (isSending) return;
  isSending = true;
  for (const [id, body] of waiting) {
    const headers = { "content-type": "application/json", "webhook-id": id };
    const response = await fetch(queue, { method: "POST", headers, body }).catch(() => null);
    if (!response?.ok) break;
    await response.text();
    waiting.delete(id);
    if (isStored) await change((events) => events.delete(id));
  }
  isSending = false;
}

globalThis.side = {
  async record(mark) {
    const id = crypto.randomUUID();
    const body = JSON.stringify({ type: "test.minted", id, data: { properties: { mark } } });
    if (isStored) await change((events) => events.put(body, id));
    waiting.set(id, body);
    send();
    return id;
  },
};

if (isStored) {
  change((events) => events.getAll()).then((rows) => {
    for (const body of rows) waiting.set(JSON.parse(body).id, body);
    send();
  });
}
setInterval(send, 500);
