//! A proxy through which the browser fetches the tests, one request after the other.
//!
//! The server of wasm-bindgen's test runner hands connections to waiting threads and counts them too late: of six that a
//! browser opens at once for the scripts of a module, two may wait for a thread until another connection is closed, which takes
//! minutes. (tiny_http 0.12, `TaskPool::spawn`.) Through this proxy it never has more than one, and each is closed.

use std::io::{BufRead, BufReader, Read, Write, copy};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, bail};

/// The most bytes of a request's line and headers.
const LONGEST_HEAD: u64 = 64 * 1024;
/// How long the server may be silent.
const PATIENCE: Duration = Duration::from_secs(30);

/// Starts the proxy. It runs as long as this process.
pub fn start() -> Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").context("cannot open a port for the proxy")?;
    let address = listener.local_addr()?;
    let turn = Arc::new(Mutex::new(()));
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let turn = Arc::clone(&turn);
            std::thread::spawn(move || {
                // Whoever asked sees that the connection is closed.
                let _ = forward(&client, &turn);
                let _ = client.shutdown(Shutdown::Both);
            });
        }
    });
    Ok(address)
}

fn forward(client: &TcpStream, turn: &Mutex<()>) -> Result<()> {
    let mut incoming = BufReader::new(client);
    let mut line = String::new();
    let mut head = incoming.by_ref().take(LONGEST_HEAD);
    head.read_line(&mut line)?;
    let (authority, request_line) = to_origin_form(&line)?;
    let mut request = request_line;
    let mut length = 0;
    loop {
        line.clear();
        if head.read_line(&mut line)? == 0 {
            bail!("the request has no end");
        }
        let name = line.split(':').next().unwrap_or_default().trim().to_ascii_lowercase();
        match name.as_str() {
            "" => break,
            "connection" | "proxy-connection" => continue,
            "content-length" => length = line.rsplit(':').next().unwrap_or_default().trim().parse()?,
            _ => {}
        }
        request.push_str(&line);
    }
    request.push_str("connection: close\r\n\r\n");
    let _turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
    let mut server = TcpStream::connect(authority)?;
    server.set_read_timeout(Some(PATIENCE))?;
    server.write_all(request.as_bytes())?;
    copy(&mut incoming.take(length), &mut server)?;
    copy(&mut server, &mut { client })?;
    Ok(())
}

/// Whom a request to a proxy is for, and its first line as that server expects it.
fn to_origin_form(line: &str) -> Result<(String, String)> {
    let mut words = line.split_whitespace();
    let (Some(method), Some(url), Some(version)) = (words.next(), words.next(), words.next()) else {
        bail!("`{line}` is no request");
    };
    let Some(rest) = url.strip_prefix("http://") else {
        bail!("`{url}` cannot be fetched through this proxy")
    };
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    Ok((authority.to_owned(), format!("{method} /{path} {version}\r\n")))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A server that answers one connection at a time, with what it was asked.
    fn echo() -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let mut buffer = [0; 4096];
                let length = stream.read(&mut buffer).unwrap();
                stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
                stream.write_all(&buffer[..length]).unwrap();
            }
        });
        address
    }

    #[test]
    fn many_requests_at_once_are_answered() {
        let (proxy, server) = (start().unwrap(), echo());
        let clients: Vec<_> = (0..12)
            .map(|number| {
                let mut client = TcpStream::connect(proxy).unwrap();
                write!(client, "GET http://{server}/{number}?x HTTP/1.1\r\nHost: x\r\nProxy-Connection: keep-alive\r\n\r\n")
                    .unwrap();
                (number, client)
            })
            .collect();
        for (number, mut client) in clients {
            let mut answer = String::new();
            client.read_to_string(&mut answer).unwrap();
            let asked = format!("GET /{number}?x HTTP/1.1\r\nHost: x\r\nconnection: close\r\n\r\n");
            assert_eq!(answer, format!("HTTP/1.1 200 OK\r\n\r\n{asked}"));
        }
    }

    #[test]
    fn what_is_no_request_is_not_forwarded() {
        for line in ["", "GET", "CONNECT a.example:443 HTTP/1.1", "GET https://a.example/ HTTP/1.1"] {
            assert!(to_origin_form(line).is_err(), "{line}");
        }
        let (authority, line) = to_origin_form("GET http://a.example:80 HTTP/1.1\r\n").unwrap();
        assert_eq!((authority.as_str(), line.as_str()), ("a.example:80", "GET / HTTP/1.1\r\n"));
    }
}
