//! Deliveries that are kept in order. Those of a webhook with the same text are a queue, and of those that wait one is not behind.
//!
//! Who adds to a queue or takes from it holds its lock until the commit: another one's statement, which did not see the change, could
//! otherwise leave a queue in which all are behind. So that there are few locks queues share them. They are taken first of all, in their
//! order, in a statement of their own, since what follows has to see what the one before has committed.

use super::fault::Fault;
use deadpool_postgres::GenericClient;
use std::borrow::Cow;

/// Tells these locks from others.
const CLASS: i32 = 0x63_75_65;

/// Of 256 locks that of a queue.
macro_rules! lock_of {
    ($from:literal) => {
        concat!(
            "SELECT pg_advisory_xact_lock($1, lock) FROM (
                SELECT DISTINCT hashtext(webhook || ' ' || queue) & 255 AS lock FROM ",
            $from,
            " AND queue IS NOT NULL ORDER BY lock OFFSET 0) AS locks"
        )
    };
}

const LOCK: &str = lock_of!("unnest($2::text[], $3::text[]) AS given(webhook, queue) WHERE true");
const LOCK_WAITING: &str = lock_of!("cuehook.waiting WHERE id = ANY ($2::bigint[])");
const LOCK_ENDED: &str = lock_of!("cuehook.deliveries WHERE id = ANY ($2::bigint[])");

/// Locks the queues of deliveries that are about to be added; without a queue nothing.
pub(super) async fn lock(
    client: &impl GenericClient,
    webhooks: &[Cow<'_, str>],
    queues: &[Option<Cow<'_, str>>],
) -> Result<(), Fault> {
    let statement = client.prepare_cached(LOCK).await?;
    client.execute(&statement, &[&CLASS, &webhooks, &queues]).await?;
    Ok(())
}

/// Locks the queues of deliveries that wait.
pub(super) async fn lock_waiting(client: &impl GenericClient, ids: &[i64]) -> Result<(), Fault> {
    client.execute(&client.prepare_cached(LOCK_WAITING).await?, &[&CLASS, &ids]).await?;
    Ok(())
}

/// Locks the queues of deliveries that have ended.
pub(super) async fn lock_ended(client: &impl GenericClient, ids: &[i64]) -> Result<(), Fault> {
    client.execute(&client.prepare_cached(LOCK_ENDED).await?, &[&CLASS, &ids]).await?;
    Ok(())
}

/// For each queue the one that is not behind, and the first of those that are. If there is only the second one, or it is earlier, both
/// change.
const ARRANGE: &str = "
UPDATE cuehook.waiting AS it SET behind = NOT it.behind WHERE it.id = ANY (ARRAY(
    SELECT unnest(ARRAY[first.id, next.id])
    FROM (SELECT DISTINCT webhook, queue FROM unnest($1::text[], $2::text[]) AS given(webhook, queue)) AS asked
    LEFT JOIN LATERAL (
        SELECT id FROM cuehook.waiting WHERE webhook = asked.webhook AND queue = asked.queue AND NOT behind
        ORDER BY id LIMIT 1
    ) AS first ON true
    JOIN LATERAL (
        SELECT id FROM cuehook.waiting WHERE webhook = asked.webhook AND queue = asked.queue AND behind
        ORDER BY id LIMIT 1
    ) AS next ON true
    WHERE first.id IS NULL OR next.id < first.id
))";

/// Sees to it that of each queue the earliest is not behind, and all others are. The queues must be locked.
pub(super) async fn arrange(
    client: &impl GenericClient,
    webhooks: &[&str],
    queues: &[&str],
) -> Result<(), Fault> {
    client.execute(&client.prepare_cached(ARRANGE).await?, &[&webhooks, &queues]).await?;
    Ok(())
}
