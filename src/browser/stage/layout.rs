//! Keeps the stage over the picture.
//!
//! The picture's place follows from the content box of the element that shows it, `object-fit` and `object-position`
//! ([`crate::geometry`]). The stage is measured against that element on the page and moved by the difference,
//! so it does not matter which ancestor it is positioned in.

use super::super::listener::Listener;
use super::super::media::MediaObject;
use crate::geometry::{self, Fit, ObjectPosition, Rectangle, Size};
use crate::json::{parse_number, write_number};
use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::{CssStyleDeclaration, Document, Element, EventTarget, HtmlElement, ResizeObserver, Window};

/// Measures, and places the stage.
pub struct Layout {
    window: Window,
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
            window: window.clone(),
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
        let element = &self.shown_by;
        let style = self.window.get_computed_style(element).ok().flatten();
        let outer = element.get_bounding_client_rect();
        // Transforms scale what is measured on the page, but not what is set by style.
        // `offsetWidth` is rounded: a difference below a pixel is no scale.
        let width = f64::from(element.unchecked_ref::<HtmlElement>().offset_width());
        let scaled = width > 0.0 && outer.width() > 0.0 && (outer.width() - width).abs() >= 1.0;
        let scale = if scaled { outer.width() / width } else { 1.0 };
        let length = |name: &str| pixels(style.as_ref(), name);
        let left = length("border-left-width") + length("padding-left");
        let top = length("border-top-width") + length("padding-top");
        let right = length("border-right-width") + length("padding-right");
        let bottom = length("border-bottom-width") + length("padding-bottom");
        let content = Size {
            width: (outer.width() / scale - left - right).max(0.0),
            height: (outer.height() / scale - top - bottom).max(0.0),
        };
        let (fit, position) = fitting(element, style.as_ref());
        let own_size = element.unchecked_ref::<MediaObject>().natural_size();
        let natural_size = own_size.or_else(|| self.media.natural_size());
        let picture = geometry::picture(content, natural_size, fit, position);
        let visible = picture.within(content);
        let clipped = visible != picture;
        self.set_box(&self.root, visible.width, visible.height);
        // Where the stage is now, and where its corner has to be.
        let now = self.root.get_bounding_client_rect();
        let (set_left, set_top) = (pixels_of(&self.root, "left"), pixels_of(&self.root, "top"));
        let x = set_left + (outer.left() - now.left()) / scale + left + visible.left;
        let y = set_top + (outer.top() - now.top()) / scale + top + visible.top;
        put(&self.root, "left", x);
        put(&self.root, "top", y);
        let _ = self.root.style().set_property("overflow", if clipped { "clip" } else { "visible" });
        let inner =
            Rectangle { left: picture.left - visible.left, top: picture.top - visible.top, ..picture };
        put(&self.picture, "left", inner.left);
        put(&self.picture, "top", inner.top);
        self.set_box(&self.picture, inner.width, inner.height);
        // Native controls are at the bottom of the box, which is not that of the picture: see stage.css.
        put(&self.root, "--_below", content.height - picture.top - picture.height);
    }

    fn set_box(&self, element: &HtmlElement, width: f64, height: f64) {
        put(element, "width", width);
        put(element, "height", height);
    }
}

impl fmt::Debug for Layout {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Layout")
    }
}

/// How the picture is fitted. Only `<video>` obeys `object-fit`; players around it show the whole picture unless they
/// say otherwise by Media Chrome's property.
fn fitting(element: &Element, style: Option<&CssStyleDeclaration>) -> (Fit, ObjectPosition) {
    let value = |name: &str| style.and_then(|style| style.get_property_value(name).ok()).unwrap_or_default();
    match is_video(element) {
        true => (Fit::parse(&value("object-fit")), ObjectPosition::parse(&value("object-position"))),
        false => (
            Fit::parse(&value("--media-object-fit")),
            ObjectPosition::parse(&value("--media-object-position")),
        ),
    }
}

fn is_video(element: &Element) -> bool {
    element.local_name() == "video"
}

fn parse_pixels(text: &str) -> f64 {
    parse_number(text.strip_suffix("px").unwrap_or(text))
        .filter(|number| number.is_finite())
        .unwrap_or_default()
}

fn pixels(style: Option<&CssStyleDeclaration>, name: &str) -> f64 {
    let text = style.and_then(|style| style.get_property_value(name).ok()).unwrap_or_default();
    parse_pixels(&text)
}

fn pixels_of(element: &HtmlElement, name: &str) -> f64 {
    parse_pixels(&element.style().get_property_value(name).unwrap_or_default())
}

fn put(element: &HtmlElement, name: &str, value: f64) {
    // Browsers lay out in 64ths of a pixel; more digits are noise.
    let mut text = String::new();
    write_number((value * 64.0).round() / 64.0, &mut text);
    text.push_str("px");
    let _ = element.style().set_property(name, &text);
}
