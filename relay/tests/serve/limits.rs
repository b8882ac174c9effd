//! Bodies that are too large, and senders that are too slow.

use crate::relay::{SHOP, assert_refused, id, start};
use crate::wire::{HANGS, Reply, rest};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::timeout;

fn head(relay: &crate::relay::Relay, framing: &str) -> String {
    format!(
        "POST /v1/call/discount HTTP/1.1\r\nhost: relay\r\norigin: {SHOP}\r\nauthorization: Bearer {}\r\n\
         content-type: application/json\r\nwebhook-id: {}\r\n{framing}\r\n\r\n",
        relay.token("spring", SHOP),
        id()
    )
}

#[tokio::test]
async fn a_body_that_says_it_is_too_large_is_not_read() {
    let relay = start(|_| ()).await;
    let mut stream = TcpStream::connect(relay.address()).await.unwrap();
    stream.write_all(head(&relay, "content-length: 10000000").as_bytes()).await.unwrap();
    // Not a byte of the body was sent.
    let reply = Reply::parse(&rest(&mut stream).await);
    assert_refused(&reply, 413, "too-large");
    assert_eq!(reply.header("connection"), Some("close"));
}

#[tokio::test]
async fn a_body_that_does_not_say_is_read_to_the_limit() {
    let relay = start(|_| ()).await;
    let mut stream = TcpStream::connect(relay.address()).await.unwrap();
    stream.write_all(head(&relay, "transfer-encoding: chunked").as_bytes()).await.unwrap();
    let (mut reading, mut writing) = stream.into_split();
    let sent = tokio::spawn(async move {
        // Ten megabytes, slowly.
        for sent in 0..1_000 {
            let chunk = format!("2710\r\n{}\r\n", " ".repeat(10_000));
            if writing.write_all(chunk.as_bytes()).await.is_err() {
                return sent;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        1_000
    });
    let mut text = String::new();
    timeout(HANGS, tokio::io::AsyncReadExt::read_to_string(&mut reading, &mut text)).await.unwrap().unwrap();
    assert_refused(&Reply::parse(&text), 413, "too-large");
    drop(reading);
    let sent = timeout(HANGS, sent).await.unwrap().unwrap();
    assert!(sent < 1_000, "the rest was still taken");
}

#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let relay = start(|_| ()).await;
    let mut stream = TcpStream::connect(relay.address()).await.unwrap();
    stream.write_all(format!("{}{{\"a\":", head(&relay, "content-length: 1000")).as_bytes()).await.unwrap();
    let reply = Reply::parse(&rest(&mut stream).await);
    assert_refused(&reply, 408, "bad-request");
}

#[tokio::test]
async fn a_body_that_drips_is_not_waited_for() {
    let relay = start(|_| ()).await;
    let mut stream = TcpStream::connect(relay.address()).await.unwrap();
    stream.write_all(head(&relay, "content-length: 100000").as_bytes()).await.unwrap();
    let (mut reading, mut writing) = stream.into_split();
    let drips = tokio::spawn(async move {
        while writing.write_all(b" ").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    let mut text = String::new();
    timeout(HANGS, tokio::io::AsyncReadExt::read_to_string(&mut reading, &mut text)).await.unwrap().unwrap();
    assert_refused(&Reply::parse(&text), 408, "bad-request");
    drips.abort();
}

#[tokio::test]
async fn heads_that_drip_make_room_for_others() {
    let relay = start(|settings| settings.limits.connections = 8).await;
    let mut dripping = Vec::new();
    for _ in 0..40 {
        let mut stream = TcpStream::connect(relay.address()).await.unwrap();
        stream.write_all(b"GET /health HTTP/1.1\r\nx-a: ").await.unwrap();
        dripping.push(stream);
    }
    // Twice as many calls at once as there are connections for those who do nothing.
    for _ in 0..20 {
        let reply = relay.send(&relay.call("discount", &id())).await;
        assert_eq!(reply.outcome(), "answer", "{}", reply.text);
    }
    for mut stream in dripping {
        let mut bytes = Vec::new();
        let read = tokio::io::AsyncReadExt::read_to_end(&mut stream, &mut bytes);
        let _ = timeout(HANGS, read).await.expect("whoever drips is cut off");
        assert!(!String::from_utf8_lossy(&bytes).contains("200 OK"));
    }
}

#[tokio::test]
async fn requests_that_are_worked_on_are_not_cut_for_others() {
    let relay = start(|settings| settings.limits.connections = 2).await;
    let address = relay.address();
    let held: Vec<_> = (0..2)
        .map(|_| {
            let ask = relay.call("hold", &id());
            tokio::spawn(async move { ask.send(address).await })
        })
        .collect();
    timeout(HANGS, relay.hook.until(2)).await.unwrap();
    let mut other = TcpStream::connect(address).await.unwrap();
    let mut bytes = Vec::new();
    let _ = timeout(HANGS, tokio::io::AsyncReadExt::read_to_end(&mut other, &mut bytes)).await.unwrap();
    assert!(bytes.is_empty(), "there is no room, and it is closed at once");
    for _ in 0..2 {
        relay.hook.release();
    }
    for held in held {
        assert_eq!(held.await.unwrap().outcome(), "answer");
    }
    let metrics = relay.metrics().await;
    assert!(metrics.contains("cuehook_relay_connections_refused_total 1"), "{metrics}");
}
