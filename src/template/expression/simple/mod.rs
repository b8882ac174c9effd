//! Simple expressions, the commonest by far: `stock > 0 and not sold`, `name|trim|default('guest')`, `user is defined`.
//!
//! They need no expression engine, and give what the engine would give. [`parse`] says which they are.

mod parse;

use crate::json::Json;
use crate::template::expression::Outcome;
use crate::template::expression::compare::{equal, order, truthy};
use crate::template::expression::filters::{Filter, Test};
use crate::template::expression::path::Path;
use crate::template::expression::scope::Scope;
use std::cmp::Ordering;

/// A compiled simple expression. Its paths are parts of the expression's text.
#[derive(Debug)]
pub(in crate::template) struct Simple {
    root: Node,
}

#[derive(Debug)]
enum Node {
    Path(Path),
    Literal(Json),
    /// The arguments are paths and literals.
    Filter(Box<Node>, &'static Filter, Box<[Node]>),
    Test(Box<Node>, Test),
    Not(Box<Node>),
    /// `and` or `or`: the right side counts if the left one has this truth.
    Choice(bool, Box<[Node; 2]>),
    Compare(Comparison, Box<[Node; 2]>),
}

/// The order that is asked for, or equality; and whether it is to be or not to be.
type Comparison = (Option<Ordering>, bool);

/// What one evaluation looks at, and what it remembers.
struct Look<'a> {
    text: &'a str,
    scope: &'a Scope<'a>,
    /// Whether something was missing or null.
    missed: bool,
}

impl Simple {
    /// Compiles a simple expression; `None` if it is none, an error if it is one with a mistake.
    pub(in crate::template) fn parse(text: &str) -> Result<Option<Simple>, String> {
        match parse::parse(text) {
            Ok(root) => Ok(Some(Simple { root })),
            Err(mistake) => mistake.map_or(Ok(None), Err),
        }
    }

    /// The value, if there is one; it may be null. `text` is what was compiled.
    pub(in crate::template) fn value(&self, text: &str, scope: &Scope<'_>) -> Result<Option<Json>, String> {
        let mut look = Look { text, scope, missed: false };
        match look.value(&self.root) {
            // `name|round` while the name is no number, but something else is not there yet: nothing is wrong.
            Err(_) if look.missed => Ok(None),
            result => result,
        }
    }

    /// The value, or which letter case the missing one would need.
    pub(in crate::template) fn evaluate(&self, text: &str, scope: &Scope<'_>) -> Result<Outcome, String> {
        Ok(match self.value(text, scope)? {
            None | Some(Json::Null) => Outcome::Missing { near_miss: near_miss(&self.root, text, scope) },
            Some(value) => Outcome::Value(value),
        })
    }
}

impl Look<'_> {
    fn value(&mut self, node: &Node) -> Result<Option<Json>, String> {
        Ok(match node {
            Node::Literal(value) => Some(value.clone()),
            Node::Path(path) => {
                let value = path.value(self.text, self.scope);
                self.missed |= matches!(value, None | Some(Json::Null));
                value
            }
            Node::Filter(inner, filter, arguments) => {
                let value = self.value(inner)?.unwrap_or_default();
                let mut values = Vec::with_capacity(arguments.len());
                for argument in arguments {
                    values.push(self.value(argument)?.unwrap_or_default());
                }
                filter.check(&values)?;
                let value = Some(filter.apply(&value, &values)?).filter(|value| *value != Json::Null);
                self.missed |= value.is_none();
                value
            }
            Node::Test(inner, test) => Some(Json::Bool(test.passes(self.value(inner)?.as_ref()))),
            Node::Not(inner) => Some(Json::Bool(!self.truth(inner)?.0)),
            Node::Choice(goes_on, sides) => {
                let [left, right] = &**sides;
                let (truth, value) = self.truth(left)?;
                if truth == *goes_on { self.value(right)? } else { value }
            }
            Node::Compare((wanted, wants), sides) => {
                let [left, right] = &**sides;
                let (left, right) = (self.value(left)?, self.value(right)?);
                let (left, right) = (left.as_ref(), right.as_ref());
                let holds = match wanted {
                    None => equal(left, right),
                    Some(wanted) => order(left, right) == *wanted,
                };
                Some(Json::Bool(holds == *wants))
            }
        })
    }

    fn truth(&mut self, node: &Node) -> Result<(bool, Option<Json>), String> {
        let value = self.value(node)?;
        Ok((value.as_ref().is_some_and(truthy), value))
    }
}

/// The expression with the letter case of the first path that exists in another one.
fn near_miss(node: &Node, text: &str, scope: &Scope<'_>) -> Option<String> {
    match node {
        Node::Path(path) => match path.walk(text, scope) {
            Outcome::Missing { near_miss } => near_miss,
            Outcome::Value(_) => None,
        },
        Node::Literal(_) => None,
        Node::Filter(inner, _, arguments) => near_miss(inner, text, scope)
            .or_else(|| arguments.iter().find_map(|argument| near_miss(argument, text, scope))),
        Node::Test(inner, _) | Node::Not(inner) => near_miss(inner, text, scope),
        Node::Choice(_, sides) | Node::Compare(_, sides) => {
            sides.iter().find_map(|side| near_miss(side, text, scope))
        }
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;
