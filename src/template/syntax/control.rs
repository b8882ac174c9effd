//! Control flow: `{% if %}`, `{% for %}`, `{% set %}` and what ends them.

use super::placeholder::{End, expression_end};
use super::source::Source;
use crate::diagnostic::explain;
use crate::session::Context;
use crate::template::TemplateError;
use crate::template::error::{Refused, RefusedKind};
use crate::template::expression::Expression;
use crate::template::expression::path;
use std::sync::Arc;

/// A `{% … %}` tag.
#[derive(Debug)]
pub(in crate::template) enum Tag {
    /// `{% if condition %}`
    If(Condition),
    /// `{% elif condition %}`
    Elif(Condition),
    /// `{% else %}`
    Else,
    /// `{% endif %}`
    EndIf,
    /// `{% for name in list %}`
    For(Arc<str>, Located),
    /// `{% endfor %}`
    EndFor,
    /// `{% set name = value %}`
    Set(Arc<str>, Located),
}

/// An expression and where it stands.
#[derive(Debug)]
pub(in crate::template) struct Located {
    /// Byte offset in the template's source.
    pub(in crate::template) at: usize,
    pub(in crate::template) expression: Expression,
}

/// The expression of an `if` or `elif`.
pub(in crate::template) type Condition = Located;

/// What control flow encloses, with bodies of type `B`: parts of a text, or a block of markup.
#[derive(Debug)]
pub(in crate::template) enum Flow<B> {
    /// The first body whose condition holds; the last may have none.
    Choice(Vec<(Option<Condition>, B)>),
    /// A body for each item of a list, or another if there are no items.
    Loop { name: Arc<str>, list: Located, body: B, otherwise: Option<B> },
}

/// An `{% if %}` or `{% for %}` whose end has not come yet.
#[derive(Debug)]
pub(in crate::template) struct Open<B> {
    /// Byte offset of its tag.
    pub(in crate::template) at: usize,
    head: Head,
    /// Finished bodies.
    bodies: Vec<(Option<Condition>, B)>,
    /// An `{% else %}` has come.
    last: bool,
}

#[derive(Debug)]
enum Head {
    /// With the condition of the body that is being read.
    If(Option<Condition>),
    For(Arc<str>, Located),
}

/// What comes of a tag.
#[derive(Debug)]
pub(in crate::template) enum Turned<B> {
    /// Another body begins.
    Open(Open<B>),
    /// This is all.
    Closed(Flow<B>),
}

impl<B> Open<B> {
    /// Begins with an `if`.
    pub(in crate::template) fn choice(at: usize, condition: Condition) -> Self {
        Self { at, head: Head::If(Some(condition)), bodies: Vec::new(), last: false }
    }

    /// Begins with a `for`.
    pub(in crate::template) fn repeat(at: usize, name: Arc<str>, list: Located) -> Self {
        Self { at, head: Head::For(name, list), bodies: Vec::new(), last: false }
    }

    /// Whether the body of a loop is being read, not its `else`.
    pub(in crate::template) fn in_loop(&self) -> bool {
        matches!(self.head, Head::For(..)) && !self.last
    }

    /// The tag as the author knows it, and the one that ends it.
    pub(in crate::template) fn names(&self) -> (&'static str, &'static str) {
        match self.head {
            Head::If(_) => ("{% if %}", "{% endif %}"),
            Head::For(..) => ("{% for %}", "{% endfor %}"),
        }
    }

    /// Goes on with `elif`, `else` or an end; `body` is what was read since the last tag.
    pub(in crate::template) fn turn(mut self, tag: Tag, body: B) -> Result<Turned<B>, Refused> {
        let (name, end) = self.names();
        let refused = |message: String| Err(RefusedKind::ControlFlow.error(message));
        match (tag, &mut self.head) {
            (Tag::Elif(_) | Tag::Else, _) if self.last => refused(explain!(
                "this stands after `{{% else %}}`, which is the last branch; write `{end}` before it"
            )),
            (Tag::Elif(condition), Head::If(current)) => {
                self.bodies.push((current.replace(condition), body));
                Ok(Turned::Open(self))
            }
            (Tag::Elif(_), Head::For(..)) => {
                refused("`{% elif %}` belongs to an `{% if %}`; a loop has `{% else %}`".to_owned())
            }
            (Tag::Else, Head::If(current)) => {
                self.bodies.push((current.take(), body));
                self.last = true;
                Ok(Turned::Open(self))
            }
            (Tag::Else, Head::For(..)) => {
                self.bodies.push((None, body));
                self.last = true;
                Ok(Turned::Open(self))
            }
            (Tag::EndIf, Head::If(current)) => {
                self.bodies.push((current.take(), body));
                Ok(Turned::Closed(Flow::Choice(self.bodies)))
            }
            (Tag::EndFor, Head::For(..)) => {
                let Head::For(name, list) = self.head else { return refused(String::new()) };
                let (body, otherwise) = match self.bodies.pop() {
                    Some((_, first)) => (first, Some(body)),
                    None => (body, None),
                };
                Ok(Turned::Closed(Flow::Loop { name, list, body, otherwise }))
            }
            _ => refused(explain!("`{name}` is open here; write `{end}`")),
        }
    }
}

/// Why a tag that goes on with or ends something may not stand where nothing is open.
pub(in crate::template) fn nothing_open(tag: &Tag) -> &'static str {
    match tag {
        Tag::Elif(_) => "there is no `{% if %}` before this `{% elif %}`",
        Tag::Else => "there is no `{% if %}` or `{% for %}` before this `{% else %}`",
        Tag::EndFor => "there is no `{% for %}` before this `{% endfor %}`",
        _ => "there is no `{% if %}` before this `{% endif %}`",
    }
}

/// Goes past blanks if there is a line end among them: they are the layout of the source, not of the result.
pub(in crate::template) fn skip_layout(source: &mut Source<'_>) {
    let at = source.at();
    let blanks = source.take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
    if !blanks.contains('\n') {
        source.go_to(at);
    }
}

/// Takes such blanks off the end of `text`.
pub(in crate::template) fn trim_layout(text: &mut String) {
    let kept = text.trim_end_matches([' ', '\t', '\n', '\r']).len();
    if text.get(kept..).is_some_and(|blanks| blanks.contains('\n')) {
        text.truncate(kept);
    }
}

/// Reads the tag whose `{%` comes next, with the layout after it.
pub(in crate::template) fn tag(source: &mut Source<'_>) -> Result<Tag, TemplateError> {
    let start = source.at();
    source.go_to(start + 2);
    blanks(source);
    let at = source.at();
    let word = source.take_while(|byte| byte.is_ascii_alphanumeric());
    let tag = match word {
        "if" => Tag::If(condition(source, start)?),
        "elif" => Tag::Elif(condition(source, start)?),
        "else" => Tag::Else,
        "endif" => Tag::EndIf,
        "endfor" => Tag::EndFor,
        "for" => {
            let name = name(source, "for", "{% for item in items %}")?;
            blanks(source);
            let at = source.at();
            if source.take_while(|byte| byte.is_ascii_alphanumeric()) != "in" {
                return Err(source.error(at, "after the name `in` is expected: `{% for item in items %}`"));
            }
            Tag::For(name, condition(source, start)?)
        }
        "set" => {
            let name = name(source, "set", "{% set total = price * 2 %}")?;
            blanks(source);
            if !source.take("=") {
                return Err(
                    source.error(source.at(), "after the name `=` is expected: `{% set name = value %}`")
                );
            }
            Tag::Set(name, condition(source, start)?)
        }
        _ => return Err(source.error(at, unknown(word))),
    };
    blanks(source);
    if !source.take("%}") {
        return Err(source.error(source.at(), explain!("`%}}` is expected here, the end of `{{% {word}`")));
    }
    skip_layout(source);
    Ok(tag)
}

fn unknown(word: &str) -> String {
    let advice = match word {
        "elseif" | "elsif" => "write `{% elif … %}`",
        "foreach" | "each" => "write `{% for item in items %}`",
        "end" | "fi" => "write `{% endif %}` or `{% endfor %}`",
        "unless" => "write `{% if not … %}`",
        "switch" | "case" => "write `{% if … %}{% elif … %}{% else %}{% endif %}`",
        "raw" | "verbatim" => "for a literal `${` write `$${`, for `{{` write `${\"{{\"}`",
        _ => {
            "there are `if`, `elif`, `else`, `endif`, `for`, `endfor` and `set`; for the mere characters write `${\"{%\"}`"
        }
    };
    explain!("`{{% {word} %}}` is not known; {advice}")
}

fn blanks(source: &mut Source<'_>) {
    source.take_while(|byte| byte.is_ascii_whitespace());
}

/// Reads the name that a `for` or `set` gives to a value.
fn name(source: &mut Source<'_>, word: &str, example: &str) -> Result<Arc<str>, TemplateError> {
    blanks(source);
    let at = source.at();
    let name = source.take_while(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80);
    if !path::is_name(name) {
        return Err(source.error(at, explain!("after `{word}` a name is expected: `{example}`")));
    }
    if name == "loop" || Context::is_reserved(name) {
        return Err(source.error(at, explain!("`{name}` has a meaning of its own; choose another name")));
    }
    Ok(name.into())
}

/// Reads an expression up to the end of the tag.
fn condition(source: &mut Source<'_>, start: usize) -> Result<Located, TemplateError> {
    blanks(source);
    let at = source.at();
    let end = expression_end(source, "%}").map_err(|fault| match fault {
        None => source.error(start, "this tag is not closed: `%}` is missing"),
        Some(error) => error,
    })?;
    if matches!(end, End::Default) {
        return Err(source.error(
            source.at(),
            "there are no defaults in `{% … %}`; write `name is defined` or `not name`",
        ));
    }
    let written = source.between(at, source.at());
    let text = written.trim_ascii_end();
    if text.is_empty() {
        return Err(source.error(at, "an expression is missing here"));
    }
    let expression =
        Expression::compile(text, source.expressions()).map_err(|error| source.error(at, error))?;
    Ok(Located { at, expression })
}
