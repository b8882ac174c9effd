//! Requests that wait become one transaction, and nobody is told before it is on disk.

use super::*;
use crate::store::{Answer, Attempt, Becomes};
use tokio::sync::oneshot::error::TryRecvError;

/// How many transactions the log tells of: frames that say how large the file is after them. See the file format's chapter 4.
fn commits(place: &Place) -> usize {
    let log = std::fs::read(place.file("relay.db-wal")).unwrap();
    let page = u32::from_be_bytes(log[8..12].try_into().unwrap()) as usize;
    log[32..].chunks(24 + page).filter(|frame| frame[4..8] != [0; 4]).count()
}

fn accept(number: u128) -> impl Fn(&mut Desk<'_>) -> Result<Vec<Accepted>> + Send {
    move |desk| events::accept(desk, &[event(number, "{}")], T0)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_is_one_transaction() {
    let place = Place::new();
    let store = place.open().unwrap();
    let before = commits(&place);
    let stopped = store.stop().await;
    let answers: Vec<_> = (0..50).map(|number| store.hand_in(0, accept(number)).unwrap()).collect();
    drop(stopped);
    for answer in answers {
        assert_eq!(answer.await.unwrap(), Ok(vec![Accepted::New]));
    }
    assert_eq!(commits(&place) - before, 1);
    assert_eq!(store.counts().await.unwrap().events, 50);
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_told_before_the_commit() {
    let place = Place::new();
    let store = place.open().unwrap();
    let first = store.stop().await;
    let mut answer = store.hand_in(0, accept(1)).unwrap();
    let (in_second, second) = (oneshot::channel(), std::sync::mpsc::channel::<()>());
    let (tell, told) = in_second;
    let (tell, wait) = (Mutex::new(Some(tell)), Mutex::new(second.1));
    let hold = move |_: &mut Desk<'_>| {
        let _ = tell.lock().unwrap().take().map(|tell| tell.send(()));
        let _ = wait.lock().unwrap().recv();
        Ok(())
    };
    let held = store.hand_in(0, hold).unwrap();
    drop(first);
    told.await.unwrap();
    // It is done, but the other one, with which it shares the transaction, is not.
    assert_eq!(answer.try_recv(), Err(TryRecvError::Empty));
    assert_eq!(store.counts().await.unwrap().events, 0);
    drop(second.0);
    held.await.unwrap().unwrap();
    assert_eq!(answer.await.unwrap(), Ok(vec![Accepted::New]));
    assert_eq!(store.counts().await.unwrap().events, 1);
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_fails_does_not_take_the_others_along() {
    let place = Place::new();
    let store = place.open().unwrap();
    store.accept(vec![event(9, "{}")], T0).await.unwrap();
    let stopped = store.stop().await;
    let before = store.hand_in(0, accept(1)).unwrap();
    let failing = store.hand_in(0, |desk: &mut Desk<'_>| -> Result<()> {
        events::accept(desk, &[event(2, "{}")], T0)?;
        let wish = deliveries::Wish { limit: 9, each: 9, without: [].into(), until: T0 + DAY };
        assert_eq!(deliveries::claim(desk, &wish, T0)?.len(), 3);
        Err(StoreError::Damaged("as an example".to_owned()))
    });
    let failing = failing.unwrap();
    let after = store.hand_in(0, accept(3)).unwrap();
    drop(stopped);
    assert_eq!(before.await.unwrap(), Ok(vec![Accepted::New]));
    assert_eq!(failing.await.unwrap(), Err(StoreError::Damaged("as an example".to_owned())));
    assert_eq!(after.await.unwrap(), Ok(vec![Accepted::New]));
    let events = store.events(&every()).await.unwrap();
    assert_eq!(events.iter().map(|event| event.id).collect::<Vec<_>>(), [id(3), id(1), id(9)]);
    // What it has claimed is free again.
    assert_eq!(store.claim(9, 9, &[], T0 + DAY, T0).await.unwrap().len(), 3);
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_leaves_is_served_all_the_same() {
    let place = Place::new();
    let store = place.open().unwrap();
    let stopped = store.stop().await;
    for number in 0..20 {
        drop(store.hand_in(0, accept(number)).unwrap());
    }
    drop(stopped);
    store.close().await;
    let store = place.open().unwrap();
    assert_eq!(store.counts().await.unwrap().events, 20);
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn not_everybody_may_wait() {
    let place = Place::new();
    let store = place.open().unwrap();
    let stopped = store.stop().await;
    let mut answers = Vec::new();
    let refused = loop {
        match store.hand_in(0, accept(answers.len() as u128)) {
            Ok(answer) => answers.push(answer),
            Err(error) => break error,
        }
        assert!(answers.len() < 100_000, "there is no bound");
    };
    assert!(matches!(refused, StoreError::Unavailable(_)));
    drop(stopped);
    let count = answers.len() as u64;
    for answer in answers {
        assert_eq!(answer.await.unwrap(), Ok(vec![Accepted::New]));
    }
    assert_eq!(store.counts().await.unwrap().events, count);

    let stopped = store.stop().await;
    let large = 30 << 20;
    let answers: Vec<_> = (0..4).map(|number| store.hand_in(large, accept(1_000_000 + number))).collect();
    assert_eq!(
        answers.iter().map(std::result::Result::is_ok).collect::<Vec<_>>(),
        [true, true, false, false]
    );
    drop(stopped);
    for answer in answers.into_iter().flatten() {
        assert_eq!(answer.await.unwrap(), Ok(vec![Accepted::New]));
    }
    // What is larger than all that may wait is taken, if nothing else waits.
    let answer = store.hand_in(1 << 30, accept(2_000_000)).unwrap();
    assert_eq!(answer.await.unwrap(), Ok(vec![Accepted::New]));
    store.close().await;
}

/// Whatever a request brings counts for the bytes that may wait.
#[tokio::test(flavor = "multi_thread")]
async fn what_every_verb_brings_is_counted() {
    let place = Place::new();
    let store = place.open().unwrap();
    let large = || "a".repeat(40 << 20);
    let held = vec![(DeliveryId(1), Fence(1)); 3 << 20];
    let settlement = || Settlement {
        id: DeliveryId(1),
        fence: Fence(1),
        attempt: Some(Attempt {
            at: T0,
            took_ms: 1,
            status: None,
            fault: "a".repeat(15 << 20),
            response: "a".repeat(15 << 20),
        }),
        becomes: Becomes::Dead("a".repeat(15 << 20)),
    };
    let line = || Audit { key: large(), action: String::new(), target: String::new(), detail: String::new() };
    let small = || Audit { key: String::new(), ..line() };
    let health = || WebhookHealth { fault: large(), ..WebhookHealth::of("a") };
    let of = || WebhookHealth::of("a");
    let document = |was: Option<String>, becomes, events| Change::Document {
        kind: DocumentKind::Project,
        id: "p".to_owned(),
        was,
        becomes,
        events,
    };
    let ordered = || NewEvent {
        deliveries: vec![NewDelivery { order: Some(large()), ..NewDelivery::to("a") }],
        ..event(1, "{}")
    };
    let answer = || Answer { body: large().into_bytes(), ..Answer::default() };
    let webhook = || StoredWebhook { id: "a".into(), settings: large(), sealed: Vec::new(), updated_at: T0 };
    let without = [large()];
    let verbs = [
        "accept",
        "accept in order",
        "call_begin",
        "call_finish",
        "claim",
        "renew",
        "settle",
        "put",
        "remove",
        "reseal",
        "health it was",
        "health it becomes",
        "events with health",
        "change of a webhook",
        "change of a document it was",
        "change of a document it becomes",
        "change with events",
        "change of health",
        "the log of a change",
    ];
    for verb in verbs {
        let stopped = store.stop().await;
        // The first one waits, for the second one there is no room.
        for is_taken in [true, false] {
            let asked = async {
                match verb {
                    "accept" => store.accept(vec![event(1, &large())], T0).await.map(drop),
                    "call_begin" => {
                        store.call_begin(NewCall { project: large(), ..call(1) }, T0).await.map(drop)
                    }
                    "call_finish" => {
                        store.call_finish(id(1), CallOutcome::Answer(answer()), T0).await.map(drop)
                    }
                    "claim" => store.claim(1, 1, &without, T0, T0).await.map(drop),
                    "renew" => store.renew(&held, T0, T0).await.map(drop),
                    "settle" => store.settle(vec![settlement()], T0).await.map(drop),
                    "put" => store.put_webhooks(vec![webhook()], Vec::new(), T0).await,
                    "remove" => store.put_webhooks(Vec::new(), vec![large()], T0).await,
                    "reseal" => {
                        store.reseal(vec![("a".into(), large().into_bytes(), Vec::new())]).await.map(drop)
                    }
                    "accept in order" => store.accept(vec![ordered()], T0).await.map(drop),
                    "health it was" => store.put_health(health(), of(), vec![], T0).await.map(drop),
                    "health it becomes" => store.put_health(of(), health(), vec![], T0).await.map(drop),
                    "events with health" => {
                        store.put_health(of(), of(), vec![event(1, &large())], T0).await.map(drop)
                    }
                    "change of a webhook" => {
                        let change = Change::Webhook { was: None, becomes: Some(webhook()) };
                        store.change(change, small(), T0).await.map(drop)
                    }
                    "change of a document it was" => {
                        store.change(document(Some(large()), None, vec![]), small(), T0).await.map(drop)
                    }
                    "change of a document it becomes" => {
                        store.change(document(None, Some(large()), vec![]), small(), T0).await.map(drop)
                    }
                    "change with events" => {
                        let change = document(None, None, vec![event(1, &large())]);
                        store.change(change, small(), T0).await.map(drop)
                    }
                    "change of health" => {
                        let change = Change::Health { was: of(), becomes: health() };
                        store.change(change, small(), T0).await.map(drop)
                    }
                    _ => store.change(document(None, None, vec![]), line(), T0).await.map(drop),
                }
            };
            let ended = tokio::time::timeout(std::time::Duration::ZERO, asked).await;
            match is_taken {
                true => assert!(ended.is_err(), "{verb}: {ended:?}"),
                false => assert!(matches!(ended, Ok(Err(StoreError::Unavailable(_)))), "{verb}: {ended:?}"),
            }
        }
        drop(stopped);
        store.due(T0).await.unwrap();
    }
    // A replay looks for deliveries first. Of two one finds room.
    let stopped = store.stop().await;
    let filter = DeliveryFilter::default();
    let (mut one, mut other) = (store.replay(&filter, line(), T0), store.replay(&filter, line(), T0));
    let refused = tokio::select! { ended = &mut one => ended, ended = &mut other => ended };
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    drop(stopped);
    store.due(T0).await.unwrap();
    drop((one, other));
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_writes_besides_is_waited_for_and_it_comes_back() {
    let place = Place::new();
    let store = place.open().unwrap();
    store.set("PRAGMA busy_timeout = 50").await;
    let other = Connection::open(place.database()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let ended = store.accept(vec![event(1, "{}")], T0).await;
    assert!(matches!(ended, Err(StoreError::Unavailable(_))), "{ended:?}");
    assert_eq!(store.counts().await.unwrap().events, 0, "reading goes on");
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(store.accept(vec![event(1, "{}")], T0).await, Ok(vec![Accepted::New]));
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_does_not_grow_for_ever() {
    let place = Place::new();
    let store = Arc::new(place.open().unwrap());
    // A reader that always has something to read keeps SQLite from beginning the log anew.
    let is_over = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let readers: Vec<_> = (0..3)
        .map(|_| {
            let (store, is_over) = (Arc::clone(&store), Arc::clone(&is_over));
            tokio::spawn(async move {
                while !is_over.load(std::sync::atomic::Ordering::Relaxed) {
                    store.events(&EventFilter { limit: 300, ..EventFilter::default() }).await.unwrap();
                }
            })
        })
        .collect();
    let body = format!("\"{}\"", "a".repeat(32 << 10));
    let mut largest = 0;
    for batch in 0..80_u128 {
        store.accept((0..40).map(|number| event(batch * 40 + number, &body)).collect(), T0).await.unwrap();
        largest = largest.max(place.file("relay.db-wal").metadata().unwrap().len());
    }
    is_over.store(true, std::sync::atomic::Ordering::Relaxed);
    for reader in readers {
        reader.await.unwrap();
    }
    // 100 MiB were written.
    assert!(largest < 2 * writer::LOG_LIMIT as u64, "{largest} bytes");
    store.close().await;
}
