//! One evaluation of a template: fills in placeholders, follows control flow, and keeps the bounds.

use crate::json::Json;
use crate::session::Context;
use crate::template::expression::error::ExpressionError;
use crate::template::expression::error::ExpressionErrorKind::Value;
use crate::template::expression::scope::{LoopState, Scope};
use crate::template::expression::work::{MAX_BYTES, SHOWN, STEP, Work, used_up};
use crate::template::expression::{Expression, Outcome};
use crate::template::missing::note_missing;
use crate::template::syntax::control::{Condition, Flow, Located};
use crate::template::syntax::parts::Part;
use crate::template::syntax::placeholder::{Filled, Placeholder};
use crate::template::syntax::source::error_at;
use crate::template::{Missing, TemplateError};
use std::ops::Range;
use std::sync::Arc;

/// The most items of a list that a loop goes over.
pub(in crate::template) const MAX_ITEMS: usize = 1_000;

/// One evaluation of a template.
#[derive(Debug)]
pub(in crate::template) struct Evaluator<'a> {
    source: &'a str,
    /// What names mean where the evaluation is.
    pub(in crate::template) scope: Scope<'a>,
    output: usize,
    /// Where the expression stands that was evaluated last.
    at: Range<usize>,
    /// What was missing so far.
    pub(in crate::template) missing: Vec<Missing>,
    /// How often something was missing or refused, the same or not.
    pub(in crate::template) reports: usize,
}

/// The text of some parts.
#[derive(Debug, Default)]
pub(in crate::template) struct FilledText {
    pub(in crate::template) text: String,
    /// The bytes of it that are no text of the author's.
    pub(in crate::template) values: Vec<Range<usize>>,
}

impl<'a> Evaluator<'a> {
    pub(in crate::template) fn new(source: &'a str, context: &'a Context, work: &'a Work) -> Self {
        Self {
            source,
            scope: Scope::new(context, work),
            output: MAX_BYTES,
            at: 0..0,
            missing: Vec::new(),
            reports: 0,
        }
    }

    /// The text of `parts`.
    pub(in crate::template) fn text(&mut self, parts: &[Part]) -> Result<FilledText, TemplateError> {
        let mut out = FilledText::default();
        let mark = self.scope.mark();
        self.write(parts, &mut out)?;
        self.scope.leave(mark);
        Ok(out)
    }

    /// The text of a single value; no copy is made of one that is a text already.
    pub(in crate::template) fn value_text(
        &mut self,
        placeholder: &Placeholder,
    ) -> Result<Arc<str>, TemplateError> {
        let text = match self.fill(placeholder)? {
            Filled::Value(Json::String(text)) => text,
            Filled::Value(value) => {
                self.whole(&value)?;
                value.to_text().into()
            }
            Filled::Default(text) => text.into(),
            Filled::Missing => "".into(),
        };
        self.work(SHOWN * text.len())?;
        self.spend(text.len())?;
        Ok(text)
    }

    /// The text of a value that can simply be copied.
    pub(in crate::template) fn copied(&mut self, text: &str) -> Result<Arc<str>, TemplateError> {
        self.work(STEP + SHOWN * text.len())?;
        self.spend(text.len())?;
        Ok(text.into())
    }

    /// What is spent is the text that is shown, not the one that was checked: `left` is what was left before both.
    pub(in crate::template) fn spend_instead(
        &mut self,
        left: usize,
        text: Option<&str>,
    ) -> Result<(), TemplateError> {
        self.output = left;
        self.work(text.map_or(0, |text| SHOWN * text.len()))?;
        self.spend(text.map_or(0, str::len))
    }

    /// As deep as the parts are nested; the compiler bounds that.
    fn write(&mut self, parts: &[Part], out: &mut FilledText) -> Result<(), TemplateError> {
        for part in parts {
            match part {
                Part::Fixed(text) => {
                    self.spend(text.len())?;
                    out.text.push_str(text);
                }
                Part::Placeholder(placeholder) => {
                    let start = out.text.len();
                    let filled = self.fill(placeholder)?;
                    let foreign = matches!(filled, Filled::Value(_));
                    match filled {
                        Filled::Value(Json::String(text)) => {
                            self.work(text.len())?;
                            out.text.push_str(&text);
                        }
                        Filled::Value(value) => {
                            self.whole(&value)?;
                            crate::json::write(&value, &mut out.text);
                        }
                        Filled::Default(text) => out.text.push_str(text),
                        Filled::Missing => {}
                    }
                    self.spend(out.text.len() - start)?;
                    if foreign {
                        out.values.push(start..out.text.len());
                    }
                }
                Part::Flow(Flow::Choice(branches)) => {
                    if let Some(branch) = self.branch(branches)? {
                        self.write(branch, out)?;
                    }
                }
                Part::Flow(Flow::Loop { name, list, body, otherwise }) => {
                    let items = self.items(list, otherwise.is_some())?;
                    for (index, item) in items.iter().enumerate() {
                        let turn = LoopState { index, length: items.len() };
                        let mark = self.enter(name, item.clone(), turn)?;
                        self.write(body, out)?;
                        self.scope.leave(mark);
                    }
                    if let (true, Some(otherwise)) = (items.is_empty(), otherwise) {
                        self.write(otherwise, out)?;
                    }
                }
                Part::Set(name, value) => self.set(name, value)?,
            }
        }
        Ok(())
    }

    /// The value of one placeholder.
    pub(in crate::template) fn fill<'p>(
        &mut self,
        placeholder: &'p Placeholder,
    ) -> Result<Filled<'p>, TemplateError> {
        self.step(placeholder.at, placeholder.expression())?;
        let filled = placeholder.fill(self.source, &self.scope, &mut self.missing)?;
        self.reports += usize::from(matches!(filled, Filled::Missing));
        Ok(filled)
    }

    /// Whether the value of a placeholder counts as true; a missing one does not, and is no mistake.
    pub(in crate::template) fn truth(&mut self, placeholder: &Placeholder) -> Result<bool, TemplateError> {
        self.step(placeholder.at, placeholder.expression())?;
        placeholder.truth(self.source, &self.scope)
    }

    /// The first branch whose condition holds. A missing value counts as false, and is no mistake.
    pub(in crate::template) fn branch<'b, B>(
        &mut self,
        branches: &'b [(Option<Condition>, B)],
    ) -> Result<Option<&'b B>, TemplateError> {
        for (condition, body) in branches {
            let holds = match condition {
                None => true,
                Some(condition) => {
                    self.step(condition.at, &condition.expression)?;
                    condition.expression.truth(&self.scope).map_err(|error| self.located(condition, error))?
                }
            };
            if holds {
                return Ok(Some(body));
            }
        }
        Ok(None)
    }

    /// The items that a loop goes over. A missing list is an empty one; unless the author says what to show then
    /// (`otherwise`), it counts as missing.
    pub(in crate::template) fn items(
        &mut self,
        list: &Located,
        otherwise: bool,
    ) -> Result<Arc<Vec<Json>>, TemplateError> {
        self.step(list.at, &list.expression)?;
        let outcome = list.expression.evaluate(&self.scope).map_err(|error| self.located(list, error))?;
        let value = match outcome {
            Outcome::Value(value) => value,
            Outcome::Missing => {
                if !otherwise {
                    self.reports += 1;
                    note_missing(&mut self.missing, &list.expression, &self.scope);
                }
                return Ok(Arc::default());
            }
        };
        let read = self.scope.work().read(&value);
        self.work(0)?;
        match read {
            Json::Array(items) if items.len() > MAX_ITEMS => Err(self.located(
                list,
                Value.error(format!("the list has {} items; a loop goes over at most 1,000", items.len())),
            )),
            Json::Array(items) => Ok(Arc::clone(items)),
            other => Err(self
                .located(list, Value.error(["it is ", other.kind(), "; a loop goes over a list"].concat()))),
        }
    }

    /// Begins a loop's turn; `scope.leave` with the returned mark ends it.
    pub(in crate::template) fn enter(
        &mut self,
        name: &Arc<str>,
        item: Json,
        turn: LoopState,
    ) -> Result<usize, TemplateError> {
        self.work(STEP)?;
        Ok(self.scope.enter(name, item, turn))
    }

    /// `{% set %}`
    pub(in crate::template) fn set(&mut self, name: &Arc<str>, value: &Located) -> Result<(), TemplateError> {
        self.step(value.at, &value.expression)?;
        let found = value.expression.evaluate(&self.scope).map_err(|error| self.located(value, error))?;
        self.scope.set(name, if let Outcome::Value(value) = found { value } else { Json::Null });
        Ok(())
    }

    /// How many bytes the template may still give.
    pub(in crate::template) fn left(&self) -> usize {
        self.output
    }

    pub(in crate::template) fn spend(&mut self, bytes: usize) -> Result<(), TemplateError> {
        self.work(bytes)?;
        self.output = self.output.checked_sub(bytes).ok_or_else(|| {
            error_at(self.source, 0, "the result is larger than 256 KiB; show a part of the value".to_owned())
        })?;
        Ok(())
    }

    /// A step: the expression that begins at byte `at` is evaluated.
    fn step(&mut self, at: usize, expression: &Expression) -> Result<(), TemplateError> {
        self.at = at..at + expression.text().len();
        self.work(STEP)
    }

    /// Takes what going through all of a value costs.
    pub(in crate::template) fn whole(&mut self, value: &Json) -> Result<(), TemplateError> {
        self.scope.work().whole(value);
        self.work(0)
    }

    /// Takes so much work, besides what expressions take themselves.
    pub(in crate::template) fn work(&mut self, bytes: usize) -> Result<(), TemplateError> {
        if self.scope.work().spend(bytes) { Ok(()) } else { Err(self.too_much()) }
    }

    #[cold]
    #[inline(never)]
    fn too_much(&self) -> TemplateError {
        let expression = self.source.get(self.at.clone()).unwrap_or_default();
        error_at(self.source, self.at.start, used_up().without_result(expression))
    }

    fn located(&self, located: &Located, error: ExpressionError) -> TemplateError {
        error_at(self.source, located.at, error.without_result(located.expression.text()))
    }
}
