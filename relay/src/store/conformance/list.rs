//! Events as they are read: newest first, filtered, in pages.

use super::*;

super::cases![
    the_newest_comes_first,
    a_stored_event_is_whole,
    filters_are_met_all_at_once,
    pages_join,
    order_is_that_of_taking,
];

/// The numbers of events that a filter finds.
async fn found(store: &dyn Store, filter: EventFilter) -> Vec<u128> {
    let events = store.events(&filter).await.unwrap();
    events.iter().map(|event| event.id.as_u128() - id(0).as_u128()).collect()
}

async fn the_newest_comes_first(store: Arc<dyn Store>) {
    take(&*store, vec![event(3, &[]), event(1, &["a"])], T0).await;
    take(&*store, vec![event(2, &[])], T0).await;
    assert_eq!(found(&*store, every()).await, [2, 1, 3]);
    assert_eq!(found(&*store, EventFilter { limit: 2, ..every() }).await, [2, 1]);
    assert_eq!(found(&*store, EventFilter::default()).await, [0; 0], "at most none");
    assert_eq!(found(&*store, EventFilter { limit: usize::MAX, ..every() }).await, [2, 1, 3]);
}

async fn a_stored_event_is_whole(store: Arc<dyn Store>) {
    take(&*store, vec![event(1, &["a"])], T0).await;
    let kept = store.events(&every()).await.unwrap();
    let NewEvent { id, kind, project, source, at, body, .. } = event(1, &[]);
    let place = kept[0].place;
    let whole = crate::store::StoredEvent { place, id, kind, project, source, at, taken_at: T0, body };
    assert_eq!(kept, [whole]);
}

async fn filters_are_met_all_at_once(store: Arc<dyn Store>) {
    let kinds = ["view.ended", "lead.captured", "view.ended", "VIEW.ENDED", "view.ended"];
    let projects = ["spring", "spring", "", "spring", "spring"];
    let events = kinds.iter().zip(projects).zip(1..);
    let events = events.map(|((kind, project), number)| NewEvent {
        kind: (*kind).to_owned(),
        project: project.to_owned(),
        ..event(number, &[])
    });
    take(&*store, events.collect(), T0).await;
    let kind = || Some("view.ended".to_owned());
    let project = || Some("spring".to_owned());
    assert_eq!(found(&*store, EventFilter { kind: kind(), ..every() }).await, [5, 3, 1]);
    assert_eq!(found(&*store, EventFilter { project: project(), ..every() }).await, [5, 4, 2, 1]);
    assert_eq!(found(&*store, EventFilter { project: Some(String::new()), ..every() }).await, [3]);
    let both = EventFilter { kind: kind(), project: project(), ..every() };
    assert_eq!(found(&*store, both.clone()).await, [5, 1]);
    assert_eq!(found(&*store, EventFilter { limit: 1, ..both.clone() }).await, [5]);
    assert_eq!(found(&*store, EventFilter { id: Some(id(1)), ..both.clone() }).await, [1]);
    assert_eq!(found(&*store, EventFilter { id: Some(id(2)), ..both.clone() }).await, [0; 0]);
    let last = store.events(&both).await.unwrap()[0].place;
    assert_eq!(found(&*store, EventFilter { before: Some(last), ..both }).await, [1]);
    assert_eq!(found(&*store, EventFilter { kind: Some("view%".to_owned()), ..every() }).await, [0; 0]);
    assert_eq!(found(&*store, EventFilter { id: Some(id(9)), ..every() }).await, [0; 0]);
}

async fn pages_join(store: Arc<dyn Store>) {
    take(&*store, (1..=50).map(|number| event(number, &["a"])).collect(), T0).await;
    let (mut pages, mut before) = (Vec::new(), None);
    for _ in 0..9 {
        let page = store.events(&EventFilter { before, limit: 7, ..EventFilter::default() }).await.unwrap();
        before = page.last().map(|event| event.place).or(before);
        pages.extend(page.iter().map(|event| event.id));
        // What comes in the meantime does not move the pages.
        store.accept(vec![event(100 + pages.len() as u128, &[])], T0).await.unwrap();
    }
    assert_eq!(pages, (1..=50).rev().map(id).collect::<Vec<_>>());
    assert_eq!(found(&*store, EventFilter { before: Some(i64::MIN), ..every() }).await, [0; 0]);
    let all = EventFilter { before: Some(i64::MAX), limit: 2, ..EventFilter::default() };
    assert_eq!(found(&*store, all).await.len(), 2);
}

async fn order_is_that_of_taking(store: Arc<dyn Store>) {
    // Neither that of the events' own time, nor of a clock that was put back.
    take(&*store, vec![NewEvent { at: T0 + DAY, ..event(1, &[]) }], T0).await;
    take(&*store, vec![NewEvent { at: T0 - DAY, ..event(2, &[]) }], T0 - MINUTE).await;
    assert_eq!(found(&*store, every()).await, [2, 1]);
}
