//! The schema is derived from the types, the reader is written by hand: defaults, bounds and words must be the same.

use crate::walk::{Place, maximal, places};
use crate::{problems, subscription};
use cuehook::diagnostic::Diagnostic;
use cuehook::json;
use cuehook::project::{ActionName, KindName, Word, read, schema};
use serde_json::Value;
use std::collections::BTreeSet;

#[test]
fn the_maximal_document_uses_every_property_of_the_schema() {
    let mut known = BTreeSet::new();
    collect_properties(&schema(), "#", &mut known);
    assert!(known.len() > 60, "{known:#?}");
    let used: BTreeSet<String> = places().into_iter().map(|place| place.rule).collect();
    let unused: Vec<&String> = known.difference(&used).collect();
    assert!(unused.is_empty(), "tests/projects/valid/maximal.json does not exercise {unused:#?}");
}

/// All properties that the schema names, by JSON pointer. Conditions (`if`) name none of their own.
fn collect_properties(schema: &Value, pointer: &str, known: &mut BTreeSet<String>) {
    match schema {
        Value::Object(entries) => {
            for (name, value) in
                entries.iter().filter(|(name, _)| !["if", "then", "else", "default"].contains(&name.as_str()))
            {
                let pointer = format!("{pointer}/{name}");
                if name == "properties" {
                    for (property, value) in value.as_object().unwrap() {
                        known.insert(format!("{pointer}/{property}"));
                        collect_properties(value, &format!("{pointer}/{property}"), known);
                    }
                } else {
                    collect_properties(value, &pointer, known);
                }
            }
        }
        Value::Array(items) => {
            for (number, item) in items.iter().enumerate() {
                collect_properties(item, &format!("{pointer}/{number}"), known);
            }
        }
        _ => {}
    }
}

/// The maximal document with another value at a place, or without it.
fn with(place: &Place, value: Option<Value>) -> Value {
    let mut document = maximal();
    match value {
        Some(value) => *document.pointer_mut(&place.pointer).unwrap() = value,
        None => {
            let (parent, name) = place.pointer.rsplit_once('/').unwrap();
            document.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name).unwrap();
        }
    }
    document
}

/// All that the reader makes of a document, and the outbox, to compare.
fn meaning(document: &Value) -> String {
    let text = document.to_string();
    format!("{:?} {:?}", read(&json::parse(text.as_bytes(), 64).unwrap()), subscription(&text).endpoints)
}

/// A document without a field means what it means with the schema's default, and something else with another value.
#[test]
fn defaults_of_the_schema_are_those_of_the_reader() {
    let mut seen = BTreeSet::new();
    for place in places() {
        let Some(default) = place.schema.get("default") else { continue };
        let name = place.rule.rsplit('/').next().unwrap();
        let absent = meaning(&with(&place, None));
        if name == "type" && absent.contains("change `type`") {
            // Another field has told that it must be there.
            continue;
        }
        assert!(absent.starts_with("Ok"), "{}: {absent}", place.rule);
        assert!(absent == meaning(&with(&place, Some(default.clone()))), "{}: {default}", place.rule);
        let other = match default {
            Value::Bool(default) => Value::from(!default),
            Value::Number(default) => Value::from(default.as_u64().unwrap() + 1),
            Value::String(default) => {
                // What Cuehook says to the viewer may be any text.
                let other = words(&place.schema).into_iter().find(|word| word != default);
                other.unwrap_or_else(|| "another text".into()).into()
            }
            _ => continue,
        };
        assert!(
            absent != meaning(&with(&place, Some(other))),
            "{}: another value means the same",
            place.rule
        );
        seen.insert(name.to_owned());
    }
    let expected = "announce attempts batch correct enabled expressions format from includeContext look \
                    modal multiple newTab page pauseOnAppear remember required retries simple survive timeoutMs type visible \
                    whenMissing whileRunning";
    let words = Word::ALL.iter().map(|word| word.as_str());
    let expected: BTreeSet<&str> = expected.split_whitespace().chain(words).collect();
    assert_eq!(seen.iter().map(String::as_str).collect::<BTreeSet<_>>(), expected);
}

/// The words that a schema allows.
fn words(schema: &Value) -> Vec<String> {
    fn collect(schema: &Value, root: &Value, found: &mut Vec<String>) {
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            collect(root.pointer(reference.trim_start_matches('#')).unwrap(), root, found);
        }
        let list = |key: &str| schema.get(key).and_then(Value::as_array).into_iter().flatten();
        found.extend(list("enum").chain(schema.get("const")).filter_map(Value::as_str).map(str::to_owned));
        list("anyOf")
            .chain(list("oneOf"))
            .chain(list("allOf"))
            .for_each(|branch| collect(branch, root, found));
    }
    let mut found = Vec::new();
    collect(schema, &crate::schema(), &mut found);
    found
}

/// The reader accepts what is at a bound of the schema and refuses what is just beyond.
#[test]
fn bounds_of_the_schema_are_those_of_the_reader() {
    let mut counts = std::collections::BTreeMap::<String, usize>::new();
    for place in places() {
        for (bound, inside, outside) in samples(&place) {
            *counts.entry(bound.clone()).or_default() += 1;
            let refused = |value: Value| -> Vec<Diagnostic> {
                let problems = problems(&with(&place, Some(value)).to_string());
                // What is wrong elsewhere follows from the change: ids that lead nowhere, sums of sides.
                problems
                    .into_iter()
                    .filter(|problem| problem.path == place.path && problem.message.starts_with("found "))
                    .collect()
            };
            assert_eq!(refused(inside), [], "{}: {bound}", place.path);
            assert_eq!(refused(outside).len(), 1, "{}: beyond {bound}", place.path);
        }
    }
    let kinds: Vec<&str> = counts.keys().map(String::as_str).collect();
    assert_eq!(
        kinds,
        ["exclusiveMinimum", "maxItems", "maxLength", "maxProperties", "maximum", "minimum", "pattern"]
    );
    assert!(counts.values().sum::<usize>() > 60, "{counts:?}");
}

/// For each bound at a place a value that is just inside, and one just outside.
fn samples(place: &Place) -> Vec<(String, Value, Value)> {
    let document = maximal();
    let value = document.pointer(&place.pointer).unwrap();
    let schema = &place.schema;
    let whole = schema.get("type") == Some(&"integer".into());
    let number = |number: f64| if whole { Value::from(number as i64) } else { Value::from(number) };
    let step = if whole { 1.0 } else { 1e-9 };
    let mut samples = Vec::new();
    for (bound, limit) in schema.as_object().into_iter().flatten() {
        let size = limit.as_u64().and_then(|size| usize::try_from(size).ok());
        let (inside, outside) = match (&**bound, limit.as_f64(), size) {
            ("minimum", Some(limit), _) => (number(limit), number(limit - step)),
            ("maximum", Some(limit), _) => (number(limit), number(limit + step)),
            ("exclusiveMinimum", Some(limit), _) => (number(limit + step), number(limit)),
            ("maxLength", _, Some(size)) => ("x".repeat(size).into(), "x".repeat(size + 1).into()),
            ("maxItems", _, Some(size)) if value.is_array() => {
                let list = |size| Value::Array(vec![value[0].clone(); size]);
                (list(size), list(size + 1))
            }
            ("maxProperties", _, Some(size)) => {
                let first = value.as_object().unwrap().values().next().unwrap();
                let object =
                    |size| Value::Object((0..size).map(|name| (format!("n{name}"), first.clone())).collect());
                (object(size), object(size + 1))
            }
            ("pattern", ..) if limit == "\\S" && value.is_string() => (value.clone(), " \n".into()),
            _ => continue,
        };
        samples.push((bound.clone(), inside, outside));
    }
    samples
}

/// Changes every value of the maximal document in many ways, and lets the schema and the reader judge each.
#[test]
fn schema_and_reader_agree_on_damaged_documents() {
    let validator = jsonschema::draft202012::new(&schema()).unwrap();
    let maximal = maximal();
    let mut pointers = Vec::new();
    collect_pointers(&maximal, String::new(), &mut pointers);
    let replacements =
        ["null", "true", "-1", "0.5", "7", "1e9", "\"\"", "\"word\"", "[]", "[7]", "[\" \"]", "{}"];
    let replacements: Vec<Value> = replacements
        .iter()
        .map(|text| serde_json::from_str(text).unwrap())
        .chain(
            ["60:00", "59:59", "1:2", "999:00:00", "1000:00:00", "0:00.123456789", "0:00.1234567890"]
                .map(Value::from),
        )
        .chain(["a b", "a\nb", "forms", "questions", "params", "webhooks", "context"].map(Value::from))
        .collect();
    let mut judged = [0, 0];
    let mut judge = |document: &Value, what: &str| {
        let text = document.to_string();
        let problems = problems(&text);
        let fits = validator.is_valid(document);
        judged[usize::from(problems.is_empty())] += 1;
        if problems.is_empty() {
            assert!(fits, "{what}: read without problems, but the schema refuses it");
        }
        let formal = |problem: &&Diagnostic| {
            ["unknown field", "missing; ", "found "].iter().any(|start| problem.message.starts_with(start))
        };
        if let Some(problem) = problems.iter().find(formal) {
            assert!(!fits, "{what}: the schema accepts it, but: {problem}");
        }
    };
    for pointer in pointers {
        for replacement in &replacements {
            let mut document = maximal.clone();
            *document.pointer_mut(&pointer).unwrap() = replacement.clone();
            judge(&document, &format!("{replacement} at {pointer}"));
        }
        let mut document = maximal.clone();
        if let Value::Object(object) = document.pointer_mut(&pointer).unwrap() {
            object.insert("surplus".into(), Value::from(1));
            judge(&document, &format!("surplus in {pointer}"));
        }
        if let Some((parent, name)) = pointer.rsplit_once('/') {
            let mut document = maximal.clone();
            if let Value::Object(object) = document.pointer_mut(parent).unwrap() {
                object.remove(name).unwrap();
                judge(&document, &format!("without {pointer}"));
            }
        }
    }
    assert!(judged.iter().all(|count| *count > 50), "{judged:?}");
}

fn collect_pointers(value: &Value, pointer: String, pointers: &mut Vec<String>) {
    match value {
        Value::Object(entries) => {
            for (name, value) in entries {
                collect_pointers(value, format!("{pointer}/{name}"), pointers);
            }
        }
        Value::Array(items) => {
            for (number, item) in items.iter().enumerate() {
                collect_pointers(item, format!("{pointer}/{number}"), pointers);
            }
        }
        _ => {}
    }
    pointers.push(pointer);
}

/// The words of the reader are those of the schema, which is derived from the types.
#[test]
fn actions_and_kinds_have_the_words_of_the_schema() {
    fn constants(value: &Value, tag: &str, found: &mut BTreeSet<String>) {
        if let Some(word) = value.pointer(&format!("/properties/{tag}/const")).and_then(Value::as_str) {
            found.insert(word.to_owned());
        }
        match value {
            Value::Object(entries) => entries.values().for_each(|value| constants(value, tag, found)),
            Value::Array(items) => items.iter().for_each(|value| constants(value, tag, found)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let words = |tag| {
        let mut found = BTreeSet::new();
        constants(&schema(), tag, &mut found);
        found
    };
    assert_eq!(words("do"), ActionName::ALL.map(|name| name.as_str().to_owned()).into());
    assert_eq!(words("kind"), KindName::ALL.map(|name| name.as_str().to_owned()).into());
}
