//! What is changed by hand: webhooks, documents, how a webhook is said to be doing. And the log of it.

use super::fault::{Fault, read};
use super::text::{plain, text};
use super::{events, webhook_health, webhooks};
use crate::store::manage::brief;
use crate::store::{
    Audit, Change, DocumentKind, NewEvent, StoredAudit, StoredDocument, UnixMs, WebhookHealth,
};
use deadpool_postgres::{Client, GenericClient};
use tokio_postgres::Row;

pub(super) async fn change(
    client: &mut Client,
    change: &Change,
    audit: &Audit,
    now: UnixMs,
) -> Result<bool, Fault> {
    let transaction = client.transaction().await?;
    let is_made = match change {
        Change::Webhook { was, becomes } => {
            webhooks::change(&transaction, was.as_ref(), becomes.as_ref(), now).await?
        }
        Change::Document { kind, id, was, becomes, events } => {
            let becomes = becomes.as_deref();
            let is_made = change_document(&transaction, (*kind, id), was.as_deref(), becomes, now).await?;
            if is_made {
                events::take(&transaction, events, now).await?;
            }
            is_made
        }
        Change::Health { was, becomes } => webhook_health::put(&transaction, was, becomes).await?,
    };
    if is_made {
        write_down(&transaction, audit, now).await?;
        transaction.commit().await?;
    }
    Ok(is_made)
}

pub(super) async fn put_health(
    client: &mut Client,
    was: &WebhookHealth,
    becomes: &WebhookHealth,
    events: &[NewEvent],
    now: UnixMs,
) -> Result<bool, Fault> {
    let transaction = client.transaction().await?;
    let is_made = webhook_health::put(&transaction, was, becomes).await?;
    if is_made {
        events::take(&transaction, events, now).await?;
        transaction.commit().await?;
    }
    Ok(is_made)
}

fn word(kind: DocumentKind) -> &'static str {
    match kind {
        DocumentKind::Project => "project",
        DocumentKind::Edition => "edition",
    }
}

/// Of two who are the first to write a document one adds the row.
async fn change_document(
    client: &impl GenericClient,
    (kind, id): (DocumentKind, &str),
    was: Option<&str>,
    becomes: Option<&str>,
    now: UnixMs,
) -> Result<bool, Fault> {
    let (kind, id) = (word(kind), plain(id));
    let sql = "SELECT body FROM cuehook.documents WHERE kind = $1 AND id = $2 FOR UPDATE";
    let row = client.query_opt(&client.prepare_cached(sql).await?, &[&kind, &id]).await?;
    let is = row.as_ref().map(|row| text(row, "body")).transpose()?;
    if is.as_deref() != was {
        return Ok(false);
    }
    let Some(body) = becomes.map(plain) else {
        let sql = "DELETE FROM cuehook.documents WHERE kind = $1 AND id = $2";
        client.execute(&client.prepare_cached(sql).await?, &[&kind, &id]).await?;
        return Ok(true);
    };
    let sql = match was {
        Some(_) => "UPDATE cuehook.documents SET body = $3, updated_at = $4 WHERE kind = $1 AND id = $2",
        None => {
            "INSERT INTO cuehook.documents (kind, id, body, updated_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT DO NOTHING"
        }
    };
    Ok(client.execute(&client.prepare_cached(sql).await?, &[&kind, &id, &body, &now]).await? == 1)
}

pub(super) async fn document(
    client: &Client,
    kind: DocumentKind,
    id: &str,
) -> Result<Option<StoredDocument>, Fault> {
    let sql = "SELECT id, body, updated_at FROM cuehook.documents WHERE kind = $1 AND id = $2";
    let row = client.query_opt(&client.prepare_cached(sql).await?, &[&word(kind), &plain(id)]).await?;
    row.as_ref().map(stored).transpose()
}

/// Ids that have an escape come in the order of what is stored: a page ends where the next one begins all the same.
pub(super) async fn documents(
    client: &Client,
    kind: DocumentKind,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<StoredDocument>, Fault> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let (kind, after) = (word(kind), after.map(plain));
    let (condition, after) = match &after {
        Some(after) => ("AND id > $3", Some(after)),
        None => ("", None),
    };
    let sql = format!(
        "SELECT id, body, updated_at FROM cuehook.documents WHERE kind = $1 {condition} ORDER BY id LIMIT $2"
    );
    let statement = client.prepare_cached(&sql).await?;
    let rows = match after {
        Some(after) => client.query(&statement, &[&kind, &limit, after]).await?,
        None => client.query(&statement, &[&kind, &limit]).await?,
    };
    rows.iter().map(stored).collect()
}

fn stored(row: &Row) -> Result<StoredDocument, Fault> {
    Ok(StoredDocument {
        id: text(row, "id")?,
        body: text(row, "body")?,
        updated_at: read(row, "updated_at")?,
    })
}

pub(super) async fn write_down(client: &impl GenericClient, audit: &Audit, now: UnixMs) -> Result<(), Fault> {
    let sql = "INSERT INTO cuehook.audit (at, key, action, target, detail) VALUES ($1, $2, $3, $4, $5)";
    let [key, action, target] = [&audit.key, &audit.action, &audit.target].map(|it| plain(it));
    let detail = plain(brief(&audit.detail));
    client.execute(&client.prepare_cached(sql).await?, &[&now, &key, &action, &target, &detail]).await?;
    Ok(())
}

pub(super) async fn audit(
    client: &Client,
    before: Option<i64>,
    limit: usize,
) -> Result<Vec<StoredAudit>, Fault> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let sql = "SELECT place, at, key, action, target, detail FROM cuehook.audit WHERE place < $1
        ORDER BY place DESC LIMIT $2";
    let before = before.unwrap_or(i64::MAX);
    let rows = client.query(&client.prepare_cached(sql).await?, &[&before, &limit]).await?;
    let line = |row: &Row| -> Result<StoredAudit, Fault> {
        let (key, action) = (text(row, "key")?, text(row, "action")?);
        let (target, detail) = (text(row, "target")?, text(row, "detail")?);
        let audit = Audit { key, action, target, detail };
        Ok(StoredAudit { place: read(row, "place")?, at: read(row, "at")?, audit })
    };
    rows.iter().map(line).collect()
}

/// Removes lines that are old.
pub(super) async fn retain(client: &Client, until: UnixMs, limit: i64) -> Result<u64, Fault> {
    let sql = "DELETE FROM cuehook.audit WHERE place = ANY (ARRAY(SELECT place FROM cuehook.audit
        WHERE at <= $1 ORDER BY at LIMIT $2 FOR UPDATE SKIP LOCKED))";
    Ok(client.execute(&client.prepare_cached(sql).await?, &[&until, &limit]).await?)
}
