//! Deliveries that have ended are made due again.

use super::fault::{Fault, read};
use super::{list, manage, queues};
use crate::store::{Audit, DeliveryFilter, DeliveryId, REPLAYED_AT_ONCE, UnixMs};
use deadpool_postgres::Client;

/// They leave the partition of their day, and wait. Their event is of the same day, which is kept for as long as anything of it waits.
const REPLAY: &str = "
WITH locked AS MATERIALIZED (
    SELECT id FROM cuehook.deliveries
    WHERE id = ANY ($1::bigint[]) AND ($2::text IS NULL OR became = $2) ORDER BY id FOR UPDATE
), taken AS (
    DELETE FROM cuehook.deliveries WHERE id = ANY (ARRAY(SELECT id FROM locked))
    RETURNING id, event, webhook, became, attempts, fence, queue
), queued AS (
    INSERT INTO cuehook.waiting (id, event, webhook, due_at, fence, attempts, queue, behind, replayed_after)
    SELECT id, event, webhook, $3, fence, attempts, queue, queue IS NOT NULL, attempts FROM taken
), counted AS (
    INSERT INTO cuehook.counters AS counter (shard, delivered, skipped, dead)
    SELECT pg_backend_pid() & 255, -count(*) FILTER (WHERE became = 'delivered'),
        -count(*) FILTER (WHERE became = 'skipped'), -count(*) FILTER (WHERE became = 'dead')
    FROM taken HAVING count(*) > 0
    ON CONFLICT (shard) DO UPDATE SET delivered = counter.delivered + excluded.delivered,
        skipped = counter.skipped + excluded.skipped, dead = counter.dead + excluded.dead
)
SELECT webhook, queue FROM taken";

pub(super) async fn replay(
    client: &mut Client,
    filter: &DeliveryFilter,
    audit: &Audit,
    now: UnixMs,
) -> Result<(u64, Option<DeliveryId>), Fault> {
    let limit = filter.limit.min(REPLAYED_AT_ONCE);
    let found = list::list(client, &DeliveryFilter { limit, ..filter.clone() }, true).await?;
    let next = found.last().filter(|_| found.len() == limit).map(|last| last.id);
    let ids: Vec<i64> = found.iter().map(|it| it.id.0).collect();
    let transaction = client.transaction().await?;
    queues::lock_ended(&transaction, &ids).await?;
    let became = filter.state.and_then(list::word);
    let statement = transaction.prepare_cached(REPLAY).await?;
    let rows = transaction.query(&statement, &[&ids, &became, &now]).await?;
    let (mut webhooks, mut waiting) = (Vec::new(), Vec::new());
    for row in &rows {
        if let Some(queue) = read::<Option<&str>>(row, "queue")? {
            webhooks.push(read::<&str>(row, "webhook")?);
            waiting.push(queue);
        }
    }
    if !waiting.is_empty() {
        queues::arrange(&transaction, &webhooks, &waiting).await?;
    }
    manage::write_down(&transaction, audit, now).await?;
    transaction.commit().await?;
    Ok((rows.len() as u64, next))
}
