//! What minijinja evaluates: expressions that are beyond our own evaluator, in documents that say
//! `"expressions": "full"`. In the tests it is the oracle for ours.

use super::error::{ExpressionError, ExpressionErrorKind};
use super::filters::{Filter, Test};
use super::lexer::{Lexer, TokenKind};
use super::not_an_expression;
use super::path::Path;
use super::scope::Scope;
use super::value::{Misses, Root, to_json};
use super::words::{Word, words};
use crate::json::Json;
use crate::search::find;
use crate::session::Context;
use crate::template::expression::work::Work;
use minijinja::{Environment, Error, ErrorKind, State, UndefinedBehavior, Value};
use std::sync::OnceLock;

/// Instructions that one evaluation may take.
const FUEL: u64 = 20_000;

/// An expression compiled by the engine.
#[derive(Debug)]
pub(in crate::template) struct Formula {
    expression: minijinja::Expression<'static, 'static>,
    /// Whether `*` occurs in it.
    multiplies: bool,
    /// Whether that is all it does with texts: where they are compared or taken apart they must stay texts.
    hides_texts: bool,
    /// The paths that it reads, each as often as it stands there.
    paths: Vec<Path>,
    text: Box<str>,
    /// How many operators, brackets and filters there are; each may go through all that the paths lead to.
    operators: usize,
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
    let failed = |error: ExpressionError| invalid(error.message);
    let filter = Filter::find(name).map_err(failed)?;
    let mut arguments = Vec::new();
    for value in values {
        arguments.push(to_json(value).map_err(invalid)?);
    }
    let (value, arguments) = arguments.split_first().ok_or(ErrorKind::MissingArgument)?;
    filter.check(arguments).map_err(|error| {
        // What is null may only be missing for now.
        let known = !arguments.contains(&Json::Null);
        Error::new(
            if known { ErrorKind::MissingArgument } else { ErrorKind::InvalidOperation },
            error.message,
        )
    })?;
    let misses = Misses::current(state);
    let result = filter.apply(value, arguments, misses.work()).map_err(failed)?;
    Ok(misses.result(&result))
}

fn invalid(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::InvalidOperation, message)
}

/// Whether an engine's value passes one of our tests.
fn tested(name: &str, values: &[Value]) -> Result<bool, Error> {
    let test = Test::find(name).map_err(|error| invalid(error.message))?;
    let [value] = values else {
        return Err(Error::new(ErrorKind::MissingArgument, format!("the test `{name}` takes no arguments")));
    };
    if value.is_undefined() {
        return Ok(test.passes(None));
    }
    let value = to_json(value).map_err(invalid)?;
    Ok(test.passes(Some(&value)))
}

impl Formula {
    /// Compiles an expression that has passed the bounds; the error says what is wrong and what to write instead.
    pub(super) fn compile(text: &str) -> Result<Formula, ExpressionError> {
        let mut paths = Vec::new();
        for word in words(text) {
            match word {
                Word::Filter(name) => _ = Filter::find(name)?,
                Word::Test(name) => _ = Test::find(name)?,
                Word::Path(path) => {
                    let start = path.as_ptr().addr() - text.as_ptr().addr();
                    paths.extend(Path::prefix(text, start).map(|(path, _)| path));
                }
            }
        }
        let mut lexer = Lexer::new(text, 0);
        let tokens = std::iter::from_fn(|| Some(lexer.next()).filter(|token| token.kind != TokenKind::End));
        let operators =
            tokens.filter(|token| matches!(token.kind, TokenKind::Sign | TokenKind::Name)).count();
        let formula = environment().compile_expression_owned(text.to_owned()).map(|expression| {
            let multiplies = text.contains('*');
            let reads_texts = text.contains(['=', '<', '>', '[']) || find(text, " in ").is_some();
            let hides_texts = multiplies && !reads_texts;
            Formula { expression, multiplies, hides_texts, paths, text: text.into(), operators }
        });
        let (context, work) = (Context::default(), Work::default());
        let error = match formula {
            Ok(formula) => match formula.eval(&Scope::new(&context, &work), &Misses::default()) {
                // Unknown names of functions and wrong arguments show only when they are called.
                Err(error) if refused(error.kind()) => error,
                _ => return Ok(formula),
            },
            Err(error) => error,
        };
        Err(not_an_expression(text, &describe(&error)))
    }

    /// The same without what keeps hostile answers from repeating texts and lists, to compare our evaluator with.
    #[cfg(all(test, not(target_arch = "wasm32")))]
    pub(super) fn oracle(text: &str) -> Result<Formula, ExpressionError> {
        Ok(Formula { multiplies: false, hides_texts: false, operators: 0, ..Formula::compile(text)? })
    }

    /// The value for these names, or null; the error says why there cannot be one.
    pub(super) fn evaluate(&self, scope: &Scope<'_>) -> Result<Option<Json>, ExpressionError> {
        if !self.spend(scope) {
            return Ok(None);
        }
        let misses = Misses::of(self.multiplies, self.hides_texts, scope.work());
        match self.eval(scope, &misses) {
            Ok(value) => {
                to_json(&value).map(Some).map_err(|message| ExpressionErrorKind::TooMuch.error(message))
            }
            // `score + 5` while there is no score yet: nothing is wrong, only missing.
            Err(_) if misses.any() || self.misses(scope) => Ok(None),
            Err(error) => Err(ExpressionErrorKind::Value.error(describe(&error))),
        }
    }

    /// The engine counts only its steps, not what is read and made in them, so that is taken before: each operator may read
    /// all that the paths lead to, or make as much.
    fn spend(&self, scope: &Scope<'_>) -> bool {
        let work = scope.work();
        let before = work.left();
        for path in &self.paths {
            if let Some(value) = path.value(&self.text, scope) {
                work.whole(&value);
            }
        }
        work.spend((before - work.left()).saturating_mul(self.operators))
    }

    /// Whether a path leads nowhere. The engine tells us so only of what is in lists and objects.
    fn misses(&self, scope: &Scope<'_>) -> bool {
        self.paths.iter().any(|path| path.misses(&self.text, scope))
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
