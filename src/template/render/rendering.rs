//! What a template shows at the moment: a tree of block instances, and how one becomes the next.

use crate::json::Json;
use crate::template::Missing;
use crate::template::expression::scope::LoopState;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

/// What an element or a text takes, besides its letters.
const NODE: usize = 128;
/// What a byte of text takes.
const LETTER: usize = 4;

/// What a template shows: the values of all slots, and the rows in all regions.
#[derive(Clone, Debug, Default)]
pub struct Rendering {
    pub(in crate::template) root: Instance,
    pub(in crate::template) numbers: Numbers,
    pub(in crate::template) size: Size,
    /// Paths without value and default. An overlay with `whenMissing: hide` stays hidden while there are any.
    pub missing: Vec<Missing>,
    /// Warnings for the author, such as a URL that was blocked.
    pub warnings: Vec<String>,
}

/// One instance of a block.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::template) struct Instance {
    /// By slot number. None: an attribute that is not there.
    pub(in crate::template) values: Vec<Option<Arc<str>>>,
    /// By region number: the branch that is taken, or the rows of a loop.
    pub(in crate::template) regions: Vec<Vec<Rc<Row>>>,
}

/// An instance inside a region.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::template) struct Row {
    /// Its number for the shell.
    pub(in crate::template) number: u32,
    /// The block it is an instance of.
    pub(in crate::template) block: usize,
    /// What tells it from other rows of the loop.
    pub(in crate::template) key: Option<Arc<str>>,
    /// What it was made from, if it may stay as it is while that stays the same.
    pub(in crate::template) origin: Option<Origin>,
    /// What it takes of the bounds.
    pub(in crate::template) size: Size,
    pub(in crate::template) instance: Instance,
}

/// How much there is in an instance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::template) struct Size {
    /// Elements and texts.
    pub(in crate::template) nodes: usize,
    /// Bytes of text.
    pub(in crate::template) bytes: usize,
}

/// Everything that a row's content depends on.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::template) struct Origin {
    pub(in crate::template) item: RefCell<Json>,
    /// Only if the row uses `loop`.
    pub(in crate::template) turn: Option<LoopState>,
    /// Values of the other names that it uses.
    pub(in crate::template) names: Rc<[Option<Json>]>,
}

/// Gives numbers to instances. The template itself is 0.
#[derive(Clone, Debug, Default)]
pub(in crate::template) struct Numbers {
    last: u32,
    free: Vec<u32>,
}

impl Numbers {
    /// A number that no instance has.
    pub(in crate::template) fn take(&mut self) -> u32 {
        self.free.pop().unwrap_or_else(|| {
            self.last += 1;
            self.last
        })
    }
}

/// One step from what a template showed to what it shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A slot has another value. None: the attribute is not there.
    Set {
        /// The instance's number.
        instance: u32,
        /// Slot number.
        slot: usize,
        /// Its text.
        text: Option<Arc<str>>,
    },
    /// A new instance, with empty slots and regions; what follows fills them, then inserts it. Nodes that are not yet in
    /// the page change faster.
    Build {
        /// The new instance's number; no other has it.
        instance: u32,
        /// The block it is an instance of.
        block: usize,
    },
    /// A new instance takes its place.
    Insert {
        /// The instance's number.
        instance: u32,
        /// Where.
        place: Place,
    },
    /// An instance has another place in the same region. Its nodes stay the same.
    Move {
        /// The instance's number.
        instance: u32,
        /// Where.
        place: Place,
    },
    /// An instance is no longer there, with all that is inside.
    Remove {
        /// The instance's number; it may be given to another one later.
        instance: u32,
    },
    /// The instance was inside one that was removed.
    Forget {
        /// The instance's number; it may be given to another one later.
        instance: u32,
    },
}

/// A place in a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The instance that has the region.
    pub parent: u32,
    /// Region number.
    pub region: usize,
    /// The instance before which it stands; none at the region's end.
    pub before: Option<u32>,
}

impl Rendering {
    /// About how much memory it takes, in the page as well.
    pub fn weight(&self) -> usize {
        self.size.nodes * NODE + self.size.bytes * LETTER
    }

    /// The steps from `previous`, or from nothing, to this. Frees the numbers of instances that are gone.
    pub fn changes_since(&mut self, previous: Option<&Rendering>) -> Vec<Change> {
        let empty = Instance::default();
        let old = previous.map_or(&empty, |previous| &previous.root);
        let mut changes = Vec::new();
        compare(0, old, &self.root, &mut changes, &mut self.numbers.free);
        changes
    }
}

/// As deep as the template's control flow; the compiler bounds that.
fn compare(number: u32, old: &Instance, new: &Instance, changes: &mut Vec<Change>, free: &mut Vec<u32>) {
    for (slot, text) in new.values.iter().enumerate() {
        // A new instance has no attributes.
        let known = match old.values.get(slot) {
            Some(before) => before == text,
            None => text.is_none(),
        };
        if !known {
            changes.push(Change::Set { instance: number, slot, text: text.clone() });
        }
    }
    for (region, rows) in new.regions.iter().enumerate() {
        let before = old.regions.get(region).map(Vec::as_slice).unwrap_or_default();
        compare_rows(number, region, before, rows, changes, free);
    }
}

fn compare_rows(
    parent: u32,
    region: usize,
    old: &[Rc<Row>],
    new: &[Rc<Row>],
    changes: &mut Vec<Change>,
    free: &mut Vec<u32>,
) {
    let (old, new, behind) = moved(old, new, changes, free);
    // Where each row was, by its number. Numbers are given densely.
    if old.is_empty() && new.is_empty() {
        return;
    }
    let lowest = old.iter().map(|row| row.number).min().unwrap_or(0);
    let highest = old.iter().map(|row| row.number).max().unwrap_or(0);
    let mut places: Vec<Option<usize>> = vec![None; (highest - lowest) as usize + 1];
    let index = |row: &Rc<Row>| row.number.checked_sub(lowest).and_then(|index| usize::try_from(index).ok());
    for (place, row) in old.iter().enumerate() {
        if let Some(known) = index(row).and_then(|index| places.get_mut(index)) {
            *known = Some(place);
        }
    }
    let mut were: Vec<Option<usize>> = Vec::with_capacity(new.len());
    for row in new {
        were.push(index(row).and_then(|index| places.get_mut(index)).and_then(Option::take));
    }
    for row in places.into_iter().flatten().filter_map(|place| old.get(place)) {
        changes.push(Change::Remove { instance: row.number });
        release(row, changes, free);
    }
    let staying = longest_increasing_subsequence(&were);
    // From the end, so that what a row stands before is in its place already.
    let mut before = behind;
    for (index, row) in new.iter().enumerate().rev() {
        let place = Place { parent, region, before };
        match were.get(index).copied().flatten().and_then(|was| old.get(was)) {
            Some(was) => {
                if !staying.get(index).copied().unwrap_or_default() {
                    changes.push(Change::Move { instance: row.number, place });
                }
                if !Rc::ptr_eq(was, row) {
                    compare(row.number, &was.instance, &row.instance, changes, free);
                }
            }
            None => {
                changes.push(Change::Build { instance: row.number, block: row.block });
                compare(row.number, &Instance::default(), &row.instance, changes, free);
                changes.push(Change::Insert { instance: row.number, place });
            }
        }
        before = Some(row.number);
    }
}

/// Compares the rows that are where they were, at the beginning and at the end; gives those between, and the number of the
/// row behind them.
fn moved<'a>(
    mut old: &'a [Rc<Row>],
    mut new: &'a [Rc<Row>],
    changes: &mut Vec<Change>,
    free: &mut Vec<u32>,
) -> (&'a [Rc<Row>], &'a [Rc<Row>], Option<u32>) {
    let mut behind = None;
    let mut is_same = |old: &Rc<Row>, new: &Rc<Row>| {
        if old.number == new.number && !Rc::ptr_eq(old, new) {
            compare(new.number, &old.instance, &new.instance, changes, free);
        }
        old.number == new.number
    };
    while let ([first, old_rest @ ..], [new_first, new_rest @ ..]) = (old, new)
        && is_same(first, new_first)
    {
        (old, new) = (old_rest, new_rest);
    }
    while let ([old_rest @ .., last], [new_rest @ .., new_last]) = (old, new)
        && is_same(last, new_last)
    {
        (old, new) = (old_rest, new_rest);
        behind = Some(last.number);
    }
    (old, new, behind)
}

/// Frees the numbers of a row that is gone and of all that is inside.
fn release(row: &Row, changes: &mut Vec<Change>, free: &mut Vec<u32>) {
    free.push(row.number);
    for row in row.instance.regions.iter().flatten() {
        changes.push(Change::Forget { instance: row.number });
        release(row, changes, free);
    }
}

/// Which rows need not move: the longest run of rows, not necessarily side by side, that keep their order. The fewer
/// nodes move, the less focus, scrolling and playing media are disturbed.
///
/// `were`: where each row was before. Patience sorting, O(n log n).
fn longest_increasing_subsequence(were: &[Option<usize>]) -> Vec<bool> {
    // Most often no row has moved, there are only others between them.
    if were.iter().flatten().is_sorted() {
        return vec![true; were.len()];
    }
    // For each length of a run the index of the row that ends the run with the smallest place.
    let mut ends: Vec<usize> = Vec::new();
    let mut previous = vec![None; were.len()];
    let place = |index: usize| were.get(index).copied().flatten();
    for index in 0..were.len() {
        let Some(was) = place(index) else { continue };
        let length = match ends.last() {
            Some(end) if place(*end) > Some(was) => ends.partition_point(|end| place(*end) < Some(was)),
            _ => ends.len(),
        };
        if let (Some(before), Some(slot)) =
            (length.checked_sub(1).and_then(|last| ends.get(last)), previous.get_mut(index))
        {
            *slot = Some(*before);
        }
        match ends.get_mut(length) {
            Some(end) => *end = index,
            None => ends.push(index),
        }
    }
    let mut staying = vec![false; were.len()];
    let mut next = ends.last().copied();
    while let Some(index) = next {
        if let Some(stays) = staying.get_mut(index) {
            *stays = true;
        }
        next = previous.get(index).copied().flatten();
    }
    staying
}
