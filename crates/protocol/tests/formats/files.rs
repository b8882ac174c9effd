//! Files of this package: samples, and what is expected of them.

use cuehook_json::View;
use cuehook_protocol::Format;
use cuehook_protocol::format::body;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Set, it has files that are expected written anew.
const WRITE: &str = "CUEHOOK_WRITE_EXPECTED";

/// An event as Cuehook writes it.
pub struct Sample {
    /// Its file without the ending: the type, and after a hyphen what is special about it.
    pub name: String,
    /// The text as in the file.
    pub text: String,
}

impl Sample {
    /// Its type.
    pub fn kind(&self) -> &str {
        self.name.split('-').next().unwrap()
    }

    /// The event, compact, as it is sent.
    pub fn compact(&self) -> String {
        cuehook_json::parse(self.text.as_bytes(), 64).unwrap().to_text()
    }

    /// Its body in a format.
    pub fn body(&self, format: Format) -> Option<String> {
        let text = self.compact();
        body(format, View::of(&text).unwrap())
    }

    /// Its body in a format that has one.
    pub fn value(&self, format: Format) -> Value {
        serde_json::from_str(&self.body(format).unwrap()).unwrap()
    }
}

/// A file or folder of this package.
pub fn path(place: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(place)
}

/// What is in a file of this package.
pub fn read(place: &str) -> String {
    let path = path(place);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The names of the files in a folder of this package, in order.
pub fn names(folder: &str) -> Vec<String> {
    let entries = std::fs::read_dir(path(folder)).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// All samples.
pub fn samples() -> Vec<Sample> {
    let name = |file: &String| file.strip_suffix(".json").expect("samples are JSON").to_owned();
    let names = names("samples").iter().map(name).collect::<Vec<_>>();
    names.into_iter().map(|name| Sample { text: read(&format!("samples/{name}.json")), name }).collect()
}

/// One of them.
pub fn sample(name: &str) -> Sample {
    samples().into_iter().find(|sample| sample.name == name).unwrap_or_else(|| panic!("no sample {name}"))
}

/// Whether the file has this text. If it is to be written, it is.
pub fn expects(place: &str, text: &str) -> bool {
    if std::env::var_os(WRITE).is_some() {
        std::fs::write(path(place), text).unwrap();
    }
    let is_same = path(place).exists() && read(place) == text;
    if !is_same {
        eprintln!("{place}: not as expected; {WRITE}=1 writes it\n{text}");
    }
    is_same
}

/// JSON text with a field on a line each, in the order in which it has them.
pub fn pretty(text: &str) -> String {
    let mut out = String::new();
    let (mut depth, mut is_text, mut is_escaped) = (0_usize, false, false);
    let line = |out: &mut String, depth: usize| {
        out.push('\n');
        out.push_str(&"  ".repeat(depth));
    };
    let signs: Vec<char> = text.chars().collect();
    for (place, sign) in signs.iter().copied().enumerate() {
        if is_text {
            out.push(sign);
            is_text = is_escaped || sign != '"';
            is_escaped = !is_escaped && sign == '\\';
            continue;
        }
        match sign {
            '{' | '[' => {
                depth += 1;
                out.push(sign);
                if !matches!(signs.get(place + 1), Some('}' | ']')) {
                    line(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth -= 1;
                if !matches!(signs[place - 1], '{' | '[') {
                    line(&mut out, depth);
                }
                out.push(sign);
            }
            ',' => {
                out.push(sign);
                line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            _ => {
                is_text = sign == '"';
                out.push(sign);
            }
        }
    }
    out.push('\n');
    out
}

#[test]
fn pretty_changes_blanks_alone() {
    for text in [r#"{"a":[],"b":{},"c":[1,{"d":"x, \"y\": {\\"}],"e":null}"#, "[]", r#"{"a":"\\"}"#] {
        let parsed = |text: &str| cuehook_json::parse(text.as_bytes(), 64).unwrap().to_text();
        assert_eq!(parsed(&pretty(text)), text);
    }
    assert_eq!(pretty(r#"{"b":[1,2],"a":{}}"#), "{\n  \"b\": [\n    1,\n    2\n  ],\n  \"a\": {}\n}\n");
}
