//! What a relay does, step by step. What holds in any order of steps is in the simulation.

mod calls;
mod events;
mod others;

use super::*;
use crate::config::{IncludeInteractions, Webhook};
use crate::store::{Accepted, Answer, Begun, CallFailure, CallOutcome, StoreError};
use cuehook_protocol::{RelayOutcome, Response};
use uuid::Uuid;

const START: Now = Now { wall_ms: 1_800_000_000_000, clock_ms: 5_000 };

fn webhook(id: &str, retries: u8) -> Webhook {
    Webhook {
        id: id.into(),
        name: id.into(),
        url: "https://shop.example/hook".into(),
        headers: Vec::new(),
        wait_for_response: true,
        include_interactions: IncludeInteractions::Unsaid,
        timeout_ms: 8_000,
        retries,
        projects: Vec::new(),
        events: vec!["lead.*".into()],
        ..Webhook::default()
    }
}

struct Driver {
    core: Core,
    now: Now,
}

impl Driver {
    fn new(limits: Limits) -> Self {
        let mut driver = Self { core: Core::new(limits, [1, 2, 3, 4]), now: START };
        let closed = Webhook { projects: vec!["other".into()], ..webhook("closed", 0) };
        let all = vec![webhook("shop", 1), webhook("once", 0), closed];
        assert_eq!(driver.tell(Input::Webhooks(all.into())), []);
        driver
    }

    fn tell(&mut self, input: Input) -> Vec<Effect> {
        let mut effects = Vec::new();
        self.core.handle(self.now, input, &mut effects);
        effects
    }

    fn pass(&mut self, ms: u32) {
        self.now =
            Now { wall_ms: self.now.wall_ms + i64::from(ms), clock_ms: self.now.clock_ms + u64::from(ms) };
    }

    fn call(&mut self, ticket: u64, request: CallRequest) -> Vec<Effect> {
        self.tell(Input::Call { ticket: Ticket(ticket), request })
    }

    fn ask(&mut self, ticket: u64, player: Player) -> Vec<Effect> {
        self.tell(Input::Ask { ticket: Ticket(ticket), id: id(1), player })
    }

    fn begun(&mut self, ticket: u64, begun: Begun) -> Vec<Effect> {
        self.tell(Input::Begun { ticket: Ticket(ticket), result: Ok(begun) })
    }

    fn attempted(&mut self, ticket: u64, attempt: u32, outcome: Attempted) -> Vec<Effect> {
        self.tell(Input::Attempted { ticket: Ticket(ticket), attempt, outcome })
    }

    fn finished(&mut self, ticket: u64, result: Result<bool, StoreError>) -> Vec<Effect> {
        self.tell(Input::Finished { ticket: Ticket(ticket), result })
    }

    /// A call that is being attempted for the first time.
    fn attempting(&mut self, ticket: u64, request: CallRequest) {
        assert!(matches!(*self.call(ticket, request), [Effect::Begin { .. }]));
        assert!(matches!(*self.begun(ticket, Begun::New), [Effect::Attempt { attempt: 1, .. }]));
    }
}

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn player() -> Player {
    Player { project: "p".into(), origin: "https://page.example".into(), address: "192.0.2.1".into() }
}

fn request() -> CallRequest {
    CallRequest {
        id: id(1),
        request_id: id(1),
        webhook: "shop".into(),
        body: "{}".into(),
        budget_ms: None,
        player: player(),
    }
}

fn response(status: u16, body: &str) -> Attempted {
    Attempted::Response(Response { status, body: body.into(), ..Response::default() })
}

fn away() -> StoreError {
    StoreError::Unavailable("postgres://relay:secret@db.example".into())
}

fn refused(effects: &[Effect]) -> RelayOutcome {
    match effects {
        [Effect::Reply { reply: Reply::Refused(refusal), .. }] => refusal.outcome,
        other => panic!("not refused: {other:?}"),
    }
}

/// What a call that has ended is answered with, and that it is stored.
fn answered(effects: &[Effect]) -> CallOutcome {
    let [Effect::Reply { reply, .. }, Effect::Finish { outcome, .. }] = effects else {
        panic!("not answered: {effects:?}")
    };
    assert_eq!(call_reply(outcome.clone()), *reply);
    outcome.clone()
}

fn call_reply(outcome: CallOutcome) -> Reply {
    match outcome {
        CallOutcome::Answer(answer) => Reply::Answer(answer),
        CallOutcome::Failed(failure) => Reply::Failed(failure),
    }
}
