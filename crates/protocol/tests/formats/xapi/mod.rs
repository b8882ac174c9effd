//! Statements: what the Experience API 1.0.3 asks of all, and the video profile of those that claim to follow it.
//!
//! Sources: <https://github.com/adlnet/xAPI-Spec> (parts 2 and 3); statement templates of the profile's version 1.0.3,
//! <https://github.com/adlnet/xapi-authored-profiles> (`video/v1.0.3/video.jsonld`); its obligations in words,
//! <https://github.com/liveaspankaj/xapi-video-cop> (`statement_data_model.md`). Facts of them, written down anew.

mod general;
mod profile;

use crate::files::{Sample, sample, samples};
use cuehook_json::View;
use cuehook_protocol::Format;
use cuehook_protocol::format::{body, has_body};
use serde_json::Value;
use std::collections::BTreeSet;

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
    assert_eq!(count, 3);
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
    let of =
        |name: &str, place: &str| statements(&sample(name))[0].pointer(place).cloned().unwrap_or_default();
    assert_eq!(of("view.ended", "/actor/mbox"), "mailto:ada@example.org");
    assert_eq!(of("interaction.clicked-unnamed", "/actor/account/name"), "17");
    assert_eq!(of("interaction.clicked-unnamed", "/actor/account/homePage"), "https://shop.example");
    assert_eq!(of("view.ended-minimal", "/actor/account/name"), "019aa2f4-7a10-7c3e-9d52-0b6c7f1e2a33");
    assert_eq!(of("view.ended-minimal", "/actor/account/homePage"), "urn:cuehook:viewers");
    assert_eq!(of("view.ended", "/object/id"), "https://shop.example/videos/spring-shop");
    assert_eq!(of("view.ended-minimal", "/object/id"), "urn:cuehook:video:spring-shop");
}

#[test]
fn what_is_no_address_is_no_mailbox() {
    let text = sample("view.progressed").compact();
    let actor = |email: &str| {
        let text = text.replace("\"ada@example.org\"", email);
        let body = body(Format::Xapi, View::of(&text).unwrap()).unwrap();
        serde_json::from_str::<Value>(&body).unwrap()["actor"].clone()
    };
    assert_eq!(actor("\"ada+1@example.org\"")["mbox"], "mailto:ada+1@example.org");
    for email in ["\"Ada\"", "\"a b@example.org\"", "\"\"", "null", "17", "[]"] {
        let actor = actor(email);
        assert!(actor.get("mbox").is_none(), "{email}");
        assert_eq!(actor["account"]["name"], "u-17", "{email}");
    }
}
