//! Elements: what all kinds have, and the kinds.

use super::{Action, Actions, Form, Frame, Keyframe, Question, Record, schema};
use crate::protocol::{Trigger, word_enum};
use crate::template::{Markup, Text, When};
use schemars::JsonSchema;
use std::collections::BTreeMap;

/// Something that an author has laid over the video.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields, transform = schema::element)]
pub struct Element {
    /// Name for references.
    #[schemars(length(max = 200), regex(pattern = r"\S"))]
    pub id: String,
    /// Accessible name: required on areas and on whatever can be clicked.
    #[schemars(with = "String", default, regex(pattern = r"\S"))]
    pub label: Option<Text>,
    /// First second in which it is there.
    #[schemars(default, schema_with = "schema::time", extend("default" = 0))]
    pub from: f64,
    /// Second from which it is gone; infinite if it stays.
    #[schemars(default, schema_with = "schema::time")]
    pub to: f64,
    /// Instead of `from` and `to`: the id of a cue of the video's `<track kind="metadata">` or `<track kind="chapters">`.
    #[schemars(with = "String", default, regex(pattern = r"\S"))]
    pub cue: Option<String>,
    /// Where it lies on the picture. Conditions have none, and an area with a `path` needs none.
    #[schemars(rename = "box", with = "Frame", default, extend("default" = serde_json::Value::Null))]
    pub frame: Frame,
    /// Whether it starts shown; the actions `show` and `hide` change that.
    #[schemars(default, extend("default" = true))]
    pub visible: bool,
    /// Whether the video is paused when it appears, until it is clicked, submitted, answered, dismissed or hidden.
    #[schemars(default, extend("default" = false))]
    pub pause_on_appear: bool,
    /// Whether it is a dialog that keeps focus until it is dismissed or hidden. Not for areas.
    #[schemars(default, extend("default" = false))]
    pub modal: bool,
    /// Whether screen readers say that it has appeared, and what a response brought in it.
    #[schemars(default, extend("default" = true))]
    pub announce: bool,
    /// What it is.
    #[schemars(flatten)]
    pub kind: ElementKind,
    /// Run when the viewer clicks it. Areas and overlays only.
    #[schemars(default, length(max = 50), with = "Vec<Action>")]
    pub on_click: Actions,
    /// Run each time it appears.
    #[schemars(default, length(max = 50), with = "Vec<Action>")]
    pub on_appear: Actions,
    /// Run each time it disappears.
    #[schemars(default, length(max = 50), with = "Vec<Action>")]
    pub on_disappear: Actions,
}

impl Element {
    /// What a trigger runs; nothing if its kind does not have that trigger.
    pub fn actions(&self, trigger: Trigger) -> &[Action] {
        self.list(trigger).map(|list| &**list).unwrap_or_default()
    }

    /// The same, to keep.
    pub fn list(&self, trigger: Trigger) -> Option<&Actions> {
        match (trigger, &self.kind) {
            (Trigger::Click, _) => Some(&self.on_click),
            (Trigger::Appear, _) => Some(&self.on_appear),
            (Trigger::Disappear, _) => Some(&self.on_disappear),
            (Trigger::Submit, ElementKind::Form(form)) => Some(&form.on_submit),
            (Trigger::Answer, ElementKind::Question(question)) => Some(&question.on_answer),
            (Trigger::Correct, ElementKind::Question(question)) => Some(&question.on_correct),
            (Trigger::Wrong, ElementKind::Question(question)) => Some(&question.on_wrong),
            (Trigger::True, ElementKind::Condition { on_true, .. }) => Some(on_true),
            (Trigger::False, ElementKind::Condition { on_false, .. }) => Some(on_false),
            (
                Trigger::Submit
                | Trigger::Answer
                | Trigger::Correct
                | Trigger::Wrong
                | Trigger::True
                | Trigger::False,
                _,
            ) => None,
        }
    }

    /// The texts that it shows, but for the template of an overlay, in the order in which the stage is handed them.
    pub fn texts(&self) -> Vec<&Text> {
        match &self.kind {
            ElementKind::Form(form) => form.texts(),
            ElementKind::Question(question) => question.texts(),
            ElementKind::Area { .. } | ElementKind::Html { .. } | ElementKind::Condition { .. } => Vec::new(),
        }
    }

    /// Whether the viewer can do something with it.
    pub fn is_interactive(&self) -> bool {
        match &self.kind {
            ElementKind::Area { .. } | ElementKind::Form(_) | ElementKind::Question(_) => true,
            ElementKind::Html { source, .. } => !self.on_click.is_empty() || source.has_controls(),
            ElementKind::Condition { .. } => false,
        }
    }
}

/// The kinds of elements.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ElementKind {
    /// A clickable rectangle over something that was filmed.
    Area {
        /// How it shows that it is there.
        #[schemars(default, extend("default" = "pulse"))]
        look: Look,
        /// An inline `<svg>` that stands in its middle instead of the dot.
        #[schemars(with = "String", default, regex(pattern = r"\S"))]
        icon: Option<Markup>,
        /// Where it is when: it moves in a straight line from one place to the next.
        #[schemars(default, length(min = 2, max = 1000))]
        path: Vec<Keyframe>,
        /// What a click on it is to those who count.
        #[schemars(with = "Record", default)]
        records: Option<Record>,
    },
    /// HTML with placeholders.
    Html {
        /// The template.
        #[schemars(with = "String", regex(pattern = r"\S"))]
        source: Markup,
        /// What happens while a placeholder without default has no value.
        #[schemars(default, extend("default" = "hide"))]
        when_missing: WhenMissing,
        /// Lists of actions by name. A button of the template with `data-action="name"` runs one.
        #[schemars(default, extend("maxProperties" = 50), with = "BTreeMap<String, Vec<Action>>")]
        actions: Vec<(String, Actions)>,
    },
    /// Fields that the viewer fills in.
    Form(Form),
    /// A question with choices.
    Question(Question),
    /// Nothing that is seen: runs actions when something becomes true.
    Condition {
        /// An expression, such as `user.userName == 'john.doe'`.
        #[schemars(with = "String", regex(pattern = r"\S"))]
        when: When,
        /// Run when it becomes true.
        #[schemars(default, length(max = 50), with = "Vec<Action>")]
        on_true: Actions,
        /// Run when it was true and is no longer.
        #[schemars(default, length(max = 50), with = "Vec<Action>")]
        on_false: Actions,
    },
}

word_enum! {
    /// How an area shows that it is there.
    #[derive(Default, JsonSchema)]
    #[schemars(rename_all = "camelCase")]
    pub enum Look {
        /// A dot in its middle that sends out rings.
        #[default]
        Pulse = "pulse",
        /// A dot in its middle.
        Dot = "dot",
        /// A line around it.
        Frame = "frame",
        /// Its label, to read.
        Label = "label",
        /// Nothing but for focus and the mouse over it.
        None = "none",
    }
}

word_enum! {
    /// What an overlay does while a placeholder without default has no value.
    #[derive(Default, JsonSchema)]
    #[schemars(rename_all = "camelCase")]
    pub enum WhenMissing {
        /// It stays hidden.
        #[default]
        Hide = "hide",
        /// It shows nothing in that place.
        Empty = "empty",
    }
}

word_enum! {
    /// The word in `kind`, which says what other fields an element has.
    pub enum KindName {
        /// [`ElementKind::Area`]
        Area = "area",
        /// [`ElementKind::Html`]
        Html = "html",
        /// [`ElementKind::Form`]
        Form = "form",
        /// [`ElementKind::Question`]
        Question = "question",
        /// [`ElementKind::Condition`]
        Condition = "condition",
    }
}

impl ElementKind {
    /// The word for it in documents.
    pub fn name(&self) -> KindName {
        match self {
            ElementKind::Area { .. } => KindName::Area,
            ElementKind::Html { .. } => KindName::Html,
            ElementKind::Form(_) => KindName::Form,
            ElementKind::Question(_) => KindName::Question,
            ElementKind::Condition { .. } => KindName::Condition,
        }
    }
}

/// The field that has the actions of a trigger.
pub const fn trigger_field(trigger: Trigger) -> &'static str {
    match trigger {
        Trigger::Click => "onClick",
        Trigger::Appear => "onAppear",
        Trigger::Disappear => "onDisappear",
        Trigger::Submit => "onSubmit",
        Trigger::Answer => "onAnswer",
        Trigger::Correct => "onCorrect",
        Trigger::Wrong => "onWrong",
        Trigger::True => "onTrue",
        Trigger::False => "onFalse",
    }
}
