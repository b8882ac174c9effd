//! Goes through a document and its schema side by side.

use cuehook::project::schema;
use serde_json::Value;
use std::path::Path;

/// A valid document with every field that there is.
pub fn maximal() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/projects/valid/maximal.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// A part of the schema, and the value of the maximal document that it describes.
#[derive(Clone, Debug)]
pub struct Place {
    /// JSON pointer into the schema.
    pub rule: String,
    /// The schema there.
    pub schema: Value,
    /// JSON pointer into the document.
    pub pointer: String,
    /// The same as diagnostics write it.
    pub path: String,
}

/// All places of the maximal document, each with all that the schema says of it. Conditions (`if`) are left out.
pub fn places() -> Vec<Place> {
    let root = schema();
    let start = Place { rule: "#".into(), schema: root.clone(), pointer: String::new(), path: String::new() };
    let mut places = Vec::new();
    walk(&root, start, &maximal(), &mut places);
    places
}

fn walk(root: &Value, place: Place, document: &Value, places: &mut Vec<Place>) {
    places.push(place.clone());
    let schema = &place.schema;
    let same = |rule: String, schema: &Value| Place { rule, schema: schema.clone(), ..place.clone() };
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        let target = root.pointer(reference.trim_start_matches('#')).unwrap();
        walk(root, same(reference.to_owned(), target), document, places);
    }
    for branches in ["oneOf", "anyOf", "allOf"] {
        let list = schema.get(branches).and_then(Value::as_array);
        for (number, branch) in list.into_iter().flatten().enumerate() {
            let tags = ["do", "kind"].iter();
            let mut tags = tags.filter_map(|tag| {
                Some((document.get(tag)?, branch.pointer(&format!("/properties/{tag}/const"))?))
            });
            if tags.all(|(found, expected)| found == expected) {
                walk(root, same(format!("{}/{branches}/{number}", place.rule), branch), document, places);
            }
        }
    }
    let below = |rule: String, schema: &Value, key: &str, step: String| Place {
        rule: format!("{}/{rule}", place.rule),
        schema: schema.clone(),
        pointer: format!("{}/{key}", place.pointer),
        path: if place.path.is_empty() {
            step.trim_start_matches('.').to_owned()
        } else {
            place.path.clone() + &step
        },
    };
    let none = serde_json::Map::new();
    let properties = schema.get("properties").and_then(Value::as_object).unwrap_or(&none);
    for (name, value) in document.as_object().unwrap_or(&none) {
        if let Some(property) = properties.get(name) {
            walk(
                root,
                below(format!("properties/{name}"), property, name, format!(".{name}")),
                value,
                places,
            );
        } else if let Some(rest @ Value::Object(_)) = schema.get("additionalProperties") {
            let step = format!("[{}]", Value::from(name.as_str()));
            let simple = name.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
            let step = if simple { format!(".{name}") } else { step };
            walk(root, below("additionalProperties".into(), rest, name, step), value, places);
        }
    }
    if let (Some(items), Some(list)) = (schema.get("items"), document.as_array()) {
        for (number, item) in list.iter().enumerate() {
            walk(
                root,
                below("items".into(), items, &number.to_string(), format!("[{number}]")),
                item,
                places,
            );
        }
    }
}
