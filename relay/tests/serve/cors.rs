//! Pages of allowed origins, and no others.

use crate::relay::{SHOP, assert_refused, id, start};
use crate::wire::Ask;

fn preflight(target: &str, origin: &str, method: &str) -> Ask {
    Ask::new("OPTIONS", target)
        .with("origin", origin)
        .with("access-control-request-method", method)
        .with("access-control-request-headers", "authorization,content-type,webhook-id")
}

#[tokio::test]
async fn browsers_are_told_what_pages_may_do() {
    let relay = start(|_| ()).await;
    for (target, method) in [
        ("/v1/call/discount", "POST"),
        ("/v1/calls/01920000-0000-7000-8000-000000000001", "GET"),
        ("/v1/events", "POST"),
        ("/v1/settings?webhooks=a", "GET"),
    ] {
        let reply = relay.send(&preflight(target, SHOP, method)).await;
        assert_eq!(reply.status, 204, "{}", reply.text);
        assert_eq!(reply.header("access-control-allow-origin"), Some(SHOP));
        assert_eq!(reply.header("access-control-allow-methods"), Some(method));
        assert_eq!(reply.header("access-control-max-age"), Some("7200"));
        assert_eq!(reply.header("access-control-allow-credentials"), None);
        assert_eq!(reply.header("vary"), Some("origin"));
        let allowed = reply.header("access-control-allow-headers").unwrap();
        for name in ["authorization", "content-type", "webhook-id", "idempotency-key", "cuehook-budget-ms"] {
            assert!(allowed.split(',').any(|allowed| allowed == name), "{name}");
        }
    }
    for target in ["/v1/counts", "/metrics", "/health", "/nowhere"] {
        let reply = relay.send(&preflight(target, SHOP, "GET")).await;
        assert_refused(&reply, 404, "bad-request");
        assert_eq!(reply.header("access-control-allow-methods"), None);
    }
}

#[tokio::test]
async fn other_pages_are_refused_and_see_nothing() {
    let relay = start(|_| ()).await;
    for origin in ["https://evil.example", "null", "http://shop.example", "https://shop.example:444", "https://SHOP.example"] {
        let reply = relay.send(&preflight("/v1/call/discount", origin, "POST")).await;
        assert_refused(&reply, 403, "relay-auth");
        let call = relay.send(&relay.call("discount", &id()).set("origin", origin)).await;
        assert_refused(&call, 403, "relay-auth");
        let health = relay.send(&Ask::new("GET", "/health").with("origin", origin)).await;
        for reply in [reply, call, health] {
            assert_eq!(reply.header("access-control-allow-origin"), None, "{origin}");
            assert_eq!(reply.header("access-control-expose-headers"), None, "{origin}");
            assert_eq!(reply.header("vary"), Some("origin"));
        }
    }
    assert!(relay.hook.received().is_empty());
}

#[tokio::test]
async fn pages_see_answers_errors_and_what_became_of_them() {
    let relay = start(|_| ()).await;
    let good = relay.send(&relay.call("discount", &id())).await;
    let refused = relay.send(&relay.call("nobody", &id())).await;
    let strange = relay.send(&relay.call("discount", &id()).set("authorization", "Bearer a.b.c")).await;
    for reply in [good, refused, strange] {
        assert_eq!(reply.header("access-control-allow-origin"), Some(SHOP), "{}", reply.text);
        let exposed = reply.header("access-control-expose-headers").unwrap();
        for name in ["cuehook-outcome", "retry-after"] {
            assert!(exposed.split(',').any(|exposed| exposed == name), "{exposed}");
        }
    }
    // Servers need none of it.
    let server = relay.send(&relay.server("GET", "/v1/counts")).await;
    assert_eq!((server.status, server.header("access-control-allow-origin")), (200, None));
}

#[tokio::test]
async fn a_relay_on_loopback_without_origins_answers_every_page_with_a_token() {
    let relay = start(|settings| settings.origins.clear()).await;
    let origin = "http://localhost:8000";
    let token = relay.token("spring", origin);
    let call = relay.call("discount", &id()).set("origin", origin);
    assert_refused(&relay.send(&call).await, 403, "relay-auth");
    let reply = relay.send(&call.set("authorization", format!("Bearer {token}"))).await;
    assert_eq!((reply.status, reply.header("access-control-allow-origin")), (200, Some(origin)));
}
