//! Endpoints that fail do not get in the way of others.

use crate::receiver::{Mode, Receiver};
use crate::relay::{Kept, limits, start, until, webhook};
use cuehook_relay::config::Webhook;

#[tokio::test]
async fn responses_are_bounded_in_bytes_and_time() {
    let receiver = Receiver::start().await;
    receiver.answer("/huge", [Mode::Huge]);
    receiver.answer("/drips", [Mode::Drips]);
    receiver.answer("/resets", [Mode::Resets, Mode::Resets, Mode::Status(200)]);
    let webhooks = ["/huge", "/drips", "/resets"].map(|path| webhook(&receiver, path)).to_vec();
    let relay = start(Kept::Sqlite, webhooks, limits()).await;
    relay.send_some(3).await;
    let counts = relay.settled().await;
    // Their status has said that they have it.
    assert_eq!((counts.delivered, counts.dead), (9, 0));
    assert_eq!((receiver.requests("/huge").len(), receiver.requests("/drips").len()), (3, 3));
    assert_eq!(relay.last("huge").await.log[0].response.len(), 1_024);
}

#[tokio::test]
async fn hanging_endpoints_hold_little_and_do_not_keep_others_from_their_events() {
    const HANGING: usize = 256;
    let receiver = Receiver::start().await;
    let mut webhooks: Vec<Webhook> = Vec::new();
    for number in 0..HANGING {
        let path = format!("/hangs-{number}");
        receiver.answer(&path, [Mode::Hangs]);
        webhooks.push(webhook(&receiver, &path));
    }
    webhooks.push(webhook(&receiver, "/healthy"));
    let relay = start(Kept::Memory, webhooks, limits()).await;
    let mut ids = relay.send_some(20).await;
    until("all hang", async || {
        (0..HANGING).all(|number| receiver.most_open(&format!("/hangs-{number}")) > 0)
    })
    .await;
    ids.extend(relay.send_some(200).await);
    // They hang for half a minute; meanwhile the healthy one has everything.
    until("it has everything", async || receiver.ids("/healthy").len() == ids.len()).await;
    assert_eq!(receiver.requests("/healthy").len(), ids.len());
    for number in 0..HANGING {
        let path = format!("/hangs-{number}");
        assert!(receiver.most_open(&path) <= 2, "{path}: {}", receiver.most_open(&path));
    }
}

#[tokio::test]
async fn an_endpoint_that_is_down_is_left_alone_and_comes_back() {
    let receiver = Receiver::start().await;
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = closed.local_addr().unwrap();
    drop(closed);
    let down = Webhook { url: format!("http://{address}/x"), ..webhook(&receiver, "/down") };
    let relay = start(Kept::Memory, vec![down, webhook(&receiver, "/healthy")], limits()).await;
    let ids = relay.send_some(100).await;
    until("the healthy one has everything", async || receiver.ids("/healthy").len() == ids.len()).await;
    until("it was tried", async || relay.deliveries("down", None).await.iter().any(|it| it.attempts > 0))
        .await;
    assert_eq!(receiver.requests("/healthy").len(), ids.len());
    let attempts: u32 = relay.deliveries("down", None).await.iter().map(|it| it.attempts).sum();
    assert!(attempts <= 30, "it goes on: {attempts}");
}
