//! Who holds which delivery. It is known in memory alone: whoever held one has ended with the process.

use crate::store::{DeliveryId, Fence, UnixMs};
use std::collections::HashMap;

/// A claim.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) webhook: String,
    pub(super) fence: Fence,
    /// When it runs out, and the delivery is due again.
    pub(super) until: UnixMs,
}

/// The claims, and how to take back what was changed since the last commit.
#[derive(Debug)]
pub(super) struct Claims {
    held: HashMap<DeliveryId, Held>,
    /// What was there before each change, the newest last.
    before: Vec<(DeliveryId, Option<Held>)>,
    last_fence: i64,
}

impl Claims {
    /// Nobody holds anything. `epoch` tells this process's fences from those of the ones before.
    pub(super) fn new(epoch: i64) -> Self {
        Self { held: HashMap::new(), before: Vec::new(), last_fence: epoch.wrapping_shl(32) }
    }

    pub(super) fn get(&self, id: DeliveryId) -> Option<&Held> {
        self.held.get(&id)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (DeliveryId, &Held)> {
        self.held.iter().map(|(id, held)| (*id, held))
    }

    /// A new claim, with a fence of its own.
    pub(super) fn hold(&mut self, id: DeliveryId, webhook: String, until: UnixMs) -> Fence {
        // Also of those that are taken back: a fence is never given twice.
        self.last_fence += 1;
        let fence = Fence(self.last_fence);
        let before = self.held.insert(id, Held { webhook, fence, until });
        self.before.push((id, before));
        fence
    }

    /// Prolongs a claim, if it is the current one.
    pub(super) fn renew(&mut self, id: DeliveryId, fence: Fence, until: UnixMs) -> bool {
        let Some(held) = self.held.get_mut(&id).filter(|held| held.fence == fence) else { return false };
        self.before.push((id, Some(held.clone())));
        held.until = until;
        true
    }

    pub(super) fn release(&mut self, id: DeliveryId) {
        let before = self.held.remove(&id);
        self.before.push((id, before));
    }

    /// A moment that can be gone back to, until the next commit.
    pub(super) fn mark(&self) -> usize {
        self.before.len()
    }

    /// Takes back what was changed since then.
    pub(super) fn roll_back(&mut self, mark: usize) {
        while self.before.len() > mark {
            match self.before.pop() {
                Some((id, Some(held))) => drop(self.held.insert(id, held)),
                Some((id, None)) => drop(self.held.remove(&id)),
                None => return,
            }
        }
    }

    /// What was changed stays.
    pub(super) fn commit(&mut self) {
        self.before.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(claims: &Claims) -> Vec<(i64, i64, i64)> {
        let mut state: Vec<_> = claims.iter().map(|(id, held)| (id.0, held.fence.0, held.until)).collect();
        state.sort_unstable();
        state
    }

    #[test]
    fn what_was_changed_can_be_taken_back() {
        let mut claims = Claims::new(3);
        let [one, two] = [DeliveryId(1), DeliveryId(2)];
        let first = claims.hold(one, "a".to_owned(), 10);
        claims.commit();
        let before = state(&claims);
        let mark = claims.mark();
        assert!(claims.renew(one, first, 20));
        claims.release(one);
        let second = claims.hold(two, "a".to_owned(), 30);
        claims.hold(one, "a".to_owned(), 40);
        claims.roll_back(mark);
        assert_eq!(state(&claims), before);
        assert!(!claims.renew(two, second, 50));
        assert!(claims.hold(two, "a".to_owned(), 30) > second, "a fence is never given twice");
    }

    #[test]
    fn fences_of_another_process_are_others() {
        assert!(
            Claims::new(4).hold(DeliveryId(1), String::new(), 0)
                > Claims::new(3).hold(DeliveryId(1), String::new(), 0)
        );
    }
}
