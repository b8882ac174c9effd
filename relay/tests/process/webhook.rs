//! A webhook that notes whom it was called by, and answers after a while.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Listens until the test ends.
#[derive(Debug)]
pub struct Webhook {
    address: SocketAddr,
    calls: Arc<Mutex<BTreeMap<String, u32>>>,
    /// What it was sent under an id that is not the event's: both.
    mistaken: Arc<Mutex<Vec<(String, String)>>>,
}

impl Webhook {
    /// Answers each call, the nth after `delay(n)`, with its id.
    pub fn start(delay: impl Fn(u64) -> Duration + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let calls = Arc::new(Mutex::new(BTreeMap::new()));
        let mistaken = Arc::new(Mutex::new(Vec::new()));
        let (counted, noted) = (Arc::clone(&calls), Arc::clone(&mistaken));
        let delay = Arc::new(delay);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (calls, mistaken, delay) = (Arc::clone(&counted), Arc::clone(&noted), Arc::clone(&delay));
                std::thread::spawn(move || serve(stream, &calls, &mistaken, &*delay));
            }
        });
        Self { address, calls, mistaken }
    }

    pub fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// Events that it was sent under an id that is not theirs.
    pub fn mistaken(&self) -> Vec<(String, String)> {
        self.mistaken.lock().unwrap().clone()
    }

    /// How often it was called, by id.
    pub fn calls(&self) -> BTreeMap<String, u32> {
        self.calls.lock().unwrap().clone()
    }
}

fn serve(
    stream: TcpStream,
    calls: &Mutex<BTreeMap<String, u32>>,
    mistaken: &Mutex<Vec<(String, String)>>,
    delay: &dyn Fn(u64) -> Duration,
) -> Option<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let (mut id, mut length, mut line) = (String::new(), 0, String::new());
        loop {
            line.clear();
            if stream.read_line(&mut line).ok()? == 0 {
                return None;
            }
            let Some((name, value)) = line.trim_end().split_once(": ") else {
                if line.trim_end().is_empty() { break } else { continue }
            };
            match name {
                "webhook-id" => value.clone_into(&mut id),
                "content-length" => length = value.parse().ok()?,
                _ => {}
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).ok()?;
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
        if let Some(own) = body["id"].as_str().filter(|own| *own != id) {
            mistaken.lock().unwrap().push((id.clone(), own.to_owned()));
        }
        let number = {
            let mut calls = calls.lock().unwrap();
            *calls.entry(id.clone()).or_default() += 1;
            calls.len() as u64
        };
        std::thread::sleep(delay(number));
        let body = format!(r#"{{"answered":"{id}"}}"#);
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        stream.get_mut().write_all(format!("{head}{body}").as_bytes()).ok()?;
    }
}
