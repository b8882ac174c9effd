//! Statements: what the Experience API 1.0.3 asks of all, and the video profile of those that claim to follow it.
//!
//! Sources: <https://github.com/adlnet/xAPI-Spec> (parts 2 and 3); statement templates of the profile's version 1.0.3,
//! <https://github.com/adlnet/xapi-authored-profiles> (`video/v1.0.3/video.jsonld`); its obligations in words,
//! <https://github.com/liveaspankaj/xapi-video-cop> (`statement_data_model.md`). Facts of them, written down anew.

use crate::files::{Sample, sample, samples};
use crate::shapes::{is_rfc3339, is_uuid_4};
use cuehook_protocol::Format;
use cuehook_protocol::format::has_body;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const PROFILE: &str = "https://w3id.org/xapi/video";

/// A statement template: the verb, and what has to be there besides `id` and `timestamp`: `completion` and `duration` of the
/// result, extensions of the result, extensions of the context.
struct Template {
    verb: &'static str,
    result: &'static [&'static str],
    result_extensions: &'static [&'static str],
    context_extensions: &'static [&'static str],
}

const SEEN: &[&str] = &["time", "progress", "played-segments"];

const TEMPLATES: [Template; 5] = [
    Template {
        verb: "http://adlnet.gov/expapi/verbs/initialized",
        result: &[],
        result_extensions: &[],
        context_extensions: &["length"],
    },
    Template {
        verb: "https://w3id.org/xapi/video/verbs/played",
        result: &[],
        result_extensions: &["time"],
        context_extensions: &[],
    },
    Template {
        verb: "https://w3id.org/xapi/video/verbs/paused",
        result: &[],
        result_extensions: SEEN,
        context_extensions: &["length"],
    },
    Template {
        verb: "http://adlnet.gov/expapi/verbs/completed",
        result: &["duration", "completion"],
        result_extensions: SEEN,
        context_extensions: &["length"],
    },
    Template {
        verb: "http://adlnet.gov/expapi/verbs/terminated",
        result: &[],
        result_extensions: SEEN,
        context_extensions: &["length"],
    },
];

fn statements(sample: &Sample) -> Vec<Value> {
    match sample.value(Format::Xapi) {
        Value::Array(statements) => statements,
        statement => vec![statement],
    }
}

fn all() -> Vec<(String, Value)> {
    let with_body = samples().into_iter().filter(|sample| has_body(Format::Xapi, sample.kind()));
    with_body
        .flat_map(|sample| statements(&sample).into_iter().map(move |it| (sample.name.clone(), it)))
        .collect()
}

fn extension(name: &str) -> String {
    format!("{PROFILE}/extensions/{name}")
}

fn follows_profile(statement: &Value) -> bool {
    statement["context"]["contextActivities"]["category"] == json!([{ "id": PROFILE }])
}

/// What is wrong with a statement, by the templates and obligations of the profile.
fn profile_faults(statement: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let mut demand = |is_so: bool, fault: &str| {
        if !is_so {
            faults.push(fault.to_owned());
        }
    };
    let Some(template) = TEMPLATES.iter().find(|template| statement["verb"]["id"] == template.verb) else {
        return vec!["no template has this verb".to_owned()];
    };
    let definition = &statement["object"]["definition"];
    demand(definition["type"] == "https://w3id.org/xapi/video/activity-type/video", "type of activity");
    let (result, context) = (&statement["result"], &statement["context"]);
    for field in ["id", "timestamp"] {
        demand(statement[field].is_string(), field);
    }
    for field in template.result {
        demand(!result[*field].is_null(), field);
    }
    for name in template.result_extensions {
        demand(!result["extensions"][extension(name)].is_null(), name);
    }
    for name in template.context_extensions {
        demand(!context["extensions"][extension(name)].is_null(), name);
    }
    // Recommended, and we have it.
    demand(!context["extensions"][extension("session-id")].is_null(), "session-id");
    let is_completed = template.verb.ends_with("completed");
    let completion = if is_completed { json!(true) } else { Value::Null };
    demand(result["completion"] == completion, "completion of completed alone");
    if is_completed {
        demand(result["extensions"][extension("progress")] == json!(1), "all was seen");
    }
    for extensions in [&result["extensions"], &context["extensions"]] {
        for (name, value) in extensions.as_object().into_iter().flatten() {
            demand(is_of_kind(name, value), name);
        }
    }
    let has_result = |name: &str| result["extensions"].get(extension(name)).is_some();
    demand(context["extensions"].get(extension("time")).is_none(), "time is of the result");
    demand(!has_result("length") && !has_result("session-id"), "length and session are of the context");
    faults
}

/// Whether an extension of the profile has a value of the kind that its concept has.
fn is_of_kind(name: &str, value: &Value) -> bool {
    let Some(name) = name.strip_prefix(&extension("")) else { return false };
    let has_three_decimals = |text: &str| text.split_once('.').is_none_or(|(_, decimals)| decimals.len() <= 3);
    let number = value.as_f64().filter(|_| has_three_decimals(&value.to_string()));
    match name {
        "time" | "length" => number.is_some_and(|number| number >= 0.0),
        "progress" => number.is_some_and(|number| (0.0..=1.0).contains(&number)),
        "session-id" => value.as_str().is_some_and(is_uuid_4),
        "played-segments" => value.as_str().is_some_and(|text| {
            text.split("[,]").all(|segment| {
                let ends = segment.split_once("[.]");
                let ends = ends.map(|(from, to)| (from.parse::<f64>(), to.parse::<f64>()));
                matches!(ends, Some((Ok(from), Ok(to))) if from < to) && segment.split("[.]").all(has_three_decimals)
            })
        }),
        _ => false,
    }
}

#[test]
fn what_claims_the_profile_follows_it() {
    let mut verbs = BTreeSet::new();
    for (name, statement) in all() {
        let is_of_view = ["view.started", "view.ended"].iter().any(|kind| name.starts_with(kind));
        assert_eq!(follows_profile(&statement), is_of_view, "{name}");
        let lacks_length = ["view.ended-minimal", "view.ended-stream"].contains(&&*name);
        if is_of_view && !lacks_length {
            assert_eq!(profile_faults(&statement), [""; 0], "{name}: {statement}");
            verbs.insert(statement["verb"]["id"].as_str().unwrap().to_owned());
        }
        if lacks_length {
            // Documented: nobody knows how long a stream is.
            assert_eq!(profile_faults(&statement), ["progress", "length"], "{name}");
        }
    }
    assert_eq!(verbs, TEMPLATES.iter().map(|template| template.verb.to_owned()).collect());
}

#[test]
fn a_statement_without_what_the_profile_asks_for_is_a_fault() {
    for (name, statement) in all().into_iter().filter(|(_, statement)| profile_faults(statement).is_empty()) {
        let mut places = vec![
            "/object/definition/type".to_owned(),
            "/verb/id".to_owned(),
            "/id".to_owned(),
            "/timestamp".to_owned(),
        ];
        for part in ["result", "context"] {
            let extensions = statement[part]["extensions"].as_object();
            let names = extensions.into_iter().flat_map(|extensions| extensions.keys());
            places.extend(names.map(|name| format!("/{part}/extensions/{}", name.replace('/', "~1"))));
        }
        for place in places {
            // `length` of `played` is only allowed.
            let may_lack = statement["verb"]["display"]["en"] == "played" && place.ends_with("length");
            let (parent, field) = place.rsplit_once('/').unwrap();
            let mut less = statement.clone();
            let fields = less.pointer_mut(parent).unwrap().as_object_mut().unwrap();
            fields.remove(&field.replace("~1", "/")).unwrap();
            assert_eq!(profile_faults(&less).is_empty(), may_lack, "{name} without {place}");
            let mut wrong = statement.clone();
            *wrong.pointer_mut(&place).unwrap() = json!(["wrong"]);
            assert_ne!(profile_faults(&wrong), [""; 0], "{name} {place}");
        }
    }
}

#[test]
fn a_view_is_a_session_as_the_profile_has_it() {
    let started = statements(&sample("view.started"));
    for (ended, verbs) in
        [("view.ended", &["paused", "completed", "terminated"][..]), ("view.ended-left", &["paused", "terminated"])]
    {
        let ended = statements(&sample(ended));
        let verb = |statement: &Value| statement["verb"]["display"]["en"].as_str().unwrap().to_owned();
        // The session begins with the first, whose id it has; nothing comes after the last.
        assert_eq!(started.iter().map(verb).collect::<Vec<_>>(), ["initialized", "played"]);
        assert_eq!(ended.iter().map(verb).collect::<Vec<_>>(), verbs);
        for statement in started.iter().chain(&ended) {
            assert_eq!(statement["context"]["extensions"][extension("session-id")], started[0]["id"]);
            assert_eq!(statement["context"]["registration"], started[0]["id"]);
        }
    }
}

#[test]
fn ids_are_different_and_always_the_same() {
    let mut ids = BTreeSet::new();
    let mut count = 0;
    for name in ["view.started", "view.progressed", "view.ended", "cta.clicked", "question.answered"] {
        let (first, second) = (statements(&sample(name)), statements(&sample(name)));
        assert_eq!(first, second);
        count += first.len();
        ids.extend(first.iter().map(|statement| statement["id"].as_str().unwrap().to_owned()));
    }
    assert_eq!(ids.len(), count);
}

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
        demand(is_iri(&account["homePage"]) && account["name"].as_str().is_some_and(|it| !it.is_empty()), "account");
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
    for (relation, activities) in statement["context"]["contextActivities"].as_object().into_iter().flatten() {
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
    value.as_object().is_some_and(|map| !map.is_empty() && map.keys().all(is_tag) && map.values().all(Value::is_string))
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

#[test]
fn responses_are_right_if_a_pattern_says_so() {
    let mut count = 0;
    for sample in samples().iter().filter(|sample| sample.kind() == "question.answered") {
        let statement = statements(sample).remove(0);
        let (definition, result) = (&statement["object"]["definition"], &statement["result"]);
        if definition["interactionType"] != "choice" {
            assert_eq!(definition["interactionType"], "fill-in");
            assert!(result.get("success").is_none());
            continue;
        }
        let choices: BTreeSet<_> =
            definition["choices"].as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap()).collect();
        let parts = |text: &Value| -> BTreeSet<String> {
            text.as_str().unwrap().split("[,]").map(str::to_owned).collect()
        };
        let chosen = parts(&result["response"]);
        assert!(chosen.iter().all(|id| choices.contains(&**id)), "{}", sample.name);
        match definition.get("correctResponsesPattern") {
            Some(patterns) => {
                let is_right = patterns.as_array().unwrap().iter().any(|pattern| parts(pattern) == chosen);
                assert_eq!(result["success"], is_right, "{}", sample.name);
                assert!(result.get("score").is_some());
                count += 1;
            }
            None => assert!(result.get("success").is_none() && result.get("score").is_none(), "a survey"),
        }
    }
    assert_eq!(count, 2);
}

#[test]
fn what_was_entered_is_told_of_answers_that_may_know() {
    let form = statements(&sample("question.answered-form")).remove(0);
    assert_eq!(form["result"]["response"], "A longer film[,]3[,]true[,]");
    for name in ["question.answered-withheld", "lead.captured", "lead.captured-withheld"] {
        let statement = statements(&sample(name)).remove(0);
        assert!(statement["result"].get("response").is_none(), "{name}");
        let text = statement.to_string();
        assert!(!text.contains("longer film") && !text.contains("Analytical"), "{name}: {text}");
    }
}

#[test]
fn viewers_and_videos_are_known_by_what_is_told_of_them() {
    let of = |name: &str, place: &str| statements(&sample(name))[0].pointer(place).cloned().unwrap_or_default();
    assert_eq!(of("view.ended", "/actor/mbox"), "mailto:ada@example.org");
    assert_eq!(of("interaction.clicked-unnamed", "/actor/account/name"), "17");
    assert_eq!(of("interaction.clicked-unnamed", "/actor/account/homePage"), "https://shop.example");
    assert_eq!(of("view.ended-minimal", "/actor/account/name"), "019aa2f4-7a10-7c3e-9d52-0b6c7f1e2a33");
    assert_eq!(of("view.ended-minimal", "/actor/account/homePage"), "urn:cuehook:viewers");
    assert_eq!(of("view.ended", "/object/id"), "https://shop.example/videos/spring-shop");
    assert_eq!(of("view.ended-minimal", "/object/id"), "urn:cuehook:video:spring-shop");
}
