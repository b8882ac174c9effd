//! Documents, and what is read of them.

use super::*;
use proptest::prelude::*;
use serde_json::{Value, json};

fn resolve(url: &str) -> Option<String> {
    match url {
        "http://" => None,
        _ if url.contains(':') => Some(url.into()),
        _ => Some(["https://page.example/", url].concat()),
    }
}

const PAGE: Page<'static> =
    Page { address: "https://page.example/a?b", allow_origins: None, relay: None, resolve: &resolve };

fn read(document: &Value, defaults: Option<&Value>) -> Subscription {
    let defaults = defaults.map_or(String::new(), Value::to_string);
    Subscription::read(&document.to_string(), &defaults, &PAGE)
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
    assert_eq!(
        subscription.endpoints,
        [
            Endpoint {
                webhook: "crm".into(),
                url: "https://crm.example/hook?a=b".into(),
                headers: vec![("X-Shop".into(), "spring".into())],
                simple: false,
                relay: false,
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
                relay: false,
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
        let subscription = Subscription::read(&text, "", &PAGE);
        assert!(serde_json::from_str::<Value>(&[&subscription.video, "}"].concat()).is_ok(), "{text}");
        count += 1;
    }
    assert!(count >= 5);
}

#[test]
fn the_video_is_told_in_full() {
    let video = json!({"id": "film", "title": "A \"film\"", "number": -17, "thumbnail": "poster.jpg",
        "downloadUrl": "https://a.example/d?x=y", "shareUrl": "http://a.example/s", "embedUrl": "e", "more": 1});
    let told = |video: Value| -> Value {
        let subscription = read(&json!({ "video": video }), None);
        serde_json::from_str(&[&subscription.video, "}"].concat()).unwrap()
    };
    let expected = json!({"id": "film", "title": "A \"film\"", "number": -17,
        "thumbnail": "https://page.example/poster.jpg", "downloadUrl": "https://a.example/d?x=y",
        "shareUrl": "http://a.example/s", "embedUrl": "https://page.example/e"});
    assert_eq!(told(video), expected);
    assert_eq!(told(json!(null)), json!({"id": ""}));
    assert_eq!(told(json!({"id": "f", "title": "t".repeat(5_000)}))["title"].as_str().unwrap().len(), 2_003);
    let subscription = read(&json!({"elements": [{"id": "a", "title": "b"}]}), None);
    assert_eq!(subscription.video, "{\"id\":\"\"", "without a video");
    for (field, value) in [
        ("thumbnail", json!("data:image/png;base64,xx")),
        ("shareUrl", json!("javascript:alert(1)")),
        ("embedUrl", json!("http://")),
        ("downloadUrl", json!(5)),
        ("downloadUrl", json!(["https://a.example/", &"x".repeat(3_000)].concat())),
    ] {
        assert_eq!(told(json!({"id": "film", field: value})), json!({"id": "film"}), "{field} {value}");
    }
}

#[test]
fn what_is_wrong_is_passed_over() {
    for (field, value) in [
        ("events", json!("lead.*")),
        ("events", json!([5])),
        ("enabled", json!(false)),
        ("format", json!("CloudEvents")),
        ("url", json!("mailto:a@b.example")),
        ("url", json!(7)),
        ("url", json!(null)),
    ] {
        let mut webhook = json!({"id": "a", "url": "a", "events": ["*"]});
        webhook[field] = value.clone();
        assert_eq!(read(&json!({"webhooks": [webhook]}), None).endpoints, [], "{field} {value}");
    }
    let webhook = json!({"id": "a", "url": "a", "events": ["view.ended", 5], "batch": 1, "simple": "yes", "page": 4, "headers": 3});
    let endpoints = read(&json!({ "webhooks": [webhook] }), None).endpoints;
    assert_eq!((endpoints[0].events.len(), endpoints[0].batch, endpoints[0].simple), (1, false, false));
    assert!(Subscription::read("{", "[", &PAGE).endpoints.is_empty());
}

#[test]
fn addresses_are_told_as_the_runtime_tells_them() {
    for (address, path, full) in [
        ("https://a.example/b/c?d=e#f", "https://a.example/b/c", "https://a.example/b/c?d=e#f"),
        ("https://a.example/#/b?c", "https://a.example/", "https://a.example/#/b?c"),
        (
            "https://jo:s@a.example:8443/b@c?d@e",
            "https://a.example:8443/b@c",
            "https://a.example:8443/b@c?d@e",
        ),
        ("https://a.example?b=//c@d", "https://a.example", "https://a.example?b=//c@d"),
        ("https://a.example?b@d", "https://a.example", "https://a.example?b@d"),
        ("file:///home/film.html#x", "file:///home/film.html", "file:///home/film.html#x"),
        ("about:srcdoc", "about:srcdoc", "about:srcdoc"),
        ("", "", ""),
    ] {
        assert_eq!(told("path", address).as_deref(), Some(path), "{address}");
        assert_eq!(told("", address).as_deref(), Some(path), "{address}");
        assert_eq!(told("full", address).as_deref(), Some(full), "{address}");
        assert_eq!(told("none", address), None, "{address}");
    }
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
        let subscription = Subscription::read(&document, "", &page);
        assert_eq!(subscription.endpoints.len(), usize::from(is_allowed), "{url}");
        assert_eq!(subscription.denied.len(), usize::from(!is_allowed), "{url}");
    }
}

#[test]
fn defaults_may_give_all_but_the_switch() {
    let defaults = json!({"cuehook": 1, "webhooks": [
        {"id": "crm", "url": "https://crm.example/", "events": ["lead.*"], "enabled": false},
        {"id": "all", "url": "https://all.example/", "events": ["*"]}]});
    let on = json!({"webhooks": [{"id": "crm", "enabled": true}]});
    let urls = |document: &Value| {
        let subscription = read(document, Some(&defaults));
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
        let expected = Subscription::read(&merged, "", &PAGE);
        let found = read(&document, Some(&defaults));
        prop_assert_eq!(&found.endpoints, &expected.endpoints);
    }

    /// Whatever a document is, it is read without a panic.
    #[test]
    fn anything_is_read(text in "[\\[\\]{}\",:a-z0-9 \\\\]{0,80}", start in 0..60_usize) {
        let document = json!({"video": {"id": "a"}, "webhooks": [{"id": "a", "url": "b", "events": ["*"]}], "elements": []}).to_string();
        Subscription::read(&text, &text, &PAGE);
        Subscription::read(&[&document[..start], &text, &document[start..]].concat(), &document[start..], &PAGE);
    }
}

#[test]
fn what_is_passed_over_is_noted() {
    let document = json!({"webhooks": [
        {"id": "right", "url": "a", "events": ["lead.*", "cart.added", "*"]},
        {"id": "slip", "url": "b", "events": ["lead.*", "lead.capturd"]},
        {"id": "list", "url": "c", "events": [7, "lead.*"]},
        {"id": "format", "url": "d", "events": ["*"], "format": "soap"},
        {"id": "nowhere", "events": ["*"]},
        {"id": "off", "events": ["leed"], "enabled": false},
    ]});
    let subscription = read(&document, None);
    assert_eq!(subscription.faulty, ["slip", "list", "format", "nowhere"]);
    let webhooks: Vec<&str> = subscription.endpoints.iter().map(|endpoint| &*endpoint.webhook).collect();
    assert_eq!(webhooks, ["right", "slip", "list"]);
}

#[test]
fn a_relay_is_one_receiver_of_what_its_webhooks_are_sent() {
    let webhooks = |pages: [&str; 3]| {
        json!({"webhooks": [
            {"id": "a", "relay": "crm", "events": ["lead.*", "view.ended"], "page": pages[0]},
            {"id": "b", "url": "https://b.example/", "events": ["*"]},
            {"id": "c", "relay": "lms", "events": ["view.ended", "cart.added"], "page": pages[1], "headers": [{"name": "X", "value": "y"}]},
            {"id": "d", "relay": "off", "events": ["*"], "enabled": false},
            {"id": "e", "relay": "asked"},
            {"id": "f", "relay": "more", "events": ["lead.*"], "page": pages[2]},
        ]})
        .to_string()
    };
    let page = Page { relay: Some("https://relay.example/r"), ..PAGE };
    let subscription = Subscription::read(&webhooks(["path", "full", "full"]), "", &page);
    assert_eq!(subscription.endpoints.len(), 2);
    assert_eq!(
        subscription.endpoints[1],
        Endpoint {
            webhook: "relay".into(),
            url: "https://relay.example/r/v1/events".into(),
            headers: Vec::new(),
            simple: false,
            batch: true,
            relay: true,
            format: Format::Cuehook,
            events: vec!["lead.*".into(), "view.ended".into(), "cart.added".into()],
            page: Some("https://page.example/a".into()),
        }
    );
    assert!(!subscription.endpoints[0].relay);
    // Of the page's address it is told no more than all of them may know.
    for (pages, told) in [
        (["full", "full", "full"], Some("https://page.example/a?b")),
        (["full", "", "full"], Some("https://page.example/a")),
        (["full", "path", "none"], None),
        (["none", "full", "path"], None),
    ] {
        let subscription = Subscription::read(&webhooks(pages), "", &page);
        assert_eq!(subscription.endpoints[1].page.as_deref(), told, "{pages:?}");
        assert_eq!(subscription.pages.len(), 2);
    }
    // A page that names none, or does not allow it.
    let subscription = Subscription::read(&webhooks(["", "", ""]), "", &PAGE);
    assert_eq!((subscription.endpoints.len(), subscription.faulty.len()), (1, 0));
    let allowed = ["https://b.example".to_owned()];
    let page = Page { allow_origins: Some(&allowed), ..page };
    let subscription = Subscription::read(&webhooks(["", "", ""]), "", &page);
    assert_eq!((subscription.endpoints.len(), subscription.denied), (1, vec!["relay".to_owned()]));
}
