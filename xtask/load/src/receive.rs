//! The webhook that is called.

use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Result;
use tokio::net::{TcpListener, TcpStream};

use crate::wire::Wire;

/// What a webhook answers: a page shows fields of it.
const ANSWER: &str = r#"{"status":"ok","discount":{"code":"SPRING-20","percent":20,"validUntil":"2026-12-01"},"greeting":"Welcome back","items":[{"sku":"A-1042","name":"Lamp","price":39.9},{"sku":"B-2001","name":"Shade","price":12.5}],"message":"Your code is on its way, and holds until the first of December."}"#;

/// Answers each `POST` after a while, and each `GET` with how many `POST /hook` there were, for as long as the program runs.
///
/// # Errors
/// If nothing can be accepted any more.
pub async fn receive(listener: TcpListener, delay: Duration) -> Result<()> {
    let count = Rc::new(AtomicU64::new(0));
    loop {
        let (stream, _) = listener.accept().await?;
        let count = Rc::clone(&count);
        tokio::task::spawn_local(async move {
            // Whoever has sent something else than a request is not answered.
            let _ = serve(stream, delay, &count).await;
        });
    }
}

async fn serve(stream: TcpStream, delay: Duration, count: &AtomicU64) -> Result<()> {
    let mut wire = Wire::of(stream)?;
    loop {
        let Some(request) = wire.read().await? else { return Ok(()) };
        let body = if request.head.starts_with("POST ") {
            if request.head.starts_with("POST /hook ") {
                count.fetch_add(1, Ordering::Relaxed);
            }
            if !delay.is_zero() {
                tokio::time::sleep(delay).await;
            }
            ANSWER.to_owned()
        } else {
            count.load(Ordering::Relaxed).to_string()
        };
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length:";
        wire.write(format!("{head} {}\r\n\r\n{body}", body.len()).as_bytes()).await?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Order, Plan, Report, Task, send};

    /// The webhook in the relay's place, too: it says of no call that it was answered through a relay.
    #[tokio::test]
    async fn what_is_not_answered_as_a_relay_does_is_refused() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let calls = crate::Calls {
            direct: crate::Direct::InTurn,
            relay: address,
            receiver: address,
            webhook: "hook".to_owned(),
            token: "t".to_owned(),
            origin: "https://shop.example".to_owned(),
            bytes: 300,
        };
        let plan = Plan {
            connections: 3,
            warm_ms: 20,
            measured_ms: 200,
            pause_ms: 0,
            seed: 1,
            order: Order::Time,
            task: Task::Calls(calls),
        };
        let all = tokio::task::LocalSet::new();
        let report = all
            .run_until(async {
                tokio::task::spawn_local(receive(listener, Duration::ZERO));
                send(plan, || (), || ()).await.unwrap()
            })
            .await;
        let Report { measured, acknowledged, refused, relayed, direct, .. } = report;
        assert_eq!((measured, acknowledged, relayed.count), (0, 0, 0));
        assert!(direct.count > 0 && refused["200 "] > 0, "{refused:?}");
    }
}
