//! Keeps the stage over the picture.
//!
//! The picture's place follows from the content box of the element that shows it, `object-fit` and `object-position`
//! ([`crate::geometry`]). The stage is measured against that element on the page and moved by the difference,
//! so it does not matter which ancestor it is positioned in.

use super::super::listener::Listener;
use super::super::media::MediaObject;
use crate::geometry::{self, Fit, ObjectPosition, Size};
use js_sys::Array;
use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::{Document, Element, EventTarget, HtmlElement, ResizeObserver, Window};

#[wasm_bindgen(module = "/src/browser/stage/layout.js")]
extern "C" {
    /// `[width, height, left, top, fit, position]`
    #[wasm_bindgen(catch, js_name = measurePicture)]
    fn measure(shown_by: &Element, stage: &Element) -> Result<Array, JsValue>;
    #[wasm_bindgen(catch, js_name = layOut)]
    fn lay_out(node: &Element, left: f64, top: f64, width: f64, height: f64) -> Result<(), JsValue>;
    #[wasm_bindgen(catch, js_name = boundStage)]
    fn bound(stage: &Element, is_clipped: bool, below: f64) -> Result<(), JsValue>;
}

/// Measures, and places the stage.
pub struct Layout {
    media: MediaObject,
    /// What shows the picture.
    shown_by: Element,
    root: HtmlElement,
    picture: HtmlElement,
    watch: RefCell<Option<LayoutWatch>>,
}

/// Observer and listeners; dropped to stop.
struct LayoutWatch {
    observer: Option<ResizeObserver>,
    _listeners: Vec<Listener>,
    _closure: Closure<dyn Fn()>,
}

impl Drop for LayoutWatch {
    fn drop(&mut self) {
        if let Some(observer) = &self.observer {
            observer.disconnect();
        }
    }
}

impl Layout {
    /// Places the stage over what `shown_by` shows, and again whenever something changes that its place depends on.
    /// Inside a player that is the native video; `media` says how large the picture is if `shown_by` does not.
    pub fn new(
        window: &Window,
        document: &Document,
        media: &MediaObject,
        shown_by: &Element,
        root: &HtmlElement,
        picture: &HtmlElement,
    ) -> Rc<Layout> {
        let layout = Rc::new(Layout {
            media: media.clone(),
            shown_by: shown_by.clone(),
            root: root.clone(),
            picture: picture.clone(),
            watch: RefCell::new(None),
        });
        let weak = Rc::downgrade(&layout);
        let update = move || {
            if let Some(layout) = weak.upgrade() {
                layout.update();
            }
        };
        let closure = Closure::<dyn Fn()>::new(update.clone());
        let observer = ResizeObserver::new(closure.as_ref().unchecked_ref()).ok();
        if let Some(observer) = &observer {
            observer.observe(shown_by);
            // What is around it may push it elsewhere without changing its size.
            if let Some(parent) = shown_by.parent_element() {
                observer.observe(&parent);
            }
        }
        let mut listeners = Vec::new();
        for name in ["loadedmetadata", "resize", "emptied"] {
            let update = update.clone();
            // A player may keep the events of its video to itself, and rename its own.
            let source: &EventTarget = if is_video(shown_by) { shown_by } else { media };
            listeners.push(Listener::new(source, name, move |_| update()));
        }
        let resize = update.clone();
        listeners.push(Listener::new(window, "resize", move |_| resize()));
        listeners.push(Listener::new(document, "fullscreenchange", move |_| update()));
        layout.watch.replace(Some(LayoutWatch { observer, _listeners: listeners, _closure: closure }));
        layout.update();
        layout
    }

    /// Stops following changes.
    pub fn stop(&self) {
        let watch = self.watch.take();
        drop(watch);
    }

    /// Measures and places.
    pub fn update(&self) {
        // What cannot be measured stays where it is.
        let Ok(measured) = measure(&self.shown_by, &self.root) else { return };
        let number = |at: u32| measured.get(at).as_f64().unwrap_or_default();
        let word = |at: u32| measured.get(at).as_string().unwrap_or_default();
        let content = Size { width: number(0).max(0.0), height: number(1).max(0.0) };
        let own_size = self.shown_by.unchecked_ref::<MediaObject>().natural_size();
        let natural_size = own_size.or_else(|| self.media.natural_size());
        let (fit, position) = (Fit::parse(&word(4)), ObjectPosition::parse(&word(5)));
        let picture = geometry::picture(content, natural_size, fit, position);
        let visible = picture.within(content);
        let _ = lay_out(
            &self.root,
            number(2) + visible.left,
            number(3) + visible.top,
            visible.width,
            visible.height,
        );
        let (left, top) = (picture.left - visible.left, picture.top - visible.top);
        let _ = lay_out(&self.picture, left, top, picture.width, picture.height);
        // Native controls are at the bottom of the box, which is not that of the picture: see stage.css.
        let _ = bound(&self.root, visible != picture, content.height - picture.top - picture.height);
    }
}

impl fmt::Debug for Layout {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Layout")
    }
}

fn is_video(element: &Element) -> bool {
    element.local_name() == "video"
}
