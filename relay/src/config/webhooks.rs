//! Webhooks and API keys of `relay.toml`.

use super::fault::{FaultCode, Place};
use super::keys::{API_KEY_KEYS, HEADER_KEYS, WEBHOOK_KEYS};
use super::reader::{Given, Reader, Section};
use super::webhook::{Header, IncludeInteractions, IncludeWord, Webhook};
use crate::secrets::secret;
use crate::token::{ApiKey, Scope, StoredApiKey};
use cuehook_protocol::{header_name_fault, header_value_fault, pattern_fault};
use ipnet::IpNet;
use secrecy::{ExposeSecret as _, SecretString};
use std::collections::{BTreeSet, HashSet};
use std::net::IpAddr;
use std::path::Path;
use toml::de::DeValue;
use url::{Host, Url};

const MAX_WEBHOOKS: usize = 1000;
const MAX_API_KEYS: usize = 100;
/// Header fields of a webhook at most.
const MAX_HEADERS: usize = 16;
/// Bytes of the value of a header field at most.
const MAX_VALUE: usize = 8 * 1024;
/// Bytes of a URL at most.
const MAX_URL: usize = 2048;

/// Fields that the relay sets itself, or the connection.
const RESERVED: [&str; 22] = [
    "accept-encoding",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "date",
    "expect",
    "forwarded",
    "host",
    "http2-settings",
    "idempotency-key",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
    "webhook-id",
    "webhook-timestamp",
];

/// A webhook with the values of its secret header fields.
pub(super) type WithSecrets = (Webhook, Vec<(String, SecretString)>);

/// All webhooks of the file, by id.
pub(super) fn webhooks<'s>(
    reader: &mut Reader<'s>,
    root: &Section<'s>,
    allow: &[IpNet],
    directory: &Path,
) -> Vec<WithSecrets> {
    let mut seen = HashSet::new();
    let mut webhooks = Vec::new();
    for section in reader.sections(root, "webhook", MAX_WEBHOOKS) {
        reader.refuse_others(&section, &WEBHOOK_KEYS);
        let webhook = webhook(reader, &section, allow, directory);
        if !webhook.0.id.is_empty() && !seen.insert(webhook.0.id.clone()) {
            let message =
                format!("another webhook is called `{}`; give this one an id of its own", webhook.0.id);
            let place = section.table.get("id").map_or(0, |id| id.span().start);
            let place = reader.place(place);
            reader.fault(FaultCode::Duplicate, place, format!("{}.id", section.path), message);
        }
        webhooks.push(webhook);
    }
    webhooks.sort_by(|one, other| one.0.id.cmp(&other.0.id));
    webhooks
}

fn webhook<'s>(
    reader: &mut Reader<'s>,
    section: &Section<'s>,
    allow: &[IpNet],
    directory: &Path,
) -> WithSecrets {
    let id = reader.required_in(section, "id", "order");
    if let Some(id) = &id
        && !is_id(&id.value)
    {
        let message = "an id is 1 to 64 letters, digits, `-`, `_` or `.`, and is neither `.` nor `..`";
        reader.fault_of(id, FaultCode::WrongValue, message);
    }
    let id = id.map(|id| id.value).unwrap_or_default();
    let name = reader.text_in(section, "name");
    if let Some(name) = &name
        && (name.value.trim().is_empty() || name.value.len() > 200 || name.value.contains(char::is_control))
    {
        reader.fault_of(name, FaultCode::WrongValue, "a name is one line of 1 to 200 bytes");
    }
    let url = reader.required_in(section, "url", "https://shop.example/hooks/order");
    if let Some(url) = &url
        && let Some((code, message)) = url_fault(&url.value, allow)
    {
        reader.fault_of(url, code, message);
    }
    let (headers, secrets) = headers(reader, section, directory);
    let (mut projects, mut events) = (Vec::new(), Vec::new());
    for project in reader.list_in(section, "projects", 1000) {
        check_project(reader, &project);
        projects.push(project.value);
    }
    for pattern in reader.list_in(section, "events", 100) {
        if let Some(fault) = pattern_fault(&pattern.value) {
            reader.fault_of(&pattern, FaultCode::WrongValue, fault);
        }
        events.push(pattern.value);
    }
    let webhook = Webhook {
        name: name.map_or_else(|| id.clone(), |name| name.value),
        id,
        url: url.map(|url| url.value).unwrap_or_default(),
        headers,
        wait_for_response: reader.boolean_in(section, "waitForResponse"),
        include_interactions: include(reader, section),
        timeout_ms: reader.number_in(section, "timeoutMs", 500, 60_000, 8000),
        retries: u8::try_from(reader.number_in(section, "retries", 0, 5, 2)).unwrap_or_default(),
        projects,
        events,
        ..Webhook::default()
    };
    (webhook, secrets)
}

/// Whether it can be a webhook's id: it is part of paths.
fn is_id(id: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    (1..=64).contains(&id.len()) && id.bytes().all(allowed) && id != "." && id != ".."
}

/// What is wrong with a webhook's URL. Nothing of it is repeated: it may hold a password.
fn url_fault(text: &str, allow: &[IpNet]) -> Option<(FaultCode, String)> {
    const FORM: &str = "write an absolute URL such as `https://shop.example/hooks/order`";
    let wrong = |message: &str| Some((FaultCode::WrongValue, message.to_owned()));
    if text.len() > MAX_URL {
        return Some((FaultCode::OutOfRange, format!("a URL has at most {MAX_URL} bytes")));
    }
    let Ok(url) = Url::parse(text) else { return wrong(FORM) };
    if url.as_str().len() > MAX_URL {
        return Some((FaultCode::OutOfRange, format!("a URL has at most {MAX_URL} bytes")));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return wrong("a URL holds no user and password; send them in a secret header field `authorization`");
    }
    if url.fragment().is_some() {
        return wrong("what follows `#` is never sent; take it out");
    }
    match url.scheme() {
        "https" => None,
        "http" => {
            let is_allowed = match url.host() {
                Some(Host::Ipv4(address)) => may_be_plain(address.into(), allow),
                Some(Host::Ipv6(address)) => may_be_plain(address.into(), allow),
                // Which address a name has is known when it is called; other addresses are refused then.
                Some(Host::Domain(name)) => is_localhost(name) || !allow.is_empty(),
                None => false,
            };
            let message = "others could read secrets on the way; write `https`, or for development put the address into `network.allow`";
            (!is_allowed).then(|| (FaultCode::InsecureUrl, message.to_owned()))
        }
        _ => wrong(FORM),
    }
}

fn is_localhost(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    name.eq_ignore_ascii_case("localhost")
        || name.rsplit_once('.').is_some_and(|(_, last)| last.eq_ignore_ascii_case("localhost"))
}

fn may_be_plain(address: IpAddr, allow: &[IpNet]) -> bool {
    address.is_loopback() || allow.iter().any(|net| net.contains(&address))
}

/// Header fields; the values of secret ones apart.
fn headers<'s>(
    reader: &mut Reader<'s>,
    section: &Section<'s>,
    directory: &Path,
) -> (Vec<Header>, Vec<(String, SecretString)>) {
    let (mut headers, mut secrets) = (Vec::new(), Vec::new());
    let mut seen = BTreeSet::new();
    for header in reader.sections(section, "headers", MAX_HEADERS) {
        reader.refuse_others(&header, &HEADER_KEYS);
        let Some(name) = reader.required_in(&header, "name", "x-api-key") else { continue };
        if let Some((code, message)) = name_fault(&name.value) {
            reader.fault_of(&name, code, message);
        }
        if !seen.insert(name.value.to_ascii_lowercase()) {
            reader.fault_of(&name, FaultCode::Duplicate, "this field is there twice; one value is sent");
        }
        let (value, source) = (reader.text_in(&header, "value"), reader.text_in(&header, "secret"));
        let has = |name| header.table.contains_key(name);
        if has("value") == has("secret") {
            let message = "write either `value`, or `secret = \"env:NAME\"` or `secret = \"file:/path\"`";
            reader.fault(FaultCode::MissingKey, header.place.clone(), header.path.clone(), message);
        }
        if let Some(value) = &value
            && let Some(fault) = value_fault(&value.value)
        {
            reader.fault_of(value, FaultCode::WrongValue, fault);
        }
        if let Some(source) = &source
            && let Some(value) = read_secret(reader, source, directory)
        {
            match value_fault(value.expose_secret()) {
                Some(fault) => reader.fault_of(source, FaultCode::SecretSource, fault),
                None => secrets.push((name.value.clone(), value)),
            }
        }
        headers.push(Header { name: name.value, value: value.map(|value| value.value) });
    }
    (headers, secrets)
}

/// The secret that a text names.
pub(super) fn read_secret(
    reader: &mut Reader<'_>,
    source: &Given<String>,
    directory: &Path,
) -> Option<SecretString> {
    match secret(&source.value, reader.environment, directory) {
        Ok(value) => Some(value),
        Err(fault) => {
            reader.fault_of(source, FaultCode::SecretSource, fault.to_string());
            None
        }
    }
}

fn name_fault(name: &str) -> Option<(FaultCode, String)> {
    if name.is_empty() || name.len() > 100 {
        return Some((FaultCode::WrongValue, "the name of a header has 1 to 100 characters".to_owned()));
    }
    if let Some(fault) = header_name_fault(name) {
        return Some((FaultCode::WrongValue, fault.to_owned()));
    }
    let lower = name.to_ascii_lowercase();
    let is_reserved = RESERVED.contains(&lower.as_str())
        || lower.starts_with("cuehook-")
        || lower.starts_with("webhook-signature");
    is_reserved.then(|| {
        (FaultCode::ReservedHeader, format!("the relay or the connection sets `{lower}` itself; take it out"))
    })
}

/// What is wrong with the value of a header field, without saying anything of it.
fn value_fault(value: &str) -> Option<String> {
    if let Some(fault) = header_value_fault(value) {
        return Some(fault.to_owned());
    }
    if value.len() > MAX_VALUE {
        return Some(format!("the value of a header has at most {MAX_VALUE} bytes"));
    }
    if !value.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Some(
            "the value of a header consists of printable ASCII characters; encode the others".to_owned(),
        );
    }
    (value.trim().len() != value.len() || value.is_empty())
        .then(|| "the value of a header is not empty, and begins and ends without a blank".to_owned())
}

fn include<'s>(reader: &mut Reader<'s>, section: &Section<'s>) -> IncludeInteractions {
    const NAME: &str = "includeInteractions";
    let Some(value) = section.table.get(NAME) else { return IncludeInteractions::Unsaid };
    match value.get_ref() {
        DeValue::String(word) if word == "none" => IncludeInteractions::Word(IncludeWord::None),
        DeValue::String(word) if word == "all" => IncludeInteractions::Word(IncludeWord::All),
        DeValue::Array(_) => {
            let ids = reader.list_in(section, NAME, 1000).into_iter().map(|id| id.value);
            IncludeInteractions::Elements(ids.collect())
        }
        _ => {
            let (place, path) = (reader.place(value.span().start), format!("{}.{NAME}", section.path));
            let message = "write `\"none\"`, `\"all\"`, or a list of ids of elements";
            reader.fault(FaultCode::WrongValue, place, path, message);
            IncludeInteractions::Unsaid
        }
    }
}

fn check_project(reader: &mut Reader<'_>, project: &Given<String>) {
    let text = &project.value;
    if text.is_empty() || text.len() > 128 || text.contains(char::is_control) {
        reader.fault_of(project, FaultCode::WrongValue, "a project's id is one line of 1 to 128 bytes");
    }
}

/// All API keys of the file.
pub(super) fn api_keys<'s>(reader: &mut Reader<'s>, root: &Section<'s>) -> Vec<StoredApiKey> {
    let (mut names, mut hashes) = (HashSet::new(), HashSet::new());
    let mut keys = Vec::new();
    for section in reader.sections(root, "apiKey", MAX_API_KEYS) {
        reader.refuse_others(&section, &API_KEY_KEYS);
        let name = reader.required_in(&section, "name", "shop");
        if let Some(name) = &name {
            if !is_id(&name.value) {
                let message = "a name is 1 to 64 letters, digits, `-`, `_` or `.`";
                reader.fault_of(name, FaultCode::WrongValue, message);
            }
            if !names.insert(name.value.clone()) {
                reader.fault_of(name, FaultCode::Duplicate, "another API key has this name");
            }
        }
        let written = reader.required_in(&section, "hash", "sha256:…");
        let hash = written.as_ref().and_then(|hash| parse_hash(&hash.value));
        if let Some(written) = &written {
            match hash {
                None => {
                    let message = "a hash is `sha256:` and 64 hexadecimal digits, as `cuehook-relay key NAME` prints it; the key itself is not written here";
                    reader.fault_of(written, FaultCode::WrongValue, message);
                }
                Some(hash) if !hashes.insert(hash) => {
                    reader.fault_of(written, FaultCode::Duplicate, "another API key has this hash");
                }
                Some(_) => {}
            }
        }
        let scopes = scopes(reader, &section);
        let project = reader.text_in(&section, "project");
        if let Some(project) = &project {
            check_project(reader, project);
        }
        let project = project.map(|project| project.value);
        if let (Some(name), Some(hash)) = (name, hash) {
            keys.push(StoredApiKey { key: ApiKey { name: name.value, scopes, project }, hash });
        }
    }
    keys
}

fn scopes<'s>(reader: &mut Reader<'s>, section: &Section<'s>) -> Vec<Scope> {
    let mut scopes = Vec::new();
    let written = reader.list_in(section, "scopes", 10);
    if !section.table.contains_key("scopes") {
        missing_scopes(reader, section.place.clone(), section.path.clone());
    }
    for word in written {
        match Scope::named(&word.value) {
            Some(scope) if !scopes.contains(&scope) => scopes.push(scope),
            Some(_) => {}
            None => {
                let near = cuehook_protocol::nearest(&word.value, &Scope::WORDS);
                let meant = near.map_or_else(
                    || format!("write {}", Scope::WORDS.map(|word| format!("`{word}`")).join(" or ")),
                    |near| format!("did you mean `{near}`?"),
                );
                reader.fault_of(&word, FaultCode::WrongValue, format!("there is no such scope; {meant}"));
            }
        }
    }
    scopes
}

fn missing_scopes(reader: &mut Reader<'_>, place: Place, path: String) {
    let message = "`scopes` is missing; write `scopes = [\"events:write\"]`";
    reader.fault(FaultCode::MissingKey, place, path, message);
}

/// `sha256:` and 64 hexadecimal digits.
fn parse_hash(text: &str) -> Option<[u8; 32]> {
    let digits = text.strip_prefix("sha256:").filter(|digits| digits.len() == 64)?;
    let mut hash = [0; 32];
    for (byte, pair) in hash.iter_mut().zip(digits.as_bytes().chunks(2)) {
        let value = |digit: &u8| char::from(*digit).to_digit(16);
        let [high, low] = pair else { return None };
        *byte = u8::try_from(value(high)? * 16 + value(low)?).ok()?;
    }
    Some(hash)
}
