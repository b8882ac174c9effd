//! The webhooks' settings.

use super::fault::{Fault, read};
use super::text::{plain, text};
use super::webhook_health;
use crate::store::{StoredWebhook, UnixMs};
use deadpool_postgres::{Client, GenericClient};
use std::collections::BTreeMap;
use tokio_postgres::Row;

/// Who changes several of them keeps others from doing so: all or nothing of each, and nobody waits crosswise.
const LOCK: &str = "LOCK TABLE cuehook.webhooks IN SHARE ROW EXCLUSIVE MODE";

pub(super) async fn all(client: &Client) -> Result<Vec<StoredWebhook>, Fault> {
    let sql = "SELECT id, settings, sealed, updated_at FROM cuehook.webhooks";
    let rows = client.query(&client.prepare_cached(sql).await?, &[]).await?;
    let mut webhooks = rows.iter().map(stored).collect::<Result<Vec<_>, Fault>>()?;
    webhooks.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(webhooks)
}

fn stored(row: &Row) -> Result<StoredWebhook, Fault> {
    Ok(StoredWebhook {
        id: text(row, "id")?,
        settings: text(row, "settings")?,
        sealed: read(row, "sealed")?,
        updated_at: read(row, "updated_at")?,
    })
}

pub(super) async fn put(
    client: &mut Client,
    put: &[StoredWebhook],
    removed: &[String],
    now: UnixMs,
) -> Result<(), Fault> {
    // Of two with one id the last one stays.
    let put: BTreeMap<&str, &StoredWebhook> =
        put.iter().map(|webhook| (webhook.id.as_str(), webhook)).collect();
    let ids: Vec<_> = put.keys().map(|id| plain(id)).collect();
    let settings: Vec<_> = put.values().map(|webhook| plain(&webhook.settings)).collect();
    let sealed: Vec<&[u8]> = put.values().map(|webhook| webhook.sealed.as_slice()).collect();
    let remove: Vec<_> = removed.iter().map(|id| plain(id)).collect();
    let transaction = client.transaction().await?;
    transaction.batch_execute(LOCK).await?;
    transaction.execute(DELETE, &[&remove]).await?;
    webhook_health::forget(&transaction, removed).await?;
    transaction.execute(REPLACE, &[&ids, &settings, &sealed, &now]).await?;
    transaction.commit().await?;
    Ok(())
}

const DELETE: &str = "DELETE FROM cuehook.webhooks WHERE id = ANY ($1::text[])";

const REPLACE: &str = "INSERT INTO cuehook.webhooks (id, settings, sealed, updated_at)
    SELECT id, settings, sealed, $4 FROM unnest($1::text[], $2::text[], $3::bytea[]) AS given(id, settings, sealed)
    ON CONFLICT (id) DO UPDATE SET settings = excluded.settings, sealed = excluded.sealed,
        updated_at = excluded.updated_at";

/// Adds, replaces or removes one, if it is what it was. To be called within a transaction.
pub(super) async fn change(
    client: &impl GenericClient,
    was: Option<&StoredWebhook>,
    becomes: Option<&StoredWebhook>,
    now: UnixMs,
) -> Result<bool, Fault> {
    let Some(id) = becomes.or(was).map(|webhook| webhook.id.as_str()) else { return Ok(true) };
    client.batch_execute(LOCK).await?;
    let sql = "SELECT id, settings, sealed, updated_at FROM cuehook.webhooks WHERE id = $1";
    let row = client.query_opt(&client.prepare_cached(sql).await?, &[&plain(id)]).await?;
    let is = row.as_ref().map(stored).transpose()?;
    if was.is_some_and(|was| was.id != id) || is.as_ref() != was {
        return Ok(false);
    }
    match becomes {
        Some(webhook) => {
            let (settings, sealed) = (vec![plain(&webhook.settings)], vec![webhook.sealed.as_slice()]);
            client.execute(REPLACE, &[&vec![plain(id)], &settings, &sealed, &now]).await?;
        }
        None => {
            client.execute(DELETE, &[&vec![plain(id)]]).await?;
            webhook_health::forget(client, &[id]).await?;
        }
    }
    Ok(true)
}

pub(super) async fn reseal(
    client: &mut Client,
    sealed: &[(String, Vec<u8>, Vec<u8>)],
) -> Result<bool, Fault> {
    let transaction = client.transaction().await?;
    transaction.batch_execute(LOCK).await?;
    // All are compared before any is changed, so that one that is named twice is compared with what it was.
    let still = transaction
        .prepare_cached("SELECT EXISTS (SELECT FROM cuehook.webhooks WHERE id = $1 AND sealed = $2) AS still")
        .await?;
    for (id, was, _) in sealed {
        let row = transaction.query_one(&still, &[&plain(id), &was.as_slice()]).await?;
        if !read::<bool>(&row, "still")? {
            return Ok(false);
        }
    }
    let change = transaction.prepare_cached("UPDATE cuehook.webhooks SET sealed = $2 WHERE id = $1").await?;
    for (id, _, becomes) in sealed {
        transaction.execute(&change, &[&plain(id), &becomes.as_slice()]).await?;
    }
    transaction.commit().await?;
    Ok(true)
}
