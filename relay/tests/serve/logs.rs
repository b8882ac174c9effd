//! What all relays of this process have logged, at the finest level.

use cuehook_relay::serve::logs::subscriber;
use std::io::{self, Write};
use std::sync::{Mutex, Once};
use tracing_subscriber::filter::LevelFilter;

static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

#[derive(Clone, Copy, Debug)]
struct Sink;

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOG.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub fn capture() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| tracing::subscriber::set_global_default(subscriber(|| Sink, LevelFilter::TRACE)).unwrap());
}

pub fn text() -> String {
    String::from_utf8(LOG.lock().unwrap().clone()).unwrap()
}

/// The line of a request.
pub fn request(id: &str) -> serde_json::Value {
    let lines: Vec<serde_json::Value> = text()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .filter(|line: &serde_json::Value| line["message"] == "request" && line["span"]["id"] == id)
        .collect();
    let [line] = &lines[..] else { panic!("{} lines for {id}", lines.len()) };
    line.clone()
}
