//! Copies, while somebody writes.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_is_one_moment_of_a_file_that_is_written_to() {
    let place = Place::new();
    let store = Arc::new(place.open().unwrap());
    let is_over = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let writing = {
        let (store, is_over) = (Arc::clone(&store), Arc::clone(&is_over));
        tokio::spawn(async move {
            let mut batch = 0;
            while !is_over.load(std::sync::atomic::Ordering::Relaxed) {
                let events = (0..10).map(|number| event(batch * 10 + number, &"a".repeat(500)));
                store.accept(events.collect(), T0).await.unwrap();
                batch += 1;
            }
            batch * 10
        })
    };
    let mut least = 0;
    for number in 0..5 {
        while store.counts().await.unwrap().events < least + 50 {
            tokio::task::yield_now().await;
        }
        least = store.counts().await.unwrap().events;
        let path = place.file(&format!("copy-{number}.db"));
        store.backup(&path).await.unwrap();
        assert!(!place.file(&format!("copy-{number}.db.part")).exists());
        assert!(!place.file(&format!("copy-{number}.db-wal")).exists(), "it is one file");
        let copy = SqliteStore::open(&path, T0).unwrap();
        let counts = copy.counts().await.unwrap();
        assert_eq!((counts.events % 10, counts.events), (0, counts.pending));
        assert_eq!(copy.events(&every()).await.unwrap().len() as u64, counts.events);
        assert!(counts.events >= least, "what was acknowledged before is in it");
        copy.close().await;
    }
    is_over.store(true, std::sync::atomic::Ordering::Relaxed);
    let written = writing.await.unwrap();
    assert_eq!(u128::from(store.counts().await.unwrap().events), written);
    // Also from outside, as the command does, whether somebody has it or not.
    backup(&place.database(), &place.file("outside.db")).unwrap();
    store.close().await;
    backup(&place.database(), &place.file("later.db")).unwrap();
    for name in ["outside.db", "later.db"] {
        let copy = SqliteStore::open(&place.file(name), T0).unwrap();
        assert_eq!(u128::from(copy.counts().await.unwrap().events), written);
        copy.close().await;
    }
}

#[test]
fn nothing_is_overwritten_and_nothing_is_left() {
    let place = Place::new();
    drop(place.open().unwrap());
    std::fs::write(place.file("there.db"), "precious").unwrap();
    let refused = backup(&place.database(), &place.file("there.db"));
    assert!(matches!(refused, Err(StoreError::Refused(_))), "{refused:?}");
    assert_eq!(std::fs::read(place.file("there.db")).unwrap(), b"precious");
    let missing = backup(&place.file("missing.db"), &place.file("copy.db"));
    assert!(matches!(missing, Err(StoreError::Unavailable(_))), "{missing:?}");
    assert!(!place.file("missing.db").exists());
    std::fs::write(place.file("odd.db"), "no database at all, but long enough. ".repeat(99)).unwrap();
    let odd = backup(&place.file("odd.db"), &place.file("copy.db"));
    assert!(matches!(odd, Err(StoreError::Damaged(_))), "{odd:?}");
    for name in ["copy.db", "copy.db.part"] {
        assert!(!place.file(name).exists(), "{name}");
    }
}
