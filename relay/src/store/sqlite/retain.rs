//! Removes what need not be kept any more.

use super::fault::meaning;
use super::writer::Desk;
use crate::store::{Result, Retention, UnixMs};
use rusqlite::params;

/// So many calls, so many ids, and so many lines of the audit log, at a time: whoever waits for the writer meanwhile waits for some milliseconds.
const AT_ONCE: i64 = 1000;

/// So many events, with their deliveries and attempts.
const EVENTS_AT_ONCE: i64 = 200;

pub(super) fn retain(desk: &mut Desk<'_>, retention: Retention, now: UnixMs) -> Result<u64> {
    let until = |kept_ms: i64| now.saturating_sub(kept_ms);
    let remove = || -> rusqlite::Result<usize> {
        let mut calls = desk.connection.prepare_cached(
            "DELETE FROM call WHERE rowid IN (SELECT rowid FROM call
             WHERE begun_at <= ?1 AND (outcome IS NOT NULL OR lease_until <= ?2 OR epoch <> ?3) LIMIT ?4)",
        )?;
        let mut removed = calls.execute(params![until(retention.calls_ms), now, desk.epoch, AT_ONCE])?;
        let mut ids = desk.connection.prepare_cached(
            "DELETE FROM seen WHERE id IN (SELECT id FROM seen WHERE taken_at <= ?1 LIMIT ?2)",
        )?;
        removed += ids.execute([until(retention.ids_ms), AT_ONCE])?;
        let mut lines = desk.connection.prepare_cached(
            "DELETE FROM audit WHERE place IN (SELECT place FROM audit WHERE at <= ?1 LIMIT ?2)",
        )?;
        removed += lines.execute([until(retention.events_ms), AT_ONCE])?;
        let mut outdated = desk.connection.prepare_cached(
            "SELECT place FROM event WHERE taken_at <= ?1
             AND NOT EXISTS (SELECT 1 FROM delivery INDEXED BY delivery_event WHERE event = place AND state = 0)
             ORDER BY taken_at LIMIT ?2",
        )?;
        let places = outdated.query_map([until(retention.events_ms), EVENTS_AT_ONCE], |row| row.get(0))?;
        let places = places.collect::<rusqlite::Result<Vec<i64>>>()?;
        let mut attempts = desk.connection.prepare_cached(
            "DELETE FROM attempt WHERE delivery IN (SELECT id FROM delivery WHERE event = ?1)",
        )?;
        let mut deliveries = desk.connection.prepare_cached("DELETE FROM delivery WHERE event = ?1")?;
        let mut events = desk.connection.prepare_cached("DELETE FROM event WHERE place = ?1")?;
        for place in places {
            attempts.execute([place])?;
            deliveries.execute([place])?;
            removed += events.execute([place])?;
        }
        Ok(removed)
    };
    remove().map(|removed| removed as u64).map_err(|error| meaning(&error))
}
