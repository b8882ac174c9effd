//! Filters (`name|upper`) and tests (`name is defined`): one table each, for our evaluator and for minijinja.
//!
//! A filter takes a value and literal or computed arguments, and gives a value. Arguments are checked here, against the
//! table, so a filter can rely on their kinds. Null is a missing value: it comes out as it went in, except of `default`.

mod case;
mod number;
mod shown;
mod text;
mod values;

use crate::json::{Json, parse_number};
use crate::protocol::nearest;
use crate::template::expression::error::{ExpressionError, ExpressionErrorKind};
use crate::template::expression::work::{MAX_BYTES, STEP, Work, used_up};
use std::borrow::Cow;

/// What went wrong inside a filter. In a box, so that handing it on is handing on a pointer.
struct Fault(Box<FaultKind>);

enum FaultKind {
    /// The value is of another kind than this one: `a text`.
    Wants(&'static str),
    /// Anything else, in words that follow the filter's name.
    Says(String),
}

impl Fault {
    #[cold]
    #[inline(never)]
    fn wants(kind: &'static str) -> Self {
        Self(Box::new(FaultKind::Wants(kind)))
    }

    #[cold]
    #[inline(never)]
    fn says(message: &[&str]) -> Self {
        Self(Box::new(FaultKind::Says(message.concat())))
    }
}

/// What a filter does with a value that is not null, and checked arguments.
#[derive(Clone, Copy)]
enum Run {
    /// Something with any value.
    Value(fn(&Json, &[Json], &Work) -> Result<Json, Fault>),
    /// A text from a text, or from a number or boolean as text.
    Text(fn(&str, &[Json], &Work) -> Result<String, Fault>),
}
use Run::{Text, Value};

/// The kind of an argument.
#[derive(Clone, Copy)]
enum ArgumentKind {
    Text,
    Number,
    Boolean,
    TextOrNumber,
    Any,
}

/// A filter.
pub(in crate::template) struct Filter {
    name: &'static str,
    run: Run,
    /// How many arguments there must be.
    required: usize,
    /// The kinds of all that there may be.
    parameters: &'static [ArgumentKind],
    /// What one writes, for error messages.
    example: &'static str,
}

/// Names from elsewhere, and what to write here.
const FOREIGN: [(&str, &str); 7] = [
    ("escape", PLAIN),
    ("e", PLAIN),
    ("safe", PLAIN),
    ("tojson", "write `json`"),
    ("count", "write `length`"),
    ("capitalize", "write `title`"),
    ("d", "write `default`"),
];
const PLAIN: &str = "values are never markup here, so nothing needs escaping: leave it out";

const fn filter(
    name: &'static str,
    run: Run,
    required: usize,
    parameters: &'static [ArgumentKind],
    example: &'static str,
) -> Filter {
    Filter { name, run, required, parameters, example }
}

/// All filters, by name.
static FILTERS: &[Filter] = &[
    filter("abs", Value(number::abs), 0, &[], "change|abs"),
    filter(
        "currency",
        Value(shown::currency),
        1,
        &[ArgumentKind::Text, ArgumentKind::Text],
        "price|currency('EUR')",
    ),
    filter("date", Value(shown::date), 0, &[ArgumentKind::Text, ArgumentKind::Text], "until|date('long')"),
    filter(
        "default",
        Value(values::default),
        1,
        &[ArgumentKind::Any, ArgumentKind::Boolean],
        "name|default('guest')",
    ),
    filter("first", Value(values::first), 0, &[], "tags|first"),
    filter("float", Value(number::float), 0, &[ArgumentKind::Any], "score|float"),
    filter("int", Value(number::int), 0, &[ArgumentKind::Any], "score|int"),
    filter("join", Value(values::join), 0, &[ArgumentKind::Text], "tags|join(', ')"),
    filter("json", Value(values::json), 0, &[], "user|json"),
    filter("last", Value(values::last), 0, &[], "tags|last"),
    filter("length", Value(values::length), 0, &[], "tags|length"),
    filter("lower", Text(case::lower), 0, &[], "code|lower"),
    filter("max", Value(values::max), 0, &[], "prices|max"),
    filter("min", Value(values::min), 0, &[], "prices|min"),
    filter(
        "number",
        Value(shown::number),
        0,
        &[ArgumentKind::TextOrNumber, ArgumentKind::Text],
        "price|number(2)",
    ),
    filter(
        "replace",
        Text(text::replace),
        2,
        &[ArgumentKind::Text, ArgumentKind::Text],
        "code|replace('-', ' ')",
    ),
    filter("round", Value(number::round), 0, &[ArgumentKind::Number], "price|round(2)"),
    filter("title", Text(case::title), 0, &[], "name|title"),
    filter("trim", Text(text::trim), 0, &[], "name|trim"),
    filter(
        "truncate",
        Text(text::truncate),
        1,
        &[ArgumentKind::Number, ArgumentKind::Text],
        "story|truncate(80)",
    ),
    filter("upper", Text(case::upper), 0, &[], "code|upper"),
    filter("urlencode", Text(text::urlencode), 0, &[], "name|urlencode"),
];

impl Filter {
    /// The filter of this name; the error says what to write instead.
    pub(in crate::template) fn find(name: &str) -> Result<&'static Filter, ExpressionError> {
        if let Some(filter) = FILTERS.iter().find(|filter| filter.name == name) {
            return Ok(filter);
        }
        let hint = FOREIGN.iter().find(|(foreign, _)| *foreign == name).map(|(_, hint)| *hint);
        let names: Vec<&str> = FILTERS.iter().map(|filter| filter.name).collect();
        Err(unknown("filter", name, hint, &names))
    }

    /// All names.
    #[cfg(any(not(target_arch = "wasm32"), feature = "full"))]
    pub(in crate::template) fn names() -> impl Iterator<Item = &'static str> {
        FILTERS.iter().map(|filter| filter.name)
    }

    /// Checks number and kinds of arguments.
    pub(in crate::template) fn check(&self, arguments: &[Json]) -> Result<(), ExpressionError> {
        let fits = |(argument, kind): (&Json, &ArgumentKind)| match kind {
            ArgumentKind::Any => true,
            ArgumentKind::Text => argument.as_str().is_some(),
            ArgumentKind::Number => argument.as_f64().is_some(),
            ArgumentKind::TextOrNumber => argument.as_str().is_some() || argument.as_f64().is_some(),
            ArgumentKind::Boolean => matches!(argument, Json::Bool(_)),
        };
        self.check_count(arguments.len())?;
        if arguments.iter().zip(self.parameters).all(fits) { Ok(()) } else { Err(self.refused()) }
    }

    /// Checks the number of arguments.
    pub(in crate::template) fn check_count(&self, count: usize) -> Result<(), ExpressionError> {
        let counted = (self.required..=self.parameters.len()).contains(&count);
        if counted { Ok(()) } else { Err(self.refused()) }
    }

    fn refused(&self) -> ExpressionError {
        self.error(ExpressionErrorKind::Arguments, "cannot take these arguments")
    }

    /// The value that the filter makes; null if there is none. The arguments are checked.
    pub(in crate::template) fn apply(
        &self,
        value: &Json,
        arguments: &[Json],
        work: &Work,
    ) -> Result<Json, ExpressionError> {
        if matches!(value, Json::Null) && self.name != "default" {
            return Ok(Json::Null);
        }
        // What it reads; what it makes it takes itself.
        for read in arguments.iter().chain(std::iter::once(value)) {
            work.spend(STEP + read.as_str().map_or(0, str::len));
        }
        let value = work.read(value);
        if work.is_used_up() {
            return Err(used_up());
        }
        let result = match self.run {
            Value(run) => run(value, arguments, work),
            Text(run) => text_of(value, work)
                .and_then(|text| run(&text, arguments, work))
                .map(|text| text.as_str().into()),
        };
        result.map_err(|Fault(kind)| match *kind {
            FaultKind::Wants(wanted) => {
                self.error(ExpressionErrorKind::Value, &["needs ", wanted, ", not ", value.kind()].concat())
            }
            FaultKind::Says(message) => self.error(ExpressionErrorKind::Value, &message),
        })
    }

    fn error(&self, kind: ExpressionErrorKind, message: &str) -> ExpressionError {
        kind.error(["`", self.name, "` ", message, "; write it as in `", self.example, "`"].concat())
    }
}

/// A test.
#[derive(Clone, Copy, Debug)]
pub(in crate::template) struct Test {
    run: fn(Option<&Json>) -> bool,
}

/// All tests, by name.
static TESTS: &[(&str, Test)] = &[
    ("boolean", Test { run: |value| matches!(value, Some(Json::Bool(_))) }),
    ("defined", Test { run: |value| value.is_some() }),
    ("even", Test { run: |value| number::remainder(value) == Some(0) }),
    ("none", Test { run: |value| value == Some(&Json::Null) }),
    ("number", Test { run: |value| value.and_then(Json::as_f64).is_some() }),
    ("odd", Test { run: |value| number::remainder(value) == Some(1) }),
    ("string", Test { run: |value| matches!(value, Some(Json::String(_))) }),
    ("undefined", Test { run: |value| value.is_none() }),
];

impl Test {
    /// The test of this name; the error says what to write instead.
    pub(in crate::template) fn find(name: &str) -> Result<Test, ExpressionError> {
        if let Some((_, test)) = TESTS.iter().find(|(known, _)| *known == name) {
            return Ok(*test);
        }
        let hint = (name == "null").then_some("write `none`");
        let names: Vec<&str> = TESTS.iter().map(|(name, _)| *name).collect();
        Err(unknown("test", name, hint, &names))
    }

    /// All names.
    #[cfg(any(not(target_arch = "wasm32"), feature = "full"))]
    pub(in crate::template) fn names() -> impl Iterator<Item = &'static str> {
        TESTS.iter().map(|(name, _)| *name)
    }

    /// Whether the value, if there is one, passes.
    pub(in crate::template) fn passes(self, value: Option<&Json>) -> bool {
        (self.run)(value)
    }
}

impl std::fmt::Debug for Filter {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.name)
    }
}

fn unknown(what: &str, name: &str, hint: Option<&str>, names: &[&str]) -> ExpressionError {
    let mut message = ["there is no ", what, " `", name, "`"].concat();
    match (hint, nearest(name, names)) {
        (Some(hint), _) => message.extend(["; ", hint]),
        (None, Some(near)) => message.extend(["; did you mean `", near, "`?"]),
        (None, None) => message.extend(["; there are ", &names.join(", ")]),
    }
    ExpressionErrorKind::Unknown.error(message)
}

/// The value as text, unless it is a list or an object.
fn text_of<'v>(value: &'v Json, work: &Work) -> Result<Cow<'v, str>, Fault> {
    match work.read(value) {
        Json::String(text) => Ok(Cow::Borrowed(text)),
        Json::Bool(_) | Json::Integer(_) | Json::Float(_) => {
            work.whole(value);
            Ok(Cow::Owned(value.to_text()))
        }
        _ => Err(Fault::wants("a text")),
    }
}

/// The value as number, if it is one or a text that says one.
fn number_of(value: &Json, work: &Work) -> Result<f64, Fault> {
    let number = match value {
        Json::String(text) => {
            let text = text.trim();
            work.spend(DIGIT * text.len());
            parse_number(text).filter(|number| number.is_finite())
        }
        _ => value.as_f64(),
    };
    number.ok_or_else(|| Fault::wants("a number"))
}

/// What reading a digit of a number costs.
const DIGIT: usize = 24;

/// A result of a length that is allowed.
fn bounded(length: usize) -> Result<(), Fault> {
    if length <= MAX_BYTES { Ok(()) } else { Err(Fault::says(&["makes more than 256 KiB of text"])) }
}

/// Takes what writing a value costs.
fn written(value: &Json, work: &Work) -> Result<(), Fault> {
    if work.whole(value) { Ok(()) } else { Err(Fault::says(&[])) }
}

/// Takes what a text of this length costs that is to be made.
fn make(length: usize, work: &Work) -> Result<(), Fault> {
    // What the fault says is not shown: the expression says that the work is used up.
    if work.spend(length) { Ok(()) } else { Err(Fault::says(&[])) }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;
