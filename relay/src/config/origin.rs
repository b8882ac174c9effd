//! Origins of pages, as browsers write them.

use url::{Origin, Url};

/// What is wrong with an origin, and what to write instead: scheme, host and port, as the browser sends it in `Origin`.
pub fn origin_fault(origin: &str) -> Option<String> {
    const FORM: &str = "an origin is scheme, host and port, such as `https://shop.example`";
    if origin.contains('*') {
        return Some("`*` would let every page in; list the origins one by one".to_owned());
    }
    let Ok(url) = Url::parse(origin) else {
        return Some(FORM.to_owned());
    };
    if !matches!(url.scheme(), "http" | "https") {
        return Some(format!("{FORM}; its scheme is `https` or `http`"));
    }
    match url.origin() {
        Origin::Tuple(..) if url.origin().ascii_serialization() == origin => None,
        Origin::Tuple(..) => Some(format!("{FORM}; write `{}`", url.origin().ascii_serialization())),
        Origin::Opaque(_) => Some(FORM.to_owned()),
    }
}
