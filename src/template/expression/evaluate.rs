//! Evaluates what the parser made: the one evaluator of every build.

use super::arithmetic::{Failure, calculate, differs, negate, whole};
use super::compare::{equal, order, truthy};
use super::error::ExpressionError;
use super::error::ExpressionErrorKind::{TooMuch, Value};
use super::path::character;
use super::scope::Scope;
use super::tree::{Node, Operator, Tree};
use crate::json::{self, Json};
use crate::search::find;
use crate::template::expression::work::{STEP, Work};
use std::cmp::Ordering;

/// One evaluation. After a fault whatever is missing is no longer noted, and the value does not matter.
struct Evaluation<'a> {
    text: &'a str,
    nodes: &'a [Node],
    scope: &'a Scope<'a>,
    /// Whether something was missing or null.
    missed: bool,
    /// The first fault.
    error: Option<ExpressionError>,
    work: &'a Work,
}

/// The value, if there is one; it may be null. `text` is what was compiled.
pub(super) fn value(tree: &Tree, text: &str, scope: &Scope<'_>) -> Result<Option<Json>, ExpressionError> {
    let nodes = &tree.nodes;
    let mut evaluation = Evaluation { text, nodes, scope, missed: false, error: None, work: scope.work() };
    let value = evaluation.value(tree.root);
    match evaluation.error {
        None => Ok(value),
        // `score + 5` while there is no score yet: nothing is wrong, only missing.
        Some(_) if evaluation.missed || tree.misses(text, scope) => Ok(None),
        Some(error) => Err(error),
    }
}

impl Evaluation<'_> {
    /// The value of the node at a place; missing, which is not null, if there is no such place.
    fn value(&mut self, place: usize) -> Option<Json> {
        if self.error.is_some() || !self.work.spend(STEP) {
            return None;
        }
        match self.nodes.get(place)? {
            Node::Literal(value) => Some(value.clone()),
            Node::Path(path) => self.looked_at(path.value(self.text, self.scope)),
            Node::Operation(operator, nodes) => self.operation(*operator, nodes),
        }
    }

    /// Notes whether something is missing.
    #[inline(never)]
    fn looked_at(&mut self, value: Option<Json>) -> Option<Json> {
        self.missed |= self.error.is_none() && matches!(value, None | Some(Json::Null));
        value
    }

    /// What was made, or notes why it was not.
    fn made<T>(&mut self, made: Result<T, ExpressionError>) -> Option<T> {
        match made {
            Ok(made) => Some(made),
            Err(error) => {
                self.error.get_or_insert(error);
                None
            }
        }
    }

    fn values(&mut self, places: &[usize]) -> Vec<Json> {
        let mut values = Vec::with_capacity(places.len());
        for place in places {
            values.push(self.value(*place).unwrap_or_default());
        }
        values
    }

    fn operation(&mut self, operator: Operator, nodes: &[usize]) -> Option<Json> {
        let [first, second, third] = [0, 1, 2].map(|at| nodes.get(at).copied().unwrap_or(usize::MAX));
        match operator {
            Operator::List => {
                let items = self.values(nodes);
                // Of what is missing a list holds null, which for minijinja is another value.
                differs(|| items.contains(&Json::Null));
                let counted = self.work.lists(&[&items], 1);
                self.made(counted)?;
                return Some(Json::Array(items.into()));
            }
            Operator::Condition => {
                let condition = self.value(second);
                let chosen = if self.holds(condition.as_ref()) { first } else { third };
                return self.value(chosen);
            }
            _ => {}
        }
        let left = self.value(first);
        match operator {
            Operator::Filter(filter) => {
                let arguments = self.values(nodes.get(1..).unwrap_or_default());
                if self.error.is_some() {
                    return None;
                }
                let checked = filter.check(&arguments);
                let made =
                    checked.and_then(|()| filter.apply(&left.unwrap_or_default(), &arguments, self.work));
                let made = self.made(made).filter(|made| *made != Json::Null);
                self.looked_at(made)
            }
            Operator::Test(test) => Some(Json::Bool(test.passes(left.as_ref()))),
            Operator::Not => Some(Json::Bool(!self.holds(left.as_ref()))),
            Operator::Negate => match negate(left.as_ref().unwrap_or(&Json::Null)) {
                Ok(value) => Some(value),
                Err(failure) => self.failed(failure, "-", &[left.as_ref()]),
            },
            Operator::Or | Operator::And => {
                let goes_on = matches!(operator, Operator::And);
                if self.holds(left.as_ref()) == goes_on { self.value(second) } else { left }
            }
            _ => {
                let right = self.value(second);
                if self.error.is_some() {
                    return None;
                }
                self.pair(operator, left.as_ref(), right.as_ref())
            }
        }
    }

    fn holds(&self, value: Option<&Json>) -> bool {
        value.is_some_and(|value| truthy(value, self.work))
    }

    fn pair(&mut self, operator: Operator, left: Option<&Json>, right: Option<&Json>) -> Option<Json> {
        let work = self.work;
        let ordered = |wanted: Ordering| order(left, right, work) == wanted;
        let holds = match operator {
            Operator::Equal => equal(left, right, work),
            Operator::NotEqual => !equal(left, right, work),
            Operator::Less => ordered(Ordering::Less),
            Operator::LessOrEqual => !ordered(Ordering::Greater),
            Operator::Greater => ordered(Ordering::Greater),
            Operator::GreaterOrEqual => !ordered(Ordering::Less),
            Operator::In => self.contains(right, left),
            Operator::NotIn => !self.contains(right, left),
            Operator::Item => {
                let item = right.and_then(|key| item(left?, key, work));
                return self.looked_at(item);
            }
            Operator::Join => return self.joined(left, right),
            _ => return self.computed(operator, left, right),
        };
        Some(Json::Bool(holds))
    }

    /// Arithmetic, and what `+` and `*` do with texts and lists.
    fn computed(&mut self, operator: Operator, left: Option<&Json>, right: Option<&Json>) -> Option<Json> {
        let [a, b] = [left, right].map(|side| self.work.read(side.unwrap_or(&Json::Null)));
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
        match result {
            Ok(value) => Some(value),
            Err(failure) => self.failed(failure, sign, &[left, right]),
        }
    }

    /// So many copies of these texts.
    fn texts(&mut self, parts: &[&str], copies: usize) -> Option<Json> {
        // Written, then copied.
        let copies = self.work.text(parts.iter().map(|part| part.len()).sum(), copies);
        let copies = self.made(copies)?;
        Some(parts.concat().repeat(copies).as_str().into())
    }

    /// So many copies of the items of these lists.
    fn lists(&mut self, parts: &[&[Json]], copies: usize) -> Option<Json> {
        let copies = self.work.lists(parts, copies);
        let copies = self.made(copies)?;
        let mut items = Vec::new();
        for part in (0..copies).flat_map(|_| parts) {
            items.extend_from_slice(part);
        }
        Some(Json::Array(items.into()))
    }

    /// `~`: both as a placeholder shows them.
    fn joined(&mut self, left: Option<&Json>, right: Option<&Json>) -> Option<Json> {
        let mut shown = [String::new(), String::new()];
        for (text, side) in shown.iter_mut().zip([left, right]) {
            match side {
                None | Some(Json::Null) => differs(|| side.is_some()),
                Some(Json::String(side)) => text.push_str(side),
                Some(side) => {
                    if !self.work.whole(side) {
                        return None;
                    }
                    // minijinja writes `True`, `None` and `1.0`, and lists of its own with blanks.
                    differs(|| !matches!(side, Json::Integer(_)));
                    json::write(side, text);
                }
            }
        }
        let [left, right] = &shown;
        self.texts(&[left, right], 1)
    }

    fn contains(&mut self, container: Option<&Json>, value: Option<&Json>) -> bool {
        let Some(container) = container else { return false };
        let work = self.work;
        let is_in = |part: &str, text: &str| {
            part.is_empty() || work.spend(text.len() + part.len()) && find(text, part).is_some()
        };
        match (work.read(container), value) {
            (Json::String(text), Some(Json::String(part))) => is_in(part, text),
            (Json::String(text), value) => {
                // For minijinja, what is missing is in every text, and `True` is written like this.
                differs(|| !matches!(value, Some(Json::Integer(_))));
                let value = value.filter(|value| !matches!(value, Json::Null) && work.whole(value));
                value.is_some_and(|value| is_in(&value.to_text(), text))
            }
            (Json::Array(list), value) => {
                list.iter().any(|item| equal(Some(item), value, work) || work.is_used_up())
            }
            (Json::Object(object), value) => {
                let key = value.and_then(Json::as_str);
                key.is_some_and(|key| work.spend(key.len()) && object.get(key).is_some())
            }
            (other, _) => {
                self.fail(&["`in` looks into a list, an object or a text, not ", other.kind()]);
                false
            }
        }
    }

    #[cold]
    fn failed(&mut self, failure: Failure, sign: &str, operands: &[Option<&Json>]) -> Option<Json> {
        match failure {
            Failure::Zero => self.fail(&["this divides by 0"]),
            Failure::TooLarge => {
                self.made::<()>(Err(TooMuch.error("the result is too large, or not a number")));
            }
            Failure::Kinds => {
                let kind = |operand: &Option<&Json>| operand.map_or("nothing", Json::kind);
                let mut kinds = operands.iter().map(kind);
                let (first, second) = (kinds.next().unwrap_or_default(), kinds.next());
                let (and, second) = second.map_or(("", ""), |second| (" and ", second));
                self.fail(&["`", sign, "` cannot be used with ", first, and, second])
            }
        }
        None
    }

    /// Nobody reads it if something is missing, so it is not even written then.
    #[cold]
    #[inline(never)]
    fn fail(&mut self, message: &[&str]) {
        let message = if self.missed { String::new() } else { message.concat() };
        self.error.get_or_insert(Value.error(message));
    }
}

/// How often something is repeated.
fn copies(count: &Json) -> Option<usize> {
    whole(count).and_then(|count| count.try_into().ok())
}

/// The member of an object, the item of a list, or the character of a text; negative numbers count from the end.
fn item(value: &Json, key: &Json, work: &Work) -> Option<Json> {
    let value = work.read(value);
    if let Json::Object(object) = value {
        return object.get(key.as_str()?).cloned();
    }
    let length = || match value.as_str() {
        Some(text) => text.chars().count(),
        None => value.as_array().map_or(0, <[Json]>::len),
    };
    let index = whole(key)?;
    let index = match usize::try_from(index) {
        Ok(index) => index,
        Err(_) if !work.spend(value.as_str().map_or(0, str::len)) => return None,
        Err(_) => length().checked_sub(usize::try_from(index.checked_neg()?).ok()?)?,
    };
    match value.as_str() {
        Some(text) => character(text, index, work),
        None => value.item(index).cloned(),
    }
}
