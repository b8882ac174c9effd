//! What a compiled template computes: for each block of its plan, the values of slots and what fills regions.

use super::attribute::Check;
use super::control::{Flow, Located};
use super::parts::Part;
use std::sync::Arc;

/// The steps of one block, in the order of the source, so that a `set` counts for what follows it.
#[derive(Debug, Default)]
pub(super) struct Program {
    pub(super) steps: Vec<Step>,
    /// How many slots there are among the steps.
    pub(super) slots: usize,
    /// How many regions there are among the steps.
    pub(super) regions: usize,
    /// How many nodes one instance of the block has.
    pub(super) nodes: usize,
    /// For the body of a loop: what makes its rows.
    pub(super) row: Option<RowRule>,
}

/// One step of a block.
#[derive(Debug)]
pub(super) enum Step {
    /// The value of the next slot: text.
    Text(super::placeholder::Placeholder),
    /// The value of the next slot: an attribute, or a declaration of a style.
    Attribute { parts: Vec<Part>, check: Check, place: String },
    /// What fills the next region: the numbers of blocks.
    Region(Flow<usize>),
    /// `{% set name = value %}`
    Set(Arc<str>, Located),
}

/// What the rows of a loop need to be told apart, and to be left alone when nothing has changed.
#[derive(Debug, Default)]
pub(super) struct RowRule {
    /// `key="${item.id}"`
    pub(super) key: Option<Vec<Part>>,
    /// The names that the body uses, apart from the item and `loop`.
    pub(super) names: Vec<Arc<str>>,
    /// Whether it uses `loop`.
    pub(super) counts: bool,
}

impl Program {
    /// Adds a step that gives a slot its value; returns the slot's number.
    pub(super) fn slot(&mut self, step: Step) -> usize {
        self.steps.push(step);
        self.slots += 1;
        self.slots - 1
    }

    /// Adds what fills a region; returns the region's number.
    pub(super) fn region(&mut self, flow: Flow<usize>) -> usize {
        self.steps.push(Step::Region(flow));
        self.regions += 1;
        self.regions - 1
    }
}
