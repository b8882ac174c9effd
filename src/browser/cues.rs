//! Watches the cues of the video's tracks. All of it is in cues.js, since it is questions to the browser.

use super::link::Link;
use super::media::MediaObject;
use crate::engine::{Cue, Input};
use crate::json::{self, Json};
use std::fmt;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/browser/cues.js")]
extern "C" {
    type CueWatch;
    #[wasm_bindgen(constructor, catch)]
    fn new(media: &MediaObject, tell: &JsValue) -> Result<CueWatch, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn stop(this: &CueWatch) -> Result<(), JsValue>;
}

/// `[[id, start, end], …]`
const DEPTH: usize = 2;

/// Reports the cues of a media element, now and whenever they are others; dropped to stop.
pub struct Cues {
    watch: Option<CueWatch>,
    _tell: Closure<dyn Fn(String, bool)>,
}

impl Cues {
    /// Starts to watch. The first report comes before this returns.
    pub fn watch(media: &MediaObject, link: &Link) -> Cues {
        let told = link.clone();
        let tell = Closure::<dyn Fn(String, bool)>::new(move |text: String, is_complete| {
            told.input(Input::Cues { cues: read(&text), is_complete });
        });
        let watch = CueWatch::new(media, tell.as_ref()).ok();
        if watch.is_none() {
            // What throws when it is asked for its tracks has none.
            link.input(Input::Cues { cues: Vec::new(), is_complete: true });
        }
        Cues { watch, _tell: tell }
    }
}

impl Drop for Cues {
    fn drop(&mut self) {
        if let Some(watch) = &self.watch {
            let _ = watch.stop();
        }
    }
}

impl fmt::Debug for Cues {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Cues")
    }
}

fn read(text: &str) -> Vec<Cue> {
    let list = json::parse(text.as_bytes(), DEPTH).unwrap_or_default();
    let cue = |cue: &Json| {
        let mut parts = cue.as_array()?.iter();
        let id = parts.next()?.as_str()?.to_owned();
        let start = parts.next()?.as_f64()?;
        // Of one without an end, JSON says null.
        Some(Cue { id, start, end: parts.next()?.as_f64().unwrap_or(f64::INFINITY) })
    };
    list.as_array().unwrap_or_default().iter().filter_map(cue).collect()
}
