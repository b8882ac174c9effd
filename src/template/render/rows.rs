//! The rows of a loop: which of those that were there go on living, and what of them is computed again.

use super::rendering::{Origin, Row, Size};
use super::{Renderer, member_text};
use crate::json::Json;
use crate::template::TemplateError;
use crate::template::expression::scope::LoopState;
use crate::template::expression::work::{STEP, Work};
use crate::template::program::{Changes, LOOP, Program, name_bit};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

/// What all rows of one loop have in common.
pub(super) struct Loop<'p> {
    pub(super) block: usize,
    pub(super) program: &'p Program,
    /// The name of the item.
    pub(super) name: &'p Arc<str>,
    /// How many items there are.
    pub(super) length: usize,
    /// The values of the names that the body uses.
    pub(super) names: Rc<[Option<Json>]>,
    /// Which of them have changed since the rows were made that were there.
    pub(super) changed_names: u64,
    pub(super) work: &'p Work,
}

impl Loop<'_> {
    /// What has changed since a row was made; nothing if it must be made anew in any case.
    fn changes<'i>(&self, row: &Row, item: &'i Json, index: usize) -> Option<Changes<'i>> {
        let origin = row.origin.as_ref()?;
        let mut changes = self.program.needs.changes(&origin.item.borrow(), item, self.work);
        changes.bits |= self.changed_names;
        if origin.turn.is_some_and(|known| known != self.turn(index)) {
            changes.bits |= LOOP;
        }
        Some(changes)
    }

    /// Whether a row would come out the same.
    fn is_same(&self, row: &Row, item: &Json, index: usize) -> bool {
        row.origin.as_ref().is_some_and(|origin| {
            self.work.same(&origin.item.borrow(), item)
                && origin.turn.is_none_or(|known| known == self.turn(index))
        })
    }

    fn turn(&self, index: usize) -> LoopState {
        LoopState { index, length: self.length }
    }
}

impl<'a> Renderer<'a> {
    pub(super) fn rows(
        &mut self,
        name: &'a Arc<str>,
        block: usize,
        items: &[Json],
        previous: &[Rc<Row>],
    ) -> Result<Vec<Rc<Row>>, TemplateError> {
        let Some(program) = self.programs.get(block) else { return Ok(Vec::new()) };
        let work = self.evaluator.scope.work();
        let names = program.needs.names.iter().map(|name| self.evaluator.scope.get(name)).collect();
        let mut this = Loop { block, program, name, length: items.len(), names, changed_names: 0, work };
        // All rows that were there were made, or found to be the same, with the same values.
        if let Some(origin) =
            previous.iter().find_map(|row| row.origin.as_ref().filter(|_| row.block == block))
        {
            for (number, (old, new)) in origin.names.iter().zip(&*this.names).enumerate() {
                let is_same = match (old, new) {
                    (Some(old), Some(new)) => work.same(old, new),
                    (old, new) => old.is_none() && new.is_none(),
                };
                if !is_same {
                    this.changed_names |= name_bit(number);
                }
            }
            if this.changed_names == 0 {
                this.names = Rc::clone(&origin.names);
            }
        }
        let mut known = Known::new(block, previous);
        let unchanged = match this.changed_names {
            0 if !previous.is_empty() => known.unchanged(&this, items),
            _ => Vec::new(),
        };
        let mut rows = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let place = unchanged.get(index).copied().flatten();
            let row = match place.and_then(|place| known.take(place)) {
                Some(row) => self.keep(row, item)?,
                None => self.row(&this, item, index, &mut known)?,
            };
            rows.push(row);
        }
        Ok(rows)
    }

    /// A row that stays as it is still counts.
    fn keep(&mut self, row: &Rc<Row>, item: &Json) -> Result<Rc<Row>, TemplateError> {
        if let Some(origin) = &row.origin {
            // The old one would keep the whole old answer.
            origin.item.replace(item.clone());
        }
        self.evaluator.work(STEP)?;
        self.spend(row.size)?;
        Ok(Rc::clone(row))
    }

    /// A row that is new, or of which something has changed.
    fn row(
        &mut self,
        this: &Loop<'_>,
        item: &Json,
        index: usize,
        known: &mut Known<'_>,
    ) -> Result<Rc<Row>, TemplateError> {
        let Loop { block, program, name, .. } = this;
        let block = *block;
        // Most often it is the row that comes next, and its key has not changed.
        let next = if program.key.is_some() { known.next } else { index };
        if let Some(row) = known.at(next)
            && let Some(changes) = this.changes(row, item, index)
            && changes.bits & program.needs.key == 0
        {
            known.take(next);
            return self.changed(this, item, index, row, changes);
        }
        let reports = self.evaluator.reports;
        let mark = self.evaluator.enter(name, item.clone(), this.turn(index))?;
        let key = match (&program.key, member_text(item, program.needs.key_field.as_deref())) {
            (None, _) => None,
            (Some(_), Some(key)) => Some(self.evaluator.copied(key)?),
            (Some(parts), None) => Some(self.evaluator.text(parts)?.text.into()),
        };
        let before = known.find(next, key.as_ref());
        let row = match before.and_then(|row| Some((row, this.changes(row, item, index)?))) {
            Some((row, changes)) => self.changed(this, item, index, row, changes)?,
            None => {
                let number = before.map_or_else(|| self.numbers.take(), |row| row.number);
                let (instance, size) =
                    self.block(block, before.map(|row| &row.instance), Some((item, Changes::EVERYTHING)))?;
                let origin = self.origin(this, item, index, reports);
                Rc::new(Row { number, block, key, origin, size, instance })
            }
        };
        self.evaluator.scope.leave(mark);
        Ok(row)
    }

    /// A row that goes on living, and of which this has changed.
    fn changed(
        &mut self,
        this: &Loop<'_>,
        item: &Json,
        index: usize,
        row: &Rc<Row>,
        changes: Changes<'_>,
    ) -> Result<Rc<Row>, TemplateError> {
        if changes.bits & this.program.needs.all == 0 {
            return self.keep(row, item);
        }
        let reports = self.evaluator.reports;
        let mark = self.evaluator.enter(this.name, item.clone(), this.turn(index))?;
        let (instance, size) = self.block(this.block, Some(&row.instance), Some((item, changes)))?;
        self.evaluator.scope.leave(mark);
        let origin = self.origin(this, item, index, reports);
        Ok(Rc::new(Row {
            number: row.number,
            block: this.block,
            key: row.key.clone(),
            origin,
            size,
            instance,
        }))
    }

    /// What a row is made from; nothing if it must be made anew next time, such as when it reports something, which must be
    /// reported again then. `reports`: how many there were before it.
    fn origin(&self, this: &Loop<'_>, item: &Json, index: usize, reports: usize) -> Option<Origin> {
        let needs = &this.program.needs;
        (!needs.everything && reports == self.evaluator.reports).then(|| Origin {
            item: RefCell::new(item.clone()),
            turn: needs.counts.then_some(this.turn(index)),
            names: Rc::clone(&this.names),
        })
    }

    pub(super) fn spend(&mut self, size: Size) -> Result<(), TemplateError> {
        self.spend_nodes(size.nodes)?;
        self.evaluator.spend(size.bytes)
    }
}

/// The rows that were there, to be found again: by what they were made from, by key, or by their place in the list.
struct Known<'a> {
    rows: &'a [Rc<Row>],
    /// Which of them nothing was found for yet.
    is_free: Vec<bool>,
    /// The place after the row that was found last.
    next: usize,
    /// Places of free rows by key, made when a row is not where it was.
    places: Option<BTreeMap<Arc<str>, usize>>,
}

/// A place from which rows go on as they were: it was next when the search came to the item of this index.
#[derive(Clone, Copy, Default)]
struct Run {
    place: usize,
    index: usize,
}

/// How often the search for a row that has moved may look at as many rows as there are.
const SEARCHES: usize = 2;

impl<'a> Known<'a> {
    fn new(block: usize, rows: &'a [Rc<Row>]) -> Self {
        let is_free = rows.iter().map(|row| row.block == block).collect();
        Self { rows, is_free, next: 0, places: None }
    }

    /// For each item the place of a row that was made from the same; each row is found once. Rows without keys are found
    /// only where they were. Others may have moved: what stands after the row that was found last is tried first, then what
    /// stood after the one before, or before it, then all rows behind, unless that has taken too long already.
    fn unchanged(&mut self, this: &Loop<'_>, items: &[Json]) -> Vec<Option<usize>> {
        let has_keys = this.program.key.is_some();
        let mut left = self.rows.len() * SEARCHES;
        let (mut run, mut other) = (Run::default(), None::<Run>);
        let mut was_found = true;
        let mut found = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let is_here = |place: &usize| self.at(*place).is_some_and(|row| this.is_same(row, item, index));
            let place = if has_keys {
                let moved = |run: Run| run.place + index - run.index;
                let before = Some(run.place.wrapping_sub(2));
                let others = [other.map(|run| run.place), other.map(moved), before];
                let mut place =
                    [Some(run.place), Some(moved(run))].into_iter().chain(others).flatten().find(is_here);
                if place.is_none() && was_found {
                    let behind = (run.place + 1..self.rows.len()).take(left);
                    left -= behind.len();
                    place = behind.into_iter().find(is_here);
                }
                place
            } else {
                Some(index).filter(is_here)
            };
            was_found = place.is_some();
            if let Some(place) = place {
                self.free(place, false);
                if place != run.place && place != run.place + index - run.index {
                    other = Some(run);
                }
                run = Run { place: place + 1, index: index + 1 };
            }
            found.push(place);
        }
        found
    }

    fn free(&mut self, place: usize, is_free: bool) {
        if let Some(free) = self.is_free.get_mut(place) {
            *free = is_free;
        }
    }

    /// The row at a place, if nothing was found for it yet.
    fn at(&self, place: usize) -> Option<&'a Rc<Row>> {
        self.rows.get(place).filter(|_| self.is_free.get(place) == Some(&true))
    }

    /// The row at a place, which is taken.
    fn take(&mut self, place: usize) -> Option<&'a Rc<Row>> {
        self.next = place + 1;
        self.free(place, false);
        self.rows.get(place)
    }

    /// The row that goes on living: the one at `place` if it has the key, otherwise the first free one that has it.
    fn find(&mut self, place: usize, key: Option<&Arc<str>>) -> Option<&'a Rc<Row>> {
        if self.at(place).is_some_and(|row| row.key.as_ref() == key) {
            return self.take(place);
        }
        let key = key?;
        if self.places.is_none() {
            let mut places = BTreeMap::new();
            for (place, row) in self.rows.iter().enumerate() {
                if let (Some(key), Some(_)) = (row.key.clone(), self.at(place)) {
                    places.entry(key).or_insert(place);
                }
            }
            self.places = Some(places);
        }
        let place = *self.places.as_ref()?.get(key)?;
        self.at(place)?;
        self.take(place)
    }
}
