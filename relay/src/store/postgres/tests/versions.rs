//! Versions of the schema.

use super::super::days;
use super::super::schema::{MIGRATIONS, migrate};
use super::*;
use crate::store::{Begun, DeliveryState, StoreError};

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
    what_the_first_version_has_taken(&mut client).await;
    let store = open(&database.url()).await;
    what_was_taken_is_used(&store).await;
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

/// An event that was taken, of which one delivery waits and two have ended.
async fn what_the_first_version_has_taken(client: &mut deadpool_postgres::Client) {
    let day = days::Day::of(NOW);
    days::make(client, day).await.unwrap();
    // Numbers that are not the next ones.
    let base = day.base() + 1000;
    let sql = format!(
        "INSERT INTO cuehook.events VALUES ({base}, '00000000-0000-0000-0000-000000000009', 'view.ended', 'shop',
             'https://shop.example', {NOW}, {NOW}, '{{}}');
         INSERT INTO cuehook.waiting (id, event, webhook, due_at, fence) VALUES ({base} + 1, {base}, 'a', {NOW}, 7);
         INSERT INTO cuehook.deliveries VALUES
             ({base} + 2, {base}, 'b', 'delivered', '', 1, {NOW}), ({base} + 3, {base}, 'c', 'dead', '410', 1, {NOW});
         INSERT INTO cuehook.attempts VALUES ({base} + 3, 1, {NOW}, 12, 410, 'gone');
         INSERT INTO cuehook.counters VALUES (0, 1, 3, 1, 0, 1)"
    );
    client.batch_execute(&sql).await.unwrap();
}

async fn what_was_taken_is_used(store: &PostgresStore) {
    let filter = DeliveryFilter { limit: 9, ..DeliveryFilter::default() };
    let found = store.deliveries(&filter).await.unwrap();
    let stand: Vec<_> = found.iter().map(|it| (it.webhook.as_str(), it.state, it.reason.as_str())).collect();
    let expected = [
        ("c", DeliveryState::Dead, "410"),
        ("b", DeliveryState::Delivered, ""),
        ("a", DeliveryState::Pending, ""),
    ];
    assert_eq!(stand, expected);
    let log = store.delivery(found[0].id).await.unwrap().unwrap().log;
    assert_eq!((log.len(), log[0].status, log[0].response.as_str()), (1, Some(410), ""));
    let dead = DeliveryFilter { state: Some(DeliveryState::Dead), ..filter };
    assert_eq!(store.replay(&dead, audit(), NOW).await, Ok((1, None)));
    let claimed = store.claim(9, 9, &[], NOW + 1000, NOW).await.unwrap();
    let replayed: Vec<_> = claimed.iter().map(|it| (it.webhook.as_str(), it.replayed_after)).collect();
    assert_eq!(replayed, [("a", None), ("c", Some(1))]);
    let ends = claimed.iter().map(|it| settled(it, Becomes::Delivered)).collect();
    assert_eq!(store.settle(ends, NOW).await, Ok(vec![Settled::Yes; 2]));
    let counts = Counts { events: 1, accepted: 3, delivered: 3, pending: 0, skipped: 0, dead: 0 };
    assert_eq!(store.counts().await, Ok(counts));
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
