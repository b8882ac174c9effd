//! Each system's receiver that knows its bodies by a format, with what it has to take and what it has to refuse.

use crate::client::Client;
use crate::files::{NOW, read};
use crate::receiver::Receiver;
use crate::relay::{Relay, id};
use cuehook_protocol::rfc3339;
use cuehook_relay::config::EventFormat;
use cuehook_relay::delivery::format::has_body;
use cuehook_relay::delivery::sample::TYPES;
use serde_json::json;

#[test]
fn the_page_has_no_section_that_is_not_tested() {
    let page = read("docs/from-other-systems.md");
    let sections: Vec<&str> = page.split("\n## ").skip(2).map(|text| text.lines().next().unwrap()).collect();
    let tested = ["Hippo Video", "Mindstamp", "api.video", "Cincopa", "Dynamic Content", "Cinema8", "A CRM"];
    assert_eq!(sections, tested);
    let commands = page.matches("curl -K relay.conf ").count();
    assert_eq!(commands, page.matches("\ncurl -K relay.conf ").count(), "each begins a line");
}

#[test]
#[ignore = "needs Node and Python"]
fn hippo_takes_its_five_events_by_the_digest_of_the_body() {
    // The documentation leaves open what these are called, so both sides are told.
    let settings =
        [("SECRET_KEY", "chosen by the author"), ("SIGNATURE_HEADER", "X-My-Digest"), ("DIGEST", "sha256")];
    let mut receiver = Receiver::start("hippo/receiver.py", &settings);
    let relay = Relay::start();
    relay.does_as_written("Hippo Video", &[receiver.shop()]);
    let (event, at) = relay.newest("video.created");
    let taken = receiver.taken();
    assert_eq!(rfc3339(taken["ms"].as_f64().unwrap()), at);
    assert_eq!(
        taken,
        json!({"uuid": event.to_string(), "ms": taken["ms"], "VideoCreated":
            {"video": 4711, "watch": "https://shop.test/spring", "account": 24880, "by": "ada@shop.test"}})
    );
    // It is new but once.
    relay.does("PUT", "/v1/projects/spring", json!({"title": "Spring, as it was"}));
    assert_eq!(relay.newest("video.created").0, event);
    for (kind, expected) in [
        (
            "view.ended",
            json!({"VideoPlayedSessions": {"video": 4711, "name": "Sample video", "seconds": 31.04 * 91.0 / 100.0, "who": "ada@example.org"}}),
        ),
        (
            "cta.clicked",
            json!({"VideoCTA": {"video": 4711, "to": "https://shop.example/buy", "who": "ada@example.org"}}),
        ),
        (
            "lead.captured",
            json!({"VideoLeadGenaration": {"name": "Ada Lovelace", "email": "ada@example.org", "phone": "+49 30 1234567", "video": "Sample video"}}),
        ),
        (
            "annotation.clicked",
            json!({"VideoAnnotation": {"video": 4711, "text": "Where we are", "to": "https://shop.example/map", "at": 28.1, "who": "ada@example.org"}}),
        ),
    ] {
        let event = relay.plays("spring", kind);
        assert_eq!(relay.delivered(event), ["hippo"], "{kind}");
        let mut expected = expected;
        expected["uuid"] = json!(event.to_string());
        expected["ms"] = json!(NOW);
        assert_eq!(receiver.taken(), expected);
    }
    // Of whatever else there is it knows nothing, so it is not sent it.
    relay.changes("hippo", json!({"events": ["*"]}));
    let is_sent = |kind: &str| !["endpoint.", "delivery."].iter().any(|own| kind.starts_with(own));
    for kind in TYPES.into_iter().filter(|kind| is_sent(kind) && !has_body(EventFormat::Hippo, kind)) {
        let ended = relay.ended(relay.sends(kind));
        assert_eq!((ended.len(), ended[0].1.as_str()), (1, "skipped"), "{kind} {ended:?}");
    }
    assert_eq!(relay.tests("hippo", "cta.clicked", "spring"), 200);
    assert!(receiver.taken().get("VideoCTA").is_some());
    relay.changes("hippo", json!({"compatibleSecret": "another"}));
    assert_eq!(relay.tests("hippo", "cta.clicked", "spring"), 401);
    let forged = Client::new(receiver.address).send("POST", "/hippo", &[("x-my-digest", "0")], "{}");
    assert_eq!(forged.unwrap().status, 401);
    assert_eq!(receiver.rest(), "");
}

#[test]
#[ignore = "needs Node and Python"]
fn mindstamp_takes_views_interactions_and_leads_by_its_key_where_a_video_wants_them() {
    let key = [("WEBHOOK_KEY", "key of the account")];
    let mut receiver = Receiver::start("mindstamp/receiver.mjs", &key);
    let mut partner = Receiver::start("mindstamp/receiver.mjs", &key);
    let relay = Relay::start();
    let addresses = [receiver.shop(), ("https://partner.example", partner.url())];
    let answers = relay.does_as_written("Mindstamp", &addresses);
    let lead = |id: &str| json!({"lead": id, "name": "Ada Lovelace", "email": "ada@example.org", "phone": "+49 30 1234567"});
    // The last one was the test of the configuration, at the address of that video.
    let tested = answers.last().unwrap();
    assert_eq!((&tested["delivered"], &tested["response"]["body"]), (&json!(true), &json!("OK")));
    let taken = partner.taken();
    assert_eq!(taken, lead(taken["lead"].as_str().unwrap()));
    assert!(answers.iter().all(|answer| !answer.to_string().contains("key of the account")));

    assert_eq!(relay.delivered(relay.plays("spring", "view.ended")), ["view"]);
    assert_eq!(
        receiver.taken(),
        json!({
            "view": "019aa2f4-8b21-7f04-8a6e-5d1c2b3a4f50", "video": "Sample video (sample-video, sample-video)",
            "watched": "91 % in 31 s, up to 28 of 28", "days": "2026-11-20T20:07:00.000Z",
            "viewer": ["Ada Lovelace", "ada@example.org", "+49 30 1234567", "u-17"],
        })
    );
    for (kind, expected) in [
        (
            "question.answered",
            json!(["click on question \"Which lake is this?\" at 28 s", "Lake Constance", true]),
        ),
        ("cta.clicked", json!(["click on button \"Buy now\" at 28 s", "Buy now", null])),
        ("annotation.clicked", json!(["click on button \"Where we are\" at 28 s", "Where we are", null])),
        ("interaction.clicked", json!(["click on button \"Where it is\" at 28 s", "Where it is", null])),
    ] {
        let event = relay.plays("spring", kind);
        assert_eq!(relay.delivered(event), ["interaction"], "{kind}");
        let taken = receiver.taken();
        assert_eq!(json!([taken["what"], taken["value"], taken["right"]]), expected);
        assert_eq!(
            json!([taken["interaction"], taken["viewer"]]),
            json!([event.to_string(), "ada@example.org"])
        );
    }
    let event = relay.plays("spring", "lead.captured");
    assert_eq!(relay.delivered(event), ["lead"]);
    assert_eq!(partner.taken(), lead(&event.to_string()));

    // Of another video leads alone are wanted, at the account's address; of a third nothing; of a fourth nobody has said anything.
    relay.does("PUT", "/v1/projects/summer", json!({"webhooks": {"lead": true, "view": false}}));
    relay.does("PUT", "/v1/projects/autumn", json!({"webhooks": {"lead": false}}));
    for project in ["summer", "autumn", "winter"] {
        let none: [&str; 0] = [];
        assert_eq!(relay.delivered(relay.plays(project, "view.ended")), none, "{project}");
        assert_eq!(relay.delivered(relay.plays(project, "cta.clicked")), none, "{project}");
        let event = relay.plays(project, "lead.captured");
        if project == "summer" {
            assert_eq!(relay.delivered(event), ["lead"]);
            assert_eq!(receiver.taken(), lead(&event.to_string()));
        } else {
            assert_eq!(relay.delivered(event), none, "{project}");
        }
    }
    let stranger = json!([{"name": "X-KEY", "value": "another key", "secret": true}]);
    relay.changes("lead", json!({"headers": stranger}));
    for project in ["spring", "summer"] {
        assert_eq!(relay.tests("lead", "lead.captured", project), 403);
    }
    assert_eq!(receiver.rest() + &partner.rest(), "");
}

#[test]
#[ignore = "needs Node and Python"]
fn api_video_is_known_by_its_webhooks_id_and_signs_the_raw_body() {
    let secrets = json!({"webhook_XXXXXXXXXXXXXXX": "sig_sec_0000000000000000000000", "other": "sig_sec_1"})
        .to_string();
    let mut receiver = Receiver::start("api-video/receiver.mjs", &[("SIGNATURE_SECRETS", &secrets)]);
    let relay = Relay::start();
    let answers = relay.does_as_written("api.video", &[receiver.shop()]);
    assert!(!answers[0].to_string().contains("sig_sec"), "{answers:?}");
    for (kind, text) in [
        ("live-stream.broadcast.started", "li0000000000000000000000 is live"),
        ("live-stream.broadcast.ended", "li0000000000000000000000 is over"),
        ("video.source.recorded", "li0000000000000000000000 was recorded as vi0000000000000000000000"),
        ("video.encoding.quality.completed", "vi0000000000000000000000 can be watched in 720p (hls)"),
        (
            "video.caption.generated",
            "vi0000000000000000000000 has captions ca0000000000000000000000 (en, transcript)",
        ),
        ("video.summary.generated", "vi0000000000000000000000 has a summary su0000000000000000000000"),
    ] {
        assert_eq!(relay.delivered(relay.sends(kind)), ["webhook_XXXXXXXXXXXXXXX"], "{kind}");
        assert_eq!(receiver.taken(), json!({"text": text, "at": NOW}));
    }
    // The id of another webhook leads to another secret.
    let other = |id: &str, secret: &str| {
        let other =
            json!({"id": id, "url": receiver.url(), "format": "api-video", "compatibleSecret": secret});
        relay.does("POST", "/v1/webhooks", other);
        relay.tests(id, "video.source.recorded", "")
    };
    assert_eq!(other("other", "sig_sec_0000000000000000000000"), 401);
    assert_eq!(other("unknown", "sig_sec_0000000000000000000000"), 401);
    relay.changes("webhook_XXXXXXXXXXXXXXX", json!({"compatibleSecret": "sig_sec_1"}));
    assert_eq!(relay.tests("webhook_XXXXXXXXXXXXXXX", "video.source.recorded", ""), 401);
    assert_eq!(receiver.rest(), "");
}

#[test]
#[ignore = "needs Node and Python"]
fn api_videos_receiver_may_be_given_an_id_that_the_relay_has_made() {
    let relay = Relay::start();
    // As they register: address and events, and what is answered goes into the receiver.
    let given = json!({"url": "http://127.0.0.1:9/", "events": ["video.source.recorded"], "format": "api-video",
        "compatibleSecret": "sig_sec_2"});
    let made = relay.does("POST", "/v1/webhooks", given);
    let webhook = made["id"].as_str().unwrap();
    let secrets = json!({ webhook: "sig_sec_2" }).to_string();
    let mut receiver = Receiver::start("api-video/receiver.mjs", &[("SIGNATURE_SECRETS", &secrets)]);
    relay.changes(webhook, json!({"url": receiver.url()}));
    assert_eq!(relay.delivered(relay.sends("video.source.recorded")), [webhook]);
    assert_eq!(receiver.taken()["at"], NOW);
    assert_eq!(receiver.rest(), "");
}

#[test]
#[ignore = "needs Node and Python"]
fn cincopas_receiver_hashes_what_it_has_parsed() {
    let mut receiver = Receiver::start("cincopa/receiver.cjs", &[("WEBHOOK_SECRET", "your-webhook-secret")]);
    let relay = Relay::start();
    relay.does_as_written("Cincopa", &[receiver.shop()]);
    let uploaded = |data: &str| {
        let id = id();
        let event = format!(
            "{{\"type\":\"video.uploaded\",\"timestamp\":\"2026-11-20T20:07:00Z\",\"id\":\"{id}\",\"data\":{data}}}"
        );
        relay.sends_event(id, &event);
        assert_eq!(relay.delivered(id), ["cincopa"], "{data}");
    };
    uploaded(
        r#"{"video":{"id":"your-video-id","title":"Sample \"video\" ü","shareUrl":"https://shop.example/v","thumbnail":"https://shop.example/v.jpg"}}"#,
    );
    assert_eq!(
        receiver.taken(),
        json!({"event": "video.uploaded", "video": "your-video-id", "status": "uploaded", "url": "https://shop.example/v",
            "thumbnail": "https://shop.example/v.jpg", "title": "Sample \"video\" ü"})
    );
    // What JavaScript would write another way, were it not written its way before.
    for more in [
        r#"1.10,"b":-0,"10":1,"9":2"#,
        r#"{"__proto__":1e21,"a":"\u2028\ud800"}"#,
        r#"18446744073709551615,"a":1,"a":2"#,
        r#""<\/script>\u0001""#,
    ] {
        uploaded(&format!("{{\"videoId\":\"v\",\"status\":\"ready\",\"x\":{more}}}"));
        assert_eq!(receiver.taken()["status"], "ready");
    }
    // About as long as an event may be.
    uploaded(&format!("{{\"videoId\":\"v\",\"title\":\"{}\"}}", "x".repeat(65_000)));
    assert_eq!(receiver.taken()["title"].as_str().unwrap().len(), 65_000);
    // A new project is a new video.
    relay.does(
        "PUT",
        "/v1/projects/intro",
        json!({"title": "Intro", "video": {"shareUrl": "https://shop.test/intro"}}),
    );
    assert_eq!(relay.delivered(relay.newest("video.created").0), ["cincopa"]);
    let taken = receiver.taken();
    assert_eq!(
        (&taken["event"], &taken["video"], &taken["title"]),
        (&json!("video.created"), &json!("intro"), &json!("Intro"))
    );
    relay.changes("cincopa", json!({"compatibleSecret": "another"}));
    assert_eq!(relay.tests("cincopa", "video.created", ""), 400);
    assert_eq!(receiver.rest(), "");
}
