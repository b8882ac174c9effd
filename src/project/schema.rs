//! The JSON Schema of project documents, for editors. Derived from the types; what they do not say is added here.

use super::{KindName, Project, trigger_field};
use crate::protocol::Trigger;
use crate::session::{PageAddress, RESERVED_NAMES};
use schemars::transform::{RecursiveTransform, Transform};
use schemars::{Schema, SchemaGenerator, json_schema};
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
}

/// Whatever can be clicked needs a name; and an element that has no end has no default for it.
pub(super) fn element(schema: &mut Schema) {
    if let Some(Value::Object(to)) = schema.pointer_mut("/properties/to") {
        to.remove("default");
    }
    let area =
        json!({ "properties": { "kind": { "const": KindName::Area.as_str() } }, "required": ["kind"] });
    let click = trigger_field(Trigger::Click);
    let clickable = json!({ "properties": { click: { "minItems": 1 } }, "required": [click] });
    schema.insert("if".into(), json!({ "anyOf": [area, clickable] }));
    schema.insert("then".into(), json!({ "required": ["label"] }));
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

/// [`Include`](super::Include): a word, or ids.
pub(super) fn include(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "anyOf": [
            { "enum": ["none", "all"] },
            { "type": "array", "items": { "type": "string", "pattern": "\\S" }, "maxItems": 500 }
        ],
        "default": "all"
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
