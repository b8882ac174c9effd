//! What a compiled template computes: for each block of its plan, the values of slots and what fills regions.

use crate::template::check::Check;
use crate::template::expression::Expression;
use crate::template::syntax::control::{Flow, Located};
use crate::template::syntax::parts::Part;
use std::sync::Arc;

/// The steps of one block, in the order of the source, so that a `set` counts for what follows it.
#[derive(Debug, Default)]
pub(in crate::template) struct Program {
    pub(in crate::template) steps: Vec<Step>,
    /// How many slots there are among the steps.
    pub(in crate::template) slots: usize,
    /// How many regions there are among the steps.
    pub(in crate::template) regions: usize,
    /// How many nodes one instance of the block has.
    pub(in crate::template) nodes: usize,
    /// For the body of a loop: `key="${item.id}"`.
    pub(in crate::template) key: Option<Vec<Part>>,
    /// For the body of a loop: what its rows depend on.
    pub(in crate::template) needs: Dependencies,
}

/// One step of a block.
#[derive(Debug)]
pub(in crate::template) enum Step {
    /// The value of the next slot: text.
    Text(crate::template::syntax::placeholder::Placeholder),
    /// The value of the next slot: an attribute, or a declaration of a style.
    Attribute { parts: Vec<Part>, check: Check, place: String },
    /// What fills the next region: the numbers of blocks.
    Region(Flow<usize>),
    /// `{% set name = value %}`
    Set(Arc<str>, Located),
}

/// What the content of a loop's row depends on, apart from the item.
#[derive(Debug, Default)]
pub(in crate::template) struct Dependencies {
    /// The names that the body uses.
    pub(in crate::template) names: Vec<Arc<str>>,
    /// Whether it uses `loop`.
    pub(in crate::template) counts: bool,
    /// Whether it uses `context`, which is everything.
    pub(in crate::template) everything: bool,
}

impl Program {
    /// Adds a step that gives a slot its value; returns the slot's number.
    pub(in crate::template) fn slot(&mut self, step: Step) -> usize {
        self.steps.push(step);
        self.slots += 1;
        self.slots - 1
    }

    /// Adds what fills a region; returns the region's number.
    pub(in crate::template) fn region(&mut self, flow: Flow<usize>) -> usize {
        self.steps.push(Step::Region(flow));
        self.regions += 1;
        self.regions - 1
    }
}

/// Finds out what the rows of all loops depend on, so that rows can be left alone while that stays the same.
pub(in crate::template) fn find_dependencies(programs: &mut [Program]) {
    for body in 0..programs.len() {
        let mut bodies = Vec::new();
        for step in programs.get(body).map(|program| program.steps.as_slice()).unwrap_or_default() {
            if let Step::Region(Flow::Loop { name, body, .. }) = step {
                bodies.push((*body, name.clone()));
            }
        }
        for (body, item) in bodies {
            let mut needs = Dependencies::default();
            block_needs(programs, body, &mut needs);
            needs.names.retain(|name| *name != item);
            if let Some(program) = programs.get_mut(body) {
                program.needs = needs;
            }
        }
    }
}

/// A name that the body itself gives, by `set` or an inner loop, is noted as well: it has no value before the body, so
/// it does no harm.
fn block_needs(programs: &[Program], block: usize, needs: &mut Dependencies) {
    let Some(program) = programs.get(block) else { return };
    for step in &program.steps {
        match step {
            Step::Text(placeholder) => needs.add(placeholder.expression()),
            Step::Attribute { parts, .. } => parts_needs(parts, needs),
            Step::Region(flow) => {
                flow_needs(flow, needs, &|block, needs| block_needs(programs, *block, needs))
            }
            Step::Set(_, value) => needs.add(&value.expression),
        }
    }
    parts_needs(program.key.as_deref().unwrap_or_default(), needs);
}

fn parts_needs(parts: &[Part], needs: &mut Dependencies) {
    for part in parts {
        match part {
            Part::Fixed(_) => {}
            Part::Placeholder(placeholder) => needs.add(placeholder.expression()),
            Part::Flow(flow) => flow_needs(flow, needs, &|parts, needs| parts_needs(parts, needs)),
            Part::Set(_, value) => needs.add(&value.expression),
        }
    }
}

fn flow_needs<B>(flow: &Flow<B>, needs: &mut Dependencies, body_needs: &dyn Fn(&B, &mut Dependencies)) {
    match flow {
        Flow::Choice(branches) => {
            for (condition, body) in branches {
                if let Some(condition) = condition {
                    needs.add(&condition.expression);
                }
                body_needs(body, needs);
            }
        }
        Flow::Loop { list, body, otherwise, .. } => {
            needs.add(&list.expression);
            body_needs(body, needs);
            if let Some(otherwise) = otherwise {
                body_needs(otherwise, needs);
            }
        }
    }
}

impl Dependencies {
    fn add(&mut self, expression: &Expression) {
        for name in expression.names() {
            match name {
                "loop" => self.counts = true,
                "context" => self.everything = true,
                _ if self.names.iter().any(|known| &**known == name) => {}
                _ => self.names.push(name.into()),
            }
        }
    }
}
