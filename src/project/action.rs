//! Actions: what triggers do.

use super::schema;
use crate::json::Json;
use crate::protocol::word_enum;
use crate::template::{Text, When};
use schemars::JsonSchema;
use std::collections::BTreeMap;
use std::rc::Rc;

/// What a trigger does, in order. Shared, because a chain that waits for a response outlives its trigger.
pub type Actions = Rc<[Action]>;

/// Something that a trigger does.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(tag = "do", rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Action {
    /// POST to a webhook. If it waits for its response, the actions after it run only when the response is good.
    ExecuteWebhook {
        /// Id of the webhook.
        #[schemars(regex(pattern = r"\S"))]
        webhook: String,
        /// Sent as `params`, in this order.
        #[schemars(default, with = "BTreeMap<String, serde_json::Value>", extend("maxProperties" = 200))]
        params: Vec<(String, Setting)>,
        /// Run instead of the following actions when the call fails.
        #[schemars(default, length(max = 50), with = "Vec<Action>")]
        on_error: Actions,
    },
    /// Start playback.
    Play,
    /// Pause playback.
    Pause,
    /// Go to a media time.
    Seek {
        /// Seconds.
        #[schemars(schema_with = "schema::time")]
        to: f64,
    },
    /// Set the speed of playback.
    Rate {
        /// 1 is normal speed; 0.0625–16.
        #[schemars(range(min = 0.0625, max = 16))]
        rate: f64,
    },
    /// Switch the sound off.
    Mute,
    /// Switch the sound on.
    Unmute,
    /// Show an element (within its time range).
    Show {
        /// Id of the element.
        #[schemars(regex(pattern = r"\S"))]
        element: String,
    },
    /// Hide an element.
    Hide {
        /// Id of the element.
        #[schemars(regex(pattern = r"\S"))]
        element: String,
    },
    /// Set a variable of the context.
    SetVariable {
        /// Its name.
        #[schemars(schema_with = "schema::variable_name")]
        name: String,
        /// Its new value.
        #[schemars(with = "serde_json::Value")]
        value: Setting,
    },
    /// Run some actions if something is true, and others if not.
    If {
        /// An expression, such as `score >= 3`.
        #[schemars(with = "String", regex(pattern = r"\S"))]
        when: When,
        /// Run if it is true.
        #[schemars(default, length(max = 50), with = "Vec<Action>")]
        then: Actions,
        /// Run if it is not.
        #[schemars(rename = "else", default, length(max = 50), with = "Vec<Action>")]
        otherwise: Actions,
    },
    /// Open a page.
    OpenUrl {
        /// Where; `http`, `https`, `mailto`, `tel` or relative.
        #[schemars(with = "String", regex(pattern = r"\S"))]
        url: Text,
        /// In a new tab (without access to this page), or in place of this page.
        #[schemars(default, extend("default" = true))]
        new_tab: bool,
    },
    /// Tell the page: a `cuehook:callback` event.
    Callback {
        /// The event's `detail.name`.
        #[schemars(regex(pattern = r"\S"))]
        name: String,
        /// The event's `detail.value`.
        #[schemars(with = "Option<serde_json::Value>")]
        value: Setting,
    },
}

word_enum! {
    /// The word in `do`.
    pub enum ActionName {
        /// [`Action::ExecuteWebhook`]
        ExecuteWebhook = "executeWebhook",
        /// [`Action::Play`]
        Play = "play",
        /// [`Action::Pause`]
        Pause = "pause",
        /// [`Action::Seek`]
        Seek = "seek",
        /// [`Action::Rate`]
        Rate = "rate",
        /// [`Action::Mute`]
        Mute = "mute",
        /// [`Action::Unmute`]
        Unmute = "unmute",
        /// [`Action::Show`]
        Show = "show",
        /// [`Action::Hide`]
        Hide = "hide",
        /// [`Action::SetVariable`]
        SetVariable = "setVariable",
        /// [`Action::If`]
        If = "if",
        /// [`Action::OpenUrl`]
        OpenUrl = "openUrl",
        /// [`Action::Callback`]
        Callback = "callback",
    }
}

impl Action {
    /// Whether it calls a webhook. A second click at once on what does is a double click.
    pub fn executes_webhook(&self) -> bool {
        match self {
            Action::ExecuteWebhook { .. } => true,
            Action::If { then, otherwise, .. } => {
                then.iter().chain(otherwise.iter()).any(Action::executes_webhook)
            }
            Action::Play
            | Action::Pause
            | Action::Seek { .. }
            | Action::Rate { .. }
            | Action::Mute
            | Action::Unmute
            | Action::Show { .. }
            | Action::Hide { .. }
            | Action::SetVariable { .. }
            | Action::OpenUrl { .. }
            | Action::Callback { .. } => false,
        }
    }

    /// The word for it in documents.
    pub fn name(&self) -> ActionName {
        match self {
            Action::ExecuteWebhook { .. } => ActionName::ExecuteWebhook,
            Action::Play => ActionName::Play,
            Action::Pause => ActionName::Pause,
            Action::Seek { .. } => ActionName::Seek,
            Action::Rate { .. } => ActionName::Rate,
            Action::Mute => ActionName::Mute,
            Action::Unmute => ActionName::Unmute,
            Action::Show { .. } => ActionName::Show,
            Action::Hide { .. } => ActionName::Hide,
            Action::SetVariable { .. } => ActionName::SetVariable,
            Action::If { .. } => ActionName::If,
            Action::OpenUrl { .. } => ActionName::OpenUrl,
            Action::Callback { .. } => ActionName::Callback,
        }
    }
}

/// A value in an action: JSON in which every text is a template.
#[derive(Clone, Debug)]
pub enum Setting {
    /// Numbers, booleans and null are taken as they are.
    Fixed(Json),
    /// Text is a template; if it is one placeholder, the value keeps its type.
    Template(Text),
    /// A list of values.
    List(Vec<Setting>),
    /// An object of values, in their order.
    Object(Vec<(String, Setting)>),
}
