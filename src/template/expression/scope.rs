//! What names mean during an evaluation: variables, and what loops and `{% set %}` have added.

use crate::json::Json;
use crate::session::Context;
use crate::template::expression::work::Work;
use std::sync::Arc;

/// Where an evaluation stands in a loop; templates see it as `loop`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::template) struct LoopState {
    /// From 0.
    pub(in crate::template) index: usize,
    /// How many items the loop has.
    pub(in crate::template) length: usize,
}

/// A name that a template has added.
#[derive(Clone, Debug)]
enum Local {
    /// An item of a loop, or a `set`.
    Value(Arc<str>, Json),
    /// The `loop` of the innermost loop.
    LoopState(LoopState),
}

/// The names that expressions can use. Inner names hide outer ones; `context.name` always means the variable.
#[derive(Clone, Debug)]
pub(in crate::template) struct Scope<'a> {
    context: &'a Context,
    locals: Locals,
    work: &'a Work,
}

/// The names that a template has added, the innermost last.
#[derive(Clone, Debug, Default)]
pub(in crate::template) struct Locals(Vec<Local>);

impl Locals {
    /// What a name means.
    pub(in crate::template) fn get(&self, name: &str) -> Option<Json> {
        self.0.iter().rev().find_map(|local| match local {
            Local::Value(known, value) if &**known == name => Some(value.clone()),
            Local::LoopState(turn) if name == "loop" => Some(turn.value()),
            _ => None,
        })
    }
}

impl<'a> Scope<'a> {
    /// The variables alone. What reads them takes from `work`.
    pub(in crate::template) fn new(context: &'a Context, work: &'a Work) -> Self {
        Self { context, locals: Locals::default(), work }
    }

    /// What may still be done.
    pub(in crate::template) fn work(&self) -> &'a Work {
        self.work
    }

    /// The variables behind everything else.
    pub(in crate::template) fn context(&self) -> &'a Context {
        self.context
    }

    /// Names the item of a loop's turn; [`Scope::leave`] with the returned mark ends the turn.
    pub(in crate::template) fn enter(&mut self, name: &Arc<str>, item: Json, turn: LoopState) -> usize {
        let mark = self.locals.0.len();
        self.locals.0.push(Local::LoopState(turn));
        self.locals.0.push(Local::Value(name.clone(), item));
        mark
    }

    /// Where the names are now.
    pub(in crate::template) fn mark(&self) -> usize {
        self.locals.0.len()
    }

    /// Forgets all names that were added since.
    pub(in crate::template) fn leave(&mut self, mark: usize) {
        self.locals.0.truncate(mark);
    }

    /// `{% set name = value %}`: valid to the end of the innermost loop's turn, or of the template.
    pub(in crate::template) fn set(&mut self, name: &Arc<str>, value: Json) {
        self.locals.0.push(Local::Value(name.clone(), value));
    }

    /// The names that the template has added.
    #[cfg(any(not(target_arch = "wasm32"), feature = "full"))]
    pub(in crate::template) fn locals(&self) -> &Locals {
        &self.locals
    }

    /// What a name at the beginning of a path means. `context` itself is not a name here.
    pub(in crate::template) fn get(&self, name: &str) -> Option<Json> {
        // A template may have added thousands.
        self.work.spend(self.locals.0.len());
        self.locals.get(name).or_else(|| self.context.get(name))
    }

    /// The innermost loop, for paths such as `loop.index`, which need no object.
    pub(in crate::template) fn turn(&self) -> Option<LoopState> {
        self.locals.0.iter().rev().find_map(|local| match local {
            Local::LoopState(turn) => Some(*turn),
            Local::Value(..) => None,
        })
    }
}

impl LoopState {
    /// A member of `loop`.
    pub(in crate::template) fn member(self, name: &str) -> Option<Json> {
        let number = |number: usize| Json::Integer(i64::try_from(number).unwrap_or(i64::MAX));
        Some(match name {
            "index" => number(self.index + 1),
            "index0" => number(self.index),
            "length" => number(self.length),
            "first" => Json::Bool(self.index == 0),
            "last" => Json::Bool(self.index + 1 == self.length),
            _ => return None,
        })
    }

    /// All members.
    pub(in crate::template) fn value(self) -> Json {
        let mut object = crate::json::Object::new();
        for name in ["index", "index0", "length", "first", "last"] {
            object.set(name, self.member(name).unwrap_or_default());
        }
        object.into()
    }
}
