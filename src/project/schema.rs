//! The JSON Schema of project documents, for editors. Derived from the types; what they do not say is added here.

use super::{FieldKind, FieldOption, KindName, Project, Word, Words, trigger_field};
use crate::protocol::{Format, Trigger};
use crate::session::{PageAddress, RESERVED_NAMES};
use schemars::transform::{RecursiveTransform, Transform};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

/// The JSON Schema (draft 2020-12) of project documents.
///
/// A document that [`read`](super::read) accepts is valid. The schema cannot say everything: references, sums of
/// box sides and templates are only checked by reading.
pub fn schema() -> Value {
    let mut schema = schemars::schema_for!(Project);
    schema.insert("title".into(), "Cuehook project".into());
    RecursiveTransform(tidy).transform(&mut schema);
    schema.to_value()
}

/// Fields of the document that say nothing of the video.
pub(super) fn project(schema: &mut Schema) {
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        properties.insert(
            "cuehook".into(),
            json!({ "description": "Version of the document's format.", "const": 1 }),
        );
        let description = "Where this schema is, for editors.";
        properties.insert(
            "$schema".into(),
            json!({ "description": description, "type": "string", "pattern": "\\S" }),
        );
    }
    schema.insert("required".into(), json!(["cuehook"]));
    add(
        schema,
        json!({ "defaults": {
            "description": "Where a defaults document is: what it says of webhooks holds where this document does not say it.",
            "type": "string", "pattern": "\\S"
        } }),
    );
    // The defaults may give them.
    let either = json!([{ "required": ["url"] }, { "required": ["relay"] }]);
    let urls = json!({ "properties": { "webhooks": { "items": { "oneOf": either } } } });
    let otherwise = json!({ "if": { "required": ["defaults"] }, "then": true, "else": urls });
    schema.insert("allOf".into(), json!([otherwise]));
}

/// What is said of the video in events alone: `crates/outbox` reads it.
pub(super) fn video(schema: &mut Schema) {
    let url = |description: &str| json!({ "description": description, "type": "string", "pattern": "\\S" });
    add(
        schema,
        json!({
            "number": {
                "description": "Its number in another system. Sent in events.",
                "type": "integer", "minimum": 0, "maximum": 999_999_999_999_999_i64
            },
            "thumbnail": url("A picture of it. Sent in events."),
            "downloadUrl": url("Where it can be downloaded. Sent in events."),
            "shareUrl": url("Where people watch it. Sent in events."),
            "embedUrl": url("What other pages embed. Sent in events."),
        }),
    );
}

/// Which events a webhook is sent, and how: `crates/outbox` reads it.
pub(super) fn webhook(schema: &mut Schema) {
    add(
        schema,
        json!({
            "events": {
                "description": "Events that it is sent without any click: types, beginnings such as `lead.*`, or `*`.",
                "type": "array", "maxItems": 50, "default": [],
                "items": { "type": "string", "pattern": PATTERN }
            },
            "format": {
                "description": "How these events look.",
                "enum": Format::WORDS, "default": Format::default().as_str()
            },
            "batch": {
                "description": "Send several events in one request.", "type": "boolean", "default": false
            },
            "enabled": {
                "description": "Switches its events off, such as in defaults that a document may switch on.",
                "type": "boolean", "default": true
            },
        }),
    );
    if let Some(Value::Array(required)) = schema.get_mut("required") {
        required.retain(|name| name != "url");
    }
    // What they are without a word may be the relay's to say.
    for name in ["waitForResponse", "includeInteractions"] {
        if let Some(Value::Object(field)) = schema.pointer_mut(&["/properties/", name].concat()) {
            field.remove("default");
        }
    }
    // A relay says these.
    let others: serde_json::Map<String, Value> = ["url", "headers", "simple", "retries", "format", "batch"]
        .into_iter()
        .map(|name| (name.to_owned(), Value::Bool(false)))
        .collect();
    schema.insert("if".into(), json!({ "required": ["relay"] }));
    schema.insert("then".into(), json!({ "properties": others }));
}

/// As `pattern_fault` reads patterns, but for the types that there are.
const PATTERN: &str = r"^(\*|[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*(\.[A-Za-z0-9_-]+|\.\*))$";

fn add(schema: &mut Schema, more: Value) {
    if let (Some(Value::Object(properties)), Value::Object(more)) = (schema.get_mut("properties"), more) {
        properties.extend(more);
    }
}

/// What elements of a kind need, which the types do not say: a name for what can be clicked, a box for what is seen.
pub(super) fn element(schema: &mut Schema) {
    if let Some(Value::Object(to)) = schema.pointer_mut("/properties/to") {
        to.remove("default");
    }
    if let Some(Value::Object(frame)) = schema.pointer_mut("/properties/box") {
        frame.remove("default");
    }
    let kind = |kind: KindName| json!({ "properties": { "kind": { "const": kind.as_str() } }, "required": ["kind"] });
    let click = trigger_field(Trigger::Click);
    let clickable = json!({ "properties": { click: { "minItems": 1 } }, "required": [click] });
    let without = |fields: &[&str]| {
        let fields: serde_json::Map<String, Value> =
            fields.iter().map(|field| ((*field).to_owned(), Value::Bool(false))).collect();
        json!({ "properties": fields })
    };
    schema.insert(
        "allOf".into(),
        json!([
            { "if": { "anyOf": [kind(KindName::Area), clickable] }, "then": { "required": ["label"] } },
            { "if": kind(KindName::Condition), "then": without(&["box", "pauseOnAppear", "modal", "announce", click]) },
            { "if": kind(KindName::Area), "then": without(&["modal"]) },
            { "if": { "anyOf": [kind(KindName::Form), kind(KindName::Question)] }, "then": without(&[click]) },
            { "if": { "anyOf": [kind(KindName::Condition), { "required": ["path"] }] }, "else": { "required": ["box"] } },
            { "if": { "required": ["cue"] }, "then": without(&["from", "to"]) },
        ]),
    );
}

/// What fields of a type need and may have, which the types do not say.
pub(super) fn field(schema: &mut Schema) {
    if let Some(Value::Object(options)) = schema.pointer_mut("/properties/options") {
        options.remove("default");
    }
    if let Some(Value::Array(required)) = schema.get_mut("required") {
        required.retain(|name| name != "min" && name != "max");
    }
    let of = |kinds: &[FieldKind]| {
        let words: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
        json!({ "properties": { "type": { "enum": words } }, "required": ["type"] })
    };
    let limits = |limit: Value| json!({ "properties": { "min": limit, "max": limit } });
    let date = json!({ "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" });
    schema.insert(
        "allOf".into(),
        json!([
            { "if": of(&[FieldKind::Select, FieldKind::Radio]), "then": { "required": ["options"] },
              "else": { "properties": { "options": false } } },
            { "if": of(&[FieldKind::Number]), "then": limits(json!({ "type": "number" })) },
            { "if": of(&[FieldKind::Date]), "then": limits(date) },
            { "if": of(&[FieldKind::Number, FieldKind::Date]), "then": true, "else": limits(json!(false)) },
            { "if": { "anyOf": [of(&[FieldKind::Text, FieldKind::Email, FieldKind::Tel]), { "not": { "required": ["type"] } }] },
              "then": true, "else": { "properties": { "pattern": false } } },
        ]),
    );
}

/// What Cuehook says, by the names of the texts.
pub(super) fn words(generator: &mut SchemaGenerator) -> Schema {
    let words = Word::json_schema(generator);
    let mut texts = serde_json::Map::new();
    for word in words.get("oneOf").and_then(Value::as_array).into_iter().flatten() {
        if let Some(name) = word.get("const").and_then(Value::as_str) {
            let description = word.get("description").cloned().unwrap_or_default();
            let place = Word::WORDS.iter().position(|known| *known == name);
            let english = place.and_then(Word::at).map(|word| Words::default().get(word).to_owned());
            texts.insert(
                name.to_owned(),
                json!({ "description": description, "type": "string", "pattern": "\\S", "default": english }),
            );
        }
    }
    json_schema!({ "type": "object", "properties": texts, "additionalProperties": false, "default": {} })
}

/// A media time.
pub(super) fn time(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "anyOf": [
            { "type": "number", "minimum": 0 },
            { "type": "string", "pattern": "^([0-9]{1,3}:)?[0-5]?[0-9]:[0-5][0-9](\\.[0-9]{1,9})?$" }
        ]
    })
}

/// Options of a field: each an object, or a text that is both value and label.
pub(super) fn options(generator: &mut SchemaGenerator) -> Schema {
    let option = generator.subschema_for::<FieldOption>();
    json_schema!({
        "type": "array",
        "items": { "anyOf": [{ "type": "string", "pattern": "\\S" }, option] },
        "minItems": 1,
        "maxItems": 200
    })
}

/// [`Include`](super::Include): a word, or ids.
pub(super) fn include(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "anyOf": [
            { "enum": ["none", "all"] },
            { "type": "array", "items": { "type": "string", "pattern": "\\S" }, "maxItems": 500 }
        ]
    })
}

/// [`IncludeContext`](super::IncludeContext): a word, or names.
pub(super) fn include_context(generator: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "anyOf": [
            { "enum": ["own", "none", "all"] },
            { "type": "array", "items": variable_name(generator), "maxItems": 1000 }
        ],
        "default": "own"
    })
}

/// [`PageAddress`]
pub(super) fn page_address(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "enum": PageAddress::WORDS, "default": PageAddress::default().as_str() })
}

/// The name of a variable.
pub(super) fn variable_name(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "pattern": "\\S", "not": { "enum": RESERVED_NAMES } })
}

/// Variables with any values.
pub(super) fn variables(generator: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "object", "propertyNames": variable_name(generator), "maxProperties": 1000 })
}

/// Formats such as `uint32` are no part of JSON Schema, and strict validators refuse them. And a text that may be absent is
/// not null, which the derived default says.
fn tidy(schema: &mut Schema) {
    if schema.get("type").is_some_and(|kind| kind == "string") && schema.get("default") == Some(&Value::Null)
    {
        schema.remove("default");
    }
    let number = schema.get("type").is_some_and(|kind| kind == "number" || kind == "integer");
    if number {
        schema.remove("format");
    }
}
