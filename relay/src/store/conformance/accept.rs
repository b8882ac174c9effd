//! Events: taken once, in order, whole.

use super::*;

super::cases![
    one_of_two_in_a_batch_counts,
    one_of_two_batches_counts,
    a_batch_of_nothing_is_nothing,
    the_first_of_two_is_kept,
    deliveries_follow_from_new_events_alone,
    odd_texts_come_back,
    a_body_of_32_kib_comes_back,
    times_at_the_borders_come_back,
    a_large_batch_is_taken_as_one,
    every_webhook_gets_an_event,
    what_is_closed_is_unavailable,
    health_can_be_asked,
];

async fn one_of_two_in_a_batch_counts(store: Arc<dyn Store>) {
    let batch = vec![event(1, &["a"]), event(2, &["a"]), event(1, &["a"]), event(1, &[])];
    let expected = vec![Accepted::New, Accepted::New, Accepted::Duplicate, Accepted::Duplicate];
    assert_eq!(store.accept(batch, T0).await, Ok(expected));
    assert_eq!(store.counts().await, Ok(counts(2, [0, 2, 0, 0])));
    assert_eq!(store.events(&every()).await.unwrap().len(), 2);
}

async fn one_of_two_batches_counts(store: Arc<dyn Store>) {
    take(&*store, vec![event(1, &["a"])], T0).await;
    let again = store.accept(vec![event(2, &["a"]), event(1, &["a"])], T0 + 1).await;
    assert_eq!(again, Ok(vec![Accepted::New, Accepted::Duplicate]));
    assert_eq!(store.accept(vec![event(2, &[])], T0 - DAY).await, Ok(vec![Accepted::Duplicate]));
    assert_eq!(store.counts().await, Ok(counts(2, [0, 2, 0, 0])));
}

async fn a_batch_of_nothing_is_nothing(store: Arc<dyn Store>) {
    assert_eq!(store.accept(Vec::new(), T0).await, Ok(Vec::new()));
    assert_eq!(store.settle(Vec::new(), T0).await, Ok(Vec::new()));
    assert_eq!(store.renew(&[], T0, T0).await, Ok(Vec::new()));
    assert_eq!(store.put_webhooks(Vec::new(), Vec::new(), T0).await, Ok(()));
    assert_eq!(store.claim(9, 9, &[], T0 + 1, T0).await, Ok(Vec::new()));
    assert_eq!(store.due(T0).await, Ok(None));
    assert_eq!(store.counts().await, Ok(Counts::default()));
    assert_eq!(store.events(&every()).await, Ok(Vec::new()));
    assert_eq!(store.webhooks().await, Ok(Vec::new()));
    assert_eq!(store.retain(Retention::default(), T0).await, Ok(0));
}

async fn the_first_of_two_is_kept(store: Arc<dyn Store>) {
    take(&*store, vec![event(1, &[])], T0).await;
    let other = NewEvent { kind: "lead.captured".to_owned(), body: "{}".to_owned(), ..event(1, &["a"]) };
    assert_eq!(store.accept(vec![other], T0 + 1).await, Ok(vec![Accepted::Duplicate]));
    let kept = store.events(&every()).await.unwrap();
    assert_eq!(kept.len(), 1);
    let (first, new) = (&kept[0], event(1, &[]));
    assert_eq!((&first.kind, &first.body, first.taken_at), (&new.kind, &new.body, T0));
}

async fn deliveries_follow_from_new_events_alone(store: Arc<dyn Store>) {
    store.accept(vec![event(1, &["a", "b"]), event(1, &["c"]), event(2, &[])], T0).await.unwrap();
    store.accept(vec![event(2, &["a"]), event(1, &["a", "b", "c"])], T0).await.unwrap();
    assert_eq!(store.counts().await, Ok(counts(2, [0, 2, 0, 0])));
    let claimed = store.claim(9, 9, &[], T0 + 1, T0).await.unwrap();
    let mut of: Vec<&str> = claimed.iter().map(|it| it.webhook.as_str()).collect();
    of.sort_unstable();
    assert_eq!((numbers(&claimed), of), (vec![1, 1], vec!["a", "b"]));
}

async fn odd_texts_come_back(store: Arc<dyn Store>) {
    let texts = odd_texts();
    for (number, text) in texts.iter().enumerate() {
        let (kind, project, source, body) = (text.clone(), text.clone(), text.clone(), text.clone());
        let odd = NewEvent {
            kind,
            project,
            source,
            body,
            deliveries: vec![NewDelivery::to(text)],
            ..event(number as u128, &[])
        };
        take(&*store, vec![odd], T0).await;
    }
    let kept = store.events(&every()).await.unwrap();
    assert_eq!(kept.len(), texts.len());
    for (event, text) in kept.iter().rev().zip(&texts) {
        assert_eq!([&event.kind, &event.project, &event.source, &event.body], [text; 4]);
        let filter = EventFilter { kind: Some(text.clone()), project: Some(text.clone()), ..every() };
        let found = store.events(&filter).await.unwrap();
        assert_eq!(found, std::slice::from_ref(event), "{text:?} is found by what it is");
    }
    let claimed = store.claim(100, 100, &[], T0 + 1, T0).await.unwrap();
    let came: Vec<[&String; 3]> = claimed.iter().map(|it| [&it.kind, &it.body, &it.webhook]).collect();
    assert_eq!(came, texts.iter().map(|text| [text; 3]).collect::<Vec<_>>());
}

async fn a_body_of_32_kib_comes_back(store: Arc<dyn Store>) {
    let body = format!("\"{}\"", "0123456789abcdé".repeat(2048));
    take(&*store, vec![NewEvent { body: body.clone(), ..event(1, &["a"]) }], T0).await;
    assert!(body.len() > 32 * 1024);
    assert_eq!(store.events(&every()).await.unwrap()[0].body, body);
    assert_eq!(store.claim(1, 1, &[], T0 + 1, T0).await.unwrap()[0].body, body);
}

async fn times_at_the_borders_come_back(store: Arc<dyn Store>) {
    let times = [i64::MIN, i64::MIN + 1, -1, 0, 1, i64::MAX - 1, i64::MAX];
    for (number, at) in times.into_iter().enumerate() {
        take(&*store, vec![NewEvent { at, ..event(number as u128, &[]) }], T0).await;
    }
    let kept = store.events(&every()).await.unwrap();
    assert_eq!(kept.iter().rev().map(|event| event.at).collect::<Vec<_>>(), times);
    let ids = [0, 1, u128::MAX - 1, u128::MAX].map(Uuid::from_u128);
    for id in ids {
        take(&*store, vec![NewEvent { id, ..event(0, &[]) }], T0).await;
        let again = store.accept(vec![NewEvent { id, ..event(0, &[]) }], T0).await;
        assert_eq!(again, Ok(vec![Accepted::Duplicate]));
        let found = store.events(&EventFilter { id: Some(id), ..every() }).await.unwrap();
        assert_eq!(found.iter().map(|event| event.id).collect::<Vec<_>>(), [id]);
    }
}

async fn a_large_batch_is_taken_as_one(store: Arc<dyn Store>) {
    let batch = |from: u128| (from..from + 2000).map(|number| event(number, &["a"])).collect::<Vec<_>>();
    take(&*store, batch(0), T0).await;
    let half = store.accept(batch(1000), T0).await.unwrap();
    assert_eq!(half[..1000], vec![Accepted::Duplicate; 1000]);
    assert_eq!(half[1000..], vec![Accepted::New; 1000]);
    assert_eq!(store.counts().await, Ok(counts(3000, [0, 3000, 0, 0])));
}

async fn every_webhook_gets_an_event(store: Arc<dyn Store>) {
    let names: Vec<String> = (0..300).map(|number| format!("webhook-{number:03}")).collect();
    take(
        &*store,
        vec![NewEvent { deliveries: names.iter().map(NewDelivery::to).collect(), ..event(1, &[]) }],
        T0,
    )
    .await;
    assert_eq!(store.counts().await, Ok(counts(1, [0, 300, 0, 0])));
    let claimed = store.claim(1000, 1, &[], T0 + 1, T0).await.unwrap();
    let mut of: Vec<String> = claimed.into_iter().map(|it| it.webhook).collect();
    of.sort();
    assert_eq!(of, names);
}

async fn what_is_closed_is_unavailable(store: Arc<dyn Store>) {
    take(&*store, vec![event(1, &["a"])], T0).await;
    store.close().await;
    store.close().await;
    let unavailable = |result: Result<(), StoreError>| matches!(result, Err(StoreError::Unavailable(_)));
    assert!(unavailable(store.accept(vec![event(2, &[])], T0).await.map(drop)));
    assert!(unavailable(store.call_begin(call(3, T0 + 1), T0).await.map(drop)));
    assert!(unavailable(store.call_finish(id(3), answer("{}"), T0).await.map(drop)));
    assert!(unavailable(store.call(id(3), T0).await.map(drop)));
    assert!(unavailable(store.claim(1, 1, &[], T0 + 1, T0).await.map(drop)));
    assert!(unavailable(store.counts().await.map(drop)));
    assert!(unavailable(store.events(&every()).await.map(drop)));
    assert!(unavailable(store.webhooks().await.map(drop)));
    assert!(unavailable(store.health().await.map(drop)));
}

async fn health_can_be_asked(store: Arc<dyn Store>) {
    take(&*store, vec![event(1, &["a"])], T0).await;
    assert!(store.health().await.is_ok());
}
