//! Documents, and what is read of them.

use super::*;
use proptest::prelude::*;
use serde_json::{Value, json};

fn resolve(url: &str) -> Option<String> {
    match url {
        "http://" | "https:// " => None,
        _ if url.contains(':') => Some(url.into()),
        _ => Some(["https://page.example/", url].concat()),
    }
}

const PAGE: Page<'static> =
    Page { address: "https://page.example/a?b", allow_origins: None, resolve: &resolve };

fn read(document: &Value, defaults: Option<&Value>) -> Subscription {
    let defaults = defaults.map(Value::to_string);
    Subscription::read(&document.to_string(), defaults.as_deref(), &PAGE)
}

#[test]
fn a_webhook_with_events_is_an_endpoint() {
    let document = json!({"cuehook": 1, "video": {"id": "film"}, "webhooks": [
        {"id": "asked", "url": "asked"},
        {"id": "crm", "url": "https://crm.example/hook?a=b", "headers": [{"name": "X-Shop", "value": "spring"}],
            "events": ["lead.*", "view.ended", "cart.added"], "format": "cloudevents", "batch": true, "page": "none"},
        {"id": "off", "url": "off", "events": ["*"], "enabled": false},
        {"id": "none", "url": "none", "events": []},
        {"id": "simple", "url": "hooks/simple", "events": ["*"], "enabled": true, "simple": true},
    ]});
    let subscription = read(&document, None);
    assert_eq!(subscription.problems, []);
    assert_eq!(
        subscription.endpoints,
        [
            Endpoint {
                webhook: "crm".into(),
                url: "https://crm.example/hook?a=b".into(),
                headers: vec![("X-Shop".into(), "spring".into())],
                simple: false,
                batch: true,
                format: Format::CloudEvents,
                events: vec!["lead.*".into(), "view.ended".into(), "cart.added".into()],
                page: None,
            },
            Endpoint {
                webhook: "simple".into(),
                url: "https://page.example/hooks/simple".into(),
                headers: Vec::new(),
                simple: true,
                batch: false,
                format: Format::Cuehook,
                events: vec!["*".into()],
                page: Some("https://page.example/a".into()),
            },
        ]
    );
    let endpoint = &subscription.endpoints[0];
    assert!(endpoint.receives("lead.captured") && endpoint.receives("view.ended"));
    assert!(!endpoint.receives("view.started"));
}

#[test]
fn all_samples_are_read_without_problems() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/projects/valid");
    let mut count = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let subscription = Subscription::read(&text, None, &PAGE);
        assert_eq!(subscription.problems, [], "{text}");
        count += 1;
    }
    assert!(count >= 5);
}

#[test]
fn the_video_is_told_in_full() {
    let video = json!({"id": "film", "title": "A \"film\"", "number": -17, "thumbnail": "poster.jpg",
        "downloadUrl": "https://a.example/d?x=y", "shareUrl": "http://a.example/s", "embedUrl": "e", "more": 1});
    let told = |video: Value| -> (Value, Vec<Problem>) {
        let subscription = read(&json!({ "video": video }), None);
        let text = ["{", &subscription.video, "}"].concat();
        (serde_json::from_str(&text).unwrap(), subscription.problems)
    };
    let expected = json!({"id": "film", "title": "A \"film\"", "number": -17,
        "thumbnail": "https://page.example/poster.jpg", "downloadUrl": "https://a.example/d?x=y",
        "shareUrl": "http://a.example/s", "embedUrl": "https://page.example/e"});
    assert_eq!(told(video), (expected, Vec::new()));
    assert_eq!(told(json!(null)), (json!({"id": ""}), Vec::new()));
    for (field, value) in [
        ("number", json!(1.5)),
        ("number", json!("17")),
        ("number", json!(1e300)),
        ("number", json!(null)),
        ("thumbnail", json!("data:image/png;base64,xx")),
        ("shareUrl", json!("javascript:alert(1)")),
        ("embedUrl", json!("http://")),
        ("downloadUrl", json!(5)),
    ] {
        let (told, problems) = told(json!({"id": "film", field: value}));
        assert_eq!(told, json!({"id": "film"}), "{field} {value}");
        assert_eq!((problems.len(), &*problems[0].path), (1, &*format!("video.{field}")), "{problems:?}");
    }
}

#[test]
fn problems_say_where_and_what_to_write() {
    for (field, value, path, part) in [
        ("events", json!("lead.*"), "events", "write a list"),
        ("events", json!(["view.ended", 5]), "events[1]", "found 5; write a list"),
        (
            "events",
            json!(["lead.capturd"]),
            "events[0]",
            "found \"lead.capturd\"; Cuehook has no such event; did you mean `lead.captured`?",
        ),
        ("events", json!(["lead"]), "events[0]", "write a type such as"),
        ("events", json!(vec!["a.b"; 51]), "events", "at most 50"),
        ("enabled", json!("yes"), "enabled", "found \"yes\"; write `true` or `false`"),
        ("batch", json!(1), "batch", "write `true` or `false`"),
        ("simple", json!(null), "simple", "write `true` or `false`"),
        ("format", json!("CloudEvents"), "format", "did you mean `cloudevents`?"),
        ("format", json!("xml"), "format", "write one of cuehook, cloudevents, xapi, hippo, mindstamp"),
        ("format", json!(7), "format", "found 7; write one of"),
        ("url", json!("mailto:a@b.example"), "url", "write a URL of https or http"),
        ("url", json!(7), "url", "write a URL"),
    ] {
        let mut webhook = json!({"id": "a", "url": "a", "events": ["*"]});
        webhook[field] = value.clone();
        let problems = read(&json!({"webhooks": [{"id": "before", "url": "b"}, webhook]}), None).problems;
        assert_eq!(problems.len(), 1, "{value} {problems:?}");
        assert_eq!(problems[0].path, format!("webhooks[1].{path}"));
        assert_eq!(problems[0].code, "config-invalid");
        assert!(problems[0].message.contains(part), "{}", problems[0].message);
    }
    let problems = read(&json!({"webhooks": [{"id": "a", "events": ["*"]}]}), None).problems;
    assert_eq!(
        (&*problems[0].path, &*problems[0].message),
        ("webhooks[0].url", "missing; write the URL to POST to")
    );
    let problems = read(
        &json!({"webhooks": []}),
        Some(&json!({"webhooks": [{"id": "a", "url": "a", "events": ["b"]}]})),
    )
    .problems;
    assert_eq!(problems[0].path, "webhooks[0].events[0]");
    assert_eq!(Subscription::read("{", None, &PAGE).problems[0].code, "config-invalid");
}

#[test]
fn only_origins_that_the_page_allows_are_sent_anything() {
    let allowed = ["https://a.example".to_owned(), "http://b.example:8080".to_owned()];
    let page = Page { allow_origins: Some(&allowed), ..PAGE };
    for (url, is_allowed) in [
        ("https://a.example", true),
        ("https://a.example/x?y#z", true),
        ("https://a.example?y=https://c.example", true),
        ("http://b.example:8080/x", true),
        ("http://b.example/x", false),
        ("http://a.example/x", false),
        ("https://a.example.evil.example/", false),
        ("https://a.example@evil.example/", false),
        ("https://c.example/?https://a.example/", false),
        ("relative", false),
    ] {
        let document = json!({"webhooks": [{"id": "a", "url": url, "events": ["*"]}]}).to_string();
        let subscription = Subscription::read(&document, None, &page);
        assert_eq!(subscription.endpoints.len(), usize::from(is_allowed), "{url}");
        let codes: Vec<_> = subscription.problems.iter().map(|problem| problem.code).collect();
        assert_eq!(codes, if is_allowed { vec![] } else { vec!["origin-denied"] }, "{url}");
    }
}

#[test]
#[cfg(not(feature = "formats"))]
fn formats_that_are_not_here_are_asked_for() {
    let document = json!({"webhooks": [{"id": "a", "url": "a", "events": ["*"], "format": "xapi"}]});
    let subscription = read(&document, None);
    assert!(
        subscription.needs_formats && subscription.endpoints.is_empty() && subscription.problems.is_empty()
    );
}

#[test]
fn defaults_may_give_all_but_the_switch() {
    let defaults = json!({"cuehook": 1, "webhooks": [
        {"id": "crm", "url": "https://crm.example/", "events": ["lead.*"], "enabled": false},
        {"id": "all", "url": "https://all.example/", "events": ["*"]}]});
    let on = json!({"webhooks": [{"id": "crm", "enabled": true}]});
    let urls = |document: &Value| {
        let subscription = read(document, Some(&defaults));
        assert_eq!(subscription.problems, []);
        subscription.endpoints.into_iter().map(|endpoint| endpoint.url).collect::<Vec<_>>()
    };
    assert_eq!(urls(&on), ["https://crm.example/", "https://all.example/"]);
    assert_eq!(urls(&json!({})), ["https://all.example/"]);
    assert_eq!(urls(&json!({"webhooks": [{"id": "all", "events": []}]})), Vec::<String>::new());
}

/// A webhook some of whose fields are there.
fn webhook() -> impl Strategy<Value = Value> {
    let field = |name: &'static str, values: Vec<Value>| {
        prop::option::of(prop::sample::select(values)).prop_map(move |value| (name, value))
    };
    (
        field("id", vec![json!("a"), json!("b"), json!("c"), json!(3)]),
        field("url", vec![json!("x"), json!("https://y.example/"), json!(5)]),
        field("events", vec![json!(["*"]), json!(["lead.*", "x"]), json!([]), json!("x")]),
        field("enabled", vec![json!(true), json!(false), json!(0)]),
        field("format", vec![json!("cuehook"), json!("cloudevents"), json!("xapi"), json!("no")]),
        field("page", vec![json!("none"), json!("full"), json!(1)]),
        field("headers", vec![json!([{"name": "a", "value": "b"}]), json!(1)]),
    )
        .prop_map(|fields| {
            let mut webhook = json!({});
            let (a, b, c, d, e, f, g) = fields;
            for (name, value) in [a, b, c, d, e, f, g] {
                if let Some(value) = value {
                    webhook[name] = value;
                }
            }
            webhook
        })
}

proptest! {
    /// What is read of two texts is what is read of their merger.
    #[test]
    fn defaults_are_merged_as_the_runtime_merges_them(
        own in prop::collection::vec(webhook(), 0..4),
        more in prop::collection::vec(webhook(), 0..4),
    ) {
        // Of two with the same id the runtime reports the second as wrong.
        let has_twins = |list: &[Value]| (1..list.len()).any(|place| list[..place].iter().any(|it| it["id"] == list[place]["id"]));
        prop_assume!(!has_twins(&own) && !has_twins(&more));
        let (document, defaults) = (json!({"webhooks": own}), json!({"webhooks": more}));
        let parsed = |value: &Value| cuehook_json::parse(value.to_string().as_bytes(), 16).unwrap();
        let merged = cuehook_protocol::merge(parsed(&document), &parsed(&defaults)).to_text();
        let expected = Subscription::read(&merged, None, &PAGE);
        let found = read(&document, Some(&defaults));
        prop_assert_eq!(&found.endpoints, &expected.endpoints);
        prop_assert_eq!(&found.problems, &expected.problems);
    }

    /// Whatever a document is, it is read without a panic.
    #[test]
    fn anything_is_read(text in "[\\[\\]{}\",:a-z0-9 \\\\]{0,80}", start in 0..60_usize) {
        let document = json!({"video": {"id": "a"}, "webhooks": [{"id": "a", "url": "b", "events": ["*"]}], "elements": []}).to_string();
        Subscription::read(&text, Some(&text), &PAGE);
        Subscription::read(&[&document[..start], &text, &document[start..]].concat(), Some(&document[start..]), &PAGE);
    }
}
