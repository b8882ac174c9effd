//! Samples are events like others.

use crate::files::{ID, NOW, read};
use cuehook_protocol::EventType;
use cuehook_relay::delivery::sample::{TYPES, sample};
use cuehook_relay::parsers::read_events;
use serde_json::Value;

#[test]
fn every_type_of_ours_has_one() {
    for kind in EventType::WORDS {
        assert!(TYPES.contains(&kind), "{kind}");
    }
}

#[test]
fn samples_are_read_as_events_are() {
    for kind in TYPES.iter().chain(&["cart.added", "a.\"b"]) {
        let text = sample(kind, ID, NOW);
        let (events, refused) = read_events(text.as_bytes(), 1).unwrap();
        assert_eq!(refused, [], "{text}");
        assert_eq!((events[0].id, events[0].kind.as_str(), events[0].at), (ID, *kind, NOW));
        assert_eq!(events[0].body, text, "it is compact, as what is stored");
    }
}

#[test]
fn samples_are_what_the_schemas_say() {
    for kind in TYPES.into_iter().chain(["cart.added"]) {
        let name = match EventType::named(kind) {
            Some(_) => kind,
            // Of what servers tell there is no schema.
            None if kind != "cart.added" => continue,
            None => "custom",
        };
        let schema: Value =
            serde_json::from_str(&read(&format!("crates/protocol/schemas/{name}.schema.json"))).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let event: Value = serde_json::from_str(&sample(kind, ID, NOW)).unwrap();
        let faults: Vec<_> = validator.iter_errors(&event).map(|fault| fault.to_string()).collect();
        assert_eq!(faults, [""; 0], "{kind}");
    }
}
