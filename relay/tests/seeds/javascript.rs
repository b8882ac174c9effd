//! What JavaScript makes of a body that it parses and writes again: the same, for values that are chosen to be another.

use crate::files::{ID, NOW, rendered};
use cuehook_relay::config::EventFormat;
use cuehook_relay::delivery::sample::{TYPES, sample};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::json;
use std::io::Write;
use std::process::{Command, Stdio};

/// Reads bodies, a line each, and says which are not the same afterwards; then how many there were.
const SCRIPT: &str = r#"
let count = 0, text = "";
process.stdin.setEncoding("utf8");
process.stdin.on("data", (chunk) => (text += chunk));
process.stdin.on("end", () => {
  for (const line of text.split("\n")) {
    if (line === "") continue;
    count += 1;
    const again = JSON.stringify(JSON.parse(line));
    if (again !== line) console.log(`${line}\n${again}`);
  }
  console.log(count);
});
"#;

/// Values in the spelling of their JSON: what is parsed to another value, what is written another way, what moves.
const VALUES: [&str; 45] = [
    "0",
    "-0",
    "-0.0",
    "1.0",
    "1.10",
    "1e2",
    "1E+2",
    "100000000000000000000",
    "1e20",
    "1e21",
    "123456789012345678901234567890",
    "1e-6",
    "1e-7",
    "0.0000001",
    "9007199254740991",
    "9007199254740993",
    "18446744073709551615",
    "-9223372036854775808",
    "9223372036854775807",
    "1.7976931348623157e308",
    "5e-324",
    "2.2250738585072014e-308",
    "4.35",
    "0.1",
    "0.30000000000000004",
    "\"\\u0041\\/\"",
    "\"\\u2028\\u2029\"",
    "\"\u{2028}\u{feff}\u{7f}\"",
    "\"\\ud83d\\ude00\"",
    "\"\\ud800\"",
    "\"\\udc00\\ud800\"",
    "\"\\u0000\\u001f\\b\\f\\n\\r\\t\\\"\\\\\"",
    "\"\u{1f600}é\"",
    "[]",
    "{}",
    "[ 1 , [ ] , { } ]",
    "null",
    "true",
    "{\"b\":1,\"a\":2}",
    "{\"10\":1,\"9\":2,\"x\":3,\"0\":4,\"01\":5,\"4294967294\":6,\"4294967295\":7,\"-1\":8}",
    "{\"__proto__\":{\"polluted\":true},\"constructor\":1}",
    "{\"a\":1,\"a\":2,\"b\":3,\"a\":[4]}",
    "{\"\":1,\" \":2}",
    "{\"toJSON\":1,\"length\":0}",
    "{\"\\u0061\":1,\"a\":2,\"\\ud800\":3}",
];

/// Keys, likewise.
const KEYS: [&str; 12] = [
    "x",
    "1",
    "0",
    "__proto__",
    "status",
    "title",
    "videoId",
    "4294967295",
    "\\u0031",
    "toJSON",
    "\\ud800",
    "event",
];

fn event(kind: &str, members: &[String]) -> String {
    format!(
        "{{\"type\":\"{kind}\",\"timestamp\":\"2026-11-20T20:07:00Z\",\"id\":\"{ID}\",\"data\":{{\"video\":{{\"id\":\"v\"}}{}}}}}",
        members.iter().map(|member| format!(",{member}")).collect::<String>()
    )
}

/// Bodies that are told of events with these values, as many as there can be.
fn bodies() -> Vec<String> {
    let mut events: Vec<String> = TYPES.iter().map(|kind| sample(kind, ID, NOW)).collect();
    for value in VALUES {
        events.push(event("video.uploaded", &[format!("\"x\":{value}")]));
        events.extend(KEYS.map(|key| {
            event(
                "video.uploaded",
                &[format!("\"{key}\":{value}"), "\"b\":1".to_owned(), "\"2\":2".to_owned()],
            )
        }));
        events.push(event(
            "video.uploaded",
            &[
                "\"z\":1".to_owned(),
                format!("\"{}\":{value}", 7),
                format!("\"a\":[{value},{{\"k\":{value}}}]"),
            ],
        ));
    }
    let any = prop::collection::vec(
        (
            prop::sample::select(&KEYS[..]),
            prop::sample::select(&VALUES[..]),
            any::<f64>(),
            any::<i64>(),
            any::<String>(),
        ),
        1..6,
    );
    let mut runner =
        TestRunner::new_with_rng(Config::default(), TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    for _ in 0..2_000 {
        let members = any.new_tree(&mut runner).unwrap().current();
        let members: Vec<String> = members
            .into_iter()
            .flat_map(|(key, value, float, integer, text)| {
                let float = if float.is_finite() { format!("{float:e}") } else { "1".to_owned() };
                let text = json!(text).to_string();
                [format!("\"{key}\":{value}"), format!("{text}:[{float},{integer},{text}]")]
            })
            .collect();
        events.push(event("video.processing.completed", &members));
    }
    let told = events.iter().filter_map(|event| rendered(EventFormat::Cincopa, event).unwrap());
    told.map(|rendered| rendered.body).collect()
}

#[test]
#[ignore = "needs Node"]
fn bodies_for_cincopa_are_the_same_after_javascript_has_read_them() {
    let bodies = bodies();
    assert!(bodies.len() > 2_500, "{}", bodies.len());
    assert!(bodies.iter().all(|body| !body.contains('\n')));
    assert_eq!(javascript(&bodies), bodies.len().to_string());
}

#[test]
#[ignore = "needs Node"]
fn bodies_that_are_not_the_same_are_noticed() {
    for body in [
        "{\"a\":1.0}",
        "{\"a\":-0}",
        "{\"b\":1,\"1\":2}",
        "{\"a\":\"\\u0041\"}",
        "{\"a\": 1}",
        "{\"a\":1,\"a\":2}",
    ] {
        let said = javascript(&[body.to_owned()]);
        assert!(said.starts_with(body) && said.ends_with("\n1"), "{said}");
    }
}

/// What Node says of bodies.
fn javascript(bodies: &[String]) -> String {
    let mut node = Command::new("node")
        .args(["-e", SCRIPT])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("`node` is needed: `cargo xtask setup` installs it");
    let mut input = node.stdin.take().unwrap();
    let text = bodies.join("\n");
    let writer = std::thread::spawn(move || input.write_all(text.as_bytes()).unwrap());
    let output = node.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}
