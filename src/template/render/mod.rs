//! Evaluates a compiled template block by block.

pub(in crate::template) mod evaluator;
pub(in crate::template) mod rendering;
mod rows;
#[cfg(not(target_arch = "wasm32"))]
pub(in crate::template) mod snapshot;

use self::evaluator::{Evaluator, FilledText};
use self::rendering::{Instance, Numbers, Rendering, Row, Size};
use crate::json::Json;
use crate::session::Context;
use crate::template::TemplateError;
use crate::template::check::Check;
use crate::template::expression::work::{NODE, STEP, Work};
use crate::template::markup::attribute::checked;
use crate::template::program::{ANYTHING, Changes, Program, Step};
use crate::template::syntax::control::Flow;
use crate::template::syntax::parts::Part;
use crate::template::syntax::source::error_at;
use std::rc::Rc;
use std::sync::Arc;

/// The most warnings of one evaluation.
const MAX_WARNINGS: usize = 32;
/// In longer texts of items no member is looked for.
const MAX_LOOKED: usize = 1024;
/// The most elements and texts that a template shows.
const MAX_NODES: usize = 20_000;

/// What a template shows for this context.
pub(in crate::template) fn render(
    source: &str,
    programs: &[Program],
    context: &Context,
    previous: Option<&Rendering>,
    work: &Work,
) -> Result<Rendering, TemplateError> {
    let mut renderer = Renderer {
        source,
        programs,
        evaluator: Evaluator::new(source, context, work),
        numbers: previous.map(|previous| previous.numbers.clone()).unwrap_or_default(),
        nodes: MAX_NODES,
        warnings: Vec::new(),
    };
    let (root, size) = renderer.block(0, previous.map(|previous| &previous.root), None)?;
    let Renderer { evaluator, numbers, warnings, .. } = renderer;
    Ok(Rendering { root, numbers, size, missing: evaluator.missing, warnings })
}

struct Renderer<'a> {
    source: &'a str,
    programs: &'a [Program],
    evaluator: Evaluator<'a>,
    numbers: Numbers,
    nodes: usize,
    warnings: Vec<String>,
}

impl<'a> Renderer<'a> {
    /// An instance of a block, and what it takes of the bounds. For a row of a loop `row` has the item and what has changed
    /// since the row was made that `previous` is the instance of: whatever does not depend on that is taken over.
    ///
    /// As deep as the template's control flow; the compiler bounds that.
    fn block(
        &mut self,
        number: usize,
        previous: Option<&Instance>,
        row: Option<(&Json, Changes<'_>)>,
    ) -> Result<(Instance, Size), TemplateError> {
        let Some(program) = self.programs.get(number) else { return Ok(Default::default()) };
        let (nodes, bytes) = (self.nodes, self.evaluator.left());
        self.spend_nodes(program.nodes)?;
        if previous.is_none() {
            self.evaluator.work(NODE * program.nodes)?;
        }
        let mut instance = Instance {
            values: Vec::with_capacity(program.slots),
            regions: Vec::with_capacity(program.regions),
        };
        let (item, changes) = row.unzip();
        let Changes { bits: changes, member } = changes.unwrap_or(Changes::EVERYTHING);
        let copied = |field: Option<&str>| match member {
            Some((key, text)) if field == Some(key) => Some(text),
            _ => member_text(item?, field),
        };
        for (number, step) in program.steps.iter().enumerate() {
            let needs = program.needs.steps.get(number);
            let is_kept = changes != ANYTHING && needs.is_some_and(|needs| needs.bits & changes == 0);
            let field = needs.and_then(|needs| needs.field.as_deref());
            if let (Some(Json::Lazy(item)), Some(_)) = (item, field) {
                // The member is looked for in its text.
                self.evaluator.work(item.length().min(MAX_LOOKED) / 8)?;
            }
            let (slot, region) = (instance.values.len(), instance.regions.len());
            match (step, previous) {
                (Step::Text(_) | Step::Attribute { .. }, Some(previous)) if is_kept => {
                    let text = previous.values.get(slot).cloned().flatten();
                    self.evaluator.spend(text.as_deref().map_or(0, str::len))?;
                    instance.values.push(text);
                }
                (Step::Region(_), Some(previous)) if is_kept => {
                    let rows = previous.regions.get(region).cloned().unwrap_or_default();
                    for row in &rows {
                        self.spend(row.size)?;
                    }
                    instance.regions.push(rows);
                }
                (Step::Text(placeholder), _) => {
                    let text = match copied(field) {
                        Some(text) => self.evaluator.copied(text)?,
                        None => self.evaluator.value_text(placeholder)?,
                    };
                    instance.values.push(Some(text));
                }
                (Step::Attribute { parts, check, place }, _) => {
                    let field = copied(field);
                    let text = self.attribute(parts, *check, place, field)?;
                    instance.values.push(text);
                }
                (Step::Region(flow), _) => {
                    let before = previous.and_then(|previous| previous.regions.get(region));
                    let truth = item.and_then(|item| member_truth(item, field));
                    let rows = self.region(flow, before.map(Vec::as_slice).unwrap_or_default(), truth)?;
                    instance.regions.push(rows);
                }
                (Step::Set(name, value), _) => self.evaluator.set(name, value)?,
            }
        }
        let size = Size { nodes: nodes - self.nodes, bytes: bytes - self.evaluator.left() };
        Ok((instance, size))
    }

    fn spend_nodes(&mut self, nodes: usize) -> Result<(), TemplateError> {
        self.nodes = self.nodes.checked_sub(nodes).ok_or_else(|| {
            error_at(
                self.source,
                0,
                "the template shows more than 20,000 elements and texts; loop over less".to_owned(),
            )
        })?;
        Ok(())
    }

    fn attribute(
        &mut self,
        parts: &[Part],
        check: Check,
        place: &str,
        field: Option<&str>,
    ) -> Result<Option<Arc<str>>, TemplateError> {
        let left = self.evaluator.left();
        let text = match (check, parts) {
            (Check::Text, _) if let Some(field) = field => return self.evaluator.copied(field).map(Some),
            (Check::Truth, [Part::Placeholder(placeholder)]) => {
                return Ok(self.evaluator.truth(placeholder)?.then(|| "".into()));
            }
            (Check::Text, [Part::Placeholder(placeholder)]) => {
                return self.evaluator.value_text(placeholder).map(Some);
            }
            _ => match field {
                Some(field) if check != Check::Truth => {
                    self.evaluator.work(STEP + field.len())?;
                    FilledText { text: field.to_owned(), values: std::iter::once(0..field.len()).collect() }
                }
                _ => self.evaluator.text(parts)?,
            },
        };
        self.evaluator.work(cost(check) * text.text.len())?;
        let (text, warning) = checked(check, place, text.text, &text.values);
        self.evaluator.spend_instead(left, text.as_deref())?;
        if let Some(warning) = warning {
            self.evaluator.reports += 1;
            if self.warnings.len() < MAX_WARNINGS {
                self.warnings.push(warning);
            }
        }
        Ok(text.map(Into::into))
    }

    /// The rows of a region; those of `previous` go on living. `truth`: whether the first condition of a choice holds, if that
    /// is known.
    fn region(
        &mut self,
        flow: &'a Flow<usize>,
        previous: &[Rc<Row>],
        truth: Option<bool>,
    ) -> Result<Vec<Rc<Row>>, TemplateError> {
        match flow {
            Flow::Choice(branches) => {
                let branch = match (truth, branches.split_first()) {
                    (Some(true), Some(((_, block), _))) => Some(*block),
                    (Some(false), Some((_, others))) => self.evaluator.branch(others)?.copied(),
                    _ => self.evaluator.branch(branches)?.copied(),
                };
                branch.map(|block| self.single(block, previous)).into_iter().collect()
            }
            Flow::Loop { name, list, body, otherwise } => {
                let items = self.evaluator.items(list, otherwise.is_some())?;
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
        let (instance, size) = self.block(block, before.map(|row| &row.instance), None)?;
        Ok(Rc::new(Row { number, block, key: None, origin: None, size, instance }))
    }
}

/// What checking a byte costs.
fn cost(check: Check) -> usize {
    match check {
        Check::Text | Check::Truth => 0,
        Check::Link | Check::Image | Check::Media | Check::ImageSet | Check::Position => 2,
        // Names of functions are looked up in a list.
        Check::Style | Check::Paint => 16,
    }
}

/// The text of a member of the item that can simply be copied.
fn member_text<'i>(item: &'i Json, field: Option<&str>) -> Option<&'i str> {
    match item {
        Json::Lazy(item) => item.member_text(field?),
        _ => None,
    }
}

/// Whether a member of the item counts as true, where that is seen at once.
fn member_truth(item: &Json, field: Option<&str>) -> Option<bool> {
    match item {
        Json::Lazy(item) => item.member_truth(field?),
        _ => None,
    }
}
