//! The DOM events that pages listen to.

use crate::json::Json;
use crate::protocol::word_enum;

word_enum! {
    /// The name of a DOM event.
    pub enum EventName {
        /// The first elements are about to appear.
        Ready = "cuehook:ready",
        /// An element can be seen now.
        Show = "cuehook:show",
        /// An element cannot be seen any more.
        Hide = "cuehook:hide",
        /// The viewer clicked an element.
        Activate = "cuehook:activate",
        /// A request is about to be sent.
        Request = "cuehook:request",
        /// A response is about to be used.
        Response = "cuehook:response",
        /// A request is over.
        Settled = "cuehook:settled",
        /// Something failed.
        Error = "cuehook:error",
        /// The video was paused for a request.
        Pause = "cuehook:pause",
        /// A request has let go of the video.
        Resume = "cuehook:resume",
        /// A variable has another value.
        VariableChange = "cuehook:variablechange",
        /// The action `callback`.
        Callback = "cuehook:callback",
        /// The instance was removed.
        Destroy = "cuehook:destroy",
    }
}

impl EventName {
    /// Whether `preventDefault()` prevents what it announces.
    pub const fn is_cancelable(self) -> bool {
        match self {
            EventName::Activate | EventName::Request | EventName::Response => true,
            EventName::Ready
            | EventName::Show
            | EventName::Hide
            | EventName::Settled
            | EventName::Error
            | EventName::Pause
            | EventName::Resume
            | EventName::VariableChange
            | EventName::Callback
            | EventName::Destroy => false,
        }
    }
}

/// A DOM event.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Its name.
    pub name: EventName,
    /// The entries of `detail`; at least `mediaTime`. They become text when somebody reads them: a response among them
    /// costs nothing as long as nobody looks.
    pub detail: Vec<(&'static str, Json)>,
}
