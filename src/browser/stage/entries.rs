//! Forms and questions. The controls are native, and what is typed in them is the business of entries.js, which hands it over
//! when it is submitted.

use crate::engine::{Input, Mark, Verdict};
use crate::json::{self, Json, Object};
use crate::project::{Element as ProjectElement, ElementKind, Field, FormRecord, Project, Question, Word};
use js_sys::Array;
use wasm_bindgen::prelude::*;
use web_sys::{Element, HtmlElement};

#[wasm_bindgen(module = "/src/browser/stage/entries.js")]
extern "C" {
    /// All forms and questions of a stage.
    #[derive(Debug)]
    pub type Entries;
    /// None yet.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Entries;
    /// All of them are about to be built anew. What is filled in stays.
    #[wasm_bindgen(method)]
    pub fn renew(this: &Entries);
    /// The stage is about to go.
    #[wasm_bindgen(method)]
    pub fn end(this: &Entries);
    #[wasm_bindgen(method, catch)]
    fn make(this: &Entries, root: &HtmlElement, description: &str) -> Result<Entry, JsValue>;

    /// The controls of a form or a question.
    #[derive(Debug)]
    pub type Entry;
    #[wasm_bindgen(method)]
    fn texts(this: &Entry, texts: Array);
    #[wasm_bindgen(method, catch)]
    fn verdict(this: &Entry, verdict: &str) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    fn outcome(this: &Entry) -> Result<Option<String>, JsValue>;
    /// Names it for assistive technology.
    #[wasm_bindgen(method)]
    pub fn label(this: &Entry, text: &str);
    /// Says something beside the button.
    #[wasm_bindgen(method)]
    pub fn remark(this: &Entry, text: &str);
    /// What was typed has reached its aim.
    #[wasm_bindgen(method)]
    pub fn forget(this: &Entry);
    /// What was submitted is under way, or no longer.
    #[wasm_bindgen(method)]
    pub fn busy(this: &Entry, busy: bool);
    /// It has been hidden.
    #[wasm_bindgen(method)]
    pub fn hidden(this: &Entry);
    /// By which control the viewer submits.
    #[wasm_bindgen(method)]
    pub fn actor(this: &Entry) -> Element;
}

impl Entries {
    /// Builds the controls of a form or a question inside `root`; nothing for other elements.
    ///
    /// # Errors
    /// The browser refuses a node.
    pub fn build(
        &self,
        root: &HtmlElement,
        element: &ProjectElement,
        project: &Project,
    ) -> Result<Option<Entry>, JsValue> {
        let description = match &element.kind {
            ElementKind::Form(form) => {
                let fields = form.fields.iter().map(field).collect();
                let mut description = description(fields, form.submit.is_some());
                description.set("isLead", Json::Bool(form.records == Some(FormRecord::Lead)));
                description.set("remember", Json::Bool(form.remember));
                description.set("video", Json::from(&*project.video.id));
                description
            }
            ElementKind::Question(question) => {
                let mut description = description(vec![choices(question)], question.submit.is_some());
                description.set("isQuestion", Json::Bool(true));
                description
            }
            ElementKind::Area { .. } | ElementKind::Html { .. } | ElementKind::Condition { .. } => {
                return Ok(None);
            }
        };
        let mut words = Object::new();
        for word in Word::ALL {
            words.set(word.as_str(), Json::from(project.words.get(word)));
        }
        let mut description = description;
        description.set("id", Json::from(&*element.id));
        description.set("words", words.into());
        self.make(root, &Json::from(description).to_text()).map(Some)
    }
}

/// What entries.js makes an element of: `fields`, each with `kind`, `name`, `required`, `hasHint`, `options` (values), `feedback`
/// (whether there is any, of each option) and attributes of HTML; and what the callers add.
fn description(fields: Vec<Json>, has_submit: bool) -> Object {
    let mut description = Object::new();
    description.set("fields", Json::Array(fields.into()));
    description.set("hasSubmit", Json::Bool(has_submit));
    description
}

fn field(field: &Field) -> Json {
    let mut description = Object::new();
    let hints = [
        ("autocomplete", &field.autocomplete),
        ("min", &field.min),
        ("max", &field.max),
        ("pattern", &field.pattern),
    ];
    for (name, text) in hints {
        if let Some(text) = text {
            description.set(name, Json::from(&**text));
        }
    }
    if field.kind.has_options() {
        description.set("options", list(field.options.iter().map(|option| Json::from(&*option.value))));
    }
    description.set("kind", Json::from(field.kind.as_str()));
    description.set("name", Json::from(&*field.name));
    description.set("required", Json::Bool(field.required));
    description.set("hasHint", Json::Bool(field.hint.is_some()));
    description.into()
}

/// The one field of a question.
fn choices(question: &Question) -> Json {
    let mut description = Object::new();
    let choices = &question.choices;
    description.set("options", list(choices.iter().map(|choice| Json::from(&*choice.id))));
    description.set("feedback", list(choices.iter().map(|choice| Json::Bool(choice.feedback.is_some()))));
    description.set("kind", Json::from(if question.multiple { "multiple" } else { "radio" }));
    description.set("required", Json::Bool(true));
    description.into()
}

fn list(items: impl Iterator<Item = Json>) -> Json {
    Json::Array(items.collect::<Vec<_>>().into())
}

impl Entry {
    /// Shows texts in the order of [`ProjectElement::texts`].
    pub fn show_texts(&self, texts: &[String]) {
        self.texts(texts.iter().map(|text| JsValue::from_str(text)).collect());
    }

    /// Shows what became of an answer.
    pub fn show_verdict(&self, verdict: &Verdict) {
        let mark = |mark: &Mark| {
            Json::from(match mark {
                Mark::None => "",
                Mark::Correct => Word::Correct.as_str(),
                Mark::Wrong => Word::Wrong.as_str(),
                Mark::Solution => Word::Solution.as_str(),
            })
        };
        let mut shown = Object::new();
        shown.set("marks", list(verdict.marks.iter().map(mark)));
        shown.set("feedback", list(verdict.feedback.iter().copied().map(Json::Bool)));
        shown.set(
            "chosen",
            list(verdict.chosen.iter().filter_map(|place| Some(Json::Integer(i64::try_from(*place).ok()?)))),
        );
        shown.set("isOpen", Json::Bool(verdict.is_open));
        shown.set("continues", Json::Bool(verdict.continues));
        shown.set("remark", Json::from(&*verdict.remark));
        let _ = self.verdict(&Json::from(shown).to_text());
    }

    /// What the viewer has entered in the element with this place in the project; nothing if it is not valid, which is said in it.
    pub fn submitted(&self, element: usize) -> Option<Input> {
        let outcome = json::check(self.outcome().ok()??.as_bytes(), 4).ok()?;
        if let Some(values) = outcome.get("values") {
            let mut named = Object::new();
            for pair in values.as_array().unwrap_or_default() {
                named.set(pair.item(0)?.as_str()?, pair.item(1)?.clone());
            }
            let trapped = matches!(outcome.get("trapped").map(Json::read), Some(Json::Bool(true)));
            return Some(Input::Submit { element, values: named, trapped });
        }
        let Some(chosen) = outcome.get("chosen") else { return Some(Input::Dismiss(element)) };
        let places = chosen.as_array().unwrap_or_default().iter().filter_map(Json::as_f64);
        // Few and small.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let chosen = places.map(|place| place as usize).collect();
        Some(Input::Answer { element, chosen })
    }
}
