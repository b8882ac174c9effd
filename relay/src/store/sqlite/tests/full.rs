//! A disk that is full: said so, nothing half done, and it goes on when there is room.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_said_and_survived() {
    let place = Place::new();
    let store = Arc::new(place.open().unwrap());
    store.accept(vec![event(0, "{}")], T0).await.unwrap();
    store.call_begin(call(1), T0).await.unwrap();
    store.set("PRAGMA max_page_count = 120").await;
    let body = format!("\"{}\"", "a".repeat(9000));
    // Many at once, so that they share transactions.
    let tasks: Vec<_> = (1..=150)
        .map(|number| {
            let (store, body) = (Arc::clone(&store), body.clone());
            tokio::spawn(async move { store.accept(vec![event(number, &body)], T0).await })
        })
        .collect();
    let (mut new, mut full) = (vec![id(0)], Vec::new());
    for (task, number) in tasks.into_iter().zip(1..) {
        match task.await.unwrap() {
            Ok(accepted) => {
                assert_eq!(accepted, [Accepted::New]);
                new.push(id(number));
            }
            Err(error) => {
                assert_eq!(error, StoreError::Full);
                full.push(number);
            }
        }
    }
    assert!(full.len() > 50, "{}", full.len());
    let kept = async || {
        let mut ids: Vec<Uuid> =
            store.events(&every()).await.unwrap().into_iter().map(|event| event.id).collect();
        ids.sort();
        ids
    };
    new.sort();
    assert_eq!(kept().await, new, "those that were acknowledged, and no others");
    let counts = store.counts().await.unwrap();
    assert_eq!((counts.events, counts.pending), (new.len() as u64, new.len() as u64));
    // Claims are no bytes; what follows from them is written into pages that are there.
    assert_eq!(store.claim(3, 3, &[], T0 + DAY, T0).await.unwrap().len(), 3);

    store.set("PRAGMA max_page_count = 1000000").await;
    for number in &full {
        assert_eq!(store.accept(vec![event(*number, &body)], T0).await, Ok(vec![Accepted::New]));
    }
    assert_eq!(kept().await.len(), 151);
    store.close().await;
    let store = place.open().unwrap();
    assert_eq!(store.counts().await.unwrap().events, 151);
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn claims_of_what_was_not_written_are_taken_back() {
    let place = Place::new();
    let store = place.open().unwrap();
    store.accept((0..4).map(|number| event(number, "{}")).collect(), T0).await.unwrap();
    let claimed = store.claim(2, 2, &[], T0 + DAY, T0).await.unwrap();
    store.set("PRAGMA max_page_count = 1").await;
    let long = "x".repeat(100_000);
    let settlements: Vec<Settlement> = claimed
        .iter()
        .map(|it| Settlement {
            id: it.id,
            fence: it.fence,
            attempt: None,
            becomes: Becomes::Dead(long.clone()),
        })
        .collect();
    assert_eq!(store.settle(settlements.clone(), T0).await, Err(StoreError::Full));
    assert_eq!(store.counts().await.unwrap().pending, 4);
    store.set("PRAGMA max_page_count = 1000000").await;
    assert_eq!(store.settle(settlements, T0).await, Ok(vec![Settled::Yes; 2]), "they are still held");
    let counts = store.counts().await.unwrap();
    assert_eq!((counts.pending, counts.dead), (2, 2));
    store.close().await;
}
