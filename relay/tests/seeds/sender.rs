//! Sends as the relay does: body, content type and fields of the format or template, header fields of the webhook, signature.

use crate::files::FACTS;
use cuehook_relay::config::{CompatibleSignature, SignatureEncoding, Webhook};
use cuehook_relay::delivery::format::{Rendered, default_signature, render, render_call};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// What a receiver answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub body: String,
}

/// A webhook whose receiver runs at an address, and the text secret of its signature.
#[derive(Clone, Debug)]
pub struct Sender {
    pub webhook: Webhook,
    pub secret: Option<&'static str>,
    pub address: SocketAddr,
    pub path: &'static str,
}

impl Sender {
    /// Sends an event. None if the format has nothing to say of it.
    pub fn event(&self, event: &str) -> Option<Answer> {
        let rendered = render(&self.webhook, event, &FACTS).unwrap()?;
        Some(self.send(rendered))
    }

    /// Sends a call, whose webhook has a template.
    pub fn call(&self, body: &str) -> Answer {
        self.send(render_call(&self.webhook, body).unwrap().unwrap())
    }

    fn send(&self, rendered: Rendered) -> Answer {
        let mut fields = vec![("content-type".to_owned(), rendered.content_type.clone())];
        fields.extend(rendered.headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        for header in &self.webhook.headers {
            fields.push((header.name.clone(), header.value.clone().unwrap()));
        }
        let settings =
            self.webhook.signing.compatible.clone().or_else(|| default_signature(self.webhook.format));
        if let (Some(settings), Some(secret)) = (settings, self.secret) {
            fields.push(signature(&settings, secret, rendered.body.as_bytes()));
        }
        post(self.address, self.path, &fields, &rendered.body)
    }
}

fn signature(settings: &CompatibleSignature, secret: &str, body: &[u8]) -> (String, String) {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body);
    let mac = mac.finalize().into_bytes();
    let text = match settings.encoding {
        SignatureEncoding::Hex => mac.iter().map(|byte| format!("{byte:02x}")).collect(),
        SignatureEncoding::Base64 => base64::Engine::encode(&base64::engine::general_purpose::STANDARD, mac),
    };
    (settings.header.clone(), text)
}

/// One request, and all of the response.
pub fn post(address: SocketAddr, path: &str, fields: &[(String, String)], body: &str) -> Answer {
    let mut request = format!(
        "POST {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {}\r\n",
        body.len()
    );
    for (name, value) in fields {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    stream.write_all((request + "\r\n" + body).as_bytes()).unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    let (head, rest) = response.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap();
    let body = if head.to_ascii_lowercase().contains("transfer-encoding: chunked") {
        // A length and a piece in turn.
        rest.split("\r\n").skip(1).step_by(2).collect()
    } else {
        rest.to_owned()
    };
    Answer { status, body }
}
