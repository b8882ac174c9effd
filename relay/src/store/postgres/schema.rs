//! The schema and its versions. They only go forward: a relay refuses a database that a newer one has changed.

use super::fault::{Fault, read};
use deadpool_postgres::Client;
use tokio_postgres::Transaction;

/// What makes each version out of the one before. What was published is never changed.
pub(super) const MIGRATIONS: &[&str] =
    &[include_str!("schema/1.sql"), include_str!("schema/2.sql"), include_str!("schema/3.sql")];

/// Held while the schema is changed, also for partitions. Any number that others hardly use.
pub(super) const SCHEMA_LOCK: i64 = 0x63_75_65_68_6f_6f_6b;

/// Brings the schema to the last version. Of several relays that start at once one does it, and the others wait for it.
///
/// # Errors
/// If the database is not one that can be used: of a newer version, not in UTF-8, one that does not sync.
pub(super) async fn migrate(client: &mut Client, migrations: &[&str]) -> Result<(), Fault> {
    let transaction = client.build_transaction().start().await?;
    check_server(&transaction).await?;
    // A big table may take its time, and so may a relay that is at it already.
    transaction.batch_execute("SET LOCAL statement_timeout = '1h'; SET LOCAL lock_timeout = '1h'").await?;
    transaction.execute("SELECT pg_advisory_xact_lock($1)", &[&SCHEMA_LOCK]).await?;
    let version = version(&transaction).await?;
    let known = migrations.len();
    let done = usize::try_from(version).unwrap_or(usize::MAX);
    if done > known {
        return Err(Fault::refused(format!(
            "the database is of version {version}, which a newer relay has made; this one knows version {known} at most"
        )));
    }
    for migration in migrations.iter().skip(done) {
        transaction.batch_execute(migration).await?;
    }
    if done < known {
        let version = i32::try_from(known).unwrap_or(i32::MAX);
        transaction.execute("UPDATE cuehook.version SET version = $1", &[&version]).await?;
    }
    transaction.commit().await?;
    Ok(())
}

/// The schema's version; 0 if there is none yet, which is then prepared for.
async fn version(transaction: &Transaction<'_>) -> Result<i32, Fault> {
    let found =
        transaction.query_one("SELECT to_regclass('cuehook.version') IS NOT NULL AS found", &[]).await?;
    if !read::<bool>(&found, "found")? {
        transaction
            .batch_execute(
                "CREATE SCHEMA IF NOT EXISTS cuehook;
                 CREATE TABLE cuehook.version (version integer NOT NULL);
                 INSERT INTO cuehook.version VALUES (0)",
            )
            .await?;
    }
    read(&transaction.query_one("SELECT version FROM cuehook.version", &[]).await?, "version")
}

async fn check_server(transaction: &Transaction<'_>) -> Result<(), Fault> {
    let settings = "SELECT current_setting('server_version_num')::integer AS version,
        current_setting('fsync')::boolean AS syncs, current_setting('server_encoding') AS encoding";
    let row = transaction.query_one(settings, &[]).await?;
    let version: i32 = read(&row, "version")?;
    if version < 140_000 {
        return Err(Fault::refused("the database is older than PostgreSQL 14"));
    }
    if !read::<bool>(&row, "syncs")? {
        return Err(Fault::refused(
            "the database runs with fsync = off: it would lose what it has acknowledged",
        ));
    }
    if read::<&str>(&row, "encoding")? != "UTF8" {
        return Err(Fault::refused("the database is not in UTF-8: create it with ENCODING 'UTF8'"));
    }
    Ok(())
}
