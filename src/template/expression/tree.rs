//! What the parser makes of an expression, and what that reads.

use super::filters::{Filter, Test};
use super::path::Path;
use super::scope::Scope;
use crate::json::Json;

/// A compiled expression: its parts in the order of the source, each behind those that it is computed from. Flat, so
/// that neither reading nor dropping it takes code for a tree.
#[derive(Debug)]
pub(in crate::template) struct Tree {
    pub(in crate::template) nodes: Vec<Node>,
    /// The part that is the whole.
    pub(in crate::template) root: usize,
}

/// A part of a compiled expression.
#[derive(Debug)]
pub(in crate::template) enum Node {
    /// A path, as a part of the expression's text.
    Path(Path),
    /// A fixed value.
    Literal(Json),
    /// What is computed from others, by their places, in the order of the source.
    Operation(Operator, Vec<usize>),
}

/// What is done with operands. Without a number it is done with two of them.
#[derive(Clone, Copy, Debug)]
pub(in crate::template) enum Operator {
    /// Any number: a list of them.
    List,
    /// The item or member of the first one that the second one names.
    Item,
    /// The value and the arguments.
    Filter(&'static Filter),
    /// One.
    Test(Test),
    /// One.
    Not,
    /// One.
    Negate,
    /// The first one if the second one is true, else the third one, which may be missing.
    Condition,
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    NotIn,
    Add,
    Subtract,
    /// `~`
    Join,
    Multiply,
    Divide,
    FloorDivide,
    Remainder,
    Power,
}

impl Tree {
    /// Adds the paths that it reads, each once, in the order of the source.
    pub(in crate::template) fn paths<'t>(&self, text: &'t str, paths: &mut Vec<&'t str>) {
        for node in &self.nodes {
            if let Node::Path(path) = node {
                add(path.of(text), paths);
            }
        }
    }

    /// Whether one of the paths that it reads has no value.
    pub(in crate::template) fn misses(&self, text: &str, scope: &Scope<'_>) -> bool {
        self.nodes.iter().any(|node| matches!(node, Node::Path(path) if path.misses(text, scope)))
    }

    /// The expression with the letter case of the first path that exists in another one.
    pub(in crate::template) fn near_miss(&self, text: &str, scope: &Scope<'_>) -> Option<String> {
        self.nodes.iter().find_map(|node| match node {
            Node::Path(path) => path.near_miss(text, scope),
            _ => None,
        })
    }
}

/// Adds what is not there yet.
pub(in crate::template) fn add<'t>(path: &'t str, paths: &mut Vec<&'t str>) {
    if !paths.contains(&path) {
        paths.push(path);
    }
}
