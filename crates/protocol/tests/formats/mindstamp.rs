//! What the tables of Mindstamp's reference have: fields, their order and their kinds.
//!
//! <https://mindstamp.readme.io/reference/view-webhooks>, <https://mindstamp.readme.io/reference/interaction-webhooks>. Of its lead
//! webhook no table is known; nothing is compared there.

use crate::files::samples;
use crate::shapes::keys;
use cuehook_protocol::Format;
use cuehook_protocol::format::has_body;
use serde_json::Value;

/// Of a field: its name and the kind of its values (`u` a whole number, `s` a text, `l` a list of texts).
const VIEW: [(&str, char); 25] = [
    ("id", 's'),
    ("owner_id", 's'),
    ("video_id", 's'),
    ("video_token", 's'),
    ("video_title", 's'),
    ("started", 's'),
    ("finished", 's'),
    ("elapsed", 'u'),
    ("percentage", 'u'),
    ("last_point", 'u'),
    ("furthest_point", 'u'),
    ("viewer_id", 's'),
    ("viewer_name", 's'),
    ("viewer_email", 's'),
    ("viewer_phone", 's'),
    ("viewer_custom_id", 's'),
    ("interaction_count", 'u'),
    ("city", 's'),
    ("region", 's'),
    ("country", 's'),
    ("flag", 's'),
    ("url", 's'),
    ("browser", 's'),
    ("screen_width", 's'),
    ("screen_height", 's'),
];

const INTERACTION: [(&str, char); 18] = [
    ("id", 's'),
    ("video_title", 's'),
    ("type_of", 's'),
    ("value", 's'),
    ("time", 'u'),
    ("finish", 'u'),
    ("parent_id", 's'),
    ("parent_type", 's'),
    ("parent_value", 's'),
    ("click_action", 's'),
    ("click_value", 's'),
    ("viewer_name", 's'),
    ("viewer_email", 's'),
    ("viewer_phone", 's'),
    ("viewer_custom_id", 's'),
    ("style", 's'),
    ("answers", 'l'),
    ("correct_answer", 's'),
];

#[test]
fn bodies_are_as_in_the_tables() {
    let mut known = std::collections::BTreeSet::new();
    for sample in samples().iter().filter(|sample| has_body(Format::Mindstamp, sample.kind())) {
        let (table, more): (&[_], &[&str]) = match sample.kind() {
            "view.ended" => (&VIEW, &["participation"]),
            "lead.captured" => continue,
            _ => (&INTERACTION, &[]),
        };
        let names: Vec<_> = table.iter().map(|(name, _)| *name).chain(more.iter().copied()).collect();
        assert_eq!(keys(&sample.body(Format::Mindstamp).unwrap(), &[]), names, "{}", sample.name);
        let value = sample.value(Format::Mindstamp);
        for (name, kind) in table {
            let is_known = match (&value[*name], kind) {
                (Value::Null, _) => continue,
                (Value::Number(number), 'u') => number.is_u64(),
                (Value::String(text), 's') => !text.is_empty(),
                (Value::Array(items), 'l') => items.iter().all(Value::is_string),
                _ => false,
            };
            assert!(is_known, "{} {name}: {}", sample.name, value[*name]);
            known.insert(*name);
        }
    }
    // What nobody in a browser knows; all else has been seen.
    let unknown = [
        "owner_id",
        "interaction_count",
        "city",
        "region",
        "country",
        "flag",
        "browser",
        "screen_width",
        "screen_height",
        "finish",
        "click_action",
    ];
    for (name, _) in VIEW.iter().chain(&INTERACTION) {
        assert_eq!(known.contains(name), !unknown.contains(name), "{name}");
    }
}

#[test]
fn what_was_withheld_is_not_told() {
    for sample in samples().iter().filter(|sample| sample.name.ends_with("-withheld")) {
        let text = sample.body(Format::Mindstamp).unwrap();
        let value = sample.value(Format::Mindstamp);
        assert!(!text.contains("longer film") && value.get("value").is_none_or(Value::is_null), "{text}");
    }
}
