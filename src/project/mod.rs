//! The project document: what an author writes, as strict types.
//!
//! [`read`] turns lax JSON into a [`Project`] or reports *every* problem with its place. A `Project` that exists is
//! sound: ids are unique, references lead somewhere, times and boxes are in range, templates compile.

mod action;
#[cfg(not(target_arch = "wasm32"))]
mod check;
mod element;
mod form;
#[cfg(not(target_arch = "wasm32"))]
mod lint;
mod place;
mod question;
mod read;
mod record;
mod schema;
mod webhook;
mod words;

pub use action::{Action, ActionName, Actions, Setting};
#[cfg(not(target_arch = "wasm32"))]
pub use check::check;
pub use element::{Element, ElementKind, KindName, Look, WhenMissing, trigger_field};
pub use form::{Field, FieldKind, FieldOption, Form};
#[cfg(not(target_arch = "wasm32"))]
pub use lint::lint;
pub use place::{Frame, Keyframe, place_at};
pub use question::{Choice, Question, Score};
pub use read::{DEEPEST, read, read_with, read_words};
pub use record::{FormRecord, Record};
pub use schema::schema;
pub use webhook::{Header, Subscribed, Webhook, WhileRunning};
pub use words::{Word, Words};

pub use crate::session::{Include, IncludeContext, PageAddress};

use crate::json::Object;
use crate::protocol::word_enum;
use crate::template::Expressions;
use schemars::JsonSchema;

/// An interactive video.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields, transform = schema::project)]
pub struct Project {
    /// Which expressions templates may use.
    #[schemars(default, extend("default" = "default"))]
    pub expressions: Expressions,
    /// What is said of the video in requests.
    #[schemars(default)]
    pub video: Video,
    /// Variables that exist from the start.
    #[schemars(default, schema_with = "schema::variables")]
    pub variables: Object,
    /// Webhooks that actions refer to.
    #[schemars(default, length(max = 100))]
    pub webhooks: Vec<Webhook>,
    /// Areas and overlays; later ones lie above earlier ones.
    #[schemars(default, length(max = 500))]
    pub elements: Vec<Element>,
    /// What Cuehook itself says to the viewer.
    #[schemars(default, schema_with = "schema::words")]
    pub words: Words,
    /// What viewers may set for themselves, with a small button over the video.
    #[schemars(default)]
    pub viewer_options: Vec<ViewerOption>,
}

impl Project {
    /// The webhook with this id.
    pub fn webhook(&self, id: &str) -> Option<&Webhook> {
        self.webhooks.iter().find(|webhook| webhook.id == id)
    }

    /// Whether webhooks are sent events.
    pub fn subscribes(&self) -> bool {
        self.webhooks.iter().any(|webhook| webhook.events != Subscribed::No)
    }

    /// The place of the element with this id in [`Project::elements`].
    pub fn element_index(&self, id: &str) -> Option<usize> {
        self.elements.iter().position(|element| element.id == id)
    }
}

/// What is said of the video in requests.
#[derive(Clone, Debug, Default, JsonSchema)]
#[schemars(deny_unknown_fields, transform = schema::video)]
pub struct Video {
    /// The author's name for it.
    #[schemars(length(max = 200), regex(pattern = r"\S"))]
    pub id: String,
    /// Its title, for people.
    #[schemars(with = "String", default, regex(pattern = r"\S"))]
    pub title: Option<String>,
}

word_enum! {
    /// Something that viewers may set for themselves.
    #[derive(JsonSchema)]
    #[schemars(rename_all = "camelCase")]
    pub enum ViewerOption {
        /// To pause the video whenever something appears.
        Pause = "pause",
        /// A list of all interactions, to open them at any time.
        List = "list",
    }
}
