//! The schemas: of every type of events, of batches, and of the body of a request.
//!
//! Receivers have to put up with fields that are added, so the schemas leave objects open. What we write ourselves has no
//! field that they do not describe: here they are closed first.

use crate::closed::strict;
use crate::files::{expects, names, pretty, read, sample, samples};
use cuehook_json::{Json, Object};
use cuehook_protocol::format::VIDEO_CREATED;
use cuehook_protocol::{Cause, EventType, Format, Interaction, RequestBody, Trigger};
use jsonschema::Validator;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

const EVENT: &str = "event.schema.json";
const REQUEST: &str = "request.schema.json";

fn schema(name: &str) -> Value {
    serde_json::from_str(&read(&format!("schemas/{name}"))).unwrap()
}

/// The definitions that have a file of their own, which needs no other file.
fn published() -> Vec<&'static str> {
    EventType::WORDS.into_iter().chain(["custom", "events"]).collect()
}

/// A schema of one definition, with what it refers to.
fn derived(whole: &Value, name: &str) -> Value {
    let all = whole["$defs"].as_object().unwrap();
    let mut needed = BTreeSet::new();
    let mut open = vec![name.to_owned()];
    while let Some(name) = open.pop() {
        references(&all[&name], &mut open);
        needed.insert(name);
        open.retain(|name| !needed.contains(name));
    }
    let definitions: Map<_, _> = needed.into_iter().map(|name| (name.clone(), all[&name].clone())).collect();
    json!({
        "$schema": whole["$schema"],
        "title": format!("Cuehook event: {name}"),
        "description": "There may be more fields than these in time.",
        "$ref": format!("#/$defs/{name}"),
        "$defs": definitions,
    })
}

fn references(schema: &Value, found: &mut Vec<String>) {
    match schema {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value.as_str() {
                    Some(target) if name == "$ref" => {
                        found.push(target.strip_prefix("#/$defs/").unwrap().to_owned());
                    }
                    _ => references(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

fn check(schema: &Value) -> Validator {
    jsonschema::draft202012::new(schema).unwrap()
}

fn faults(validator: &Validator, instance: &Value) -> Vec<String> {
    validator.iter_errors(instance).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

fn definition_of(kind: &str) -> &str {
    if EventType::named(kind).is_some() { kind } else { "custom" }
}

#[test]
fn the_schemas_are_schemas() {
    for file in names("schemas") {
        let schema = schema(&file);
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema", "{file}");
        let errors = jsonschema::draft202012::meta::validate(&schema);
        assert!(errors.is_ok(), "{file}: {errors:?}");
    }
}

#[test]
fn each_type_has_a_schema_of_its_own() {
    let whole = schema(EVENT);
    let mut expected = BTreeSet::from([EVENT.to_owned(), REQUEST.to_owned()]);
    let mut wrong = Vec::new();
    for name in published() {
        let file = format!("{name}.schema.json");
        if !expects(&format!("schemas/{file}"), &pretty(&derived(&whole, name).to_string())) {
            wrong.push(file.clone());
        }
        expected.insert(file);
    }
    assert_eq!(wrong, [""; 0]);
    assert_eq!(names("schemas").into_iter().collect::<BTreeSet<_>>(), expected);
    let one_of: Vec<_> = whole["$defs"]["event"]["oneOf"].as_array().unwrap().to_vec();
    let events = EventType::WORDS.into_iter().chain(["custom"]);
    let references: Vec<_> = events.map(|name| json!({ "$ref": format!("#/$defs/{name}") })).collect();
    assert_eq!(one_of, references);
}

#[test]
fn samples_fit_their_schema_and_no_other() {
    let closed = |file: &str| check(&strict(schema(file)));
    let published: Vec<_> =
        published().into_iter().map(|name| (name, closed(&format!("{name}.schema.json")))).collect();
    let any = closed(EVENT);
    for sample in samples().iter().filter(|sample| sample.kind() != VIDEO_CREATED) {
        let event = sample.value(Format::Cuehook);
        for (name, closed) in &published {
            let found = faults(closed, &event);
            assert_eq!(
                found.is_empty(),
                *name == definition_of(sample.kind()),
                "{} {name}: {found:?}",
                sample.name
            );
        }
        assert_eq!(faults(&any, &event), [""; 0], "{}", sample.name);
    }
    let batch: Value = serde_json::from_str(&read("tests/golden/batch.cuehook.json")).unwrap();
    assert_eq!(faults(&closed("events.schema.json"), &batch), [""; 0]);
}

/// Each value in a tree: its place as a JSON pointer.
fn places(value: &Value, place: &str, found: &mut Vec<String>) {
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), value)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(at, item)| (at.to_string(), item)).collect(),
        _ => Vec::new(),
    };
    for (name, value) in inner {
        let place = format!("{place}/{}", name.replace('~', "~0").replace('/', "~1"));
        found.push(place.clone());
        places(value, &place, found);
    }
}

/// Where pages and answers put what they like.
fn is_free(place: &str) -> bool {
    ["/data/viewer/", "/data/properties/"].iter().any(|free| place.starts_with(free))
}

#[test]
fn a_value_of_another_kind_or_a_field_too_many_is_a_fault() {
    let mut count = 0;
    for sample in samples().iter().filter(|sample| sample.kind() != VIDEO_CREATED) {
        let event = sample.value(Format::Cuehook);
        let open = schema(&format!("{}.schema.json", definition_of(sample.kind())));
        let (open, closed) = (check(&open), check(&strict(open)));
        let mut all = Vec::new();
        places(&event, "", &mut all);
        for place in all.iter().filter(|place| !is_free(place)) {
            let mut wrong = event.clone();
            // Nothing of ours is a list in a list in a list.
            *wrong.pointer_mut(place).unwrap() = json!([[[]]]);
            assert_ne!(faults(&open, &wrong), [""; 0], "{} {place}", sample.name);
            count += 1;
            let mut more = event.clone();
            if let Some(fields) = more.pointer_mut(place).unwrap().as_object_mut() {
                fields.insert("unknown".into(), Value::Null);
                assert_eq!(
                    faults(&open, &more),
                    [""; 0],
                    "receivers put up with it: {} {place}",
                    sample.name
                );
                let is_free = is_free(&format!("{place}/"));
                assert_eq!(faults(&closed, &more).is_empty(), is_free, "{} {place}", sample.name);
            }
        }
    }
    assert!(count > 400, "{count}");
}

#[test]
fn what_all_events_have_is_required() {
    for sample in samples().iter().filter(|sample| sample.kind() != VIDEO_CREATED) {
        let schema = check(&schema(&format!("{}.schema.json", definition_of(sample.kind()))));
        let minimal = sample.value(Format::Cuehook);
        for place in ["/type", "/timestamp", "/id", "/data", "/data/video", "/data/session", "/data/view"] {
            let (parent, name) = place.rsplit_once('/').unwrap();
            let mut event = minimal.clone();
            event.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name).unwrap();
            assert_ne!(faults(&schema, &event), [""; 0], "{} without {place}", sample.name);
        }
    }
    let answered = sample("question.answered").value(Format::Cuehook);
    let schema = check(&schema("question.answered.schema.json"));
    let mut neither = answered.clone();
    neither["data"].as_object_mut().unwrap().remove("question");
    assert_ne!(faults(&schema, &neither), [""; 0]);
    let mut both = answered;
    both["data"]["form"] = json!({ "id": "a", "fields": [] });
    assert_ne!(faults(&schema, &both), [""; 0]);
}

/// A body with all there is, or with as little as there can be.
fn request(cause: Cause, is_full: bool) -> Value {
    let only = |text: &'static str| is_full.then_some(text);
    let mut values = Object::new();
    values.set("sku", Json::from("A-17"));
    values.set("nested", cuehook_json::parse(br#"{"a":[1,null]}"#, 8).unwrap());
    let answer = cuehook_json::parse(br#"{"answer":"canoe","score":1}"#, 8).unwrap();
    let mut log = String::new();
    for (seq, kind) in [(1, "click"), (2, "submit"), (3, "answer")] {
        if is_full {
            log.push_str(if log.is_empty() { "" } else { "," });
            let interaction = Interaction {
                id: "019aa2f4-9040-7a01-9b02-1c2d3e4f5a64",
                kind,
                element: (seq > 1).then_some("get-code"),
                label: "Get your code",
                media_time: 7.42,
                at: "2026-11-20T20:06:19.730Z",
                records: (seq > 1).then_some("lead"),
                url: (seq == 2).then_some("https://shop.example/"),
                value: (seq > 1).then_some(&answer),
            };
            interaction.write(seq, &mut log);
        }
    }
    let none = Object::new();
    let context: Vec<_> = values.iter().filter(|_| is_full).collect();
    let body = RequestBody {
        id: "019aa2f4-9100-7e2d-8d3c-4b5a69788796",
        timestamp: "2026-11-20T20:06:20.227Z",
        webhook: "discount",
        webhook_name: only("Discount code"),
        video: "spring-shop",
        video_title: only("Spring shop"),
        current_time: 7.42,
        duration: is_full.then_some(31.04),
        session: "019aa2f4-7a10-7c3e-9d52-0b6c7f1e2a33",
        started_at: "2026-11-20T20:06:00.000Z",
        page: only("https://shop.example/spring"),
        element: only("get-code"),
        cause,
        params: if is_full { &values } else { &none },
        context: &context,
        interactions: &log,
        truncated: is_full,
    };
    serde_json::from_str(&body.to_text()).unwrap()
}

#[test]
fn bodies_of_requests_fit_their_schema() {
    let schema = schema(REQUEST);
    let (open, closed) = (check(&schema), check(&strict(schema.clone())));
    let causes: Vec<_> = Trigger::ALL.into_iter().map(Cause::Trigger).chain([Cause::Execute]).collect();
    for cause in &causes {
        for is_full in [false, true] {
            assert_eq!(faults(&closed, &request(*cause, is_full)), [""; 0], "{cause:?} {is_full}");
        }
    }
    let words: Vec<_> = causes.iter().map(|cause| Value::from(cause.as_str())).collect();
    assert_eq!(schema["properties"]["trigger"]["properties"]["event"]["enum"], Value::from(words));
    // All that is described is there: nothing is described that no body has.
    let full = request(Cause::Execute, true);
    let described = schema["properties"].as_object().unwrap();
    assert_eq!(described.keys().collect::<Vec<_>>(), full.as_object().unwrap().keys().collect::<Vec<_>>());
    let interaction = schema["$defs"]["interaction"]["properties"].as_object().unwrap();
    let fields: BTreeSet<_> = full["interactions"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|entry| entry.as_object().unwrap().keys())
        .collect();
    assert_eq!(interaction.keys().collect::<BTreeSet<_>>(), fields);
    let mut all = Vec::new();
    places(&full, "", &mut all);
    let is_free = |place: &str| {
        ["/params/", "/context/"].iter().any(|free| place.starts_with(free)) || place.contains("/value/")
    };
    for place in all.iter().filter(|place| !is_free(place)) {
        let mut wrong = full.clone();
        *wrong.pointer_mut(place).unwrap() = json!([[[]]]);
        assert_ne!(faults(&open, &wrong), [""; 0], "{place}");
        if let (Some((parent, name)), false) = (place.rsplit_once('/'), place.contains("/interactions/")) {
            let mut less = full.clone();
            if let Some(fields) = less.pointer_mut(parent).unwrap().as_object_mut() {
                fields.remove(name);
                assert_ne!(faults(&open, &less), [""; 0], "without {place}");
            }
        }
    }
}

#[test]
fn the_documented_body_fits_the_schema() {
    let page = read("../../docs/webhooks.md");
    let blocks = page.split("```json\n").skip(1).map(|block| block.split("```").next().unwrap());
    let bodies: Vec<Value> = blocks
        .filter_map(|block| serde_json::from_str::<Value>(block).ok())
        .filter(|value| value["type"] == "webhook.executed")
        .collect();
    assert!(!bodies.is_empty());
    let closed = check(&strict(schema(REQUEST)));
    for body in bodies {
        assert_eq!(faults(&closed, &body), [""; 0]);
    }
}
