//! The little HTTP that tests need besides WebDriver's own commands.

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// Gets JSON.
pub async fn get(origin: &str, path: &str) -> Value {
    exchange(origin, "GET", path, "", "").await
}

/// Gets JSON as whoever has this key.
pub async fn get_as(origin: &str, path: &str, key: &str) -> Value {
    exchange(origin, "GET", path, "", &format!("authorization: Bearer {key}\r\n")).await
}

/// Posts JSON and gets JSON.
pub async fn post(origin: &str, path: &str, body: &Value) -> Value {
    exchange(origin, "POST", path, &body.to_string(), "").await
}

/// Puts JSON and gets JSON.
pub async fn put(origin: &str, path: &str, body: &Value) -> Value {
    exchange(origin, "PUT", path, &body.to_string(), "").await
}

async fn exchange(origin: &str, method: &str, path: &str, body: &str, fields: &str) -> Value {
    let host = origin.trim_start_matches("http://").trim_end_matches('/');
    let mut stream = BufReader::new(TcpStream::connect(host).await.unwrap());
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {length}\r\n{fields}\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut length = 0;
    let mut line = String::new();
    while stream.read_line(&mut line).await.unwrap() > 0 && !line.trim().is_empty() {
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap();
        }
        line.clear();
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.unwrap();
    serde_json::from_slice(&body).unwrap()
}
