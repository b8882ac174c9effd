//! Inputs that fuzzing has kept, and changed ones, run natively: what has to hold for all holds for these. See `fuzz/README.md`.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "../../tests/data/attacks.rs"]
mod attacks;
mod process;
#[path = "../../fuzz/relay/mod.rs"]
mod relay;

use process::Dice;
use serde_json::json;
use std::path::{Path, PathBuf};

/// So often each input is changed.
const CHANGES: usize = 100;
/// No changed input is longer, in bytes.
const LONGEST: usize = 8 * 1024;

const ID: &str = "01920000-0000-7000-8000-000000000001";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// What was kept for a target, in the order of names.
fn kept(target: &str) -> Vec<Vec<u8>> {
    let folder = root().join("fuzz/corpus").join(target);
    let mut paths: Vec<PathBuf> = folder.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(paths.len() >= 20, "{} has {} inputs", folder.display(), paths.len());
    paths.iter().map(|path| std::fs::read(path).unwrap()).collect()
}

/// Runs a property. Should it fail, this says for which input.
fn run(property: fn(&[u8]), input: &[u8]) {
    let ended = std::panic::catch_unwind(|| property(input));
    if let Err(fault) = ended {
        println!("it does not hold for {:?}", String::from_utf8_lossy(input));
        std::panic::resume_unwind(fault);
    }
}

/// All that was kept, and each of them changed, always in the same ways.
fn run_all(target: &str, property: fn(&[u8])) {
    let inputs = kept(target);
    let mut dice = Dice::new(16);
    for input in &inputs {
        run(property, input);
        let mut changed = input.clone();
        for number in 0..CHANGES {
            // From the input again now and then, so that not all are far from it.
            if number % 5 == 0 {
                changed.clone_from(input);
            }
            change(&mut changed, &inputs, &mut dice);
            run(property, &changed);
        }
    }
}

/// Changes one thing.
fn change(input: &mut Vec<u8>, others: &[Vec<u8>], dice: &mut Dice) {
    const PIECES: [&str; 24] = [
        "\"",
        "\\",
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\n",
        "\r",
        "\0",
        "%",
        "%00",
        "\\u0041",
        "\\u0000",
        "\\ud800",
        "\u{feff}",
        "\u{fffd}",
        "é",
        "-1",
        "1e999",
        "null",
        "\n===\n",
        "99999999999999999999",
    ];
    let place = |dice: &mut Dice, length: usize| usize::try_from(dice.below(length as u64 + 1)).unwrap();
    let (one, other) = (place(dice, input.len()), place(dice, input.len()));
    let (from, to) = (one.min(other), one.max(other));
    match dice.below(6) {
        0 => drop(input.drain(from..to)),
        1 => {
            let twice = input[from..to].to_vec();
            input.splice(to..to, twice);
        }
        2 if from < input.len() => input[from] = u8::try_from(dice.below(256)).unwrap(),
        3 if from < input.len() => input[from] ^= 1 << dice.below(8),
        4 => {
            let another = &others[usize::try_from(dice.below(others.len() as u64)).unwrap()];
            let (one, other) = (place(dice, another.len()), place(dice, another.len()));
            input.splice(from..to, another[one.min(other)..one.max(other)].iter().copied());
        }
        _ => {
            let piece = PIECES[usize::try_from(dice.below(PIECES.len() as u64)).unwrap()];
            input.splice(from..from, piece.bytes());
        }
    }
    input.truncate(LONGEST);
}

#[test]
fn events() {
    run_all("relay_events", relay::relay_events);
}

#[test]
fn heads() {
    run_all("relay_head", relay::relay_head);
}

#[test]
fn tokens() {
    run_all("relay_token", relay::relay_token);
}

#[test]
fn urls() {
    run_all("relay_url", relay::relay_url);
}

#[test]
fn answers() {
    run_all("relay_answer", relay::relay_answer);
}

#[test]
fn secrets() {
    run_all("relay_secrets", relay::relay_secrets);
}

#[test]
fn configurations() {
    run_all("relay_config", relay::relay_config);
}

#[test]
fn templates() {
    run_all("relay_template", relay::relay_template);
}

/// Strings that try to become script, wherever a text can stand.
#[test]
fn attacks_by_text() {
    for attack in attacks::all() {
        let text = json!(attack);
        let event = json!({"type": "a.b", "id": ID, "timestamp": "2026-11-20T20:07:00Z", "data": {(attack.as_str()): attack}});
        let claims = json!({"aud": "cuehook-relay", "origin": "https://shop.example", "project": attack, "exp": 1_800_000_600});
        let of_type = json!({"type": attack, "id": attack, "timestamp": attack, "data": {}});
        for (property, input) in [
            (relay::relay_events as fn(&[u8]), event.to_string()),
            (relay::relay_events, json!({"events": [event, of_type]}).to_string()),
            (
                relay::relay_head,
                format!(
                    "/v1/call/{attack}\nwebhook-id: {ID}\norigin: {attack}\nx-request-id: {attack}\ncontent-type: application/json"
                ),
            ),
            (relay::relay_token, format!("{{\"alg\":\"HS256\"}}\n===\n{claims}")),
            (relay::relay_token, format!("{{\"alg\":{text}}}\n===\n{claims}")),
            (relay::relay_url, attack.clone()),
            (relay::relay_url, format!("https://shop.example/{attack}?{attack}")),
            (relay::relay_url, format!("https://{attack}/")),
            (relay::relay_answer, format!("200\ntext/html\n{attack}\n===\n{attack}")),
            (relay::relay_answer, format!("404\n{attack}\n\n===\n{{\"a\":{text}}}")),
            (relay::relay_secrets, format!("{attack}\n===\n{{\"echo\":{text}}}")),
            (
                relay::relay_config,
                format!(
                    "[[webhook]]\nid = \"a\"\nname = {text}\nurl = {text}\nheaders = [{{name = {text}, value = {text}}}]"
                ),
            ),
            (relay::relay_config, attack.clone()),
            (
                relay::relay_template,
                format!(
                    "application/json\n===\n{{\"a\": \"{{{{ data.a }}}}\"}}\n===\n{{\"data\":{{\"a\":{text}}}}}"
                ),
            ),
            (relay::relay_template, format!("text/html\n===\n{attack}\n===\n{{\"data\":{{\"a\":{text}}}}}")),
        ] {
            run(property, input.as_bytes());
        }
    }
}

/// Bodies that are JSON, or nearly: the collection that lies beside the project on some machines.
#[test]
fn bodies_that_are_nearly_json() {
    let folders = ["../shared/data/json", "../../shared/data/json"].map(|path| root().join(path));
    let Some(folder) = folders.into_iter().find(|path| path.is_dir()) else {
        println!("skipped: ../shared/data/json is not there");
        return;
    };
    let mut seen = 0;
    for entry in folder.read_dir().unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        let within = |before: &str, after: &str| [before.as_bytes(), &bytes, after.as_bytes()].concat();
        let event =
            format!("{{\"type\":\"a.b\",\"id\":\"{ID}\",\"timestamp\":\"2026-11-20T20:07:00Z\",\"data\":");
        for input in [
            bytes.clone(),
            within(&event, "}"),
            within(&format!("{event}{{\"a\":"), "}}"),
            within("{\"events\":", "}"),
        ] {
            run(relay::relay_events, &input);
        }
        run(relay::relay_answer, &within("200\napplication/json\n\n===\n", ""));
        run(relay::relay_answer, &within("200\n\n\n===\n{\"a\":", "}"));
        run(relay::relay_answer, &within("500\ntext/html\n7\n===\n", ""));
        run(relay::relay_token, &within("{\"alg\":\"HS256\"}\n===\n", ""));
        run(relay::relay_token, &within("", "\n===\n{}"));
        run(relay::relay_secrets, &within("bcdf\n===\n", ""));
        seen += 1;
    }
    assert!(seen > 300);
}
