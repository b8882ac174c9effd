//! Settings of webhooks.

use super::*;

super::cases![
    webhooks_are_put_replaced_and_removed,
    webhooks_come_by_id,
    odd_webhooks_come_back,
    sealed_is_replaced_if_all_still_are_what_they_were,
];

async fn webhooks_are_put_replaced_and_removed(store: Arc<dyn Store>) {
    let put = vec![webhook("b", "{\"b\":1}", b"secret"), webhook("a", "{}", b"")];
    assert_eq!(store.put_webhooks(put, vec!["unknown".to_owned()], T0).await, Ok(()));
    let written = |id: &str, settings: &str, sealed: &[u8], updated_at| StoredWebhook {
        updated_at,
        ..webhook(id, settings, sealed)
    };
    let expected = vec![written("a", "{}", b"", T0), written("b", "{\"b\":1}", b"secret", T0)];
    assert_eq!(store.webhooks().await, Ok(expected));
    let put = vec![webhook("b", "{\"b\":2}", b""), webhook("c", "{}", b"\0\xff")];
    assert_eq!(store.put_webhooks(put, vec!["a".to_owned()], T0 + 1).await, Ok(()));
    let expected = vec![written("b", "{\"b\":2}", b"", T0 + 1), written("c", "{}", b"\0\xff", T0 + 1)];
    assert_eq!(store.webhooks().await, Ok(expected));
    assert_eq!(store.put_webhooks(Vec::new(), vec!["b".to_owned(), "c".to_owned()], T0 + 2).await, Ok(()));
    assert_eq!(store.webhooks().await, Ok(Vec::new()));
}

async fn webhooks_come_by_id(store: Arc<dyn Store>) {
    let mut ids = ["b", "B", "a-b", "ab", "a_b", "é", "z", "10", "9", "🎬", ""].map(str::to_owned).to_vec();
    let put = ids.iter().map(|id| webhook(id, "{}", b"")).collect();
    store.put_webhooks(put, Vec::new(), T0).await.unwrap();
    ids.sort();
    let kept = store.webhooks().await.unwrap();
    assert_eq!(kept.into_iter().map(|webhook| webhook.id).collect::<Vec<_>>(), ids, "by bytes");
}

async fn odd_webhooks_come_back(store: Arc<dyn Store>) {
    let texts = odd_texts();
    let put = texts.iter().map(|text| webhook(text, text, text.as_bytes())).collect();
    store.put_webhooks(put, Vec::new(), T0).await.unwrap();
    let mut kept = store.webhooks().await.unwrap();
    kept.sort_by_key(|webhook| texts.iter().position(|text| *text == webhook.id));
    assert_eq!(kept.len(), texts.len());
    for (kept, text) in kept.iter().zip(&texts) {
        assert_eq!((&kept.id, &kept.settings, &*kept.sealed), (text, text, text.as_bytes()));
    }
    store.put_webhooks(Vec::new(), texts, T0).await.unwrap();
    assert_eq!(store.webhooks().await, Ok(Vec::new()));
}

async fn sealed_is_replaced_if_all_still_are_what_they_were(store: Arc<dyn Store>) {
    let put = vec![webhook("a", "{}", b"a1"), webhook("b", "{}", b"b1"), webhook("c", "{}", b"")];
    store.put_webhooks(put, Vec::new(), T0).await.unwrap();
    let sealed = async || {
        let kept = store.webhooks().await.unwrap();
        assert!(kept.iter().all(|webhook| webhook.settings == "{}" && webhook.updated_at == T0));
        kept.into_iter().map(|webhook| webhook.sealed).collect::<Vec<_>>()
    };
    let change = |id: &str, was: &[u8], becomes: &[u8]| (id.to_owned(), was.to_vec(), becomes.to_vec());
    let before: Vec<Vec<u8>> = [&b"a1"[..], b"b1", b""].map(<[u8]>::to_vec).to_vec();
    for wrong in [
        vec![change("a", b"a1", b"a2"), change("b", b"other", b"b2")],
        vec![change("a", b"a1", b"a2"), change("unknown", b"", b"b2")],
        vec![change("a", b"", b"a2")],
        vec![change("c", b"c1", b"c2")],
        vec![change("A", b"a1", b"a2")],
    ] {
        assert_eq!(store.reseal(wrong).await, Ok(false));
        assert_eq!(sealed().await, before, "all or none");
    }
    assert_eq!(store.reseal(Vec::new()).await, Ok(true));
    let right = vec![change("b", b"b1", b"\0b2"), change("c", b"", b"c2"), change("a", b"a1", b"a1")];
    assert_eq!(store.reseal(right.clone()).await, Ok(true));
    assert_eq!(sealed().await, [&b"a1"[..], b"\0b2", b"c2"].map(<[u8]>::to_vec));
    assert_eq!(store.reseal(right).await, Ok(false), "they are not what they were any more");
}
