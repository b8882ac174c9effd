//! Files that somebody removes or replaces while the relay runs. The system lets it write on, and nobody would ever read that.

use super::*;

async fn taken(store: &SqliteStore, number: u128) -> Result<Vec<Accepted>> {
    store.accept(vec![event(number, "{}")], T0).await
}

fn assert_refused(result: Result<Vec<Accepted>>, about: &str) {
    assert!(
        matches!(&result, Err(StoreError::Unavailable(text)) if text.contains("was removed")),
        "{about}: {result:?}"
    );
}

#[tokio::test]
async fn nothing_is_acknowledged_without_its_file() {
    for name in ["relay.db", "relay.db-wal"] {
        let place = Place::new();
        let store = place.open().unwrap();
        assert_eq!(taken(&store, 1).await, Ok(vec![Accepted::New]));
        let (file, elsewhere) = (place.file(name), place.file("elsewhere"));
        std::fs::rename(&file, &elsewhere).unwrap();
        assert_refused(taken(&store, 2).await, name);
        assert!(store.health().await.is_err(), "{name}: it is not ready");
        // It was a mistake, and is mended.
        std::fs::rename(&elsewhere, &file).unwrap();
        assert!(taken(&store, 2).await.is_ok(), "{name}");
        assert_eq!(taken(&store, 3).await, Ok(vec![Accepted::New]));
        assert!(store.health().await.is_ok());
        store.close().await;
        let store = place.open().unwrap();
        assert_eq!(store.counts().await.unwrap().events, 3, "{name}: all that was acknowledged is there");
    }
}

#[tokio::test]
async fn nothing_is_acknowledged_beside_another_file() {
    let place = Place::new();
    let store = place.open().unwrap();
    assert_eq!(taken(&store, 1).await, Ok(vec![Accepted::New]));
    std::fs::copy(place.database(), place.file("copy")).unwrap();
    std::fs::rename(place.file("copy"), place.database()).unwrap();
    assert_refused(taken(&store, 2).await, "replaced");
}
