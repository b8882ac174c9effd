//! Bodies of requests, read as what they have to be.

use crate::config::FaultCode;
use crate::config::rules::RuleFault;
use crate::http::bounds::{BODY_DEPTH, MANAGE_BYTES};
use crate::http::fault::Fault;
use crate::http::fields::{self, ContentType};
use crate::http::{Shared, body};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize as _, Deserializer};
use serde_json::{Number, Value};

/// Whole numbers up to this one can be told apart by all who read JSON.
const SAFE: f64 = 9_007_199_254_740_991.0;

/// What a body has to be: an object.
pub(super) trait Body: DeserializeOwned {
    /// Where in it there are objects, each by its path; `*` stands for every entry of a list or an object. What is read as a record
    /// would take a list, too, by the order of its fields: nobody means that.
    const OBJECTS: &'static [&'static [&'static str]] = &[];
}

/// What is asked, not read yet.
pub(super) struct Sent {
    pub(super) head: Parts,
    pub(super) body: axum::body::Body,
}

impl Sent {
    /// The body as JSON.
    pub(super) async fn json(self, shared: &Shared) -> Result<Value, Fault> {
        let kind = fields::content_type(&self.head.headers)?;
        if kind != ContentType::Json {
            return Err(Fault::bad("the header field `content-type` has to be `application/json`")
                .with_status(StatusCode::UNSUPPORTED_MEDIA_TYPE));
        }
        let (bytes, room) = body::read(shared, self.body, MANAGE_BYTES).await?.into_parts();
        cuehook_json::check(&bytes, BODY_DEPTH).map_err(|error| Fault::bad(error.to_string()))?;
        let value = serde_json::from_slice(&bytes).map_err(|_| Fault::bad("the body is not JSON"));
        drop(room);
        value
    }

    /// The body as what it has to be.
    pub(super) async fn read<T: Body>(self, shared: &Shared) -> Result<T, Fault> {
        read_value(self.json(shared).await?)
    }

    /// The body as what it has to be; as if it were `{}` where there is none.
    pub(super) async fn read_if_any<T: Body>(self, shared: &Shared) -> Result<T, Fault> {
        use axum::body::HttpBody as _;
        if self.body.is_end_stream() {
            return read_value(serde_json::json!({}));
        }
        self.read(shared).await
    }
}

/// Reads JSON as what it has to be. What is said of what is wrong repeats nothing of it but names: it may be secret.
pub(super) fn read_value<T: Body>(value: Value) -> Result<T, Fault> {
    for path in [&[][..]].iter().chain(T::OBJECTS) {
        let mut listed = Vec::new();
        lists(&value, path, String::new(), &mut listed);
        if let Some(path) = listed.pop() {
            return Err(wrong(path, FaultCode::WrongType, "this has to be an object"));
        }
    }
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        let path = if path == "." { String::new() } else { path };
        let text = error.inner().to_string();
        let (code, message) = if let Some((_, expected)) = text.rsplit_once(", expected ")
            && text.starts_with("invalid ")
        {
            // Rust's names of numbers say nothing to others.
            let expected = match expected {
                "u8" | "u32" | "u64" | "i64" => "a whole number that is not negative, and not too large",
                expected => expected,
            };
            (FaultCode::WrongType, format!("this has to be {expected}"))
        } else if text.starts_with("unknown field") {
            (FaultCode::UnknownKey, text)
        } else if text.starts_with("missing field") {
            (FaultCode::MissingKey, text)
        } else if let Some((_, known)) = text.split_once(", expected ") {
            (FaultCode::WrongValue, format!("write {known}"))
        } else {
            (FaultCode::WrongValue, text)
        };
        wrong(path, code, message)
    })
}

/// Something in a body means nothing.
pub(super) fn wrong(path: impl Into<String>, code: FaultCode, message: impl Into<String>) -> Fault {
    let fault = RuleFault { path: path.into(), code, message: message.into() };
    Fault::invalid(vec![fault]).unwrap_or_else(|| Fault::bad("something in the body means nothing"))
}

/// Where there are lists on a path.
fn lists(value: &Value, path: &[&str], at: String, found: &mut Vec<String>) {
    let Some((first, rest)) = path.split_first() else {
        if value.is_array() {
            found.push(at);
        }
        return;
    };
    match value {
        Value::Array(items) if *first == "*" => {
            for (index, item) in items.iter().enumerate() {
                lists(item, rest, format!("{at}[{index}]"), found);
            }
        }
        Value::Object(members) => {
            for (name, member) in members.iter().filter(|(name, _)| *first == "*" || name == first) {
                let dot = if at.is_empty() { "" } else { "." };
                lists(member, rest, format!("{at}{dot}{name}"), found);
            }
        }
        _ => {}
    }
}

/// A whole number, if there is one; also as `7.0`, which to JSON is the same.
pub(super) fn whole<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: TryFrom<u64>,
{
    const FORM: &str = "this has to be a whole number that is not negative, and not too large";
    let Some(number) = Option::<Number>::deserialize(deserializer)? else { return Ok(None) };
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let fraction = || {
        let number = number.as_f64()?;
        (number.fract() == 0.0 && (0.0..=SAFE).contains(&number)).then_some(number as u64)
    };
    let number = number.as_u64().or_else(fraction).and_then(|number| T::try_from(number).ok());
    number.map(Some).ok_or_else(|| D::Error::custom(FORM))
}
