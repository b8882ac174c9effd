//! Bodies of requests: read to a limit, within a time, and only while there is room.

use super::Shared;
use super::bounds::Patience;
use super::fault::Fault;
use axum::body::{Body, HttpBody};
use axum::http::StatusCode;
use http_body_util::BodyExt;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout, timeout_at};

const KIB: usize = 1_024;

/// A body, and the room that it takes.
#[derive(Debug)]
pub(super) struct Buffered {
    bytes: Vec<u8>,
    room: Room,
}

impl Buffered {
    /// The bytes, and their room, which is to be held for as long as they are.
    pub(super) fn into_parts(self) -> (Vec<u8>, Room) {
        (self.bytes, self.room)
    }
}

/// Reads a body of at most `limit` bytes. One that says that it is larger is not read at all; for one that does not say, or lies,
/// reading ends at the limit.
pub(super) async fn read(shared: &Shared, body: Body, limit: usize) -> Result<Buffered, Fault> {
    read_within(&shared.room, shared.patience, body, limit).await
}

async fn read_within(
    room: &Arc<Semaphore>,
    patience: Patience,
    mut body: Body,
    limit: usize,
) -> Result<Buffered, Fault> {
    let too_large = || Fault::too_large(format!("the body is larger than {limit} bytes"));
    let said = body.size_hint().lower();
    let said = usize::try_from(said).ok().filter(|said| *said <= limit).ok_or_else(too_large)?;
    let mut room = Room { of: Arc::clone(room), held: Vec::new(), bytes: 0 };
    room.grow(said)?;
    // What is said is not believed: who says much and sends nothing holds room, but no memory.
    let mut bytes = Vec::with_capacity(said.min(16 * KIB));
    let end = Instant::now() + patience.body;
    let slow = || {
        let fault = Fault::bad("the body did not come in time").with_status(StatusCode::REQUEST_TIMEOUT);
        Fault { is_last: true, ..fault }
    };
    loop {
        let next = timeout_at(end, timeout(patience.pause, body.frame())).await;
        let frame = match next {
            Ok(Ok(Some(frame))) => frame,
            Ok(Ok(None)) => return Ok(Buffered { bytes, room }),
            Ok(Err(_)) | Err(_) => return Err(slow()),
        };
        let frame = frame.map_err(|_| Fault { is_last: true, ..Fault::bad("the body broke off") })?;
        let Ok(data) = frame.into_data() else { continue };
        if data.len() > limit.saturating_sub(bytes.len()) {
            return Err(too_large());
        }
        room.grow(bytes.len() + data.len())?;
        bytes.extend_from_slice(&data);
    }
}

/// Room for a body that is taken from what there is for all, and given back when this is dropped.
#[derive(Debug)]
pub(super) struct Room {
    of: Arc<Semaphore>,
    held: Vec<OwnedSemaphorePermit>,
    bytes: usize,
}

impl Room {
    /// Takes more, so that it is enough for `bytes`; at least a quarter more, so that this is not done for each piece.
    fn grow(&mut self, bytes: usize) -> Result<(), Fault> {
        if bytes <= self.bytes {
            return Ok(());
        }
        let more = (bytes - self.bytes).max(self.bytes / 4).div_ceil(KIB);
        let permit =
            u32::try_from(more).ok().and_then(|more| Arc::clone(&self.of).try_acquire_many_owned(more).ok());
        let permit = permit.ok_or_else(|| {
            let fault = Fault::unavailable("the relay is working on as many large requests as it takes");
            Fault { is_last: true, ..fault }
        })?;
        self.held.push(permit);
        self.bytes += more * KIB;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Bytes;
    use hyper::body as frames;
    use std::convert::Infallible;
    use std::pin::Pin;
    use std::task::{Context, Poll};
    use std::time::Duration;

    /// Sends pieces, and then nothing more, for ever or as its end.
    struct Pieces {
        left: usize,
        piece: usize,
        ends: bool,
        said: u64,
    }

    impl HttpBody for Pieces {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<frames::Frame<Bytes>, Infallible>>> {
            if self.left == 0 {
                return if self.ends { Poll::Ready(None) } else { Poll::Pending };
            }
            self.left -= 1;
            Poll::Ready(Some(Ok(frames::Frame::data(Bytes::from(vec![b'x'; self.piece])))))
        }

        fn size_hint(&self) -> frames::SizeHint {
            let mut hint = frames::SizeHint::new();
            hint.set_lower(self.said);
            hint
        }
    }

    fn room(kib: usize) -> Arc<Semaphore> {
        Arc::new(Semaphore::new(kib))
    }

    fn patience() -> Patience {
        Patience { pause: Duration::from_millis(20), body: Duration::from_millis(40), ..Patience::default() }
    }

    async fn status(pieces: Pieces, room: &Arc<Semaphore>, limit: usize) -> u16 {
        match read_within(room, patience(), Body::new(pieces), limit).await {
            Ok(_) => 200,
            Err(fault) => fault.status.as_u16(),
        }
    }

    #[tokio::test]
    async fn limits_are_exact() {
        let room = room(64);
        for (left, piece, limit, expected) in
            [(1, 100, 100, 200), (1, 101, 100, 413), (10, 10, 100, 200), (11, 10, 100, 413), (0, 0, 0, 200)]
        {
            let pieces = Pieces { left, piece, ends: true, said: 0 };
            assert_eq!(status(pieces, &room, limit).await, expected, "{left} × {piece}");
        }
        assert_eq!(room.available_permits(), 64, "all room is given back");
    }

    #[tokio::test]
    async fn what_says_that_it_is_too_large_is_not_read() {
        // It would never end.
        let pieces = Pieces { left: 0, piece: 0, ends: false, said: 101 };
        assert_eq!(status(pieces, &room(64), 100).await, 413);
    }

    #[tokio::test]
    async fn whoever_stops_sending_is_not_waited_for() {
        let pieces = Pieces { left: 2, piece: 10, ends: false, said: 0 };
        assert_eq!(status(pieces, &room(64), 100).await, 408);
    }

    #[tokio::test]
    async fn bodies_share_their_room() {
        let room = room(64);
        let large = || Pieces { left: 40, piece: KIB, ends: true, said: 0 };
        let held = read_within(&room, patience(), Body::new(large()), 64 * KIB).await.unwrap();
        assert_eq!(held.bytes.len(), 40 * KIB);
        assert_eq!(status(large(), &room, 64 * KIB).await, 503);
        let said = Pieces { left: 0, piece: 0, ends: false, said: 40 * 1_024 };
        assert_eq!(status(said, &room, 64 * KIB).await, 503, "before any of it is read");
        drop(held);
        assert_eq!(status(large(), &room, 64 * KIB).await, 200);
    }
}
