//! As much of a WebSocket (RFC 6455) as DevTools on this machine need.

use std::io::{BufRead, BufReader, Error, ErrorKind, Read, Result, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

/// A larger message is an error, in bytes.
const MOST: usize = 256 * 1024 * 1024;

const CONTINUATION: u8 = 0;
const TEXT: u8 = 1;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;

/// A connection on which both sides send texts.
#[derive(Debug)]
pub struct Socket(BufReader<TcpStream>);

impl Socket {
    /// Connects to a path of a server on this machine. Reading fails after `patience`.
    pub fn connect(port: u16, path: &str, patience: Duration) -> Result<Self> {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(patience))?;
        let mut stream = BufReader::new(stream);
        // The key proves nothing here: nobody caches between us.
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Key: Y3VlaG9vay1jdWVob29rIQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        );
        stream.get_mut().write_all(request.as_bytes())?;
        let mut first = String::new();
        stream.read_line(&mut first)?;
        if !first.starts_with("HTTP/1.1 101") {
            return Err(Error::other(format!("the browser refuses a WebSocket: {}", first.trim())));
        }
        let mut line = String::new();
        while stream.read_line(&mut line)? > 2 {
            line.clear();
        }
        Ok(Socket(stream))
    }

    /// How long reading waits from now on.
    pub fn set_patience(&self, patience: Duration) -> Result<()> {
        self.0.get_ref().set_read_timeout(Some(patience))
    }

    /// Sends a text.
    pub fn send(&mut self, text: &str) -> Result<()> {
        self.send_frame(TEXT, text.as_bytes())
    }

    /// Waits for a text; none once the other side is gone.
    pub fn receive(&mut self) -> Result<Option<String>> {
        let mut message = Vec::new();
        loop {
            let Some((is_last, kind, payload)) = self.frame()? else { return Ok(None) };
            match kind {
                CONTINUATION | TEXT => {
                    if message.len() + payload.len() > MOST {
                        return Err(Error::other("the browser sent too much at once"));
                    }
                    message.extend(payload);
                    if is_last {
                        return String::from_utf8(message).map(Some).map_err(Error::other);
                    }
                }
                PING => self.send_frame(PONG, &payload)?,
                CLOSE => return Ok(None),
                _ => {}
            }
        }
    }

    /// Whether it is the last of its message, its kind, and what it carries.
    fn frame(&mut self) -> Result<Option<(bool, u8, Vec<u8>)>> {
        let Some([first, second]) = self.bytes::<2>()? else { return Ok(None) };
        let length = match second & 0x7F {
            126 => self.bytes::<2>()?.map(|bytes| u64::from(u16::from_be_bytes(bytes))),
            127 => self.bytes::<8>()?.map(u64::from_be_bytes),
            short => Some(u64::from(short)),
        };
        let Some(length) = length.and_then(|length| usize::try_from(length).ok()) else { return Ok(None) };
        if length > MOST {
            return Err(Error::other("the browser sent too much at once"));
        }
        let mut payload = vec![0; length];
        Ok(is_there(self.0.read_exact(&mut payload))?.map(|()| (first & 0x80 != 0, first & 0x0F, payload)))
    }

    fn bytes<const COUNT: usize>(&mut self) -> Result<Option<[u8; COUNT]>> {
        let mut bytes = [0; COUNT];
        Ok(is_there(self.0.read_exact(&mut bytes))?.map(|()| bytes))
    }

    fn send_frame(&mut self, kind: u8, payload: &[u8]) -> Result<()> {
        let mut frame = vec![0x80 | kind];
        // Clients must mask what they send. A mask of zeros leaves it as it is.
        match payload.len() {
            length @ 0..126 => frame.push(0x80 | u8::try_from(length).unwrap_or_default()),
            length => {
                frame.push(0xFF);
                frame.extend(u64::try_from(length).unwrap_or(u64::MAX).to_be_bytes());
            }
        }
        frame.extend([0; 4]);
        frame.extend(payload);
        self.0.get_mut().write_all(&frame)
    }
}

/// Nothing if the other side is gone: it has been killed, which is no error here.
fn is_there(result: Result<()>) -> Result<Option<()>> {
    match result {
        Ok(()) => Ok(Some(())),
        Err(error) if is_end(error.kind()) => Ok(None),
        Err(error) => Err(error),
    }
}

fn is_end(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::UnexpectedEof
            | ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::BrokenPipe
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    /// Answers like a browser with these bytes, and gives what it was sent afterwards.
    fn server(answer: Vec<u8>) -> (u16, std::thread::JoinHandle<Vec<u8>>) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let thread = std::thread::spawn(move || {
            let (stream, _) = listener.accept().unwrap();
            let mut stream = BufReader::new(stream);
            let mut line = String::new();
            while stream.read_line(&mut line).unwrap() > 2 {
                line.clear();
            }
            stream.get_mut().write_all(&answer).unwrap();
            stream.get_mut().shutdown(std::net::Shutdown::Write).unwrap();
            let mut sent = Vec::new();
            stream.read_to_end(&mut sent).unwrap();
            sent
        });
        (port, thread)
    }

    #[test]
    fn texts_are_put_together_and_pings_are_answered() {
        let mut answer = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n".to_vec();
        answer.extend([0x01, 2, b'a', b'b', 0x89, 1, b'!', 0x80, 1, b'c']);
        answer.extend([0x81, 126, 1, 0]);
        answer.extend([b'x'; 256]);
        answer.extend([0x81, 9, b'c']);
        let (port, thread) = server(answer);
        let mut socket = Socket::connect(port, "/", Duration::from_secs(5)).unwrap();
        assert_eq!(socket.receive().unwrap().unwrap(), "abc");
        assert_eq!(socket.receive().unwrap().unwrap(), "x".repeat(256));
        assert_eq!(socket.receive().unwrap(), None, "it was cut off");
        socket.send("hello").unwrap();
        drop(socket);
        assert_eq!(thread.join().unwrap(), b"\x8A\x81\0\0\0\0!\x81\x85\0\0\0\0hello");
    }

    #[test]
    fn who_is_no_browser_is_an_error() {
        let (port, thread) = server(b"HTTP/1.1 404 Not Found\r\n\r\n".to_vec());
        assert!(Socket::connect(port, "/", Duration::from_secs(5)).is_err());
        thread.join().unwrap();
    }
}
