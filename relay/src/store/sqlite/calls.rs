//! Calls: begun once, with one outcome.

use super::fault::{meaning, odd};
use super::writer::Desk;
use crate::store::{Answer, Begun, Call, CallFailure, CallOutcome, CallState, NewCall, Result, UnixMs};
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, params};
use uuid::Uuid;

/// What is read of a call, in this order.
const COLUMNS: &str =
    "webhook, project, origin, fingerprint, begun_at, lease_until, epoch, outcome, status, headers, body";

/// Bytes of a call, about.
pub(super) fn size(call: &NewCall) -> usize {
    call.webhook.len() + call.project.len() + call.origin.len() + 256
}

/// Bytes of an outcome, about.
pub(super) fn outcome_size(outcome: &CallOutcome) -> usize {
    match outcome {
        CallOutcome::Answer(answer) => {
            let headers = answer.headers.iter().map(|(name, value)| name.len() + value.len() + 64);
            answer.body.len() + headers.sum::<usize>() + 256
        }
        CallOutcome::Failed(_) => 256,
    }
}

/// A call as it is stored.
struct Known {
    call: Call,
    fingerprint: [u8; 32],
}

pub(super) fn begin(desk: &mut Desk<'_>, new: &NewCall, now: UnixMs) -> Result<Begun> {
    let begin = || -> rusqlite::Result<Begun> {
        let mut insert = desk.connection.prepare_cached(
            "INSERT INTO call (id, webhook, project, origin, fingerprint, begun_at, lease_until, epoch, holder)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
             ON CONFLICT (id) DO UPDATE
             SET lease_until = max(lease_until, excluded.lease_until), epoch = excluded.epoch
             WHERE holder = excluded.holder AND outcome IS NULL AND webhook = excluded.webhook
                 AND project = excluded.project AND origin = excluded.origin AND fingerprint = excluded.fingerprint",
        )?;
        let (id, print, holder) = (new.id.as_bytes(), new.fingerprint, new.holder.as_bytes());
        let NewCall { webhook, project, origin, lease_until, .. } = new;
        let values = params![id, webhook, project, origin, print, now, lease_until, desk.epoch, holder];
        if insert.execute(values)? == 1 {
            return Ok(Begun::New);
        }
        let known =
            read(desk.connection, new.id, desk.epoch, now)?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
        let Call { webhook, project, origin, state, .. } = known.call;
        if (webhook, project, origin, known.fingerprint)
            != (new.webhook.clone(), new.project.clone(), new.origin.clone(), new.fingerprint)
        {
            return Ok(Begun::Other);
        }
        Ok(match state {
            CallState::InProgress { lease_until } => Begun::InProgress { lease_until },
            CallState::Finished(outcome) => Begun::Finished(outcome),
            CallState::Unknown => Begun::Unknown,
        })
    };
    begin().map_err(|error| meaning(&error))
}

pub(super) fn finish(desk: &mut Desk<'_>, id: Uuid, outcome: &CallOutcome) -> Result<bool> {
    let (number, answer) = match outcome {
        CallOutcome::Answer(answer) => (0, Some(answer)),
        CallOutcome::Failed(failure) => (number(*failure), None),
    };
    let headers = answer.map(|answer| serde_json::to_string(&answer.headers)).transpose();
    let headers = headers.map_err(|_| odd("a header field"))?;
    let finish = || -> rusqlite::Result<usize> {
        let mut update = desk.connection.prepare_cached(
            "UPDATE call SET outcome = ?2, status = ?3, headers = ?4, body = ?5 WHERE id = ?1 AND outcome IS NULL",
        )?;
        let (status, body) = (answer.map(|answer| answer.status), answer.map(|answer| &answer.body));
        update.execute(params![id.as_bytes(), number, status, headers, body])
    };
    finish().map(|count| count == 1).map_err(|error| meaning(&error))
}

pub(super) fn find(connection: &Connection, id: Uuid, now: UnixMs) -> rusqlite::Result<Option<Call>> {
    let mut epoch = connection.prepare_cached("SELECT epoch FROM state")?;
    let epoch = epoch.query_row([], |row| row.get(0))?;
    Ok(read(connection, id, epoch, now)?.map(|known| known.call))
}

fn read(connection: &Connection, id: Uuid, epoch: i64, now: UnixMs) -> rusqlite::Result<Option<Known>> {
    let mut select = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM call WHERE id = ?1"))?;
    select.query_row([id.as_bytes()], |row| known(row, epoch, now)).optional()
}

fn known(row: &Row<'_>, epoch: i64, now: UnixMs) -> rusqlite::Result<Known> {
    let lease_until = row.get(5)?;
    // Whoever had it in an earlier process does not work on it any more.
    let is_held = row.get::<_, i64>(6)? == epoch && now < lease_until;
    let state = match row.get(7)? {
        None if is_held => CallState::InProgress { lease_until },
        None => CallState::Unknown,
        Some(number) => CallState::Finished(outcome(row, number)?),
    };
    let [webhook, project, origin] = [row.get(0)?, row.get(1)?, row.get(2)?];
    let call = Call { webhook, project, origin, begun_at: row.get(4)?, state };
    Ok(Known { call, fingerprint: row.get(3)? })
}

fn outcome(row: &Row<'_>, number: i64) -> rusqlite::Result<CallOutcome> {
    if number != 0 {
        let failure = FAILURES.into_iter().find(|(known, _)| *known == number);
        let (_, failure) = failure.ok_or(rusqlite::Error::IntegralValueOutOfRange(7, number))?;
        return Ok(CallOutcome::Failed(failure));
    }
    let headers: String = row.get(9)?;
    let headers = serde_json::from_str(&headers)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(9, Type::Text, Box::new(error)))?;
    Ok(CallOutcome::Answer(Answer { status: row.get(8)?, headers, body: row.get(10)? }))
}

/// How they are stored. A number is never another failure's.
const FAILURES: [(i64, CallFailure); 5] = [
    (1, CallFailure::Network),
    (2, CallFailure::Forbidden),
    (3, CallFailure::Timeout),
    (4, CallFailure::TooLarge),
    (5, CallFailure::BadJson),
];

fn number(failure: CallFailure) -> i64 {
    match failure {
        CallFailure::Network => 1,
        CallFailure::Forbidden => 2,
        CallFailure::Timeout => 3,
        CallFailure::TooLarge => 4,
        CallFailure::BadJson => 5,
    }
}
