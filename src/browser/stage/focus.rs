//! Where focus goes when what has it is about to go. All of it is in focus.js, since it is questions to the DOM.

use wasm_bindgen::prelude::*;
use web_sys::{Element, Event};

/// Stands for the page in [`Focus::activated`].
pub const PAGE: i32 = -1;
/// In [`Focus::release`]: it is no notice, or nobody has caused it.
pub const NOBODY: i32 = -2;

#[wasm_bindgen(module = "/src/browser/stage/focus.js")]
extern "C" {
    /// What is known of focus on one stage.
    #[derive(Clone, Debug)]
    pub type Focus;

    /// Of the stage `stage` over `film`.
    #[wasm_bindgen(constructor)]
    pub fn new(stage: &Element, film: &Element) -> Focus;

    /// Another film lies below the stage.
    #[wasm_bindgen(method)]
    pub fn over(this: &Focus, film: &Element);

    /// The viewer has activated `node` in the element with this place in the project, or on the page.
    #[wasm_bindgen(method)]
    pub fn activated(this: &Focus, place: i32, node: &Element);

    /// Focus has come to the stage.
    #[wasm_bindgen(method)]
    pub fn came(this: &Focus, event: &Event);

    /// Something in `inside` is about to change.
    #[wasm_bindgen(method)]
    pub fn hold(this: &Focus, inside: &Element);

    /// The change is done: if focus was inside and is lost, it goes elsewhere; from a notice first of all to what the viewer
    /// had activated at the place `cause`.
    #[wasm_bindgen(method)]
    pub fn release(this: &Focus, cause: i32);

    /// Elements were shown, hidden or removed: dialogs among them take and give back focus.
    #[wasm_bindgen(method)]
    pub fn settle(this: &Focus);

    /// Notices have come or gone: they do not cover what has focus.
    #[wasm_bindgen(method)]
    pub fn uncover(this: &Focus);

    /// A key goes down on the stage: Tab stays in a dialog, Escape closes a notice, or else gives the dialog that is to be
    /// closed.
    #[wasm_bindgen(method)]
    pub fn key(this: &Focus, event: &Event) -> Option<Element>;
}

/// The place of an element in the project, as focus.js counts.
pub fn place(element: usize) -> i32 {
    i32::try_from(element).unwrap_or(i32::MAX)
}
