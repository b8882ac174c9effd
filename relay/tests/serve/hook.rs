//! A webhook that remembers what it was sent.

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_TYPE, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

#[derive(Clone, Debug)]
pub struct Received {
    pub path: String,
    pub headers: HeaderMap,
    pub body: String,
}

#[derive(Debug)]
pub struct Hook {
    pub address: SocketAddr,
    seen: Arc<Seen>,
}

#[derive(Debug)]
struct Seen {
    received: Mutex<Vec<Received>>,
    /// Requests to `/hold` wait until there is one of these.
    held: Semaphore,
}

impl Hook {
    pub async fn start() -> Self {
        let seen = Arc::new(Seen { received: Mutex::default(), held: Semaphore::new(0) });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().fallback(receive).with_state(Arc::clone(&seen));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, seen }
    }

    pub fn received(&self) -> Vec<Received> {
        self.seen.received.lock().unwrap().clone()
    }

    /// Waits until so many have come.
    pub async fn until(&self, count: usize) {
        while self.received().len() < count {
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
    }

    pub fn release(&self) {
        self.seen.held.add_permits(1);
    }
}

async fn receive(State(seen): State<Arc<Seen>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = String::from_utf8(to_bytes(body, 10_000_000).await.unwrap().to_vec()).unwrap();
    let received = Received { path: head.uri.path().to_owned(), headers: head.headers, body };
    seen.received.lock().unwrap().push(received.clone());
    match received.path.as_str() {
        // Everything that came goes back, header fields and all.
        "/echo" => {
            let fields = received.headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap()));
            let fields: serde_json::Map<_, _> = fields.map(|(name, value)| (name, value.into())).collect();
            json_response(&json!({ "headers": fields, "body": received.body }).to_string())
        }
        "/hold" => {
            seen.held.acquire().await.unwrap().forget();
            json_response(r#"{"held":true}"#)
        }
        "/teapot" => (StatusCode::IM_A_TEAPOT, [(CONTENT_TYPE, "application/json")], r#"{"no":"coffee"}"#).into_response(),
        "/html" => ([(CONTENT_TYPE, "text/html")], "<script>1</script>").into_response(),
        _ => {
            let mut response = json_response(&json!({"code": "SPRING", "length": received.body.len()}).to_string());
            response.headers_mut().insert(SET_COOKIE, "a=b".parse().unwrap());
            response
        }
    }
}

fn json_response(body: &str) -> Response {
    ([(CONTENT_TYPE, "application/json")], body.to_owned()).into_response()
}
