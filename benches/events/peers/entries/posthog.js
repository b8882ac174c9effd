// What fails is tried again as long as the page lives: https://posthog.com/docs/libraries/js/config. All that records by itself
// is switched off.
import posthog from "posthog-js";
import { NAME, properties } from "./event.js";

export default ({ receiver, queue }) =>
  new Promise((ready) => {
    posthog.init("bench", {
      api_host: `${receiver}/collect/${queue}`,
      persistence: "localStorage",
      autocapture: false,
      capture_pageview: false,
      capture_pageleave: false,
      disable_session_recording: true,
      disable_surveys: true,
      disable_external_dependency_loading: true,
      advanced_disable_flags: true,
      // The collector reads JSON.
      disable_compression: true,
      // It records nothing of headless browsers.
      opt_out_useragent_filter: true,
      // It takes 200 events in a second for a mistake.
      rate_limiting: { events_per_second: 10_000, events_burst_limit: 100_000 },
      loaded: () => ready({ record: (mark) => void posthog.capture(NAME, properties(mark)) }),
    });
  });
