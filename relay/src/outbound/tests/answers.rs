//! Servers that are slow, huge, hang, reset, drip, redirect, compress, flood; and those that answer.

use super::server::{Server, answer, ok, request};
use super::{PATIENCE, call, call_with, call_within, local, response};
use crate::config::Method;
use crate::core::Attempted;
use crate::outbound::Outgoing;
use crate::store::CallFailure;
use cuehook_protocol::{RESPONSE_LIMIT, Response};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::sync::mpsc;

const NETWORK: Attempted = Attempted::Failed(CallFailure::Network);
const TIMEOUT: Attempted = Attempted::Failed(CallFailure::Timeout);
const TOO_LARGE: Attempted = Attempted::Failed(CallFailure::TooLarge);
const BAD: Attempted = Attempted::Failed(CallFailure::BadJson);
/// For servers that never come to an end.
const SHORT: Duration = Duration::from_millis(200);

/// What comes of a server that gives this answer to everything.
async fn outcome_of(bytes: impl Into<Vec<u8>>) -> Attempted {
    let server = Server::always(bytes.into()).await;
    call(&local(), &server.url()).await
}

#[tokio::test]
async fn an_answer_is_read_as_it_is() {
    let fields = "content-type: application/json; charset=utf-8\r\nretry-after: 7\r\nset-cookie: a=b\r\n";
    let expected = Response {
        status: 503,
        content_type: Some("application/json; charset=utf-8".to_owned()),
        retry_after: Some("7".to_owned()),
        body: br#"{"a":1}"#.to_vec(),
        ..Response::default()
    };
    assert_eq!(response(outcome_of(answer("503 Busy", fields, br#"{"a":1}"#)).await), expected);
    let nothing = response(outcome_of("HTTP/1.1 204 No Content\r\n\r\n").await);
    assert_eq!(nothing, Response { status: 204, ..Response::default() });
    let old = response(outcome_of("HTTP/1.0 200 OK\r\n\r\nuntil it is closed").await);
    assert_eq!(old.body, b"until it is closed");
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\ntrailer: x\r\n\r\n";
    assert_eq!(response(outcome_of(chunked).await).body, b"abcde");
    let early = [b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n".as_slice(), &ok("{}")].concat();
    assert_eq!(response(outcome_of(early).await).body, b"{}");
}

#[tokio::test]
async fn a_request_is_what_browsers_send_and_the_secret() {
    let (requests, mut received) = mpsc::unbounded_channel();
    let server = Server::start(move |mut stream| {
        let requests = requests.clone();
        async move {
            let _ = requests.send(request(&mut stream).await.unwrap());
            let _ = stream.write_all(&ok("{}")).await;
        }
    })
    .await;
    let url = format!("http://{}//a/../b%20c?x=1&y='|^#fragment", server.address);
    let secret = [("X-Shop-Key", "ünlöck"), ("webhook-id", "forged")];
    response(call_with(&local(), &url, PATIENCE, &secret).await);
    let text = received.recv().await.unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let mut lines: Vec<&str> = head.lines().collect();
    assert_eq!(lines.remove(0), "POST //b%20c?x=1&y=%27|^ HTTP/1.1");
    lines.sort_unstable();
    let version = env!("CARGO_PKG_VERSION");
    let expected = [
        "accept-encoding: identity".to_owned(),
        "accept: application/json, text/plain;q=0.9, */*;q=0.1".to_owned(),
        format!("content-length: {}", body.len()),
        "content-type: application/json".to_owned(),
        format!("host: {}", server.address),
        "idempotency-key: 0192-id".to_owned(),
        format!("user-agent: Cuehook-Relay/{version}"),
        "webhook-id: 0192-id".to_owned(),
        "webhook-timestamp: 1732147620".to_owned(),
    ];
    // The value of the secret is Latin-1, which is no UTF-8.
    assert_eq!(lines.iter().filter(|line| line.starts_with("x-shop-key: ")).count(), 1);
    lines.retain(|line| !line.starts_with("x-shop-key: "));
    assert_eq!(lines, expected);
    assert_eq!(body, r#"{"type":"webhook.executed"}"#);
}

#[tokio::test]
async fn fields_that_frame_a_message_are_not_the_webhooks() {
    let server = Server::always(ok("{}")).await;
    for (name, value) in [
        ("Content-Length", "1"),
        ("transfer-encoding", "chunked"),
        ("HOST", "other.example"),
        ("Connection", "close"),
        ("accept-encoding", "gzip"),
        ("x y", "blank"),
        ("x", "a\r\nb: c"),
        ("x", "€"),
        ("", "x"),
    ] {
        assert_eq!(call_with(&local(), &server.url(), PATIENCE, &[(name, value)]).await, NETWORK, "{name:?}");
    }
    response(
        call_with(&local(), &server.url(), PATIENCE, &[("user-agent", "Other/1"), ("accept", "*/*")]).await,
    );
}

#[tokio::test]
async fn a_body_ends_at_the_limit_however_it_is_announced() {
    let exact = vec![b'a'; RESPONSE_LIMIT];
    assert_eq!(response(outcome_of(answer("200 OK", "", &exact)).await).body.len(), RESPONSE_LIMIT);
    let more = vec![b'a'; RESPONSE_LIMIT + 1];
    assert_eq!(outcome_of(answer("200 OK", "", &more)).await, TOO_LARGE);
    assert_eq!(outcome_of([b"HTTP/1.1 200 OK\r\n\r\n".as_slice(), &more].concat()).await, TOO_LARGE);
    let chunked = |size: usize| {
        let mut bytes = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
        for _ in 0..size / 16 {
            bytes.extend_from_slice(b"10\r\naaaaaaaaaaaaaaaa\r\n");
        }
        bytes.extend_from_slice(if size.is_multiple_of(16) { b"0\r\n\r\n" } else { b"1\r\na\r\n0\r\n\r\n" });
        bytes
    };
    assert_eq!(response(outcome_of(chunked(RESPONSE_LIMIT)).await).body.len(), RESPONSE_LIMIT);
    assert_eq!(outcome_of(chunked(RESPONSE_LIMIT + 1)).await, TOO_LARGE);
    // What is announced is believed when it is too much, not when it is little.
    assert_eq!(outcome_of("HTTP/1.1 200 OK\r\ncontent-length: 999999999999\r\n\r\n{}").await, TOO_LARGE);
}

/// Whoever sends for ever is stopped at the limit, not at the end of the time.
#[tokio::test]
async fn endless_bodies_and_heads_are_cut_off() {
    for (start, more) in [
        ("HTTP/1.1 200 OK\r\n\r\n", "a".repeat(4096)),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
            format!("1000\r\n{}\r\n", "a".repeat(4096)),
        ),
        ("HTTP/1.1 200 OK\r\n", format!("x: {}\r\n", "a".repeat(1000))),
        ("HTTP/1.1 200 OK\r\nx: ", "a".repeat(4096)),
        ("HTTP/1.1 200 ", "a".repeat(4096)),
    ] {
        let server = Server::start(move |mut stream| {
            let more = more.clone();
            async move {
                request(&mut stream).await;
                let _ = stream.write_all(start.as_bytes()).await;
                while stream.write_all(more.as_bytes()).await.is_ok() {}
            }
        })
        .await;
        assert_eq!(call(&local(), &server.url()).await, TOO_LARGE, "{start:?}");
        closed(&server).await;
    }
}

#[tokio::test]
async fn floods_of_header_fields_are_refused() {
    let fields = |count: usize| "x: y\r\n".repeat(count);
    assert_eq!(response(outcome_of(answer("200 OK", &fields(90), b"{}")).await).status, 200);
    assert_eq!(outcome_of(answer("200 OK", &fields(200), b"{}")).await, TOO_LARGE);
    assert_eq!(
        outcome_of(answer("200 OK", &format!("x: {}\r\n", "y".repeat(20_000)), b"{}")).await,
        TOO_LARGE
    );
    let trailers = format!(
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{{}}\r\n0\r\nx: {}\r\n\r\n",
        "y".repeat(100_000)
    );
    assert!(matches!(outcome_of(trailers).await, Attempted::Failed(_)));
    let extension = format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2;{}", "y".repeat(100_000));
    assert!(matches!(outcome_of(extension).await, Attempted::Failed(_)));
    // Long values of fields that are passed on are left out.
    let long = format!("content-type: {}\r\n", "a".repeat(300));
    assert_eq!(response(outcome_of(answer("200 OK", &long, b"{}")).await).content_type, None);
}

#[tokio::test]
async fn whoever_hangs_or_drips_is_given_up() {
    for start in ["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"] {
        let server = Server::start(move |mut stream| async move {
            request(&mut stream).await;
            let _ = stream.write_all(start.as_bytes()).await;
            // Until the other side closes.
            request(&mut stream).await;
        })
        .await;
        let caller = local();
        assert_eq!(call_within(&caller, &server.url(), SHORT).await, TIMEOUT, "{start:?}");
        closed(&server).await;
        assert_eq!(caller.kept(), 0);
    }
    for start in [
        "HTTP/1.1 200 OK\r\nx: ",
        "HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\n",
    ] {
        let server = Server::start(move |mut stream| async move {
            request(&mut stream).await;
            let _ = stream.write_all(start.as_bytes()).await;
            // Always a byte sooner than any idle time would end.
            while stream.write_all(b"a").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        })
        .await;
        assert_eq!(call_within(&local(), &server.url(), SHORT).await, TIMEOUT, "{start:?}");
        closed(&server).await;
    }
    // Responses that are not the last one, for ever.
    let server = Server::start(|mut stream| async move {
        request(&mut stream).await;
        while stream.write_all(b"HTTP/1.1 103 Early Hints\r\n\r\n").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    assert_eq!(call_within(&local(), &server.url(), SHORT).await, TIMEOUT);
}

/// A server that is not waited for any more keeps nothing of ours.
async fn closed(server: &Server) {
    tokio::time::timeout(PATIENCE, async {
        while server.open() > 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await
    .expect("its connection stays open");
}

#[tokio::test]
async fn a_body_that_is_large_and_never_read_does_not_block() {
    // Neither reads the request nor answers.
    let server = Server::start(|stream| async move {
        tokio::time::sleep(PATIENCE).await;
        drop(stream);
    })
    .await;
    let body: Arc<str> = "a".repeat(32 * 1024 * 1024).into();
    let outgoing = Outgoing {
        method: Method::Post,
        url: &server.url(),
        headers: vec![],
        body,
        timeout: SHORT,
        secrets: &[],
    };
    assert_eq!(local().call(outgoing).await, TIMEOUT);
}

#[tokio::test]
async fn connections_that_break_are_no_answer() {
    for bytes in [
        "",
        "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nx\r\n",
        "HTTP/1.1 200",
        "SSH-2.0-OpenSSH_9.2\r\n",
        "HTTP/2 200\r\n\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{} ",
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
        "HTTP/1.1 600 What\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 999 What\r\ncontent-length: 0\r\n\r\n",
    ] {
        assert_eq!(outcome_of(bytes).await, NETWORK, "{bytes:?}");
    }
    let resetting = Server::start(|mut stream| async move {
        request(&mut stream).await;
        // Closing with this set, and something unread, resets.
        let _ = stream.set_zero_linger();
    })
    .await;
    assert_eq!(call(&local(), &resetting.url()).await, NETWORK);
    let nobody = Server::always(vec![]).await;
    let url = nobody.url();
    drop(nobody);
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert_eq!(call(&local(), &url).await, NETWORK);
}

#[tokio::test]
async fn redirects_are_followed_nowhere() {
    let elsewhere = Server::always(ok(r#"{"reached":true}"#)).await;
    for status in ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"] {
        let location = format!("location: {}\r\n", elsewhere.url());
        assert_eq!(outcome_of(answer(status, &location, b"{}")).await, NETWORK, "{status}");
    }
    for status in ["300 Multiple Choices", "304 Not Modified"] {
        let location = format!("location: {}\r\n", elsewhere.url());
        assert_eq!(response(outcome_of(answer(status, &location, b"")).await).body, b"", "{status}");
    }
    assert_eq!(elsewhere.open(), 0);
}

#[tokio::test]
async fn what_is_compressed_is_not_unpacked() {
    // 1 KiB that would become a megabyte is 1 KiB that nobody looks at.
    let bomb = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0].repeat(128);
    for coding in ["gzip", "br", "deflate", "zstd", "GZIP", "identity, gzip", "x", "\u{ff}"] {
        let field = format!("content-encoding: {coding}\r\n");
        assert_eq!(outcome_of(answer("200 OK", &field, &bomb)).await, BAD, "{coding}");
        let failed =
            response(outcome_of(answer("503 Busy", &format!("{field}retry-after: 3\r\n"), &bomb)).await);
        assert_eq!((failed.status, failed.retry_after.as_deref(), failed.body.len()), (503, Some("3"), 0));
    }
    for coding in ["", "identity", "Identity", " identity , identity"] {
        let field = format!("content-encoding: {coding}\r\n");
        assert_eq!(response(outcome_of(answer("200 OK", &field, b"{}")).await).body, b"{}", "{coding}");
    }
    // The rest of a body that was left out is nobody's answer.
    let server = Server::keeping(answer("500 Broken", "content-encoding: gzip\r\n", &bomb)).await;
    let caller = local();
    for _ in 0..3 {
        assert_eq!(response(call(&caller, &server.url()).await).status, 500);
        assert_eq!(caller.kept(), 0);
    }
}

#[tokio::test]
async fn an_answer_that_nobody_asked_for_is_nobodys() {
    // A second answer right behind the first one must not be taken for that of the next request.
    let server = Server::keeping([ok(r#"{"mine":1}"#), ok(r#"{"forged":1}"#)].concat()).await;
    let caller = local();
    for _ in 0..5 {
        assert_eq!(response(call(&caller, &server.url()).await).body, br#"{"mine":1}"#);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn many_at_once_get_their_own_answers() {
    let server = Server::start(|mut stream| async move {
        while let Some(text) = request(&mut stream).await {
            let path = text.split(' ').nth(1).unwrap().to_owned();
            let _ = stream.write_all(&ok(&format!("{{\"path\":\"{path}\"}}"))).await;
        }
    })
    .await;
    let caller = local();
    let tasks: Vec<_> = (0..200)
        .map(|number| {
            let (caller, url) = (caller.clone(), format!("http://{}/{number}", server.address));
            tokio::spawn(async move {
                for _ in 0..3 {
                    let body = response(call(&caller, &url).await).body;
                    assert_eq!(body, format!("{{\"path\":\"/{number}\"}}").as_bytes());
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    // What is kept is bounded.
    assert!((1..=256).contains(&caller.kept()), "{}", caller.kept());
}
