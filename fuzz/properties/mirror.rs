//! A mirror of what the shell builds, made from changes alone.

use cuehook::template::{AttributeValue, Change, Node, Place, Plan};
use std::collections::BTreeMap;

/// Every slot and region of a block is in its place once.
pub fn check_plan(plan: &Plan) {
    assert!(!plan.blocks.is_empty());
    for block in &plan.blocks {
        let (mut slots, mut regions) = (Vec::new(), Vec::new());
        walk(&block.nodes, &mut slots, &mut regions);
        assert_eq!(slots, (0..block.slots).collect::<Vec<_>>());
        assert_eq!(regions, (0..block.regions).collect::<Vec<_>>());
    }
}

fn walk(nodes: &[Node], slots: &mut Vec<usize>, regions: &mut Vec<usize>) {
    for node in nodes {
        match node {
            Node::Text(_) => {}
            Node::Slot(slot) => slots.push(*slot),
            Node::Region(region) => regions.push(*region),
            Node::Element(element) => {
                for attribute in &element.attributes {
                    if let AttributeValue::Slot(slot) = attribute.value {
                        slots.push(slot);
                    }
                }
                walk(&element.children, slots, regions);
            }
        }
    }
}

pub struct Mirror<'a> {
    plan: &'a Plan,
    instances: BTreeMap<u32, Built>,
}

struct Built {
    block: usize,
    values: Vec<Option<String>>,
    regions: Vec<Vec<u32>>,
}

/// An instance with what is inside; without its number, which means nothing.
#[derive(Debug, PartialEq)]
pub struct Shown {
    block: usize,
    values: Vec<Option<String>>,
    regions: Vec<Vec<Shown>>,
}

impl<'a> Mirror<'a> {
    pub fn new(plan: &'a Plan) -> Self {
        let mut mirror = Self { plan, instances: BTreeMap::new() };
        mirror.make(0, 0);
        mirror
    }

    pub fn apply(&mut self, changes: &[Change]) {
        for change in changes {
            match change {
                Change::Set { instance, slot, text } => {
                    self.built(*instance).values[*slot] = text.as_deref().map(str::to_owned);
                }
                Change::Build { instance, block } => self.make(*instance, *block),
                Change::Insert { instance, place } => self.put(*instance, *place),
                Change::Move { instance, place } => {
                    assert!(
                        self.take_out(place.parent, place.region, *instance),
                        "it moves within its region"
                    );
                    self.put(*instance, *place);
                }
                Change::Remove { instance } => {
                    self.instances.remove(instance).expect("it is there");
                    for built in self.instances.values_mut() {
                        built.regions.iter_mut().for_each(|rows| rows.retain(|row| row != instance));
                    }
                }
                Change::Forget { instance } => drop(self.instances.remove(instance).expect("it is there")),
            }
        }
    }

    /// What is shown. Nothing else may be kept.
    pub fn shown(&self) -> Shown {
        let mut seen = 0;
        let shown = self.instance(0, &mut seen);
        assert_eq!(seen, self.instances.len(), "something is kept that is gone");
        shown
    }

    fn instance(&self, number: u32, seen: &mut usize) -> Shown {
        *seen += 1;
        let Built { block, values, regions } = &self.instances[&number];
        let rows = |rows: &Vec<u32>, seen: &mut usize| {
            rows.iter().map(|row| self.instance(*row, seen)).collect::<Vec<_>>()
        };
        let regions = regions.iter().map(|region| rows(region, seen)).collect();
        Shown { block: *block, values: values.clone(), regions }
    }

    fn built(&mut self, instance: u32) -> &mut Built {
        self.instances.get_mut(&instance).expect("it is there")
    }

    fn make(&mut self, instance: u32, block: usize) {
        let known = &self.plan.blocks[block];
        let built =
            Built { block, values: vec![None; known.slots], regions: vec![Vec::new(); known.regions] };
        assert!(self.instances.insert(instance, built).is_none(), "the number {instance} is taken");
    }

    fn put(&mut self, instance: u32, place: Place) {
        let rows = &mut self.built(place.parent).regions[place.region];
        let index = match place.before {
            None => rows.len(),
            Some(before) => rows.iter().position(|row| *row == before).expect("it stands before a row there"),
        };
        rows.insert(index, instance);
    }

    fn take_out(&mut self, parent: u32, region: usize, instance: u32) -> bool {
        let rows = &mut self.built(parent).regions[region];
        let before = rows.len();
        rows.retain(|row| *row != instance);
        rows.len() < before
    }
}
