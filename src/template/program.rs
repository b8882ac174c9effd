//! What a compiled template computes: for each block of its plan, the values of slots and what fills regions.

use crate::json::Json;
use crate::template::check::Check;
use crate::template::expression::Expression;
use crate::template::expression::work::Work;
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

/// What the content of a loop's row depends on. What each step depends on is a set of bits: if nothing of it has changed,
/// the step gives what it gave before.
#[derive(Debug, Default)]
pub(in crate::template) struct Dependencies {
    /// The names that the body uses, apart from the item's.
    pub(in crate::template) names: Vec<Arc<str>>,
    /// The members of the item that the body uses.
    fields: Vec<Box<str>>,
    /// Whether it uses `loop`.
    pub(in crate::template) counts: bool,
    /// Whether it uses `context`, which is everything.
    pub(in crate::template) everything: bool,
    /// Whether one of its steps gives a name a value that later steps may use.
    sets: bool,
    /// What the key or any step depends on.
    pub(in crate::template) all: u64,
    /// What the key depends on.
    pub(in crate::template) key: u64,
    /// The member that the key is, if it is one and nothing else.
    pub(in crate::template) key_field: Option<Box<str>>,
    /// By number of the step.
    pub(in crate::template) steps: Vec<StepDependencies>,
}

/// What one step of a loop's body depends on.
#[derive(Debug, Default)]
pub(in crate::template) struct StepDependencies {
    pub(in crate::template) bits: u64,
    /// The member of the item that the step, or the first condition of its choice, is and nothing else.
    pub(in crate::template) field: Option<Box<str>>,
}

/// Everything, also what has no bit of its own.
pub(in crate::template) const ANYTHING: u64 = u64::MAX;
/// `loop`.
pub(in crate::template) const LOOP: u64 = 1;
/// The item, whatever of it has changed.
pub(in crate::template) const ITEM: u64 = 1 << 1;
/// The bits of the first name and the first member; the last one of each kind stands for all further ones.
const FIRST_NAME: usize = 2;
const FIRST_FIELD: usize = 32;
const END: usize = 64;

/// The bit of a name, by its number.
pub(in crate::template) fn name_bit(number: usize) -> u64 {
    1 << (FIRST_NAME + number).min(FIRST_FIELD - 1)
}

/// What uses more names or members depends on everything.
const MAX_NAMES: usize = 256;

fn field_bit(number: usize) -> u64 {
    1 << (FIRST_FIELD + number).min(END - 1)
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
            let needs = Search { programs, item: &item, found: Dependencies::default(), bits: 0 }.body(body);
            if let Some(program) = programs.get_mut(body) {
                program.needs = needs;
            }
        }
    }
}

/// What a whole template depends on.
pub(in crate::template) fn dependencies(programs: &[Program]) -> Dependencies {
    Search { programs, item: "", found: Dependencies::default(), bits: 0 }.body(0)
}

/// What a text depends on.
pub(in crate::template) fn dependencies_of(parts: &[Part]) -> Dependencies {
    let mut search = Search { programs: &[], item: "", found: Dependencies::default(), bits: 0 };
    search.parts(parts);
    search.found
}

/// A search for what the body of a loop depends on.
struct Search<'a> {
    programs: &'a [Program],
    /// The item's name.
    item: &'a str,
    found: Dependencies,
    /// What the step depends on that is being looked at.
    bits: u64,
}

impl Search<'_> {
    fn body(mut self, block: usize) -> Dependencies {
        let Some(program) = self.programs.get(block) else { return self.found };
        for step in &program.steps {
            self.bits = 0;
            self.step(step);
            let field = match step {
                Step::Text(placeholder) => self.field(placeholder.expression()),
                Step::Attribute { parts, .. } => self.only_field(parts),
                Step::Region(Flow::Choice(branches)) => match branches.first() {
                    Some((Some(condition), _)) => self.field(&condition.expression),
                    _ => None,
                },
                Step::Region(Flow::Loop { .. }) | Step::Set(..) => None,
            };
            self.found.steps.push(StepDependencies { bits: self.bits, field });
        }
        let key = program.key.as_deref().unwrap_or_default();
        self.bits = 0;
        self.parts(key);
        self.found.key = self.bits;
        self.found.key_field = self.only_field(key);
        if self.found.sets {
            // Even the item's name may mean something else by then.
            for step in &mut self.found.steps {
                *step = StepDependencies { bits: ANYTHING, field: None };
            }
        }
        self.found.all = self.found.steps.iter().fold(self.found.key, |all, step| all | step.bits);
        self.found
    }

    fn block(&mut self, block: usize) {
        for step in self.programs.get(block).map(|program| program.steps.as_slice()).unwrap_or_default() {
            self.step(step);
        }
    }

    /// A name that the body itself gives, by `set` or an inner loop, is noted as well: it has no value before the body,
    /// so it does no harm.
    fn step(&mut self, step: &Step) {
        match step {
            Step::Text(placeholder) => self.expression(placeholder.expression()),
            Step::Attribute { parts, .. } => self.parts(parts),
            Step::Region(flow) => self.flow(flow, |search, block| search.block(*block)),
            Step::Set(_, value) => {
                self.found.sets = true;
                self.expression(&value.expression);
            }
        }
    }

    fn parts(&mut self, parts: &[Part]) {
        for part in parts {
            match part {
                Part::Fixed(_) => {}
                Part::Placeholder(placeholder) => self.expression(placeholder.expression()),
                Part::Flow(flow) => self.flow(flow, |search, parts| search.parts(parts)),
                Part::Set(_, value) => self.expression(&value.expression),
            }
        }
    }

    fn flow<B>(&mut self, flow: &Flow<B>, body_of: fn(&mut Self, &B)) {
        match flow {
            Flow::Choice(branches) => {
                for (condition, body) in branches {
                    if let Some(condition) = condition {
                        self.expression(&condition.expression);
                    }
                    body_of(self, body);
                }
            }
            Flow::Loop { list, body, otherwise, .. } => {
                self.expression(&list.expression);
                body_of(self, body);
                if let Some(otherwise) = otherwise {
                    body_of(self, otherwise);
                }
            }
        }
    }

    fn expression(&mut self, expression: &Expression) {
        for name in expression.names() {
            let found = &mut self.found;
            self.bits |= match name {
                "loop" => {
                    found.counts = true;
                    LOOP
                }
                "context" => {
                    found.everything = true;
                    ANYTHING
                }
                name if name == self.item => self.members(expression),
                _ if found.names.len() >= MAX_NAMES => {
                    found.everything = true;
                    ANYTHING
                }
                name => name_bit(place(&mut found.names, name)),
            };
        }
    }

    /// What of the item an expression uses.
    fn members(&mut self, expression: &Expression) -> u64 {
        let mut bits = 0;
        for path in expression.paths() {
            if let (name, rest) = split_name(path)
                && name == self.item
            {
                bits |= match rest.strip_prefix('.').map(|rest| split_name(rest).0) {
                    None | Some("") => ITEM,
                    Some(_) if self.found.fields.len() >= MAX_NAMES => ITEM,
                    Some(field) => field_bit(place(&mut self.found.fields, field)),
                };
            }
        }
        bits
    }

    /// The member of the item that an expression is, with nothing else.
    fn field(&self, expression: &Expression) -> Option<Box<str>> {
        let (name, rest) = split_name(expression.text());
        let (field, rest) = split_name(rest.strip_prefix('.')?);
        (name == self.item && rest.is_empty() && !field.is_empty()).then(|| field.into())
    }

    fn only_field(&self, parts: &[Part]) -> Option<Box<str>> {
        match parts {
            [Part::Placeholder(placeholder)] => self.field(placeholder.expression()),
            _ => None,
        }
    }
}

/// The name at the beginning of a path, and what follows.
fn split_name(path: &str) -> (&str, &str) {
    let is_in_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | 0x80..);
    let end = path.bytes().position(|byte| !is_in_name(&byte)).unwrap_or(path.len());
    path.split_at_checked(end).unwrap_or((path, ""))
}

/// The place of a text in a list to which it is added if it is not there.
fn place<T: AsRef<str> + for<'a> From<&'a str>>(list: &mut Vec<T>, text: &str) -> usize {
    match list.iter().position(|known| known.as_ref() == text) {
        Some(place) => place,
        None => {
            list.push(text.into());
            list.len() - 1
        }
    }
}

/// What has changed since a row was made.
#[derive(Clone, Copy, Debug)]
pub(in crate::template) struct Changes<'i> {
    pub(in crate::template) bits: u64,
    /// If it is one member of the item: its key, and its text if that can simply be copied.
    pub(in crate::template) member: Option<(&'i str, &'i str)>,
}

impl Changes<'_> {
    pub(in crate::template) const EVERYTHING: Self = Self { bits: ANYTHING, member: None };
}

impl Dependencies {
    /// Whether another value of this variable may make a difference.
    pub(in crate::template) fn has(&self, variable: &str) -> bool {
        self.everything || self.names.iter().any(|name| **name == *variable)
    }

    /// What differs between two items.
    pub(in crate::template) fn changes<'i>(&self, old: &Json, new: &'i Json, work: &Work) -> Changes<'i> {
        let (Json::Lazy(old), Json::Lazy(new)) = (old, new) else {
            return Changes { bits: if work.same(old, new) { 0 } else { ANYTHING }, member: None };
        };
        work.spend(new.length());
        let field = |key: &str| {
            self.fields
                .iter()
                .position(|field| **field == *key)
                .map_or(ITEM, |number| ITEM | field_bit(number))
        };
        if let Some((key, text)) = new.only_change(old) {
            return Changes { bits: field(key), member: text.map(|text| (key, text)) };
        }
        let mut bits = 0;
        let is_complete = new.changed_members(old, &mut |key| bits |= field(key));
        Changes { bits: if is_complete { bits } else { ANYTHING }, member: None }
    }
}
