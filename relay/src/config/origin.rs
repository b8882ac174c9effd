//! Origins of pages, as browsers write them, and which of them may have the secrets of a webhook.

use super::Webhook;
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

/// The origin of a URL; none if it is no URL of `http` or `https`.
fn origin_of(url: &str) -> Option<String> {
    let url = Url::parse(url).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    Some(url.origin().ascii_serialization())
}

impl Webhook {
    /// Whether the values of secret header fields may be sent to this URL: to its own origin, and to those that `overrideOrigins` has.
    pub fn trusts(&self, url: &str) -> bool {
        origin_of(url).is_some_and(|origin| self.trusts_origin(&origin))
    }

    /// Whether nobody would be sent the values of secret header fields who is not sent them already, if these were its URL and its
    /// `overrideOrigins`. A URL that is none has no say: it is refused as such.
    pub fn trusts_all(&self, url: &str, override_origins: &[String]) -> bool {
        origin_of(url).is_none_or(|origin| self.trusts_origin(&origin))
            && override_origins.iter().all(|origin| self.trusts_origin(origin))
    }

    fn trusts_origin(&self, origin: &str) -> bool {
        self.override_origins.iter().any(|known| known == "*" || known == origin)
            || origin_of(&self.url).as_deref() == Some(origin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_for_the_own_origin_and_for_those_that_are_named() {
        let of = |origins: &[&str]| Webhook {
            url: "https://A.example/hook?x=1".into(),
            override_origins: origins.iter().map(|&origin| origin.to_owned()).collect(),
            ..Webhook::default()
        };
        for (origins, url, is_trusted) in [
            (&[][..], "https://a.example/other", true),
            (&[], "https://a.example:443/", true),
            (&[], "http://a.example/hook", false),
            (&[], "https://a.example:8443/hook", false),
            (&[], "https://a.example.evil.example/", false),
            (&[], "https://b.example/", false),
            (&["https://b.example"], "https://b.example/x", true),
            (&["https://b.example"], "https://sub.b.example/x", false),
            (&["*"], "https://b.example/x", true),
            (&["*"], "no URL", false),
            (&["*"], "data:text/plain,x", false),
            (&["*"], "ftp://a.example/", false),
        ] {
            assert_eq!(of(origins).trusts(url), is_trusted, "{origins:?} {url}");
        }
        let all = |was: &[&str], url: &str, becomes: &[&str]| {
            of(was).trusts_all(url, &becomes.iter().map(|&origin| origin.to_owned()).collect::<Vec<_>>())
        };
        let own = "https://a.example/";
        assert!(all(&[], own, &[]) && all(&[], own, &["https://a.example"]) && all(&[], "no URL", &[]));
        assert!(!all(&[], "https://b.example", &[]) && !all(&[], own, &["https://b.example"]));
        assert!(!all(&["https://b.example"], own, &["*"]) && all(&["*"], "https://c.example", &["*"]));
        assert!(all(&["https://b.example"], "https://b.example/x", &[]));
    }
}
