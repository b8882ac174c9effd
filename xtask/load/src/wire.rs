//! HTTP as both ends speak it: one message after the other over a connection, each with its length.

use std::net::SocketAddr;

use anyhow::{Context, Result, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Bytes of a head at most.
const MOST_HEAD: usize = 64 * 1024;
/// Bytes of a body at most.
const MOST_BODY: usize = 16 * 1024 * 1024;

/// A connection, and what was read of it and not looked at yet.
#[derive(Debug)]
pub(crate) struct Wire {
    stream: TcpStream,
    buffer: Vec<u8>,
    /// Bytes of the buffer that belong to the message before.
    taken: usize,
}

/// A message: its first line and fields, and its body.
#[derive(Debug)]
pub(crate) struct Message<'a> {
    pub(crate) head: &'a str,
    pub(crate) body: &'a [u8],
}

impl Wire {
    pub(crate) async fn connect(address: SocketAddr) -> Result<Self> {
        Self::of(TcpStream::connect(address).await.with_context(|| format!("cannot connect to {address}"))?)
    }

    pub(crate) fn of(stream: TcpStream) -> Result<Self> {
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::new(), taken: 0 })
    }

    pub(crate) async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        Ok(self.stream.write_all(bytes).await?)
    }

    /// The next message; none if the other side has closed the connection between two.
    pub(crate) async fn read(&mut self) -> Result<Option<Message<'_>>> {
        self.buffer.drain(..self.taken);
        self.taken = 0;
        let (head, length) = loop {
            if let Some(end) = end_of_head(&self.buffer) {
                let head = std::str::from_utf8(self.buffer.get(..end).unwrap_or_default())?;
                break (end, length_of(head)?);
            }
            if self.buffer.len() > MOST_HEAD {
                bail!("a head has no end");
            }
            if self.more().await? == 0 {
                if self.buffer.is_empty() {
                    return Ok(None);
                }
                bail!("a connection has ended within a head");
            }
        };
        let body = head + 4;
        while self.buffer.len() < body + length {
            if self.more().await? == 0 {
                bail!("a connection has ended within a body");
            }
        }
        self.taken = body + length;
        let head = std::str::from_utf8(self.buffer.get(..head).unwrap_or_default())?;
        Ok(Some(Message { head, body: self.buffer.get(body..self.taken).unwrap_or_default() }))
    }

    /// Sends a request, and reads its response.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> Result<Message<'_>> {
        self.write(request).await?;
        self.read().await?.context("a connection was closed instead of an answer")
    }

    async fn more(&mut self) -> Result<usize> {
        Ok(self.stream.read_buf(&mut self.buffer).await?)
    }
}

impl Message<'_> {
    /// The status of a response; 0 if it has none.
    pub(crate) fn status(&self) -> u16 {
        self.head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default()
    }

    /// The value of a field; empty if it is not there.
    pub(crate) fn field(&self, name: &str) -> &str {
        field(self.head, name).unwrap_or_default()
    }
}

fn end_of_head(bytes: &[u8]) -> Option<usize> {
    bytes.windows(4).position(|four| four == b"\r\n\r\n")
}

fn field<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.split("\r\n").skip(1).find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

fn length_of(head: &str) -> Result<usize> {
    if field(head, "transfer-encoding").is_some() {
        bail!("a message came in chunks, which the bench does not read");
    }
    let length = field(head, "content-length").map_or(Ok(0), str::parse::<usize>)?;
    if length > MOST_BODY {
        bail!("a body of {length} bytes");
    }
    Ok(length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpListener;

    /// A connection to somebody who sends these pieces, one after the other.
    async fn sent(pieces: Vec<&'static str>) -> Wire {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            for piece in pieces {
                stream.write_all(piece.as_bytes()).await.unwrap();
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
        });
        Wire::connect(address).await.unwrap()
    }

    #[tokio::test]
    async fn messages_come_one_after_the_other_in_whatever_pieces() {
        let pieces = vec![
            "HTTP/1.1 200 OK\r\nContent-",
            "Length: 5\r\ncuehook-outcome: answer\r\n\r",
            "\nfi",
            "rstHTTP/1.1 503 No\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok",
        ];
        let mut wire = sent(pieces).await;
        let message = wire.read().await.unwrap().unwrap();
        assert_eq!(
            (message.status(), message.field("cuehook-outcome"), message.body),
            (200, "answer", b"first".as_slice())
        );
        let message = wire.read().await.unwrap().unwrap();
        assert_eq!((message.status(), message.field("cuehook-outcome"), message.body), (503, "", &[][..]));
        assert_eq!(wire.read().await.unwrap().unwrap().body, b"ok");
        assert!(wire.read().await.unwrap().is_none());
    }

    #[tokio::test]
    async fn half_a_message_is_none() {
        for piece in ["HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"] {
            assert!(sent(vec![piece]).await.read().await.is_err(), "{piece}");
        }
        let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n";
        assert!(sent(vec![chunked]).await.read().await.is_err());
    }
}
