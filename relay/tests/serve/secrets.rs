//! Secrets stay between the relay and its webhooks.

use crate::relay::{SECRET, id, start};
use cuehook_relay::secrets::REMOVED;
use secrecy::ExposeSecret;
use serde_json::json;

#[tokio::test]
async fn a_secret_arrives_at_its_webhook_and_nowhere_else() {
    let relay = start(|_| ()).await;
    let call = id();
    let echoed = relay.send(&relay.call("echo", &call)).await;
    assert_eq!(echoed.outcome(), "answer", "{}", echoed.text);
    assert_eq!(echoed.json()["headers"]["x-api-key"], REMOVED, "the webhook was sent it, and has sent it back");
    assert_eq!(echoed.json()["headers"]["x-plain"], "for all to see");
    assert_eq!(relay.hook.received()[0].headers["x-api-key"], SECRET);
    let mut left = vec![echoed.text];
    for ask in [
        relay.call("echo", &call),
        relay.ask("GET", format!("/v1/calls/{call}")),
        relay.call("html", &id()),
        relay.call("nobody", &id()),
        relay.call("echo", &id()).body(json!({"x": SECRET.to_uppercase()}).to_string()),
        relay.ask("GET", "/v1/settings?webhooks=echo,discount"),
        relay.server("GET", "/v1/events"),
        relay.server("GET", "/v1/counts"),
        relay.ask("GET", "/health"),
        relay.ask("GET", "/ready"),
    ] {
        left.push(relay.send(&ask).await.text);
    }
    left.push(relay.metrics().await);
    let address = relay.hook.address.to_string();
    let token = relay.token("spring", crate::relay::SHOP);
    relay.running.stop().await.unwrap();
    left.push(crate::logs::text());
    assert!(left.iter().any(|text| text.contains("request")), "there is a log");
    for text in &left {
        for secret in [SECRET, relay.key.expose_secret(), relay.weak_key.expose_secret(), &token] {
            assert!(!text.contains(secret), "{secret} is in {text}");
        }
    }
    let responses = left.split_last().unwrap().1;
    // The echo shows the host that it was called at, which is its own to tell.
    assert!(responses.iter().skip(4).all(|text| !text.contains(&address) || text.contains("\"host\"")), "where a webhook is nobody is told");
}
