//! Deliveries as they are listed, the newest first, and each with its attempts. One statement each, so that a delivery that ends
//! meanwhile is neither missing nor there twice.

use super::days::Day;
use super::fault::{Fault, read};
use super::text::{plain, text};
use crate::store::{
    Attempt, DeliveryFilter, DeliveryId, DeliveryState, LOGGED, StoredDelivery, WholeDelivery,
};
use deadpool_postgres::GenericClient;
use std::borrow::Cow;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

/// Events are looked up one by one: a join over all partitions would read them.
const EVENT: &str = "JOIN LATERAL (
    SELECT id, kind, project, taken_at, body FROM cuehook.events WHERE place = it.event OFFSET 0) AS event ON true";

/// The word for a state that is an end; none if it is not one.
pub(super) fn word(state: DeliveryState) -> Option<&'static str> {
    match state {
        DeliveryState::Pending => None,
        DeliveryState::Delivered => Some("delivered"),
        DeliveryState::Skipped => Some("skipped"),
        DeliveryState::Dead => Some("dead"),
    }
}

/// A part of what is asked for, in the order of an index of its own.
#[derive(Clone, Copy)]
enum Part {
    Waiting,
    /// Those that have ended, or those that have become this.
    Ended(Option<&'static str>),
}

/// Without a webhook the newest of those that were delivered are soon found among all that have ended; those that have become
/// something else have an index.
fn parts(filter: &DeliveryFilter, ended: bool) -> Vec<Part> {
    let all = [DeliveryState::Pending, DeliveryState::Delivered, DeliveryState::Skipped, DeliveryState::Dead];
    let parts = match (filter.state, &filter.webhook) {
        (Some(state), _) => vec![part(state)],
        (None, Some(_)) => all.map(part).to_vec(),
        (None, None) => vec![Part::Waiting, Part::Ended(None)],
    };
    parts.into_iter().filter(|part| !ended || !matches!(part, Part::Waiting)).collect()
}

fn part(state: DeliveryState) -> Part {
    word(state).map_or(Part::Waiting, |word| Part::Ended(Some(word)))
}

/// Deliveries, and only such that have ended if these alone are wanted. Such a statement is not kept: there are too many of them.
pub(super) async fn list(
    client: &impl GenericClient,
    filter: &DeliveryFilter,
    ended: bool,
) -> Result<Vec<StoredDelivery>, Fault> {
    let parts = parts(filter, ended);
    if parts.is_empty() {
        return Ok(Vec::new());
    }
    let limit = i64::try_from(filter.limit).unwrap_or(i64::MAX);
    let [webhook, kind, project]: [Option<Cow<'_, str>>; 3] =
        [&filter.webhook, &filter.kind, &filter.project].map(|it| it.as_deref().map(plain));
    let before = filter.before.map(|before| before.0);
    // The day is part of an id: so partitions are left out.
    let first = filter.from.map(|from| *Day::of(from).range().start());
    let last = filter.to.map(|to| *Day::of(to).range().end());
    let mut parameters: Vec<&(dyn ToSql + Sync)> = vec![&limit];
    let mut conditions = String::from("true");
    // A webhook is a range of one, by which its deliveries are sorted, too: then the index that begins with it is used, whatever the
    // server believes of how many there are.
    let mut order = "it.id DESC";
    if let Some(webhook) = &webhook {
        parameters.push(webhook);
        conditions.push_str(" AND it.webhook BETWEEN $2 AND $2");
        order = "it.webhook DESC, it.id DESC";
    }
    let known: [(&str, Option<&(dyn ToSql + Sync)>); 7] = [
        ("event.kind =", kind.as_ref().map(|it| it as _)),
        ("event.project =", project.as_ref().map(|it| it as _)),
        ("it.id <", before.as_ref().map(|it| it as _)),
        ("event.taken_at >=", filter.from.as_ref().map(|it| it as _)),
        ("it.id >=", first.as_ref().map(|it| it as _)),
        ("event.taken_at <", filter.to.as_ref().map(|it| it as _)),
        ("it.id <=", last.as_ref().map(|it| it as _)),
    ];
    for (condition, parameter) in known {
        if let Some(parameter) = parameter {
            parameters.push(parameter);
            conditions.push_str(&format!(" AND {condition} ${}", parameters.len()));
        }
    }
    let mut of_event = None;
    if let Some(event) = &filter.event {
        parameters.push(event);
        of_event = Some(parameters.len());
    }
    let parts: Vec<String> = parts
        .into_iter()
        .map(|part| format!("({} WHERE {conditions} ORDER BY {order} LIMIT $1)", select(part, of_event)))
        .collect();
    let found = parts.join(" UNION ALL ");
    let sql = format!("SELECT * FROM ({found}) AS found ORDER BY number DESC LIMIT $1");
    let rows = client.query(&client.prepare(&sql).await?, &parameters).await?;
    rows.iter().map(stored).collect()
}

/// What is read of deliveries, up to the conditions. Those of an event are looked up by it first.
fn select(part: Part, of_event: Option<usize>) -> String {
    let (table, end) = match part {
        Part::Waiting => {
            ("cuehook.waiting", "NULL AS became, '' AS reason, it.due_at, NULL::bigint AS ended_at")
        }
        Part::Ended(_) => ("cuehook.deliveries", "it.became, it.reason, NULL::bigint AS due_at, it.ended_at"),
    };
    let mut from = format!("{table} AS it");
    if let Some(parameter) = of_event {
        from = format!(
            "(SELECT * FROM {table} WHERE event = ANY (ARRAY(
                SELECT place FROM cuehook.events WHERE id = ${parameter})) OFFSET 0) AS it"
        );
    }
    let became = match part {
        Part::Ended(Some(word)) => format!(" AND it.became = '{word}'"),
        Part::Waiting | Part::Ended(None) => String::new(),
    };
    format!("SELECT it.id AS number, it.webhook, it.attempts, {end}, event.* FROM {from} {EVENT}{became}")
}

fn stored(row: &Row) -> Result<StoredDelivery, Fault> {
    let state = match read(row, "became")? {
        None => DeliveryState::Pending,
        Some("delivered") => DeliveryState::Delivered,
        Some("skipped") => DeliveryState::Skipped,
        Some("dead") => DeliveryState::Dead,
        Some(other) => return Err(Fault::damaged(format!("a delivery cannot be {other}"))),
    };
    Ok(StoredDelivery {
        id: DeliveryId(read(row, "number")?),
        event: read(row, "id")?,
        kind: text(row, "kind")?,
        project: text(row, "project")?,
        webhook: text(row, "webhook")?,
        state,
        reason: text(row, "reason")?,
        attempts: u32::try_from(read::<i32>(row, "attempts")?).unwrap_or_default(),
        taken_at: read(row, "taken_at")?,
        due_at: read(row, "due_at")?,
        ended_at: read(row, "ended_at")?,
    })
}

/// An attempt that was made since the delivery was read is left out.
const LOG: &str = "
SELECT at, took_ms, status, fault, response FROM cuehook.attempts WHERE delivery = $1 AND number <= $2
ORDER BY number DESC LIMIT $3";

pub(super) async fn whole(
    client: &impl GenericClient,
    id: DeliveryId,
) -> Result<Option<WholeDelivery>, Fault> {
    let parts = [Part::Waiting, Part::Ended(None)].map(|part| select(part, None));
    let sql = parts.map(|part| format!("({part} WHERE it.id = $1)")).join(" UNION ALL ");
    let Some(row) = client.query_opt(&client.prepare_cached(&sql).await?, &[&id.0]).await? else {
        return Ok(None);
    };
    let (delivery, body) = (stored(&row)?, text(&row, "body")?);
    let (attempts, limit) = (read::<i32>(&row, "attempts")?, i64::try_from(LOGGED).unwrap_or(i64::MAX));
    let rows = client.query(&client.prepare_cached(LOG).await?, &[&id.0, &attempts, &limit]).await?;
    let log: Result<Vec<Attempt>, Fault> = rows.iter().rev().map(attempt).collect();
    Ok(Some(WholeDelivery { delivery, body, log: log? }))
}

fn attempt(row: &Row) -> Result<Attempt, Fault> {
    let status: Option<i32> = read(row, "status")?;
    Ok(Attempt {
        at: read(row, "at")?,
        took_ms: u32::try_from(read::<i64>(row, "took_ms")?).unwrap_or_default(),
        status: status.and_then(|status| u16::try_from(status).ok()),
        fault: text(row, "fault")?,
        response: text(row, "response")?,
    })
}
