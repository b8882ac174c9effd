//! What became of a call: asked by a player after a reload, or because a connection broke.

use super::call::outcome_reply;
use super::machine::{Core, Now, Other, parties, refuse, reply};
use super::refusal;
use super::{Effect, Player, Reply, Ticket};
use crate::store::{Call, CallState, StoreError};
use uuid::Uuid;

/// Somebody who waits for what the store says.
#[derive(Debug)]
pub(super) struct Ask {
    pub(super) player: Player,
    /// It is no question but a call of this webhook, which is not known any more.
    pub(super) repeated: Option<String>,
}

impl Core {
    pub(super) fn asked(
        &mut self,
        now: Now,
        ticket: Ticket,
        id: Uuid,
        player: Player,
        effects: &mut Vec<Effect>,
    ) {
        if self.is_known(ticket) {
            return;
        }
        if let Err(refusal) = self.admit_other(now, &parties(&player), 0) {
            return refuse(ticket, refusal, effects);
        }
        // This relay makes it, or has made it and not stored it yet.
        if let Some(call) = self.own_call(id) {
            let answer = match call.is_of(&player.project, &player.origin) {
                true => call.standing(),
                false => Reply::Refused(refusal::unknown_call()),
            };
            return reply(ticket, answer, effects);
        }
        self.others.insert(ticket, Other::Ask(Ask { player, repeated: None }));
        effects.push(Effect::Find { ticket, id });
    }

    pub(super) fn found(
        &mut self,
        ticket: Ticket,
        result: Result<Option<Call>, StoreError>,
        effects: &mut Vec<Effect>,
    ) {
        let Some(Other::Ask(ask)) = self.others.get(&ticket) else { return };
        let answer = match result {
            Err(error) => Reply::Refused(refusal::unavailable(&error)),
            // Whether there is a call of somebody else under this id is nobody's business.
            Ok(Some(call)) if call.project == ask.player.project && call.origin == ask.player.origin => {
                match call.state {
                    // Of its bytes the store says nothing here, so they may be others.
                    _ if ask.repeated.as_ref().is_some_and(|webhook| *webhook != call.webhook) => {
                        Reply::Refused(refusal::id_reused())
                    }
                    CallState::Finished(outcome) => outcome_reply(outcome),
                    CallState::InProgress { .. } => Reply::Refused(refusal::in_progress()),
                    CallState::Unknown => Reply::Refused(refusal::outcome_unknown()),
                }
            }
            Ok(_) => Reply::Refused(match &ask.repeated {
                Some(webhook) => refusal::unknown_webhook(webhook),
                None => refusal::unknown_call(),
            }),
        };
        self.others.remove(&ticket);
        reply(ticket, answer, effects);
    }
}
