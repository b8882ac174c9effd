//! Objects: entries in their order, found quickly however many there are.

use super::Json;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Up to so many entries a look through all of them is faster than an index, and most objects stay below.
const UNINDEXED: usize = 16;

/// The entries of a JSON object, in their order. Of equal keys the last one counts, in the place of the first.
///
/// Cloning is cheap: a copy is made only when a shared object is changed.
#[derive(Clone, Debug, Default)]
pub struct Object {
    shared: Arc<Entries>,
}

#[derive(Clone, Debug, Default)]
struct Entries {
    list: Vec<(Arc<str>, Json)>,
    /// Places by key, once there are more than [`UNINDEXED`] entries: an answer may hold tens of thousands of keys.
    /// A tree, because keys chosen by a stranger can make a hash table slow.
    index: BTreeMap<Arc<str>, usize>,
}

impl Entries {
    fn place(&self, key: &str) -> Option<usize> {
        if self.list.len() > UNINDEXED {
            self.index.get(key).copied()
        } else {
            self.list.iter().position(|(name, _)| &**name == key)
        }
    }

    fn push(&mut self, key: Arc<str>, value: Json) {
        self.list.push((key.clone(), value));
        let last = self.list.len() - 1;
        if last == UNINDEXED {
            // Not `collect`, which would bring a sort along.
            for (place, (name, _)) in self.list.iter().enumerate() {
                self.index.insert(name.clone(), place);
            }
        } else if last > UNINDEXED {
            self.index.insert(key, last);
        }
    }
}

impl Object {
    /// An object without entries.
    pub fn new() -> Self {
        Self::default()
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Json> {
        let place = self.shared.place(key)?;
        self.shared.list.get(place).map(|(_, value)| value)
    }

    /// Sets a key, keeping its place if it is there already; returns what it was.
    pub fn set(&mut self, key: &str, value: Json) -> Option<Json> {
        let entries = Arc::make_mut(&mut self.shared);
        match entries.place(key).and_then(|place| entries.list.get_mut(place)) {
            Some((_, old)) => Some(std::mem::replace(old, value)),
            None => {
                entries.push(key.into(), value);
                None
            }
        }
    }

    /// The entries in their order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Json)> {
        self.shared.list.iter().map(|(key, value)| (&**key, value))
    }

    /// The number of entries.
    pub fn len(&self) -> usize {
        self.shared.list.len()
    }

    /// Whether both are one and the same in memory.
    pub(super) fn is_shared(&self, other: &Object) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }

    /// Whether there are no entries.
    pub fn is_empty(&self) -> bool {
        self.shared.list.is_empty()
    }
}

impl PartialEq for Object {
    fn eq(&self, other: &Self) -> bool {
        self.is_shared(other) || self.shared.list == other.shared.list
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    #[test]
    fn keeps_order_and_place() {
        // Around the limit, so that the linear and the indexed way must agree.
        for size in [0, 1, UNINDEXED - 1, UNINDEXED, UNINDEXED + 1, UNINDEXED + 2, 100] {
            let mut object = Object::new();
            for number in 0..size {
                assert_eq!(object.set(&format!("key {number}"), Json::Integer(0)), None);
            }
            let before = object.clone();
            for number in (0..size).rev() {
                let key = format!("key {number}");
                assert_eq!(object.set(&key, Json::Integer(number as i64)), Some(Json::Integer(0)));
                assert_eq!(object.get(&key), Some(&Json::Integer(number as i64)));
            }
            assert_eq!(object.get("other"), None);
            assert_eq!(object.len(), size);
            let keys: Vec<_> = object.iter().map(|(key, _)| key.to_owned()).collect();
            assert_eq!(keys, (0..size).map(|number| format!("key {number}")).collect::<Vec<_>>());
            assert!(before.iter().all(|(_, value)| *value == Json::Integer(0)), "a clone stays as it was");
        }
    }
}
