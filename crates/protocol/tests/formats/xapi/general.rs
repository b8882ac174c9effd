//! What is asked of every statement.

use super::{all, statements};
use crate::files::sample;
use crate::shapes::{is_rfc3339, is_uuid_4};
use serde_json::{Value, json};

/// What is wrong with a statement, whatever it is about.
fn faults(statement: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let mut demand = |is_so: bool, fault: &str| {
        if !is_so {
            faults.push(fault.to_owned());
        }
    };
    let allowed = ["actor", "context", "id", "object", "result", "timestamp", "verb"];
    demand(statement.as_object().unwrap().keys().all(|key| allowed.contains(&&**key)), "unknown field");
    demand(!has_null(statement), "null");
    demand(statement["id"].as_str().is_some_and(is_uuid_4), "id");
    demand(statement["timestamp"].as_str().is_some_and(is_rfc3339), "timestamp");
    let actor = statement["actor"].as_object().unwrap();
    let identifiers = ["mbox", "mbox_sha1sum", "openid", "account"];
    demand(identifiers.iter().filter(|name| actor.contains_key(**name)).count() == 1, "one identifier");
    if let Some(mbox) = actor.get("mbox") {
        demand(mbox.as_str().is_some_and(|it| it.starts_with("mailto:") && it.contains('@')), "mbox");
    }
    if let Some(account) = actor.get("account") {
        demand(
            is_iri(&account["homePage"]) && account["name"].as_str().is_some_and(|it| !it.is_empty()),
            "account",
        );
        demand(account.as_object().unwrap().len() == 2, "account");
    }
    demand(is_iri(&statement["verb"]["id"]) && is_language_map(&statement["verb"]["display"]), "verb");
    let object = &statement["object"];
    demand(object["objectType"] == "Activity" && is_iri(&object["id"]), "object");
    let definition = &object["definition"];
    demand(is_iri(&definition["type"]), "type");
    for name in ["name", "description"] {
        demand(definition.get(name).is_none_or(is_language_map), name);
    }
    demand(definition.get("moreInfo").is_none_or(is_iri), "moreInfo");
    let is_choice = definition["interactionType"] == "choice";
    demand(definition.get("choices").is_some() == is_choice, "choices of a choice alone");
    demand(statement["context"]["registration"].as_str().is_some_and(is_uuid_4), "registration");
    for (relation, activities) in statement["context"]["contextActivities"].as_object().into_iter().flatten()
    {
        demand(["parent", "grouping", "category", "other"].contains(&&**relation), "relation");
        demand(activities.as_array().unwrap().iter().all(|activity| is_iri(&activity["id"])), "related");
    }
    let result = &statement["result"];
    for (name, value) in result.as_object().into_iter().flatten() {
        let is_sound = match &**name {
            "score" => is_score(value),
            "success" | "completion" => value.is_boolean(),
            "response" => value.is_string(),
            "duration" => value.as_str().is_some_and(|text| {
                let seconds = text.strip_prefix("PT").and_then(|text| text.strip_suffix('S'));
                seconds.is_some_and(|seconds| seconds.parse::<f64>().is_ok())
            }),
            "extensions" => value.as_object().unwrap().keys().all(|key| is_iri(&json!(key))),
            _ => false,
        };
        demand(is_sound, name);
    }
    faults
}

fn has_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.iter().any(has_null),
        Value::Object(fields) => fields.values().any(has_null),
        _ => false,
    }
}

fn is_score(score: &Value) -> bool {
    let [scaled, raw, min, max] = ["scaled", "raw", "min", "max"].map(|name| score[name].as_f64().unwrap());
    (-1.0..=1.0).contains(&scaled) && (min..=max).contains(&raw) && min < max
}

/// An identifier with a scheme, and without what none may hold.
fn is_iri(value: &Value) -> bool {
    let Some((scheme, rest)) = value.as_str().and_then(|text| text.split_once(':')) else { return false };
    let is_scheme = !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_lowercase());
    let is_allowed = |sign: char| !sign.is_whitespace() && !"<>\"{}|\\^`".contains(sign);
    is_scheme && !rest.is_empty() && rest.chars().all(is_allowed) && rest.matches('#').count() <= 1
}

fn is_language_map(value: &Value) -> bool {
    let is_tag = |tag: &String| ["en", "und"].contains(&&**tag);
    value
        .as_object()
        .is_some_and(|map| !map.is_empty() && map.keys().all(is_tag) && map.values().all(Value::is_string))
}

#[test]
fn statements_are_statements() {
    for (name, statement) in all() {
        assert_eq!(faults(&statement), [""; 0], "{name}: {statement}");
    }
}

#[test]
fn a_statement_that_is_none_is_found() {
    let statement = statements(&sample("question.answered")).remove(0);
    for (place, value) in [
        ("/id", json!("019aa2f4-9040-7b5d-8c11-3f2e1d0c9b84")),
        ("/timestamp", json!("yesterday")),
        ("/actor/mbox", json!("ada@example.org")),
        ("/actor/account", json!({ "homePage": "https://a.example", "name": "1" })),
        ("/verb/id", json!("answered")),
        ("/verb/display", json!({})),
        ("/object/id", json!("https://a.example/a b")),
        ("/object/definition/interactionType", json!("fill-in")),
        ("/result/score/scaled", json!(1.1)),
        ("/result/score/raw", json!(2)),
        ("/result/success", json!("yes")),
        ("/context/registration", json!("1")),
        ("/more", json!(1)),
    ] {
        let mut wrong = statement.clone();
        let (parent, name) = place.rsplit_once('/').unwrap();
        let fields = wrong.pointer_mut(parent).unwrap().as_object_mut().unwrap();
        fields.insert(name.to_owned(), value);
        assert_eq!(faults(&wrong).len(), 1, "{place}: {:?}", faults(&wrong));
    }
}
