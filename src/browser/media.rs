//! The media element, by what it can do and not by its class.
//!
//! Players wrap `<video>` in elements and adapters of their own. Whatever has the subset of HTMLMediaElement below
//! works. Every access may run the player's code, so every access may throw; what throws counts as missing.

use crate::engine::Media;
use crate::geometry::Size;
use js_sys::Reflect;
use wasm_bindgen::prelude::*;
use web_sys::{Element, EventTarget, Node};

#[wasm_bindgen]
extern "C" {
    /// Any object with the used subset of HTMLMediaElement.
    #[wasm_bindgen(extends = EventTarget)]
    #[derive(Clone, Debug)]
    pub type MediaObject;

    #[wasm_bindgen(catch, method, getter, structural, js_name = currentTime)]
    fn current_time(this: &MediaObject) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, method, setter, structural, js_name = currentTime)]
    fn set_current_time(this: &MediaObject, seconds: f64) -> Result<(), JsValue>;
    #[wasm_bindgen(catch, method, getter, structural)]
    fn duration(this: &MediaObject) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, method, getter, structural)]
    fn paused(this: &MediaObject) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, method, getter, structural)]
    fn ended(this: &MediaObject) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, method, getter, structural)]
    fn seeking(this: &MediaObject) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, method, getter, structural, js_name = videoWidth)]
    fn video_width(this: &MediaObject) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, method, getter, structural, js_name = videoHeight)]
    fn video_height(this: &MediaObject) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, method, setter, structural, js_name = playbackRate)]
    fn set_playback_rate(this: &MediaObject, rate: f64) -> Result<(), JsValue>;
    #[wasm_bindgen(catch, method, setter, structural)]
    fn set_muted(this: &MediaObject, muted: bool) -> Result<(), JsValue>;
    #[wasm_bindgen(catch, method, structural, js_name = play)]
    fn try_play(this: &MediaObject) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, method, structural, js_name = pause)]
    fn try_pause(this: &MediaObject) -> Result<(), JsValue>;
}

/// Keeps a rejection of a promise that nobody waits for out of the console. Works without any state of ours.
pub fn ignore_rejection(promise: &JsValue) {
    let _ = js_sys::Promise::all_settled(&js_sys::Array::of1(promise));
}

fn number(value: Result<JsValue, JsValue>) -> Option<f64> {
    value.ok().and_then(|value| value.as_f64()).filter(|number| number.is_finite())
}

fn truth(value: Result<JsValue, JsValue>) -> bool {
    value.is_ok_and(|value| value.is_truthy())
}

impl MediaObject {
    /// Whether `value` has what we need: a time, `play`, `pause` and events.
    pub fn accepts(value: &JsValue) -> bool {
        let has = |name: &str| {
            Reflect::get(value, &JsValue::from_str(name)).is_ok_and(|member| !member.is_undefined())
        };
        value.is_object()
            && ["currentTime", "paused", "play", "pause", "addEventListener"].into_iter().all(has)
    }

    /// Its state now.
    pub fn state(&self) -> Media {
        Media {
            time: number(self.current_time()).unwrap_or_default(),
            duration: number(self.duration()),
            paused: truth(self.paused()),
            ended: truth(self.ended()),
            seeking: truth(self.seeking()),
            detached: self.element().is_some_and(|element| !element.is_connected()),
        }
    }

    /// The picture's natural size, once known.
    pub fn natural_size(&self) -> Option<Size> {
        let (width, height) = (number(self.video_width())?, number(self.video_height())?);
        (width > 0.0 && height > 0.0).then_some(Size { width, height })
    }

    /// `play()`: a promise, nothing at all, or what it threw.
    ///
    /// # Errors
    /// What `play()` threw.
    pub fn play(&self) -> Result<JsValue, JsValue> {
        self.try_play()
    }

    /// `pause()`
    pub fn pause(&self) {
        let _ = self.try_pause();
    }

    /// Sets `currentTime`.
    pub fn seek(&self, seconds: f64) {
        let _ = self.set_current_time(seconds);
    }

    /// Sets `playbackRate`. Speeds that the browser does not support change nothing.
    pub fn rate(&self, rate: f64) {
        let _ = self.set_playback_rate(rate);
    }

    /// Sets `muted`.
    pub fn mute(&self, muted: bool) {
        let _ = self.set_muted(muted);
    }

    /// The element, if it is one. Only an element has a rectangle on the page.
    pub fn element(&self) -> Option<&Element> {
        let value: &JsValue = self.as_ref();
        value.is_instance_of::<Node>().then(|| value.unchecked_ref())
    }
}
