//! The table of the endpoints in the documentation, tried.

use crate::relay::{SHOP, id, start};
use crate::wire::Ask;
use std::collections::BTreeSet;

const GUIDE: &str = include_str!("../../../docs/relay-endpoints.md");
const ROUTES: &str = include_str!("../../src/http/mod.rs");

/// Method, address and who may ask, of each row.
fn endpoints() -> Vec<(&'static str, &'static str, &'static str)> {
    let rows = GUIDE.lines().filter_map(|line| line.strip_prefix("| `"));
    let rows = rows.filter(|row| row.starts_with("GET /") || row.starts_with("POST /"));
    rows.map(|row| {
        let (request, rest) = row.split_once("` | ").unwrap();
        let (method, target) = request.split_once(' ').unwrap();
        (method, target, rest.split(" | ").next().unwrap())
    })
    .collect()
}

#[tokio::test]
async fn the_endpoints_are_those_of_the_table_and_for_whom_it_says() {
    let relay = start(|_| ()).await;
    let endpoints = endpoints();
    let paths: BTreeSet<&str> =
        endpoints.iter().map(|(_, target, _)| target.split('?').next().unwrap()).collect();
    assert_eq!(ROUTES.matches(".route(").count(), paths.len(), "{paths:?}");
    for (method, target, who) in endpoints {
        let real = target.replace("{webhook}", "discount").replace("{id}", &id());
        let body = |ask: Ask| match method {
            "POST" => ask.with("content-type", "application/json").with("webhook-id", id()).body("{}"),
            _ => ask,
        };
        let [player, server, nobody] =
            [relay.ask(method, &real), relay.server(method, &real), Ask::new(method, &real)].map(body);
        let (player, server, nobody) =
            (relay.send(&player).await, relay.send(&server).await, relay.send(&nobody).await);
        let is_for = |name: &str| who == "anybody" || who.contains(name);
        for (asked, reply) in [("player", &player), ("server", &server)] {
            assert_ne!(reply.status, 405, "{method} {target}: {}", reply.text);
            assert!(!reply.body.contains("nothing at this address"), "{method} {target}: {}", reply.text);
            assert_eq!(
                is_for(asked),
                reply.outcome() != "relay-auth",
                "{asked} {method} {target}: {}",
                reply.text
            );
        }
        assert_eq!(nobody.outcome() == "relay-auth", who != "anybody", "{method} {target}: {}", nobody.text);
        for other in ["PUT", "DELETE", "PATCH"] {
            let ask = Ask::new(other, real.clone()).with("origin", SHOP);
            assert_eq!(relay.send(&ask).await.status, 405, "{other} {target}");
        }
    }
}
