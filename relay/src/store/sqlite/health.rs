//! How webhooks are doing.

use super::fault::meaning;
use super::writer::Desk;
use crate::store::{Result, WebhookHealth};
use rusqlite::{Connection, OptionalExtension, Row, params};

/// What is read, in this order.
const COLUMNS: &str = "webhook, failing_since, fault, warned, disabled_at, disabled_reason";

/// Bytes of it, about.
pub(super) fn size(health: &WebhookHealth) -> usize {
    health.webhook.len() + health.fault.len() + health.disabled_reason.len() + 256
}

pub(super) fn list(connection: &Connection) -> rusqlite::Result<Vec<WebhookHealth>> {
    let mut select = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM health ORDER BY webhook"))?;
    select.query_map([], stored)?.collect()
}

fn stored(row: &Row<'_>) -> rusqlite::Result<WebhookHealth> {
    Ok(WebhookHealth {
        webhook: row.get(0)?,
        failing_since: row.get(1)?,
        fault: row.get(2)?,
        warned: row.get(3)?,
        disabled_at: row.get(4)?,
        disabled_reason: row.get(5)?,
    })
}

/// Whether it was known like that; otherwise nothing has changed.
pub(super) fn put(desk: &mut Desk<'_>, was: &WebhookHealth, becomes: &WebhookHealth) -> Result<bool> {
    let put = || -> rusqlite::Result<bool> {
        let id = &was.webhook;
        let mut select =
            desk.connection.prepare_cached(&format!("SELECT {COLUMNS} FROM health WHERE webhook = ?1"))?;
        let is = select.query_row([id], stored).optional()?.unwrap_or_else(|| WebhookHealth::of(id));
        if is != *was || becomes.webhook != *id {
            return Ok(false);
        }
        if !becomes.is_known() {
            forget(desk.connection, id)?;
            return Ok(true);
        }
        let mut replace = desk.connection.prepare_cached(&format!(
            "INSERT OR REPLACE INTO health ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
        ))?;
        let WebhookHealth { failing_since, fault, warned, disabled_at, disabled_reason, .. } = becomes;
        replace.execute(params![id, failing_since, fault, warned, disabled_at, disabled_reason])?;
        Ok(true)
    };
    put().map_err(|error| meaning(&error))
}

pub(super) fn forget(connection: &Connection, webhook: &str) -> rusqlite::Result<()> {
    connection.prepare_cached("DELETE FROM health WHERE webhook = ?1")?.execute([webhook])?;
    Ok(())
}
