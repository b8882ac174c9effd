//! Answers from arbitrary bytes.

use cuehook::json::{self, Json, Object};

/// Lists and objects inside each other.
const MAX_DEPTH: usize = 8;
/// Names taken from a template.
const MAX_NAMES: usize = 32;

/// The answer that the bytes are, if they are a JSON object. Otherwise they choose one, made of the template's own words, so
/// that its placeholders find something.
pub fn answer(bytes: &[u8], template: &str) -> Object {
    if let Some(object) = json::check(bytes, 64).ok().and_then(|value| value.as_object().cloned()) {
        return object;
    }
    let mut words: Vec<&str> = template
        .split(|character: char| !character.is_alphanumeric() && character != '_')
        .filter(|word| !word.is_empty())
        .collect();
    words.sort_unstable();
    words.dedup();
    words.truncate(MAX_NAMES);
    if words.is_empty() {
        words.push("a");
    }
    Maker { bytes: bytes.iter(), words: &words }.object(0)
}

struct Maker<'a> {
    bytes: std::slice::Iter<'a, u8>,
    words: &'a [&'a str],
}

impl Maker<'_> {
    /// A value that a byte chooses, while there are bytes.
    fn value(&mut self, depth: usize) -> Option<Json> {
        let byte = *self.bytes.next()?;
        let deeper = depth < MAX_DEPTH;
        Some(match byte % 10 {
            0 => Json::Null,
            1 => Json::Bool(byte >= 128),
            2 => Json::Integer(i64::from(byte / 10) - 3),
            3 => Json::Integer([i64::MIN, i64::MAX, 1 << 53, -1][usize::from(byte / 10) % 4]),
            4 => Json::Float([0.5, -0.0, 1e300, 5e-324, 1e21, -1e15][usize::from(byte / 10) % 6]),
            5 => ["", "x", "</b>", "javascript:x", "url(x)", "2026-11-21T01:02:03Z", "\u{e9}\u{1F600}", " "]
                [usize::from(byte / 10) % 8]
                .into(),
            6 => self.word().as_str().into(),
            7 | 8 if deeper => {
                let mut list = Vec::new();
                for _ in 0..byte / 10 % 8 {
                    list.extend(self.value(depth + 1));
                }
                Json::Array(list.into())
            }
            9 if deeper => self.object(depth + 1).into(),
            _ => Json::Bool(true),
        })
    }

    fn object(&mut self, depth: usize) -> Object {
        let mut object = Object::new();
        let most = if depth == 0 { MAX_NAMES } else { 4 };
        for _ in 0..most {
            let word = self.word();
            let Some(value) = self.value(depth) else { break };
            object.set(&word, value);
        }
        object
    }

    fn word(&mut self) -> String {
        let byte = self.bytes.next().copied().unwrap_or_default();
        self.words[usize::from(byte) % self.words.len()].to_owned()
    }
}
