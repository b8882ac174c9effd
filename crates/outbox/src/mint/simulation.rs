//! Players and viewers by chance, and a record of what they have really played: what events say must agree with it.

mod player;

use super::*;
use player::Player;
use serde_json::{Value, json};

/// Chance.
struct Dice(IdSource);

impl Dice {
    fn new(seed: u64) -> Self {
        Self(IdSource::new([2, (seed + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15), 3, 4]))
    }

    fn between(&mut self, from: f64, to: f64) -> f64 {
        from + self.0.unit() * (to - from)
    }

    fn one_in(&mut self, number: usize) -> bool {
        self.0.unit() * (number as f64) < 1.0
    }

    fn below(&mut self, number: usize) -> usize {
        (self.0.unit() * number as f64) as usize
    }
}

fn source(now: Moment) -> Source {
    let project = json!({"cuehook": 1, "video": {"id": "film"}, "webhooks": [
        {"id": "all", "url": "https://a.example/", "events": ["*"]}]});
    let resolve = |url: &str| Some(url.to_owned());
    let page = Page { address: "https://page.example/", allow_origins: None, relay: None, resolve: &resolve };
    Source::new(project.to_string(), "", &page, [5, 6, 7, 8], now)
}

/// What was heard of the view that runs.
struct Heard {
    view: String,
    milestones: Vec<u64>,
    /// Seconds that the last progress told.
    told: f64,
    /// The record that a crash would leave.
    kept: Option<String>,
}

/// A visit: a player, whoever watches, and what the events say.
struct Visit {
    dice: Dice,
    player: Player,
    source: Source,
    heard: Option<Heard>,
    /// Ids of views that have ended, and of the events that said so.
    ended: Vec<(String, String)>,
    /// What the last view that ended was.
    last: Option<Value>,
    seed: u64,
}

impl Visit {
    fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let player = Player::new(&mut dice);
        let source = source(player.now());
        Self { dice, player, source, heard: None, ended: Vec::new(), last: None, seed }
    }

    /// Hands over what the player has reported.
    fn pass_on(&mut self) {
        for (report, now) in std::mem::take(&mut self.player.reports) {
            let inputs = self.source.media(&report, now);
            self.hear(inputs);
        }
    }

    fn hear(&mut self, inputs: Vec<Input>) {
        for input in inputs {
            match input {
                Input::Record { event, .. } => self.hear_event(&event),
                Input::View { id, record } => {
                    let heard = self.heard.as_mut().expect("only a view that runs is kept");
                    assert_eq!(id, heard.view);
                    heard.kept = Some(record);
                }
                other => panic!("{other:?}"),
            }
        }
    }

    fn hear_event(&mut self, event: &Minted) {
        let data: Value =
            serde_json::from_str(&["{\"view\":", &event.view, &event.more, "}"].concat()).unwrap();
        let view = data["view"]["id"].as_str().unwrap().to_owned();
        match &*event.kind {
            "view.started" => {
                assert!(self.heard.is_none(), "seed {}: a view starts while another runs", self.seed);
                assert!(
                    self.ended.iter().all(|(id, _)| *id != view),
                    "seed {}: a replay is a new view",
                    self.seed
                );
                self.player.begun();
                self.heard = Some(Heard { view, milestones: Vec::new(), told: 0.0, kept: None });
            }
            "view.progressed" => {
                let heard = self.heard.as_mut().expect("a view that runs");
                let progress = &data["progress"];
                let seconds = progress["seconds"].as_f64().unwrap();
                match progress["milestone"].as_u64() {
                    Some(milestone) => {
                        assert!(heard.milestones.last().is_none_or(|last| *last < milestone));
                        assert!(progress["percent"].as_f64().unwrap() >= milestone as f64 - 0.001);
                        heard.milestones.push(milestone);
                    }
                    None => assert!(seconds - heard.told >= 9.99, "seed {}: {seconds}", self.seed),
                }
                heard.told = seconds;
            }
            "view.ended" => {
                let heard = self.heard.take().expect("a view that runs");
                assert_eq!(view, heard.view);
                self.player.check(&data, &heard.milestones, self.seed);
                if let Some(record) = &heard.kept {
                    let recovered = recovered(record, self.player.now()).unwrap();
                    assert_eq!(recovered.id, event.id, "seed {}: under the same id after a crash", self.seed);
                    assert!(recovered.at_ms <= event.at_ms.max(self.player.now().wall_ms));
                }
                assert!(self.ended.iter().all(|(_, id)| *id != event.id));
                self.ended.push((view, event.id.clone()));
                assert_eq!(event.kept_view, Some((heard.view, None)));
                self.last = Some(data);
                return;
            }
            other => panic!("{other}"),
        }
        if let (Some((id, record)), Some(heard)) = (&event.kept_view, &mut self.heard) {
            assert_eq!(*id, heard.view);
            heard.kept.clone_from(record);
        }
    }

    fn end(&mut self, reason: EndReason) {
        self.player.interrupted();
        let inputs = self.source.end(reason, self.player.now());
        self.hear(inputs);
    }

    /// The viewer does something, or something happens.
    fn act(&mut self) {
        let Self { dice, player, .. } = self;
        match dice.below(16) {
            0 | 1 => player.toggle(),
            2 | 3 => {
                let to = dice.between(0.0, player.seekable());
                player.seek(to, dice);
            }
            4 => player.drag(dice),
            5 => player.seek((player.time - dice.between(0.0, 15.0)).max(0.0), dice),
            6 => player.set_rate([0.25, 0.5, 1.0, 1.0, 1.5, 2.0, 4.0][dice.below(7)]),
            7 => player.hide(),
            8 => player.stall(dice.between(0.1, 8.0)),
            9 => player.sleep(dice),
            10 => player.wall_ms += dice.between(-1e8, 1e8),
            11 if dice.one_in(3) => player.switch_quality(),
            12 if dice.one_in(4) => player.is_loop = !player.is_loop,
            13 if dice.one_in(4) => {
                self.end(EndReason::Left);
                self.player.toggle_visibility();
            }
            14 if dice.one_in(3) => player.stretch(dice),
            15 if dice.one_in(6) => player.load_other(dice),
            _ => player.play(),
        }
        self.pass_on();
    }

    fn run(&mut self, seconds: f64) {
        let mut next = 0.0;
        let end = self.player.elapsed + seconds;
        while self.player.elapsed < end {
            if self.player.elapsed >= next {
                self.act();
                next = self.player.elapsed + self.dice.between(0.05, 40.0);
            }
            self.player.tick(&mut self.dice);
            self.pass_on();
        }
        self.end(EndReason::Destroyed);
        assert!(self.heard.is_none(), "seed {}: every view ends", self.seed);
    }
}

#[test]
fn events_agree_with_what_was_played() {
    let mut views = 0;
    for seed in 0..400 {
        let mut visit = Visit::new(seed);
        visit.run(600.0);
        views += visit.ended.len();
    }
    assert!(views > 800, "{views}");
}
