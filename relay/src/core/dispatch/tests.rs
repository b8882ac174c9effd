//! What deliveries do, step by step. What holds in any order of steps is in the simulation.

use super::*;
use crate::config::Webhook;
use crate::core::Now;
use crate::store::{Becomes, Claimed, DeliveryId, Fence, Settled, StoreError, WebhookHealth};
use cuehook_protocol::Response;
use uuid::Uuid;

const START: Now = Now { wall_ms: 1_800_000_000_000, clock_ms: 5_000 };
const HOUR_MS: u64 = 3_600_000;

struct Driver {
    dispatch: Dispatch,
    now: Now,
    last: i64,
}

impl Driver {
    /// With these webhooks, of which nothing is known.
    fn new(limits: Limits, ids: &[&str]) -> Self {
        let mut driver = Self { dispatch: Dispatch::new(limits, [1, 2, 3, 4]), now: START, last: 0 };
        let webhook =
            |id: &&str| Webhook { id: (*id).into(), events: vec!["endpoint.*".into()], ..Webhook::default() };
        let webhooks = Some(ids.iter().map(webhook).collect());
        let known = Known {
            webhooks,
            renewed: Vec::new(),
            health: Some(Vec::new()),
            wall_ms: START.wall_ms,
            clock_ms: START.clock_ms,
        };
        driver.tell(Input::Known(known));
        driver
    }

    fn tell(&mut self, input: Input) -> Vec<Effect> {
        let mut effects = Vec::new();
        self.dispatch.handle(self.now, input, &mut effects);
        effects
    }

    fn pass(&mut self, ms: u64) {
        self.now = Now { wall_ms: self.now.wall_ms + ms as i64, clock_ms: self.now.clock_ms + ms };
    }

    fn claimed(&mut self, webhook: &str) -> Claimed {
        self.last += 1;
        Claimed {
            id: DeliveryId(self.last),
            fence: Fence(self.last),
            event: Uuid::from_u128(self.last as u128),
            kind: "cart.added".into(),
            project: String::new(),
            body: "{}".into(),
            webhook: webhook.into(),
            attempts: 0,
            replayed_after: None,
            taken_at: START.wall_ms - 1,
        }
    }

    /// What was asked for last is answered with so many deliveries; what is sent.
    fn give(&mut self, webhook: &str, count: usize) -> Vec<Effect> {
        let claimed = (0..count).map(|_| self.claimed(webhook)).collect();
        let op = self.claim();
        self.tell(Input::Claimed { op, result: Ok(claimed) })
    }

    /// The number of the claim that is under way.
    fn claim(&self) -> u64 {
        self.dispatch.claims.op().unwrap()
    }

    fn sent(&mut self, op: u64, status: u16) -> Vec<Effect> {
        let end = End::Answered(Response { status, ..Response::default() });
        self.tell(Input::Sent { op, sent: Sent { took_ms: 1, end } })
    }

    fn late(&mut self, op: u64) -> Vec<Effect> {
        let end = End::Failed { is_late: true, fault: "no answer in time".into() };
        self.tell(Input::Sent { op, sent: Sent { took_ms: 30_000, end } })
    }
}

fn sends(effects: &[Effect]) -> Vec<u64> {
    let sends = effects.iter().filter_map(|effect| match effect {
        Effect::Send(sending) => Some(sending.op),
        _ => None,
    });
    sends.collect()
}

fn settles(effects: &[Effect]) -> Option<(u64, usize)> {
    effects.iter().find_map(|effect| match effect {
        Effect::Settle { op, settlements } => Some((*op, settlements.len())),
        _ => None,
    })
}

#[test]
fn an_endpoint_is_given_more_while_it_does_well_and_one_at_a_time_when_it_does_not_answer() {
    let mut driver = Driver::new(Limits::default(), &["a"]);
    let mut under_way = sends(&driver.give("a", 10));
    assert_eq!(under_way.len(), 2, "it begins with two");
    for expected in 3..=8 {
        let op = under_way.remove(0);
        under_way.extend(sends(&driver.sent(op, 200)));
        assert_eq!(
            under_way.len(),
            expected.min(10 - (expected - 2)),
            "one more each time, while there are some"
        );
    }
    let mut driver = Driver::new(Limits::default(), &["a"]);
    let under_way = sends(&driver.give("a", 10));
    driver.pass(30_000);
    assert_eq!(
        sends(&driver.late(under_way[0])).len(),
        0,
        "one is still under way, and more it does not get"
    );
    driver.late(under_way[1]);
    driver.tell(Input::Stirred);
    assert_eq!(sends(&driver.give("a", 10)).len(), 1);
}

#[test]
fn what_has_ended_meanwhile_is_written_down_together() {
    let mut driver = Driver::new(Limits::default(), &["a", "b", "c"]);
    let op = driver.claim();
    let claimed = ["a", "a", "b", "b", "c", "c"].map(|webhook| driver.claimed(webhook)).to_vec();
    let under_way = sends(&driver.tell(Input::Claimed { op, result: Ok(claimed) }));
    assert_eq!(under_way.len(), 6);
    let (first, count) = settles(&driver.sent(under_way[0], 200)).unwrap();
    assert_eq!(count, 1);
    for op in &under_way[1..] {
        assert_eq!(settles(&driver.sent(*op, 200)), None, "one is under way");
    }
    let failed = Err(StoreError::Unavailable("away".into()));
    assert_eq!(settles(&driver.tell(Input::Settled { op: first, result: failed })), None);
    driver.pass(200);
    let (again, count) = settles(&driver.tell(Input::Rang)).unwrap();
    assert_eq!(count, 1, "the same once more");
    let (_, count) =
        settles(&driver.tell(Input::Settled { op: again, result: Ok(vec![Settled::Yes]) })).unwrap();
    assert_eq!(count, 5);
}

#[test]
fn what_is_held_for_long_is_renewed_and_what_was_lost_is_not_sent() {
    let mut driver = Driver::new(Limits { per_webhook: 4, ..Limits::default() }, &["a"]);
    driver.give("a", 2);
    driver.pass(23_000);
    let renewed = driver.tell(Input::Rang).into_iter().find_map(|effect| match effect {
        Effect::Renew { op, held, until } => Some((op, held.len(), until)),
        _ => None,
    });
    let (op, count, until) = renewed.unwrap();
    assert_eq!((count, until), (2, driver.now.wall_ms + 45_000));
    driver.tell(Input::Renewed { op, result: Ok(vec![DeliveryId(1)]) });
    assert_eq!(driver.dispatch.figures(driver.now.clock_ms).under_way, 2, "what is under way ends by itself");
}

#[test]
fn a_delivery_that_is_claimed_anew_because_a_clock_was_set_is_not_sent_twice() {
    let mut driver = Driver::new(Limits::default(), &["a"]);
    let [op] = sends(&driver.give("a", 1))[..] else { panic!("it is sent") };
    driver.now.wall_ms += 100_000;
    driver.tell(Input::Stirred);
    let again = Claimed { fence: Fence(77), id: DeliveryId(1), ..driver.claimed("a") };
    let claim = driver.claim();
    let effects = driver.tell(Input::Claimed { op: claim, result: Ok(vec![again]) });
    assert!(sends(&effects).is_empty());
    let effects = driver.sent(op, 200);
    let settled = effects.iter().find_map(|effect| match effect {
        Effect::Settle { settlements, .. } => Some(settlements[0].clone()),
        _ => None,
    });
    let settled = settled.unwrap();
    assert_eq!((settled.fence, settled.becomes), (Fence(77), Becomes::Delivered));
}

#[test]
fn failing_is_told_step_by_step_until_the_endpoint_is_disabled() {
    let mut driver =
        Driver::new(Limits { disable_after_ms: 100 * HOUR_MS, ..Limits::default() }, &["a", "ops"]);
    let mut told = Vec::new();
    for hour in 0..120 {
        driver.tell(Input::Stirred);
        let mut effects = driver.give("a", 1);
        for op in sends(&effects) {
            // What goes wrong changes all the time; that alone is not told.
            effects.extend(driver.sent(op, [500, 503][hour % 2]));
        }
        for effect in effects {
            match effect {
                Effect::PutHealth { op, becomes, events, .. } => {
                    let about: Vec<&str> =
                        events[0].deliveries.iter().map(|it| it.webhook.as_str()).collect();
                    assert_eq!(about, ["ops"], "nobody is told of itself");
                    told.push((events[0].kind.clone(), becomes.warned));
                    driver.tell(Input::HealthPut { op, result: Ok(true) });
                }
                Effect::Settle { op, settlements } => {
                    driver.tell(Input::Settled { op, result: Ok(vec![Settled::Yes; settlements.len()]) });
                }
                _ => {}
            }
        }
        driver.pass(HOUR_MS);
    }
    let told: Vec<(&str, u8)> = told.iter().map(|(kind, warned)| (kind.as_str(), *warned)).collect();
    let failing = "endpoint.failing";
    assert_eq!(told, [(failing, 50), (failing, 70), (failing, 90), ("endpoint.disabled", 90)]);
    assert_eq!(driver.dispatch.figures(driver.now.clock_ms).disabled, 1);
}

#[test]
fn a_clock_that_is_set_forward_disables_nobody() {
    let mut driver = Driver::new(Limits::default(), &["a"]);
    let [op] = sends(&driver.give("a", 1))[..] else { panic!("it is sent") };
    driver.sent(op, 500);
    driver.now.wall_ms += 1_000 * HOUR_MS as i64;
    driver.tell(Input::Stirred);
    let [op] = sends(&driver.give("a", 1))[..] else { panic!("it is sent") };
    let effects = driver.sent(op, 500);
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::PutHealth { .. })), "{effects:?}");
}

#[test]
fn a_disabled_webhook_gets_replays_alone() {
    let mut driver = Driver::new(Limits::default(), &["a"]);
    let health =
        WebhookHealth { disabled_at: Some(1), disabled_reason: "it fails".into(), ..WebhookHealth::of("a") };
    let known = Known {
        webhooks: None,
        renewed: Vec::new(),
        health: Some(vec![health]),
        wall_ms: driver.now.wall_ms,
        clock_ms: driver.now.clock_ms,
    };
    driver.tell(Input::Known(known));
    let replayed = Claimed { attempts: 13, replayed_after: Some(13), ..driver.claimed("a") };
    let (op, other) = (driver.claim(), driver.claimed("a"));
    let effects = driver.tell(Input::Claimed { op, result: Ok(vec![replayed, other]) });
    let [op] = sends(&effects)[..] else { panic!("{effects:?}") };
    let skipped = effects.iter().find_map(|effect| match effect {
        Effect::Settle { settlements, .. } => Some(settlements[0].becomes.clone()),
        _ => None,
    });
    assert_eq!(skipped, Some(Becomes::Skipped("the webhook was disabled: it fails".into())));
    let effects = driver.sent(op, 410);
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::PutHealth { .. })), "{effects:?}");
}

#[test]
fn a_relay_that_is_to_end_gives_back_what_it_has_not_begun() {
    let mut driver = Driver::new(Limits::default(), &["a"]);
    let under_way = sends(&driver.give("a", 5));
    let effects = driver.tell(Input::Drain);
    let (op, count) = settles(&effects).unwrap();
    assert_eq!(count, 3);
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Claim { .. })));
    driver.tell(Input::Settled { op, result: Ok(vec![Settled::Yes; 3]) });
    let (op, _) = settles(&driver.sent(under_way[0], 200)).unwrap();
    driver.sent(under_way[1], 200);
    let effects = driver.tell(Input::Settled { op, result: Ok(vec![Settled::Yes]) });
    let (op, _) = settles(&effects).unwrap();
    let effects = driver.tell(Input::Settled { op, result: Ok(vec![Settled::Yes]) });
    assert!(effects.contains(&Effect::Drained), "{effects:?}");
}

#[test]
fn replays_say_nothing_of_how_an_endpoint_is_doing() {
    let mut driver = Driver::new(Limits::default(), &["a"]);
    let replayed = Claimed { attempts: 1, replayed_after: Some(1), ..driver.claimed("a") };
    let op = driver.claim();
    let [op] = sends(&driver.tell(Input::Claimed { op, result: Ok(vec![replayed]) }))[..] else {
        panic!("it is sent")
    };
    let effects = driver.sent(op, 410);
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::PutHealth { .. })), "{effects:?}");
}

#[test]
fn what_was_under_way_when_an_endpoint_was_disabled_does_not_say_that_it_works() {
    let mut driver = Driver::new(Limits::default(), &["a"]);
    let [op] = sends(&driver.give("a", 1))[..] else { panic!("it is sent") };
    let health = WebhookHealth { failing_since: Some(1), disabled_at: Some(2), ..WebhookHealth::of("a") };
    let Now { wall_ms, clock_ms } = driver.now;
    driver.tell(Input::Known(Known {
        webhooks: None,
        renewed: Vec::new(),
        health: Some(vec![health]),
        wall_ms,
        clock_ms,
    }));
    let effects = driver.sent(op, 200);
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::PutHealth { .. })), "{effects:?}");
}

/// A webhook that has let nobody in, and is left alone therefore.
fn paused() -> Driver {
    let mut driver = Driver::new(Limits::default(), &["a"]);
    let [op] = sends(&driver.give("a", 1))[..] else { panic!("it is sent") };
    let effects = driver.sent(op, 401);
    let put = effects.iter().find_map(|effect| match effect {
        Effect::PutHealth { op, .. } => Some(*op),
        _ => None,
    });
    driver.tell(Input::HealthPut { op: put.unwrap(), result: Ok(true) });
    assert_eq!(driver.dispatch.figures(driver.now.clock_ms).paused, 1);
    driver.pass(1_000);
    driver
}

#[test]
fn what_was_mended_is_tried_at_once() {
    // New secrets change no settings.
    for renewed in [&["a"][..], &[]] {
        let mut driver = paused();
        let webhooks = Some([Webhook { id: "a".into(), ..Webhook::default() }].into());
        let renewed = renewed.iter().map(|&id| id.to_owned()).collect::<Vec<_>>();
        let is_paused = renewed.is_empty();
        let Now { wall_ms, clock_ms } = driver.now;
        driver.tell(Input::Known(Known { webhooks, renewed, health: None, wall_ms, clock_ms }));
        assert_eq!(driver.dispatch.figures(clock_ms).paused, usize::from(is_paused));
    }
    // Somebody says that it works, or another relay has seen it.
    let mut driver = paused();
    let Now { wall_ms, clock_ms } = driver.now;
    let health = Some(vec![WebhookHealth::of("a")]);
    driver.tell(Input::Known(Known { webhooks: None, renewed: Vec::new(), health, wall_ms, clock_ms }));
    assert_eq!(driver.dispatch.figures(clock_ms).paused, 0);
    assert_eq!(sends(&driver.give("a", 5)).len(), 2, "it begins anew");
}

#[test]
fn whoever_lets_nobody_in_is_asked_by_one_request_at_a_time() {
    let mut driver = paused();
    driver.pass(Limits::default().pause_ms);
    driver.tell(Input::Stirred);
    assert_eq!(sends(&driver.give("a", 5)).len(), 1);
}

#[test]
fn whoever_is_sent_too_much_has_a_rest() {
    let mut driver = Driver::new(Limits::default(), &["a"]);
    let [op] = sends(&driver.give("a", 1))[..] else { panic!("it is sent") };
    driver.sent(op, 429);
    driver.tell(Input::Stirred);
    assert_eq!(sends(&driver.give("a", 5)).len(), 0);
    driver.pass(Limits::default().breather_ms);
    driver.tell(Input::Stirred);
    assert_eq!(sends(&driver.give("a", 5)).len(), 1);
}

#[test]
fn whoever_lets_nobody_in_for_a_day_is_disabled() {
    let mut driver = paused();
    let mut disabled_after = None;
    for probe in 1..=150_u64 {
        driver.pass(Limits::default().pause_ms);
        driver.tell(Input::Stirred);
        let sent = sends(&driver.give("a", 1));
        let effects: Vec<Effect> = sent.into_iter().flat_map(|op| driver.sent(op, 403)).collect();
        let put = effects.iter().find_map(|effect| match effect {
            Effect::PutHealth { op, becomes, .. } => Some((*op, becomes.disabled_at.is_some())),
            _ => None,
        });
        if let Some((op, is_disabled)) = put {
            driver.tell(Input::HealthPut { op, result: Ok(true) });
            if is_disabled {
                disabled_after = Some(probe);
                break;
            }
        }
    }
    assert_eq!(disabled_after, Some(144), "one each ten minutes");
}
