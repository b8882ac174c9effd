//! What becomes of deliveries that receivers do not take.

use crate::receiver::{Mode, Receiver};
use crate::relay::{Kept, event, id, limits, start, until, webhook};
use cuehook_relay::config::{Template, Webhook};
use cuehook_relay::store::DeliveryState;
use std::collections::BTreeSet;
use std::time::Duration;

#[tokio::test]
async fn what_may_pass_is_tried_again_under_the_same_id() {
    for kept in [Kept::Memory, Kept::Sqlite] {
        let receiver = Receiver::start().await;
        let modes = [
            Mode::Status(503),
            // Over the connection that was kept, which does not count, and over a new one.
            Mode::Resets,
            Mode::Resets,
            Mode::Status(408),
            Mode::With(429, "retry-after: 0"),
            Mode::Status(200),
        ];
        receiver.answer("/a", modes);
        let relay = start(kept, vec![webhook(&receiver, "/a")], limits()).await;
        let ids = relay.send_some(1).await;
        let counts = relay.settled().await;
        assert_eq!((counts.accepted, counts.delivered), (1, 1));
        assert_eq!(receiver.requests("/a").len(), 6);
        assert_eq!(receiver.ids("/a"), ids.into_iter().collect());
        let log = relay.last("a").await.log;
        let statuses: Vec<Option<u16>> = log.iter().map(|attempt| attempt.status).collect();
        assert_eq!(statuses, [Some(503), None, Some(408), Some(429), Some(200)]);
        assert!(log[1].fault.contains("connection broke"), "{log:?}");
        assert!(log[4].fault.is_empty());
    }
}

#[tokio::test]
async fn a_receiver_that_closes_kept_connections_fails_in_nobodys_eyes() {
    let receiver = Receiver::start().await;
    let pairs = [Mode::Status(200), Mode::Resets];
    receiver.answer("/a", (0..20).flat_map(|_| pairs.clone()));
    let relay = start(Kept::Memory, vec![webhook(&receiver, "/a")], limits()).await;
    let mut sent = BTreeSet::new();
    for count in 1..=5 {
        // One after the other, so that each finds the connection of the one before.
        sent.extend(relay.send_some(1).await);
        until("it is delivered", async || relay.counts().await.delivered == count).await;
    }
    assert_eq!(receiver.ids("/a"), sent, "some of them twice, none under another id");
    assert!(receiver.requests("/a").len() > 5, "a kept connection was closed");
    for delivery in relay.deliveries("a", None).await {
        assert_eq!((delivery.state, delivery.attempts), (DeliveryState::Delivered, 1));
    }
}

#[tokio::test]
async fn what_will_not_pass_is_given_up() {
    let receiver = Receiver::start().await;
    receiver.answer("/large", [Mode::Says(413, "at most 1 KB".into())]);
    receiver.answer("/unwanted", [Mode::Says(200, r#"{"results":{}}"#.into())]);
    receiver.answer("/broken", [Mode::Status(500)]);
    receiver.answer("/moved", [Mode::With(302, "location: https://elsewhere.example")]);
    let ops = Webhook { events: vec!["delivery.exhausted".into()], ..webhook(&receiver, "/ops") };
    let paths = ["/large", "/unwanted", "/broken", "/moved"];
    let mut webhooks: Vec<Webhook> = paths.iter().map(|path| webhook(&receiver, path)).collect();
    let body = "{{ nothing.at.all".to_owned();
    let template = Some(Template { body, content_type: "application/json".into() });
    webhooks.push(Webhook { template, ..webhook(&receiver, "/template") });
    webhooks.push(ops);
    let mut limits = limits();
    limits.schedule_ms = vec![0, 10, 10, 10, 10, 10];
    let relay = start(Kept::Memory, webhooks, limits).await;
    let id = id();
    receiver.answer("/unwanted", [Mode::Says(200, format!(r#"{{"results":{{"{id}":"drop"}}}}"#))]);
    relay.send(&[event(&id, "cart.added", "")]).await;
    until("all have ended", async || {
        relay.counts().await.pending == 0
            && relay.told().await.iter().filter(|(kind, _)| kind == "delivery.exhausted").count() == 4
    })
    .await;
    for (webhook, attempts, state, reason) in [
        ("large", 1, DeliveryState::Dead, "nothing so large"),
        ("unwanted", 1, DeliveryState::Skipped, "not wanted"),
        ("broken", 6, DeliveryState::Dead, "given up after 6 attempts"),
        ("moved", 6, DeliveryState::Dead, "address that it redirects to"),
        ("template", 5, DeliveryState::Dead, "given up after 5 attempts"),
    ] {
        let delivery = relay.last(webhook).await.delivery;
        assert_eq!((delivery.attempts, delivery.state), (attempts, state), "{webhook}: {delivery:?}");
        assert!(delivery.reason.contains(reason), "{delivery:?}");
    }
    assert_eq!(relay.last("large").await.log[0].response, "at most 1 KB");
    assert!(receiver.requests("/template").is_empty());
    until("that is told", async || receiver.requests("/ops").len() == 4).await;
    let told = relay.told().await;
    assert!(
        told.iter().all(|(kind, data)| kind == "delivery.exhausted" && data["topic"] == "cart.added"),
        "{told:?}"
    );
}

#[tokio::test]
async fn an_endpoint_that_is_gone_is_disabled_and_that_is_told() {
    for kept in [Kept::Memory, Kept::Sqlite] {
        let receiver = Receiver::start().await;
        receiver.answer("/a", [Mode::Status(410)]);
        let ops = Webhook { events: vec!["endpoint.*".into()], ..webhook(&receiver, "/ops") };
        let relay = start(kept, vec![webhook(&receiver, "/a"), ops], limits()).await;
        relay.send_some(30).await;
        relay.settled().await;
        until("it is told", async || !receiver.requests("/ops").is_empty()).await;
        relay.send_some(5).await;
        let counts = relay.settled().await;
        assert_eq!((counts.dead, counts.delivered, counts.skipped), (35, 1, 0));
        assert!(receiver.requests("/a").len() <= 10, "it goes on");
        let told = relay.told().await;
        let [(kind, data)] = &*told else { panic!("{told:?}") };
        assert_eq!(kind, "endpoint.disabled");
        assert_eq!((&data["webhook"], &data["topic"]), (&"a".into(), &"cart.added".into()));
        assert!(data["reason"].as_str().unwrap().contains("410"), "{data}");
        let health = relay.store.webhook_health().await.unwrap();
        assert!(health[0].webhook == "a" && health[0].disabled_at.is_some(), "{health:?}");
    }
}

#[tokio::test]
async fn an_endpoint_that_lets_nobody_in_keeps_its_events_until_it_does() {
    let receiver = Receiver::start().await;
    receiver.answer("/a", [Mode::Status(401)]);
    let ops = Webhook { events: vec!["endpoint.*".into()], ..webhook(&receiver, "/ops") };
    let relay = start(Kept::Sqlite, vec![webhook(&receiver, "/a"), ops], limits()).await;
    let ids = relay.send_some(30).await;
    until("it is told", async || receiver.requests("/ops").len() == 1).await;
    assert_eq!(relay.deliveries("a", Some(DeliveryState::Pending)).await.len(), 30);
    receiver.answer("/a", [Mode::Status(200)]);
    relay.settled().await;
    until("it is told", async || receiver.requests("/ops").len() == 2).await;
    assert_eq!(receiver.ids("/a"), ids.into_iter().collect());
    let told: Vec<String> = relay.told().await.into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(told, ["endpoint.failing", "endpoint.recovered"]);
}

#[tokio::test]
async fn a_receiver_that_answers_too_late_sees_one_id_more_than_once_and_never_two() {
    let receiver = Receiver::start().await;
    let late = || Mode::After(Duration::from_millis(1_500));
    receiver.answer("/a", [late(), late(), Mode::Status(200)]);
    let mut limits = limits();
    limits.timeout_ms = 500;
    let relay = start(Kept::Memory, vec![webhook(&receiver, "/a")], limits).await;
    let ids = relay.send_some(1).await;
    relay.settled().await;
    assert_eq!(receiver.requests("/a").len(), 3);
    assert_eq!(receiver.ids("/a"), ids.into_iter().collect());
    let log = relay.last("a").await.log;
    assert!(log[0].fault.contains("no answer in time"), "{log:?}");
}
