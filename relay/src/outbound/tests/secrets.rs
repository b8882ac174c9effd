//! Secrets go to the webhook, and nowhere else.

use super::server::{Server, answer, request};
use super::{PATIENCE, call_with, local, response};
use crate::core::Attempted;
use crate::store::CallFailure;
use std::cell::RefCell;
use std::io;
use std::sync::{Arc, Mutex, Once};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tracing_subscriber::fmt::MakeWriter;

const SECRET: &str = "sk-live-4f\"9\\a2/7";

/// Everything that was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

thread_local! {
    /// The one of the test that runs on this thread.
    static LOG: RefCell<Log> = RefCell::default();
}

/// Writes to the log of its thread.
struct OfThread;

impl MakeWriter<'_> for OfThread {
    type Writer = Log;

    fn make_writer(&self) -> Log {
        LOG.with_borrow(Log::clone)
    }
}

impl Log {
    /// Everything on this thread, down to what libraries say, is written here.
    ///
    /// One subscriber serves all threads: with one for each, what another test logs first may count as unwanted everywhere.
    fn begin() -> Self {
        static SUBSCRIBER: Once = Once::new();
        SUBSCRIBER.call_once(|| {
            let subscriber = tracing_subscriber::fmt()
                .with_max_level(tracing::Level::TRACE)
                .with_ansi(false)
                .with_writer(OfThread)
                .finish();
            tracing::subscriber::set_global_default(subscriber).unwrap();
        });
        let log = Self::default();
        LOG.set(log.clone());
        log
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    fn lines(&self) -> usize {
        self.text().lines().filter(|line| line.contains("WARN")).count()
    }
}

/// Answers with its whole request, as JSON.
async fn echo() -> Server {
    Server::start(|mut stream| async move {
        while let Some(text) = request(&mut stream).await {
            let body = serde_json::json!({ "request": text }).to_string();
            let secret =
                text.lines().find_map(|line| line.strip_prefix("x-key: ")).unwrap_or("none").to_owned();
            let fields = format!(
                "content-type: text/plain; x={secret}\r\nretry-after: {secret}\r\nx-key: {secret}\r\n"
            );
            let _ = stream.write_all(&answer("200 OK", &fields, body.as_bytes())).await;
        }
    })
    .await
}

#[tokio::test]
async fn an_answer_that_echoes_the_secret_is_given_without() {
    let log = Log::begin();
    let server = echo().await;
    let secrets = [("X-Key", SECRET), ("authorization", "Bearer abcdef012345")];
    let read = response(call_with(&local(), &server.url(), PATIENCE, &secrets).await);
    let body: serde_json::Value = serde_json::from_slice(&read.body).unwrap();
    let echoed = body["request"].as_str().unwrap();
    assert!(echoed.contains("x-key: [removed]") && echoed.contains("[removed]\r\n"), "{echoed}");
    for shown in [echoed, &format!("{read:?}"), &log.text()] {
        for secret in ["sk-live", "4f\\\"9", "abcdef012345"] {
            assert!(!shown.contains(secret), "{secret} in {shown}");
        }
    }
    assert_eq!(read.content_type.as_deref(), Some("text/plain; x=[removed]"));
    assert_eq!(read.retry_after.as_deref(), Some("[removed]"));
    assert_eq!(log.lines(), 1, "{}", log.text());
}

#[tokio::test]
async fn what_grows_by_what_stands_in_place_of_secrets_is_still_bounded() {
    let body = "abcd,".repeat(40_000);
    let server = Server::always(answer("200 OK", "", body.as_bytes())).await;
    let outcome = call_with(&local(), &server.url(), PATIENCE, &[("x", "abcd")]).await;
    assert_eq!(outcome, Attempted::Failed(CallFailure::TooLarge));
}

#[tokio::test]
async fn failures_are_logged_in_one_line_without_secrets() {
    let log = Log::begin();
    let silent = Server::start(|mut stream| async move {
        request(&mut stream).await;
        let _ = stream.write_all(format!("HTTP/1.1 200 OK\r\nx: {SECRET}\r\n").as_bytes()).await;
        request(&mut stream).await;
    })
    .await;
    let echoing = Server::always(format!("HTTP/{SECRET} 200 OK\r\n\r\n").into_bytes()).await;
    let hanging = silent.url();
    let address = echoing.address;
    let long = Duration::from_millis(100);
    let mut expected = 0;
    for url in [
        // Addresses of webhooks are secrets of their own, often.
        format!("{hanging}/abcdef012345?key=abcdef012345"),
        format!("http://{address}/abcdef012345"),
        format!("http://user:abcdef012345@{address}/"),
        "http://10.0.0.1/abcdef012345".to_owned(),
        "https://abcdef012345.example/".to_owned(),
        "http://abcdef012345 .example/".to_owned(),
        "ftp://example/abcdef012345".to_owned(),
        "abcdef012345".to_owned(),
        String::new(),
    ] {
        let outcome =
            call_with(&local(), &url, long, &[("X-Key", SECRET), ("authorization", "Bearer abcdef012345")])
                .await;
        assert!(matches!(outcome, Attempted::Failed(_)), "{url}");
        expected += 1;
        assert_eq!(log.lines(), expected, "{}", log.text());
    }
    let text = log.text();
    for secret in ["sk-live", "abcdef012345"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    for said in ["webhook-timeout", "webhook-network", "webhook-forbidden", "10.0.0.1", "network.allow"] {
        assert!(text.contains(said), "{said} not in {text}");
    }
}

#[test]
fn what_is_shown_of_a_request_has_no_secret() {
    let headers = crate::outbound::request_fields("id", 0, &[("x".to_owned(), SECRET.into())]);
    let map = crate::outbound::fields::header_map("host", &headers).unwrap();
    let secrets = [SECRET.into()];
    let outgoing = crate::outbound::Outgoing {
        method: crate::config::Method::Post,
        url: "https://a.example/",
        headers,
        body: "{}".into(),
        timeout: PATIENCE,
        secrets: &secrets,
    };
    assert!(!format!("{outgoing:?} {map:?}").contains("sk-live"));
}
