//! How the database is doing.

use super::fault::{Fault, read};
use crate::store::Health;
use deadpool_postgres::Client;

/// Really writes, and so waits for the disk and the standbys as everything else does.
const WRITE: &str = "
INSERT INTO cuehook.pulse (single, at) VALUES (true, clock_timestamp())
ON CONFLICT (single) DO UPDATE SET at = excluded.at";

/// Snapshots hold back the removal of dead rows in the whole database: those of sessions, also of a query that has been running for hours, and
/// those of prepared transactions, which stay until somebody ends them. Our own is as old as this statement. A role that may not read
/// all statistics (`pg_read_all_stats`) sees its own sessions alone.
const LOOK: &str = "
SELECT pg_database_size(current_database()) AS bytes, (
    SELECT (extract(epoch FROM clock_timestamp() - min(began)) * 1000)::bigint FROM (
        SELECT xact_start AS began FROM pg_stat_activity
            WHERE (backend_xmin IS NOT NULL OR backend_xid IS NOT NULL) AND pid <> pg_backend_pid()
                AND (datid = (SELECT oid FROM pg_database WHERE datname = current_database()) OR datid IS NULL)
        UNION ALL
        SELECT prepared FROM pg_prepared_xacts WHERE database = current_database()
    ) AS transactions
) AS oldest";

pub(super) async fn health(client: &Client) -> Result<Health, Fault> {
    client.execute(&client.prepare_cached(WRITE).await?, &[]).await?;
    let row = client.query_one(&client.prepare_cached(LOOK).await?, &[]).await?;
    Ok(Health {
        bytes: u64::try_from(read::<i64>(&row, "bytes")?).unwrap_or_default(),
        oldest_snapshot_ms: read::<Option<i64>>(&row, "oldest")?.map(|age| age.max(0)),
    })
}
