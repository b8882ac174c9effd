//! What the shell tells the engine.

use super::effect::NoticeButton;
use super::kept::Kept;
use crate::json::{Json, Object};
use crate::project::{Project, Record};
use crate::protocol::{Response, TransportFailure};
use std::rc::Rc;

/// Number of a webhook request within its session, from 1.
pub type RequestId = u32;

/// Number of a call of `play()`.
pub type PlayId = u32;

/// Number of a node that the viewer clicked: the same as that of the click before if it is the same node.
pub type Control = u32;

/// What the shell knows at the instant of an input: both clocks and the media element.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Moment {
    /// Unix time in milliseconds, as the viewer's clock has it.
    pub wall_ms: f64,
    /// Monotonic time in milliseconds since some fixed instant.
    pub clock_ms: f64,
    /// The media element's state.
    pub media: Media,
}

/// The state of the media element, as its properties say.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Media {
    /// `currentTime` in seconds.
    pub time: f64,
    /// `duration` in seconds, once known and finite.
    pub duration: Option<f64>,
    /// `paused`
    pub paused: bool,
    /// `ended`
    pub ended: bool,
    /// `seeking`
    pub seeking: bool,
    /// It is not in the document: it must not be played, since nobody could see or stop it.
    pub detached: bool,
}

/// Where a webhook's URL leads, resolved against the page; or where a relay is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The absolute URL.
    pub url: String,
    /// Its origin, such as `https://shop.example`.
    pub origin: String,
}

/// A cue of a track, by which elements may say when they are there.
#[derive(Clone, Debug, PartialEq)]
pub struct Cue {
    /// Its id.
    pub id: String,
    /// When it begins, in seconds.
    pub start: f64,
    /// When it ends, in seconds.
    pub end: f64,
}

/// What a button inside a template does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// `data-execute-webhook`: runs the webhook with this id.
    Webhook(String),
    /// `data-action`: runs the element's list of actions with this name.
    Actions(String),
}

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Input {
    /// The stage is ready: first evaluation.
    Start,
    /// The media element reported something.
    Media(MediaEvent),
    /// The promise of [`Effect::Play`](super::Effect::Play) has settled.
    PlaySettled {
        /// The number that the effect carried.
        play: PlayId,
        /// How it ended.
        outcome: PlayOutcome,
    },
    /// The viewer activated an element of the project, given by its place in the document.
    Click(usize),
    /// The viewer activated an element of the page that carries `data-execute-webhook`.
    PageClick {
        /// Which control it was.
        control: Control,
        /// The webhook's id.
        webhook: String,
        /// `id` of the page's element, if it has one.
        element: Option<String>,
        /// Its accessible name.
        label: String,
        /// Its `data-param-*` attributes.
        params: Object,
        /// Where the link leads that was clicked. The shell has kept the browser from following it at once.
        link: Option<String>,
    },
    /// The viewer activated a button inside an overlay's template.
    Press {
        /// Which control it was.
        control: Control,
        /// The overlay's place in the document.
        element: usize,
        /// What the button does.
        command: Command,
        /// Its accessible name.
        label: String,
        /// Its `data-param-*` attributes.
        params: Object,
        /// Its `data-records` attribute.
        records: Option<Record>,
    },
    /// The viewer followed a link with `data-records` inside an overlay's template.
    Link {
        /// The overlay's place in the document.
        element: usize,
        /// Its accessible name.
        label: String,
        /// Where it leads.
        url: String,
        /// Its `data-records` attribute.
        records: Record,
    },
    /// The viewer submitted a form whose fields are valid.
    Submit {
        /// The form's place in the document.
        element: usize,
        /// What was filled in, by the names of the fields.
        values: Object,
        /// The field that nobody sees is filled in: no person has done that.
        trapped: bool,
    },
    /// The viewer answered a question.
    Answer {
        /// The question's place in the document.
        element: usize,
        /// The places of what was chosen.
        chosen: Vec<usize>,
    },
    /// The viewer is done with an element: has read what became of an answer, or closed a dialog.
    Dismiss(usize),
    /// The viewer wants the video to be paused whenever something appears, or no longer.
    PauseAlways(bool),
    /// The viewer opens an interaction from the list of all.
    Open(usize),
    /// What cues there are in the video's tracks.
    Cues {
        /// All of them.
        cues: Vec<Cue>,
        /// Whether all tracks have been read.
        is_complete: bool,
    },
    /// The page called `execute(id, params)`; its outcome goes to [`Effect::Reply`](super::Effect::Reply).
    Execute {
        /// The shell's number for the call.
        ticket: u32,
        /// The webhook's id.
        webhook: String,
        /// Sent as `params`: an object or null.
        params: Json,
    },
    /// The page has another address than before (`pushState`): it counts from the next request on.
    Page(String),
    /// The page called `variables.set(name, value)`.
    SetVariable {
        /// Name of the variable.
        name: String,
        /// Its new value.
        value: Json,
    },
    /// The page's listeners have seen the event of [`Effect::Propose`](super::Effect::Propose).
    Decided {
        /// The number that the proposal carried.
        proposal: u32,
        /// False if a listener called `preventDefault()`.
        allowed: bool,
        /// For `request`: headers that listeners added, such as a short-lived token.
        headers: Vec<(String, String)>,
    },
    /// A request is written down, or it could not be.
    Kept(RequestId),
    /// A request of an earlier load of the page has not settled: it is asked for again.
    Restore(Kept),
    /// One attempt of a request has ended.
    AttemptEnded {
        /// The request.
        request: RequestId,
        /// Which attempt, from 1.
        attempt: u32,
        /// What came of it.
        outcome: Result<Response, TransportFailure>,
    },
    /// A timer rang.
    Timer(Timer),
    /// Focus moved to an element of the project, or away from all of them.
    Focus(Option<usize>),
    /// The viewer pressed a button of a notice.
    Notice {
        /// [`Notice::key`](super::Notice::key).
        key: u32,
        /// Which button.
        button: NoticeButton,
    },
    /// The page gave another project. Variables and the interaction log stay.
    Update {
        /// The new project.
        project: Rc<Project>,
        /// For each of its webhooks where the URL leads; `None` if it is no URL.
        targets: Vec<Option<Target>>,
    },
    /// What the page's relay says of its webhooks, as its `/v1/settings` has it; null if that could not be had.
    Settings(Json),
    /// The page is done with us.
    Destroy,
}

/// Events of the media element, by what they mean to the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaEvent {
    /// `play`
    Play,
    /// `pause`
    Pause,
    /// `seeking`
    Seeking,
    /// `ended`
    Ended,
    /// `emptied` or `loadstart`: another source.
    SourceChanged,
    /// `playing`
    Playing,
    /// Time may have moved: `timeupdate`, `seeked`, `loadedmetadata`, an animation frame, the page became visible.
    Time,
}

/// How a call of `play()` ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlayOutcome {
    /// The video plays.
    Playing,
    /// `AbortError`: somebody paused or changed the source meanwhile.
    Interrupted,
    /// `NotAllowedError`: the browser wants a click first.
    Blocked,
    /// Anything else, such as a source that cannot be played.
    Failed,
}

/// The engine's timers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Timer {
    /// The time budget of a request is used up.
    Deadline(RequestId),
    /// The next attempt of a request is due.
    Retry(RequestId),
    /// A viewer has waited long enough to be told so.
    Waiting(RequestId),
    /// A viewer has waited long enough to be offered to give up.
    Cancel(RequestId),
    /// The viewer's seek may have ended.
    Seek,
    /// `play()` should have settled.
    Play,
    /// The page is left, whatever requests are still under way.
    Leave,
    /// What the relay says of its webhooks is not waited for any longer.
    Settings,
    /// Overlays that did not fit into the work of an input go on.
    Late,
}
