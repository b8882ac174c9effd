//! What JavaScript calls. The loader in `js/` makes it pretty.
//!
//! Every method takes `&self`, so that a listener may call in while another call is under way.

use super::errors;
use super::events;
use super::media::MediaObject;
use super::options::AttachOptions;
use super::page;
use super::panic;
use super::runtime::Runtime;
use super::values;
use crate::diagnostic::{Diagnostic, DiagnosticKind, EXPLAINS};
use crate::engine::{EventName, Input};
use crate::error::ErrorCode;
use crate::json::{self, Json};
use crate::project::{self, Words};
use crate::session::{Context, MAX_VARIABLES};
use js_sys::Promise;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::{Element, EventTarget, Window};

#[wasm_bindgen]
extern "C" {
    /// By its name: `web_sys::window()` looks for it in four ways, for workers and for what is no browser.
    #[wasm_bindgen(thread_local_v2, js_name = window)]
    static WINDOW: Option<Window>;
}

/// How deep a project document may be nested.
const MAX_DOCUMENT_DEPTH: usize = 64;

/// An instance, as JavaScript holds it. Letting go of it does not end the instance; [`Handle::destroy`] does.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Handle {
    runtime: Rc<Runtime>,
    /// What Cuehook says where the document does not say it.
    words: Words,
}

/// Lays a project over a media element. [`Handle::start`] makes it appear.
///
/// Events are dispatched on `host`. `media` is a media element or any object with the same subset. `project` is the
/// document's text.
///
/// # Errors
/// A `CuehookError` with code `config-invalid` and all `problems` of the document; it is dispatched as `cuehook:error`
/// and written to the console, too. The media element is not touched then. If the document needs the build with
/// minijinja and this is another one, the error has the property `needs` with the value `"full"`, and nothing is
/// dispatched or written: the loader attaches again with that build. If this build does not explain what is wrong with documents,
/// `needs` is `"explained"`: the loader asks [`explain`] of the full build.
#[wasm_bindgen]
pub fn attach(host: Element, media: JsValue, project: &str, options: JsValue) -> Result<Handle, JsValue> {
    panic::install();
    crate::template::install_locale(super::locale::format);
    if !MediaObject::accepts(&media) {
        let message =
            "This is no media element: it needs currentTime, paused, play(), pause() and addEventListener().";
        return Err(errors::error(ErrorCode::ConfigInvalid, message));
    }
    let media: MediaObject = media.unchecked_into();
    let options = AttachOptions::from_js(options)?;
    let document = document(project).map_err(|problems| refuse(&host, media.state().time, &problems))?;
    if needs_full(&document) {
        let error = errors::error(ErrorCode::ConfigInvalid, NOT_FULL);
        errors::set(&error, "needs", &JsValue::from_str(FULL));
        return Err(error);
    }
    let (words, defaults) = (options.words.clone(), options.defaults.clone());
    let project = project::read_with(&document, defaults.as_deref(), &words)
        .map_err(|problems| refuse(&host, media.state().time, &problems))?;
    let window = WINDOW
        .with(Option::clone)
        .ok_or_else(|| errors::error(ErrorCode::Internal, "There is no window."))?;
    let document =
        window.document().ok_or_else(|| errors::error(ErrorCode::Internal, "There is no document."))?;
    let runtime = Runtime::make(window, document, host, media, project, options)?;
    Ok(Handle { runtime, words })
}

#[wasm_bindgen]
impl Handle {
    /// Builds the stage and reports `cuehook:ready`. Apart from [`attach`], so that listeners find the handle in place.
    pub fn start(&self) {
        self.runtime.input(Input::Start);
    }

    /// Runs a webhook. The promise gives its response, or is rejected with a `CuehookError`.
    pub fn execute(&self, id: String, params: &JsValue) -> Promise {
        let checked = values::from_js(params, "params").and_then(|params| match params.kind() {
            "null" | "an object" => Ok(params),
            other => Err(errors::error(
                ErrorCode::ConfigInvalid,
                &format!("params must be an object, not {other}."),
            )),
        });
        match checked {
            Ok(params) => self.runtime.execute(id, params),
            Err(error) => Promise::reject(&error),
        }
    }

    /// The value of a variable; `undefined` if there is none.
    pub fn variable(&self, name: &str) -> JsValue {
        let value = self.runtime.read(|engine| engine.variables().get(name).cloned());
        value.map_or(JsValue::UNDEFINED, |value| values::to_js(&value.to_text()))
    }

    /// All variables, as an object that is a copy.
    pub fn variables(&self) -> JsValue {
        let variables = self.runtime.read(|engine| json::Json::from(engine.variables().clone()));
        values::to_js(&variables.to_text())
    }

    /// Sets a variable.
    ///
    /// # Errors
    /// `config-invalid`: the value has no JSON form, the name is reserved, or there are too many variables.
    #[wasm_bindgen(js_name = setVariable)]
    pub fn set_variable(&self, name: String, value: &JsValue) -> Result<(), JsValue> {
        if Context::is_reserved(&name) {
            let message = format!("`{name}` is no name for a variable: it is reserved for something else.");
            return Err(errors::error(ErrorCode::ConfigInvalid, &message));
        }
        let value = values::from_js(value, &name)?;
        let has_room = self.runtime.read(|engine| {
            let variables = engine.variables();
            variables.len() < MAX_VARIABLES || variables.get(&name).is_some()
        });
        if !has_room {
            let message = format!("`{name}` is not kept: there are {MAX_VARIABLES} variables already.");
            return Err(errors::error(ErrorCode::ConfigInvalid, &message));
        }
        self.runtime.input(Input::SetVariable { name, value });
        Ok(())
    }

    /// What the viewer has done, as an array that is a copy.
    pub fn interactions(&self) -> JsValue {
        let text = self.runtime.read(crate::engine::Engine::interactions);
        values::to_js(&text)
    }

    /// Takes another project, with the text of its defaults document if it has one. Variables and the interaction log stay.
    ///
    /// # Errors
    /// `config-invalid`, as [`attach`], but a document that needs the full build is as invalid as others; the old project goes
    /// on.
    pub fn update(&self, project: &str, defaults: Option<String>) -> Result<(), JsValue> {
        let project = document(project).and_then(|document| {
            if needs_full(&document) {
                Err(vec![not_full()])
            } else {
                project::read_with(&document, defaults.as_deref(), &self.words)
            }
        });
        let project =
            project.map_err(|problems| refuse(&self.runtime.host(), self.runtime.media_time(), &problems))?;
        self.runtime.update(project);
        Ok(())
    }

    /// What the project needs of the outbox: 0 nothing, else a sum of 1 (webhooks are sent events), 2 (a request survives a
    /// reload) and 4 (in formats of other systems).
    #[wasm_bindgen(getter)]
    pub fn subscribes(&self) -> u32 {
        self.runtime.subscribes()
    }

    /// The ids of the relay's webhooks whose settings it is to be asked for, a comma between two; empty if there are none. Requests
    /// wait for [`Handle::settings`] then, but not for long.
    #[wasm_bindgen(getter)]
    pub fn relayed(&self) -> String {
        self.runtime.read(crate::engine::Engine::relay_webhooks)
    }

    /// What the relay says of its webhooks, as JSON text; nothing if that could not be had.
    pub fn settings(&self, text: Option<String>) {
        let settings = text.and_then(|text| json::check(text.as_bytes(), MAX_DOCUMENT_DEPTH).ok());
        self.runtime.input(Input::Settings(settings.unwrap_or_default()));
    }

    /// Asks again for a request that the ledger has kept and that was not settled: the same bytes under the same id. Its
    /// `settle` is called when it has settled. False: it was asked in a project with another video, or is no record of ours.
    pub fn restore(&self, record: &str) -> bool {
        self.runtime.restore(record)
    }

    /// Follows the page: another media element is to be used from now on, the same one has been moved or has come back,
    /// or none is there. Events are dispatched on `host`. Session, variables and interactions stay.
    #[wasm_bindgen(js_name = setMedia)]
    pub fn set_media(&self, media: Option<MediaObject>, host: Element) {
        self.runtime.set_media(media, host);
    }

    /// The stage (`stage` of the ledger) has been put somewhere. The picture is what `shown_by` shows: a native video, or the
    /// element that stands for it.
    pub fn placed(&self, shown_by: &Element) {
        self.runtime.placed(shown_by);
    }

    /// One of the texts that Cuehook says, for what the loader shows.
    pub fn word(&self, name: &str) -> Option<String> {
        self.runtime.word(name)
    }

    /// Whether this instance answers to a click on an element of the page that runs a webhook.
    pub fn answers(&self, element: &Element) -> bool {
        page::answers(&self.runtime, element)
    }

    /// An element of the page was clicked that runs a webhook. `link` is where the click leads, if the browser was kept
    /// from going there: this instance goes there as soon as no request is lost by it.
    pub fn click(&self, element: &Element, link: Option<String>) {
        page::click(&self.runtime, element, link);
    }

    /// Removes everything from the page and stops listening. Calling it again does nothing.
    pub fn destroy(&self) {
        self.runtime.input(Input::Destroy);
    }
}

fn document(text: &str) -> Result<Json, Vec<Diagnostic>> {
    json::parse(text.as_bytes(), MAX_DOCUMENT_DEPTH).map_err(|error| vec![errors::no_json(error)])
}

/// What a document says that needs the build with minijinja, and how that build is called.
const FULL: &str = "full";

/// Whether a document needs another build than this one.
fn needs_full(document: &Json) -> bool {
    !cfg!(feature = "full") && document.get("expressions").and_then(Json::as_str) == Some(FULL)
}

const NOT_FULL: &str = "this instance runs the default build of Cuehook; attach with `expressions: \"full\"`, or write \
                   `expressions=\"full\"` on `<cue-hook>`, to load the larger one";

fn not_full() -> Diagnostic {
    Diagnostic::new(DiagnosticKind::NeedsFullExpressions, "expressions", NOT_FULL.to_owned())
}

fn refuse(host: &EventTarget, media_time: f64, problems: &[Diagnostic]) -> JsValue {
    if !EXPLAINS {
        let message = "The project document is not valid. The development server and `cargo xtask check` say what is wrong, and so \
                       does this page where it can load dist/full/.";
        let error = errors::error(ErrorCode::ConfigInvalid, message);
        errors::set(&error, "needs", &"explained".into());
        return error;
    }
    report(host, media_time, problems);
    errors::invalid(problems)
}

/// What is wrong with a document that the default build has refused: dispatched as `cuehook:error` and written to the console,
/// as [`attach`] does it. The error has all `problems`.
#[cfg(feature = "full")]
#[wasm_bindgen]
pub fn explain(host: EventTarget, media_time: f64, project: &str, defaults: Option<String>) -> JsValue {
    let read = |document: Json| project::read_with(&document, defaults.as_deref(), &Words::default());
    // What this build reads and the other one does not is that document's wish for this one.
    let problems = document(project).and_then(read).err().unwrap_or_else(|| vec![not_full()]);
    refuse(&host, media_time, &problems)
}

/// Tells the page and the developer that a document was refused.
fn report(host: &EventTarget, media_time: f64, problems: &[Diagnostic]) {
    let message = errors::summary(problems);
    errors::complain(&message);
    let detail = js_sys::Object::new();
    errors::set(&detail, "mediaTime", &JsValue::from_f64(media_time));
    errors::set(&detail, "code", &JsValue::from_str(ErrorCode::ConfigInvalid.as_str()));
    errors::set(&detail, "message", &JsValue::from_str(&message));
    errors::set(&detail, "problems", &errors::to_array(problems));
    events::dispatch(host, EventName::Error, &detail);
}
