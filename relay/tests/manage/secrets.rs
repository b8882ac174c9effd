//! Secrets: made once, renewed, used, never shown again.

use crate::api::Api;
use crate::hook::{Hook, Received};
use cuehook_relay::config::Signing;
use cuehook_relay::delivery::signing::{CompatibleSecret, KeyRing, Secrets, SigningSecret, sign};
use serde_json::{Value, json};

/// The header fields with which a request that was received would be signed under these secrets, of those that it has.
fn expected(
    received: &Received,
    standard: &[&str],
    compatible: Option<(&str, Value)>,
) -> Vec<(String, String)> {
    let keys = standard.iter().map(|text| SigningSecret::parse(&(*text).into()).unwrap());
    let secrets = Secrets {
        standard: KeyRing::of(keys).unwrap(),
        compatible: compatible.as_ref().map(|(text, _)| CompatibleSecret::parse((*text).into()).unwrap()),
        ..Secrets::default()
    };
    let signing: Signing = match compatible {
        Some((_, settings)) => serde_json::from_value(json!({"compatible": settings})).unwrap(),
        None => Signing::default(),
    };
    let field = |name: &str| received.headers[name].to_str().unwrap().to_owned();
    let seconds: i64 = field("webhook-timestamp").parse().unwrap();
    sign(&secrets, &signing, &field("webhook-id"), seconds * 1000, received.body.as_bytes())
}

#[tokio::test]
async fn requests_are_signed_with_what_was_shown_and_renewed() {
    let api = Api::start().await;
    let compatible = json!({"header": "X-Sig", "hash": "sha1", "encoding": "hex"});
    let url = format!("http://{}/discount", api.relay.hook.address);
    let body =
        json!({"id": "w", "url": url, "signing": {"compatible": compatible}, "compatibleSecret": "first"});
    let first = api.does(201, "POST", "/v1/webhooks", body).await["secret"].as_str().unwrap().to_owned();
    let sent = async |standard: &[&str], text: &str| {
        let test = api.does(200, "POST", "/v1/webhooks/w/test", json!({"type": "lead.captured"})).await;
        assert_eq!(test["delivered"], true, "{test}");
        let received = api.relay.hook.received().pop().unwrap();
        for (name, value) in expected(&received, standard, Some((text, compatible.clone()))) {
            assert_eq!(received.headers[name.to_lowercase().as_str()], value, "{name}");
        }
    };
    sent(&[&first], "first").await;
    let rotated = json!({"compatibleSecret": "second"});
    let rotated = api.does(200, "POST", "/v1/webhooks/w/rotate", rotated).await;
    let second = rotated["secret"].as_str().unwrap();
    assert_ne!(second, first);
    assert_eq!(rotated["secrets"].as_array().unwrap().len(), 2);
    let ms = |value: &Value| cuehook_protocol::timestamp::parse(value.as_str().unwrap()).unwrap().0;
    let overlap = ms(&rotated["secrets"][1]["until"]) - ms(&rotated["secrets"][0]["createdAt"]);
    assert_eq!(overlap, 86_400_000.0, "a day, if nothing is said");
    sent(&[second, &first], "second").await;
    // At once, as after a leak.
    let rotated = api.does(200, "POST", "/v1/webhooks/w/rotate", json!({"overlapHours": 0})).await;
    sent(&[rotated["secret"].as_str().unwrap()], "second").await;
    // A change of something else leaves them alone.
    api.does(200, "PATCH", "/v1/webhooks/w", json!({"name": "other"})).await;
    sent(&[rotated["secret"].as_str().unwrap()], "second").await;
    for body in [json!({"overlapHours": 169}), json!({"overlapHours": -1}), json!({"compatibleSecret": ""})] {
        api.faults(&api.ask("POST", "/v1/webhooks/w/rotate", body)).await;
    }
    let log = crate::logs::text();
    assert!(!log.contains(&first) && !log.contains(second));
}

#[tokio::test]
async fn more_secrets_than_sign_at_once_are_a_conflict() {
    let api = Api::start().await;
    api.does(201, "POST", "/v1/webhooks", json!({"id": "w", "url": "https://a.example/"})).await;
    for _ in 0..2 {
        api.does(200, "POST", "/v1/webhooks/w/rotate", Value::Null).await;
    }
    let ask = api.ask("POST", "/v1/webhooks/w/rotate", json!({}));
    api.refuses(409, "conflict", &ask).await;
    api.does(200, "POST", "/v1/webhooks/w/rotate", json!({"overlapHours": 0})).await;
    let chosen =
        api.ask("POST", "/v1/webhooks/w/rotate", json!({"overlapHours": 0, "compatibleSecret": "x"}));
    assert_eq!(api.faults(&chosen).await[0].0, "compatibleSecret");
}

#[tokio::test]
async fn tests_show_requests_and_responses_without_secrets() {
    let api = Api::start().await;
    let hook = api.relay.hook.address;
    let register = async |id: &str, url: String| {
        let headers = json!([{"name": "x-api-key", "value": "s3cret-of-the-header", "secret": true}]);
        let body = json!({"id": id, "url": url, "headers": headers});
        api.does(201, "POST", "/v1/webhooks", body).await["secret"].as_str().unwrap().to_owned()
    };
    let secret = register("echo-w", format!("http://{hook}/echo")).await;
    let test = json!({"type": "cart.added", "video": "intro"});
    let tested = api.does(200, "POST", "/v1/webhooks/echo-w/test", test).await;
    assert_eq!((&tested["delivered"], &tested["response"]["status"]), (&json!(true), &json!(200)));
    let sent: Value = serde_json::from_str(tested["request"]["body"].as_str().unwrap()).unwrap();
    assert_eq!((&sent["type"], &sent["data"]["video"]["id"]), (&json!("cart.added"), &json!("intro")));
    let headers = tested["request"]["headers"].as_array().unwrap();
    let value = |name: &str| &headers.iter().find(|header| header["name"] == name).unwrap()["value"];
    assert_eq!((value("x-api-key"), value("webhook-id")), (&Value::Null, &sent["id"]));
    assert!(tested["response"]["body"].as_str().unwrap().contains("[removed]"));
    let text = tested.to_string();
    assert!(!text.contains("s3cret-of-the-header") && !text.contains(&secret));
    // Whatever is answered, the test has worked.
    register("teapot-w", format!("http://{hook}/teapot")).await;
    let tested = api.does(200, "POST", "/v1/webhooks/teapot-w/test", json!({"type": "view.ended"})).await;
    assert_eq!((&tested["delivered"], &tested["response"]["status"]), (&json!(false), &json!(418)));
    // What must not be called is not called.
    register("own-w", "https://169.254.169.254/latest".to_owned()).await;
    let tested = api.does(200, "POST", "/v1/webhooks/own-w/test", json!({"type": "view.ended"})).await;
    assert_eq!((&tested["response"], &tested["delivered"]), (&Value::Null, &json!(false)));
    assert!(tested["fault"].is_string(), "{tested}");
    let count = api.relay.hook.received().len();
    for body in [
        json!({"type": "x"}),
        json!({}),
        json!({"type": "a.b", "data": 1}),
        json!({"type": "a.b", "video": ""}),
        json!({"type": "a.b", "project": "x".repeat(129)}),
    ] {
        api.faults(&api.ask("POST", "/v1/webhooks/echo-w/test", body)).await;
    }
    assert_eq!(api.relay.hook.received().len(), count);
    assert_eq!(api.does(200, "GET", "/v1/counts", Value::Null).await["events"], 0, "nothing of it is stored");
}

#[tokio::test]
async fn whoever_changes_a_webhook_is_not_told_its_secrets() {
    let api = Api::start().await;
    let headers = json!([{"name": "X-Key", "value": "k", "secret": true}, {"name": "x-plain", "value": "p"}]);
    let url = format!("http://{}/discount", api.relay.hook.address);
    api.does(201, "POST", "/v1/webhooks", json!({"id": "w", "url": url, "headers": headers})).await;
    let other = Hook::start().await;
    let elsewhere = format!("http://{}/discount", other.address);
    let kept = json!([{"name": "x-key", "value": null, "secret": true}]);
    for change in [
        json!({"url": elsewhere}),
        json!({"url": elsewhere, "headers": kept}),
        json!({"url": url.replace("http:", "https:")}),
        json!({"overrideOrigins": ["https://mine.example"]}),
        json!({"overrideOrigins": ["*"]}),
    ] {
        let ask = api.ask("PATCH", "/v1/webhooks/w", change.clone());
        let faults = api.faults(&ask).await;
        assert_eq!(faults, [("headers[0].value".to_owned(), "missing-key".to_owned())], "{change}");
        let said = api.refuses(422, "invalid", &ask).await["message"].to_string();
        assert!(said.contains("write the value again"), "{said}");
    }
    // The same origin is told nothing new, and without secrets there is nothing to tell.
    api.does(200, "PATCH", "/v1/webhooks/w", json!({"url": url.replace("/discount", "/echo")})).await;
    let given = json!([{"name": "X-Key", "value": "again", "secret": true}]);
    let change = json!({"url": elsewhere, "headers": given, "overrideOrigins": ["https://mine.example"]});
    api.does(200, "PATCH", "/v1/webhooks/w", change).await;
    api.does(200, "PATCH", "/v1/webhooks/w", json!({"overrideOrigins": null})).await;
    let test = api.does(200, "POST", "/v1/webhooks/w/test", json!({"type": "lead.captured"})).await;
    assert_eq!((&test["delivered"], &test["request"]["withheld"]), (&json!(true), &json!([])));
    assert_eq!(other.received()[0].headers["x-key"], "again");
    api.does(200, "PATCH", "/v1/webhooks/w", json!({"url": "https://b.example", "headers": []})).await;
    for (origins, path) in [
        (json!(["https://a.example/"]), "overrideOrigins[0]"),
        (json!(["https://*.example"]), "overrideOrigins[0]"),
        (json!(["*", "a.example"]), "overrideOrigins[1]"),
        (json!(vec!["*"; 101]), "overrideOrigins"),
    ] {
        let ask = api.ask("PATCH", "/v1/webhooks/w", json!({"overrideOrigins": origins}));
        assert_eq!(api.faults(&ask).await[0].0, path);
    }
}

#[tokio::test]
async fn a_project_that_chooses_an_address_is_not_told_the_secrets_of_the_webhook() {
    let api = Api::start_with(|settings| settings.delivery.at_once = 100).await;
    let url = format!("http://{}/discount", api.relay.hook.address);
    let other = Hook::start().await;
    let elsewhere = format!("http://{}/elsewhere", other.address);
    let headers = json!([{"name": "X-Key", "value": "k", "secret": true}, {"name": "x-plain", "value": "p"}]);
    let webhook = json!({"url": url, "headers": headers, "events": ["video.created"]});
    let with = |id: &str, origins: Value| {
        let mut webhook = webhook.clone();
        webhook["id"] = id.into();
        webhook["overrideOrigins"] = origins;
        webhook
    };
    api.does(201, "POST", "/v1/webhooks", with("shut", json!([]))).await;
    let origin = elsewhere.strip_suffix("/elsewhere").unwrap();
    api.does(201, "POST", "/v1/webhooks", with("named", json!([origin]))).await;
    api.does(201, "POST", "/v1/webhooks", with("any", json!(["*"]))).await;
    let chosen = |path: &str| json!({"url": elsewhere.replace("/elsewhere", path)});
    let webhooks = json!({"shut": chosen("/shut"), "named": chosen("/named"), "any": chosen("/any")});
    api.does(201, "PUT", "/v1/projects/p", json!({"webhooks": webhooks})).await;
    other.until(3).await;
    for received in other.received() {
        let key = received.headers.get("x-key").map(|value| value.to_str().unwrap());
        assert_eq!(key, (received.path != "/shut").then_some("k"), "{}", received.path);
        assert_eq!(received.headers["x-plain"], "p");
        assert!(received.headers.contains_key("webhook-signature"));
    }
    // A test says so, and so does what is shown of a delivery.
    for (id, withheld) in [("shut", json!(["X-Key"])), ("named", json!([])), ("any", json!([]))] {
        let test = json!({"type": "video.created", "project": "p"});
        let test = api.does(200, "POST", &format!("/v1/webhooks/{id}/test"), test).await;
        assert_eq!((&test["request"]["withheld"], &test["delivered"]), (&withheld, &json!(true)), "{test}");
        let target = format!("/v1/deliveries?webhook={id}");
        let found = api.does(200, "GET", &target, Value::Null).await;
        let target = format!("/v1/deliveries/{}", found["deliveries"][0]["id"].as_str().unwrap());
        let shown = api.does(200, "GET", &target, Value::Null).await;
        assert_eq!(shown["request"]["withheld"], withheld, "{shown}");
    }
}

#[tokio::test]
async fn names_that_the_relay_sets_are_nobody_elses() {
    let api = Api::start().await;
    let refused = async |webhook: Value| {
        let mut body = json!({"id": "w", "url": "https://a.example", "compatibleSecret": "x"});
        body.as_object_mut().unwrap().extend(webhook.as_object().unwrap().clone());
        api.faults(&api.ask("POST", "/v1/webhooks", body)).await[0].clone()
    };
    for name in ["webhook-signature", "Webhook-Signature", "webhook-signature-v2", "webhook-id", "Cuehook-X"]
    {
        let own = json!({"format": "hippo", "headers": [{"name": name, "value": "v"}]});
        let (path, code) = refused(own).await;
        assert_eq!((&*path, &*code), ("headers[0].name", "reserved-header"), "{name}");
        let (path, code) = refused(json!({"signing": {"compatible": {"header": name}}})).await;
        assert_eq!((&*path, &*code), ("signing.compatible.header", "reserved-header"), "{name}");
    }
    let twice = json!({
        "headers": [{"name": "x-sig", "value": "v"}],
        "signing": {"compatible": {"header": "X-Sig"}},
    });
    assert_eq!(refused(twice).await, ("signing.compatible.header".to_owned(), "duplicate".to_owned()));
}
