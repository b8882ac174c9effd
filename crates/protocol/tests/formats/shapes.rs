//! What several systems agree on.

/// The keys of an object in JSON text, in their order.
pub fn keys(text: &str, place: &[&str]) -> Vec<String> {
    let mut value = cuehook_json::View::of(text).unwrap();
    for key in place {
        value = value.get(key).unwrap_or_else(|| panic!("no {key} in {text}"));
    }
    value.members().map(|(key, _)| key.into_owned()).collect()
}

/// Whether a text is a time as RFC 3339.
pub fn is_rfc3339(text: &str) -> bool {
    cuehook_protocol::timestamp::parse(text).is_some_and(|(_, is_date)| !is_date)
}

/// Whether a text is a UUID of version 4, in lower case.
pub fn is_uuid_4(text: &str) -> bool {
    let is_digit = |(place, byte): (usize, u8)| match place {
        8 | 13 | 18 | 23 => byte == b'-',
        14 => byte == b'4',
        19 => b"89ab".contains(&byte),
        _ => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
    };
    text.len() == 36 && text.bytes().enumerate().all(is_digit)
}

#[test]
fn uuids_of_other_versions_are_told_apart() {
    assert!(is_uuid_4("019aa2f4-9040-4b5d-8c11-3f2e1d0c9b84"));
    for other in
        ["019aa2f4-9040-7b5d-8c11-3f2e1d0c9b84", "019aa2f4-9040-4b5d-cc11-3f2e1d0c9b84", "019aa2f4", ""]
    {
        assert!(!is_uuid_4(other), "{other}");
    }
}
