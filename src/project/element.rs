//! Elements: areas and overlays.

use super::{Action, Actions, schema};
use crate::protocol::{Trigger, word_enum};
use crate::template::{Markup, Text};
use schemars::JsonSchema;
use std::collections::BTreeMap;

/// An area or an overlay.
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
    /// Where it lies on the picture.
    #[schemars(rename = "box")]
    pub frame: Frame,
    /// Whether it starts shown; the actions `show` and `hide` change that.
    #[schemars(default, extend("default" = true))]
    pub visible: bool,
    /// What it is.
    #[schemars(flatten)]
    pub kind: ElementKind,
    /// Run when the viewer clicks it.
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
    /// What a trigger runs.
    pub fn actions(&self, trigger: Trigger) -> &Actions {
        match trigger {
            Trigger::Click => &self.on_click,
            Trigger::Appear => &self.on_appear,
            Trigger::Disappear => &self.on_disappear,
        }
    }
}

/// A rectangle in percent of the picture (0–100).
// In documents it is called `box`, which is a reserved word in Rust.
#[derive(Clone, Copy, Debug, PartialEq, JsonSchema)]
#[schemars(rename = "Box", deny_unknown_fields)]
pub struct Frame {
    /// From the picture's left edge.
    #[schemars(range(min = 0, max = 100))]
    pub left: f64,
    /// From the picture's top edge.
    #[schemars(range(min = 0, max = 100))]
    pub top: f64,
    /// Of the picture's width.
    #[schemars(range(max = 100), extend("exclusiveMinimum" = 0))]
    pub width: f64,
    /// Of the picture's height.
    #[schemars(range(max = 100), extend("exclusiveMinimum" = 0))]
    pub height: f64,
}

/// The kinds of elements.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ElementKind {
    /// A clickable rectangle, invisible but for focus and hover.
    Area,
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
    }
}

impl ElementKind {
    /// The word for it in documents.
    pub fn name(&self) -> KindName {
        match self {
            ElementKind::Area => KindName::Area,
            ElementKind::Html { .. } => KindName::Html,
        }
    }
}

/// The field that has the actions of a trigger.
pub const fn trigger_field(trigger: Trigger) -> &'static str {
    match trigger {
        Trigger::Click => "onClick",
        Trigger::Appear => "onAppear",
        Trigger::Disappear => "onDisappear",
    }
}
