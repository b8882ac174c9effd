//! Bodies in the shape of the examples that the systems show: names, nesting and kinds, as `shapes.json` has them. A `?` after a name:
//! not all examples have it.

use crate::files::{FORMATS, ID, NOW, read, rendered};
use cuehook_relay::delivery::sample::sample;
use serde_json::Value;

#[test]
fn bodies_have_the_shape_of_the_examples() {
    let shapes: Value = serde_json::from_str(&read("relay/tests/formats/shapes.json")).unwrap();
    let mut count = 0;
    for (name, kinds) in shapes.as_object().unwrap() {
        let (format, _) = FORMATS.into_iter().find(|(_, word)| word == name).unwrap();
        for (kind, shape) in kinds.as_object().unwrap() {
            let body = rendered(format, &sample(kind, ID, NOW)).unwrap().unwrap().body;
            let value: Value = serde_json::from_str(&body).unwrap();
            let mut wrong = Vec::new();
            compare(shape, &value, "$", &mut wrong);
            assert_eq!(wrong, [""; 0], "{name} {kind}: {body}");
            count += 1;
        }
    }
    assert_eq!(count, 14);
}

fn compare(shape: &Value, value: &Value, place: &str, wrong: &mut Vec<String>) {
    let is_as_said = match shape {
        Value::Object(fields) => {
            let Some(members) = value.as_object() else { return wrong.push(format!("{place}: no object")) };
            for (name, shape) in fields {
                let (name, is_optional) =
                    name.strip_suffix('?').map_or((name.as_str(), false), |name| (name, true));
                match members.get(name) {
                    Some(member) => compare(shape, member, &format!("{place}.{name}"), wrong),
                    None if is_optional => {}
                    None => wrong.push(format!("{place}.{name}: missing")),
                }
            }
            for name in members.keys() {
                if !fields.contains_key(name) && !fields.contains_key(&format!("{name}?")) {
                    wrong.push(format!("{place}.{name}: in no example"));
                }
            }
            return;
        }
        Value::String(kind) => match kind.as_str() {
            "text" => value.is_string(),
            "digits" => value.as_str().is_some_and(|text| text.bytes().all(|byte| byte.is_ascii_digit())),
            "uuid" => value.as_str().is_some_and(cuehook_protocol::is_uuid),
            "time" => value.as_str().is_some_and(|text| cuehook_protocol::timestamp::parse(text).is_some()),
            "integer" => value.is_i64(),
            "number" => value.is_number(),
            "any" => true,
            // Exactly this text.
            other => other.strip_prefix('=').is_some_and(|text| value == text),
        },
        _ => false,
    };
    if !is_as_said {
        wrong.push(format!("{place}: {value} is not {shape}"));
    }
}
