//! A receiver that notes what it is sent, and answers as it is told.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// How a request is answered.
#[derive(Clone, Debug)]
pub enum Mode {
    Status(u16),
    /// With a line of the head.
    With(u16, &'static str),
    /// With a body.
    Says(u16, String),
    /// Never.
    Hangs,
    /// The connection is reset.
    Resets,
    /// The head, and then a byte now and then, for ever.
    Drips,
    /// A body without end.
    Huge,
    /// 200, after a while.
    After(Duration),
}

/// A request.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    pub path: String,
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

impl Request {
    pub fn id(&self) -> &str {
        &self.headers["webhook-id"]
    }
}

#[derive(Debug, Default)]
struct Seen {
    requests: Mutex<Vec<Request>>,
    /// By path: what is next, and what comes after that.
    modes: Mutex<BTreeMap<String, VecDeque<Mode>>>,
    open: Mutex<BTreeMap<String, (usize, usize)>>,
}

#[derive(Clone, Debug)]
pub struct Receiver {
    pub address: SocketAddr,
    seen: Arc<Seen>,
}

impl Receiver {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let receiver = Self { address: listener.local_addr().unwrap(), seen: Arc::default() };
        let seen = Arc::clone(&receiver.seen);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let seen = Arc::clone(&seen);
                tokio::spawn(async move { serve(stream, &seen).await });
            }
        });
        receiver
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Requests to a path are answered like this, one after the other; the last one stays. Otherwise it is 200.
    pub fn answer(&self, path: &str, modes: impl IntoIterator<Item = Mode>) {
        self.seen.modes.lock().unwrap().insert(path.to_owned(), modes.into_iter().collect());
    }

    pub fn requests(&self, path: &str) -> Vec<Request> {
        let all = self.seen.requests.lock().unwrap();
        all.iter().filter(|request| request.path == path).cloned().collect()
    }

    /// The ids that came to a path.
    pub fn ids(&self, path: &str) -> BTreeSet<String> {
        self.requests(path).iter().map(|request| request.id().to_owned()).collect()
    }

    /// How many requests to a path were under way at the same time at most.
    pub fn most_open(&self, path: &str) -> usize {
        self.seen.open.lock().unwrap().get(path).map_or(0, |(_, most)| *most)
    }
}

async fn serve(stream: TcpStream, seen: &Seen) -> Option<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let request = read(&mut stream).await?;
        let path = request.path.clone();
        seen.requests.lock().unwrap().push(request);
        let mode = {
            let mut modes = seen.modes.lock().unwrap();
            let modes = modes.get_mut(&path);
            modes.and_then(|modes| if modes.len() > 1 { modes.pop_front() } else { modes.front().cloned() })
        };
        {
            let mut open = seen.open.lock().unwrap();
            let (now, most) = open.entry(path.clone()).or_default();
            *now += 1;
            *most = (*most).max(*now);
        }
        let goes_on = answer(&mut stream, mode.unwrap_or(Mode::Status(200))).await;
        seen.open.lock().unwrap().get_mut(&path).unwrap().0 -= 1;
        goes_on?;
    }
}

async fn read(stream: &mut BufReader<TcpStream>) -> Option<Request> {
    let (mut first, mut line) = (String::new(), String::new());
    let mut headers = BTreeMap::new();
    loop {
        line.clear();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        let text = line.trim_end();
        if first.is_empty() {
            text.clone_into(&mut first);
        } else if let Some((name, value)) = text.split_once(": ") {
            headers.insert(name.to_ascii_lowercase(), value.to_owned());
        } else {
            break;
        }
    }
    let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    let mut words = first.split(' ').map(str::to_owned);
    let (method, path) = (words.next()?, words.next()?);
    Some(Request { method, path, headers, body: String::from_utf8(body).ok()? })
}

async fn answer(stream: &mut BufReader<TcpStream>, mode: Mode) -> Option<()> {
    let stream = stream.get_mut();
    let (status, line, body) = match mode {
        Mode::Status(status) => (status, "", String::new()),
        Mode::With(status, line) => (status, line, String::new()),
        Mode::Says(status, body) => (status, "", body),
        Mode::After(time) => {
            tokio::time::sleep(time).await;
            (200, "", String::new())
        }
        Mode::Hangs => {
            // Until the other side has enough.
            let _ = stream.read(&mut [0]).await;
            return None;
        }
        Mode::Resets => {
            stream.set_zero_linger().ok()?;
            return None;
        }
        Mode::Drips => {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n").await.ok()?;
            loop {
                stream.write_all(b"x").await.ok()?;
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
        Mode::Huge => {
            stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await.ok()?;
            let chunk = [b"4000\r\n".to_vec(), vec![b'x'; 0x4000], b"\r\n".to_vec()].concat();
            loop {
                stream.write_all(&chunk).await.ok()?;
            }
        }
    };
    let line = if line.is_empty() { String::new() } else { format!("{line}\r\n") };
    let head = format!("HTTP/1.1 {status} X\r\n{line}content-length: {}\r\n\r\n{body}", body.len());
    stream.write_all(head.as_bytes()).await.ok()
}
