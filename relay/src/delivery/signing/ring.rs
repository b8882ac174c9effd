//! Several secrets at a time, while receivers go over from one to the next.

use crate::store::UnixMs;

/// So many sign at the same time at most: the newest, and those that receivers are still leaving.
pub const MAX_LIVE: usize = 3;

/// For how long the one before still signs if nothing else is said: a day, in milliseconds.
pub const OVERLAP_MS: i64 = 24 * 60 * 60 * 1000;

/// For how long it may sign at most: 7 days, in milliseconds.
pub const MAX_OVERLAP_MS: i64 = 7 * OVERLAP_MS;

/// Secrets of one kind, the newest one first. All that have not run out sign, so that a receiver may have any of them.
#[derive(Debug)]
pub struct KeyRing<K>(Vec<Ringed<K>>);

/// A secret and its time.
#[derive(Debug)]
pub struct Ringed<K> {
    /// The secret.
    pub key: K,
    /// Since when it signs.
    pub created: UnixMs,
    /// From when on it does not; none: until it is rotated.
    pub until: Option<UnixMs>,
}

/// Why a secret cannot be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RotateFault {
    /// The time for which the one before is to sign.
    #[error("the overlap is 0 to 604800000 ms (7 days)")]
    Overlap,
    /// Others have not run out yet.
    #[error(
        "3 secrets sign already; wait until one of them has run out, or end the others at once with an overlap of 0"
    )]
    TooMany,
}

impl<K> Ringed<K> {
    fn is_live(&self, now: UnixMs) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

impl<K> KeyRing<K> {
    /// Secrets that sign until somebody takes them out, the newest one first.
    ///
    /// # Errors
    /// If they are more than [`MAX_LIVE`].
    pub fn of(keys: impl IntoIterator<Item = K>) -> Result<Self, RotateFault> {
        let mut ring = Self::default();
        for key in keys {
            ring.push(Ringed { key, created: 0, until: None })?;
        }
        Ok(ring)
    }

    /// Adds one behind the others.
    pub(super) fn push(&mut self, ringed: Ringed<K>) -> Result<(), RotateFault> {
        if self.0.len() >= MAX_LIVE {
            return Err(RotateFault::TooMany);
        }
        self.0.push(ringed);
        Ok(())
    }

    /// Adds a new one. Those before it sign for `overlap_ms` more, or for as long as they would have anyway, whichever is shorter; with 0
    /// they are gone at once, as is right when one has leaked. What has run out is dropped.
    ///
    /// # Errors
    /// If the overlap is too long, or too many sign already. Then nothing has changed.
    pub fn rotate(&mut self, key: K, now: UnixMs, overlap_ms: i64) -> Result<(), RotateFault> {
        if !(0..=MAX_OVERLAP_MS).contains(&overlap_ms) {
            return Err(RotateFault::Overlap);
        }
        let last = now.saturating_add(overlap_ms);
        let ends = |ringed: &Ringed<K>| ringed.until.map_or(last, |until| until.min(last));
        if self.0.iter().filter(|ringed| now < ends(ringed)).count() >= MAX_LIVE {
            return Err(RotateFault::TooMany);
        }
        for ringed in &mut self.0 {
            ringed.until = Some(ends(ringed));
        }
        self.retire(now);
        self.0.insert(0, Ringed { key, created: now, until: None });
        Ok(())
    }

    /// Drops those that have run out. Says whether there were any.
    pub fn retire(&mut self, now: UnixMs) -> bool {
        let before = self.0.len();
        self.0.retain(|ringed| ringed.is_live(now));
        self.0.len() < before
    }

    /// All that are kept, the newest one first; among them may be such as have run out.
    pub fn all(&self) -> &[Ringed<K>] {
        &self.0
    }

    /// Those that sign now, the newest one first.
    pub fn live(&self, now: UnixMs) -> impl Iterator<Item = &K> {
        self.0.iter().filter(move |ringed| ringed.is_live(now)).map(|ringed| &ringed.key)
    }
}

impl<K> Default for KeyRing<K> {
    fn default() -> Self {
        Self(Vec::new())
    }
}
