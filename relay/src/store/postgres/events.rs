//! Events: taken in one statement, which is one transaction.

use super::count_of;
use super::days::Day;
use super::fault::{Fault, read};
use super::queues;
use super::text::{plain, text};
use crate::store::{Accepted, EventFilter, NewDelivery, NewEvent, StoredEvent, UnixMs};
use deadpool_postgres::{Client, GenericClient};
use std::collections::{BTreeMap, HashSet};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

/// Ids come sorted, so that two batches with the same ones wait for each other in the same order. What follows is for the new ones, in
/// the order of the batch. The counters come last: while their row is locked nothing else is waited for.
const ACCEPT: [&str; 2] = [
    "
WITH fresh AS (
    INSERT INTO cuehook.ids (id, taken_at)
    SELECT given.id, $1 FROM unnest($3::uuid[]) AS given(id)
    ON CONFLICT DO NOTHING RETURNING id
), placed AS MATERIALIZED (
    SELECT sorted.*, $2::bigint + nextval('cuehook.places') AS place FROM (
        SELECT given.* FROM fresh JOIN unnest(
            $3::uuid[], $4::integer[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::text[]
        ) AS given(id, number, kind, project, source, at, body) USING (id)
        ORDER BY given.number OFFSET 0
    ) AS sorted
), stored AS (
    INSERT INTO cuehook.events (place, id, kind, project, source, at, taken_at, body)
    SELECT place, id, kind, project, source, at, $1, body FROM placed
), queued AS (
",
    "
), counted AS (
    INSERT INTO cuehook.counters AS counter (shard, events, accepted)
    SELECT pg_backend_pid() & 255, count(*), (SELECT count(*) FROM queued) FROM fresh HAVING count(*) > 0
    ON CONFLICT (shard) DO UPDATE SET
        events = counter.events + excluded.events, accepted = counter.accepted + excluded.accepted
)
SELECT id FROM fresh",
];

/// Deliveries that are due whenever they are.
const LOOSE: &str = "
    INSERT INTO cuehook.waiting (id, event, webhook, due_at)
    SELECT $2::bigint + nextval('cuehook.numbers'), sorted.place, sorted.webhook, $1 FROM (
        SELECT placed.place, target.webhook FROM placed
        JOIN unnest($10::integer[], $11::text[]) WITH ORDINALITY AS target(number, webhook, position)
            USING (number)
        ORDER BY target.position OFFSET 0
    ) AS sorted RETURNING id";

/// Deliveries of which some are in queues: these are behind if something waits in the queue, or comes before them in this batch.
const IN_QUEUES: &str = "
    INSERT INTO cuehook.waiting (id, event, webhook, due_at, queue, fence, behind)
    SELECT $2::bigint + nextval('cuehook.numbers'), sorted.place, sorted.webhook, $1,
        sorted.queue, (sorted.queue IS NOT NULL)::integer, sorted.behind FROM (
        SELECT placed.place, target.webhook, target.queue, target.queue IS NOT NULL AND (
            row_number() OVER (PARTITION BY target.webhook, target.queue ORDER BY target.position) > 1
            OR EXISTS (SELECT FROM cuehook.waiting AS it
                WHERE it.webhook = target.webhook AND it.queue = target.queue)
        ) AS behind FROM placed
        JOIN unnest($10::integer[], $11::text[], $12::text[])
            WITH ORDINALITY AS target(number, webhook, queue, position) USING (number)
        ORDER BY target.position OFFSET 0
    ) AS sorted RETURNING id";

/// Takes events, in a transaction of their own. The partition for the day has to be there.
pub(super) async fn accept(
    client: &mut Client,
    events: &[NewEvent],
    now: UnixMs,
) -> Result<Vec<Accepted>, Fault> {
    if !is_in_queues(events) {
        return take(client, events, now).await;
    }
    let transaction = client.transaction().await?;
    let accepted = take(&transaction, events, now).await?;
    transaction.commit().await?;
    Ok(accepted)
}

fn is_in_queues(events: &[NewEvent]) -> bool {
    events.iter().flat_map(|event| &event.deliveries).any(|delivery| delivery.order.is_some())
}

/// Takes events. To be called within a transaction if some of their deliveries are kept in order.
pub(super) async fn take(
    client: &impl GenericClient,
    events: &[NewEvent],
    now: UnixMs,
) -> Result<Vec<Accepted>, Fault> {
    if events.is_empty() {
        return Ok(Vec::new());
    }
    // Of two with one id the first one counts.
    let mut first: BTreeMap<Uuid, usize> = BTreeMap::new();
    for (number, event) in events.iter().enumerate() {
        first.entry(event.id).or_insert(number);
    }
    let given: Vec<(usize, &NewEvent)> =
        first.values().filter_map(|number| Some((*number, events.get(*number)?))).collect();
    let of = |read: fn(&NewEvent) -> &str| -> Vec<_> {
        given.iter().map(|(_, event)| plain(read(event))).collect()
    };
    let ids: Vec<Uuid> = given.iter().map(|(_, event)| event.id).collect();
    let numbers: Vec<i32> = given.iter().map(|(number, _)| count_of(*number)).collect();
    let at: Vec<i64> = given.iter().map(|(_, event)| event.at).collect();
    let (kinds, projects) = (of(|event| &event.kind), of(|event| &event.project));
    let (sources, bodies) = (of(|event| &event.source), of(|event| &event.body));
    let mut targets: Vec<(usize, &NewDelivery)> = Vec::new();
    for (number, event) in &given {
        targets.extend(event.deliveries.iter().map(|delivery| (*number, delivery)));
    }
    targets.sort_by_key(|(number, _)| *number);
    let target_numbers: Vec<i32> = targets.iter().map(|(number, _)| count_of(*number)).collect();
    let target_webhooks: Vec<_> = targets.iter().map(|(_, delivery)| plain(&delivery.webhook)).collect();
    let queues: Vec<_> = targets.iter().map(|(_, delivery)| delivery.order.as_deref().map(plain)).collect();
    let base = Day::of(now).base();
    let mut parameters: Vec<&(dyn ToSql + Sync)> = vec![
        &now,
        &base,
        &ids,
        &numbers,
        &kinds,
        &projects,
        &sources,
        &at,
        &bodies,
        &target_numbers,
        &target_webhooks,
    ];
    let mut deliveries = LOOSE;
    if is_in_queues(events) {
        queues::lock(client, &target_webhooks, &queues).await?;
        deliveries = IN_QUEUES;
        parameters.push(&queues);
    }
    let statement = client.prepare_cached(&ACCEPT.join(deliveries)).await?;
    let rows = client.query(&statement, &parameters).await?;
    let fresh: Result<HashSet<Uuid>, Fault> = rows.iter().map(|row| read(row, "id")).collect();
    let fresh = fresh?;
    let verdict = |(number, event): (usize, &NewEvent)| match first.get(&event.id) {
        Some(counts) if *counts == number && fresh.contains(&event.id) => Accepted::New,
        _ => Accepted::Duplicate,
    };
    Ok(events.iter().enumerate().map(verdict).collect())
}

/// Events, the newest first. One statement for each set of conditions, so that each has its own plan.
pub(super) async fn find(client: &Client, filter: &EventFilter) -> Result<Vec<StoredEvent>, Fault> {
    let limit = i64::try_from(filter.limit).unwrap_or(i64::MAX);
    let (kind, project) = (filter.kind.as_deref().map(plain), filter.project.as_deref().map(plain));
    let mut parameters: Vec<&(dyn ToSql + Sync)> = vec![&limit];
    let mut sql = String::from(
        "SELECT place, id, kind, project, source, at, taken_at, body FROM cuehook.events WHERE true",
    );
    let conditions: [(&str, Option<&(dyn ToSql + Sync)>); 4] = [
        ("kind =", kind.as_ref().map(|kind| kind as _)),
        ("project =", project.as_ref().map(|project| project as _)),
        ("id =", filter.id.as_ref().map(|id| id as _)),
        ("place <", filter.before.as_ref().map(|place| place as _)),
    ];
    for (condition, parameter) in conditions {
        if let Some(parameter) = parameter {
            parameters.push(parameter);
            sql.push_str(&format!(" AND {condition} ${}", parameters.len()));
        }
    }
    sql.push_str(" ORDER BY place DESC LIMIT $1");
    let rows = client.query(&client.prepare_cached(&sql).await?, &parameters).await?;
    rows.iter().map(stored).collect()
}

fn stored(row: &Row) -> Result<StoredEvent, Fault> {
    Ok(StoredEvent {
        place: read(row, "place")?,
        id: read(row, "id")?,
        kind: text(row, "kind")?,
        project: text(row, "project")?,
        source: text(row, "source")?,
        at: read(row, "at")?,
        taken_at: read(row, "taken_at")?,
        body: text(row, "body")?,
    })
}

/// Forgets ids that are old.
pub(super) async fn retain_ids(client: &Client, until: UnixMs, limit: i64) -> Result<u64, Fault> {
    let sql = "DELETE FROM cuehook.ids WHERE id = ANY (ARRAY(SELECT id FROM cuehook.ids
        WHERE taken_at <= $1 ORDER BY taken_at LIMIT $2 FOR UPDATE SKIP LOCKED))";
    Ok(client.execute(&client.prepare_cached(sql).await?, &[&until, &limit]).await?)
}
