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
}

impl Webhook {
    /// Answers each call, the nth after `delay(n)`, with its id.
    pub fn start(delay: impl Fn(u64) -> Duration + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let calls = Arc::new(Mutex::new(BTreeMap::new()));
        let counted = Arc::clone(&calls);
        let delay = Arc::new(delay);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (calls, delay) = (Arc::clone(&counted), Arc::clone(&delay));
                std::thread::spawn(move || serve(stream, &calls, &*delay));
            }
        });
        Self { address, calls }
    }

    pub fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// How often it was called, by id.
    pub fn calls(&self) -> BTreeMap<String, u32> {
        self.calls.lock().unwrap().clone()
    }
}

fn serve(stream: TcpStream, calls: &Mutex<BTreeMap<String, u32>>, delay: &dyn Fn(u64) -> Duration) -> Option<()> {
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
        let number = {
            let mut calls = calls.lock().unwrap();
            *calls.entry(id.clone()).or_default() += 1;
            calls.len() as u64
        };
        std::thread::sleep(delay(number));
        let body = format!(r#"{{"answered":"{id}"}}"#);
        let head = format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len());
        stream.get_mut().write_all(format!("{head}{body}").as_bytes()).ok()?;
    }
}
