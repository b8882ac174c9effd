//! Evaluates a compiled template block by block.

pub(in crate::template) mod evaluator;
pub(in crate::template) mod rendering;
#[cfg(not(target_arch = "wasm32"))]
pub(in crate::template) mod snapshot;

use self::evaluator::Evaluator;
use self::rendering::{Instance, Numbers, Origin, Rendering, Row, Size};
use crate::json::Json;
use crate::session::Context;
use crate::template::TemplateError;
use crate::template::check::Check;
use crate::template::expression::scope::LoopState;
use crate::template::markup::attribute::checked;
use crate::template::program::{Program, Step};
use crate::template::syntax::control::Flow;
use crate::template::syntax::parts::Part;
use crate::template::syntax::source::error_at;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

/// The most warnings of one evaluation.
const MAX_WARNINGS: usize = 32;
/// The most elements and texts that a template shows.
const MAX_NODES: usize = 20_000;

/// What a template shows for this context.
pub(in crate::template) fn render(
    source: &str,
    programs: &[Program],
    context: &Context,
    previous: Option<&Rendering>,
) -> Result<Rendering, TemplateError> {
    let mut renderer = Renderer {
        source,
        programs,
        filling: Evaluator::new(source, context),
        numbers: previous.map(|previous| previous.numbers.clone()).unwrap_or_default(),
        nodes: MAX_NODES,
        warnings: Vec::new(),
    };
    let root = renderer.block(0, previous.map(|previous| &previous.root))?;
    let Renderer { filling, numbers, warnings, .. } = renderer;
    Ok(Rendering { root, numbers, missing: filling.missing, warnings })
}

struct Renderer<'a> {
    source: &'a str,
    programs: &'a [Program],
    filling: Evaluator<'a>,
    numbers: Numbers,
    nodes: usize,
    warnings: Vec<String>,
}

impl<'a> Renderer<'a> {
    /// As deep as the template's control flow; the compiler bounds that.
    fn block(&mut self, number: usize, previous: Option<&Instance>) -> Result<Instance, TemplateError> {
        let Some(program) = self.programs.get(number) else { return Ok(Instance::default()) };
        self.spend_nodes(program.nodes)?;
        let mut instance = Instance {
            values: Vec::with_capacity(program.slots),
            regions: Vec::with_capacity(program.regions),
        };
        for step in &program.steps {
            match step {
                Step::Text(placeholder) => {
                    let text = self.filling.value_text(placeholder)?;
                    instance.values.push(Some(text));
                }
                Step::Attribute { parts, check, place } => {
                    let text = self.attribute(parts, *check, place)?;
                    instance.values.push(text);
                }
                Step::Region(flow) => {
                    let before = previous.and_then(|previous| previous.regions.get(instance.regions.len()));
                    let rows = self.region(flow, before.map(Vec::as_slice).unwrap_or_default())?;
                    instance.regions.push(rows);
                }
                Step::Set(name, value) => self.filling.set(name, value)?,
            }
        }
        Ok(instance)
    }

    fn spend_nodes(&mut self, nodes: usize) -> Result<(), TemplateError> {
        self.nodes = self.nodes.checked_sub(nodes).ok_or_else(|| {
            error_at(self.source, 0, "the template shows more than 20,000 elements and texts; loop over less")
        })?;
        Ok(())
    }

    fn attribute(
        &mut self,
        parts: &[Part],
        check: Check,
        place: &str,
    ) -> Result<Option<Arc<str>>, TemplateError> {
        let text = match (check, parts) {
            (Check::Truth, [Part::Placeholder(placeholder)]) => {
                return Ok(self.filling.truth(placeholder)?.then(|| "".into()));
            }
            (Check::Text, [Part::Placeholder(placeholder)]) => {
                return self.filling.value_text(placeholder).map(Some);
            }
            _ => self.filling.text(parts)?,
        };
        let (text, warning) = checked(check, place, text.text, &text.values);
        if let Some(warning) = warning {
            self.filling.reports += 1;
            if self.warnings.len() < MAX_WARNINGS {
                self.warnings.push(warning);
            }
        }
        Ok(text.map(Into::into))
    }

    /// The rows of a region; those of `previous` go on living.
    fn region(&mut self, flow: &'a Flow<usize>, previous: &[Rc<Row>]) -> Result<Vec<Rc<Row>>, TemplateError> {
        match flow {
            Flow::Choice(branches) => {
                let branch = self.filling.branch(branches)?.copied();
                branch.map(|block| self.single(block, previous)).into_iter().collect()
            }
            Flow::Loop { name, list, body, otherwise } => {
                let items = self.filling.items(list, otherwise.is_some())?;
                if let (true, Some(otherwise)) = (items.is_empty(), otherwise) {
                    return Ok(vec![self.single(*otherwise, previous)?]);
                }
                self.rows(name, *body, &items, previous)
            }
        }
    }

    /// A branch that is taken.
    fn single(&mut self, block: usize, previous: &[Rc<Row>]) -> Result<Rc<Row>, TemplateError> {
        let before = previous.first().filter(|row| row.block == block);
        let number = before.map_or_else(|| self.numbers.take(), |row| row.number);
        let instance = self.block(block, before.map(|row| &row.instance))?;
        Ok(Rc::new(Row { number, block, key: None, origin: None, size: Size::default(), instance }))
    }

    fn rows(
        &mut self,
        name: &Arc<str>,
        block: usize,
        items: &[Json],
        previous: &[Rc<Row>],
    ) -> Result<Vec<Rc<Row>>, TemplateError> {
        let Some(program) = self.programs.get(block) else { return Ok(Vec::new()) };
        let mut known = Known::new(block, previous);
        let mut rows = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let turn = LoopState { index, length: items.len() };
            let row = match known.unchanged(index, |origin| self.is_same(origin, program, item, turn)) {
                Some(row) => self.keep(row)?,
                None => {
                    let mark = self.filling.enter(name, item.clone(), turn)?;
                    let row = self.row(block, program, item, turn, &mut known)?;
                    self.filling.scope.leave(mark);
                    row
                }
            };
            rows.push(row);
        }
        Ok(rows)
    }

    /// Whether a row that was made from `origin` would come out the same now.
    fn is_same(&self, origin: &Origin, program: &Program, item: &Json, turn: LoopState) -> bool {
        let same = *origin.item.borrow() == *item
            && origin.turn.is_none_or(|known| known == turn)
            && program
                .needs
                .names
                .iter()
                .zip(&origin.names)
                .all(|(name, known)| self.filling.scope.get(name) == *known);
        if same {
            // The old one would keep the whole old answer.
            origin.item.replace(item.clone());
        }
        same
    }

    /// A row that stays as it is still counts.
    fn keep(&mut self, row: Rc<Row>) -> Result<Rc<Row>, TemplateError> {
        self.spend_nodes(row.size.nodes)?;
        self.filling.spend(row.size.bytes)?;
        Ok(row)
    }

    fn row(
        &mut self,
        block: usize,
        program: &Program,
        item: &Json,
        turn: LoopState,
        known: &mut Known<'_>,
    ) -> Result<Rc<Row>, TemplateError> {
        let reports = self.filling.reports;
        let key = match &program.key {
            None => None,
            Some(parts) => Some(self.filling.text(parts)?.text.into()),
        };
        let before = known.take(turn.index, key.as_ref());
        if let Some(before) = before
            && let Some(origin) = &before.origin
            && self.is_same(origin, program, item, turn)
        {
            return self.keep(Rc::clone(before));
        }
        let number = before.map_or_else(|| self.numbers.take(), |row| row.number);
        let (nodes, bytes) = (self.nodes, self.filling.left());
        let needs = &program.needs;
        let names = needs.names.iter().map(|name| self.filling.scope.get(name)).collect();
        let instance = self.block(block, before.map(|row| &row.instance))?;
        // What it reports must be reported again next time.
        let keeps = !needs.everything && reports == self.filling.reports;
        let origin = keeps.then(|| Origin {
            item: RefCell::new(item.clone()),
            turn: needs.counts.then_some(turn),
            names,
        });
        let size = Size { nodes: nodes - self.nodes, bytes: bytes - self.filling.left() };
        Ok(Rc::new(Row { number, block, key, origin, size, instance }))
    }
}

/// The rows that were there, to be found again: by key, or by their place in the list.
struct Known<'a> {
    rows: Vec<Option<&'a Rc<Row>>>,
    /// Places by key, made when a row is not where it was.
    places: Option<BTreeMap<Arc<str>, usize>>,
}

impl<'a> Known<'a> {
    fn new(block: usize, previous: &'a [Rc<Row>]) -> Self {
        let rows = previous.iter().map(|row| Some(row).filter(|row| row.block == block)).collect();
        Self { rows, places: None }
    }

    /// The row at `index`, if what it was made from is still the same: its key is, too.
    fn unchanged(&mut self, index: usize, is_same: impl FnOnce(&Origin) -> bool) -> Option<Rc<Row>> {
        let here = self.rows.get_mut(index)?;
        let row = here.filter(|row| row.origin.as_ref().is_some_and(is_same))?;
        *here = None;
        Some(Rc::clone(row))
    }

    /// The row that goes on living at `index`; each only once. Of rows with the same key only the first is found elsewhere.
    fn take(&mut self, index: usize, key: Option<&Arc<str>>) -> Option<&'a Rc<Row>> {
        let here = self.rows.get_mut(index);
        match here {
            Some(here) if here.is_some_and(|row| row.key.as_ref() == key) => return here.take(),
            _ => {}
        }
        let key = key?;
        let rows = &self.rows;
        let places = self.places.get_or_insert_with(|| {
            let mut places = BTreeMap::new();
            for (place, row) in rows.iter().enumerate() {
                if let Some(key) = row.and_then(|row| row.key.clone()) {
                    places.entry(key).or_insert(place);
                }
            }
            places
        });
        let place = *places.get(key)?;
        self.rows.get_mut(place)?.take()
    }
}
