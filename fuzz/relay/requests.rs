//! Heads and bodies of requests.

use cuehook_relay::parsers::{read_events, read_head};
use secrecy::ExposeSecret;

/// So many events are taken.
const MOST: usize = 20;
/// Longest name of an event in a response, in bytes.
const LONGEST_NAME: usize = 64;

/// Each event of a body is read as it is, or named and refused with a reason; what was read is read again.
pub fn relay_events(input: &[u8]) {
    let (events, refused) = match read_events(input, MOST) {
        Ok(offered) => offered,
        Err(refused) => {
            assert!(matches!(refused.status, 400 | 413) && !refused.message.is_empty());
            return;
        }
    };
    let body = cuehook_json::parse(input, 72).expect("what was read is JSON");
    assert!(body.as_object().is_some() && events.len() + refused.len() <= MOST);
    for (name, reason) in &refused {
        let place = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')?.parse::<usize>().ok());
        assert!(place.is_some() || (1..=LONGEST_NAME).contains(&name.len()), "{name}");
        assert!(!reason.is_empty());
    }
    for event in &events {
        let read: serde_json::Value = serde_json::from_str(&event.body).expect("what is stored is JSON");
        assert_eq!(read["id"], event.id.to_string());
        assert_eq!(read["type"], event.kind);
        assert!(read["data"].is_object() && !event.id.is_nil());
        let ms = cuehook_protocol::timestamp::parse(read["timestamp"].as_str().expect("a time is a text"));
        assert_eq!(ms.map(|(ms, _)| ms as i64), Some(event.at));
        assert!(event.body.len() <= input.len(), "what is stored is not longer than what was sent");
    }
    if !events.is_empty() {
        let bodies: Vec<&str> = events.iter().map(|event| event.body.as_str()).collect();
        let again = read_events(format!("{{\"events\":[{}]}}", bodies.join(",")).as_bytes(), MOST);
        assert_eq!(again, Ok((events, Vec::new())), "what is stored is read again");
    }
}

/// The head of a request, as it is written: a target, and lines with a field each.
pub fn relay_head(input: &[u8]) {
    let mut lines = input.split(|byte| *byte == b'\n');
    let Some(Ok(target)) = lines.next().map(std::str::from_utf8) else { return };
    let mut fields = Vec::new();
    for line in lines {
        let Some(at) = line.iter().position(|byte| *byte == b':') else { continue };
        let Ok(name) = std::str::from_utf8(&line[..at]) else { continue };
        fields.push((name, line[at + 1..].strip_prefix(b" ").unwrap_or(&line[at + 1..])));
    }
    let Some(read) = read_head(target, &fields) else { return };
    let value = |wanted: &str| {
        let mut found = fields.iter().filter(|(name, _)| name.eq_ignore_ascii_case(wanted));
        let (first, second) = (found.next(), found.next());
        assert!(second.is_none(), "{wanted} is there twice");
        first.map(|(_, value)| String::from_utf8_lossy(value).into_owned())
    };
    match read {
        Ok(head) => {
            assert_eq!(value("webhook-id").map(|id| id.to_ascii_lowercase()), Some(head.id.to_string()));
            if let Some(key) = value("idempotency-key") {
                assert_eq!(key.to_ascii_lowercase(), head.id.to_string());
            }
            assert_eq!(value("cuehook-budget-ms").map(|ms| ms.parse().ok()), head.budget_ms.map(Some));
            assert_eq!(value("origin"), head.origin);
            let token = head.token.as_ref().map(ExposeSecret::expose_secret);
            let written = value("authorization");
            assert_eq!(
                written.as_deref().and_then(|text| text.split_once(' ')).map(|(_, token)| token),
                token
            );
            let is_plain = |byte: u8| byte.is_ascii_graphic() && !b"\"\\".contains(&byte);
            assert!(head.request_id.is_none_or(|id| id.len() <= 64 && id.bytes().all(is_plain)));
            assert!(fields.len() <= 64 && target.len() <= 8_192);
            assert!(head.address_token.is_none() || target.contains('?'));
        }
        Err(refused) => {
            assert!(matches!(refused.status, 400 | 401 | 414 | 415 | 431) && !refused.message.is_empty());
            for (_, value) in fields.iter().filter(|(name, _)| name.eq_ignore_ascii_case("authorization")) {
                let value = String::from_utf8_lossy(value);
                // What is as long is no word of ours.
                assert!(value.len() < 20 || !refused.message.contains(&*value), "it is shown: {value}");
            }
        }
    }
}
