//! The keys of `relay.toml` but for webhooks and API keys: what their values mean.

use super::fault::{FaultCode, Notice, Place};
use super::keys::{KEYS, Key};
use super::load::{KEY_FILE, Sources};
use super::origin_fault;
use super::reader::{Given, Reader, Section};
use super::settings::{Database, Delivery, LISTEN, Limits, Network};
use super::webhooks::{WithSecrets, read_secret};
use crate::secrets::{KeyFileFault, MasterKey, key_file, read_key_file};
use crate::store::Retention;
use crate::store::postgres::Address;
use ipnet::IpNet;
use secrecy::{ExposeSecret as _, SecretString};
use std::net::{IpAddr, SocketAddr};
use std::path::Path;

const MAX_MASTER_KEYS: usize = 8;
/// A new one, and the one before it until the tokens of that have run out.
const MAX_PLAYER_KEYS: usize = 2;
/// Bytes of a key of player tokens at least.
const LEAST_PLAYER_KEY: usize = 32;

/// The key at a path of [`KEYS`].
fn key(path: &str) -> Key {
    let known = KEYS.iter().find(|key| key.path == path).copied();
    known.unwrap_or(Key { path: "", kind: super::keys::Kind::Text })
}

/// Says which keys are not known, at the top and in the sections.
pub(super) fn refuse_others<'s>(reader: &mut Reader<'s>, root: &Section<'s>) {
    let mut top = vec!["webhook", "apiKey"];
    for key in KEYS {
        let name = key.path.split('.').next().unwrap_or_default();
        if !top.contains(&name) {
            top.push(name);
        }
    }
    reader.refuse_others(root, &top);
    for name in top {
        let beginning = format!("{name}.");
        let known: Vec<&str> = KEYS.iter().filter_map(|key| key.path.strip_prefix(&beginning)).collect();
        let Some(value) = root.table.get(name).filter(|_| !known.is_empty()) else { continue };
        let place = reader.place(value.span().start);
        match value.get_ref().as_table() {
            Some(table) => reader.refuse_others(&Section { table, path: name.to_owned(), place }, &known),
            None => {
                let found = super::reader::type_of(value.get_ref());
                let message = format!("found {found}; write a table: `[{name}]`");
                reader.fault(FaultCode::WrongType, place, name, message);
            }
        }
    }
}

pub(super) fn listen(reader: &mut Reader<'_>) -> SocketAddr {
    let Some(given) = reader.text(&key("listen")) else { return LISTEN };
    let text = given.value.trim();
    let read = text.parse().ok().or_else(|| {
        let port = text.strip_prefix("localhost:")?.parse().ok()?;
        Some(SocketAddr::new(LISTEN.ip(), port))
    });
    read.unwrap_or_else(|| {
        let message =
            "write an address and a port, such as `127.0.0.1:8788`, or `0.0.0.0:8788` for all addresses";
        reader.fault_of(&given, FaultCode::WrongValue, message);
        LISTEN
    })
}

pub(super) fn database(reader: &mut Reader<'_>, directory: &Path, notices: &mut Vec<Notice>) -> Database {
    const FORMS: &str =
        "write `sqlite:PATH`, `postgres://…`, or where that is written: `env:NAME`, `file:/path`";
    let Some(given) = reader.text(&key("database")) else {
        return Database::Sqlite(directory.join("cuehook-relay.db"));
    };
    let text = match given.value.split(':').next() {
        Some("env" | "file") => match read_secret(reader, &given, directory) {
            Some(text) => text,
            None => return Database::default(),
        },
        _ => SecretString::from(given.value.trim()),
    };
    let is_written = text.expose_secret() == given.value.trim();
    match text.expose_secret().split_once(':') {
        Some(("sqlite", path)) if !matches!(path.trim(), "" | "//") && !path.contains(":memory:") => {
            let path = path.strip_prefix("//").unwrap_or(path);
            Database::Sqlite(directory.join(path))
        }
        Some(("postgres" | "postgresql", _)) => {
            match Address::parse(text.expose_secret()) {
                Ok(address) => {
                    if is_written && Reader::is_from_file(&given.place) && address.has_password() {
                        let message = "the database's password is written in the file; `database = \"env:NAME\"` keeps it out of copies";
                        notices.push(Notice(format!("{}: {message}", given.place)));
                    }
                }
                Err(fault) => reader.fault_of(&given, FaultCode::WrongValue, fault.to_string()),
            }
            Database::Postgres(text)
        }
        None if text.expose_secret() == "memory" => {
            notices.push(Notice(
                "database: nothing is kept on disk; all is gone when the relay ends".to_owned(),
            ));
            Database::Memory
        }
        _ => {
            reader.fault_of(&given, FaultCode::WrongValue, FORMS);
            Database::default()
        }
    }
}

/// The origins whose pages may use the relay. A relay that others can reach must know them.
pub(super) fn origins(reader: &mut Reader<'_>, is_loopback: bool) -> Vec<String> {
    let mut origins = Vec::new();
    let written = reader.list(&key("players.origins"));
    if written.is_empty() && !is_loopback {
        let message = "a relay that others can reach must know the pages that may use it; write `origins = [\"https://shop.example\"]` under `[players]`";
        reader.fault(FaultCode::NeededOffLoopback, Place::Nowhere, "players.origins", message);
    }
    for origin in written {
        if let Some(fault) = origin_fault(&origin.value) {
            reader.fault_of(&origin, FaultCode::WrongValue, fault);
        } else if origins.contains(&origin.value) {
            reader.fault_of(&origin, FaultCode::Duplicate, "this origin is there twice");
        }
        origins.push(origin.value);
    }
    origins
}

pub(super) fn limits(reader: &mut Reader<'_>) -> Limits {
    let mut number = |path| reader.number(&key(path));
    Limits {
        connections: number("limits.connections"),
        calls_at_once: number("limits.callsAtOnce"),
        requests_per_second: number("limits.requestsPerSecond"),
        bytes_per_second: number("limits.bytesPerSecond"),
        call_bytes: number("limits.callBytes"),
        events_bytes: number("limits.eventsBytes"),
        events_per_request: number("limits.eventsPerRequest"),
        budget_ms: number("limits.budgetMs"),
        drain_ms: number("limits.drainMs"),
    }
}

pub(super) fn delivery(reader: &mut Reader<'_>) -> Delivery {
    let retry_seconds = reader.numbers(&key("delivery.retrySeconds"));
    let mut number = |path| reader.number(&key(path));
    let defaults = Delivery::default();
    Delivery {
        per_webhook: number("delivery.perWebhook"),
        at_once: number("delivery.atOnce"),
        timeout_ms: number("delivery.timeoutMs"),
        disable_after_hours: number("delivery.disableAfterHours"),
        retry_seconds: if retry_seconds.is_empty() { defaults.retry_seconds } else { retry_seconds },
    }
}

pub(super) fn retention(reader: &mut Reader<'_>) -> Retention {
    const HOUR_MS: i64 = 3_600_000;
    let mut number = |path| i64::from(reader.number(&key(path)));
    Retention {
        calls_ms: number("retention.callsHours") * HOUR_MS,
        events_ms: number("retention.eventsDays") * 24 * HOUR_MS,
        ids_ms: number("retention.idsDays") * 24 * HOUR_MS,
    }
}

pub(super) fn network(reader: &mut Reader<'_>) -> Network {
    Network { allow: networks(reader, "network.allow"), proxies: networks(reader, "network.proxies") }
}

/// Networks, or single addresses.
fn networks(reader: &mut Reader<'_>, path: &str) -> Vec<IpNet> {
    let mut networks = Vec::new();
    for written in reader.list(&key(path)) {
        let address = || written.value.parse::<IpAddr>().ok().map(IpNet::from);
        match written.value.parse::<IpNet>().ok().or_else(address) {
            // `10.1.2.3/8` is a slip: which part of it was meant?
            Some(network) if network.addr() != network.network() => {
                let message = format!("the address has bits beyond its prefix; write `{}`", network.trunc());
                reader.fault_of(&written, FaultCode::WrongValue, message);
            }
            Some(network) => networks.push(network),
            None => {
                let message = "write a network such as `10.0.0.0/8` or `fd00::/8`, or one address";
                reader.fault_of(&written, FaultCode::WrongValue, message);
            }
        }
    }
    networks
}

/// Keys of player tokens: the bytes of their texts, so that every library can sign with them.
pub(super) fn player_keys(reader: &mut Reader<'_>, directory: &Path) -> Vec<SecretString> {
    let mut keys: Vec<SecretString> = Vec::new();
    for key in secrets(reader, "players.keys", directory, MAX_PLAYER_KEYS) {
        let text = key.value.expose_secret();
        if text.len() < LEAST_PLAYER_KEY {
            let message =
                "a key of player tokens has 32 characters at least; `cuehook-relay key --players` makes one";
            reader.fault_of(&key, FaultCode::SecretSource, message);
        } else if keys.iter().any(|known| known.expose_secret() == text) {
            reader.fault_of(&key, FaultCode::Duplicate, "this key is there twice");
        } else {
            keys.push(key.value);
        }
    }
    keys
}

/// Master keys that are configured. A relay that others can reach must have one.
pub(super) fn master_keys(reader: &mut Reader<'_>, directory: &Path, is_loopback: bool) -> Vec<MasterKey> {
    let mut keys: Vec<MasterKey> = Vec::new();
    let written = secrets(reader, "masterKeys", directory, MAX_MASTER_KEYS);
    if written.is_empty()
        && !is_loopback
        && reader.faults.iter().all(|fault| !fault.path.starts_with("masterKeys"))
    {
        let message = "a relay that others can reach needs a master key of yours; write `masterKeys = [\"env:NAME\"]`; `cuehook-relay key --master` makes one";
        reader.fault(FaultCode::NeededOffLoopback, Place::Nowhere, "masterKeys", message);
    }
    for key in written {
        match MasterKey::parse(&key.value) {
            Err(fault) => reader.fault_of(&key, FaultCode::SecretSource, fault.to_string()),
            Ok(parsed) if keys.iter().any(|known| known.id() == parsed.id()) => {
                reader.fault_of(&key, FaultCode::Duplicate, "this key is there twice");
            }
            Ok(parsed) => keys.push(parsed),
        }
    }
    keys
}

/// Secrets of a list. The environment may hold them itself: it is where `env:` would look, too.
fn secrets(reader: &mut Reader<'_>, path: &str, directory: &Path, most: usize) -> Vec<Given<SecretString>> {
    let written = reader.list(&key(path));
    let place = written.first().map_or(Place::Nowhere, |first| first.place.clone());
    let written = reader.at_most(written, most, place, path);
    let mut secrets = Vec::new();
    for source in written {
        let is_named = source.value.starts_with("env:") || source.value.starts_with("file:");
        let value = if !is_named && matches!(source.place, Place::Environment(_)) {
            Some(SecretString::from(source.value.as_str()))
        } else {
            read_secret(reader, &source, directory)
        };
        secrets.extend(value.map(|value| Given { value, place: source.place, path: source.path }));
    }
    secrets
}

/// The key that is made once, beside the database. Where there is a database already it was lost, or `masterKeys` are: with another one
/// nobody could open what is sealed, and tokens of players would not count.
pub(super) fn made_key(
    reader: &mut Reader<'_>,
    sources: &Sources,
    database: &Database,
    notices: &mut Vec<Notice>,
) -> Option<MasterKey> {
    let (path, dry) = (sources.directory.join(KEY_FILE), sources.dry);
    let made = match read_key_file(&path) {
        Ok(None) if !sources.replace_sealed && is_there(database) => {
            let message = format!(
                "there is a database, but no master key: neither one that is configured nor the file `{KEY_FILE}`; give the relay the \
                 one that it had; if it is lost, `serve --replace-sealed` makes another one"
            );
            reader.fault(FaultCode::KeyFile, Place::Nowhere, "masterKeys", message);
            return None;
        }
        Ok(None) if dry => {
            notices.push(Notice(format!(
                "masterKeys: none is configured; `serve` would make one in `{KEY_FILE}`"
            )));
            MasterKey::generate().map_err(|fault| KeyFileFault::Unreadable(path, fault))
        }
        Ok(None) => {
            let file = path.display();
            notices.push(Notice(format!(
                "masterKeys: made one in `{file}`; without it nobody can open what is sealed, so keep a copy"
            )));
            key_file(&path)
        }
        Ok(Some(key)) => Ok(key),
        Err(fault) => Err(fault),
    };
    match made {
        Ok(key) => Some(key),
        Err(fault) => {
            reader.fault(FaultCode::KeyFile, Place::Nowhere, "masterKeys", fault.to_string());
            None
        }
    }
}

/// Whether something may be sealed in a database already. PostgreSQL is asked later, when it is opened.
fn is_there(database: &Database) -> bool {
    match database {
        Database::Sqlite(path) => path.exists(),
        Database::Memory | Database::Postgres(_) => false,
    }
}

/// What may be right for development, and is not elsewhere.
pub(super) fn say_of_network(
    network: &Network,
    webhooks: &[WithSecrets],
    is_loopback: bool,
    notices: &mut Vec<Notice>,
) {
    if !is_loopback && !network.allow.is_empty() {
        let nets: Vec<String> = network.allow.iter().map(ToString::to_string).collect();
        notices.push(Notice(format!(
            "DANGER: network.allow lets a relay that others can reach call {}; it is meant for development alone",
            nets.join(", ")
        )));
    }
    for (webhook, _) in webhooks {
        let Ok(url) = url::Url::parse(&webhook.url) else { continue };
        let address: Option<IpAddr> = match url.host() {
            Some(url::Host::Ipv4(address)) => Some(address.into()),
            Some(url::Host::Ipv6(address)) => Some(address.into()),
            Some(url::Host::Domain("localhost")) => Some(LISTEN.ip()),
            _ => None,
        };
        let is_called = |address: &IpAddr| network.allow.iter().any(|net| net.contains(address));
        if address.is_some_and(|address| address.is_loopback() && !is_called(&address)) {
            notices.push(Notice(format!(
                "webhook `{}` is on this machine; it is not called unless network.allow has its address, such as `127.0.0.1`",
                webhook.id
            )));
        }
    }
}
