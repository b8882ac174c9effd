//! Answers of webhooks: what of them reaches a page, and that no secret does.

use super::split;
use cuehook_json::check;
use cuehook_protocol::{RESPONSE_DEPTH, Response};
use cuehook_relay::parsers::judge_response;
use cuehook_relay::secrets::{REMOVED, SHORTEST_SECRET, redact};
use cuehook_relay::store::CallOutcome;

/// Status, content type and `Retry-After` on a line each, then the body. What is passed on is what came, and nothing that a browser
/// would show as a page.
pub fn relay_answer(input: &[u8]) {
    let (head, body) = split(input);
    let head = String::from_utf8_lossy(head);
    let mut lines = head.split('\n');
    let status = lines.next().and_then(|line| line.parse().ok()).unwrap_or(200);
    let mut field = || lines.next().filter(|line| !line.is_empty()).map(str::to_owned);
    let response = Response {
        status,
        content_type: field(),
        retry_after: field(),
        body: body.to_vec(),
        ..Response::default()
    };
    let CallOutcome::Answer(answer) = judge_response(&response) else { return };
    assert_eq!(answer.status, status);
    assert!(matches!(status, 200..=599) && !matches!(status, 301 | 302 | 303 | 307 | 308), "{status}");
    assert!(answer.body.is_empty() || answer.body == body || answer.body == response.content());
    let (mut is_json, mut is_text) = (false, false);
    for (name, value) in &answer.headers {
        assert!(value.len() <= 200 && value.bytes().all(|byte| matches!(byte, b' '..=b'~')), "{value:?}");
        let essence = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match name.as_str() {
            "content-type" if essence == "text/plain" => is_text = true,
            "content-type" => {
                assert!(essence == "application/json" || essence.ends_with("+json"), "{essence}");
                is_json = true;
            }
            "retry-after" => assert_eq!(Some(value.as_str()), response.retry_after.as_deref().map(str::trim)),
            other => panic!("{other} is passed on"),
        }
    }
    assert_eq!(is_json || is_text, !answer.body.is_empty(), "what there is has a type");
    if is_json {
        let json = check(&answer.body, RESPONSE_DEPTH).expect("what is said to be JSON is");
        assert!(status > 299 || json.as_object().is_some(), "an answer's data is an object");
    }
    assert!(!is_text || status < 300, "of an error only JSON is passed on");
}

/// A secret on the first line, and a text that may have it. It is nowhere in what is passed on.
pub fn relay_secrets(input: &[u8]) {
    let (secret, text) = split(input);
    let Ok(secret) = std::str::from_utf8(secret) else { return };
    // As the configuration has them.
    if secret.trim() != secret || secret.is_empty() || !secret.bytes().all(|byte| matches!(byte, b' '..=b'~'))
    {
        return;
    }
    let secrets = [secret.into()];
    let redacted = redact(text, &secrets);
    if redacted.removed == 0 {
        assert_eq!(redacted.bytes, text);
    }
    if secret.len() >= SHORTEST_SECRET {
        // What stands in its place may be like it, at its ends or altogether.
        for piece in pieces(&redacted.bytes) {
            assert!(!has(piece, secret.as_bytes()), "it is still there: {}", String::from_utf8_lossy(piece));
        }
        // What a value is in JSON; and that within a text.
        let once = json_text(secret);
        // Half of an escape before it would take a part of it.
        let before = if text.contains(&b'\\') { &[] } else { text };
        for spelt in [&once, &json_text(&once)] {
            let echo = [b"{\"echo\":\"", before, spelt.as_bytes(), b"\"}"].concat();
            let redacted = redact(&echo, &secrets);
            assert!(redacted.removed > 0, "{spelt} is not found");
        }
    }
    if std::str::from_utf8(text).is_ok() {
        assert!(std::str::from_utf8(&redacted.bytes).is_ok(), "what was text stays text");
    }
    // With a letter that is in no number and no word of JSON, and without what ends a string, it stands in strings.
    let is_in_strings = secret.bytes().any(|byte| b"bcdghijkmopqvwxyz".contains(&byte));
    if is_in_strings && !secret.contains(['"', '\\']) && check(text, RESPONSE_DEPTH).is_ok() {
        let still = check(&redacted.bytes, RESPONSE_DEPTH);
        assert!(still.is_ok(), "what was JSON stays JSON: {}", String::from_utf8_lossy(&redacted.bytes));
    }
}

/// As JSON spells it between quotation marks.
fn json_text(text: &str) -> String {
    let mut spelt = String::new();
    cuehook_json::write_string(text, &mut spelt);
    spelt[1..spelt.len() - 1].to_owned()
}

fn has(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

fn pieces(text: &[u8]) -> Vec<&[u8]> {
    let (mut pieces, mut from) = (Vec::new(), 0);
    while let Some(at) = text[from..].windows(REMOVED.len()).position(|window| window == REMOVED.as_bytes()) {
        pieces.push(&text[from..from + at]);
        from += at + REMOVED.len();
    }
    pieces.push(&text[from..]);
    pieces
}
