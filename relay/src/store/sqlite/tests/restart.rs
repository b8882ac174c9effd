//! What is there after a restart, and who may have the file.

use super::*;
use rusqlite::Connection;

#[tokio::test(flavor = "multi_thread")]
async fn everything_but_claims_and_leases_is_there_again() {
    let place = Place::new();
    let store = place.open().unwrap();
    store.accept((0..3).map(|number| event(number, "{}")).collect(), T0).await.unwrap();
    let claimed = store.claim(2, 9, &[], T0 + DAY, T0).await.unwrap();
    let settlement = |claimed: &Claimed| Settlement {
        id: claimed.id,
        fence: claimed.fence,
        attempt: None,
        becomes: Becomes::Delivered,
    };
    assert_eq!(store.settle(vec![settlement(&claimed[0])], T0).await, Ok(vec![Settled::Yes]));
    assert_eq!(store.call_begin(call(1), T0).await, Ok(Begun::New));
    assert_eq!(store.call_begin(call(2), T0).await, Ok(Begun::New));
    let outcome = CallOutcome::Answer(super::super::super::Answer::default());
    assert_eq!(store.call_finish(id(2), outcome.clone(), T0).await, Ok(true));
    let (events, counts) = (store.events(&every()).await, store.counts().await);
    store.close().await;

    let store = place.open().unwrap();
    assert_eq!((store.events(&every()).await, store.counts().await), (events, counts));
    let duplicates = store.accept((0..3).map(|number| event(number, "{}")).collect(), T0).await;
    assert_eq!(duplicates, Ok(vec![Accepted::Duplicate; 3]));
    // Nobody works on it any more, though its lease has not run out.
    assert_eq!(store.call_begin(call(1), T0 + 1).await, Ok(Begun::Unknown));
    assert_eq!(store.call(id(1), T0 + 1).await.unwrap().unwrap().state, CallState::Unknown);
    assert_eq!(store.call_begin(call(2), T0 + 1).await, Ok(Begun::Finished(outcome.clone())));
    assert_eq!(store.call_finish(id(1), outcome, T0 + 2).await, Ok(true), "better late than unknown");
    // Who held a delivery has ended. What it says if it has not, does not count.
    let again = store.claim(9, 9, &[], T0 + DAY, T0).await.unwrap();
    assert_eq!(again.iter().map(|it| it.event).collect::<Vec<_>>(), [id(1), id(2)]);
    assert!(again.iter().all(|it| it.fence != claimed[1].fence));
    assert_eq!(store.settle(vec![settlement(&claimed[1])], T0).await, Ok(vec![Settled::Lost]));
    assert_eq!(store.settle(vec![settlement(&again[0])], T0).await, Ok(vec![Settled::Yes]));
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_relay_is_refused() {
    let place = Place::new();
    let store = place.open().unwrap();
    let other = place.file("link.db");
    std::os::unix::fs::symlink(place.database(), &other).unwrap();
    for path in [place.database(), other] {
        let Err(StoreError::Refused(message)) = SqliteStore::open(&path, T0) else { panic!("not refused") };
        assert!(message.contains("--database"), "{message}");
        assert!(message.contains(&format!("(process {})", std::process::id())), "{message}");
    }
    assert_eq!(store.accept(vec![event(1, "{}")], T0).await, Ok(vec![Accepted::New]));
    store.close().await;
    // A file that was left behind blocks nobody, whatever it says.
    std::fs::write(place.file("relay.db.lock"), "1\n").unwrap();
    let store = place.open().unwrap();
    assert_eq!(store.counts().await.unwrap().events, 1);
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_their_owners() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    let store = place.open().unwrap();
    store.accept(vec![event(1, "{}")], T0).await.unwrap();
    store.backup(&place.file("copy.db")).await.unwrap();
    for file in std::fs::read_dir(place.folder.path()).unwrap() {
        let file = file.unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", file.file_name());
    }
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_earlier_versions_open() {
    for (version, dump) in
        [include_str!("version-1.sql"), include_str!("version-2.sql")].into_iter().enumerate()
    {
        let place = Place::new();
        let old = Connection::open(place.database()).unwrap();
        old.execute_batch(dump).unwrap();
        drop(old);
        let store = place.open().unwrap();
        what_earlier_versions_have_written_is_used(&store).await;
        // Only the second version knows who has begun a call.
        let holder = Uuid::from_u64_pair(7, 1);
        let expected = [Begun::Unknown, Begun::New][version].clone();
        assert_eq!(store.call_begin(NewCall { holder, ..call(1) }, T0).await, Ok(expected));
        store.close().await;
    }
}

async fn what_earlier_versions_have_written_is_used(store: &SqliteStore) {
    let expected = Counts { events: 2, accepted: 3, delivered: 1, pending: 1, skipped: 0, dead: 1 };
    assert_eq!(store.counts().await, Ok(expected));
    let events = store.events(&every()).await.unwrap();
    assert_eq!(
        events.iter().map(|event| (event.id, &*event.body)).collect::<Vec<_>>(),
        [(id(2), "{\"n\":2}"), (id(1), "{}")]
    );
    assert_eq!(store.accept(vec![event(1, "{}")], T0).await, Ok(vec![Accepted::Duplicate]));
    let claimed = store.claim(9, 9, &[], T0 + DAY, T0).await.unwrap();
    assert_eq!(
        claimed.iter().map(|it| (it.event, &*it.webhook, it.attempts, it.replayed_after)).collect::<Vec<_>>(),
        [(id(2), "b", 2, None)]
    );
    assert_eq!(store.call_begin(call(1), T0).await, Ok(Begun::Unknown));
    let again = call(3);
    assert_eq!(store.call_begin(again.clone(), T0).await, Ok(Begun::New));
    assert_eq!(store.call_begin(again, T0).await, Ok(Begun::New));
    let Ok(Begun::Finished(CallOutcome::Answer(answer))) = store.call_begin(call(2), T0).await else {
        panic!()
    };
    assert_eq!((answer.status, &*answer.body, answer.headers.len()), (200, &b"{}"[..], 1));
    assert_eq!(store.webhooks().await.unwrap()[0].sealed, [0, 255]);
    // What is new works with what is old.
    let filter = DeliveryFilter { limit: 9, ..DeliveryFilter::default() };
    let found = store.deliveries(&filter).await.unwrap();
    assert_eq!(
        found
            .iter()
            .map(|it| (&*it.webhook, it.state, &*it.reason, it.due_at, it.ended_at))
            .collect::<Vec<_>>(),
        [
            ("b", DeliveryState::Pending, "", Some(T0 + DAY), None),
            ("b", DeliveryState::Dead, "410", None, Some(1_789_999_999_600)),
            ("a", DeliveryState::Delivered, "", None, Some(1_789_999_999_500)),
        ]
    );
    let log = store.delivery(found[2].id).await.unwrap().unwrap().log;
    assert_eq!((log.len(), log[0].status, &*log[0].response), (1, Some(200), ""));
    let [key, action, target, detail] = [(); 4].map(|()| "a".to_owned());
    let audit = Audit { key, action, target, detail };
    assert_eq!(store.replay(&filter, audit, T0).await, Ok((2, None)));
    let claimed = store.claim(9, 9, &[], T0 + DAY, T0).await.unwrap();
    let replayed: Vec<_> = claimed.iter().map(|it| (&*it.webhook, it.replayed_after)).collect();
    assert_eq!(replayed, [("a", Some(1)), ("b", Some(1))]);
    assert_eq!(store.webhook_health().await, Ok(Vec::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_others_are_refused() {
    let place = Place::new();
    place.open().unwrap().close().await;
    let change =
        |statement: &str| Connection::open(place.database()).unwrap().execute_batch(statement).unwrap();
    change("PRAGMA user_version = 4");
    let Err(StoreError::Refused(message)) = place.open() else { panic!("not refused") };
    assert!(message.contains("newer relay"), "{message}");
    change("PRAGMA user_version = 3; PRAGMA application_id = 7");
    assert!(matches!(place.open(), Err(StoreError::Refused(_))));

    let place = Place::new();
    Connection::open(place.database()).unwrap().execute_batch("CREATE TABLE event (a)").unwrap();
    let Err(StoreError::Refused(message)) = place.open() else { panic!("not refused") };
    assert!(message.contains("something else"), "{message}");
    std::fs::write(
        place.file("text.db"),
        "nothing that a database begins with, and long enough. ".repeat(40),
    )
    .unwrap();
    assert!(matches!(SqliteStore::open(&place.file("text.db"), T0), Err(StoreError::Damaged(_))));
    let nowhere = place.file("nowhere").join("relay.db");
    assert!(matches!(SqliteStore::open(&nowhere, T0), Err(StoreError::Unavailable(_))));
    assert!(matches!(SqliteStore::open(place.folder.path(), T0), Err(StoreError::Unavailable(_))));
}
