//! Settings of webhooks.

use super::fault::meaning;
use super::writer::Desk;
use crate::store::{Result, StoredWebhook, UnixMs};
use rusqlite::{Connection, OptionalExtension, params};

pub(super) fn list(connection: &Connection) -> rusqlite::Result<Vec<StoredWebhook>> {
    let mut select =
        connection.prepare_cached("SELECT id, settings, sealed, updated_at FROM webhook ORDER BY id")?;
    let webhooks = select.query_map([], |row| {
        let [id, settings] = [row.get(0)?, row.get(1)?];
        Ok(StoredWebhook { id, settings, sealed: row.get(2)?, updated_at: row.get(3)? })
    })?;
    webhooks.collect()
}

/// Bytes of settings, about.
pub(super) fn size(webhook: &StoredWebhook) -> usize {
    webhook.id.len() + webhook.settings.len() + webhook.sealed.len() + 256
}

/// Bytes of what is sealed anew, about.
pub(super) fn sealed_size((id, was, becomes): &(String, Vec<u8>, Vec<u8>)) -> usize {
    id.len() + was.len() + becomes.len() + 256
}

pub(super) fn put(desk: &mut Desk<'_>, put: &[StoredWebhook], remove: &[String], now: UnixMs) -> Result<()> {
    let write = || -> rusqlite::Result<()> {
        let mut delete = desk.connection.prepare_cached("DELETE FROM webhook WHERE id = ?1")?;
        for id in remove {
            delete.execute([id])?;
        }
        let mut replace = desk.connection.prepare_cached(
            "INSERT OR REPLACE INTO webhook (id, settings, sealed, updated_at) VALUES (?1, ?2, ?3, ?4)",
        )?;
        for webhook in put {
            replace.execute(params![webhook.id, webhook.settings, webhook.sealed, now])?;
        }
        Ok(())
    };
    write().map_err(|error| meaning(&error))
}

/// Whether all still were what they are said to have been; otherwise nothing has changed.
pub(super) fn reseal(desk: &mut Desk<'_>, sealed: &[(String, Vec<u8>, Vec<u8>)]) -> Result<bool> {
    let change = || -> rusqlite::Result<bool> {
        let mut select = desk.connection.prepare_cached("SELECT sealed FROM webhook WHERE id = ?1")?;
        for (id, was, _) in sealed {
            let is: Option<Vec<u8>> = select.query_row([id], |row| row.get(0)).optional()?;
            if is.as_ref() != Some(was) {
                return Ok(false);
            }
        }
        let mut update = desk.connection.prepare_cached("UPDATE webhook SET sealed = ?2 WHERE id = ?1")?;
        for (id, _, becomes) in sealed {
            update.execute(params![id, becomes])?;
        }
        Ok(true)
    };
    change().map_err(|error| meaning(&error))
}
