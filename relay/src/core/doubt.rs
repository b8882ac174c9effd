//! Begins that have failed without anybody knowing whether they happened.

use std::collections::HashMap;
use uuid::Uuid;

/// So many are remembered. How many there are, players choose while the database fails; each takes about a hundred bytes.
const MOST: usize = 4_096;

/// What may be written down though the store has said that it failed, under whose name.
#[derive(Debug, Default)]
pub(super) struct Doubts {
    by_id: HashMap<Uuid, Doubt>,
}

#[derive(Debug)]
struct Doubt {
    holder: Uuid,
    fingerprint: [u8; 32],
    until_ms: u64,
}

impl Doubts {
    /// Remembers a begin until then. Of several of one id the first one is: it is the likeliest to be written down. If there are too
    /// many, it is not.
    pub(super) fn add(&mut self, now_ms: u64, id: Uuid, fingerprint: [u8; 32], holder: Uuid, until_ms: u64) {
        if self.by_id.len() >= MOST || self.by_id.contains_key(&id) {
            self.by_id.retain(|_, doubt| now_ms < doubt.until_ms);
        }
        if self.by_id.len() < MOST {
            self.by_id.entry(id).or_insert(Doubt { holder, fingerprint, until_ms });
        }
    }

    /// Under whose name the same request was begun, perhaps. From now on it is the name of whoever asks, and nobody else's.
    pub(super) fn take(&mut self, now_ms: u64, id: Uuid, fingerprint: &[u8; 32]) -> Option<Uuid> {
        if self.by_id.get(&id)?.fingerprint != *fingerprint {
            return None;
        }
        let doubt = self.by_id.remove(&id)?;
        (now_ms < doubt.until_ms).then_some(doubt.holder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_given_once_to_the_same_request_for_a_while() {
        let mut doubts = Doubts::default();
        let [id, first, second] = [1, 2, 3].map(Uuid::from_u128);
        doubts.add(0, id, [7; 32], first, 100);
        doubts.add(1, id, [7; 32], second, 101);
        assert_eq!(doubts.take(99, second, &[7; 32]), None);
        assert_eq!(doubts.take(99, id, &[8; 32]), None);
        assert_eq!(doubts.take(99, id, &[7; 32]), Some(first));
        assert_eq!(doubts.take(99, id, &[7; 32]), None);
        doubts.add(100, id, [7; 32], first, 200);
        // That one is over.
        doubts.add(200, id, [7; 32], second, 300);
        assert_eq!(doubts.take(299, id, &[7; 32]), Some(second));
        doubts.add(300, id, [7; 32], first, 400);
        assert_eq!(doubts.take(400, id, &[7; 32]), None);
    }

    #[test]
    fn there_are_so_many_at_most() {
        let mut doubts = Doubts::default();
        for number in 0..10_000 {
            doubts.add(0, Uuid::from_u128(number), [7; 32], Uuid::max(), 100);
        }
        assert_eq!(doubts.by_id.len(), MOST);
        doubts.add(100, Uuid::max(), [7; 32], Uuid::max(), 200);
        assert_eq!(doubts.by_id.len(), 1, "those that are over make room");
    }
}
