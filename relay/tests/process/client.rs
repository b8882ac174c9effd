//! A connection to a relay, as simple as can be: it sends a request and waits.

use super::PATIENCE;
use serde_json::Value;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};

/// What comes back.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    /// The field `cuehook-outcome`.
    pub outcome: String,
    /// The field `retry-after`.
    pub retry_after: Option<String>,
    pub body: String,
}

impl Reply {
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|fault| panic!("{fault}: {self:?}"))
    }
}

/// A connection. It is made when it is needed, and again when it has broken.
#[derive(Debug)]
pub struct Client {
    address: SocketAddr,
    stream: Option<BufReader<TcpStream>>,
}

impl Client {
    pub fn new(address: SocketAddr) -> Self {
        Self { address, stream: None }
    }

    /// Sends a request and reads the response. An error if the connection breaks meanwhile: nobody knows what has become of it.
    pub fn send(&mut self, method: &str, path: &str, fields: &[(&str, &str)], body: &str) -> io::Result<Reply> {
        let reply = self.exchange(method, path, fields, body);
        if reply.is_err() {
            self.stream = None;
        }
        reply
    }

    fn exchange(&mut self, method: &str, path: &str, fields: &[(&str, &str)], body: &str) -> io::Result<Reply> {
        let mut request = format!("{method} {path} HTTP/1.1\r\nhost: {}\r\ncontent-length: {}\r\n", self.address, body.len());
        for (name, value) in fields {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        request.push_str("\r\n");
        request.push_str(body);
        let stream = match &mut self.stream {
            Some(stream) => stream,
            none => {
                let stream = TcpStream::connect(self.address)?;
                stream.set_nodelay(true)?;
                stream.set_read_timeout(Some(PATIENCE))?;
                none.insert(BufReader::new(stream))
            }
        };
        stream.get_mut().write_all(request.as_bytes())?;
        let (reply, closes) = read(stream)?;
        if closes {
            self.stream = None;
        }
        Ok(reply)
    }
}

fn read(stream: &mut BufReader<TcpStream>) -> io::Result<(Reply, bool)> {
    let broken = || io::Error::from(io::ErrorKind::UnexpectedEof);
    let mut line = String::new();
    stream.read_line(&mut line)?;
    let status = line.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or_else(broken)?;
    let mut reply = Reply { status, outcome: String::new(), retry_after: None, body: String::new() };
    let (mut length, mut closes) = (0, false);
    loop {
        line.clear();
        if stream.read_line(&mut line)? == 0 {
            return Err(broken());
        }
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        let value = value.trim();
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().map_err(|_| broken())?,
            "transfer-encoding" => panic!("this client knows no chunks"),
            "connection" => closes = value.eq_ignore_ascii_case("close"),
            "cuehook-outcome" => value.clone_into(&mut reply.outcome),
            "retry-after" => reply.retry_after = Some(value.to_owned()),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    reply.body = String::from_utf8(body).map_err(|_| broken())?;
    Ok((reply, closes))
}
