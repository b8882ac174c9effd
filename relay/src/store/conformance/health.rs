//! How webhooks are doing.

use super::*;
use crate::store::WebhookHealth;

super::cases![
    health_is_put_and_comes_by_id,
    health_is_put_if_it_is_known_as_it_was,
    events_are_taken_with_the_health,
    what_is_well_again_is_forgotten,
    with_a_webhook_its_health_goes,
    odd_health_comes_back,
];

pub(super) fn failing(webhook: &str, since: UnixMs) -> WebhookHealth {
    WebhookHealth {
        failing_since: Some(since),
        fault: "503".to_owned(),
        warned: 50,
        ..WebhookHealth::of(webhook)
    }
}

async fn put(store: &dyn Store, was: WebhookHealth, becomes: WebhookHealth) -> bool {
    store.put_health(was, becomes, Vec::new(), T0).await.unwrap()
}

async fn health_is_put_and_comes_by_id(store: Arc<dyn Store>) {
    assert_eq!(store.webhook_health().await, Ok(Vec::new()));
    let disabled = WebhookHealth {
        disabled_at: Some(T0 + 9),
        disabled_reason: "410".to_owned(),
        warned: 90,
        ..failing("a", T0)
    };
    for health in [failing("b", T0), disabled.clone(), failing("B", T0 + 1)] {
        assert!(put(&*store, WebhookHealth::of(&*health.webhook), health).await);
    }
    let expected = vec![failing("B", T0 + 1), disabled, failing("b", T0)];
    assert_eq!(store.webhook_health().await, Ok(expected));
}

async fn health_is_put_if_it_is_known_as_it_was(store: Arc<dyn Store>) {
    let (none, first) = (WebhookHealth::of("a"), failing("a", T0));
    assert!(!put(&*store, first.clone(), WebhookHealth { warned: 70, ..first.clone() }).await);
    assert_eq!(store.webhook_health().await, Ok(Vec::new()));
    assert!(put(&*store, none.clone(), first.clone()).await);
    let each_field = [
        WebhookHealth { failing_since: None, ..first.clone() },
        WebhookHealth { failing_since: Some(T0 + 1), ..first.clone() },
        WebhookHealth { fault: String::new(), ..first.clone() },
        WebhookHealth { warned: 0, ..first.clone() },
        WebhookHealth { disabled_at: Some(T0), ..first.clone() },
        WebhookHealth { disabled_reason: "by hand".to_owned(), ..first.clone() },
        WebhookHealth { webhook: "b".to_owned(), ..first.clone() },
        none.clone(),
    ];
    for was in each_field {
        assert!(!put(&*store, was.clone(), WebhookHealth { warned: 70, ..first.clone() }).await, "{was:?}");
        assert_eq!(store.webhook_health().await, Ok(vec![first.clone()]));
    }
    assert!(!put(&*store, first.clone(), failing("b", T0)).await, "its id stays");
    assert!(put(&*store, first.clone(), WebhookHealth { warned: 70, ..first.clone() }).await);
    assert!(!put(&*store, first.clone(), none).await);
    assert_eq!(store.webhook_health().await, Ok(vec![WebhookHealth { warned: 70, ..first }]));
}

async fn events_are_taken_with_the_health(store: Arc<dyn Store>) {
    let (none, first) = (WebhookHealth::of("a"), failing("a", T0));
    take(&*store, vec![event(9, &[])], T0).await;
    let told = vec![event(1, &["b", "c"]), event(9, &["b"]), event(2, &[])];
    assert_eq!(store.put_health(none.clone(), first.clone(), told, T0 + 5).await, Ok(true));
    assert_eq!(store.counts().await, Ok(counts(3, [0, 2, 0, 0])), "those that are known are not taken again");
    assert_eq!(
        store.put_health(none.clone(), first.clone(), vec![event(3, &["b"])], T0 + 6).await,
        Ok(false)
    );
    assert_eq!(store.counts().await, Ok(counts(3, [0, 2, 0, 0])), "nothing has happened");
    assert_eq!(store.put_health(first, none, vec![event(3, &["b"])], T0 + 6).await, Ok(true));
    let claimed = store.claim(9, 9, &[], T0 + MINUTE, T0 + 6).await.unwrap();
    assert_eq!(numbers(&claimed), [1, 1, 3]);
    assert_eq!(claimed[0].taken_at, T0 + 5);
}

async fn what_is_well_again_is_forgotten(store: Arc<dyn Store>) {
    let (none, first) = (WebhookHealth::of("a"), failing("a", T0));
    assert!(put(&*store, none.clone(), none.clone()).await, "it is known as that");
    assert_eq!(store.webhook_health().await, Ok(Vec::new()));
    assert!(put(&*store, none.clone(), first.clone()).await);
    assert!(put(&*store, first.clone(), none.clone()).await);
    assert_eq!(store.webhook_health().await, Ok(Vec::new()));
    assert!(put(&*store, none, first).await);
}

async fn with_a_webhook_its_health_goes(store: Arc<dyn Store>) {
    let webhooks = vec![webhook("a", "{}", b""), webhook("b", "{}", b""), webhook("c", "{}", b"")];
    store.put_webhooks(webhooks, Vec::new(), T0).await.unwrap();
    for id in ["a", "b", "c"] {
        assert!(put(&*store, WebhookHealth::of(id), failing(id, T0)).await);
    }
    store.put_webhooks(vec![webhook("b", "{\"b\":2}", b"")], vec!["a".to_owned()], T0).await.unwrap();
    assert_eq!(store.webhook_health().await, Ok(vec![failing("b", T0), failing("c", T0)]));
}

async fn odd_health_comes_back(store: Arc<dyn Store>) {
    let texts = odd_texts();
    for (text, warned) in texts.iter().zip([0, 50, 255].into_iter().cycle()) {
        let odd = WebhookHealth {
            webhook: text.clone(),
            failing_since: Some(i64::MIN),
            fault: text.clone(),
            warned,
            disabled_at: Some(i64::MAX),
            disabled_reason: text.clone(),
        };
        assert!(put(&*store, WebhookHealth::of(text), odd.clone()).await);
        let kept = store.webhook_health().await.unwrap();
        assert!(kept.contains(&odd), "{text:?}");
        assert!(put(&*store, odd.clone(), odd).await, "{text:?}");
    }
    assert_eq!(store.webhook_health().await.unwrap().len(), texts.len());
}
