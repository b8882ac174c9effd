//! What lies over the video: areas, overlays, notices, and the text for screen readers.
//!
//! ```text
//! div.cuehook-stage                    over the visible part of the picture
//!   div.cuehook-picture                the whole picture; larger than the stage with `object-fit: cover`
//!     button.cuehook-area, div.cuehook-html …   in percent of the picture, in document order; forms and questions, too
//!   div.cuehook-notices                what Cuehook itself says, with buttons
//!   div.cuehook-status[role=status]    the same for screen readers
//! ```
//! The stage is in the light DOM where it can be: players' own guards for buttons, `aria-*` references and the page's CSS
//! work there. It begins right after the media element; `js/mount.js` looks where it must be among a player's own layers,
//! moves it, and tells. It lets clicks through except where a control lies.

pub mod controls;
pub mod entries;
pub mod focus;
pub mod layout;
pub mod notices;
pub mod plan;
pub mod sheet;
pub mod status;
pub mod view;

use super::errors;
use super::link::Link;
use super::media::MediaObject;
use crate::engine::{Notice, Saying};
use crate::error::ErrorCode;
use crate::project::{Frame, Project};
use crate::template::Change;
use entries::{Entries, Entry};
use focus::Focus;
use layout::Layout;
use notices::Notices;
use sheet::Sheet;
use status::Status;
use std::cell::RefCell;
use std::rc::Rc;
use view::View;
use wasm_bindgen::prelude::*;
use web_sys::{Document, Element, HtmlElement, Window};

/// The stage of one instance.
#[derive(Debug)]
pub struct Stage {
    document: Document,
    root: HtmlElement,
    picture: HtmlElement,
    views: Rc<RefCell<Vec<Rc<View>>>>,
    notices: Notices,
    status: Status,
    focus: Focus,
    entries: Entries,
    layout: RefCell<Rc<Layout>>,
    listening: RefCell<Vec<super::listener::Listener>>,
    sheet: RefCell<Option<Sheet>>,
}

impl Stage {
    /// Puts an empty stage over the media element: right after it, or into `host` if it is no element.
    ///
    /// # Errors
    /// `config-invalid` if there is no place: the media element has no parent.
    pub fn new(
        window: &Window,
        document: &Document,
        host: &Element,
        media: &MediaObject,
    ) -> Result<Stage, JsValue> {
        let root = division(document, "cuehook-stage")?;
        // Marks for players: do not hide with the controls (Media Chrome), keys stay here, this is a control.
        for (name, value) in [("noautohide", ""), ("keysused", "Enter Space"), ("data-interactive", "")] {
            root.set_attribute(name, value)?;
        }
        let picture = division(document, "cuehook-picture")?;
        let notices = division(document, "cuehook-notices")?;
        let status = division(document, "cuehook-status")?;
        status.set_attribute("role", "status")?;
        root.append_with_node_3(&picture, &notices, &status)?;
        place(&root, host, media)?;
        let sheet = Sheet::adopt(document, &root);
        let shown_by = media.element().unwrap_or(host);
        let layout = Layout::new(window, document, media, shown_by, &root, &picture);
        let focus = Focus::new(&root, shown_by);
        Ok(Stage {
            document: document.clone(),
            views: Rc::default(),
            notices: Notices::new(document.clone(), notices, focus.clone()),
            status: Status::new(window.clone(), status),
            focus,
            entries: Entries::new(),
            layout: RefCell::new(layout),
            listening: RefCell::default(),
            sheet: RefCell::new(Some(sheet)),
            root,
            picture,
        })
    }

    /// The stage has been put somewhere, to lie over what `shown_by` shows of `media`.
    pub fn placed(&self, window: &Window, media: &MediaObject, shown_by: &Element) {
        // What is adopted again does not leave in between.
        let sheet = Sheet::adopt(&self.document, &self.root);
        self.sheet.replace(Some(sheet));
        let layout = Layout::new(window, &self.document, media, shown_by, &self.root, &self.picture);
        self.focus.over(media.element().unwrap_or(shown_by));
        self.layout.replace(layout).stop();
    }

    /// Starts to report clicks, keys and focus.
    pub fn listen(&self, link: &Link) {
        self.listening.replace(controls::listen(&self.root, &self.views, &self.focus, link));
    }

    /// The outermost element.
    pub fn root(&self) -> &HtmlElement {
        &self.root
    }

    /// Builds all elements of a project anew, hidden.
    pub fn build(&self, project: &Project) {
        self.focus.hold(&self.picture);
        let old = self.views.take();
        for view in &old {
            view.node().remove();
        }
        drop(old);
        self.entries.renew();
        let mut views = Vec::with_capacity(project.elements.len());
        for element in &project.elements {
            // A node that cannot be made leaves a gap: the places of the others must stay right.
            match View::new(&self.document, element, project, &self.entries) {
                Ok(view) => {
                    let _ = self.picture.append_with_node_1(view.node());
                    views.push(Rc::new(view));
                }
                Err(_) => views.push(Rc::new(View::gap(&self.picture))),
            }
        }
        self.views.replace(views);
        self.focus.settle();
        self.focus.release(focus::NOBODY);
        self.layout().update();
    }

    fn layout(&self) -> Rc<Layout> {
        Rc::clone(&self.layout.borrow())
    }

    fn view(&self, element: usize) -> Option<Rc<View>> {
        self.views.borrow().get(element).cloned()
    }

    /// Shows or hides an element.
    pub fn show(&self, element: usize, shown: bool) {
        self.change(element, |view| {
            view.show(shown);
            self.focus.settle();
        });
    }

    /// Changes something on an element and takes care of the focus in it.
    fn change(&self, element: usize, change: impl FnOnce(&View)) {
        if let Some(view) = self.view(element) {
            self.focus.hold(view.node());
            change(&view);
            self.focus.release(focus::NOBODY);
        }
    }

    /// The viewer has activated an element of the page.
    pub fn activated_on_page(&self, node: &Element) {
        self.focus.activated(focus::PAGE, node);
    }

    /// Names an element for assistive technology.
    pub fn label(&self, element: usize, text: &str) {
        if let Some(view) = self.view(element) {
            view.label(text);
        }
    }

    /// Does something with the controls of a form or a question.
    pub fn entry(&self, element: usize, act: impl FnOnce(&Entry)) {
        if let Some(view) = self.view(element)
            && let Some(entry) = view.entry()
        {
            act(entry);
        }
    }

    /// Changes what an element's template shows.
    pub fn patch(&self, element: usize, changes: &[Change]) {
        self.change(element, |view| view.patch(changes));
    }

    /// Marks an element as busy, or no longer.
    pub fn busy(&self, element: usize, busy: bool) {
        if let Some(view) = self.view(element) {
            view.busy(busy);
        }
    }

    /// Shows these notices and no others.
    pub fn notices(&self, notices: &[Notice], link: &Link) {
        self.notices.update(notices, link);
        self.focus.uncover();
    }

    /// Says something to screen readers.
    pub fn announce(&self, saying: &Saying) {
        match saying {
            Saying::Text(text) => self.status.announce(text),
            Saying::Element(element) => {
                if let Some(view) = self.view(*element) {
                    self.status.announce(&view.text());
                }
            }
        }
    }

    /// Moves an element.
    pub fn place(&self, element: usize, frame: Frame) {
        if let Some(view) = self.view(element) {
            view.place(frame);
        }
    }

    /// Takes everything off the page and stops listening.
    pub fn remove(&self) {
        let listening = self.listening.take();
        drop(listening);
        self.entries.end();
        self.layout().stop();
        self.status.stop();
        self.notices.clear();
        self.root.remove();
        let sheet = self.sheet.take();
        drop(sheet);
    }
}

/// Puts the stage right after the media element, or into `host` if that is no element or nowhere.
fn place(root: &HtmlElement, host: &Element, media: &MediaObject) -> Result<(), JsValue> {
    match media.element() {
        Some(element) if element.parent_node().is_some() => element.after_with_node_1(root),
        Some(element) if element.is_same_node(Some(host)) => {
            let message = "The media element is not in the document, so there is no place for overlays. \
                Insert it first, or pass the element that shall contain them as `host`.";
            Err(errors::error(ErrorCode::ConfigInvalid, message))
        }
        Some(_) | None => host.append_with_node_1(root),
    }
}

/// A `<div>` with a class.
fn division(document: &Document, class: &str) -> Result<HtmlElement, JsValue> {
    let element: HtmlElement = document.create_element("div")?.unchecked_into();
    element.set_class_name(class);
    Ok(element)
}
