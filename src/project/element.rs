//! Elements: areas and overlays.

#[cfg(not(target_arch = "wasm32"))]
use super::schema;
use super::{Action, Actions};
use crate::template::{Markup, Text};

/// An area or an overlay.
#[derive(Clone, Debug)]
#[cfg_attr(
    not(target_arch = "wasm32"),
    derive(schemars::JsonSchema),
    schemars(rename_all = "camelCase", deny_unknown_fields, transform = schema::element)
)]
pub struct Element {
    /// Name for references.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(max = 200), regex(pattern = r"\S")))]
    pub id: String,
    /// Accessible name: required on areas and on whatever can be clicked.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(with = "String", default, regex(pattern = r"\S")))]
    pub label: Option<Text>,
    /// First second in which it is there.
    #[cfg_attr(
        not(target_arch = "wasm32"),
        schemars(default, schema_with = "schema::time", extend("default" = 0))
    )]
    pub from: f64,
    /// Second from which it is gone; infinite if it stays.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(default, schema_with = "schema::time"))]
    pub to: f64,
    /// Where it lies on the picture.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(rename = "box"))]
    pub frame: Frame,
    /// Whether it starts shown; the actions `show` and `hide` change that.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(default, extend("default" = true)))]
    pub visible: bool,
    /// What it is.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(flatten))]
    pub kind: Kind,
    /// Run when the viewer clicks it.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(default, length(max = 50), with = "Vec<Action>"))]
    pub on_click: Actions,
    /// Run each time it appears.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(default, length(max = 50), with = "Vec<Action>"))]
    pub on_appear: Actions,
    /// Run each time it disappears.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(default, length(max = 50), with = "Vec<Action>"))]
    pub on_disappear: Actions,
}

/// A rectangle in percent of the picture (0–100).
// In documents it is called `box`, which is a reserved word in Rust.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(
    not(target_arch = "wasm32"),
    derive(schemars::JsonSchema),
    schemars(rename = "Box", deny_unknown_fields)
)]
pub struct Frame {
    /// From the picture's left edge.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(min = 0, max = 100)))]
    pub left: f64,
    /// From the picture's top edge.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(min = 0, max = 100)))]
    pub top: f64,
    /// Of the picture's width.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(max = 100), extend("exclusiveMinimum" = 0)))]
    pub width: f64,
    /// Of the picture's height.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(max = 100), extend("exclusiveMinimum" = 0)))]
    pub height: f64,
}

/// The kinds of elements.
#[derive(Clone, Debug)]
#[cfg_attr(
    not(target_arch = "wasm32"),
    derive(schemars::JsonSchema),
    schemars(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")
)]
pub enum Kind {
    /// A clickable rectangle, invisible but for focus and hover.
    Area,
    /// HTML with placeholders.
    Html {
        /// The template.
        #[cfg_attr(not(target_arch = "wasm32"), schemars(with = "String", regex(pattern = r"\S")))]
        source: Markup,
        /// What happens while a placeholder without default has no value.
        #[cfg_attr(not(target_arch = "wasm32"), schemars(default, extend("default" = "hide")))]
        when_missing: WhenMissing,
    },
}

/// What an overlay does while a placeholder without default has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema), schemars(rename_all = "camelCase"))]
pub enum WhenMissing {
    /// It stays hidden.
    #[default]
    Hide,
    /// It shows nothing in that place.
    Empty,
}
