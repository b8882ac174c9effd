//! One request over a connection, and its response, within bounds.

use super::connect::Stream;
use super::fault::{Fault, Phase};
use cuehook_protocol::{RESPONSE_LIMIT, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Bytes, Incoming};
use hyper::client::conn::http1::{Builder, SendRequest};
use hyper::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, RETRY_AFTER};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use std::net::IpAddr;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};

/// The most bytes of status line and header fields that are read, and of trailers.
pub const HEAD_LIMIT: usize = 16 * 1024;
/// The most header fields that are read.
const MAX_FIELDS: usize = 100;
/// The most bytes of a response that wait in a connection's buffer.
const BUFFER_LIMIT: usize = 32 * 1024;
/// The most bytes of a header field's value that are passed on.
const MAX_VALUE: usize = 256;

/// Of the response to an event so many bytes are read. The rest is not: what a receiver has to say of events is short.
pub const EVENT_LIMIT: usize = 64 * 1024;
/// For so long the body of a response to an event is read. The status has said already what became of it.
const EVENT_BODY: Duration = Duration::from_secs(5);

/// What is read of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// All of it, for whoever waits; what is too large, redirects or is compressed is no answer.
    Whole,
    /// The status, and how the body begins.
    Beginning,
}

/// A request, ready to be sent.
pub type Prepared = Request<Full<Bytes>>;

/// A connection over which HTTP is spoken. Closed when it is dropped, whatever is under way.
#[derive(Debug)]
pub struct Connection {
    sender: SendRequest<Full<Bytes>>,
    address: IpAddr,
    task: JoinHandle<()>,
    /// Something that was not read is still to come over it.
    is_spent: bool,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What comes of a request.
#[derive(Debug)]
pub enum Sent {
    /// A response.
    Answered(Response),
    /// The connection was closed before a byte of the request was written: it may be sent over another one.
    Unsent(Box<Prepared>),
}

impl Connection {
    /// Speaks HTTP over a stream.
    pub async fn new(stream: Stream, address: IpAddr) -> Result<Self, Fault> {
        let mut builder = Builder::new();
        builder.max_buf_size(BUFFER_LIMIT).max_header_size(HEAD_LIMIT).max_headers(MAX_FIELDS);
        let (sender, task) = match stream {
            Stream::Plain(stream) => {
                let (sender, connection) =
                    builder.handshake(TokioIo::new(stream)).await.map_err(Fault::Broken)?;
                // Whoever waits for the response is told what went wrong.
                (sender, tokio::spawn(async move { drop(connection.await) }))
            }
            Stream::Tls(stream) => {
                let (sender, connection) =
                    builder.handshake(TokioIo::new(*stream)).await.map_err(Fault::Broken)?;
                (sender, tokio::spawn(async move { drop(connection.await) }))
            }
        };
        Ok(Self { sender, address, task, is_spent: false })
    }

    /// The address that it leads to.
    pub fn address(&self) -> IpAddr {
        self.address
    }

    /// Whether nothing can be sent over it any more.
    pub fn is_closed(&self) -> bool {
        self.is_spent || self.sender.is_closed()
    }

    /// Sends a request and reads its response, until then at most.
    ///
    /// # Errors
    /// Of the response: [`Fault::TooLarge`], [`Fault::Redirect`], [`Fault::Status`], [`Fault::Compressed`]; of the connection:
    /// [`Fault::Broken`]; [`Fault::Late`].
    pub async fn exchange(
        &mut self,
        request: Prepared,
        reading: Reading,
        deadline: Instant,
    ) -> Result<Sent, Fault> {
        let sending = async {
            if self.sender.ready().await.is_err() {
                return Ok(Err(request));
            }
            match self.sender.try_send_request(request).await {
                Ok(response) => Ok(Ok(response)),
                Err(mut fault) => match fault.take_message() {
                    Some(request) => Ok(Err(request)),
                    None => Err(broken(fault.into_error())),
                },
            }
        };
        let sent = timeout_at(deadline, sending).await.map_err(|_| Fault::Late(Phase::Waiting))??;
        let response = match sent {
            Ok(response) => response,
            Err(request) => return Ok(Sent::Unsent(Box::new(request))),
        };
        let (head, body) = response.into_parts();
        let mut read = Response {
            outcome: None,
            status: match reading {
                Reading::Whole => status(head.status)?,
                Reading::Beginning => head.status.as_u16(),
            },
            content_type: value(&head.headers, CONTENT_TYPE),
            retry_after: value(&head.headers, RETRY_AFTER),
            body: Vec::new(),
        };
        if is_encoded(&head.headers) {
            self.is_spent = true;
            // Of an error the status says enough.
            let is_missed = head.status.is_success() && reading == Reading::Whole;
            return if is_missed { Err(Fault::Compressed) } else { Ok(Sent::Answered(read)) };
        }
        if reading == Reading::Beginning {
            let deadline = deadline.min(Instant::now() + EVENT_BODY);
            let is_all = timeout_at(deadline, beginning(body, &mut read.body)).await;
            self.is_spent = is_all != Ok(true);
            return Ok(Sent::Answered(read));
        }
        read.body = timeout_at(deadline, bytes(body)).await.map_err(|_| Fault::Late(Phase::Reading))??;
        Ok(Sent::Answered(read))
    }
}

fn status(status: StatusCode) -> Result<u16, Fault> {
    match status.as_u16() {
        redirect @ (301 | 302 | 303 | 307 | 308) => Err(Fault::Redirect(redirect)),
        answer @ 200..=599 => Ok(answer),
        other => Err(Fault::Status(other)),
    }
}

fn value(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    let value = headers.get(name)?.to_str().ok()?;
    (value.len() <= MAX_VALUE).then(|| value.to_owned())
}

fn is_encoded(headers: &HeaderMap) -> bool {
    headers.get_all(CONTENT_ENCODING).iter().any(|value| {
        let codings = value.to_str().unwrap_or("?").split(',').map(str::trim);
        codings.into_iter().any(|coding| !coding.is_empty() && !coding.eq_ignore_ascii_case("identity"))
    })
}

/// How a body begins; whether that is all of it.
async fn beginning(mut body: Incoming, read: &mut Vec<u8>) -> bool {
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return false };
        let Ok(data) = frame.into_data() else { continue };
        let room = EVENT_LIMIT - read.len().min(EVENT_LIMIT);
        read.extend_from_slice(data.get(..room).unwrap_or(&data));
        if data.len() > room {
            return false;
        }
    }
    true
}

/// All bytes of a body. What is counted is what has arrived, not what was announced.
async fn bytes(mut body: Incoming) -> Result<Vec<u8>, Fault> {
    let too_large = Fault::TooLarge { what: "body", limit: RESPONSE_LIMIT };
    if body.size_hint().lower() > RESPONSE_LIMIT as u64 {
        return Err(too_large);
    }
    let mut read = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(broken)?.into_data() else { continue };
        if read.len() + data.len() > RESPONSE_LIMIT {
            return Err(too_large);
        }
        read.extend_from_slice(&data);
    }
    Ok(read)
}

fn broken(fault: hyper::Error) -> Fault {
    if fault.is_parse_too_large() {
        return Fault::TooLarge { what: "head", limit: HEAD_LIMIT };
    }
    Fault::Broken(fault)
}
