//! The video profile: templates and obligations.

use super::{all, statements};
use crate::files::sample;
use crate::shapes::is_uuid_4;
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
    let has_three_decimals =
        |text: &str| text.split_once('.').is_none_or(|(_, decimals)| decimals.len() <= 3);
    let number = value.as_f64().filter(|_| has_three_decimals(&value.to_string()));
    match name {
        "time" | "length" => number.is_some_and(|number| number >= 0.0),
        "progress" => number.is_some_and(|number| (0.0..=1.0).contains(&number)),
        "session-id" => value.as_str().is_some_and(is_uuid_4),
        "played-segments" => value.as_str().is_some_and(|text| {
            text.split("[,]").all(|segment| {
                let ends = segment.split_once("[.]");
                let ends = ends.map(|(from, to)| (from.parse::<f64>(), to.parse::<f64>()));
                matches!(ends, Some((Ok(from), Ok(to))) if from < to)
                    && segment.split("[.]").all(has_three_decimals)
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
    for (ended, verbs) in [
        ("view.ended", &["paused", "completed", "terminated"][..]),
        ("view.ended-left", &["paused", "terminated"]),
    ] {
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
