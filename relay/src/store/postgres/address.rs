//! Addresses of databases: what tokio-postgres reads in them, and how the connection is encrypted, which it does not read completely.

use std::path::PathBuf;
use std::str::FromStr as _;
use tokio_postgres::Config;
use tokio_postgres::config::SslMode;
use url::form_urlencoded;

/// Where a database is.
#[derive(Debug)]
pub struct Address {
    /// Without what is said of TLS.
    pub(super) config: Config,
    /// Whether to encrypt.
    pub(super) mode: SslMode,
    /// Whom to believe.
    pub(super) trust: Trust,
}

/// Which certificate of a server is believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trust {
    /// Any. Who listens learns nothing; who stands in between may be anybody.
    Any,
    /// One from an authority.
    Authority(Roots),
    /// One from an authority, for the host of the address.
    Host(Roots),
}

/// Which authorities are believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Roots {
    /// Those of the system.
    System,
    /// Those in a file.
    File(PathBuf),
}

/// Why an address cannot be used. The address is not quoted: there is a password in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressFault {
    /// It is none.
    #[error(
        "this is no address of PostgreSQL; write `postgres://user:password@host:5432/name`, with other characters than letters and digits of user and password percent-encoded"
    )]
    Unreadable,
    /// A mode that there is not.
    #[error(
        "`sslmode` of the database's address has to be `disable`, `prefer`, `require`, `verify-ca` or `verify-full`"
    )]
    Mode,
    /// Who believes the system's authorities has to look at the name, too: they sign for everybody.
    #[error("`sslrootcert=system` in the database's address needs `sslmode=verify-full`")]
    WeakMode,
}

impl Address {
    /// Reads an address.
    ///
    /// # Errors
    /// If it cannot be read, or contradicts itself.
    pub fn parse(text: &str) -> Result<Self, AddressFault> {
        let (text, mode, roots) = without_tls(text);
        let config = Config::from_str(&text).map_err(|_| AddressFault::Unreadable)?;
        let roots = roots.map(|path| if path == "system" { Roots::System } else { Roots::File(path.into()) });
        let (mode, trust) = match (mode.as_deref(), roots) {
            (Some("verify-full"), roots) => (SslMode::Require, Trust::Host(roots.unwrap_or(Roots::System))),
            (Some("prefer" | "require" | "verify-ca") | None, Some(Roots::System)) => {
                return Err(AddressFault::WeakMode);
            }
            (Some("verify-ca"), roots) => {
                (SslMode::Require, Trust::Authority(roots.unwrap_or(Roots::System)))
            }
            // As libpq does it: an authority that is given is one that counts.
            (Some("require"), roots) => (SslMode::Require, roots.map_or(Trust::Any, Trust::Authority)),
            (Some("prefer"), roots) => (SslMode::Prefer, roots.map_or(Trust::Any, Trust::Authority)),
            (Some("disable"), _) => (SslMode::Disable, Trust::Any),
            (Some(_), _) => return Err(AddressFault::Mode),
            // Of an address that is no URL tokio-postgres has read the mode.
            (None, roots) => (config.get_ssl_mode(), roots.map_or(Trust::Any, Trust::Authority)),
        };
        Ok(Self { config, mode, trust })
    }

    /// Whether there is a password in it.
    pub fn has_password(&self) -> bool {
        self.config.get_password().is_some()
    }
}

/// An address without what tokio-postgres does not know, the mode, and where the authorities are.
fn without_tls(text: &str) -> (String, Option<String>, Option<String>) {
    let (mut mode, mut roots) = (None, None);
    let is_url = text.starts_with("postgres://") || text.starts_with("postgresql://");
    // As tokio-postgres does it: what is before the first @ is user and password.
    let host = text.find('@').unwrap_or(0);
    let query = text.get(host..).and_then(|rest| rest.find('?')).map(|at| host + at);
    let Some((before, query)) = query.filter(|_| is_url).and_then(|at| text.split_at_checked(at)) else {
        return (text.to_owned(), mode, roots);
    };
    let mut kept = String::new();
    for pair in query.trim_start_matches('?').split('&') {
        // A plus sign is one here, unlike in forms.
        let read = form_urlencoded::parse(pair.replace('+', "%2B").as_bytes()).into_owned().next();
        match read {
            Some((key, value)) if key == "sslmode" => mode = Some(value),
            Some((key, value)) if key == "sslrootcert" => roots = Some(value),
            _ => {
                kept.push(if kept.is_empty() { '?' } else { '&' });
                kept.push_str(pair);
            }
        }
    }
    (format!("{before}{kept}"), mode, roots)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_are_what_they_are_for_libpq() {
        let file = || Roots::File("/etc/ca.pem".into());
        for (query, mode, trust) in [
            ("", SslMode::Prefer, Trust::Any),
            ("?sslmode=disable", SslMode::Disable, Trust::Any),
            ("?sslmode=prefer", SslMode::Prefer, Trust::Any),
            ("?sslmode=require", SslMode::Require, Trust::Any),
            ("?sslmode=verify-ca", SslMode::Require, Trust::Authority(Roots::System)),
            ("?sslmode=verify-full", SslMode::Require, Trust::Host(Roots::System)),
            ("?sslmode=verify-full&sslrootcert=system", SslMode::Require, Trust::Host(Roots::System)),
            ("?sslrootcert=/etc/ca.pem", SslMode::Prefer, Trust::Authority(file())),
            ("?sslmode=require&sslrootcert=%2Fetc%2Fca.pem", SslMode::Require, Trust::Authority(file())),
            ("?sslrootcert=/etc/ca.pem&sslmode=verify-full", SslMode::Require, Trust::Host(file())),
            ("?sslmode=verify-ca&sslrootcert=/etc/ca.pem", SslMode::Require, Trust::Authority(file())),
            (
                "?sslmode=require&sslrootcert=/a+b%20c",
                SslMode::Require,
                Trust::Authority(Roots::File("/a+b c".into())),
            ),
        ] {
            let read = Address::parse(&format!("postgres://me:a%3F?b@host:6543/db{query}")).unwrap();
            assert_eq!((read.mode, read.trust), (mode, trust), "{query}");
            assert_eq!(read.config.get_ports(), [6543]);
            assert_eq!(read.config.get_dbname(), Some("db"));
            assert_eq!(read.config.get_password(), Some(&b"a??b"[..]));
        }
        let other = "postgresql://host/db?application_name=shop&sslmode=verify-full&connect_timeout=3";
        let read = Address::parse(other).unwrap();
        assert_eq!(read.config.get_application_name(), Some("shop"));
        assert_eq!(read.config.get_connect_timeout(), Some(&std::time::Duration::from_secs(3)));
        assert!(!read.has_password());
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        use AddressFault::{Mode, Unreadable, WeakMode};
        for (address, fault) in [
            ("postgres://me:hunter2@host/db?sslmode=allow", Mode),
            ("postgres://me:hunter2@host/db?sslmode=", Mode),
            ("postgres://me:hunter2@host/db?sslmode=Require", Mode),
            ("postgres://me:hunter2@host/db?sslrootcert=system", WeakMode),
            ("postgres://me:hunter2@host/db?sslmode=require&sslrootcert=system", WeakMode),
            ("postgres://me:hunter2@host:port/db", Unreadable),
            ("postgres://me@host/db?hunter2=1", Unreadable),
        ] {
            let found = Address::parse(address).unwrap_err();
            assert_eq!(found, fault, "{address}");
            assert!(!found.to_string().contains("hunter2"));
        }
    }
}
