//! Filters and tests of templates. Those that the project's templates have, too, mean the same here (`docs/templates.md`).

use super::OUTPUT_BYTES;
use super::output::{Escaping, form};
use super::value::Work;
use cuehook_protocol::timestamp;
use minijinja::value::{Kwargs, ValueKind};
use minijinja::{Environment, Error, ErrorKind, Value};
use std::sync::Arc;

/// All filters.
pub(super) const FILTERS: [&str; 19] = [
    "abs",
    "default",
    "first",
    "float",
    "int",
    "items",
    "join",
    "json",
    "last",
    "length",
    "lower",
    "replace",
    "round",
    "tojson",
    "trim",
    "truncate",
    "unix_ms",
    "upper",
    "urlencode",
];
/// Those that give a number, or fail.
pub(super) const NUMBERS: [&str; 6] = ["abs", "float", "int", "length", "round", "unix_ms"];
/// All tests.
pub(super) const TESTS: [&str; 8] =
    ["boolean", "defined", "list", "none", "number", "object", "string", "undefined"];

/// Most digits after the point that `round` gives.
const MOST_DIGITS: i64 = 15;

/// Gives an engine its filters and tests.
pub(super) fn add(environment: &mut Environment<'_>, escaping: Escaping, work: &Arc<Work>) {
    for name in FILTERS {
        let work = Arc::clone(work);
        environment.add_filter(name, move |values: &[Value]| {
            let (value, arguments) = values.split_first().ok_or(ErrorKind::MissingArgument)?;
            Filter { escaping, work: &work, name, value, arguments }.apply()
        });
    }
    for name in TESTS {
        environment.add_test(name, move |value: &Value| match (name, value.kind()) {
            ("defined", kind) => kind != ValueKind::Undefined,
            ("undefined", kind) => kind == ValueKind::Undefined,
            (name, ValueKind::None) => name == "none",
            (name, ValueKind::Bool) => name == "boolean",
            (name, ValueKind::Number) => name == "number",
            (name, ValueKind::String) => name == "string",
            (name, ValueKind::Seq | ValueKind::Iterable) => name == "list",
            (name, ValueKind::Map) => name == "object",
            _ => false,
        });
    }
}

/// A filter that is applied.
struct Filter<'a> {
    escaping: Escaping,
    work: &'a Work,
    name: &'static str,
    value: &'a Value,
    arguments: &'a [Value],
}

impl Filter<'_> {
    fn apply(&self) -> Result<Value, Error> {
        if self
            .arguments
            .iter()
            .any(|argument| Kwargs::try_from(argument.clone()).is_ok_and(|_| argument.is_kwargs()))
        {
            return Err(invalid("arguments of filters have no names"));
        }
        match self.name {
            "default" => {
                self.takes(0, 2)?;
                let is_empty_too = self.arguments.get(1).is_some_and(Value::is_true);
                let is_missing = self.value.is_undefined() || self.value.is_none();
                Ok(if is_missing || is_empty_too && !self.value.is_true() {
                    self.arguments.first().cloned().unwrap_or_else(|| Value::from(""))
                } else {
                    self.value.clone()
                })
            }
            "json" | "tojson" => {
                self.takes(0, 0)?;
                let mut text = String::new();
                self.work.json(self.value, &mut text)?;
                // Elsewhere it is a text like others, and escaped.
                if self.escaping == Escaping::Json { self.safe(text) } else { self.made(text) }
            }
            "urlencode" => {
                self.takes(0, 0)?;
                let text = self.encoded()?;
                if self.escaping == Escaping::Form { self.safe(text) } else { self.made(text) }
            }
            "upper" => self.changed(|text| text.to_uppercase()),
            "lower" => self.changed(|text| text.to_lowercase()),
            "trim" => self.changed(|text| text.trim().to_owned()),
            "truncate" => {
                self.takes(1, 2)?;
                let length = self.whole(0)?;
                let end = match self.arguments.get(1) {
                    Some(end) => self.text_of(end)?,
                    None => "…".to_owned(),
                };
                self.made(truncated(&self.text()?, length, &end))
            }
            "replace" => {
                self.takes(2, 2)?;
                self.replaced()
            }
            "join" => {
                self.takes(0, 1)?;
                self.joined()
            }
            "length" => {
                self.takes(0, 0)?;
                let length = match self.value.as_str() {
                    Some(text) => {
                        self.work.spend(text.len());
                        text.chars().count()
                    }
                    None if self.value.is_undefined() || self.value.is_none() => 0,
                    None => self.value.len().ok_or_else(|| self.wrong("a text, a list or an object"))?,
                };
                Ok(Value::from(length))
            }
            "first" | "last" => {
                self.takes(0, 0)?;
                self.end()
            }
            "items" => {
                self.takes(0, 0)?;
                self.pairs()
            }
            _ => self.number(),
        }
    }

    /// Filters that give numbers.
    fn number(&self) -> Result<Value, Error> {
        match self.name {
            "unix_ms" => {
                self.takes(0, 0)?;
                let text = self.text()?;
                match timestamp::parse(&text) {
                    #[allow(clippy::cast_possible_truncation)]
                    Some((ms, false)) => Ok(Value::from(ms as i64)),
                    _ => Err(self.wrong("a date and time as in RFC 3339")),
                }
            }
            "int" | "float" => {
                self.takes(0, 1)?;
                let read = self.read(self.value).or_else(|| self.read(self.arguments.first()?));
                let number = read.ok_or_else(|| self.wrong("a number"))?;
                if self.name == "float" {
                    return Ok(Value::from(number));
                }
                // Cut off. Whole numbers stay what they are, however long.
                Ok(match i128::try_from(self.value.clone()) {
                    Ok(whole) if self.value.is_integer() => Value::from(whole),
                    #[allow(clippy::cast_possible_truncation)]
                    _ => Value::from(number.trunc() as i64),
                })
            }
            "round" => {
                self.takes(0, 1)?;
                let number = self.read(self.value).ok_or_else(|| self.wrong("a number"))?;
                let digits = match self.arguments {
                    [] => 0,
                    _ => i64::try_from(self.whole(0)?).unwrap_or(MOST_DIGITS).min(MOST_DIGITS),
                };
                // By its digits, as in Jinja: a half goes to the even neighbour.
                let digits = usize::try_from(digits).unwrap_or_default();
                let rounded: f64 = format!("{number:.digits$}").parse().unwrap_or(number);
                #[allow(clippy::cast_possible_truncation)]
                Ok(if digits == 0 && rounded.abs() < 9e15 {
                    Value::from(rounded as i64)
                } else {
                    Value::from(rounded)
                })
            }
            _ => {
                self.takes(0, 0)?;
                let number = self.read(self.value).ok_or_else(|| self.wrong("a number"))?;
                // Of whole numbers all digits stay.
                Ok(match i128::try_from(self.value.clone()) {
                    Ok(whole) if self.value.is_integer() => Value::from(whole.saturating_abs()),
                    _ => Value::from(number.abs()),
                })
            }
        }
    }

    /// A number, or the number that a text is.
    fn read(&self, value: &Value) -> Option<f64> {
        let number = match value.as_str() {
            Some(text) if text.len() <= 100 => cuehook_json::parse_number(text.trim()),
            Some(_) => None,
            None if value.is_number() => {
                f64::try_from(value.clone()).ok().or_else(|| value.to_string().parse().ok())
            }
            None => None,
        };
        number.filter(|number| number.is_finite())
    }

    /// Whether there are as many arguments.
    fn takes(&self, least: usize, most: usize) -> Result<(), Error> {
        match self.arguments.len() {
            count if count < least => Err(ErrorKind::MissingArgument.into()),
            count if count > most => {
                Err(invalid(format!("the filter `{}` takes {most} arguments at most", self.name)))
            }
            _ => Ok(()),
        }
    }

    fn wrong(&self, wanted: &str) -> Error {
        let found = match self.value.kind() {
            ValueKind::Undefined => "nothing".to_owned(),
            ValueKind::Seq | ValueKind::Iterable => "a list".to_owned(),
            ValueKind::Map => "an object".to_owned(),
            ValueKind::String => "a text".to_owned(),
            kind => kind.to_string(),
        };
        invalid(format!("the filter `{}` needs {wanted}; this is {found}", self.name))
    }

    /// An argument that is a whole number, and not negative.
    fn whole(&self, place: usize) -> Result<usize, Error> {
        let argument = self.arguments.get(place).cloned().unwrap_or_default();
        usize::try_from(argument)
            .map_err(|_| invalid(format!("the filter `{}` needs a whole number", self.name)))
    }

    fn text(&self) -> Result<String, Error> {
        self.text_of(self.value)
    }

    fn text_of(&self, value: &Value) -> Result<String, Error> {
        let mut text = String::new();
        self.work.text(value, &mut text)?;
        self.work.spend(text.len());
        Ok(text)
    }

    fn changed(&self, change: impl FnOnce(&str) -> String) -> Result<Value, Error> {
        self.takes(0, 0)?;
        self.made(change(&self.text()?))
    }

    /// A text that was made. Longer ones than can be written are none: each comparison would go through them.
    fn made(&self, text: String) -> Result<Value, Error> {
        self.counted(&text)?;
        Ok(Value::from(text))
    }

    /// The same, of what is escaped already.
    fn safe(&self, text: String) -> Result<Value, Error> {
        self.counted(&text)?;
        Ok(Value::from_safe_string(text))
    }

    fn counted(&self, text: &str) -> Result<(), Error> {
        if text.len() > OUTPUT_BYTES {
            return Err(invalid(format!("the filter `{}` makes more than {OUTPUT_BYTES} bytes", self.name)));
        }
        if self.work.spend(text.len()) { Ok(()) } else { Err(ErrorKind::OutOfFuel.into()) }
    }

    fn replaced(&self) -> Result<Value, Error> {
        let text = self.text()?;
        let [from, to] = [0, 1].map(|place| self.arguments.get(place).cloned().unwrap_or_default());
        let (from, to) = (self.text_of(&from)?, self.text_of(&to)?);
        if from.is_empty() {
            return Err(invalid("the filter `replace` needs something to replace"));
        }
        let length = text.matches(&from).count().saturating_mul(to.len()).saturating_add(text.len());
        if length > OUTPUT_BYTES.saturating_add(text.len()) {
            return Err(invalid(format!("the filter `replace` makes more than {OUTPUT_BYTES} bytes")));
        }
        self.made(text.replace(&from, &to))
    }

    fn joined(&self) -> Result<Value, Error> {
        let separator = match self.arguments.first() {
            Some(separator) => self.text_of(separator)?,
            None => String::new(),
        };
        let mut text = String::new();
        for (place, item) in self.list()?.enumerate() {
            if place > 0 {
                text.push_str(&separator);
            }
            let before = text.len();
            self.work.text(&item, &mut text)?;
            if text.len() > OUTPUT_BYTES {
                break;
            }
            self.work.spend(text.len() - before + separator.len());
        }
        self.made(text)
    }

    /// The items of a list; none of what is missing.
    fn list(&self) -> Result<minijinja::value::ValueIter, Error> {
        match self.value.kind() {
            ValueKind::Seq | ValueKind::Iterable | ValueKind::Undefined => self.value.try_iter(),
            ValueKind::None => Value::UNDEFINED.try_iter(),
            _ => Err(self.wrong("a list")),
        }
    }

    fn end(&self) -> Result<Value, Error> {
        if let Some(text) = self.value.as_str() {
            let sign = if self.name == "first" { text.chars().next() } else { text.chars().next_back() };
            return Ok(sign.map(Value::from).unwrap_or_default());
        }
        let mut list = self.list()?;
        match (self.name, self.value.len()) {
            ("first", _) => Ok(list.next().unwrap_or_default()),
            (_, Some(length @ 1..)) => self.value.get_item(&Value::from(length - 1)),
            _ => Ok(list.last().unwrap_or_default()),
        }
    }

    /// Keys and values of an object, as lists of two.
    fn pairs(&self) -> Result<Value, Error> {
        match self.value.kind() {
            ValueKind::Undefined | ValueKind::None => Ok(Value::from(Vec::<Value>::new())),
            ValueKind::Map => {
                let mut pairs = Vec::new();
                for key in self.value.try_iter()? {
                    if self.work.is_spent() {
                        return Err(ErrorKind::OutOfFuel.into());
                    }
                    let value = self.value.get_item(&key)?;
                    pairs.push(Value::from(vec![key, value]));
                }
                Ok(Value::from(pairs))
            }
            _ => Err(self.wrong("an object")),
        }
    }

    /// A text percent-encoded; an object as the fields of a form.
    fn encoded(&self) -> Result<String, Error> {
        let mut out = String::new();
        if self.value.kind() != ValueKind::Map {
            percent(&self.text()?, &mut out);
            return Ok(out);
        }
        for key in self.value.try_iter()? {
            let value = self.value.get_item(&key)?;
            if value.is_undefined() || value.is_none() {
                continue;
            }
            if !out.is_empty() {
                out.push('&');
            }
            form(&self.text_of(&key)?, &mut out);
            out.push('=');
            form(&self.text_of(&value)?, &mut out);
            if out.len() > OUTPUT_BYTES {
                break;
            }
        }
        Ok(out)
    }
}

fn invalid(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::InvalidOperation, message)
}

/// Letters, digits and `-._~/` as they are, all else as `%XX`.
fn percent(text: &str, out: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.extend(
                [byte >> 4, byte & 15]
                    .map(|digit| char::from_digit(u32::from(digit), 16).unwrap_or('0').to_ascii_uppercase()),
            );
        }
    }
}

/// At most so many characters, `end` among them; whole words, if there are several.
fn truncated(text: &str, length: usize, end: &str) -> String {
    if text.chars().count() <= length {
        return text.to_owned();
    }
    let kept = length.saturating_sub(end.chars().count());
    let cut: String = text.chars().take(kept).collect();
    let is_between_words = text.chars().nth(kept).is_some_and(char::is_whitespace);
    let whole = match cut.rfind(char::is_whitespace) {
        Some(blank) if !is_between_words => cut.get(..blank).unwrap_or(&cut),
        _ => &cut,
    };
    let end: String = end.chars().take(length).collect();
    [whole.trim_end(), &end].concat()
}
