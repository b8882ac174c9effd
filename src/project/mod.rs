//! The project document: what an author writes, as strict types.
//!
//! [`read`] turns lax JSON into a [`Project`] or reports *every* problem with its place. A `Project` that exists is
//! sound: ids are unique, references lead somewhere, times and boxes are in range, templates compile.

mod read;

pub use read::read;

use crate::error::ErrorCode;
use crate::json::{Json, Object};
use crate::template::{Markup, Text};
use std::rc::Rc;

/// One thing that is wrong in a document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {message}")]
pub struct Problem {
    /// The place, such as `elements[3].onClick[0].webhook`; empty for the document itself.
    pub path: String,
    /// What was found and what to write instead.
    pub message: String,
    /// Line and column inside the template at `path`, when the problem is in a template.
    pub template: Option<(usize, usize)>,
}

/// An interactive video.
#[derive(Clone, Debug)]
pub struct Project {
    /// What is said of the video in requests.
    pub video: Video,
    /// Variables that exist from the start.
    pub variables: Object,
    /// Webhooks that actions refer to.
    pub webhooks: Vec<Webhook>,
    /// Areas and overlays; later ones lie above earlier ones.
    pub elements: Vec<Element>,
    /// What Cuehook itself says to the viewer.
    pub words: Words,
}

impl Project {
    /// The webhook with this id.
    pub fn webhook(&self, id: &str) -> Option<&Webhook> {
        self.webhooks.iter().find(|webhook| webhook.id == id)
    }

    /// The place of the element with this id in [`Project::elements`].
    pub fn element_index(&self, id: &str) -> Option<usize> {
        self.elements.iter().position(|element| element.id == id)
    }
}

/// What is said of the video in requests.
#[derive(Clone, Debug, Default)]
pub struct Video {
    /// The author's name for it.
    pub id: String,
    /// Its title, for people.
    pub title: Option<String>,
}

/// An endpoint that actions call.
#[derive(Clone, Debug)]
pub struct Webhook {
    /// Name for references.
    pub id: String,
    /// Name for people.
    pub name: Option<String>,
    /// Where to POST; relative URLs are relative to the page.
    pub url: String,
    /// The author's own headers. Everybody who can see the page can read them.
    pub headers: Vec<Header>,
    /// Pause the video until the answer is in.
    pub wait_for_response: bool,
    /// Which recorded interactions the body carries.
    pub include_interactions: Include,
    /// Total time for all attempts including the body, in milliseconds.
    pub timeout_ms: u32,
    /// How often a failed attempt is repeated.
    pub retries: u8,
    /// What a second trigger does while a request is running.
    pub while_running: WhileRunning,
    /// Send `text/plain` without custom headers, which needs no CORS preflight.
    pub simple: bool,
}

/// A request header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Field name (RFC 9110 token).
    pub name: String,
    /// Field value.
    pub value: String,
}

/// Which interactions a body carries.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Include {
    /// None.
    None,
    /// All that were recorded.
    #[default]
    All,
    /// Those of these elements.
    Elements(Vec<String>),
}

/// What a second trigger of a webhook does while its request is running.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum WhileRunning {
    /// Nothing.
    #[default]
    Drop,
    /// The running request is aborted and the new one starts.
    Replace,
    /// The new one starts when the running one has settled.
    Queue,
}

/// An area or an overlay.
#[derive(Clone, Debug)]
pub struct Element {
    /// Name for references.
    pub id: String,
    /// Accessible name: required on areas and on whatever can be clicked.
    pub label: Option<Text>,
    /// First second in which it is there.
    pub from: f64,
    /// Second from which it is gone; infinite if it stays.
    pub to: f64,
    /// Where it lies on the picture.
    pub frame: Frame,
    /// Whether it starts shown; the actions `show` and `hide` change that.
    pub visible: bool,
    /// What it is.
    pub kind: Kind,
    /// Run when the viewer clicks it.
    pub on_click: Actions,
    /// Run each time it appears.
    pub on_appear: Actions,
    /// Run each time it disappears.
    pub on_disappear: Actions,
}

/// A rectangle in percent of the picture (0–100). In documents it is called `box`, a reserved word in Rust.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame {
    /// From the picture's left edge.
    pub left: f64,
    /// From the picture's top edge.
    pub top: f64,
    /// Of the picture's width.
    pub width: f64,
    /// Of the picture's height.
    pub height: f64,
}

/// The kinds of elements.
#[derive(Clone, Debug)]
pub enum Kind {
    /// A clickable rectangle, invisible but for focus and hover.
    Area,
    /// HTML with placeholders.
    Html {
        /// The template.
        source: Markup,
        /// What happens while a placeholder without default has no value.
        when_missing: WhenMissing,
    },
}

/// What an overlay does while a placeholder without default has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum WhenMissing {
    /// It stays hidden.
    #[default]
    Hide,
    /// It shows nothing in that place.
    Empty,
}

/// What a trigger does, in order. Shared, because a chain that waits for an answer outlives its trigger.
pub type Actions = Rc<[Action]>;

/// Something that a trigger does.
#[derive(Clone, Debug)]
pub enum Action {
    /// POST to a webhook. If it waits for its response, the actions after it run only when the answer is good.
    ExecuteWebhook {
        /// Id of the webhook.
        webhook: String,
        /// Sent as `params`, in this order.
        params: Vec<(String, Setting)>,
        /// Run instead of the following actions when the call fails.
        on_error: Actions,
    },
    /// Start playback.
    Play,
    /// Pause playback.
    Pause,
    /// Go to a media time.
    Seek {
        /// Seconds.
        to: f64,
    },
    /// Set the speed of playback.
    Rate {
        /// 1 is normal speed; 0.0625–16.
        rate: f64,
    },
    /// Switch the sound off.
    Mute,
    /// Switch the sound on.
    Unmute,
    /// Show an element (within its time range).
    Show {
        /// Id of the element.
        element: String,
    },
    /// Hide an element.
    Hide {
        /// Id of the element.
        element: String,
    },
    /// Set a variable of the context.
    SetVariable {
        /// Its name.
        name: String,
        /// Its new value.
        value: Setting,
    },
    /// Open a page.
    OpenUrl {
        /// Where; `http`, `https`, `mailto`, `tel` or relative.
        url: Text,
        /// In a new tab (without access to this page), or in place of this page.
        new_tab: bool,
    },
    /// Tell the page: a `cuehook:callback` event.
    Callback {
        /// The event's `detail.name`.
        name: String,
        /// The event's `detail.value`.
        value: Setting,
    },
}

/// A value in an action: JSON as it stands, or text that is a template.
#[derive(Clone, Debug)]
pub enum Setting {
    /// Numbers, booleans, null, lists and objects are taken as they are.
    Fixed(Json),
    /// Text is a template; if it is one placeholder, the value keeps its type.
    Template(Text),
}

/// What Cuehook itself says to the viewer. The document's `words` replaces single texts, to translate them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// While an answer is awaited.
    pub waiting: String,
    /// Said when the answer is in.
    pub done: String,
    /// Button that gives up waiting.
    pub cancel: String,
    /// Shown when there was no connection.
    pub network: String,
    /// Shown when there was no answer in time.
    pub timeout: String,
    /// Shown for every other failure.
    pub failed: String,
    /// Button that tries again.
    pub retry: String,
    /// Button that closes a message.
    pub dismiss: String,
    /// Shown when the browser refused to go on playing.
    pub blocked: String,
    /// Button that goes on playing.
    pub resume: String,
}

impl Words {
    /// What is said of a failure.
    pub fn of(&self, code: ErrorCode) -> &str {
        match code {
            ErrorCode::Network => &self.network,
            ErrorCode::Timeout => &self.timeout,
            _ => &self.failed,
        }
    }
}

impl Default for Words {
    fn default() -> Self {
        Self {
            waiting: "Waiting for the answer…".into(),
            done: "The answer is here.".into(),
            cancel: "Cancel".into(),
            network: "There was no connection.".into(),
            timeout: "The answer took too long.".into(),
            failed: "That did not work.".into(),
            retry: "Try again".into(),
            dismiss: "Close".into(),
            blocked: "The video is waiting for you.".into(),
            resume: "Continue".into(),
        }
    }
}
