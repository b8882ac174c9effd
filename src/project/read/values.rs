//! Values with a grammar of their own: times, URLs and header fields.

use super::fields::Range;
use super::reader::Reader;
use crate::json::{Json, parse_number};
use crate::protocol;
use crate::search::find;
use crate::session::Context;
use crate::template::safe_url;

const TIME: &str = "seconds from 0 up, or a text such as \"01:02:03.5\" or \"02:03\"";

/// A media time in seconds.
pub(super) fn time(reader: &mut Reader<'_>, value: &Json) -> Option<f64> {
    let seconds = match value {
        Json::String(text) => clock(text),
        _ => value.as_f64().filter(|seconds| *seconds >= 0.0 && seconds.is_finite()),
    };
    if seconds.is_none() {
        reader.wrong(value, TIME);
    }
    seconds
}

/// Reads `HH:MM:SS.mmm` or `MM:SS.mmm`; the fraction is optional, hours have at most three digits.
fn clock(text: &str) -> Option<f64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    digits(fraction, 1, 9)?;
    let fraction = parse_number(&["0.", fraction].concat())?;
    let (hours, rest) = match whole.split_once(':')? {
        (hours, rest) if rest.contains(':') => (digits(hours, 1, 3)?, rest),
        _ => (0, whole),
    };
    let (minutes, seconds) = rest.split_once(':')?;
    let (minutes, seconds) = (digits(minutes, 1, 2)?, digits(seconds, 2, 2)?);
    if seconds > 59 || minutes > 59 {
        return None;
    }
    Some(f64::from(hours * 3600 + minutes * 60 + seconds) + fraction)
}

/// The number that these digits say, if they are so many, and nothing else.
fn digits(text: &str, least: usize, most: usize) -> Option<u32> {
    let proper = (least..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    proper.then(|| text.bytes().fold(0, |number, byte| number * 10 + u32::from(byte - b'0')))
}

/// What is wrong with the URL of a webhook, and what to write instead.
pub(super) fn webhook_url_fault(url: &str) -> Option<&'static str> {
    // What a browser would strip or change in silence (https://url.spec.whatwg.org/#url-parsing).
    if url.chars().any(|character| character.is_whitespace() || character.is_control() || character == '\\') {
        return Some("a URL has no blanks, control characters or `\\`; percent-encode them");
    }
    if ["${", "$<", "{{"].iter().any(|sign| find(url, sign).is_some()) {
        return Some("the URL of a webhook is not a template; send values in `params`");
    }
    let rest = match scheme(url) {
        Some((scheme, rest))
            if scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http") =>
        {
            rest
        }
        Some(_) => return Some("a webhook is reached over https or http, or by a URL relative to the page"),
        // Relative to the page; only with two slashes it names a host.
        None if url.starts_with("//") => url,
        None => return None,
    };
    let authority =
        rest.strip_prefix("//").and_then(|rest| rest.split(['/', '?', '#']).next()).unwrap_or_default();
    if authority.is_empty() {
        return Some("there is no host; write such as `https://shop.example/hook`");
    }
    if authority.contains('@') {
        return Some(
            "everybody who sees the page can read a password in a URL; take out what stands before the `@`",
        );
    }
    None
}

/// What is wrong with the URL template of `openUrl`, as far as its fixed beginning says.
pub(super) fn link_fault(source: &str) -> Option<&'static str> {
    // A beginning with a placeholder is no scheme; what comes of it is checked when the page is opened.
    (!safe_url(source))
        .then_some("a page is opened by https, http, mailto or tel, or by a URL relative to the page")
}

/// The scheme of a URL and what follows its colon.
pub(super) fn scheme(url: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = url.split_once(':')?;
    let inside = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
    let proper = scheme.starts_with(|first: char| first.is_ascii_alphabetic()) && scheme.bytes().all(inside);
    proper.then_some((scheme, rest))
}

/// Fields that Cuehook sets itself or that browsers do not let a page set
/// (<https://fetch.spec.whatwg.org/#forbidden-request-header>).
const RESERVED: &[&str] = &[
    "accept-charset",
    "accept-encoding",
    "access-control-request-headers",
    "access-control-request-method",
    "access-control-request-private-network",
    "connection",
    "content-length",
    "content-type",
    "cookie",
    "cookie2",
    "date",
    "dnt",
    "expect",
    "host",
    "idempotency-key",
    "keep-alive",
    "origin",
    "referer",
    "set-cookie",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
    "webhook-id",
    "webhook-timestamp",
    // Not forbidden, but dropped by browsers when the value names a forbidden method. A POST needs none of them.
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
];

/// What is wrong with the name of a header field of a project.
pub(super) fn header_name_fault(name: &str) -> Option<&'static str> {
    if let Some(fault) = protocol::header_name_fault(name) {
        return Some(fault);
    }
    let name = name.to_ascii_lowercase();
    if RESERVED.contains(&&*name) || name.starts_with("sec-") || name.starts_with("proxy-") {
        return Some(
            "this header is set by Cuehook or the browser alone; take it out or choose another name",
        );
    }
    None
}

/// A name under which templates can reach a variable.
pub(super) fn variable_name<'d>(reader: &mut Reader<'d>, value: &'d Json) -> Option<String> {
    let name = reader.text(value, "the name of a variable")?;
    if let Some(fault) = variable_name_fault(name) {
        reader.problem(fault);
    }
    Some(name.to_owned())
}

/// What is wrong with such a name.
pub(super) fn variable_name_fault(name: &str) -> Option<&'static str> {
    match name {
        _ if Context::is_reserved(name) => {
            Some("this name is reserved for something else in templates; choose another")
        }
        _ if name.trim().is_empty() => Some("the name is empty; write one"),
        _ => None,
    }
}

/// A coordinate of a box.
pub(super) const PERCENT: Range = Range {
    min: 0.0,
    max: 100.0,
    whole: false,
    expected: "a number from 0 to 100, in percent of the picture",
};
/// A side of a box.
pub(super) const SIDE: Range = Range {
    min: f64::MIN_POSITIVE,
    max: 100.0,
    whole: false,
    expected: "a number above 0, up to 100, in percent of the picture",
};
/// The time budget of a webhook.
pub(super) const TIMEOUT: Range = Range {
    min: 500.0,
    max: 60_000.0,
    whole: true,
    expected: "a whole number of milliseconds from 500 to 60000",
};
/// Repetitions of a webhook.
pub(super) const RETRIES: Range =
    Range { min: 0.0, max: 5.0, whole: true, expected: "a whole number from 0 to 5" };
/// Answers to a question.
pub(super) const ATTEMPTS: Range =
    Range { min: 1.0, max: 20.0, whole: true, expected: "a whole number from 1 to 20" };
/// Speed of playback.
pub(super) const RATE: Range = Range {
    min: 0.0625,
    max: 16.0,
    whole: false,
    expected: "a number from 0.0625 to 16 (1 is normal speed)",
};

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    #[test]
    fn clocks_give_seconds() {
        for (text, seconds) in [
            ("00:00:00.000", 0.0),
            ("01:02:03.5", 3723.5),
            ("2:03", 123.0),
            ("59:59.999999999", 3599.999999999),
            ("100:00:00", 360_000.0),
        ] {
            assert_eq!(clock(text), Some(seconds), "{text}");
        }
        for text in [
            "",
            "7",
            "1:2",
            "60:00",
            "00:60",
            "1:00:00:00",
            "0000:00:00",
            "00:00.",
            "-1:00",
            "+1:00",
            "1:00 ",
        ] {
            assert_eq!(clock(text), None, "{text}");
        }
    }

    #[test]
    fn webhook_urls() {
        for url in [
            "https://a.example",
            "HTTP://a.example/x?y=@#@",
            "hooks/a",
            "/hooks/a:b",
            "//a.example/x",
            "?x",
            "a/b:c",
        ] {
            assert_eq!(webhook_url_fault(url), None, "{url}");
        }
        for url in [
            "ftp://a.example",
            "javascript:alert(1)",
            "data:,x",
            "https://user:secret@a.example",
            "//user@a.example",
            "https:",
            "https:a.example",
            "https:///a",
            "//",
            " https://a.example",
            "https:\\\\a.example",
            "https://a.example/${x}",
            "https://a.example/{{x}}",
            "java\nscript:x",
        ] {
            assert!(webhook_url_fault(url).is_some(), "{url}");
        }
    }

    #[test]
    fn links() {
        for source in
            ["https://a.example", "MAILTO:a@b.example", "tel:1", "${url}", "a/b", "${a ? b : c}", "/x:y"]
        {
            assert_eq!(link_fault(source), None, "{source}");
        }
        for source in ["javascript:alert(1)", " JavaScript:x", "data:,${x}", "blob:x", "file:///x"] {
            assert!(link_fault(source).is_some(), "{source}");
        }
    }

    #[test]
    fn header_names() {
        for name in ["X-Shop", "Authorization", "accept", "x_y", "cookie3", "webhook-signature"] {
            assert_eq!(header_name_fault(name), None, "{name}");
        }
        for name in
            ["X Shop", "X:", "é", "Cookie", "SEC-fetch-site", "Proxy-Authorization", "Webhook-Id", "a\r\nb"]
        {
            assert!(header_name_fault(name).is_some(), "{name}");
        }
    }
}
