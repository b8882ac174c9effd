//! What a webhook's settings have to be, whether they come from `relay.toml` or from the management API.

use super::fault::FaultCode;
use super::origin_fault;
use super::webhook::{CompatibleSignature, Filter, Signing, Template, Webhook};
use crate::delivery::format::default_signature;
use crate::delivery::signing::{CompatibleSecret, SigningSecret};
use crate::delivery::template::{SOURCE_BYTES, template_fault};
use cuehook_protocol::{header_name_fault, header_value_fault, pattern_fault};
use ipnet::IpNet;
use secrecy::{ExposeSecret as _, SecretString};
use std::collections::BTreeSet;
use std::net::IpAddr;
use url::{Host, Url};

/// Header fields of a webhook at most.
pub const MAX_HEADERS: usize = 16;
/// Bytes of the value of a header field at most.
pub const MAX_VALUE: usize = 8 * 1024;
/// Bytes of a URL at most.
pub const MAX_URL: usize = 2048;
/// Bytes of a webhook's name at most.
pub const MAX_NAME: usize = 200;
/// Projects of a webhook at most, and videos.
pub const MAX_LISTED: usize = 1000;
/// Bytes of the id of a project or of a video at most.
pub const MAX_LISTED_BYTES: usize = 128;
/// Patterns of events of a webhook at most.
pub const MAX_EVENTS: usize = 100;
/// Origins besides its own that a webhook's secret header fields are sent to at most.
pub const MAX_ORIGINS: usize = 100;
/// Filters of a webhook at most.
pub const MAX_FILTERS: usize = 16;
/// Bytes of a filter's path at most.
pub const MAX_PATH: usize = 256;
/// Texts that a filter wants at most.
pub const MAX_WANTED: usize = 100;
/// Bytes of each of them at most.
pub const MAX_WANTED_BYTES: usize = 1024;
/// Milliseconds that a call may take: the least and the most.
pub const TIMEOUT_MS: (u32, u32) = (500, 60_000);
/// Repetitions of a call at most.
pub const MAX_RETRIES: u8 = 5;
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

/// What is wrong with one setting of a webhook. No secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleFault {
    /// Where it is, such as `headers[0].name`.
    pub path: String,
    /// For programs.
    pub code: FaultCode,
    /// What was found and what to write instead.
    pub message: String,
}

/// The secrets that are given with a webhook's settings.
#[derive(Clone, Debug, Default)]
pub struct GivenSecrets {
    /// Values of header fields, by their names.
    pub headers: Vec<(String, SecretString)>,
    /// `signingSecret`, as `whsec_…`.
    pub signing: Option<SecretString>,
    /// `compatibleSecret`, a text.
    pub compatible: Option<SecretString>,
}

impl GivenSecrets {
    /// As they are sealed. Those for signing have names that no header field can have.
    pub fn sealed(self) -> Vec<(String, SecretString)> {
        let mut sealed = self.headers;
        // Without a time: the same file is to make the same of it at each start.
        let standard = self.signing.map(|secret| format!("0,-,{}", secret.expose_secret()).into());
        sealed.extend(standard.map(|secret| (":standard".to_owned(), secret)));
        sealed.extend(self.compatible.map(|secret| (":compatible".to_owned(), secret)));
        sealed
    }
}

/// A code and what is to be said.
type Wrong = (FaultCode, String);

/// Everything that is wrong with a webhook's settings and their secrets. `allow` is what may be called without TLS.
pub fn check(webhook: &Webhook, secrets: &GivenSecrets, allow: &[IpNet]) -> Vec<RuleFault> {
    let mut faults = Faults::default();
    if !is_id(&webhook.id) {
        let message = "an id is 1 to 64 letters, digits, `-`, `_` or `.`, and is neither `.` nor `..`";
        faults.say("id", (FaultCode::WrongValue, message.to_owned()));
    }
    let name = &webhook.name;
    if name.trim().is_empty() || name.len() > MAX_NAME || name.contains(char::is_control) {
        let message = format!("a name is one line of 1 to {MAX_NAME} bytes");
        faults.say("name", (FaultCode::WrongValue, message));
    }
    faults.say_if("url", url_fault(&webhook.url, allow));
    headers(webhook, secrets, &mut faults);
    faults.number("timeoutMs", webhook.timeout_ms, TIMEOUT_MS);
    faults.number("retries", webhook.retries.into(), (0, MAX_RETRIES.into()));
    faults.list("projects", &webhook.projects, MAX_LISTED, |project| project_fault(project));
    let unknown = |pattern: &String| pattern_fault(pattern).map(|fault| (FaultCode::WrongValue, fault));
    faults.list("events", &webhook.events, MAX_EVENTS, unknown);
    faults.list("videos", &webhook.videos, MAX_LISTED, |video| {
        line_fault(video, "a video's id is one line of 1 to 128 bytes")
    });
    faults.list("overrideOrigins", &webhook.override_origins, MAX_ORIGINS, |origin| {
        let fault = if origin == "*" { None } else { origin_fault(origin) };
        fault.map(|fault| (FaultCode::WrongValue, fault))
    });
    filters(&webhook.filters, &mut faults);
    if let Some(template) = &webhook.template {
        self::template(template, &mut faults);
    }
    signing(webhook, secrets, &mut faults);
    faults.0
}

/// What is wrong, as it is found.
#[derive(Debug, Default)]
struct Faults(Vec<RuleFault>);

impl Faults {
    fn say(&mut self, path: impl Into<String>, (code, message): Wrong) {
        self.0.push(RuleFault { path: path.into(), code, message });
    }

    fn say_if(&mut self, path: impl Into<String>, wrong: Option<Wrong>) {
        if let Some(wrong) = wrong {
            self.say(path, wrong);
        }
    }

    fn number(&mut self, path: &str, found: u32, (least, most): (u32, u32)) {
        if !(least..=most).contains(&found) {
            let message = format!("found {found}; write a whole number from {least} to {most}");
            self.say(path, (FaultCode::OutOfRange, message));
        }
    }

    /// A bounded list, each of whose entries is looked at.
    fn list<T>(&mut self, path: &str, items: &[T], most: usize, wrong: impl Fn(&T) -> Option<Wrong>) {
        if items.len() > most {
            self.say(path, too_many(items.len(), most));
            return;
        }
        for (index, item) in items.iter().enumerate() {
            self.say_if(format!("{path}[{index}]"), wrong(item));
        }
    }
}

fn too_many(found: usize, most: usize) -> Wrong {
    (FaultCode::TooMany, format!("there are {found}; at most {most} are allowed"))
}

/// Whether it can be a webhook's id: it is part of paths.
pub fn is_id(id: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    (1..=64).contains(&id.len()) && id.bytes().all(allowed) && id != "." && id != ".."
}

/// What is wrong with the id of a project.
pub fn project_fault(project: &str) -> Option<(FaultCode, String)> {
    line_fault(project, "a project's id is one line of 1 to 128 bytes")
}

fn line_fault(text: &str, message: &str) -> Option<Wrong> {
    let is_wrong = text.is_empty() || text.len() > MAX_LISTED_BYTES || text.contains(char::is_control);
    is_wrong.then(|| (FaultCode::WrongValue, message.to_owned()))
}

/// What is wrong with the URL of a webhook. Nothing of it is repeated: it may hold a password.
pub fn url_fault(text: &str, allow: &[IpNet]) -> Option<(FaultCode, String)> {
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

/// Header fields, and the values of secret ones.
fn headers(webhook: &Webhook, secrets: &GivenSecrets, faults: &mut Faults) {
    if webhook.headers.len() > MAX_HEADERS {
        faults.say("headers", too_many(webhook.headers.len(), MAX_HEADERS));
        return;
    }
    let mut seen = BTreeSet::new();
    for (index, header) in webhook.headers.iter().enumerate() {
        let path = format!("headers[{index}].name");
        faults.say_if(&path, name_fault(&header.name));
        if !seen.insert(header.name.to_ascii_lowercase()) {
            let message = "this field is there twice; one value is sent";
            faults.say(path, (FaultCode::Duplicate, message.to_owned()));
        }
        let secret = secrets.headers.iter().find(|(name, _)| *name == header.name);
        let value = header.value.as_deref().or(secret.map(|(_, value)| value.expose_secret()));
        let wrong = value.and_then(value_fault).map(|fault| (FaultCode::WrongValue, fault));
        faults.say_if(format!("headers[{index}].value"), wrong);
    }
}

fn name_fault(name: &str) -> Option<Wrong> {
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

fn filters(filters: &[Filter], faults: &mut Faults) {
    if filters.len() > MAX_FILTERS {
        faults.say("filters", too_many(filters.len(), MAX_FILTERS));
        return;
    }
    for (index, filter) in filters.iter().enumerate() {
        let path = format!("filters[{index}]");
        faults.say_if(format!("{path}.path"), path_fault(&filter.path));
        if filter.any_of.is_empty() {
            let message = "nothing is wanted; write `equal`, or `in` with at least one text";
            faults.say(path, (FaultCode::WrongValue, message.to_owned()));
            continue;
        }
        faults.list(&format!("{path}.in"), &filter.any_of, MAX_WANTED, |wanted| {
            let message = || format!("a text has at most {MAX_WANTED_BYTES} bytes");
            (wanted.len() > MAX_WANTED_BYTES).then(|| (FaultCode::OutOfRange, message()))
        });
    }
}

fn path_fault(path: &str) -> Option<Wrong> {
    if path.len() > MAX_PATH {
        return Some((FaultCode::OutOfRange, format!("a path has at most {MAX_PATH} bytes")));
    }
    crate::core::path_fault(path).map(|fault| (FaultCode::WrongValue, fault.to_owned()))
}

fn template(template: &Template, faults: &mut Faults) {
    let Template { body, content_type } = template;
    let is_type = value_fault(content_type).is_none()
        && content_type.len() <= 200
        && content_type.split_once('/').is_some_and(|(kind, rest)| !kind.is_empty() && !rest.is_empty());
    if !is_type {
        let message = "write a content type such as `application/json`";
        faults.say("template.contentType", (FaultCode::WrongValue, message.to_owned()));
    } else if body.len() > SOURCE_BYTES {
        let message = format!("a template has at most {SOURCE_BYTES} bytes");
        faults.say("template.body", (FaultCode::OutOfRange, message));
    } else if let Some(fault) = template_fault(template) {
        faults.say("template.body", (FaultCode::WrongValue, fault));
    }
}

fn signing(webhook: &Webhook, secrets: &GivenSecrets, faults: &mut Faults) {
    let Signing { compatible, .. } = &webhook.signing;
    if let Some(CompatibleSignature { header, .. }) = compatible {
        let is_taken = webhook.headers.iter().any(|other| other.name.eq_ignore_ascii_case(header));
        let twice = || (FaultCode::Duplicate, "this field is among `headers`; one value is sent".to_owned());
        faults.say_if("signing.compatible.header", name_fault(header).or_else(|| is_taken.then(twice)));
    }
    if let Some(secret) = &secrets.signing
        && let Err(fault) = SigningSecret::parse(secret)
    {
        faults.say("signingSecret", (FaultCode::WrongValue, fault.to_string()));
    }
    if let Some(secret) = &secrets.compatible {
        if let Err(fault) = CompatibleSecret::parse(secret.clone()) {
            faults.say("compatibleSecret", (FaultCode::WrongValue, fault.to_string()));
        } else if !is_signed_compatibly(webhook) {
            let message = "nothing is signed with it; write `signing.compatible`, too";
            faults.say("compatibleSecret", (FaultCode::WrongValue, message.to_owned()));
        }
    } else if compatible.is_some() {
        let message = "`compatibleSecret` is missing, the text under which this signature is made";
        faults.say("signing.compatible", (FaultCode::MissingKey, message.to_owned()));
    }
}

/// Whether a compatible signature is made if there is a secret for it: settings ask for one, or receivers of the format expect one.
pub fn is_signed_compatibly(webhook: &Webhook) -> bool {
    webhook.signing.compatible.is_some() || default_signature(webhook.format).is_some()
}
