// Events wait in localStorage, which is what its documentation says for reliability, and is the default:
// https://docs.snowplow.io/docs/sources/trackers/web-trackers/configuring-how-events-sent/
import { flushBuffer, newTracker, trackSelfDescribingEvent } from "@snowplow/browser-tracker";
import { properties } from "./event.js";

export default async ({ receiver, queue }) => {
  newTracker("sp", receiver, {
    appId: "bench",
    postPath: `/collect/${queue}/snowplow`,
    encodeBase64: false,
    // The collector is open to all, so it may not be sent cookies.
    credentials: "omit",
    useLocalStorage: true,
    maxLocalStorageQueueSize: 10_000,
    retryFailedRequests: true,
  });
  return {
    record(mark) {
      const data = properties(mark);
      trackSelfDescribingEvent({ event: { schema: "iglu:com.example/cart_added/jsonschema/1-0-0", data } });
    },
    flush: () => flushBuffer(),
  };
};
