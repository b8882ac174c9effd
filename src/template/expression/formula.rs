//! Expressions that are more than a path: computed by minijinja.

use super::Outcome;
use super::filters::{Filter, Test};
use super::scope::Scope;
use super::value::{Misses, Root, to_json};
use super::words::{Word, words};
use crate::json::Json;
use crate::search::find;
use crate::session::Context;
use minijinja::{Environment, Error, ErrorKind, State, UndefinedBehavior, Value};
use std::sync::OnceLock;

/// Longer expressions are refused: the engine's parser and compiler are recursive.
const MAX_LENGTH: usize = 1_000;
/// Minus signs in a row, for the same reason.
const MAX_SIGNS: usize = 4;
/// Brackets inside brackets, for the same reason.
const MAX_DEPTH: usize = 16;
/// Instructions that one evaluation may take.
const FUEL: u64 = 20_000;

/// What people write from other languages, and what it is called here.
const HINTS: [(&str, &str); 10] = [
    ("===", "compare with `==`"),
    ("!==", "compare with `!=`"),
    ("&&", "write `and`"),
    ("||", "write `or`"),
    ("??", "put a default after `!`, as in `${name!default}`"),
    ("?", "write `a if condition else b`"),
    ("&lt;", "write `<`: inside a placeholder there are no character references"),
    ("&gt;", "write `>`: inside a placeholder there are no character references"),
    ("&quot;", "write `\"` or `'`: inside a placeholder there are no character references"),
    ("&amp;", "write `and`; inside a placeholder there are no character references"),
];

/// An expression compiled by the engine.
#[derive(Debug)]
pub(in crate::template) struct Formula {
    expression: minijinja::Expression<'static, 'static>,
    /// Whether `*` occurs in it.
    multiplies: bool,
    /// Whether that is all it does with texts: where they are compared or taken apart they must stay texts.
    hides_texts: bool,
}

fn environment() -> &'static Environment<'static> {
    static ENVIRONMENT: OnceLock<Environment<'static>> = OnceLock::new();
    ENVIRONMENT.get_or_init(|| {
        let mut environment = Environment::empty();
        environment.set_fuel(Some(FUEL));
        environment.set_undefined_behavior(UndefinedBehavior::Chainable);
        for name in Filter::names() {
            environment.add_filter(name, move |state: &State<'_, '_>, values: &[Value]| {
                filtered(name, state, values)
            });
        }
        for name in Test::names() {
            environment.add_test(name, move |values: &[Value]| tested(name, values));
        }
        environment
    })
}

/// What one of our filters makes of an engine's value.
fn filtered(name: &str, state: &State<'_, '_>, values: &[Value]) -> Result<Value, Error> {
    let failed = |message: String| Error::new(ErrorKind::InvalidOperation, message);
    let filter = Filter::find(name).map_err(failed)?;
    let mut arguments = Vec::new();
    for value in values {
        arguments.push(to_json(value).map_err(|message| failed(message.to_owned()))?);
    }
    let (value, arguments) = arguments.split_first().ok_or(ErrorKind::MissingArgument)?;
    filter.check(arguments).map_err(|message| {
        // What is null may only be missing for now.
        let known = !arguments.contains(&Json::Null);
        Error::new(if known { ErrorKind::MissingArgument } else { ErrorKind::InvalidOperation }, message)
    })?;
    let result = filter.apply(value, arguments).map_err(failed)?;
    Ok(Misses::current(state).result(&result))
}

/// Whether an engine's value passes one of our tests.
fn tested(name: &str, values: &[Value]) -> Result<bool, Error> {
    let failed = |message: String| Error::new(ErrorKind::InvalidOperation, message);
    let test = Test::find(name).map_err(failed)?;
    let [value] = values else {
        return Err(Error::new(ErrorKind::MissingArgument, format!("the test `{name}` takes no arguments")));
    };
    if value.is_undefined() {
        return Ok(test.passes(None));
    }
    let value = to_json(value).map_err(|message| failed(message.to_owned()))?;
    Ok(test.passes(Some(&value)))
}

impl Formula {
    /// Compiles an expression; the error says what is wrong and what to write instead.
    pub(in crate::template) fn compile(text: &str) -> Result<Formula, String> {
        check(text)?;
        for word in words(text) {
            match word {
                Word::Filter(name) => _ = Filter::find(name)?,
                Word::Test(name) => _ = Test::find(name)?,
                Word::Path(_) => {}
            }
        }
        let formula = environment().compile_expression_owned(text.to_owned()).map(|expression| {
            let multiplies = text.contains('*');
            let reads_texts = text.contains(['=', '<', '>', '[']) || find(text, " in ").is_some();
            Formula { expression, multiplies, hides_texts: multiplies && !reads_texts }
        });
        let error = match formula {
            Ok(formula) => match formula.eval(&Scope::new(&Context::default()), &Misses::default()) {
                // Unknown names of functions and wrong arguments show only when they are called.
                Err(error) if refused(error.kind()) => error,
                _ => return Ok(formula),
            },
            Err(error) => error,
        };
        let mut message = format!("`{text}` is not an expression: {}", describe(&error));
        if let Some((_, hint)) = HINTS.iter().find(|(sign, _)| find(text, sign).is_some()) {
            message.push_str("; ");
            message.push_str(hint);
        }
        Err(message)
    }

    /// The value for these names; the error says why there cannot be one.
    pub(in crate::template) fn evaluate(&self, scope: &Scope<'_>) -> Result<Outcome, String> {
        let misses = Misses::of(self.multiplies, self.hides_texts);
        match self.eval(scope, &misses) {
            Ok(value) => match to_json(&value)? {
                Json::Null => Ok(Outcome::Missing { near_miss: None }),
                value => Ok(Outcome::Value(value)),
            },
            // `score + 5` while there is no score yet: nothing is wrong, only missing.
            Err(_) if misses.any() => Ok(Outcome::Missing { near_miss: None }),
            Err(error) => Err(describe(&error)),
        }
    }

    fn eval(&self, scope: &Scope<'_>, misses: &Misses) -> Result<minijinja::Value, Error> {
        self.expression.eval(Root::value(scope, misses))
    }
}

/// Whether an expression fails like this whatever the values are.
fn refused(kind: ErrorKind) -> bool {
    unknown(kind) || matches!(kind, ErrorKind::MissingArgument | ErrorKind::TooManyArguments)
}

fn unknown(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::UnknownFunction | ErrorKind::UnknownMethod)
}

fn describe(error: &Error) -> String {
    match (error.kind(), error.detail()) {
        (ErrorKind::OutOfFuel, _) => "it takes too many steps".to_owned(),
        // The engine's own: our filters take any number, and count themselves.
        (ErrorKind::TooManyArguments, _) => "arguments have no names here: write `round(2)`".to_owned(),
        (ErrorKind::InvalidOperation, None) => "this cannot be computed with these values".to_owned(),
        (kind, None) => kind.to_string(),
        (kind, Some(detail)) if unknown(kind) => {
            format!("{detail}; functions and methods are not available; filters are, as in `name|upper`")
        }
        (_, Some(detail)) => detail.to_owned(),
    }
}

/// Refuses what would cost the engine too much, or what it does not handle well.
fn check(text: &str) -> Result<(), String> {
    if text.len() > MAX_LENGTH {
        return Err(
            "this expression is longer than 1,000 characters; let the webhook compute the value".to_owned()
        );
    }
    // For each open bracket, how many colons it holds; braces may hold any number.
    let mut brackets: Vec<Option<usize>> = Vec::new();
    let mut quote = None;
    let mut escaped = false;
    let mut signs = 0;
    for byte in text.bytes() {
        signs = match byte {
            b'-' => signs + 1,
            _ if byte.is_ascii_whitespace() => signs,
            _ => 0,
        };
        match (quote, byte) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), b'\\') => escaped = true,
            (Some(open), _) if open == byte => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'(' | b'[' | b'{') => brackets.push((byte != b'{').then_some(0)),
            (None, b')' | b']' | b'}') => {
                brackets.pop();
            }
            (None, b':') => {
                if let Some(Some(colons)) = brackets.last_mut() {
                    *colons += 1;
                    if *colons > 1 {
                        return Err("a part of a list is written `[from:to]`, without a step".to_owned());
                    }
                }
            }
            _ => {}
        }
        if quote.is_none() && signs > MAX_SIGNS {
            return Err("there are too many minus signs in a row".to_owned());
        }
        if brackets.len() > MAX_DEPTH {
            return Err("the brackets of this expression are nested too deep".to_owned());
        }
    }
    Ok(())
}
