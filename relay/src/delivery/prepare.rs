//! A request to a webhook: method, address, header fields, signatures and body, from its settings and what is to be sent.

use super::format::{Facts, RenderFault, Rendered, default_signature, render, render_call};
use super::signing::{Secrets, sign};
use crate::config::{Method, Signing, Webhook};
use crate::outbound::request_fields;
use crate::store::UnixMs;
use secrecy::SecretString;
use std::sync::Arc;
use uuid::Uuid;

/// Why a request cannot be made.
pub type PrepareFault = RenderFault;

/// A webhook that is sent something.
#[derive(Clone, Copy, Debug)]
pub struct Recipient<'a> {
    /// Its settings.
    pub webhook: &'a Webhook,
    /// All its header fields, those with secret values, too.
    pub headers: &'a [(String, SecretString)],
    /// With what it signs.
    pub secrets: &'a Secrets,
    /// The address that a project has chosen instead of its own.
    pub url: Option<&'a str>,
}

/// A request that is ready.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// With which method.
    pub method: Method,
    /// Where.
    pub url: String,
    /// Its header fields.
    pub headers: Vec<(String, SecretString)>,
    /// Its body.
    pub body: Arc<str>,
    /// The names of secret header fields that are not among them, since this address is not one that they are for.
    pub withheld: Vec<String>,
}

/// The request that sends an event, at this time. Its `webhook-id` is the event's id in all attempts and for all webhooks, so that a
/// receiver knows an event that it has. None if the webhook's format has no body for this type.
///
/// # Errors
/// If its body cannot be made.
pub fn prepare(
    to: &Recipient<'_>,
    id: Uuid,
    event: &str,
    facts: &Facts<'_>,
    wall_ms: UnixMs,
) -> Result<Option<Prepared>, PrepareFault> {
    let rendered = render(to.webhook, event, facts)?;
    Ok(rendered.map(|rendered| together(to, id, rendered, wall_ms)))
}

/// The request that makes a call, at this time: its body as it came, or by the webhook's template.
///
/// # Errors
/// If the template cannot be filled in.
pub fn prepare_call(
    to: &Recipient<'_>,
    id: Uuid,
    body: Arc<str>,
    wall_ms: UnixMs,
) -> Result<Prepared, PrepareFault> {
    if let Some(rendered) = render_call(to.webhook, &body)? {
        return Ok(together(to, id, rendered, wall_ms));
    }
    Ok(whole(to, id, None, &[], body, wall_ms))
}

fn together(to: &Recipient<'_>, id: Uuid, rendered: Rendered, wall_ms: UnixMs) -> Prepared {
    let Rendered { body, content_type, headers } = rendered;
    whole(to, id, Some(&content_type), &headers, body.into(), wall_ms)
}

fn whole(
    to: &Recipient<'_>,
    id: Uuid,
    content_type: Option<&str>,
    of_format: &[(&'static str, String)],
    body: Arc<str>,
    wall_ms: UnixMs,
) -> Prepared {
    let url = url(to);
    // A project may choose any address, but not be told the webhook's secrets by that.
    let is_trusted = to.webhook.trusts(&url);
    let is_plain = |name: &str| {
        let mut plain = to.webhook.headers.iter().filter(|header| header.value.is_some());
        plain.any(|header| header.name.eq_ignore_ascii_case(name))
    };
    let (own, withheld): (Vec<_>, Vec<_>) =
        to.headers.iter().cloned().partition(|(name, _)| is_trusted || is_plain(name));
    let headers = fields(to, own, id, content_type, of_format, &body, wall_ms);
    let withheld = withheld.into_iter().map(|(name, _)| name).collect();
    Prepared { method: to.webhook.method, url, headers, body, withheld }
}

fn url(to: &Recipient<'_>) -> String {
    to.url.unwrap_or(&to.webhook.url).to_owned()
}

/// Header fields: the protocol's, the webhook's own, those of its format, and signatures over just these bytes. Of several with one name
/// the last one counts.
fn fields(
    to: &Recipient<'_>,
    mut added: Vec<(String, SecretString)>,
    id: Uuid,
    content_type: Option<&str>,
    of_format: &[(&'static str, String)],
    body: &str,
    wall_ms: UnixMs,
) -> Vec<(String, SecretString)> {
    let id = id.to_string();
    added.extend(of_format.iter().map(|(name, value)| ((*name).to_owned(), value.as_str().into())));
    let signed = sign(to.secrets, &signing(to.webhook), &id, wall_ms, body.as_bytes());
    added.extend(signed.into_iter().map(|(name, value)| (name, SecretString::from(value))));
    let mut fields = request_fields(&id, wall_ms, &added);
    if let Some(content_type) = content_type {
        let named = |(name, _): &&mut (String, SecretString)| name.eq_ignore_ascii_case("content-type");
        if let Some((_, value)) = fields.iter_mut().find(named) {
            *value = content_type.into();
        }
    }
    fields
}

/// How a webhook's requests are signed: as its settings say, or as receivers of its format expect.
pub fn signing(webhook: &Webhook) -> Signing {
    let compatible = webhook.signing.compatible.clone().or_else(|| default_signature(webhook.format));
    Signing { compatible, ..webhook.signing.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{
        CompatibleSignature, EventFormat, Header, SignatureEncoding, SignatureHash, Template,
    };
    use crate::delivery::sample::sample;
    use crate::delivery::signing::{CompatibleSecret, KeyRing, Ringed, SigningSecret};
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use hmac::{Hmac, KeyInit as _, Mac as _};
    use secrecy::ExposeSecret as _;
    use sha2::Sha256;

    const NOW: UnixMs = 1_800_000_000_123;

    fn secrets() -> Secrets {
        let key = SigningSecret::parse(&"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".into()).unwrap();
        let ringed = Ringed { key, created: 0, until: None };
        let compatible = Some(CompatibleSecret::parse("my text".into()).unwrap());
        Secrets { standard: KeyRing::of([ringed.key]).unwrap(), compatible, ..Secrets::default() }
    }

    fn field<'p>(prepared: &'p Prepared, name: &str) -> Vec<&'p str> {
        let named = prepared.headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.expose_secret()).collect()
    }

    fn hmac(key: &[u8], parts: &[&[u8]]) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
        parts.iter().for_each(|part| mac.update(part));
        STANDARD.encode(mac.finalize().into_bytes())
    }

    fn prepared(webhook: &Webhook, headers: &[(&str, &str)], url: Option<&str>) -> Prepared {
        let headers: Vec<(String, SecretString)> =
            headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
        let (id, secrets) = (Uuid::from_u128(7), secrets());
        let to = Recipient { webhook, headers: &headers, secrets: &secrets, url };
        let facts = Facts { delivery: 9, request_id: id, project: "p" };
        let event = sample("lead.captured", id, NOW);
        prepare(&to, id, &event, &facts, NOW).unwrap().unwrap()
    }

    #[test]
    fn a_request_carries_the_id_the_time_and_what_proves_whose_it_is() {
        let webhook = Webhook { url: "https://a.example/x".into(), ..Webhook::default() };
        let request = prepared(
            &webhook,
            &[("X-Key", "k"), ("Webhook-Signature", "forged"), ("Content-Type", "x/y")],
            None,
        );
        let id = Uuid::from_u128(7).to_string();
        assert_eq!((request.method, &*request.url), (Method::Post, "https://a.example/x"));
        assert_eq!(*request.body, sample("lead.captured", Uuid::from_u128(7), NOW));
        for (name, value) in [
            ("webhook-id", id.as_str()),
            ("idempotency-key", &id),
            ("webhook-timestamp", "1800000000"),
            ("content-type", "application/json"),
            ("x-key", "k"),
        ] {
            assert_eq!(field(&request, name), [value], "{name}");
        }
        let key = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signed = hmac(&key, &[id.as_bytes(), b".1800000000.", request.body.as_bytes()]);
        assert_eq!(field(&request, "webhook-signature"), [format!("v1,{signed}")]);
    }

    #[test]
    fn formats_and_projects_have_their_say() {
        let webhook = Webhook {
            url: "https://a.example".into(),
            method: Method::Put,
            format: EventFormat::CloudEvents,
            ..Webhook::default()
        };
        let request = prepared(&webhook, &[], Some("https://own.example"));
        assert_eq!((request.method, &*request.url), (Method::Put, "https://own.example"));
        assert!(field(&request, "content-type")[0].starts_with("application/cloudevents+json"));
        let template = Template {
            body: "id={{ event.id }}".into(),
            content_type: "application/x-www-form-urlencoded".into(),
        };
        let compatible = CompatibleSignature {
            header: "X-Hook".into(),
            hash: SignatureHash::Sha256,
            encoding: SignatureEncoding::Base64,
        };
        let signing = Signing { compatible: Some(compatible), ..Signing::default() };
        let request = prepared(&Webhook { template: Some(template), signing, ..webhook }, &[], None);
        assert_eq!(*request.body, format!("id={}", Uuid::from_u128(7)));
        assert_eq!(field(&request, "content-type"), ["application/x-www-form-urlencoded"]);
        assert_eq!(field(&request, "x-hook"), [hmac(b"my text", &[request.body.as_bytes()])]);
    }

    #[test]
    fn secret_fields_go_where_they_are_for_and_nowhere_else() {
        let plain = Header { name: "X-Plain".into(), value: Some("p".into()) };
        let secret = Header { name: "X-Key".into(), value: None };
        let webhook = Webhook {
            url: "https://a.example/x".into(),
            headers: vec![plain, secret],
            override_origins: vec!["https://own.example".into()],
            ..Webhook::default()
        };
        let headers = [("X-Plain", "p"), ("X-Key", "k")];
        for url in [None, Some("https://a.example/other"), Some("https://own.example/x")] {
            let request = prepared(&webhook, &headers, url);
            assert_eq!((field(&request, "x-key"), request.withheld.len()), (vec!["k"], 0), "{url:?}");
        }
        let request = prepared(&webhook, &headers, Some("https://other.example/x"));
        assert_eq!((field(&request, "x-key"), field(&request, "x-plain")), (vec![], vec!["p"]));
        assert_eq!((request.withheld, &*request.url), (vec!["X-Key".to_owned()], "https://other.example/x"));
    }

    #[test]
    fn a_format_has_its_signature_and_may_have_nothing_to_say() {
        let webhook = Webhook { format: EventFormat::DynamicContent, ..Webhook::default() };
        let (id, secrets) = (Uuid::from_u128(7), secrets());
        let to = Recipient { webhook: &webhook, headers: &[], secrets: &secrets, url: None };
        let facts = Facts { delivery: 9, request_id: id, project: "p" };
        let of = |kind: &str| prepare(&to, id, &sample(kind, id, NOW), &facts, NOW).unwrap();
        assert!(of("lead.captured").is_none());
        let request = of("edition.scheduled").unwrap();
        assert_eq!(
            field(&request, "x-amplience-webhook-signature"),
            [hmac(b"my text", &[request.body.as_bytes()])]
        );
    }

    #[test]
    fn calls_are_signed_and_may_have_a_body_of_their_own() {
        let webhook = Webhook::default();
        let (id, secrets) = (Uuid::from_u128(8), secrets());
        let to = Recipient { webhook: &webhook, headers: &[], secrets: &secrets, url: None };
        let request = prepare_call(&to, id, "{\"params\":{}}".into(), NOW).unwrap();
        assert_eq!(&*request.body, "{\"params\":{}}");
        assert_eq!(field(&request, "webhook-signature").len(), 1);
        let template =
            Template { body: "{\"sku\":{{ params.sku }}}".into(), content_type: "application/json".into() };
        let webhook = Webhook { template: Some(template), method: Method::Patch, ..Webhook::default() };
        let request = prepare_call(
            &Recipient { webhook: &webhook, ..to },
            id,
            "{\"params\":{\"sku\":\"A\"}}".into(),
            NOW,
        );
        let request = request.unwrap();
        assert_eq!((request.method, &*request.body), (Method::Patch, "{\"sku\":\"A\"}"));
    }
}
