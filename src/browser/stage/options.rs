//! What viewers may set for themselves. The button, and what it opens, are made in options.js.

use super::super::link::Link;
use crate::engine::Input;
use crate::project::{ViewerOption, Word, Words};
use js_sys::Array;
use std::fmt;
use wasm_bindgen::prelude::*;
use web_sys::Element;

#[wasm_bindgen(module = "/src/browser/stage/options.js")]
extern "C" {
    type ViewerOptions;
    #[wasm_bindgen(constructor, catch)]
    fn new(stage: &Element, ask: &JsValue) -> Result<ViewerOptions, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn offer(this: &ViewerOptions, pause: bool, list: bool, title: &str, wish: &str) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    fn end(this: &ViewerOptions) -> Result<(), JsValue>;
}

/// The button and what it opens; dropped to take it away.
pub struct OptionsButton {
    options: ViewerOptions,
    _ask: Closure<dyn Fn(String, usize) -> JsValue>,
}

impl OptionsButton {
    /// Makes it; nothing is offered yet.
    ///
    /// # Errors
    /// The page has done away with something that every browser has.
    pub fn new(stage: &Element, link: &Link) -> Result<OptionsButton, JsValue> {
        let link = link.clone();
        let ask = Closure::<dyn Fn(String, usize) -> JsValue>::new(move |what: String, value: usize| {
            match what.as_str() {
                "pause" => link.input(Input::PauseAlways(value != 0)),
                "open" => link.input(Input::Open(value)),
                _ => return list(&link),
            }
            JsValue::UNDEFINED
        });
        let options = ViewerOptions::new(stage, ask.as_ref())?;
        Ok(OptionsButton { options, _ask: ask })
    }

    /// Offers these from now on.
    pub fn offer(&self, options: &[ViewerOption], words: &Words) {
        let has = |option: ViewerOption| options.contains(&option);
        let (title, wish) = (words.get(Word::Interactions), words.get(Word::PauseAlways));
        let _ = self.options.offer(has(ViewerOption::Pause), has(ViewerOption::List), title, wish);
    }
}

impl Drop for OptionsButton {
    fn drop(&mut self) {
        let _ = self.options.end();
    }
}

impl fmt::Debug for OptionsButton {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("OptionsButton")
    }
}

/// `[[place, name], …]`
fn list(link: &Link) -> JsValue {
    let entries = link.interactions().into_iter();
    let pair = |(place, name): (usize, String)| Array::of2(&JsValue::from(place), &name.into());
    entries.map(pair).collect::<Array>().into()
}
