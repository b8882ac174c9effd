//! What is measured.

use cuehook_load::Order;

use super::databases::{Store, Syncs};

/// Bytes of an event.
pub const EVENT: usize = 200;
/// Bytes of a call's body.
const CALL: usize = 600;
/// What a row is called.
pub const EXAMPLE: &str = "`events sqlite 5ms x16 20x200`";
/// Connections of the project's aims.
const AIM_CONNECTIONS: usize = 16;
/// Events in a batch of the project's aims.
pub const AIM_BATCH: usize = 20;
/// Events a second that are delivered to two webhooks, of the project's aims.
const AIM_RATE: u32 = 2_000;
/// Events a second at which latencies are looked at.
const STEADY_RATE: u32 = 500;
/// Webhooks that never answer.
const HANGING: usize = 256;

/// A line of a table.
#[derive(Clone, Debug)]
pub struct Row {
    pub store: Store,
    pub syncs: Syncs,
    pub connections: usize,
    /// Milliseconds between two requests of a connection.
    pub pause_ms: u64,
    pub work: Work,
}

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// Batches of events, of so many bytes each.
    Events { batch: usize, bytes: usize, order: Order },
    /// Calls with bodies of so many bytes, of a webhook that takes so many milliseconds.
    Calls { bytes: usize, delay_ms: u64 },
    /// So many events a second, each delivered to two webhooks, beside so many webhooks that never answer.
    Deliveries { rate: u32, hanging: usize },
}

impl Row {
    /// Whether lines of the two stand in one table.
    pub fn is_like(&self, other: &Self) -> bool {
        std::mem::discriminant(&self.work) == std::mem::discriminant(&other.work)
    }

    /// What it is called, such as `events sqlite 5ms x16 20x200`.
    pub fn name(&self) -> String {
        let Row { store, syncs, connections, pause_ms, work } = self;
        let (what, how) = match work {
            Work::Events { batch, bytes, order } => {
                ("events", format!("{batch}x{bytes}{}", if *order == Order::Random { " random" } else { "" }))
            }
            Work::Calls { delay_ms: 0, bytes } => ("calls", format!("{bytes}")),
            Work::Calls { delay_ms, bytes } => ("calls", format!("{bytes} slow{delay_ms}")),
            Work::Deliveries { rate, hanging: 0 } => ("deliveries", format!("{rate}/s")),
            Work::Deliveries { rate, hanging } => ("deliveries", format!("{rate}/s hanging{hanging}")),
        };
        let pause = if *pause_ms > 0 { format!(" pause{pause_ms}") } else { String::new() };
        format!("{what} {} {} x{connections} {how}{pause}", store.name(), syncs.name())
    }

    /// Whether the aim of events is about it.
    pub fn is_aim_of_events(&self) -> bool {
        let aim = Work::Events { batch: AIM_BATCH, bytes: EVENT, order: Order::Time };
        self.work == aim && self.connections == AIM_CONNECTIONS && self.syncs == Syncs::Slow
    }

    /// Whether the aim of deliveries is about it.
    pub fn is_aim_of_deliveries(&self) -> bool {
        self.work == Work::Deliveries { rate: AIM_RATE, hanging: 0 }
    }

    /// Whether the aim of latencies is about it.
    pub fn is_aim_of_latencies(&self) -> bool {
        self.work == Work::Deliveries { rate: STEADY_RATE, hanging: 0 }
    }

    /// Whether it is this row beside webhooks that never answer.
    pub fn is_beside_hanging(&self, other: &Self) -> bool {
        let without = match self.work {
            Work::Deliveries { rate, hanging } if hanging > 0 => Work::Deliveries { rate, hanging: 0 },
            _ => return false,
        };
        other.work == without && other.store == self.store && other.syncs == self.syncs
    }

    /// Whether the aim of calls is about it.
    pub fn is_aim_of_calls(&self) -> bool {
        self.work == Work::Calls { bytes: CALL, delay_ms: 0 }
            && self.connections == AIM_CONNECTIONS
            && self.syncs == Syncs::None
    }
}

/// The rows whose names contain `only`, and the stores with which an idle relay is looked at.
pub fn chosen(only: &str) -> (Vec<Row>, Vec<Store>) {
    let rows = all().into_iter().filter(|row| row.name().contains(only)).collect();
    let idle = [Store::Sqlite, Store::Postgres];
    (rows, idle.into_iter().filter(|store| format!("idle {}", store.name()).contains(only)).collect())
}

fn all() -> Vec<Row> {
    let events = |store, syncs, connections, batch, bytes, order| Row {
        store,
        syncs,
        connections,
        pause_ms: 0,
        work: Work::Events { batch, bytes, order },
    };
    let calls = |store, syncs, connections, pause_ms, delay_ms| Row {
        store,
        syncs,
        connections,
        pause_ms,
        work: Work::Calls { bytes: CALL, delay_ms },
    };
    let mut rows = Vec::new();
    for store in [Store::Sqlite, Store::Postgres] {
        for syncs in [Syncs::Plain, Syncs::Slow] {
            for connections in [1, AIM_CONNECTIONS, 256] {
                rows.push(events(store, syncs, connections, AIM_BATCH, EVENT, Order::Time));
            }
            rows.push(events(store, syncs, AIM_CONNECTIONS, 1, EVENT, Order::Time));
        }
        // Whether the aim holds for other events, too.
        for (batch, bytes, order) in
            [(100, EVENT, Order::Time), (AIM_BATCH, 4_096, Order::Time), (AIM_BATCH, EVENT, Order::Random)]
        {
            rows.push(events(store, Syncs::Slow, AIM_CONNECTIONS, batch, bytes, order));
        }
    }
    for (store, syncs) in [
        (Store::Memory, Syncs::None),
        (Store::Sqlite, Syncs::None),
        (Store::Sqlite, Syncs::Plain),
        (Store::Sqlite, Syncs::Slow),
        (Store::Postgres, Syncs::Plain),
        (Store::Postgres, Syncs::Slow),
    ] {
        for connections in [1, AIM_CONNECTIONS] {
            rows.push(calls(store, syncs, connections, 0, 0));
        }
    }
    // Viewers who do not keep the processors busy all the time: 400 calls a second, and as many direct ones.
    for syncs in [Syncs::None, Syncs::Slow] {
        rows.push(calls(Store::Sqlite, syncs, AIM_CONNECTIONS, 20, 0));
    }
    for (store, syncs) in
        [(Store::Sqlite, Syncs::None), (Store::Sqlite, Syncs::Slow), (Store::Postgres, Syncs::Slow)]
    {
        rows.push(calls(store, syncs, 256, 0, 200));
    }
    for store in [Store::Sqlite, Store::Postgres] {
        for (rate, hanging) in [(STEADY_RATE, 0), (STEADY_RATE, HANGING), (AIM_RATE, 0), (AIM_RATE, HANGING)]
        {
            let work = Work::Deliveries { rate, hanging };
            rows.push(Row { store, syncs: Syncs::Plain, connections: AIM_CONNECTIONS, pause_ms: 0, work });
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_row_can_be_chosen_by_its_name() {
        let rows = all();
        let names: BTreeSet<String> = rows.iter().map(Row::name).collect();
        assert_eq!(names.len(), rows.len());
        assert_eq!(chosen("").0.len(), rows.len());
        assert_eq!(chosen("events sqlite 5ms x16 20x200 random").0.len(), 1);
        assert_eq!(chosen(EXAMPLE.trim_matches('`')).0.len(), 2);
        assert_eq!(chosen("idle postgres").1, [Store::Postgres]);
        assert!(chosen("no such").0.is_empty());
    }

    #[test]
    fn the_aims_are_about_rows_that_are_there() {
        let of = |is: fn(&Row) -> bool| -> Vec<String> {
            all().iter().filter(|row| is(row)).map(Row::name).collect()
        };
        assert_eq!(
            of(Row::is_aim_of_events),
            ["events sqlite 5ms x16 20x200", "events postgres 5ms x16 20x200"]
        );
        assert_eq!(
            of(Row::is_aim_of_calls),
            ["calls memory none x16 600", "calls sqlite none x16 600", "calls sqlite none x16 600 pause20"]
        );
        assert_eq!(
            of(Row::is_aim_of_deliveries),
            ["deliveries sqlite plain x16 2000/s", "deliveries postgres plain x16 2000/s"]
        );
        assert_eq!(
            of(Row::is_aim_of_latencies),
            ["deliveries sqlite plain x16 500/s", "deliveries postgres plain x16 500/s"]
        );
        let rows = all();
        let pairs = rows.iter().flat_map(|row| rows.iter().filter(|other| row.is_beside_hanging(other)));
        assert_eq!(pairs.count(), 4);
    }
}
