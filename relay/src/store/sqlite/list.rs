//! Deliveries as they are listed, the newest first, and each with its attempts.
//!
//! Whatever is asked for, an index leads to it: that of a webhook's deliveries by their state, in which the newest of each part are looked
//! for; that of events by their type or project; or all deliveries are gone through from the newest on.

use super::deliveries::{Jumps, each_webhook};
use crate::store::{
    Attempt, DeliveryFilter, DeliveryId, DeliveryState, LOGGED, StoredDelivery, WholeDelivery,
};
use rusqlite::{Connection, OptionalExtension, Row, ToSql};
use std::cmp::Reverse;
use uuid::Uuid;

/// What is read of a delivery, in this order.
const COLUMNS: &str =
    "delivery.id, event.id, kind, project, webhook, state, reason, attempts, taken_at, due_at, settled_at";

/// The states, as they are stored. A number is never another state's.
const STATES: [(i64, DeliveryState); 4] = [
    (0, DeliveryState::Pending),
    (1, DeliveryState::Delivered),
    (2, DeliveryState::Dead),
    (3, DeliveryState::Skipped),
];

/// All webhooks that there are deliveries to.
const JUMPS: Jumps = Jumps {
    first: "SELECT webhook FROM delivery INDEXED BY delivery_state ORDER BY webhook LIMIT 1",
    next: "SELECT webhook FROM delivery INDEXED BY delivery_state WHERE webhook > ?1 ORDER BY webhook LIMIT 1",
};

pub(super) fn number(state: DeliveryState) -> i64 {
    match state {
        DeliveryState::Pending => 0,
        DeliveryState::Delivered => 1,
        DeliveryState::Dead => 2,
        DeliveryState::Skipped => 3,
    }
}

/// A statement that grows. Values are numbered, so that only our texts are ever part of it.
struct Statement<'a> {
    sql: String,
    values: Vec<Box<dyn ToSql + 'a>>,
}

impl<'a> Statement<'a> {
    fn new(from: &str) -> Self {
        Self { sql: format!("SELECT {COLUMNS} FROM {from} WHERE true"), values: Vec::new() }
    }

    fn and(&mut self, condition: &str, value: impl ToSql + 'a) {
        self.values.push(Box::new(value));
        let place = format!("?{}", self.values.len());
        self.sql += &format!(" AND {}", condition.replace('?', &place));
    }

    fn maybe(&mut self, condition: &str, value: Option<impl ToSql + 'a>) {
        if let Some(value) = value {
            self.and(condition, value);
        }
    }
}

/// Deliveries, and only such that have ended if these alone are wanted.
pub(super) fn list(
    connection: &Connection,
    filter: &DeliveryFilter,
    ended: bool,
) -> rusqlite::Result<Vec<StoredDelivery>> {
    let states: Vec<i64> = match filter.state {
        Some(state) => vec![number(state)],
        None => STATES.into_iter().map(|(number, _)| number).collect(),
    };
    let states: Vec<i64> = states.into_iter().filter(|state| !ended || *state != 0).collect();
    if states.is_empty() || filter.limit == 0 {
        return Ok(Vec::new());
    }
    let look = Look { connection, filter, ended };
    match (&filter.event, &filter.webhook, filter.state) {
        (Some(_), _, _) => look.of_event(),
        (None, Some(webhook), _) => {
            let mut newest = Vec::new();
            for state in states {
                look.in_part(webhook, state, &mut newest)?;
            }
            Ok(newest)
        }
        (None, None, Some(state)) => {
            let mut newest = Vec::new();
            each_webhook(connection, &JUMPS, |webhook| look.in_part(webhook, number(state), &mut newest))?;
            Ok(newest)
        }
        _ if filter.kind.is_some() || filter.project.is_some() => look.by_events(),
        _ => look.through_all(),
    }
}

struct Look<'a> {
    connection: &'a Connection,
    filter: &'a DeliveryFilter,
    ended: bool,
}

impl<'a> Look<'a> {
    fn of_event(&self) -> rusqlite::Result<Vec<StoredDelivery>> {
        let mut statement = self.statement(
            "event INDEXED BY event_id CROSS JOIN delivery INDEXED BY delivery_event ON delivery.event = place",
        );
        statement.maybe("event.id = ?", self.filter.event.map(Uuid::into_bytes));
        self.read(statement, "delivery.id DESC")
    }

    /// Adds those of a webhook in a state to the newest so far.
    fn in_part(&self, webhook: &str, state: i64, newest: &mut Vec<StoredDelivery>) -> rusqlite::Result<()> {
        let mut statement =
            self.statement("delivery INDEXED BY delivery_state CROSS JOIN event ON place = delivery.event");
        statement.and("webhook = ?", webhook.to_owned());
        statement.and("state = ?", state);
        if newest.len() >= self.filter.limit {
            statement.maybe("delivery.id > ?", newest.last().map(|last| last.id.0));
        }
        newest.extend(self.read(statement, "delivery.id DESC")?);
        newest.sort_unstable_by_key(|it| Reverse(it.id));
        newest.truncate(self.filter.limit);
        Ok(())
    }

    /// Events are in the order of their deliveries.
    fn by_events(&self) -> rusqlite::Result<Vec<StoredDelivery>> {
        let index = if self.filter.kind.is_some() { "event_kind" } else { "event_project" };
        let mut statement = self.statement(&format!(
            "event INDEXED BY {index} CROSS JOIN delivery INDEXED BY delivery_event ON delivery.event = place"
        ));
        statement.maybe(
            "place <= (SELECT event FROM delivery WHERE id < ? ORDER BY id DESC LIMIT 1)",
            self.filter.before.map(|before| before.0),
        );
        self.read(statement, "place DESC, delivery.id DESC")
    }

    fn through_all(&self) -> rusqlite::Result<Vec<StoredDelivery>> {
        let statement = self.statement("delivery CROSS JOIN event ON place = delivery.event");
        self.read(statement, "delivery.id DESC")
    }

    /// With all that a filter says but for the event.
    fn statement(&self, from: &str) -> Statement<'a> {
        let filter = self.filter;
        let mut statement = Statement::new(from);
        statement.maybe("webhook = ?", filter.webhook.as_ref());
        statement.maybe("kind = ?", filter.kind.as_ref());
        statement.maybe("project = ?", filter.project.as_ref());
        statement.maybe("state = ?", filter.state.map(number));
        statement.maybe("taken_at >= ?", filter.from);
        statement.maybe("taken_at < ?", filter.to);
        statement.maybe("delivery.id < ?", filter.before.map(|before| before.0));
        if self.ended {
            statement.and("state <> ?", number(DeliveryState::Pending));
        }
        statement
    }

    fn read(&self, mut statement: Statement<'_>, order: &str) -> rusqlite::Result<Vec<StoredDelivery>> {
        let limit = i64::try_from(self.filter.limit).unwrap_or(i64::MAX);
        statement.values.push(Box::new(limit));
        let Statement { sql, values } = statement;
        let mut select =
            self.connection.prepare_cached(&format!("{sql} ORDER BY {order} LIMIT ?{}", values.len()))?;
        let values: Vec<&dyn ToSql> = values.iter().map(|value| &**value).collect();
        let found = select.query_map(&*values, stored)?;
        found.collect()
    }
}

fn stored(row: &Row<'_>) -> rusqlite::Result<StoredDelivery> {
    let number = row.get(5)?;
    let state = STATES.into_iter().find(|(known, _)| *known == number);
    let (_, state) = state.ok_or(rusqlite::Error::IntegralValueOutOfRange(5, number))?;
    let waits = state == DeliveryState::Pending;
    Ok(StoredDelivery {
        id: DeliveryId(row.get(0)?),
        event: Uuid::from_bytes(row.get(1)?),
        kind: row.get(2)?,
        project: row.get(3)?,
        webhook: row.get(4)?,
        state,
        reason: row.get::<_, Option<String>>(6)?.unwrap_or_default(),
        attempts: row.get(7)?,
        taken_at: row.get(8)?,
        due_at: if waits { row.get(9)? } else { None },
        ended_at: if waits { None } else { row.get(10)? },
    })
}

pub(super) fn whole(connection: &Connection, id: DeliveryId) -> rusqlite::Result<Option<WholeDelivery>> {
    let mut select = connection.prepare_cached(&format!(
        "SELECT {COLUMNS}, body FROM delivery CROSS JOIN event ON place = delivery.event WHERE delivery.id = ?1"
    ))?;
    let found = select.query_row([id.0], |row| Ok((stored(row)?, row.get(11)?))).optional()?;
    let Some((delivery, body)) = found else { return Ok(None) };
    // An attempt that was made since then is left out.
    let mut select = connection.prepare_cached(
        "SELECT at, took_ms, status, fault, response FROM attempt WHERE delivery = ?1 AND number <= ?2
         ORDER BY number DESC LIMIT ?3",
    )?;
    let last = i64::try_from(LOGGED).unwrap_or(i64::MAX);
    let log = select.query_map([id.0, delivery.attempts.into(), last], |row| {
        Ok(Attempt {
            at: row.get(0)?,
            took_ms: row.get(1)?,
            status: row.get(2)?,
            fault: row.get(3)?,
            response: row.get(4)?,
        })
    })?;
    let mut log = log.collect::<rusqlite::Result<Vec<Attempt>>>()?;
    log.reverse();
    Ok(Some(WholeDelivery { delivery, body, log }))
}
