//! Header fields of requests, read strictly: what stands there twice or in another form is refused, not guessed.

use super::bounds::{HEADER_BYTES, HEADER_FIELDS, TARGET_BYTES};
use super::fault::Fault;
use axum::http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, ORIGIN};
use axum::http::{HeaderMap, StatusCode, Uri};
use cuehook_protocol::BUDGET_HEADER;
use secrecy::SecretString;
use uuid::Uuid;

/// Longest token or key, in bytes.
const LONGEST_TOKEN: usize = 4_096;
/// Longest name of a request that is taken over from its sender, in bytes.
const LONGEST_REQUEST_ID: usize = 64;

/// Fields that decide something: two of them would be two requests.
const SINGLE: [&str; 9] = [
    "host",
    "authorization",
    "origin",
    "content-type",
    "content-encoding",
    "webhook-id",
    "idempotency-key",
    "webhook-timestamp",
    BUDGET_HEADER,
];

/// Refuses what is too much, or says something twice.
pub(crate) fn check(uri: &Uri, fields: &HeaderMap) -> Result<(), Fault> {
    let target = uri.path_and_query().map_or(0, |target| target.as_str().len());
    if target > TARGET_BYTES {
        return Err(Fault::too_large(format!("the address is longer than {TARGET_BYTES} bytes"))
            .with_status(StatusCode::URI_TOO_LONG));
    }
    let bytes: usize = fields.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    if fields.len() > HEADER_FIELDS || bytes > HEADER_BYTES {
        return Err(Fault::too_large(format!(
            "there are more than {HEADER_FIELDS} header fields, or more than {HEADER_BYTES} bytes of them"
        ))
        .with_status(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE));
    }
    match SINGLE.into_iter().find(|name| fields.get_all(*name).iter().nth(1).is_some()) {
        Some(name) => Err(Fault::bad(format!("the header field `{name}` is there more than once"))),
        None => Ok(()),
    }
}

/// A field's text, if the field is there. Its name has been checked to be there once.
pub(crate) fn text<'a>(fields: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, Fault> {
    let Some(value) = fields.get(name) else { return Ok(None) };
    value
        .to_str()
        .map(Some)
        .map_err(|_| Fault::bad(format!("the header field `{name}` has characters that are not ASCII")))
}

/// The page that asks, if it is a page.
pub(crate) fn origin(fields: &HeaderMap) -> Result<Option<&str>, Fault> {
    text(fields, ORIGIN.as_str())
}

/// The token of `authorization: Bearer …`.
pub(crate) fn bearer(fields: &HeaderMap) -> Result<Option<SecretString>, Fault> {
    const FORM: &str = "the header field `authorization` has to be `Bearer`, one space, and the token of at most 4096 characters";
    // What is wrong with it is said without any of it.
    let Some(value) = fields.get(AUTHORIZATION) else { return Ok(None) };
    let parts = value.to_str().ok().and_then(|value| value.split_once(' '));
    match parts {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => {
            self::token(token).map(Some).ok_or_else(|| Fault::unauthorized(FORM))
        }
        _ => Err(Fault::unauthorized(FORM)),
    }
}

/// A token, if it has the characters of one (RFC 6750, `b64token`) and is not too long.
pub(crate) fn token(text: &str) -> Option<SecretString> {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
    let fits = (1..=LONGEST_TOKEN).contains(&text.len());
    (fits && text.bytes().all(is_token)).then(|| SecretString::from(text))
}

/// The id of a call, `webhook-id`; and that of the request, `idempotency-key`, which is the same unless an earlier call of it has its
/// outcome.
pub(crate) fn call_ids(fields: &HeaderMap) -> Result<(Uuid, Uuid), Fault> {
    let id = text(fields, "webhook-id")?.ok_or_else(|| {
        Fault::bad("the header field `webhook-id` is missing; it is a UUID, the same in every retry")
    })?;
    let id = uuid(id).ok_or_else(|| Fault::bad("the header field `webhook-id` has to be a UUID"))?;
    match text(fields, "idempotency-key")?.map(uuid) {
        None => Ok((id, id)),
        Some(Some(request)) => Ok((id, request)),
        Some(None) => Err(Fault::bad("the header field `idempotency-key` has to be a UUID")),
    }
}

/// A UUID in its usual 36 characters.
pub(crate) fn uuid(text: &str) -> Option<Uuid> {
    let id = Uuid::try_parse(text).ok()?;
    // `Uuid` also reads braces, URNs, and digits without hyphens.
    (text.len() == 36 && !id.is_nil()).then_some(id)
}

/// How long the viewer still waits, in milliseconds.
pub(crate) fn budget(fields: &HeaderMap) -> Result<Option<u32>, Fault> {
    let Some(value) = text(fields, BUDGET_HEADER)? else { return Ok(None) };
    match value.parse::<u32>() {
        Ok(ms) if value.bytes().all(|byte| byte.is_ascii_digit()) => Ok(Some(ms)),
        _ => {
            Err(Fault::bad(format!("the header field `{BUDGET_HEADER}` has to be a number of milliseconds")))
        }
    }
}

/// `webhook-timestamp`: nothing depends on it, since clocks of viewers are wrong; but what is there has to be one.
pub(crate) fn timestamp(fields: &HeaderMap) -> Result<(), Fault> {
    match text(fields, "webhook-timestamp")? {
        Some(value)
            if !(1..=12).contains(&value.len()) || !value.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            Err(Fault::bad("the header field `webhook-timestamp` has to be Unix time in seconds"))
        }
        _ => Ok(()),
    }
}

/// What the body is said to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ContentType {
    Json,
    Text,
}

/// The content type, which has to be JSON or plain text, in UTF-8 and without compression.
pub(crate) fn content_type(fields: &HeaderMap) -> Result<ContentType, Fault> {
    const FORM: &str = "the header field `content-type` has to be `application/json`, in UTF-8";
    let refused =
        |message: &'static str| Err(Fault::bad(message).with_status(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    match text(fields, CONTENT_ENCODING.as_str())? {
        None => {}
        Some(encoding) if encoding.eq_ignore_ascii_case("identity") => {}
        Some(_) => return refused("bodies are not to be compressed"),
    }
    let mut parts = text(fields, CONTENT_TYPE.as_str())?.unwrap_or_default().split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default();
    let kind = if essence.eq_ignore_ascii_case("application/json") {
        ContentType::Json
    } else if essence.eq_ignore_ascii_case("text/plain") {
        ContentType::Text
    } else {
        return refused(FORM);
    };
    let is_utf8 = |value: &str| value.trim_matches('"').eq_ignore_ascii_case("utf-8");
    for parameter in parts.filter(|part| !part.is_empty()) {
        match parameter.split_once('=') {
            Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") && !is_utf8(value.trim()) => {
                return refused(FORM);
            }
            Some(_) => {}
            None => return refused(FORM),
        }
    }
    Ok(kind)
}

/// The name that its sender has given a request, if it can stand in a log.
pub(crate) fn request_id(fields: &HeaderMap) -> Option<&str> {
    let mut values = fields.get_all("x-request-id").iter();
    let value = values.next()?.to_str().ok()?;
    let is_proper = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let is_name = (1..=LONGEST_REQUEST_ID).contains(&value.len()) && value.bytes().all(is_proper);
    (is_name && values.next().is_none()).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};
    use secrecy::ExposeSecret;

    fn fields(list: &[(&str, &str)]) -> HeaderMap {
        let mut fields = HeaderMap::new();
        for (name, value) in list {
            fields.append(
                HeaderName::try_from(*name).unwrap(),
                HeaderValue::from_bytes(value.as_bytes()).unwrap(),
            );
        }
        fields
    }

    const ID: &str = "01920000-0000-7000-8000-000000000001";

    #[test]
    fn a_token_has_one_form() {
        for (value, expected) in [
            ("Bearer a.b.c", Some("a.b.c")),
            ("bearer a.b.c", Some("a.b.c")),
            ("BEARER YWI=", Some("YWI=")),
            ("Bearer  a", None),
            ("Bearer a ", None),
            ("Bearer", None),
            ("Bearer ", None),
            ("Basic YWI=", None),
            ("a.b.c", None),
            ("Bearer a,b", None),
            ("Bearer a\tb", None),
            ("Bearer \u{e4}", None),
        ] {
            let token = bearer(&fields(&[("authorization", value)])).ok().flatten();
            assert_eq!(token.as_ref().map(ExposeSecret::expose_secret), expected, "{value:?}");
        }
        assert!(bearer(&fields(&[])).unwrap().is_none());
        assert!(token(&"a".repeat(LONGEST_TOKEN)).is_some());
        assert!(token(&"a".repeat(LONGEST_TOKEN + 1)).is_none());
    }

    #[test]
    fn faults_of_tokens_do_not_show_them() {
        let fault = bearer(&fields(&[("authorization", "Basic c2VjcmV0")])).unwrap_err();
        assert!(!fault.message.contains("c2VjcmV0"));
        assert_eq!(fault.status, 401);
    }

    #[test]
    fn what_decides_is_there_once() {
        let uri = Uri::from_static("/v1/events");
        for name in SINGLE {
            assert!(check(&uri, &fields(&[(name, "a")])).is_ok(), "{name}");
            let fault = check(&uri, &fields(&[(name, "a"), (name, "a")])).unwrap_err();
            assert!(fault.message.contains(name), "{name}: {}", fault.message);
        }
        assert!(check(&uri, &fields(&[("accept", "a"), ("accept", "b")])).is_ok());
    }

    #[test]
    fn heads_are_bounded() {
        let uri = Uri::from_static("/");
        let many = |count: usize| {
            let names: Vec<String> = (0..count).map(|number| format!("x-{number}")).collect();
            fields(&names.iter().map(|name| (name.as_str(), "1")).collect::<Vec<_>>())
        };
        assert!(check(&uri, &many(HEADER_FIELDS)).is_ok());
        assert_eq!(check(&uri, &many(HEADER_FIELDS + 1)).unwrap_err().status, 431);
        let of_size = |bytes: usize| fields(&[("x-large", "1".repeat(bytes - "x-large".len() - 4).as_str())]);
        assert!(check(&uri, &of_size(HEADER_BYTES)).is_ok());
        assert_eq!(check(&uri, &of_size(HEADER_BYTES + 1)).unwrap_err().status, 431);
        let target = |bytes: usize| Uri::try_from(format!("/{}", "a".repeat(bytes - 1))).unwrap();
        assert!(check(&target(TARGET_BYTES), &fields(&[])).is_ok());
        assert_eq!(check(&target(TARGET_BYTES + 1), &fields(&[])).unwrap_err().status, 414);
    }

    #[test]
    fn ids_are_uuids() {
        let other = "01920000-0000-7000-8000-000000000002";
        let upper = "01920000-0000-7000-8000-00000000000A";
        for (list, expected) in [
            (vec![("webhook-id", ID)], Some((ID, ID))),
            (vec![("webhook-id", ID), ("idempotency-key", ID)], Some((ID, ID))),
            (vec![("webhook-id", upper)], Some((upper, upper))),
            (vec![("webhook-id", ID), ("idempotency-key", other)], Some((ID, other))),
            (vec![("webhook-id", ID), ("idempotency-key", "x")], None),
            (vec![("idempotency-key", ID)], None),
            (vec![("webhook-id", "01920000000070008000000000000001")], None),
            (vec![("webhook-id", "{01920000-0000-7000-8000-000000000001}")], None),
            (vec![("webhook-id", "00000000-0000-0000-0000-000000000000")], None),
            (vec![("webhook-id", "x")], None),
        ] {
            let expected = expected.map(|(call, request)| (uuid(call).unwrap(), uuid(request).unwrap()));
            assert_eq!(call_ids(&fields(&list)).ok(), expected, "{list:?}");
        }
    }

    #[test]
    fn numbers_are_digits() {
        for (value, expected) in [
            ("0", Some(0)),
            ("8000", Some(8_000)),
            ("4294967295", Some(u32::MAX)),
            ("4294967296", None),
            ("+1", None),
            ("-1", None),
            ("1.5", None),
            ("", None),
            (" 1", None),
        ] {
            assert_eq!(budget(&fields(&[(BUDGET_HEADER, value)])).ok().flatten(), expected, "{value:?}");
        }
        for (value, is_read) in [("1764300000", true), ("", false), ("x", false), ("1234567890123", false)] {
            assert_eq!(timestamp(&fields(&[("webhook-timestamp", value)])).is_ok(), is_read, "{value:?}");
        }
    }

    #[test]
    fn bodies_are_json_or_text_in_utf_8() {
        for (value, expected) in [
            ("application/json", Some(ContentType::Json)),
            ("Application/JSON; charset=UTF-8", Some(ContentType::Json)),
            ("application/json;charset=\"utf-8\"", Some(ContentType::Json)),
            ("text/plain;charset=UTF-8", Some(ContentType::Text)),
            ("text/plain; boundary=x", Some(ContentType::Text)),
            ("application/json; charset=latin1", None),
            ("application/json; charset", None),
            ("application/jsonp", None),
            ("application/x-www-form-urlencoded", None),
            ("", None),
        ] {
            assert_eq!(content_type(&fields(&[("content-type", value)])).ok(), expected, "{value:?}");
        }
        assert_eq!(content_type(&fields(&[])).unwrap_err().status, 415);
        for (encoding, is_read) in [("identity", true), ("gzip", false), ("", false)] {
            let fields = fields(&[("content-type", "text/plain"), ("content-encoding", encoding)]);
            assert_eq!(content_type(&fields).is_ok(), is_read, "{encoding:?}");
        }
    }

    #[test]
    fn names_of_requests_can_stand_in_a_log() {
        for (list, expected) in [
            (vec![("x-request-id", "a-B_9.x")], Some("a-B_9.x")),
            (vec![("x-request-id", "a b")], None),
            (vec![("x-request-id", "a\"}")], None),
            (vec![("x-request-id", "")], None),
            (vec![("x-request-id", "a"), ("x-request-id", "b")], None),
            (vec![], None),
        ] {
            assert_eq!(request_id(&fields(&list)), expected, "{list:?}");
        }
        let long = "a".repeat(LONGEST_REQUEST_ID + 1);
        assert_eq!(request_id(&fields(&[("x-request-id", &long)])), None);
    }
}
