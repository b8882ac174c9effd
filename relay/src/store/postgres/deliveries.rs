//! Deliveries: claimed, kept and settled, each in one statement, which is one transaction. Only those in queues take more.

use super::fault::{Fault, read};
use super::queues;
use super::text::{plain, text};
use crate::store::{Becomes, Claimed, Counts, DeliveryId, Fence, Settled, Settlement, UnixMs, excerpt};
use deadpool_postgres::{Client, GenericClient};
use std::collections::{BTreeMap, HashSet};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

/// The webhooks that something waits for, found by jumping from one to the next in the index. It has none of those that are behind others
/// in their queue, so that these cost nothing, however many they are.
const LANES: &str = "
WITH RECURSIVE lane(webhook) AS (
    (SELECT webhook FROM cuehook.waiting WHERE NOT behind ORDER BY webhook LIMIT 1)
    UNION ALL
    SELECT (SELECT next.webhook FROM cuehook.waiting AS next WHERE NOT next.behind AND next.webhook > lane.webhook
        ORDER BY next.webhook LIMIT 1)
    FROM lane WHERE lane.webhook IS NOT NULL
)";

/// Rows are found by `= ANY`, here and below, and not by a join alone: then the plan stays good when there are more and more of them.
///
/// First it is looked, without locks, how many of each webhook it is to be. Then so many of each are locked. What another relay is just
/// taking is passed over in favour of the next ones. Bodies are looked up one by one: a join over all partitions would read them.
const CLAIM: &str = "
, share AS (
    SELECT webhook, count(*) AS count FROM (
        SELECT lane.webhook FROM lane CROSS JOIN LATERAL (
            SELECT id, due_at FROM cuehook.waiting WHERE webhook = lane.webhook AND due_at <= $1 AND NOT behind
            ORDER BY due_at, id LIMIT $2
        ) AS oldest
        WHERE lane.webhook <> ALL ($3::text[])
        ORDER BY oldest.due_at, oldest.id LIMIT $4
    ) AS chosen GROUP BY webhook
), locked AS MATERIALIZED (
    SELECT free.id, free.due_at FROM share CROSS JOIN LATERAL (
        SELECT id, due_at FROM cuehook.waiting WHERE webhook = share.webhook AND due_at <= $1 AND NOT behind
        ORDER BY due_at, id LIMIT share.count FOR UPDATE SKIP LOCKED
    ) AS free
), claimed AS (
    UPDATE cuehook.waiting AS it SET due_at = $5, held = true, fence = it.fence + 2
    WHERE it.id = ANY (ARRAY(SELECT id FROM locked))
    RETURNING it.id, it.event, it.webhook, it.fence, it.attempts, it.replayed_after
)
SELECT claimed.id, claimed.webhook, claimed.fence, claimed.attempts, claimed.replayed_after,
    event.id AS event, event.kind, event.project, event.body, event.taken_at
FROM claimed JOIN locked USING (id) LEFT JOIN LATERAL (
    SELECT id, kind, project, body, taken_at FROM cuehook.events WHERE place = claimed.event OFFSET 0
) AS event ON true
ORDER BY locked.due_at, claimed.id";

pub(super) async fn claim(
    client: &Client,
    (limit, each): (usize, usize),
    without: &[String],
    until: UnixMs,
    now: UnixMs,
) -> Result<Vec<Claimed>, Fault> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let each = i64::try_from(each).unwrap_or(i64::MAX);
    let without: Vec<_> = without.iter().map(|webhook| plain(webhook)).collect();
    let statement = client.prepare_cached(&[LANES, CLAIM].concat()).await?;
    let rows = client.query(&statement, &[&now, &each, &without, &limit, &until]).await?;
    rows.iter().map(claimed).collect()
}

fn claimed(row: &Row) -> Result<Claimed, Fault> {
    Ok(Claimed {
        id: DeliveryId(read(row, "id")?),
        fence: Fence(read(row, "fence")?),
        event: read(row, "event")?,
        kind: text(row, "kind")?,
        project: text(row, "project")?,
        body: text(row, "body")?,
        webhook: text(row, "webhook")?,
        attempts: u32::try_from(read::<i32>(row, "attempts")?).unwrap_or_default(),
        replayed_after: read::<Option<i32>>(row, "replayed_after")?
            .map(|after| u32::try_from(after).unwrap_or_default()),
        taken_at: read(row, "taken_at")?,
    })
}

/// Rows are locked in the order of their ids here and in [`SETTLE`], so that the two wait for each other in one direction only.
const RENEW: &str = "
WITH locked AS MATERIALIZED (
    SELECT it.id FROM cuehook.waiting AS it
    JOIN unnest($1::bigint[], $2::bigint[]) AS given(id, fence) ON it.id = given.id AND it.fence = given.fence
    WHERE it.id = ANY ($1) AND it.held ORDER BY it.id FOR UPDATE OF it
)
UPDATE cuehook.waiting AS it SET due_at = $3
WHERE it.id = ANY (ARRAY(SELECT id FROM locked)) RETURNING it.id";

pub(super) async fn renew(
    client: &Client,
    held: &[(DeliveryId, Fence)],
    until: UnixMs,
) -> Result<Vec<DeliveryId>, Fault> {
    let (ids, fences): (Vec<i64>, Vec<i64>) = held.iter().map(|(id, fence)| (id.0, fence.0)).unzip();
    let rows = client.query(&client.prepare_cached(RENEW).await?, &[&ids, &fences, &until]).await?;
    let renewed: Result<HashSet<i64>, Fault> = rows.iter().map(|row| read(row, "id")).collect();
    let mut renewed = renewed?;
    // In the order in which they were asked for, each once.
    Ok(held.iter().map(|(id, _)| *id).filter(|id| renewed.remove(&id.0)).collect())
}

const SETTLE: &str = "
WITH given AS MATERIALIZED (
    SELECT * FROM unnest(
        $1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::text[],
        $6::bigint[], $7::bigint[], $8::integer[], $9::text[], $10::text[]
    ) AS given(id, fence, became, due_at, reason, at, took_ms, status, fault, response)
), locked AS MATERIALIZED (
    SELECT it.id, it.fence FROM cuehook.waiting AS it
    JOIN unnest($1::bigint[], $2::bigint[]) AS asked(id, fence) ON it.id = asked.id AND it.fence = asked.fence
    WHERE it.id = ANY ($1) AND it.held ORDER BY it.id FOR UPDATE OF it
), counts AS MATERIALIZED (
    SELECT given.* FROM given JOIN locked ON given.id = locked.id AND given.fence = locked.fence
), waits AS (
    UPDATE cuehook.waiting AS it
    SET due_at = counts.due_at, held = false, attempts = it.attempts + (counts.at IS NOT NULL)::integer
    FROM counts WHERE it.id = ANY ($1) AND it.id = counts.id AND counts.became IS NULL
    RETURNING it.id, it.attempts
), ends AS (
    DELETE FROM cuehook.waiting AS it USING counts
    WHERE it.id = ANY ($1) AND it.id = counts.id AND counts.became IS NOT NULL
    RETURNING it.id, it.event, it.webhook, it.fence, it.queue, counts.became, counts.reason,
        it.attempts + (counts.at IS NOT NULL)::integer AS attempts
), stored AS (
    INSERT INTO cuehook.deliveries (id, event, webhook, became, reason, attempts, ended_at, queue, fence)
    SELECT id, event, webhook, became, reason, attempts, $11, queue, fence FROM ends
), logged AS (
    INSERT INTO cuehook.attempts (delivery, number, at, took_ms, status, fault, response)
    SELECT counts.id, made.attempts, counts.at, counts.took_ms, counts.status, counts.fault, counts.response
    FROM counts JOIN (SELECT id, attempts FROM waits UNION ALL SELECT id, attempts FROM ends) AS made
        ON made.id = counts.id
    WHERE counts.at IS NOT NULL
), counted AS (
    INSERT INTO cuehook.counters AS counter (shard, delivered, skipped, dead)
    SELECT pg_backend_pid() & 255, count(*) FILTER (WHERE became = 'delivered'),
        count(*) FILTER (WHERE became = 'skipped'), count(*) FILTER (WHERE became = 'dead')
    FROM ends HAVING count(*) > 0
    ON CONFLICT (shard) DO UPDATE SET delivered = counter.delivered + excluded.delivered,
        skipped = counter.skipped + excluded.skipped, dead = counter.dead + excluded.dead
)
SELECT counts.id, counts.fence, ends.queue, CASE WHEN ends.queue IS NOT NULL THEN ends.webhook END AS webhook
FROM counts LEFT JOIN ends ON ends.id = counts.id";

pub(super) async fn settle(
    client: &mut Client,
    settlements: &[Settlement],
    now: UnixMs,
) -> Result<Vec<Settled>, Fault> {
    // A fence says whether its delivery is in a queue. As a rule none is, and one statement does it.
    let is_queued = |settlement: &Settlement| settlement.fence.0 & 1 == 1;
    if !settlements.iter().any(is_queued) {
        let rows = write(client, settlements, now).await?;
        return verdicts(settlements, &rows);
    }
    let ids: Vec<i64> = settlements.iter().map(|settlement| settlement.id.0).collect();
    let transaction = client.transaction().await?;
    queues::lock_waiting(&transaction, &ids).await?;
    let rows = write(&transaction, settlements, now).await?;
    let (mut webhooks, mut waiting) = (Vec::new(), Vec::new());
    for row in &rows {
        if let (Some(webhook), Some(queue)) = (read(row, "webhook")?, read(row, "queue")?) {
            webhooks.push(webhook);
            waiting.push(queue);
        }
    }
    if !waiting.is_empty() {
        queues::arrange(&transaction, &webhooks, &waiting).await?;
    }
    let settled = verdicts(settlements, &rows)?;
    transaction.commit().await?;
    Ok(settled)
}

/// For each claim the place of the first settlement of it, which is the one that counts.
fn first_of_each(settlements: &[Settlement]) -> BTreeMap<(i64, i64), usize> {
    let mut first = BTreeMap::new();
    for (number, settlement) in settlements.iter().enumerate() {
        first.entry((settlement.id.0, settlement.fence.0)).or_insert(number);
    }
    first
}

/// Writes them down; a row for each that counts.
async fn write(
    client: &impl GenericClient,
    settlements: &[Settlement],
    now: UnixMs,
) -> Result<Vec<Row>, Fault> {
    let first = first_of_each(settlements);
    let given: Vec<&Settlement> = first.values().filter_map(|number| settlements.get(*number)).collect();
    let (ids, fences): (Vec<i64>, Vec<i64>) = first.keys().copied().unzip();
    let became: Vec<Option<&str>> = given.iter().map(|it| in_words(&it.becomes)).collect();
    let due: Vec<i64> = given.iter().map(|it| due_at(&it.becomes)).collect();
    let reasons: Vec<_> = given.iter().map(|it| plain(reason(&it.becomes))).collect();
    let attempts = || given.iter().map(|it| it.attempt.as_ref());
    let at: Vec<Option<i64>> = attempts().map(|it| Some(it?.at)).collect();
    let took: Vec<Option<i64>> = attempts().map(|it| Some(i64::from(it?.took_ms))).collect();
    let statuses: Vec<Option<i32>> = attempts().map(|it| it?.status.map(i32::from)).collect();
    let faults: Vec<Option<_>> = attempts().map(|it| Some(plain(&it?.fault))).collect();
    let responses: Vec<Option<_>> = attempts().map(|it| Some(plain(excerpt(&it?.response)))).collect();
    let statement = client.prepare_cached(SETTLE).await?;
    let parameters: [&(dyn ToSql + Sync); 11] =
        [&ids, &fences, &became, &due, &reasons, &at, &took, &statuses, &faults, &responses, &now];
    Ok(client.query(&statement, &parameters).await?)
}

fn verdicts(settlements: &[Settlement], rows: &[Row]) -> Result<Vec<Settled>, Fault> {
    let first = first_of_each(settlements);
    let counted: Result<HashSet<(i64, i64)>, Fault> =
        rows.iter().map(|row| Ok((read(row, "id")?, read(row, "fence")?))).collect();
    let counted = counted?;
    let verdict = |(number, settlement): (usize, &Settlement)| {
        let claim = (settlement.id.0, settlement.fence.0);
        match first.get(&claim) {
            Some(counts) if *counts == number && counted.contains(&claim) => Settled::Yes,
            _ => Settled::Lost,
        }
    };
    Ok(settlements.iter().enumerate().map(verdict).collect())
}

/// The word for an end; none if it is not one.
fn in_words(becomes: &Becomes) -> Option<&'static str> {
    match becomes {
        Becomes::Delivered => Some("delivered"),
        Becomes::Waiting(_) => None,
        Becomes::Dead(_) => Some("dead"),
        Becomes::Skipped(_) => Some("skipped"),
    }
}

fn due_at(becomes: &Becomes) -> UnixMs {
    match becomes {
        Becomes::Waiting(due_at) => *due_at,
        Becomes::Delivered | Becomes::Dead(_) | Becomes::Skipped(_) => 0,
    }
}

fn reason(becomes: &Becomes) -> &str {
    match becomes {
        Becomes::Dead(reason) | Becomes::Skipped(reason) => reason,
        Becomes::Delivered | Becomes::Waiting(_) => "",
    }
}

/// For each webhook what is due first and not held. As many as are under way are passed over on the way.
const DUE: &str = "
SELECT min(free.due_at) AS due_at FROM lane CROSS JOIN LATERAL (
    SELECT due_at FROM cuehook.waiting WHERE webhook = lane.webhook AND NOT behind AND (NOT held OR due_at <= $1)
    ORDER BY due_at LIMIT 1
) AS free";

pub(super) async fn due(client: &Client, now: UnixMs) -> Result<Option<UnixMs>, Fault> {
    let statement = client.prepare_cached(&[LANES, DUE].concat()).await?;
    read(&client.query_one(&statement, &[&now]).await?, "due_at")
}

const COUNTS: &str = "
SELECT coalesce(sum(events), 0)::bigint AS events, coalesce(sum(accepted), 0)::bigint AS accepted,
    coalesce(sum(delivered), 0)::bigint AS delivered, coalesce(sum(skipped), 0)::bigint AS skipped,
    coalesce(sum(dead), 0)::bigint AS dead
FROM cuehook.counters";

pub(super) async fn counts(client: &Client) -> Result<Counts, Fault> {
    let row = client.query_one(&client.prepare_cached(COUNTS).await?, &[]).await?;
    let number = |column| -> Result<u64, Fault> {
        u64::try_from(read::<i64>(&row, column)?).map_err(|_| Fault::damaged("a count is negative"))
    };
    let (accepted, delivered) = (number("accepted")?, number("delivered")?);
    let (skipped, dead) = (number("skipped")?, number("dead")?);
    let ended = delivered.saturating_add(skipped).saturating_add(dead);
    let pending = accepted.checked_sub(ended).ok_or_else(|| Fault::damaged("the counts do not add up"))?;
    Ok(Counts { events: number("events")?, accepted, delivered, pending, skipped, dead })
}
