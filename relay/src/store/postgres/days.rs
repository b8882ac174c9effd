//! Partitions: one for each day. They are made ahead, and dropped when they are old.
//!
//! An event's place and a delivery's id begin with the day on which the event was taken, so that both say which partition they are in.

use super::fault::{Cause, Fault, read};
use super::schema::SCHEMA_LOCK;
use crate::store::UnixMs;
use deadpool_postgres::{Client, Transaction};
use std::ops::RangeInclusive;

pub(super) const DAY_MS: i64 = 86_400_000;
/// How many numbers a day has. With fewer digits for the day places stay exact in JavaScript, until 2059.
const DAY_BITS: u32 = 38;
/// No day is outside of this, whatever a clock says.
const LAST_DAY: i64 = (1 << 24) - 1;
/// So many days are made ahead.
const AHEAD: i64 = 2;
/// Tables with partitions, in the order in which statements lock them, with the columns that they are parted by.
const TABLES: [&str; 3] = ["events", "deliveries", "attempts"];
/// If more than so many deliveries of a day still wait, the day is kept as it is.
const MOVED: i64 = 10_000;
/// So far it is counted what a partition holds.
const COUNTED: i64 = 100_000;

/// A day, counted from 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Day(i64);

impl Day {
    pub fn of(now: UnixMs) -> Self {
        Self(now.div_euclid(DAY_MS).clamp(0, LAST_DAY - AHEAD))
    }

    /// Today and the next ones.
    pub fn ahead(self) -> impl Iterator<Item = Self> {
        (self.0..=self.0 + AHEAD).map(Self)
    }

    /// The first of its places and ids.
    pub fn base(self) -> i64 {
        self.0 << DAY_BITS
    }

    pub fn range(self) -> RangeInclusive<i64> {
        self.base()..=self.base() + (1 << DAY_BITS) - 1
    }

    /// Whether all of it was before, or at that time.
    fn is_over(self, until: UnixMs) -> bool {
        (self.0 + 1).saturating_mul(DAY_MS) - 1 <= until
    }

    fn partition(self, table: &str) -> String {
        format!("cuehook.{table}_{}", self.0)
    }
}

/// Makes the partitions of a day, if they are not there.
pub(super) async fn make(client: &mut Client, day: Day) -> Result<(), Fault> {
    let transaction = client.transaction().await?;
    transaction.execute("SELECT pg_advisory_xact_lock($1)", &[&SCHEMA_LOCK]).await?;
    for table in TABLES {
        let partition = day.partition(table);
        let found = "SELECT to_regclass($1::text) IS NOT NULL AS found";
        if read(&transaction.query_one(found, &[&partition]).await?, "found")? {
            continue;
        }
        let range = day.range();
        let (first, next) = (range.start(), range.end().saturating_add(1));
        // A table that is attached, unlike one that is created as a partition, lets others read and write meanwhile.
        let statements = format!(
            "CREATE TABLE {partition} (LIKE cuehook.{table} INCLUDING ALL);
             ALTER TABLE cuehook.{table} ATTACH PARTITION {partition} FOR VALUES FROM ({first}) TO ({next})"
        );
        transaction.batch_execute(&statements).await?;
    }
    transaction.commit().await?;
    Ok(())
}

/// The days that there are partitions of and that are over, the oldest first.
pub(super) async fn over(client: &Client, until: UnixMs) -> Result<Vec<Day>, Fault> {
    let sql = "SELECT substring(relname FROM '^events_([0-9]{1,9})$')::bigint AS day FROM pg_inherits
        JOIN pg_class ON oid = inhrelid WHERE inhparent = 'cuehook.events'::regclass ORDER BY 1";
    let rows = client.query(&client.prepare_cached(sql).await?, &[]).await?;
    let days: Result<Vec<Option<i64>>, Fault> = rows.iter().map(|row| read(row, "day")).collect();
    Ok(days?.into_iter().flatten().map(Day).filter(|day| day.is_over(until)).collect())
}

/// Drops a day's partitions. If something of it still waits, that is kept, and everything else of it goes. Says how many events it
/// were, as far as that is counted, or none if somebody else is using the partitions: then it is to be tried later.
pub(super) async fn remove(client: &mut Client, day: Day) -> Result<Option<u64>, Fault> {
    if waiting(client, day).await? == 0 {
        return not_in_the_way(drop(client, day).await);
    }
    if !has_others(client, day).await? {
        return Ok(Some(0));
    }
    not_in_the_way(shrink(client, day).await)
}

/// Everybody's statements wait behind one who waits for such a lock. So it is not waited for long.
const SHORT: &str = "SET LOCAL lock_timeout = '300ms'";

fn not_in_the_way(result: Result<u64, Fault>) -> Result<Option<u64>, Fault> {
    match result {
        Ok(count) => Ok(Some(count)),
        Err(fault) if fault.cause == Cause::Locked => Ok(None),
        Err(fault) => Err(fault),
    }
}

async fn waiting(client: &Client, day: Day) -> Result<i64, Fault> {
    let range = day.range();
    let sql = "SELECT count(*) AS count FROM
        (SELECT FROM cuehook.waiting WHERE id BETWEEN $1 AND $2 LIMIT $3) AS found";
    let statement = client.prepare_cached(sql).await?;
    let row = client.query_one(&statement, &[range.start(), range.end(), &(MOVED + 1)]).await?;
    read(&row, "count")
}

/// Whether there are events of the day that nothing waits for. With more than can be moved it is not looked.
async fn has_others(client: &Client, day: Day) -> Result<bool, Fault> {
    if waiting(client, day).await? > MOVED {
        return Ok(false);
    }
    let range = day.range();
    let sql = format!(
        "SELECT EXISTS (SELECT FROM {} AS event WHERE place NOT IN
            (SELECT waiting.event FROM cuehook.waiting WHERE waiting.id BETWEEN $1 AND $2)) AS others",
        day.partition("events")
    );
    read(&client.query_one(&sql, &[range.start(), range.end()]).await?, "others")
}

async fn drop(client: &mut Client, day: Day) -> Result<u64, Fault> {
    let transaction = client.transaction().await?;
    transaction.batch_execute(SHORT).await?;
    transaction.execute("SELECT pg_advisory_xact_lock($1)", &[&SCHEMA_LOCK]).await?;
    // The tables before their partitions, as all statements do it.
    transaction
        .batch_execute(
            "LOCK TABLE ONLY cuehook.events, ONLY cuehook.deliveries, ONLY cuehook.attempts
             IN ACCESS EXCLUSIVE MODE",
        )
        .await?;
    let found = "SELECT to_regclass($1::text) IS NOT NULL AS found";
    if !read::<bool>(&transaction.query_one(found, &[&day.partition("events")]).await?, "found")? {
        return Ok(0);
    }
    // A relay whose clock is behind may have added something in the meantime.
    let range = day.range();
    let still = "SELECT EXISTS (SELECT FROM cuehook.waiting WHERE id BETWEEN $1 AND $2) AS waits";
    if read(&transaction.query_one(still, &[range.start(), range.end()]).await?, "waits")? {
        return Ok(0);
    }
    let count = count(&transaction, day).await?;
    for table in TABLES {
        transaction.batch_execute(&format!("DROP TABLE IF EXISTS {}", day.partition(table))).await?;
    }
    transaction.commit().await?;
    Ok(count)
}

async fn count(transaction: &Transaction<'_>, day: Day) -> Result<u64, Fault> {
    let sql = format!(
        "SELECT count(*) AS count FROM (SELECT FROM {} LIMIT {COUNTED}) AS found",
        day.partition("events")
    );
    let count: i64 = read(&transaction.query_one(&sql, &[]).await?, "count")?;
    Ok(u64::try_from(count).unwrap_or_default())
}

/// Writes what still waits anew, and all of the rest goes with the file that it was in.
async fn shrink(client: &mut Client, day: Day) -> Result<u64, Fault> {
    let range = day.range();
    let (first, last) = (range.start(), range.end());
    let [events, deliveries, attempts] = TABLES.map(|table| day.partition(table));
    let transaction = client.transaction().await?;
    transaction.batch_execute(SHORT).await?;
    transaction.execute("SELECT pg_advisory_xact_lock($1)", &[&SCHEMA_LOCK]).await?;
    transaction
        .batch_execute(&format!("LOCK TABLE {events}, {deliveries}, {attempts} IN ACCESS EXCLUSIVE MODE"))
        .await?;
    let before = count(&transaction, day).await?;
    transaction
        .batch_execute(&format!(
            "CREATE TEMPORARY TABLE kept_events ON COMMIT DROP AS SELECT * FROM {events} WHERE place IN
                (SELECT event FROM cuehook.waiting WHERE id BETWEEN {first} AND {last});
             CREATE TEMPORARY TABLE kept_attempts ON COMMIT DROP AS SELECT * FROM {attempts} WHERE delivery IN
                (SELECT id FROM cuehook.waiting WHERE id BETWEEN {first} AND {last});
             TRUNCATE {events}, {deliveries}, {attempts};
             INSERT INTO {events} SELECT * FROM kept_events;
             INSERT INTO {attempts} SELECT * FROM kept_attempts"
        ))
        .await?;
    let after = count(&transaction, day).await?;
    transaction.commit().await?;
    Ok(before.saturating_sub(after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_say_the_day_and_stay_exact_in_javascript() {
        assert_eq!(Day::of(0), Day(0));
        assert_eq!(Day::of(DAY_MS - 1), Day(0));
        assert_eq!(Day::of(DAY_MS), Day(1));
        for clock in [i64::MIN, -1, i64::MAX] {
            for day in Day::of(clock).ahead() {
                assert!(day.range().end() > day.range().start(), "{clock}");
            }
        }
        let in_2058 = Day::of(2_800_000_000_000);
        assert!(*in_2058.range().end() < 1 << 53);
        assert_eq!(*Day(7).range().end() + 1, Day(8).base());
    }

    #[test]
    fn a_day_is_over_with_its_last_millisecond() {
        assert!(!Day(1).is_over(2 * DAY_MS - 2));
        assert!(Day(1).is_over(2 * DAY_MS - 1));
    }
}
