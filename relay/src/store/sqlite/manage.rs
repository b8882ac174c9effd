//! What is changed by hand: webhooks, documents, how a webhook is said to be doing. And the log of it.

use super::fault::meaning;
use super::writer::Desk;
use super::{events, health, webhooks};
use crate::store::manage::brief;
use crate::store::{Audit, Change, DocumentKind, Result, StoredAudit, StoredDocument, StoredWebhook, UnixMs};
use rusqlite::{Connection, OptionalExtension, Row, params};

/// Bytes of a change, about.
pub(super) fn size(change: &Change) -> usize {
    match change {
        Change::Webhook { was, becomes } => was.iter().chain(becomes).map(webhooks::size).sum(),
        Change::Document { id, was, becomes, events, .. } => {
            let bodies = was.iter().chain(becomes).map(String::len).sum::<usize>();
            id.len() + bodies + events.iter().map(events::size).sum::<usize>() + 256
        }
        Change::Health { was, becomes } => health::size(was) + health::size(becomes),
    }
}

/// Bytes of a line of the log, about.
pub(super) fn line_size(audit: &Audit) -> usize {
    audit.key.len() + audit.action.len() + audit.target.len() + audit.detail.len() + 256
}

pub(super) fn change(desk: &mut Desk<'_>, change: &Change, audit: &Audit, now: UnixMs) -> Result<bool> {
    let is_made = match change {
        Change::Webhook { was, becomes } => {
            change_webhook(desk.connection, was.as_ref(), becomes.as_ref(), now)
                .map_err(|error| meaning(&error))?
        }
        Change::Document { kind, id, was, becomes, events } => {
            let is_made =
                change_document(desk.connection, (*kind, id), was.as_deref(), becomes.as_deref(), now)
                    .map_err(|error| meaning(&error))?;
            if is_made {
                events::accept(desk, events, now)?;
            }
            is_made
        }
        Change::Health { was, becomes } => health::put(desk, was, becomes)?,
    };
    if is_made {
        write_down(desk.connection, audit, now).map_err(|error| meaning(&error))?;
    }
    Ok(is_made)
}

fn change_webhook(
    connection: &Connection,
    was: Option<&StoredWebhook>,
    becomes: Option<&StoredWebhook>,
    now: UnixMs,
) -> rusqlite::Result<bool> {
    let Some(id) = becomes.or(was).map(|webhook| &webhook.id) else { return Ok(true) };
    let is = webhooks::find(connection, id)?;
    if was.is_some_and(|was| was.id != *id) || is.as_ref() != was {
        return Ok(false);
    }
    match becomes {
        Some(webhook) => webhooks::replace(connection, webhook, now)?,
        None => webhooks::remove(connection, id)?,
    }
    Ok(true)
}

/// How sorts are stored. A number is never another sort's.
fn number(kind: DocumentKind) -> i64 {
    match kind {
        DocumentKind::Project => 0,
        DocumentKind::Edition => 1,
    }
}

fn change_document(
    connection: &Connection,
    (kind, id): (DocumentKind, &str),
    was: Option<&str>,
    becomes: Option<&str>,
    now: UnixMs,
) -> rusqlite::Result<bool> {
    let is = document(connection, kind, id)?;
    if is.as_ref().map(|document| document.body.as_str()) != was {
        return Ok(false);
    }
    match becomes {
        Some(body) => {
            let mut replace = connection.prepare_cached(
                "INSERT OR REPLACE INTO document (kind, id, body, updated_at) VALUES (?1, ?2, ?3, ?4)",
            )?;
            replace.execute(params![number(kind), id, body, now])?;
        }
        None => {
            let mut delete = connection.prepare_cached("DELETE FROM document WHERE kind = ?1 AND id = ?2")?;
            delete.execute(params![number(kind), id])?;
        }
    }
    Ok(true)
}

pub(super) fn document(
    connection: &Connection,
    kind: DocumentKind,
    id: &str,
) -> rusqlite::Result<Option<StoredDocument>> {
    let mut select =
        connection.prepare_cached("SELECT id, body, updated_at FROM document WHERE kind = ?1 AND id = ?2")?;
    select.query_row(params![number(kind), id], stored).optional()
}

pub(super) fn documents(
    connection: &Connection,
    kind: DocumentKind,
    after: Option<&str>,
    limit: usize,
) -> rusqlite::Result<Vec<StoredDocument>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let beginning = "SELECT id, body, updated_at FROM document WHERE kind = ?1";
    let Some(after) = after else {
        let mut select = connection.prepare_cached(&format!("{beginning} ORDER BY id LIMIT ?2"))?;
        return select.query_map(params![number(kind), limit], stored)?.collect();
    };
    let mut select = connection.prepare_cached(&format!("{beginning} AND id > ?2 ORDER BY id LIMIT ?3"))?;
    select.query_map(params![number(kind), after, limit], stored)?.collect()
}

fn stored(row: &Row<'_>) -> rusqlite::Result<StoredDocument> {
    Ok(StoredDocument { id: row.get(0)?, body: row.get(1)?, updated_at: row.get(2)? })
}

pub(super) fn write_down(connection: &Connection, audit: &Audit, now: UnixMs) -> rusqlite::Result<()> {
    let mut insert = connection
        .prepare_cached("INSERT INTO audit (at, key, action, target, detail) VALUES (?1, ?2, ?3, ?4, ?5)")?;
    insert.execute(params![now, audit.key, audit.action, audit.target, brief(&audit.detail)])?;
    Ok(())
}

pub(super) fn audit(
    connection: &Connection,
    before: Option<i64>,
    limit: usize,
) -> rusqlite::Result<Vec<StoredAudit>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut select = connection.prepare_cached(
        "SELECT place, at, key, action, target, detail FROM audit WHERE place < ?1 ORDER BY place DESC LIMIT ?2",
    )?;
    let lines = select.query_map([before.unwrap_or(i64::MAX), limit], |row| {
        let [key, action, target, detail] = [row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?];
        let audit = Audit { key, action, target, detail };
        Ok(StoredAudit { place: row.get(0)?, at: row.get(1)?, audit })
    })?;
    lines.collect()
}
