//! Placeholders: `${expr}`, `${expr!default}`, `$<expr!default>`, `{{ expr!default }}`, and what looks like them.

use super::control::{self, Tag};
use super::source::{Source, error_at};
use crate::diagnostic::explain;
use crate::json::Json;
use crate::template::expression::compare::{is_nothing, truthy};
use crate::template::expression::lexer::{Lexer, TokenKind};
use crate::template::expression::scope::Scope;
use crate::template::expression::{Expression, Outcome};
use crate::template::missing::note_missing;
use crate::template::{Missing, TemplateError};

const FIRST_ANGLE: &str = "`$<…>` ends at the first `>`, so write comparisons in `${…}`";

/// An expression in a template, with the text that stands for a missing value.
#[derive(Debug)]
pub(in crate::template) struct Placeholder {
    /// Byte offset of the expression in the template's source.
    pub(in crate::template) at: usize,
    expression: Expression,
    pub(in crate::template) default: Option<Box<str>>,
}

/// What a `$` or `{` in a template begins.
#[derive(Debug)]
pub(in crate::template) enum Special {
    /// Characters that stand for others: `$${`.
    Literal(&'static str),
    /// A placeholder.
    Placeholder(Placeholder),
    /// `{# … #}`
    Comment,
    /// `{% … %}`
    Control(Tag),
}

/// Where a template stands, which decides what `$<` is.
#[derive(Clone, Copy, Debug)]
pub(in crate::template) enum Place {
    /// Text without markup, or an attribute's value: `$<` always begins a placeholder.
    Text,
    /// Between tags: `$<b>` is a dollar sign and a tag. Says whether a dollar sign may stand before a tag of this name,
    /// in lower case.
    Markup(fn(&str) -> bool),
}

/// Reads what begins here, if it is more than the character `$` or `{`.
pub(in crate::template) fn special(
    source: &mut Source<'_>,
    place: Place,
) -> Result<Option<Special>, TemplateError> {
    let start = source.at();
    if source.take("$${") {
        return Ok(Some(Special::Literal("${")));
    }
    if source.take("{#") {
        return match source.take_until("#}") {
            Some(_) => Ok(Some(Special::Comment)),
            None => Err(source.error(start, "this comment is not closed: `#}` is missing")),
        };
    }
    if source.looking_at("{%") {
        return control::tag(source).map(|tag| Some(Special::Control(tag)));
    }
    let close = match (source.rest().as_bytes(), place) {
        ([b'$', b'{', ..], _) => "}",
        ([b'{', b'{', ..], _) => "}}",
        ([b'$', b'<', ..], Place::Markup(is_tag)) if dollar_before_tag(source, is_tag) => return Ok(None),
        ([b'$', b'<', ..], _) => ">",
        _ => return Ok(None),
    };
    placeholder(source, close).map(|placeholder| Some(Special::Placeholder(placeholder)))
}

/// Whether the `$<` here is a dollar sign before a tag: `$<b>5</b>`. A placeholder in this form has a default.
fn dollar_before_tag(source: &Source<'_>, is_tag: fn(&str) -> bool) -> bool {
    let after = source.rest().get(2..).unwrap_or_default();
    let length = after.bytes().take_while(u8::is_ascii_alphanumeric).count();
    let name = after.get(..length).unwrap_or_default().to_ascii_lowercase();
    if after.starts_with(['/', '!']) {
        return true;
    }
    if !is_tag(&name) {
        return false;
    }
    // No expression is longer, and looking for its end at each tag may not take long.
    let end = after.char_indices().nth(1_000).map_or(after.len(), |(at, _)| at);
    let Ok(mut rest) = Source::new(after.get(..end).unwrap_or_default(), source.expressions()) else {
        return true;
    };
    !matches!(expression_end(&mut rest, ">"), Ok(End::Default))
}

/// Reads the placeholder that begins here and ends with `close`.
fn placeholder(source: &mut Source<'_>, close: &str) -> Result<Placeholder, TemplateError> {
    let start = source.at();
    source.go_to(start + 2);
    let inner = source.at();
    let end = expression_end(source, close).map_err(|fault| match fault {
        None => source.error(start, explain!("this placeholder is not closed: `{close}` is missing")),
        Some(error) => error,
    })?;
    let written = source.between(inner, source.at());
    let text = written.trim_ascii();
    let at = inner + (written.len() - written.trim_ascii_start().len());
    let default = match end {
        End::Close => None,
        End::Default => Some(default(source, start, close)?),
    };
    if matches!(end, End::Close) {
        source.take(close);
    }
    if text.is_empty() {
        return Err(source.error(
            start,
            "there is no expression in this placeholder; `!` begins the default, and a negation is `!name` or `not name`",
        ));
    }
    let expression = Expression::compile(text, source.expressions()).map_err(|mut error| {
        if close == ">" {
            error.message.extend(["; ", FIRST_ANGLE]);
        }
        source.error(at, error)
    })?;
    // `$<a > b!c>` would silently show `a`.
    if close == ">"
        && default.is_none()
        && (source.peek() == Some(b'=') || written.len() > written.trim_ascii_end().len())
    {
        return Err(source.error(start, FIRST_ANGLE));
    }
    Ok(Placeholder { at, expression, default })
}

/// How an expression ends.
pub(in crate::template) enum End {
    /// At the closing sign, which comes next.
    Close,
    /// At the `!` of a default, which comes next.
    Default,
}

/// Goes to the end of an expression. `Err(None)`: the text ends before.
pub(in crate::template) fn expression_end(
    source: &mut Source<'_>,
    close: &str,
) -> Result<End, Option<TemplateError>> {
    let mut depth = 0_usize;
    source.take_while(|byte| byte.is_ascii_whitespace());
    // `${!ok}` has nothing that a default could stand for: it is a negation.
    while matches!(
        source.rest().as_bytes(),
        [b'!', b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'(' | b'!' | 0x80.., ..]
    ) {
        source.next();
    }
    loop {
        source.take_while(|byte| byte.is_ascii_whitespace());
        if depth == 0 && source.looking_at(close) {
            return Ok(End::Close);
        }
        let at = source.at();
        let token = Lexer::new(source.rest(), 0).next();
        let word = token.of(source.rest());
        match (token.kind, token.sign) {
            (TokenKind::End, _) => return Err(None),
            (TokenKind::Unclosed, _) => {
                let quote = if word.starts_with('"') { "\"" } else { "'" };
                let message = ["the text in ", quote, " has no closing ", quote].concat();
                return Err(Some(source.error(at, message)));
            }
            (_, b'!') if depth == 0 => return Ok(End::Default),
            (_, b'(' | b'[' | b'{') => depth += 1,
            (_, b')' | b']' | b'}') => {
                depth = depth
                    .checked_sub(1)
                    .ok_or_else(|| Some(source.error(at, ["this `", word, "` closes nothing"].concat())))?;
            }
            _ => {}
        }
        source.go_to(at + token.end);
    }
}

/// Reads a default from its `!` past the closing sign.
fn default(source: &mut Source<'_>, start: usize, close: &str) -> Result<Box<str>, TemplateError> {
    source.take("!");
    source.take_while(|byte| byte.is_ascii_whitespace());
    let at = source.at();
    for quote in ["\"", "'"] {
        if !source.take(quote) {
            continue;
        }
        let text = source
            .take_until(quote)
            .ok_or_else(|| source.error(at, explain!("this default has no closing {quote}")))?;
        source.take_while(|byte| byte.is_ascii_whitespace());
        if !source.take(close) {
            return Err(source.error(
                source.at(),
                explain!(
                    "after the closing {quote} of the default `{close}` is expected; quote the whole default"
                ),
            ));
        }
        return Ok(text.into());
    }
    match source.take_until(close) {
        Some(text) => Ok(text.trim_ascii().into()),
        None => Err(source.error(start, explain!("this placeholder is not closed: `{close}` is missing"))),
    }
}

/// What stands in a placeholder's place.
#[derive(Debug)]
pub(in crate::template) enum Filled<'a> {
    /// The value.
    Value(Json),
    /// The default.
    Default(&'a str),
    /// Nothing.
    Missing,
}

impl Placeholder {
    /// The expression, to look at.
    pub(in crate::template) fn expression(&self) -> &Expression {
        &self.expression
    }

    /// Whether the value counts as true.
    pub(in crate::template) fn truth(&self, source: &str, scope: &Scope<'_>) -> Result<bool, TemplateError> {
        let mut missing = Vec::new();
        Ok(match self.fill(source, scope, &mut missing)? {
            Filled::Value(value) => truthy(&value, scope.work()),
            Filled::Default(text) => !is_nothing(text),
            Filled::Missing => false,
        })
    }

    /// Evaluates; a value that is missing without default is noted in `missing`.
    pub(in crate::template) fn fill(
        &self,
        source: &str,
        scope: &Scope<'_>,
        missing: &mut Vec<Missing>,
    ) -> Result<Filled<'_>, TemplateError> {
        let outcome = self
            .expression
            .evaluate(scope)
            .map_err(|error| error_at(source, self.at, error.without_result(self.expression.text())))?;
        Ok(match (outcome, &self.default) {
            (Outcome::Value(value), _) => Filled::Value(value),
            (Outcome::Missing, Some(default)) => Filled::Default(default),
            (Outcome::Missing, None) => {
                note_missing(missing, &self.expression, scope);
                Filled::Missing
            }
        })
    }
}
