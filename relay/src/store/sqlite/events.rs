//! Events: taken once, and listed.

use super::fault::meaning;
use super::writer::Desk;
use crate::store::{Accepted, EventFilter, NewDelivery, NewEvent, Result, StoredEvent, UnixMs};
use rusqlite::{Connection, Row, params};
use uuid::Uuid;

/// Bytes of an event, about.
pub(super) fn size(event: &NewEvent) -> usize {
    let order = |delivery: &NewDelivery| delivery.order.as_ref().map_or(0, String::len);
    let deliveries = event.deliveries.iter().map(|it| it.webhook.len() + order(it) + 64).sum::<usize>();
    event.body.len() + event.kind.len() + event.project.len() + event.source.len() + deliveries + 256
}

pub(super) fn accept(desk: &mut Desk<'_>, events: &[NewEvent], now: UnixMs) -> Result<Vec<Accepted>> {
    all(desk.connection, events, now).map_err(|error| meaning(&error))
}

fn all(connection: &Connection, events: &[NewEvent], now: UnixMs) -> rusqlite::Result<Vec<Accepted>> {
    let mut see = connection.prepare_cached("INSERT OR IGNORE INTO seen (id, taken_at) VALUES (?1, ?2)")?;
    let mut keep = connection.prepare_cached(
        "INSERT INTO event (id, kind, project, source, at, taken_at, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    let mut deliver = connection.prepare_cached(
        "INSERT INTO delivery (event, webhook, state, due_at, attempts) VALUES (?1, ?2, 0, ?3, 0)",
    )?;
    let mut queue = connection.prepare_cached(
        "INSERT INTO delivery (event, webhook, state, due_at, attempts, queue, behind)
         VALUES (?1, ?2, 0, ?3, 0, ?4, EXISTS (SELECT 1 FROM delivery INDEXED BY delivery_queue
             WHERE state = 0 AND queue IS NOT NULL AND webhook = ?2 AND queue = ?4))",
    )?;
    let (mut new, mut deliveries) = (0_i64, 0_i64);
    let mut accepted = Vec::with_capacity(events.len());
    for event in events {
        let id = event.id.as_bytes();
        if see.execute(params![id, now])? == 0 {
            accepted.push(Accepted::Duplicate);
            continue;
        }
        keep.execute(params![id, event.kind, event.project, event.source, event.at, now, event.body])?;
        let place = connection.last_insert_rowid();
        for delivery in &event.deliveries {
            match &delivery.order {
                None => deliver.execute(params![place, delivery.webhook, now])?,
                Some(order) => queue.execute(params![place, delivery.webhook, now, order])?,
            };
            deliveries += 1;
        }
        new += 1;
        accepted.push(Accepted::New);
    }
    if new > 0 {
        let mut count = connection.prepare_cached(
            "UPDATE state SET events = events + ?1, accepted = accepted + ?2, pending = pending + ?2",
        )?;
        count.execute([new, deliveries])?;
    }
    Ok(accepted)
}

pub(super) fn list(connection: &Connection, filter: &EventFilter) -> rusqlite::Result<Vec<StoredEvent>> {
    let mut statement = String::from(
        "SELECT place, id, kind, project, source, at, taken_at, body FROM event WHERE place < ?1",
    );
    let before = filter.before.unwrap_or(i64::MAX);
    let limit = i64::try_from(filter.limit).unwrap_or(i64::MAX);
    let id = filter.id.map(Uuid::into_bytes);
    let mut values: Vec<&dyn rusqlite::ToSql> = vec![&before, &limit];
    // Numbered, so that only these texts are ever part of the statement.
    if let Some(id) = &id {
        values.push(id);
        statement += &format!(" AND id = ?{}", values.len());
    }
    if let Some(kind) = &filter.kind {
        values.push(kind);
        statement += &format!(" AND kind = ?{}", values.len());
    }
    if let Some(project) = &filter.project {
        values.push(project);
        statement += &format!(" AND project = ?{}", values.len());
    }
    statement += " ORDER BY place DESC LIMIT ?2";
    let mut statement = connection.prepare_cached(&statement)?;
    let events = statement.query_map(&*values, event)?;
    events.collect()
}

fn event(row: &Row<'_>) -> rusqlite::Result<StoredEvent> {
    Ok(StoredEvent {
        place: row.get(0)?,
        id: Uuid::from_bytes(row.get(1)?),
        kind: row.get(2)?,
        project: row.get(3)?,
        source: row.get(4)?,
        at: row.get(5)?,
        taken_at: row.get(6)?,
        body: row.get(7)?,
    })
}
