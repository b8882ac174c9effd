//! How much of the page's address a body carries.

use crate::protocol::word_enum;

word_enum! {
    /// How much of the page's address a body carries.
    #[derive(Default)]
    pub enum PageAddress {
        /// Origin and path. What comes after may be a token, a search, a person.
        #[default]
        Path = "path",
        /// Query and fragment, too.
        Full = "full",
        /// Nothing.
        None = "none",
    }
}

impl PageAddress {
    /// What is told of this address. Never the name and password of a user in it.
    pub fn of(self, address: &str) -> Option<String> {
        let told = match self {
            PageAddress::Path => address.split(['?', '#']).next()?,
            PageAddress::Full => address,
            PageAddress::None => return None,
        };
        let without_user = || {
            let (scheme, rest) = told.split_once(':')?;
            let rest = rest.strip_prefix("//")?;
            let authority = rest.split(['/', '?', '#']).next()?;
            let user = authority.bytes().rposition(|byte| byte == b'@')? + 1;
            Some([scheme, "://", rest.get(user..)?].concat())
        };
        Some(without_user().unwrap_or_else(|| told.to_owned()))
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    #[test]
    fn tells_what_it_may() {
        for (address, path, full) in [
            ("https://a.example/b/c?d=e#f", "https://a.example/b/c", "https://a.example/b/c?d=e#f"),
            ("https://a.example/#/b?c", "https://a.example/", "https://a.example/#/b?c"),
            (
                "https://jo:secret@a.example:8443/b@c?d@e",
                "https://a.example:8443/b@c",
                "https://a.example:8443/b@c?d@e",
            ),
            ("https://a.example?b=//c@d", "https://a.example", "https://a.example?b=//c@d"),
            ("file:///home/film.html#x", "file:///home/film.html", "file:///home/film.html#x"),
            ("about:srcdoc", "about:srcdoc", "about:srcdoc"),
            ("", "", ""),
        ] {
            assert_eq!(PageAddress::Path.of(address).as_deref(), Some(path), "{address}");
            assert_eq!(PageAddress::Full.of(address).as_deref(), Some(full), "{address}");
            assert_eq!(PageAddress::None.of(address), None, "{address}");
        }
    }
}
