//! Which URLs a template may put into an attribute.

use std::borrow::Cow;

/// Schemes of links.
const LINK_SCHEMES: [&str; 4] = ["https", "http", "mailto", "tel"];
/// Schemes of images, where `data` is looked at closer, and of sound and film.
const IMAGE_SCHEMES: [&str; 2] = ["https", "http"];
/// The scheme of URLs that hold what they name.
const DATA: &str = "data";
/// Images that may stand in a `data:` URL. Not SVG: opened by itself it is a document with scripts.
const DATA_IMAGES: [&str; 5] = ["png", "jpeg", "gif", "webp", "avif"];

/// Whether a link may lead to `url`: `https`, `http`, `mailto`, `tel`, or relative to the page.
pub fn safe_url(url: &str) -> bool {
    scheme(&clean(url)).is_none_or(|(scheme, _)| is_one_of(scheme, &LINK_SCHEMES))
}

/// Whether an image may come from `url`: `https`, `http`, relative to the page, or a `data:` URL with an image.
pub(in crate::template) fn safe_image(url: &str) -> bool {
    let url = clean(url);
    let Some((scheme, rest)) = scheme(&url) else { return true };
    if scheme.eq_ignore_ascii_case(DATA) {
        let kind = rest.split([';', ',']).next().unwrap_or_default();
        return kind.len() < rest.len()
            && kind.split_once('/').is_some_and(|(kind, format)| {
                kind.eq_ignore_ascii_case("image") && is_one_of(format, &DATA_IMAGES)
            });
    }
    is_one_of(scheme, &IMAGE_SCHEMES)
}

/// Whether sound, film or subtitles may come from `url`: `https`, `http`, or relative to the page.
pub(in crate::template) fn safe_media(url: &str) -> bool {
    scheme(&clean(url)).is_none_or(|(scheme, _)| is_one_of(scheme, &IMAGE_SCHEMES))
}

/// The first URL in a `srcset` from which no image may come, if any (HTML Standard, parsing a srcset attribute). Also those
/// that browsers leave out for their descriptors.
pub(in crate::template) fn unsafe_candidate(set: &str) -> Option<&str> {
    let mut rest = set;
    loop {
        rest = rest.trim_start_matches(|character| blank(character) || character == ',');
        if rest.is_empty() {
            return None;
        }
        let (url, after) = rest.split_at_checked(rest.find(blank).unwrap_or(rest.len()))?;
        let bare = url.trim_end_matches(',');
        if !safe_image(bare) {
            return Some(bare);
        }
        // A comma directly after the URL ends the candidate; otherwise one outside of brackets does.
        rest = after;
        if bare.len() == url.len() {
            let mut bracket = false;
            let end = after.find(|character| {
                bracket = character == '(' || (bracket && character != ')');
                character == ',' && !bracket
            });
            rest = end.and_then(|end| after.get(end..)).unwrap_or_default();
        }
    }
}

/// What HTML calls whitespace.
fn blank(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r' | '\u{c}')
}

/// Whether `url` is, or begins, a `data:` URL.
pub(in crate::template) fn is_data(url: &str) -> bool {
    scheme(&clean(url)).is_some_and(|(scheme, _)| scheme.eq_ignore_ascii_case(DATA))
}

fn is_one_of(word: &str, words: &[&str]) -> bool {
    words.iter().any(|allowed| word.eq_ignore_ascii_case(allowed))
}

/// `url` without what browsers skip before they look for a scheme (URL Standard, basic URL parser, steps 1 to 3): control
/// characters and blanks at both ends, tabs and line ends anywhere.
fn clean(url: &str) -> Cow<'_, str> {
    let url = url.trim_matches(|character| character <= ' ');
    let skipped = |character: char| matches!(character, '\t' | '\n' | '\r');
    if url.chars().any(skipped) {
        Cow::Owned(url.chars().filter(|character| !skipped(*character)).collect())
    } else {
        Cow::Borrowed(url)
    }
}

/// The scheme and what follows its colon; a URL without scheme is relative.
fn scheme(url: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = url.split_once(':')?;
    let mut bytes = scheme.bytes();
    let valid = bytes.next().is_some_and(|first| first.is_ascii_alphabetic())
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'));
    valid.then_some((scheme, rest))
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    #[test]
    fn links() {
        for url in [
            "",
            "/a",
            "a?b=c:d",
            "#x",
            "//host/x",
            "https://a.example",
            "HTTP://a",
            " \u{1}https://a\n",
            "mailto:a@b.example",
            "tel:+1",
            "./javascript:x",
            "1javascript:x",
            "java script:x",
            "ht\ntps://a",
            "\\\\host",
            ":x",
            "javascript",
            "javascript\u{0}:x",
        ] {
            assert!(safe_url(url), "{url:?}");
        }
        for url in [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            " javascript:x",
            "\u{1}\u{0}javascript:x",
            "java\tscript:x",
            "java\r\nscript\n:x",
            "\tjava\nscript:x",
            "vbscript:x",
            "data:text/html,x",
            "data:image/png,x",
            "file:///a",
            "blob:x",
            "about:blank",
            "ftp://a",
            "view-source:x",
            "x-y.z+1:a",
            "javascript://%0aalert(1)",
            "\u{1f}\n javascript:x",
        ] {
            assert!(!safe_url(url), "{url:?}");
        }
    }

    #[test]
    fn images() {
        for url in [
            "a.png",
            "https://a/b.png",
            "data:image/png;base64,AA",
            "DATA:Image/WebP,x",
            "data:image/avif;x,",
            " data:image/gif,",
            "da\tta:image/jpeg,x",
        ] {
            assert!(safe_image(url), "{url:?}");
        }
        for url in [
            "javascript:x",
            "mailto:x",
            "tel:1",
            "blob:x",
            "data:image/svg+xml,x",
            "data:text/html,x",
            "data:,x",
            "data:image/png",
            "data:image/png/x,",
            "data:image,png",
            "data: image/png,x",
            "data:",
        ] {
            assert!(!safe_image(url), "{url:?}");
        }
    }

    #[test]
    fn media() {
        for url in ["a.webm", "https://a/b.webm", "//a/b", "", "HTTP:a"] {
            assert!(safe_media(url), "{url:?}");
        }
        for url in ["javascript:x", "data:video/webm;base64,AA", "data:image/png,x", "blob:x", "mailto:x"] {
            assert!(!safe_media(url), "{url:?}");
        }
    }

    #[test]
    fn sets_of_images() {
        for set in [
            "",
            " , ",
            "a.png",
            "a.png 1x, b.png 2x",
            "a.png,b.png 2x",
            "data:image/png;base64,AA 1x, b.png",
            "a.png (javascript:x, 1x), b.png",
            "a.png 1x javascript:x",
            "/a,b 100w,\n/c\t200w",
        ] {
            assert_eq!(unsafe_candidate(set), None, "{set:?}");
        }
        for (set, bad) in [
            ("javascript:x", "javascript:x"),
            ("a.png 1x, javascript:x 2x", "javascript:x"),
            ("a.png 1x,javascript:x", "javascript:x"),
            ("a.png,, data:text/html,x", "data:text/html,x"),
            ("a.png, blob:x,, b.png", "blob:x"),
            ("a.png (1x, 2x) , mailto:x", "mailto:x"),
            ("a.png ((1x), mailto:x", "mailto:x"),
            ("a.png 1x)(,),file:///a", "file:///a"),
        ] {
            assert_eq!(unsafe_candidate(set), Some(bad), "{set:?}");
        }
    }
}
