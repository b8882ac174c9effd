//! Versions of the schema.

use super::super::schema::{MIGRATIONS, migrate};
use super::*;
use crate::store::{Begun, StoreError};

async fn connected(database: &Database) -> deadpool_postgres::Client {
    connect::pool(&SecretString::from(database.url())).unwrap().get().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_version_is_made_out_of_the_one_before() {
    let database = Server::shared().database();
    // What a relay of the first version has left behind.
    let mut client = connected(&database).await;
    migrate(&mut client, &MIGRATIONS[..1]).await.unwrap();
    let begun = "INSERT INTO cuehook.calls (id, webhook, project, origin, fingerprint, begun_at, lease_until)
        VALUES ('00000000-0000-0000-0000-000000000007', 'discount', 'shop', 'https://shop.example', $1, $2, $3)";
    client.execute(begun, &[&[7_u8; 32].as_slice(), &NOW, &(NOW + 60_000)]).await.unwrap();
    let store = open(&database.url()).await;
    store.accept(vec![event(1, &["a"])], NOW).await.unwrap();
    let new = call(2);
    for _ in 0..2 {
        assert_eq!(store.call_begin(new.clone(), NOW).await, Ok(Begun::New));
    }
    let in_progress = Begun::InProgress { lease_until: NOW + 60_000 };
    assert_eq!(store.call_begin(call(7), NOW).await, Ok(in_progress));
    let next = "ALTER TABLE cuehook.webhooks ADD COLUMN label text NOT NULL DEFAULT 'none'";
    let mut longer = MIGRATIONS.to_vec();
    longer.push(next);
    migrate(&mut client, &longer).await.unwrap();
    migrate(&mut client, &longer).await.unwrap();
    let version = number(&beside(&database).await, "SELECT version::bigint FROM cuehook.version").await;
    assert_eq!(version, longer.len() as i64);
    // A relay that runs goes on, with statements that it prepared before.
    assert_eq!(store.accept(vec![event(1, &["a"])], NOW).await.unwrap(), [Accepted::Duplicate]);
    assert_eq!(store.claim(9, 9, &[], NOW + 1, NOW).await.unwrap().len(), 1);
    // One that starts refuses, and says why.
    let refused = PostgresStore::open(&SecretString::from(database.url()), NOW).await.unwrap_err();
    let StoreError::Refused(words) = refused else { panic!("{refused}") };
    assert!(words.contains("a newer relay"), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_that_fails_leaves_nothing_behind() {
    let database = Server::shared().database();
    let mut client = connected(&database).await;
    migrate(&mut client, MIGRATIONS).await.unwrap();
    let mut longer = MIGRATIONS.to_vec();
    longer.push("CREATE TABLE cuehook.half (a integer); SELECT 1 / 0");
    migrate(&mut client, &longer).await.unwrap_err();
    let beside = beside(&database).await;
    assert_eq!(number(&beside, "SELECT version::bigint FROM cuehook.version").await, MIGRATIONS.len() as i64);
    assert_eq!(number(&beside, "SELECT count(to_regclass('cuehook.half'))").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_relays_start_at_once() {
    let database = Server::shared().database();
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let url = SecretString::from(database.url());
            tokio::spawn(async move { PostgresStore::open(&url, NOW).await.map(drop) })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    let version = number(&beside(&database).await, "SELECT version::bigint FROM cuehook.version").await;
    assert_eq!(version, MIGRATIONS.len() as i64);
}

#[tokio::test]
async fn addresses_that_cannot_be_used_are_refused_without_quoting_them() {
    for address in [
        "postgres://me:hunter2@host/db?sslmode=allow",
        "postgres://me:hunter2@host/db?sslmode=verify-full&sslrootcert=/nowhere/ca.pem",
        "postgres://me:hunter2@host:port/db",
        "postgres://me@host/db?hunter2=1",
        "host=one,two port=1,2,3 user=me password=hunter2",
        "mysql://me:hunter2@host/db",
        "postgres:///db?user=me&password=hunter2",
    ] {
        let refused = PostgresStore::open(&SecretString::from(address), NOW).await.unwrap_err();
        let StoreError::Refused(words) = &refused else { panic!("{refused}") };
        assert!(!words.contains("hunter2"), "{words}");
    }
}

/// What a published version has made stays as it was.
#[test]
fn published_migrations_do_not_change() {
    use sha2::Digest as _;
    let print = |sql: &str| -> String {
        sha2::Sha256::digest(sql).iter().map(|byte| format!("{byte:02x}")).collect()
    };
    let prints: Vec<String> = MIGRATIONS.iter().map(|sql| print(sql)).collect();
    assert_eq!(
        prints,
        [
            "4434a90bae983b2483eadea809183f597989f4cc1c384a179c7d4bce3f03be30",
            "548c0556723e9974d5be40a527481e2cf4b5667f3bab4c53b7ab07bc1aa8fe20",
            "4bb8e4490468539cebdf05d21b8a73d0f1a0c9e6e45a96648f47cc4017e92b6b",
        ],
        "add a migration instead"
    );
}
