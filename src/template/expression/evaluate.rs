//! Evaluates what the parser made: the one evaluator of every build.

use super::arithmetic::{Failure, calculate, differs, negate, whole};
use super::compare::{equal, order, truthy};
use super::error::ExpressionError;
use super::error::ExpressionErrorKind::{TooMuch, Value};
use super::path::character;
use super::scope::Scope;
use super::tree::{Node, Operator};
use super::work::Work;
use crate::json::{self, Json};
use crate::search::find;
use std::cmp::Ordering;

/// Missing, which is not null, or a value.
type Found = Result<Option<Json>, ExpressionError>;

/// One evaluation.
struct Evaluation<'a> {
    text: &'a str,
    scope: &'a Scope<'a>,
    /// Whether something was missing or null.
    missed: bool,
    work: Work,
}

/// The value, if there is one; it may be null. `text` is what was compiled.
pub(super) fn value(node: &Node, text: &str, scope: &Scope<'_>) -> Found {
    let mut evaluation = Evaluation { text, scope, missed: false, work: Work::new() };
    match evaluation.value(node) {
        // `score + 5` while there is no score yet: nothing is wrong, only missing.
        Err(_) if evaluation.missed => Ok(None),
        result => result,
    }
}

impl Evaluation<'_> {
    fn value(&mut self, node: &Node) -> Found {
        match node {
            Node::Literal(value) => Ok(Some(value.clone())),
            Node::Path(path) => Ok(self.looked_at(path.value(self.text, self.scope))),
            Node::Operation(operator, nodes) => self.operation(*operator, nodes),
        }
    }

    /// Notes whether something is missing.
    fn looked_at(&mut self, value: Option<Json>) -> Option<Json> {
        self.missed |= matches!(value, None | Some(Json::Null));
        value
    }

    fn truth(&mut self, node: &Node) -> Result<(bool, Option<Json>), ExpressionError> {
        let value = self.value(node)?;
        Ok((value.as_ref().is_some_and(truthy), value))
    }

    fn values(&mut self, nodes: &[Node]) -> Result<Vec<Json>, ExpressionError> {
        let mut values = Vec::with_capacity(nodes.len());
        for node in nodes {
            values.push(self.value(node)?.unwrap_or_default());
        }
        Ok(values)
    }

    fn operation(&mut self, operator: Operator, nodes: &[Node]) -> Found {
        Ok(match (operator, nodes) {
            (Operator::List, items) => {
                let items = self.values(items)?;
                // Of what is missing a list holds null, which for minijinja is another value.
                differs(|| items.contains(&Json::Null));
                self.work.lists(&[&items], 1)?;
                Some(Json::Array(items.into()))
            }
            (Operator::Filter(filter), [value, arguments @ ..]) => {
                let value = self.value(value)?.unwrap_or_default();
                let arguments = self.values(arguments)?;
                filter.check(&arguments)?;
                let result = filter.apply(&value, &arguments)?;
                self.looked_at(Some(result).filter(|result| *result != Json::Null))
            }
            (Operator::Test(test), [node]) => Some(Json::Bool(test.passes(self.value(node)?.as_ref()))),
            (Operator::Not, [node]) => Some(Json::Bool(!self.truth(node)?.0)),
            (Operator::Negate, [node]) => {
                let value = self.value(node)?;
                Some(
                    negate(&value.clone().unwrap_or_default())
                        .map_err(|failure| self.failed(failure, "-", &[value.as_ref()]))?,
                )
            }
            (Operator::Or | Operator::And, [left, right]) => {
                let goes_on = matches!(operator, Operator::And);
                let (truth, value) = self.truth(left)?;
                if truth == goes_on { self.value(right)? } else { value }
            }
            (Operator::Condition, [then, condition, otherwise @ ..]) => {
                match (self.truth(condition)?.0, otherwise.first()) {
                    (true, _) => self.value(then)?,
                    (false, Some(otherwise)) => self.value(otherwise)?,
                    (false, None) => None,
                }
            }
            (_, [left, right]) => {
                let (left, right) = (self.value(left)?, self.value(right)?);
                self.pair(operator, left.as_ref(), right.as_ref())?
            }
            _ => None,
        })
    }

    fn pair(&mut self, operator: Operator, left: Option<&Json>, right: Option<&Json>) -> Found {
        let ordered = |wanted: Ordering| order(left, right) == wanted;
        let holds = match operator {
            Operator::Equal => equal(left, right),
            Operator::NotEqual => !equal(left, right),
            Operator::Less => ordered(Ordering::Less),
            Operator::LessOrEqual => !ordered(Ordering::Greater),
            Operator::Greater => ordered(Ordering::Greater),
            Operator::GreaterOrEqual => !ordered(Ordering::Less),
            Operator::In => self.contains(right, left)?,
            Operator::NotIn => !self.contains(right, left)?,
            Operator::Item => {
                let item = right.and_then(|key| item(left?, key));
                return Ok(self.looked_at(item));
            }
            Operator::Join => return self.joined(left, right),
            _ => return self.computed(operator, left, right),
        };
        Ok(Some(Json::Bool(holds)))
    }

    /// Arithmetic, and what `+` and `*` do with texts and lists.
    fn computed(&mut self, operator: Operator, left: Option<&Json>, right: Option<&Json>) -> Found {
        let (a, b) = (left.unwrap_or(&Json::Null).read(), right.unwrap_or(&Json::Null).read());
        let result = match (operator, a, b) {
            (Operator::Add, Json::String(a), Json::String(b)) => return self.texts(&[a, b], 1),
            (Operator::Add, Json::Array(a), Json::Array(b)) => return self.lists(&[a, b], 1),
            (Operator::Multiply, many @ (Json::String(_) | Json::Array(_)), count)
            | (Operator::Multiply, count, many @ (Json::String(_) | Json::Array(_))) => {
                match (copies(count), many) {
                    (Some(copies), Json::String(text)) => return self.texts(&[text], copies),
                    (Some(copies), Json::Array(list)) => return self.lists(&[list], copies),
                    _ => Err(Failure::Kinds),
                }
            }
            _ => calculate(operator, a, b),
        };
        let sign = match operator {
            Operator::Add => "+",
            Operator::Subtract => "-",
            Operator::Multiply => "*",
            Operator::Divide => "/",
            Operator::FloorDivide => "//",
            Operator::Remainder => "%",
            _ => "**",
        };
        result.map(Some).map_err(|failure| self.failed(failure, sign, &[left, right]))
    }

    /// So many copies of these texts.
    fn texts(&mut self, parts: &[&str], copies: usize) -> Found {
        let copies = self.work.text(parts.iter().map(|part| part.len()).sum(), copies)?;
        let mut text = String::new();
        for _ in 0..copies {
            text.extend(parts.iter().copied());
        }
        Ok(Some(text.as_str().into()))
    }

    /// So many copies of the items of these lists.
    fn lists(&mut self, parts: &[&[Json]], copies: usize) -> Found {
        let copies = self.work.lists(parts, copies)?;
        let mut items = Vec::new();
        for part in (0..copies).flat_map(|_| parts) {
            items.extend_from_slice(part);
        }
        Ok(Some(Json::Array(items.into())))
    }

    /// `~`: both as a placeholder shows them.
    fn joined(&mut self, left: Option<&Json>, right: Option<&Json>) -> Found {
        let mut shown = [String::new(), String::new()];
        for (text, side) in shown.iter_mut().zip([left, right]) {
            match side {
                None | Some(Json::Null) => differs(|| side.is_some()),
                Some(Json::String(side)) => text.push_str(side),
                Some(side) => {
                    // minijinja writes `True`, `None` and `1.0`, and lists of its own with blanks.
                    differs(|| !matches!(side, Json::Integer(_)));
                    json::write(side, text);
                }
            }
        }
        let [left, right] = &shown;
        self.texts(&[left, right], 1)
    }

    fn contains(&self, container: Option<&Json>, value: Option<&Json>) -> Result<bool, ExpressionError> {
        let Some(container) = container else { return Ok(false) };
        match (container.read(), value) {
            (Json::String(text), Some(Json::String(part))) => {
                Ok(part.is_empty() || find(text, part).is_some())
            }
            (Json::String(text), value) => {
                // For minijinja, what is missing is in every text, and `True` is written like this.
                differs(|| !matches!(value, Some(Json::Integer(_))));
                let value = value.filter(|value| **value != Json::Null).map(Json::to_text);
                Ok(value.is_some_and(|value| find(text, &value).is_some()))
            }
            (Json::Array(list), value) => Ok(list.iter().any(|item| equal(Some(item), value))),
            (Json::Object(object), value) => {
                Ok(value.and_then(Json::as_str).is_some_and(|key| object.get(key).is_some()))
            }
            (other, _) => {
                Err(self.error(&["`in` looks into a list, an object or a text, not ", other.kind()]))
            }
        }
    }

    fn failed(&self, failure: Failure, sign: &str, operands: &[Option<&Json>]) -> ExpressionError {
        match failure {
            Failure::Zero => self.error(&["this divides by 0"]),
            Failure::TooLarge => TooMuch.error("the result is too large, or not a number"),
            Failure::Kinds => {
                let kind = |operand: &Option<&Json>| operand.map_or("nothing", Json::kind);
                let mut kinds = operands.iter().map(kind);
                let (first, second) = (kinds.next().unwrap_or_default(), kinds.next());
                let (and, second) = second.map_or(("", ""), |second| (" and ", second));
                self.error(&["`", sign, "` cannot be used with ", first, and, second])
            }
        }
    }

    /// Nobody reads it if something is missing, so it is not even written then.
    fn error(&self, message: &[&str]) -> ExpressionError {
        Value.error(if self.missed { String::new() } else { message.concat() })
    }
}

/// How often something is repeated.
fn copies(count: &Json) -> Option<usize> {
    whole(count).and_then(|count| count.try_into().ok())
}

/// The member of an object, the item of a list, or the character of a text; negative numbers count from the end.
fn item(value: &Json, key: &Json) -> Option<Json> {
    if let Some(object) = value.as_object() {
        return object.get(key.as_str()?).cloned();
    }
    let length = || match value.as_str() {
        Some(text) => text.chars().count(),
        None => value.as_array().map_or(0, <[Json]>::len),
    };
    let index = whole(key)?;
    let index = match usize::try_from(index) {
        Ok(index) => index,
        Err(_) => length().checked_sub(usize::try_from(index.checked_neg()?).ok()?)?,
    };
    match value.as_str() {
        Some(text) => character(text, index),
        None => value.item(index).cloned(),
    }
}
