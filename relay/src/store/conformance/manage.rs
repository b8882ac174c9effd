//! What is changed by hand, and the log of it.

use super::health::failing;
use super::*;
use crate::store::{Audit, Change, DocumentKind, StoredAudit, StoredDocument, WebhookHealth};

super::cases![
    a_webhook_is_changed_if_it_is_what_it_was,
    a_webhook_that_is_removed_takes_its_health_along,
    deliveries_to_a_removed_webhook_stay,
    a_document_is_written_if_it_is_what_it_was,
    events_are_taken_with_the_document,
    documents_come_by_id_in_pages,
    odd_documents_come_back,
    health_is_changed_by_hand,
    a_change_is_in_the_log_if_it_was_made,
    the_log_comes_newest_first_in_pages,
    the_log_is_kept_as_long_as_events,
    what_is_said_besides_is_bounded,
];

async fn change(store: &dyn Store, change: Change, now: UnixMs) -> bool {
    store.change(change, audit("changed"), now).await.unwrap()
}

fn webhook_change(was: Option<&StoredWebhook>, becomes: Option<&StoredWebhook>) -> Change {
    Change::Webhook { was: was.cloned(), becomes: becomes.cloned() }
}

async fn a_webhook_is_changed_if_it_is_what_it_was(store: Arc<dyn Store>) {
    let new = webhook("a", "{}", b"sealed");
    assert!(!change(&*store, webhook_change(Some(&new), Some(&new)), T0).await, "there is none");
    assert!(!change(&*store, webhook_change(Some(&new), None), T0).await);
    assert!(change(&*store, webhook_change(None, Some(&new)), T0).await);
    let first = StoredWebhook { updated_at: T0, ..new.clone() };
    assert_eq!(store.webhooks().await, Ok(vec![first.clone()]));
    assert!(!change(&*store, webhook_change(None, Some(&new)), T0).await, "there is one");
    let others = [
        StoredWebhook { settings: "{\"b\":1}".to_owned(), ..first.clone() },
        StoredWebhook { sealed: Vec::new(), ..first.clone() },
        StoredWebhook { updated_at: T0 + 1, ..first.clone() },
        StoredWebhook { id: "A".to_owned(), ..first.clone() },
    ];
    for was in &others {
        assert!(!change(&*store, webhook_change(Some(was), Some(&new)), T0).await, "{was:?}");
        assert!(!change(&*store, webhook_change(Some(was), None), T0).await, "{was:?}");
    }
    let renamed = webhook("b", "{}", b"");
    assert!(!change(&*store, webhook_change(Some(&first), Some(&renamed)), T0).await, "its id stays");
    assert_eq!(store.webhooks().await, Ok(vec![first.clone()]));
    let next = webhook("a", "{\"b\":2}", b"");
    assert!(change(&*store, webhook_change(Some(&first), Some(&next)), T0 + 7).await);
    let second = StoredWebhook { updated_at: T0 + 7, ..next };
    assert_eq!(store.webhooks().await, Ok(vec![second.clone()]));
    assert!(change(&*store, webhook_change(Some(&second), None), T0 + 8).await);
    assert_eq!(store.webhooks().await, Ok(Vec::new()));
}

async fn a_webhook_that_is_removed_takes_its_health_along(store: Arc<dyn Store>) {
    store.put_webhooks(vec![webhook("a", "{}", b""), webhook("b", "{}", b"")], Vec::new(), T0).await.unwrap();
    for id in ["a", "b"] {
        let put = store.put_health(WebhookHealth::of(id), failing(id, T0), Vec::new(), T0).await;
        assert_eq!(put, Ok(true));
    }
    let kept = store.webhooks().await.unwrap();
    let changed = StoredWebhook { settings: "{\"c\":1}".to_owned(), ..kept[1].clone() };
    assert!(change(&*store, webhook_change(Some(&kept[1]), Some(&changed)), T0).await);
    assert!(change(&*store, webhook_change(Some(&kept[0]), None), T0).await);
    assert_eq!(store.webhook_health().await, Ok(vec![failing("b", T0)]));
}

async fn deliveries_to_a_removed_webhook_stay(store: Arc<dyn Store>) {
    store.put_webhooks(vec![webhook("a", "{}", b"")], Vec::new(), T0).await.unwrap();
    take(&*store, vec![event(1, &["a"])], T0).await;
    let kept = store.webhooks().await.unwrap();
    assert!(change(&*store, webhook_change(kept.first(), None), T0).await);
    assert_eq!(numbers(&store.claim(9, 9, &[], T0 + MINUTE, T0).await.unwrap()), [1]);
    assert_eq!(store.counts().await, Ok(counts(1, [0, 1, 0, 0])));
}

fn document_change(id: &str, was: Option<&str>, becomes: Option<&str>) -> Change {
    Change::Document {
        kind: DocumentKind::Project,
        id: id.to_owned(),
        was: was.map(str::to_owned),
        becomes: becomes.map(str::to_owned),
        events: Vec::new(),
    }
}

fn document(id: &str, body: &str, updated_at: UnixMs) -> StoredDocument {
    StoredDocument { id: id.to_owned(), body: body.to_owned(), updated_at }
}

async fn a_document_is_written_if_it_is_what_it_was(store: Arc<dyn Store>) {
    let kind = DocumentKind::Project;
    assert_eq!(store.document(kind, "p").await, Ok(None));
    assert!(!change(&*store, document_change("p", Some(""), Some("{}")), T0).await);
    assert!(!change(&*store, document_change("p", Some("{}"), None), T0).await);
    assert!(change(&*store, document_change("p", None, Some("{}")), T0).await);
    assert_eq!(store.document(kind, "p").await, Ok(Some(document("p", "{}", T0))));
    assert_eq!(store.document(DocumentKind::Edition, "p").await, Ok(None));
    assert_eq!(store.document(kind, "P").await, Ok(None));
    assert!(!change(&*store, document_change("p", None, Some("[]")), T0).await);
    assert!(!change(&*store, document_change("p", Some("[]"), Some("[]")), T0).await);
    assert!(!change(&*store, document_change("p", None, None), T0).await);
    assert_eq!(store.document(kind, "p").await, Ok(Some(document("p", "{}", T0))));
    assert!(change(&*store, document_change("p", Some("{}"), Some("[]")), T0 + 3).await);
    assert_eq!(store.document(kind, "p").await, Ok(Some(document("p", "[]", T0 + 3))));
    assert!(change(&*store, document_change("p", Some("[]"), None), T0 + 4).await);
    assert_eq!(store.document(kind, "p").await, Ok(None));
}

async fn events_are_taken_with_the_document(store: Arc<dyn Store>) {
    let write = |was: Option<&str>, number| Change::Document {
        kind: DocumentKind::Edition,
        id: "e".to_owned(),
        was: was.map(str::to_owned),
        becomes: Some("{}".to_owned()),
        events: vec![event(number, &["a"])],
    };
    assert!(!change(&*store, write(Some("other"), 1), T0).await);
    assert_eq!(store.counts().await, Ok(counts(0, [0, 0, 0, 0])));
    assert!(change(&*store, write(None, 1), T0 + 1).await);
    assert!(!change(&*store, write(None, 2), T0 + 1).await);
    let claimed = store.claim(9, 9, &[], T0 + MINUTE, T0 + 1).await.unwrap();
    assert_eq!((numbers(&claimed), claimed[0].taken_at), (vec![1], T0 + 1));
}

async fn documents_come_by_id_in_pages(store: Arc<dyn Store>) {
    let mut ids = ["b", "B", "a-b", "ab", "é", "z", "10", "9", "🎬", ""].map(str::to_owned).to_vec();
    for id in &ids {
        assert!(change(&*store, document_change(id, None, Some("{}")), T0).await);
    }
    let edition = Change::Document {
        kind: DocumentKind::Edition,
        id: "a-c".to_owned(),
        was: None,
        becomes: Some("{}".to_owned()),
        events: Vec::new(),
    };
    assert!(change(&*store, edition, T0).await);
    ids.sort();
    let mut found = Vec::new();
    loop {
        let after = found.last().map(String::as_str);
        let page = store.documents(DocumentKind::Project, after, 3).await.unwrap();
        assert!(page.len() <= 3);
        if page.is_empty() {
            break;
        }
        found.extend(page.into_iter().map(|document| document.id));
    }
    assert_eq!(found, ids, "by bytes");
    let editions = store.documents(DocumentKind::Edition, None, usize::MAX).await;
    assert_eq!(editions, Ok(vec![document("a-c", "{}", T0)]));
    assert_eq!(store.documents(DocumentKind::Project, None, 0).await, Ok(Vec::new()));
    assert_eq!(store.documents(DocumentKind::Edition, Some("unknown"), 9).await, Ok(Vec::new()));
}

async fn odd_documents_come_back(store: Arc<dyn Store>) {
    for text in odd_texts() {
        assert!(change(&*store, document_change(&text, None, Some(&text)), T0).await);
        let kept = store.document(DocumentKind::Project, &text).await;
        assert_eq!(kept, Ok(Some(document(&text, &text, T0))));
        assert!(change(&*store, document_change(&text, Some(&text), Some("{}")), T0).await);
    }
    assert_eq!(store.documents(DocumentKind::Project, None, 99).await.unwrap().len(), odd_texts().len());
}

async fn health_is_changed_by_hand(store: Arc<dyn Store>) {
    let (none, disabled) = (WebhookHealth::of("a"), failing("a", T0));
    let disable = Change::Health { was: none.clone(), becomes: disabled.clone() };
    assert!(change(&*store, disable.clone(), T0).await);
    assert_eq!(store.webhook_health().await, Ok(vec![disabled.clone()]));
    assert!(!change(&*store, disable, T0).await);
    assert!(change(&*store, Change::Health { was: disabled, becomes: none }, T0).await);
    assert_eq!(store.webhook_health().await, Ok(Vec::new()));
}

async fn a_change_is_in_the_log_if_it_was_made(store: Arc<dyn Store>) {
    let changes = [
        (document_change("p", Some("x"), None), false),
        (document_change("p", None, Some("{}")), true),
        (webhook_change(None, Some(&webhook("a", "{}", b""))), true),
        (webhook_change(None, Some(&webhook("a", "{}", b""))), false),
        (Change::Health { was: failing("a", T0), becomes: WebhookHealth::of("a") }, false),
        (Change::Health { was: WebhookHealth::of("a"), becomes: failing("a", T0) }, true),
    ];
    let mut expected = Vec::new();
    for (at, (change, is_made)) in (T0..).zip(changes) {
        let line = Audit { target: at.to_string(), ..audit("changed") };
        assert_eq!(store.change(change, line.clone(), at).await, Ok(is_made));
        if is_made {
            expected.insert(0, StoredAudit { place: 0, at, audit: line });
        }
    }
    let lines = store.audit(None, 99).await.unwrap();
    assert!(lines.windows(2).all(|pair| pair[0].place > pair[1].place), "the newest first");
    let unplaced: Vec<_> = lines.into_iter().map(|line| StoredAudit { place: 0, ..line }).collect();
    assert_eq!(unplaced, expected);
}

async fn the_log_comes_newest_first_in_pages(store: Arc<dyn Store>) {
    for text in odd_texts() {
        let line =
            Audit { key: text.clone(), action: text.clone(), target: text.clone(), detail: text.clone() };
        let written = document_change(&text, None, Some("{}"));
        assert_eq!(store.change(written, line, T0).await, Ok(true));
    }
    let mut found = Vec::new();
    let mut before = None;
    loop {
        let page = store.audit(before, 5).await.unwrap();
        assert!(page.len() <= 5);
        let Some(last) = page.last() else { break };
        before = Some(last.place);
        found.extend(page.into_iter().map(|line| line.audit));
    }
    let line = |text: &String| Audit {
        key: text.clone(),
        action: text.clone(),
        target: text.clone(),
        detail: text.clone(),
    };
    assert_eq!(found, odd_texts().iter().rev().map(line).collect::<Vec<_>>());
    assert_eq!(store.audit(None, 0).await, Ok(Vec::new()));
}

async fn the_log_is_kept_as_long_as_events(store: Arc<dyn Store>) {
    for (day, id) in ["p", "q", "r"].into_iter().enumerate() {
        assert!(change(&*store, document_change(id, None, Some("{}")), T0 + day as i64 * DAY).await);
    }
    let places = async || {
        let lines = store.audit(None, 99).await.unwrap();
        lines.into_iter().map(|line| line.at).collect::<Vec<_>>()
    };
    retain(&*store, Retention::default(), T0 + 30 * DAY - 1).await;
    assert_eq!(places().await, [T0 + 2 * DAY, T0 + DAY, T0]);
    retain(&*store, Retention::default(), T0 + 31 * DAY).await;
    assert_eq!(places().await, [T0 + 2 * DAY]);
    retain(&*store, Retention::default(), T0 + 99 * DAY).await;
    assert!(places().await.is_empty());
    assert_eq!(store.documents(DocumentKind::Project, None, 9).await.unwrap().len(), 3, "documents stay");
}

async fn what_is_said_besides_is_bounded(store: Arc<dyn Store>) {
    let line = Audit { detail: format!("a{}", "é".repeat(9000)), ..audit("changed") };
    assert_eq!(store.change(document_change("p", None, Some("{}")), line, T0).await, Ok(true));
    let kept = store.audit(None, 1).await.unwrap();
    assert_eq!(kept[0].audit.detail, format!("a{}", "é".repeat(511)));
}
