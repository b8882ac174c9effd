//! Who did it: an agent with exactly one identifier.

use super::super::parts::Parts;
use super::super::writer::Writer;
use super::id::after_scheme;

/// The viewer, by e-mail or by the page's own id; if the page says nothing of them, the session.
pub(super) fn agent(parts: &Parts<'_>, out: &mut Writer) {
    out.text("objectType", "Agent");
    out.text_if_any("name", parts.viewer(&["name"]).as_deref());
    if let Some(email) = parts.viewer(&["email"]).filter(|email| is_address(email)) {
        out.text("mbox", &["mailto:", &email].concat());
        return;
    }
    let session = parts.text("session", "id");
    let name = parts.viewer(&["id"]).or(session).unwrap_or_default();
    out.object("account", |out| {
        out.text("homePage", &home_page(parts));
        out.text("name", &name);
    });
}

/// Where the account is: the origin of the page, or of the video if the receiver may not know the page.
fn home_page(parts: &Parts<'_>) -> String {
    let addresses = [("session", "page"), ("video", "shareUrl"), ("video", "embedUrl")];
    let origins = addresses.iter().filter_map(|(part, field)| origin(&parts.text(part, field)?));
    origins.into_iter().next().unwrap_or_else(|| "urn:cuehook:viewers".to_owned())
}

/// The origin of an address on the web.
fn origin(address: &str) -> Option<String> {
    let rest = after_scheme(address)?;
    let host = rest.split(['/', '?', '#']).next().filter(|host| !host.is_empty())?;
    let scheme = address.get(..address.len() - rest.len())?;
    (!host.contains(char::is_whitespace)).then(|| [scheme, host].concat())
}

/// Whether a text can be an address for e-mail. A store refuses the statement otherwise.
fn is_address(text: &str) -> bool {
    let is_plain = |part: &str| {
        !part.is_empty()
            && !part.contains(|sign: char| sign.is_whitespace() || "@<>,;:?&\"\\%".contains(sign))
    };
    text.split_once('@').is_some_and(|(name, host)| is_plain(name) && is_plain(host))
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    #[test]
    fn origins_are_of_the_web() {
        assert_eq!(origin("https://shop.example:8443/a?b#c").as_deref(), Some("https://shop.example:8443"));
        assert_eq!(origin("http://shop.example?x").as_deref(), Some("http://shop.example"));
        for none in ["file:///a", "about:blank", "https://", "shop.example/a", "https://a b/"] {
            assert_eq!(origin(none), None, "{none}");
        }
    }

    #[test]
    fn addresses_are_plain() {
        for text in ["ada@example.org", "a+b.c@sub.example.org", "jürgen@example.org"] {
            assert!(is_address(text), "{text}");
        }
        for text in [
            "ada",
            "@example.org",
            "ada@",
            "a@b@c",
            "Ada <ada@example.org>",
            "a b@example.org",
            "a@b?cc=c",
            "",
        ] {
            assert!(!is_address(text), "{text}");
        }
    }
}
