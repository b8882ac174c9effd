//! Watches the media element and reports what it does.

use super::link::Link;
use super::listener::Listener;
use super::media::MediaObject;
use crate::engine::{Input, MediaEvent, PlayId, PlayOutcome};
use js_sys::{Function, Promise, Reflect};
use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::{Document, Window};

#[wasm_bindgen]
extern "C" {
    /// A promise.
    type Settling;
    /// Calls one of the two functions. They belong to the browser: a promise may settle after the instance has ended.
    #[wasm_bindgen(catch, method)]
    fn then(this: &Settling, fulfilled: &JsValue, rejected: &JsValue) -> Result<JsValue, JsValue>;
}

/// What each of the element's events means. Time is read anew on every one of them: no single event is relied on.
const EVENTS: [(&str, MediaEvent); 14] = [
    ("play", MediaEvent::Play),
    ("pause", MediaEvent::Pause),
    ("seeking", MediaEvent::Seeking),
    ("ended", MediaEvent::Ended),
    ("emptied", MediaEvent::SourceChanged),
    ("loadstart", MediaEvent::SourceChanged),
    ("playing", MediaEvent::Playing),
    ("seeked", MediaEvent::Time),
    ("timeupdate", MediaEvent::Time),
    ("loadedmetadata", MediaEvent::Time),
    ("durationchange", MediaEvent::Time),
    ("canplay", MediaEvent::Time),
    ("ratechange", MediaEvent::Time),
    ("waiting", MediaEvent::Time),
];

/// The media element and everything that listens to it.
#[derive(Debug)]
pub struct Player {
    media: RefCell<MediaObject>,
    watch: RefCell<Option<PlaybackWatch>>,
}

/// Listeners and the loop of animation frames; dropped to stop.
#[derive(Debug)]
struct PlaybackWatch {
    _listeners: Vec<Listener>,
    _frames: Rc<Frames>,
}

impl PlaybackWatch {
    fn new(media: &MediaObject, window: &Window, document: &Document, link: &Link) -> PlaybackWatch {
        let frames = Frames::new(media.clone(), window.clone(), document.clone(), link.clone());
        let mut listeners = Vec::with_capacity(EVENTS.len() + 1);
        for (name, event) in EVENTS {
            let (link, frames) = (link.clone(), Rc::downgrade(&frames));
            listeners.push(Listener::new(media, name, move |_| {
                link.input(Input::Media(event));
                if let Some(frames) = frames.upgrade() {
                    frames.wake();
                }
            }));
        }
        let (visible_link, visible_frames) = (link.clone(), Rc::downgrade(&frames));
        listeners.push(Listener::new(document, "visibilitychange", move |_| {
            visible_link.input(Input::Media(MediaEvent::Time));
            if let Some(frames) = visible_frames.upgrade() {
                frames.wake();
            }
        }));
        frames.wake();
        PlaybackWatch { _listeners: listeners, _frames: frames }
    }
}

impl Player {
    /// Starts to watch.
    pub fn new(media: MediaObject, window: &Window, document: &Document, link: &Link) -> Player {
        let watch = PlaybackWatch::new(&media, window, document, link);
        Player { media: RefCell::new(media), watch: RefCell::new(Some(watch)) }
    }

    /// The media element.
    pub fn media(&self) -> MediaObject {
        self.media.borrow().clone()
    }

    /// Watches another media element, and no longer the one before.
    pub fn follow(&self, media: MediaObject, window: &Window, document: &Document, link: &Link) {
        let watch = PlaybackWatch::new(&media, window, document, link);
        let before = self.watch.replace(Some(watch));
        drop(before);
        self.media.replace(media);
    }

    /// Stops watching.
    pub fn stop(&self) {
        let watch = self.watch.take();
        drop(watch);
    }

    /// Calls `play()` and reports how it ended.
    pub fn play(&self, play: PlayId, link: &Link) {
        match self.media().play() {
            Err(thrown) => link.input(Input::PlaySettled { play, outcome: outcome(&thrown) }),
            Ok(value) if has_then(&value) => {
                let report = |judge: fn(&JsValue) -> PlayOutcome| {
                    let link = link.clone();
                    let settled = move |value: JsValue| {
                        link.input(Input::PlaySettled { play, outcome: judge(&value) });
                    };
                    Closure::<dyn Fn(JsValue)>::new(settled).into_js_value()
                };
                let promise = Promise::resolve(&value);
                let (played, failed) = (report(|_| PlayOutcome::Playing), report(outcome));
                let _ = promise.unchecked_ref::<Settling>().then(&played, &failed);
            }
            // Adapters around foreign players often return nothing.
            Ok(_) => link.input(Input::PlaySettled { play, outcome: PlayOutcome::Playing }),
        }
    }
}

fn has_then(value: &JsValue) -> bool {
    value.is_object()
        && Reflect::get(value, &JsValue::from_str("then")).is_ok_and(|then| then.is_instance_of::<Function>())
}

fn outcome(reason: &JsValue) -> PlayOutcome {
    let name = Reflect::get(reason, &JsValue::from_str("name")).ok().and_then(|name| name.as_string());
    match name.as_deref() {
        Some("AbortError") => PlayOutcome::Interrupted,
        Some("NotAllowedError") => PlayOutcome::Blocked,
        _ => PlayOutcome::Failed,
    }
}

/// One `requestAnimationFrame` after the other, as long as the video plays and the page is visible.
struct Frames {
    media: MediaObject,
    window: Window,
    document: Document,
    pending: Cell<Option<i32>>,
    closure: Closure<dyn Fn()>,
}

impl Frames {
    fn new(media: MediaObject, window: Window, document: Document, link: Link) -> Rc<Frames> {
        Rc::new_cyclic(|weak: &std::rc::Weak<Frames>| {
            let weak = weak.clone();
            let closure = Closure::<dyn Fn()>::new(move || {
                let Some(frames) = weak.upgrade() else { return };
                frames.pending.set(None);
                link.input(Input::Media(MediaEvent::Time));
                frames.wake();
            });
            Frames { media, window, document, pending: Cell::new(None), closure }
        })
    }

    /// Asks for the next frame if there is a reason to.
    fn wake(&self) {
        if self.pending.get().is_some() || self.document.hidden() {
            return;
        }
        let state = self.media.state();
        if !state.paused && !state.ended {
            let id = self.window.request_animation_frame(self.closure.as_ref().unchecked_ref());
            self.pending.set(id.ok());
        }
    }
}

impl Drop for Frames {
    fn drop(&mut self) {
        if let Some(id) = self.pending.take() {
            let _ = self.window.cancel_animation_frame(id);
        }
    }
}

impl fmt::Debug for Frames {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Frames").field("pending", &self.pending).finish_non_exhaustive()
    }
}
