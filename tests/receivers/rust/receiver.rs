//! Receives webhooks: axum, base64, hmac, sha2, tempfile and tokio.

use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::{Router, routing::post};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use std::{env, error::Error, fs, io, time::SystemTime};

fn is_genuine(headers: &HeaderMap, body: &[u8]) -> Result<bool, Box<dyn Error>> {
    let field =
        |name| headers.get(name).ok_or("a header field is missing")?.to_str().map_err(Box::<dyn Error>::from);
    let (id, sent, given) = (field("webhook-id")?, field("webhook-timestamp")?, field("webhook-signature")?);
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_secs();
    let key = STANDARD.decode(env::var("WEBHOOK_SECRET")?.trim_start_matches("whsec_"))?;
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(&key)?;
    mac.update(format!("{id}.{sent}.").as_bytes());
    mac.update(body);
    // `verify_slice` takes the same time wherever they differ.
    let holds = |signature| mac.clone().verify_slice(&STANDARD.decode(signature).unwrap_or_default()).is_ok();
    let is_signed = given.split(' ').filter_map(|signature| signature.strip_prefix("v1,")).any(holds);
    Ok(is_signed && now.abs_diff(sent.parse()?) <= 300)
}

fn store(id: &str, body: &[u8]) -> io::Result<()> {
    let mut part = tempfile::NamedTempFile::new_in("inbox")?;
    io::Write::write_all(&mut part, body)?;
    match part.persist_noclobber(format!("inbox/{id}")) {
        Err(fault) if fault.error.kind() != io::ErrorKind::AlreadyExists => Err(fault.error),
        _ => Ok(()), // It is there now, or was already: a duplicate.
    }
}

async fn receive(headers: HeaderMap, body: Bytes) -> StatusCode {
    match (is_genuine(&headers, &body), headers.get("webhook-id").and_then(|id| id.to_str().ok())) {
        (Ok(true), Some(id)) => {
            store(id, &body).map_or(StatusCode::INTERNAL_SERVER_ERROR, |()| StatusCode::NO_CONTENT)
        }
        _ => StatusCode::UNAUTHORIZED,
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    fs::create_dir_all("inbox")?;
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", env::var("PORT")?.parse()?)).await?;
    Ok(axum::serve(listener, Router::new().route("/", post(receive))).await?)
}
