// With the transport that keeps what could not be sent in IndexedDB:
// https://docs.sentry.io/platforms/javascript/best-practices/offline-caching/. It keeps 30 unless told otherwise, and has 64
// requests under way at most.
import {
  BrowserClient, captureEvent, defaultStackParser, flush, getCurrentScope, makeBrowserOfflineTransport, makeFetchTransport,
} from "@sentry/browser";
import { NAME, properties } from "./event.js";

export default async ({ receiver, queue }) => {
  const dsn = new URL(`${receiver}/collect/${queue}/1`);
  dsn.username = "bench";
  const client = new BrowserClient({
    dsn: String(dsn),
    transport: makeBrowserOfflineTransport(makeFetchTransport),
    transportOptions: { maxQueueSize: 10_000, bufferSize: 10_000, flushAtStartup: true },
    stackParser: defaultStackParser,
    integrations: [],
    sendClientReports: false,
  });
  getCurrentScope().setClient(client);
  client.init();
  return {
    record: (mark) =>
      void captureEvent({ message: NAME, level: "info", tags: { mark }, extra: properties(mark) }),
    flush: () => flush(),
  };
};
