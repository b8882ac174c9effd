//! How webhooks are doing.

use super::fault::{Fault, read};
use super::text::{plain, text};
use crate::store::WebhookHealth;
use deadpool_postgres::GenericClient;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

const COLUMNS: &str = "webhook, failing_since, fault, warned, disabled_at, disabled_reason";

pub(super) async fn all(client: &impl GenericClient) -> Result<Vec<WebhookHealth>, Fault> {
    let sql = format!("SELECT {COLUMNS} FROM cuehook.health");
    let rows = client.query(&client.prepare_cached(&sql).await?, &[]).await?;
    let mut all = rows.iter().map(stored).collect::<Result<Vec<_>, Fault>>()?;
    all.sort_by(|one, other| one.webhook.cmp(&other.webhook));
    Ok(all)
}

fn stored(row: &Row) -> Result<WebhookHealth, Fault> {
    Ok(WebhookHealth {
        webhook: text(row, "webhook")?,
        failing_since: read(row, "failing_since")?,
        fault: text(row, "fault")?,
        warned: u8::try_from(read::<i16>(row, "warned")?).unwrap_or_default(),
        disabled_at: read(row, "disabled_at")?,
        disabled_reason: text(row, "disabled_reason")?,
    })
}

/// Whether it was known like that; otherwise nothing has changed. To be called within a transaction, which keeps the row locked. Of two
/// who are the first to tell of a webhook one adds the row.
pub(super) async fn put(
    client: &impl GenericClient,
    was: &WebhookHealth,
    becomes: &WebhookHealth,
) -> Result<bool, Fault> {
    let id = plain(&was.webhook);
    let sql = format!("SELECT {COLUMNS} FROM cuehook.health WHERE webhook = $1 FOR UPDATE");
    let row = client.query_opt(&client.prepare_cached(&sql).await?, &[&id]).await?;
    let is = row.as_ref().map(stored).transpose()?;
    if is.as_ref().unwrap_or(&WebhookHealth::of(&*was.webhook)) != was || becomes.webhook != was.webhook {
        return Ok(false);
    }
    if !becomes.is_known() {
        forget(client, &[&was.webhook]).await?;
        return Ok(true);
    }
    let change = if is.is_some() {
        "DO UPDATE SET failing_since = excluded.failing_since, fault = excluded.fault, warned = excluded.warned,
            disabled_at = excluded.disabled_at, disabled_reason = excluded.disabled_reason"
    } else {
        "DO NOTHING"
    };
    let sql = format!(
        "INSERT INTO cuehook.health ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (webhook) {change}"
    );
    let (fault, reason, warned) =
        (plain(&becomes.fault), plain(&becomes.disabled_reason), i16::from(becomes.warned));
    let parameters: [&(dyn ToSql + Sync); 6] =
        [&id, &becomes.failing_since, &fault, &warned, &becomes.disabled_at, &reason];
    Ok(client.execute(&client.prepare_cached(&sql).await?, &parameters).await? == 1)
}

pub(super) async fn forget(
    client: &impl GenericClient,
    webhooks: &[impl AsRef<str> + Sync],
) -> Result<(), Fault> {
    let webhooks: Vec<_> = webhooks.iter().map(|webhook| plain(webhook.as_ref())).collect();
    let sql = "DELETE FROM cuehook.health WHERE webhook = ANY ($1::text[])";
    client.execute(&client.prepare_cached(sql).await?, &[&webhooks]).await?;
    Ok(())
}
