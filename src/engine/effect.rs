//! What the engine tells the shell to do.

use super::event::Event;
use super::input::{PlayId, RequestId, Timer};
use crate::error::ErrorCode;
use crate::project::Frame;
use crate::template::Change;

/// Something to do. Effects are carried out in order, after every borrow of the engine has ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// `media.play()`; its outcome comes back as [`Input::PlaySettled`](super::Input::PlaySettled), with this number.
    Play(PlayId),
    /// `media.pause()`
    Pause,
    /// Set `currentTime`, in seconds.
    Seek(f64),
    /// Set `playbackRate`.
    Rate(f64),
    /// Set `muted`.
    Mute(bool),
    /// Build the DOM of all elements of the project anew, hidden, in document order.
    Build,
    /// Make an element visible.
    Show(usize),
    /// Make an element invisible and inert.
    Hide(usize),
    /// Set an element's accessible name.
    Label {
        /// Which element.
        element: usize,
        /// Its name.
        text: String,
    },
    /// Change what an element's template shows. Comes before its first [`Effect::Show`].
    Patch {
        /// Which element.
        element: usize,
        /// In this order.
        changes: Vec<Change>,
    },
    /// An element's webhook is running, or no longer: `aria-busy`, `aria-disabled`.
    Busy {
        /// Which element.
        element: usize,
        /// Whether it is running.
        busy: bool,
    },
    /// The notices to show from now on, all of them; an empty list shows none.
    Notices(Vec<Notice>),
    /// What a form or a question says, in the order of [`Element::texts`](crate::project::Element::texts). Comes before its
    /// first [`Effect::Show`].
    Texts {
        /// Which element.
        element: usize,
        /// All of them.
        texts: Vec<String>,
    },
    /// What became of the answer to a question.
    Verdict {
        /// Which element.
        element: usize,
        /// What to show.
        verdict: Verdict,
    },
    /// Say something in a form, beside its button.
    Remark {
        /// Which element.
        element: usize,
        /// What.
        text: String,
    },
    /// What was typed in a form has reached its aim, and need not be kept for a reload.
    Forget(usize),
    /// Move a moving area to where it is at this media time.
    Place {
        /// Which element.
        element: usize,
        /// Where.
        frame: Frame,
    },
    /// Say something to screen readers, politely.
    Announce(Saying),
    /// Ring after so many milliseconds, once.
    StartTimer {
        /// Which timer.
        timer: Timer,
        /// Milliseconds.
        after_ms: f64,
    },
    /// Do not ring.
    StopTimer(Timer),
    /// Make one attempt of a request.
    Send(Box<Attempt>),
    /// Write a request down, so that it survives the page. [`Input::Kept`](super::Input::Kept) follows when that is done, in
    /// two seconds at most, whether it is or not.
    Keep {
        /// The request.
        request: RequestId,
        /// Its UUID.
        id: String,
        /// What [`Kept::read`](super::Kept::read) reads.
        record: String,
    },
    /// A request that was written down, given by its UUID, need not be kept any more.
    Settle(String),
    /// Abort the running attempt of a request.
    Abort(RequestId),
    /// Dispatch a cancelable event and report with [`Input::Decided`](super::Input::Decided), at once.
    Propose {
        /// Number to report with.
        proposal: u32,
        /// The event.
        event: Event,
        /// For `request`: the bytes of the body, which the shell adds as `detail.body`.
        body: Option<std::rc::Rc<Vec<u8>>>,
    },
    /// Dispatch an event.
    Emit(Event),
    /// Open a URL whose scheme has been checked.
    OpenUrl {
        /// Where.
        url: String,
        /// In a new tab, without access to this page.
        new_tab: bool,
    },
    /// Settle the promise of an `execute()`.
    Reply {
        /// The call's number.
        ticket: u32,
        /// The response as JSON text, or the error's code and message.
        result: Result<String, (ErrorCode, String)>,
    },
    /// Tell whoever makes events of it what has happened, as a JSON object.
    Record(String),
    /// Tell the developer: one line in the console.
    Warn(String),
    /// Remove everything from the page and stop listening. The last effect.
    Teardown,
}

/// One attempt of a request, ready to send: without credentials, redirects or cache.
#[derive(Clone, Debug, PartialEq)]
pub struct Attempt {
    /// The request this attempt belongs to.
    pub request: RequestId,
    /// Which attempt, from 1.
    pub attempt: u32,
    /// Where to.
    pub url: String,
    /// All header fields, `content-type` included.
    pub headers: Vec<(String, String)>,
    /// The bytes to POST, equal in all attempts.
    pub body: std::rc::Rc<Vec<u8>>,
    /// A GET without a body instead, which asks a relay what has become of the call.
    pub asks: bool,
    /// Which token of the page it carries (`authorization: Bearer`).
    pub token: Token,
    /// The most bytes of a response's body to read.
    pub body_limit: usize,
    /// Go on when the page is left meanwhile.
    pub keepalive: bool,
}

/// A token of the page, which only its relay is shown. The shell has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token {
    /// None: it is no relay.
    None,
    /// The one that is at hand, or the first.
    Known,
    /// Another one: that at hand was refused.
    Fresh,
}

/// Something for screen readers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Saying {
    /// A text.
    Text(String),
    /// What an element shows, as text.
    Element(usize),
}

/// What a question shows of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// By place of the choice.
    pub marks: Vec<Mark>,
    /// By place of the choice, whether its feedback is shown.
    pub feedback: Vec<bool>,
    /// The places of what was chosen.
    pub chosen: Vec<usize>,
    /// Whether another answer can be given.
    pub is_open: bool,
    /// Whether the video waits until the viewer has seen this: the button says so.
    pub continues: bool,
    /// How many attempts are left, in words; empty if that needs no words.
    pub remark: String,
}

/// What is said of a choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Nothing.
    None,
    /// It was chosen, and is right.
    Correct,
    /// It was chosen, and is wrong.
    Wrong,
    /// It was not chosen, and would have been right.
    Solution,
}

/// Something that Cuehook itself shows to the viewer over the video.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Stable number of this notice among those of its kind, so that the shell keeps its nodes and their focus.
    pub key: u32,
    /// What kind of notice.
    pub kind: NoticeKind,
    /// The text.
    pub text: String,
    /// Its buttons, with their labels.
    pub buttons: Vec<(NoticeButton, String)>,
    /// Of a failed call: the place of the element from which the viewer made it; `None` if it was an element of the page.
    pub element: Option<usize>,
}

/// Kinds of notices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeKind {
    /// A response is awaited.
    Waiting,
    /// A call has failed.
    Failed,
    /// The browser refused to go on playing.
    Blocked,
    /// The video was paused for an element.
    Paused,
}

/// Buttons of notices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeButton {
    /// Give up waiting.
    Cancel,
    /// Try the failed call again.
    Retry,
    /// Close the notice.
    Dismiss,
    /// Go on playing.
    Continue,
}
