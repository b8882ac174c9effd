//! What a document says of events. In the browser `crates/outbox` reads it and passes over what is wrong; here it is checked with
//! all the rest, but not in the build that viewers download. What a pattern may be is in `crates/protocol`.

use super::fields::{Fields, Range};
use super::reader::{Reader, shortened};
use super::values::scheme;
use crate::json::Json;
use crate::protocol::{Format, format, pattern_fault};

const MOST_PATTERNS: usize = 50;
const LONGEST_URL: usize = 2_000;
const EVENTS: &str = "a list of types, such as [\"lead.*\", \"view.ended\"]";
const URL: &str = "a URL of https or http, or one relative to the page";

/// Checks what is said of the video in events.
pub(super) fn video(fields: &mut Fields<'_, '_>) {
    fields.number("number", &NUMBER);
    for name in ["thumbnail", "downloadUrl", "shareUrl", "embedUrl"] {
        fields.optional(name, address);
    }
}

/// A whole number that all receivers read alike.
const NUMBER: Range = Range {
    min: 0.0,
    max: 999_999_999_999_999.0,
    whole: true,
    expected: "a whole number of at most 15 digits, such as the video's in another system",
};

/// Where something of the video, or the defaults, may be had.
pub(super) fn address<'d>(reader: &mut Reader<'d>, value: &'d Json) -> Option<()> {
    let url = reader.text(value, URL)?;
    let has_sign = |sign: char| sign.is_whitespace() || sign.is_control() || sign == '\\';
    let is_web = |(scheme, rest): (&str, &str)| {
        (scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http"))
            && rest.starts_with("//")
    };
    if url.contains(has_sign) {
        reader.problem("a URL has no blanks, control characters or `\\`; percent-encode them");
    } else if ["${", "$<", "{{"].iter().any(|sign| url.contains(sign)) {
        reader.problem("this is not a template; write the URL itself");
    } else if !scheme(url).is_none_or(is_web) || url.len() > LONGEST_URL {
        reader.wrong(value, URL);
    }
    None
}

/// Checks which events a webhook is sent, and how.
pub(super) fn webhook(fields: &mut Fields<'_, '_>, is_simple: bool) {
    fields.optional("events", |reader, value| -> Option<()> {
        for (number, item) in reader.list(value, MOST_PATTERNS, EVENTS).iter().enumerate() {
            reader.enter_item(number);
            let pattern = reader.text(item, "a type of events").unwrap_or("*");
            if let Some(fault) = pattern_fault(pattern) {
                reader.problem(&["`", &shortened(pattern), "`: ", &fault].concat());
            }
            reader.leave();
        }
        None
    });
    let format = fields.choice("format", &Format::WORDS).and_then(Format::at).unwrap_or_default();
    if fields.boolean("batch", false) && format::batch(format, "", "", &[]).is_none() {
        let message = ["`", format.as_str(), "` has no form for several events; take this out"].concat();
        fields.problem("batch", &message);
    }
    fields.boolean("enabled", true);
    if is_simple && matches!(format, Format::CloudEvents | Format::Xapi) {
        let message = [
            "`",
            format.as_str(),
            "` needs a header, which `simple` leaves out; take out `simple`, or write \"cuehook\"",
        ];
        fields.problem("format", &message.concat());
    }
}
