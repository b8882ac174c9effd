//! A reply that is still to come.

use super::driver::Driver;
use crate::core::{Refusal, Reply, Ticket};
use cuehook_protocol::RelayOutcome;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::sync::oneshot;

/// A reply that is still to come. Whoever drops it has left.
#[derive(Debug)]
pub struct Pending {
    driver: Arc<Driver>,
    ticket: Ticket,
    receiver: oneshot::Receiver<Reply>,
}

impl Pending {
    pub(super) fn new(driver: Arc<Driver>, ticket: Ticket, receiver: oneshot::Receiver<Reply>) -> Self {
        Self { driver, ticket, receiver }
    }
}

impl Future for Pending {
    type Output = Reply;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Reply> {
        let reply = ready!(Pin::new(&mut self.receiver).poll(context));
        // Each ticket gets its reply, so this is for a core that has forgotten one.
        Poll::Ready(reply.unwrap_or_else(|_| {
            Reply::Refused(Refusal {
                outcome: RelayOutcome::Unavailable,
                message: "the relay has made a mistake".to_owned(),
                retry_after_ms: None,
            })
        }))
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.driver.leave(self.ticket);
    }
}
