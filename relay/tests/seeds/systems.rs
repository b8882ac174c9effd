//! Each system's receiver, with what it has to take and what it has to refuse.

use crate::files::{ID, NOW, webhook};
use crate::receiver::Receiver;
use crate::sender::{Answer, Sender};
use cuehook_relay::config::{
    CompatibleSignature, EventFormat, Header, SignatureEncoding, SignatureHash, Signing, Template, Webhook,
};
use cuehook_relay::delivery::format::has_body;
use cuehook_relay::delivery::sample::{TYPES, sample};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpListener;

fn event(kind: &str) -> String {
    sample(kind, ID, NOW)
}

fn header(name: &str, value: &str) -> Vec<Header> {
    vec![Header { name: name.to_owned(), value: Some(value.to_owned()) }]
}

fn status(answer: Option<Answer>) -> Option<u16> {
    answer.map(|answer| answer.status)
}

#[test]
#[ignore = "needs Node and Python"]
fn hippo_takes_its_five_events_by_the_digest_of_the_body() {
    // The documentation leaves open what these are called, so both sides are told.
    let settings =
        [("SECRET_KEY", "chosen by the author"), ("SIGNATURE_HEADER", "X-My-Digest"), ("DIGEST", "sha256")];
    let mut receiver = Receiver::start("hippo/receiver.py", &settings);
    let signing = Signing {
        compatible: Some(CompatibleSignature {
            header: "X-My-Digest".to_owned(),
            hash: SignatureHash::Sha256,
            encoding: SignatureEncoding::Hex,
        }),
        ..Signing::default()
    };
    let webhook = Webhook { signing, ..webhook(EventFormat::Hippo) };
    let sender =
        Sender { webhook, secret: Some("chosen by the author"), address: receiver.address, path: "/hook" };
    for (kind, expected) in [
        (
            "view.ended",
            json!({"VideoPlayedSessions": {"video": 4711, "name": "Sample video", "seconds": 31.04 * 91.0 / 100.0, "who": "ada@example.org"}}),
        ),
        (
            "video.created",
            json!({"VideoCreated": {"video": 4711, "watch": "https://shop.example/sample", "account": 24880, "by": "ada@example.org"}}),
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
        assert_eq!(status(sender.event(&event(kind))), Some(200), "{kind}");
        let mut expected = expected;
        expected["uuid"] = json!(ID.to_string());
        expected["ms"] = json!(NOW);
        assert_eq!(receiver.taken(), expected);
    }
    for kind in TYPES.into_iter().filter(|kind| !has_body(EventFormat::Hippo, kind)) {
        assert_eq!(sender.event(&event(kind)), None, "{kind}");
    }
    let other = Sender { secret: Some("another"), ..sender.clone() };
    assert_eq!(status(other.event(&event("cta.clicked"))), Some(401));
    let unsigned = Sender { secret: None, ..sender };
    assert_eq!(status(unsigned.event(&event("cta.clicked"))), Some(401));
    assert_eq!(receiver.rest(), "");
}

#[test]
#[ignore = "needs Node and Python"]
fn mindstamp_takes_views_interactions_and_leads_by_its_key() {
    let mut receiver = Receiver::start("mindstamp/receiver.mjs", &[("WEBHOOK_KEY", "the account's key")]);
    let webhook =
        Webhook { headers: header("X-KEY", "the account's key"), ..webhook(EventFormat::Mindstamp) };
    let sender = Sender { webhook, secret: None, address: receiver.address, path: "/webhooks/view" };
    let to = |path: &'static str| Sender { path, ..sender.clone() };
    assert_eq!(status(sender.event(&event("view.ended"))), Some(200));
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
        assert_eq!(status(to("/webhooks/interaction").event(&event(kind))), Some(200), "{kind}");
        let taken = receiver.taken();
        assert_eq!(json!([taken["what"], taken["value"], taken["right"]]), expected);
        assert_eq!(
            json!([taken["interaction"], taken["viewer"]]),
            json!([ID.to_string(), "ada@example.org"])
        );
    }
    assert_eq!(status(to("/webhooks/lead").event(&event("lead.captured"))), Some(200));
    assert_eq!(
        receiver.taken(),
        json!({"lead": ID.to_string(), "name": "Ada Lovelace", "email": "ada@example.org", "phone": "+49 30 1234567"})
    );
    let stranger = Webhook { headers: header("X-KEY", "another key"), ..sender.webhook.clone() };
    assert_eq!(status(Sender { webhook: stranger, ..sender }.event(&event("view.ended"))), Some(403));
    assert_eq!(receiver.rest(), "");
}

#[test]
#[ignore = "needs Node and Python"]
fn api_video_is_known_by_its_webhooks_id_and_signs_the_raw_body() {
    let secrets = json!({"shop": "sig_sec_0000000000000000000000", "other": "sig_sec_1"}).to_string();
    let mut receiver = Receiver::start("api-video/receiver.mjs", &[("SIGNATURE_SECRETS", &secrets)]);
    let sender = Sender {
        webhook: webhook(EventFormat::ApiVideo),
        secret: Some("sig_sec_0000000000000000000000"),
        address: receiver.address,
        path: "/",
    };
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
        assert_eq!(status(sender.event(&event(kind))), Some(202), "{kind}");
        assert_eq!(receiver.taken(), json!({"text": text, "at": NOW}));
    }
    // The id of another webhook leads to another secret.
    let webhook = Webhook { id: "other".to_owned(), ..sender.webhook.clone() };
    assert_eq!(
        status(Sender { webhook, ..sender.clone() }.event(&event("video.source.recorded"))),
        Some(401)
    );
    assert_eq!(
        status(Sender { secret: Some("sig_sec_1"), ..sender }.event(&event("video.source.recorded"))),
        Some(401)
    );
    assert_eq!(receiver.rest(), "");
}

#[test]
#[ignore = "needs Node and Python"]
fn cincopas_receiver_hashes_what_it_has_parsed() {
    let mut receiver = Receiver::start("cincopa/receiver.cjs", &[("WEBHOOK_SECRET", "your-webhook-secret")]);
    let sender = Sender {
        webhook: webhook(EventFormat::Cincopa),
        secret: Some("your-webhook-secret"),
        address: receiver.address,
        path: "/api/webhook",
    };
    let uploaded = |data: &str| {
        format!(
            "{{\"type\":\"video.uploaded\",\"timestamp\":\"2026-11-20T20:07:00Z\",\"id\":\"{ID}\",\"data\":{data}}}"
        )
    };
    let video = r#"{"video":{"id":"your-video-id","title":"Sample \"video\" ü","shareUrl":"https://shop.example/v","thumbnail":"https://shop.example/v.jpg"}}"#;
    let answer = sender.event(&uploaded(video)).unwrap();
    assert_eq!((answer.status, answer.body.as_str()), (200, "Webhook received"));
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
        let data = format!("{{\"videoId\":\"v\",\"status\":\"ready\",\"x\":{more}}}");
        assert_eq!(sender.event(&uploaded(&data)).unwrap().status, 200, "{more}");
        assert_eq!(receiver.taken()["status"], "ready");
    }
    // As long as it may be.
    let long =
        |length: usize| uploaded(&format!("{{\"videoId\":\"v\",\"title\":\"{}\"}}", "x".repeat(length)));
    assert_eq!(sender.event(&long(99_800)).unwrap().status, 200);
    assert_eq!(receiver.taken()["title"].as_str().unwrap().len(), 99_800);
    let other = Sender { secret: Some("another"), ..sender };
    assert_eq!(
        other.event(&uploaded(video)),
        Some(Answer { status: 400, body: "Invalid signature".to_owned() })
    );
    assert_eq!(receiver.rest(), "");
}

/// Answers one request for an edition, as the relay does; gives path and key that it came with.
fn edition_api(contents: Value) -> (String, std::thread::JoinHandle<(String, String)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let asked = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut head = String::new();
        while !head.contains("\r\n\r\n") {
            let mut piece = [0; 1_024];
            let length = stream.read(&mut piece).unwrap();
            head.push_str(&String::from_utf8_lossy(&piece[..length]));
        }
        let body =
            json!({"id": "sample-edition", "name": "Sample edition", "contents": contents}).to_string();
        let response = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(response.as_bytes()).unwrap();
        let key =
            head.lines().find_map(|line| line.strip_prefix("authorization: Bearer ")).unwrap_or_default();
        (head.split(' ').nth(1).unwrap().to_owned(), key.to_owned())
    });
    (address, asked)
}

#[test]
#[ignore = "needs Node and Python"]
fn dynamic_content_is_told_of_an_edition_and_asks_for_its_contents() {
    let contents = json!({"slots": [{"name": "hero", "content": "spring"}]});
    let (api, asked) = edition_api(contents.clone());
    let settings =
        [("WEBHOOK_SECRET", "webhook-secret"), ("API", api.as_str()), ("API_KEY", "key of the shop")];
    let mut receiver = Receiver::start("dynamic-content/receiver.mjs", &settings);
    let sender = Sender {
        webhook: webhook(EventFormat::DynamicContent),
        secret: Some("webhook-secret"),
        address: receiver.address,
        path: "/",
    };
    assert_eq!(status(sender.event(&event("edition.scheduled"))), Some(200));
    assert_eq!(
        receiver.taken(),
        json!({"scheduled": "Sample edition", "days": 7, "status": 200, "contents": contents})
    );
    assert_eq!(
        asked.join().unwrap(),
        ("/v1/editions/sample-edition".to_owned(), "key of the shop".to_owned())
    );
    assert_eq!(status(sender.event(&event("edition.unscheduled"))), Some(200));
    assert_eq!(receiver.taken(), json!({"unscheduled": "Sample edition", "wasPlanned": true}));
    assert_eq!(
        status(Sender { secret: Some("another"), ..sender }.event(&event("edition.scheduled"))),
        Some(401)
    );
    assert_eq!(receiver.rest(), "");
}

/// The template of a recipe in `docs/payload-templates.md`.
fn recipe(title: &str) -> Template {
    let page = crate::files::read("docs/payload-templates.md");
    let recipe =
        page.split(&format!("\n### {title}\n")).nth(1).unwrap_or_else(|| panic!("no recipe {title}"));
    let body = recipe.split("```jinja\n").nth(1).unwrap().split("```").next().unwrap();
    Template { body: body.to_owned(), content_type: "application/json".to_owned() }
}

const CALL: &str = r#"{"type":"webhook.executed","id":"01a1fd0e-4b25-7714-aee1-98ccec441a1c","timestamp":"2026-11-21T07:42:14.821Z",
    "webhook":{"id":"discount","name":"Discount code"},"video":{"id":"spring-shop","title":"Spring \"shop\"","currentTime":4.80,"duration":32},
    "session":{"id":"01a1fd0e-3820-764f-83ef-121497acd217","startedAt":"2026-11-21T07:42:09.952Z","page":"https://shop.example/"},
    "trigger":{"element":"get-code","event":"click"},"params":{"sku":"A-17"},"context":{"viewerName":"Ada"},
    "interactions":[{"seq":1,"id":"01a1fd0e-42f5-73f9-a26b-3e91f5a4474a","type":"click","element":"get-code","label":"Get my \"code\"","mediaTime":2.729,"at":"2026-11-21T07:42:12.725Z"}],
    "truncated":false,"contextTruncated":false}"#;

#[test]
#[ignore = "needs Node and Python"]
fn a_receiver_for_cinema8_finds_its_parameters_and_answers_the_video() {
    let mut receiver = Receiver::start("cinema8/receiver.py", &[("API_KEY", "secret of the shop")]);
    let webhook = Webhook {
        headers: header("X-API-KEY", "secret of the shop"),
        template: Some(recipe("A Cinema8 receiver")),
        ..webhook(EventFormat::Cuehook)
    };
    let sender = Sender { webhook, secret: None, address: receiver.address, path: "/" };
    let answer = sender.call(CALL);
    assert_eq!(answer.status, 200, "{answer:?}");
    let variables: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(variables["discountCode"], "SPRING-40");
    assert_eq!(variables["imageUrl"], "https://media.example/A-17.jpg");
    assert_eq!(variables["user"]["userName"], "ada.doe");
    let taken = receiver.taken();
    assert_eq!(
        (&taken["sku"], &taken["userName"], &taken["videoId"]),
        (&json!("A-17"), &json!("Ada"), &json!("spring-shop"))
    );
    assert_eq!(taken["interactions"][0]["label"], "Get my \"code\"");
    let webhook = Webhook { headers: header("X-API-KEY", "guessed"), ..sender.webhook.clone() };
    assert_eq!(Sender { webhook, ..sender }.call(CALL).status, 403);
    assert_eq!(receiver.rest(), "");
}

#[test]
#[ignore = "needs Node and Python"]
fn a_crm_gets_contacts_as_its_api_wants_them() {
    let mut receiver = Receiver::start("crm/receiver.py", &[("ACCESS_TOKEN", "pat-eu1-0")]);
    let webhook = Webhook {
        headers: header("Authorization", "Bearer pat-eu1-0"),
        template: Some(recipe("A CRM's contact API")),
        ..webhook(EventFormat::Cuehook)
    };
    let path = "/crm/v3/objects/contacts/batch/upsert";
    let sender = Sender { webhook, secret: None, address: receiver.address, path };
    let contact = |is_new: bool| {
        json!({"new": is_new, "email": "ada@example.org", "firstname": "Ada", "lastname": "Lovelace", "phone": "+49 30 1234567",
            "company": "Analytical Engines", "lead_video": "Sample video", "lead_time": "2026-11-20T20:07:00.123Z"})
    };
    // A second time it is the same contact, as at least once has it.
    for is_new in [true, false] {
        let answer = sender.event(&event("lead.captured")).unwrap();
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(receiver.taken(), contact(is_new));
    }
    // Who has left only an e-mail, and tries what can be tried there.
    let hostile = r#"x\",\"lastname\":\"y@example.org"#;
    let lead = format!(
        "{{\"type\":\"lead.captured\",\"timestamp\":\"2026-11-20T20:07:00Z\",\"id\":\"{ID}\",\"data\":{{\"lead\":{{\"email\":\"{hostile}\"}}}}}}"
    );
    assert_eq!(status(sender.event(&lead)), Some(200));
    let taken = receiver.taken();
    assert_eq!(
        (&taken["email"], &taken["lastname"]),
        (&json!("x\",\"lastname\":\"y@example.org"), &json!(""))
    );
    let webhook = Webhook { headers: header("Authorization", "Bearer other"), ..sender.webhook.clone() };
    assert_eq!(status(Sender { webhook, ..sender }.event(&lead)), Some(401));
    assert_eq!(receiver.rest(), "");
}
