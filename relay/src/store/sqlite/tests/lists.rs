//! What a list costs: not more because there is more that is not asked for. It is counted what SQLite does, no time is taken.

use super::*;
use std::sync::atomic::{AtomicU64, Ordering};

/// A database with so many events of a project, each delivered to a busy webhook; and of some of another project that a quiet one got.
fn filled(place: &Place, count: i64) -> Connection {
    drop(place.open().unwrap());
    let connection = Connection::open(place.database()).unwrap();
    let fill = format!(
        "WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < {count})
         INSERT INTO event SELECT n, randomblob(16), CASE n % 50 WHEN 7 THEN 'rare' ELSE 'usual' END,
             CASE n % 50 WHEN 7 THEN 'small' ELSE 'large' END, 'crm', n, n, '{{}}' FROM number;
         INSERT INTO delivery (event, webhook, state, due_at, attempts, queue, behind)
             SELECT place, CASE place % 50 WHEN 7 THEN 'quiet' ELSE 'busy' END,
                 CASE place % 50 WHEN 8 THEN 2 WHEN 9 THEN 3 WHEN 10 THEN 0 WHEN 7 THEN place / 50 % 4 ELSE 1 END,
                 place, 1, NULL, 0 FROM event;
         INSERT INTO delivery (event, webhook, state, due_at, attempts, queue, behind)
             SELECT place, 'ordered', 0, place, 0, 's', place > 1 FROM event"
    );
    connection.execute_batch(&fill).unwrap();
    connection
}

/// How many steps SQLite makes for that, about.
fn steps<T>(connection: &mut Connection, work: impl FnOnce(&Connection) -> T) -> u64 {
    let steps = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&steps);
    let count = move || {
        counter.fetch_add(10, Ordering::Relaxed);
        false
    };
    connection.progress_handler(10, Some(count)).unwrap();
    work(connection);
    connection.progress_handler(0, None::<fn() -> bool>).unwrap();
    steps.load(Ordering::Relaxed)
}

#[test]
fn a_list_costs_what_it_shows() {
    let places = [Place::new(), Place::new()];
    let [mut small, mut large] = [filled(&places[0], 5_000), filled(&places[1], 40_000)];
    let text = |text: &str| Some(text.to_owned());
    let page = DeliveryFilter { limit: 10, ..DeliveryFilter::default() };
    let event = id(1);
    let filters = [
        page.clone(),
        DeliveryFilter { webhook: text("busy"), ..page.clone() },
        DeliveryFilter { webhook: text("quiet"), ..page.clone() },
        DeliveryFilter { webhook: text("unknown"), ..page.clone() },
        DeliveryFilter { webhook: text("quiet"), state: Some(DeliveryState::Dead), ..page.clone() },
        DeliveryFilter { webhook: text("busy"), state: Some(DeliveryState::Dead), ..page.clone() },
        DeliveryFilter { webhook: text("busy"), state: Some(DeliveryState::Pending), ..page.clone() },
        DeliveryFilter { state: Some(DeliveryState::Pending), ..page.clone() },
        DeliveryFilter { state: Some(DeliveryState::Delivered), ..page.clone() },
        DeliveryFilter { state: Some(DeliveryState::Skipped), ..page.clone() },
        DeliveryFilter { state: Some(DeliveryState::Dead), before: Some(DeliveryId(4_000)), ..page.clone() },
        DeliveryFilter { kind: text("rare"), ..page.clone() },
        DeliveryFilter { project: text("small"), before: Some(DeliveryId(4_000)), ..page.clone() },
        DeliveryFilter { event: Some(event), ..page.clone() },
    ];
    for filter in filters {
        let cost = |connection: &mut Connection| {
            steps(connection, |connection| list::list(connection, &filter, false).unwrap())
        };
        let (few, many) = (cost(&mut small), cost(&mut large));
        assert!(many <= few * 3 / 2 + 100, "{few} steps, with more deliveries {many}: {filter:?}");
    }
}

#[test]
fn a_claim_costs_the_same_however_many_have_to_wait() {
    let mut costs = Vec::new();
    for count in [4_000, 40_000] {
        let place = Place::new();
        let mut connection = filled(&place, count);
        costs.push(steps(&mut connection, |connection| {
            let mut claims = claims::Claims::new(1);
            let mut desk = Desk { connection, claims: &mut claims, epoch: 1 };
            let wish = deliveries::Wish { limit: 9, each: 3, without: Default::default(), until: T0 + DAY };
            let claimed = deliveries::claim(&mut desk, &wish, T0).unwrap();
            assert_eq!(claimed.iter().filter(|it| it.webhook == "ordered").count(), 1);
            deliveries::due(&mut desk, T0).unwrap();
            let settled: Vec<Settlement> = claimed
                .iter()
                .map(|it| Settlement {
                    id: it.id,
                    fence: it.fence,
                    attempt: None,
                    becomes: Becomes::Delivered,
                })
                .collect();
            deliveries::settle(&mut desk, &settled, T0).unwrap();
            let next = deliveries::claim(&mut desk, &wish, T0).unwrap();
            assert_eq!(next.iter().filter(|it| it.webhook == "ordered").count(), 1);
        }));
    }
    assert!(costs[1] <= costs[0] * 3 / 2, "{costs:?}");
}
