//! Calls of webhooks.

use super::fault::{Fault, read};
use super::text::{plain, restored, text};
use crate::store::{Answer, Begun, Call, CallFailure, CallOutcome, CallState, NewCall, StoreError, UnixMs};
use deadpool_postgres::Client;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

const BEGIN: &str = "
INSERT INTO cuehook.calls AS known (id, webhook, project, origin, fingerprint, begun_at, lease_until, holder)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (id) DO UPDATE SET lease_until = greatest(known.lease_until, excluded.lease_until)
WHERE known.holder = excluded.holder AND known.outcome IS NULL AND known.webhook = excluded.webhook
    AND known.project = excluded.project AND known.origin = excluded.origin AND known.fingerprint = excluded.fingerprint";

const FIND: &str = "
SELECT webhook, project, origin, fingerprint, begun_at, lease_until,
    outcome, status, header_names, header_values, body
FROM cuehook.calls WHERE id = $1";

const FINISH: &str = "
UPDATE cuehook.calls
SET outcome = $2, status = $3, header_names = $4::text[], header_values = $5::text[], body = $6
WHERE id = $1 AND outcome IS NULL";

/// Whether a call is new, or its holder's already, is decided by the insertion alone. What it is otherwise needs a snapshot of its own:
/// the other relay's may have been committed a moment ago.
pub(super) async fn begin(client: &Client, call: &NewCall, now: UnixMs) -> Result<Begun, Fault> {
    let insert = client.prepare_cached(BEGIN).await?;
    let (webhook, project, origin) = (plain(&call.webhook), plain(&call.project), plain(&call.origin));
    let fingerprint = call.fingerprint.as_slice();
    let parameters: [&(dyn ToSql + Sync); 8] =
        [&call.id, &webhook, &project, &origin, &fingerprint, &now, &call.lease_until, &call.holder];
    // Between the two statements it may be removed because it is old: then it is new, after all.
    for _ in 0..3 {
        if client.execute(&insert, &parameters).await? == 1 {
            return Ok(Begun::New);
        }
        let Some(row) = client.query_opt(&client.prepare_cached(FIND).await?, &[&call.id]).await? else {
            continue;
        };
        let is_same = text(&row, "webhook")? == call.webhook
            && text(&row, "project")? == call.project
            && text(&row, "origin")? == call.origin
            && read::<&[u8]>(&row, "fingerprint")? == fingerprint;
        if !is_same {
            return Ok(Begun::Other);
        }
        return Ok(match state(&row, now)? {
            CallState::InProgress { lease_until } => Begun::InProgress { lease_until },
            CallState::Finished(outcome) => Begun::Finished(outcome),
            CallState::Unknown => Begun::Unknown,
        });
    }
    let error = StoreError::Unavailable("a call appears and disappears".to_owned());
    Err(Fault { error, cause: super::fault::Cause::Other })
}

pub(super) async fn finish(client: &Client, id: Uuid, outcome: &CallOutcome) -> Result<bool, Fault> {
    let statement = client.prepare_cached(FINISH).await?;
    let word = in_words(outcome);
    let answer = match outcome {
        CallOutcome::Answer(answer) => Some(answer),
        CallOutcome::Failed(_) => None,
    };
    let status = answer.map(|answer| i32::from(answer.status));
    let names: Option<Vec<_>> =
        answer.map(|answer| answer.headers.iter().map(|(name, _)| plain(name)).collect());
    let values: Option<Vec<_>> =
        answer.map(|answer| answer.headers.iter().map(|(_, value)| plain(value)).collect());
    let body = answer.map(|answer| answer.body.as_slice());
    Ok(client.execute(&statement, &[&id, &word, &status, &names, &values, &body]).await? == 1)
}

pub(super) async fn find(client: &Client, id: Uuid, now: UnixMs) -> Result<Option<Call>, Fault> {
    let Some(row) = client.query_opt(&client.prepare_cached(FIND).await?, &[&id]).await? else {
        return Ok(None);
    };
    Ok(Some(Call {
        webhook: text(&row, "webhook")?,
        project: text(&row, "project")?,
        origin: text(&row, "origin")?,
        begun_at: read(&row, "begun_at")?,
        state: state(&row, now)?,
    }))
}

fn state(row: &Row, now: UnixMs) -> Result<CallState, Fault> {
    let lease_until: UnixMs = read(row, "lease_until")?;
    Ok(match read::<Option<&str>>(row, "outcome")? {
        Some(word) => CallState::Finished(outcome(word, row)?),
        None if now < lease_until => CallState::InProgress { lease_until },
        None => CallState::Unknown,
    })
}

const ANSWER: &str = "answer";
const FAILURES: [(CallFailure, &str); 5] = [
    (CallFailure::Network, "network"),
    (CallFailure::Forbidden, "forbidden"),
    (CallFailure::Timeout, "timeout"),
    (CallFailure::TooLarge, "too-large"),
    (CallFailure::BadJson, "bad-json"),
];

fn in_words(outcome: &CallOutcome) -> &'static str {
    match outcome {
        CallOutcome::Answer(_) => ANSWER,
        CallOutcome::Failed(CallFailure::Network) => "network",
        CallOutcome::Failed(CallFailure::Forbidden) => "forbidden",
        CallOutcome::Failed(CallFailure::Timeout) => "timeout",
        CallOutcome::Failed(CallFailure::TooLarge) => "too-large",
        CallOutcome::Failed(CallFailure::BadJson) => "bad-json",
    }
}

fn outcome(word: &str, row: &Row) -> Result<CallOutcome, Fault> {
    if word == ANSWER {
        let names: Vec<&str> = read(row, "header_names")?;
        let values: Vec<&str> = read(row, "header_values")?;
        let status = u16::try_from(read::<i32>(row, "status")?);
        return Ok(CallOutcome::Answer(Answer {
            status: status.map_err(|_| Fault::damaged("an answer's status is none"))?,
            headers: names.into_iter().map(restored).zip(values.into_iter().map(restored)).collect(),
            body: read(row, "body")?,
        }));
    }
    let failure = FAILURES.iter().find(|(_, known)| *known == word);
    let failure = failure.ok_or_else(|| Fault::damaged("a call has an outcome that is not known"))?;
    Ok(CallOutcome::Failed(failure.0))
}

/// Removes calls that are old, but not those that are being made.
pub(super) async fn retain(client: &Client, until: UnixMs, now: UnixMs, limit: i64) -> Result<u64, Fault> {
    let sql = "DELETE FROM cuehook.calls WHERE id = ANY (ARRAY(SELECT id FROM cuehook.calls
        WHERE begun_at <= $1 AND (outcome IS NOT NULL OR lease_until <= $2)
        ORDER BY begun_at LIMIT $3 FOR UPDATE SKIP LOCKED))";
    Ok(client.execute(&client.prepare_cached(sql).await?, &[&until, &now, &limit]).await?)
}
