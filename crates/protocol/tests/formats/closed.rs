//! Schemas that are closed: for what we write ourselves.

use serde_json::{Map, Value, json};

/// The same schema, in which no object may have a field that is not described, unless the schema says that it may have any.
pub fn strict(schema: Value) -> Value {
    match schema {
        Value::Object(fields) => {
            let mut fields: Map<_, _> =
                fields.into_iter().map(|(name, value)| (name, strict(value))).collect();
            if fields.get("type") == Some(&json!("object")) && !fields.contains_key("additionalProperties") {
                fields.insert("additionalProperties".into(), json!(false));
            }
            fields.into()
        }
        Value::Array(items) => items.into_iter().map(strict).collect(),
        other => other,
    }
}
