//! Calls as a player makes them, and the same without a relay between.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::Result;

use crate::clock::{Clock, Phase};
use crate::events::micros;
use crate::ids::Ids;
use crate::plan::{Calls, Direct, Part, Plan};
use crate::wire::Wire;

/// Of direct calls beside there is one connection for so many.
const CONNECTIONS_FOR_ONE: usize = 16;

/// Which calls a connection makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Relayed,
    Direct,
    /// Both, in turn.
    InTurn {
        begins_direct: bool,
    },
}

impl Way {
    /// Of all connections. Of those that make both half begin with each.
    pub(crate) fn all(direct: Direct, connections: usize) -> Vec<Self> {
        match direct {
            Direct::InTurn => {
                (0..connections).map(|number| Way::InTurn { begins_direct: number % 2 == 1 }).collect()
            }
            Direct::Beside => [
                vec![Way::Relayed; connections],
                vec![Way::Direct; connections.div_ceil(CONNECTIONS_FOR_ONE)],
            ]
            .concat(),
        }
    }
}

/// One connection to the relay, one to the webhook, or both.
pub(crate) async fn run(plan: &Plan, task: &Calls, way: Way, mut ids: Ids, clock: &Clock) -> Result<Part> {
    let mut relay = Wire::connect(task.relay).await?;
    let mut receiver = Wire::connect(task.receiver).await?;
    let mut part = Part::default();
    let mut is_direct = matches!(way, Way::Direct | Way::InTurn { begins_direct: true });
    loop {
        if clock.phase() == Phase::Over {
            return Ok(part);
        }
        let id = ids.next_id();
        let body = body(&id, task.bytes, &mut ids);
        let request = if is_direct { direct(task, &id, &body) } else { relayed(task, &id, &body) };
        let wire = if is_direct { &mut receiver } else { &mut relay };
        let started = Instant::now();
        let response = wire.exchange(request.as_bytes()).await?;
        let took = micros(started.elapsed());
        let outcome = response.field("cuehook-outcome").to_owned();
        let is_well = response.status() == 200 && (is_direct || outcome == "answer");
        if !is_well {
            let status = response.status();
            part.refuse(status, if is_direct { "direct" } else { &outcome });
        }
        let counts = clock.phase() == Phase::Measured;
        if is_direct && is_well && counts {
            part.direct.push(took);
        } else if !is_direct && is_well {
            part.acknowledged += 1;
            part.last = Some(id);
            if counts {
                part.measured += 1;
                part.relayed.push(took);
            }
        }
        if matches!(way, Way::InTurn { .. }) {
            is_direct = !is_direct;
        }
        if plan.pause_ms > 0 {
            tokio::time::sleep(Duration::from_millis(plan.pause_ms)).await;
        }
    }
}

/// What players send, of about so many bytes.
fn body(id: &str, bytes: usize, ids: &mut Ids) -> String {
    let mut body = format!(
        "{{\"type\":\"webhook.executed\",\"id\":\"{id}\",\"timestamp\":\"2026-11-20T20:07:00.123Z\",\
         \"data\":{{\"webhook\":\"hook\",\"interactions\":[],\"note\":\""
    );
    let left = bytes.saturating_sub(body.len() + 3);
    ids.write_words(left, &mut body);
    body.push_str("\"}}");
    body
}

fn relayed(task: &Calls, id: &str, body: &str) -> String {
    let Calls { relay, webhook, token, origin, .. } = task;
    format!(
        "POST /v1/call/{webhook} HTTP/1.1\r\nhost: {relay}\r\nauthorization: Bearer {token}\r\norigin: {origin}\r\n{}{body}",
        fields(id, body)
    )
}

fn direct(task: &Calls, id: &str, body: &str) -> String {
    format!("POST /direct HTTP/1.1\r\nhost: {}\r\n{}{body}", task.receiver, fields(id, body))
}

/// What both have, and the end of the head.
fn fields(id: &str, body: &str) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    format!(
        "content-type: application/json\r\nwebhook-id: {id}\r\nidempotency-key: {id}\r\nwebhook-timestamp: {now}\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_the_connections_begin_with_each() {
        let ways = Way::all(Direct::InTurn, 16);
        let direct = ways.iter().filter(|way| **way == Way::InTurn { begins_direct: true }).count();
        assert_eq!((ways.len(), direct), (16, 8));
        let ways = Way::all(Direct::Beside, 256);
        let direct = ways.iter().filter(|way| **way == Way::Direct).count();
        assert_eq!((ways.len(), direct), (272, 16));
    }
}
