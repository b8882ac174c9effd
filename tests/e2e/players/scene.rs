//! One player on the page for tests, and the gestures of its viewer.

use super::rows::{Row, Verdict};
use crate::page::{Page, pause};
use fantoccini::actions::InputSource;
use fantoccini::actions::{Actions, MouseActions, PointerAction, TouchActions};
use serde_json::Value;
use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;
use std::time::{Duration, Instant};

/// What happened otherwise than it should.
pub type Outcome = std::result::Result<Verdict, String>;

/// How long something may take that must happen.
const PATIENCE: Duration = Duration::from_secs(30);

/// Which of the two starts first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The player.
    Before,
    /// Cuehook.
    After,
}

impl Order {
    pub const ALL: [Order; 2] = [Order::Before, Order::After];

    pub fn name(self) -> &'static str {
        match self {
            Order::Before => "before",
            Order::After => "after",
        }
    }
}

/// A player on a page, over which rows are tried one after the other.
pub struct Scene<'page> {
    pub page: &'page Page,
    pub player: &'static str,
    pub order: Order,
    /// What `attach` is given (see page.js); a `<cue-hook>` holds the player without this.
    given: Option<&'static str>,
    /// What is played, once a page is open: nothing, or the name of a stream.
    open: RefCell<Option<&'static str>>,
    /// The last gesture: a second one right after it would be a double click.
    last: Cell<Option<Instant>>,
}

impl<'page> Scene<'page> {
    pub fn new(page: &'page Page, player: &'static str, order: Order) -> Self {
        Scene { page, player, order, given: None, open: RefCell::default(), last: Cell::new(None) }
    }

    /// Without `<cue-hook>`: `attach` is given the player's object, or an adapter of it.
    pub fn attached(page: &'page Page, player: &'static str, given: &'static str) -> Self {
        Scene { given: Some(given), ..Scene::new(page, player, Order::Before) }
    }

    /// Tries a row. After one that fails the page is opened anew: the next one shall not suffer from it.
    pub async fn attempt(&self, row: Row) -> Verdict {
        let outcome = caught(row.run(self)).await.and_then(|outcome| outcome);
        let outcome = match outcome {
            Ok(verdict) => self.problems().await.map_or(verdict, Verdict::Failed),
            Err(why) => Verdict::Failed(why),
        };
        if matches!(outcome, Verdict::Failed(_)) || row.leaves_nothing() {
            self.open.replace(None);
        }
        outcome
    }

    /// What Cuehook itself has complained of.
    async fn problems(&self) -> Option<String> {
        let script =
            "return (globalThis.seen?.problems ?? []).filter((text) => /cuehook/.test(text)).join('; ')";
        let text = self.page.run(script).await;
        text.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// Opens the page unless it is open with this; says whether it was opened.
    pub async fn open(&self, stream: &'static str) -> std::result::Result<(), String> {
        if *self.open.borrow() == Some(stream) {
            return Ok(());
        }
        self.open.replace(None);
        self.reopen(stream).await
    }

    /// Opens the page anew.
    pub async fn reopen(&self, stream: &'static str) -> std::result::Result<(), String> {
        let hook = self.page.hook("hold=1").replace('&', "%26").replace('?', "%3F");
        let (player, order) = (self.player, self.order.name());
        let by = self.given.map(|given| format!("&by={given}")).unwrap_or_default();
        let path =
            format!("/tests/players/page.html?player={player}&order={order}&stream={stream}&hook={hook}{by}");
        self.page.open(&path).await;
        let state = self
            .wait("return globalThis.players && players.state !== 'loading' && players.state", "the page")
            .await?;
        if state != "ready" {
            return Err(format!("the page: {}", state.as_str().unwrap_or_default()));
        }
        self.wait("return (players.media?.readyState ?? 4) >= 1 && players.target('mouse').x", "the areas")
            .await?;
        self.open.replace(Some(stream));
        Ok(())
    }

    /// Runs the body of a function in the page until it returns something true.
    pub async fn wait(&self, script: &str, what: &str) -> std::result::Result<Value, String> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let value = self.ask(script).await?;
            if !matches!(value, Value::Null | Value::Bool(false)) && value != 0 && value != "" {
                return Ok(value);
            }
            if Instant::now() > deadline {
                return Err(format!("waited in vain for {what}"));
            }
            pause(25).await;
        }
    }

    /// Runs the body of a function in the page.
    pub async fn ask(&self, script: &str) -> std::result::Result<Value, String> {
        let client = self.page.client();
        client.execute(script, Vec::new()).await.map_err(|error| {
            let text = error.to_string();
            format!("`{script}`: {}", text.lines().next().unwrap_or_default())
        })
    }

    /// Waits until what `script` gives is no error any more, and gives the point in it. What covers an element for a
    /// moment only (a spinner, a fade) is no fault.
    pub async fn point(&self, script: &str) -> std::result::Result<(f64, f64), String> {
        let deadline = Instant::now() + Duration::from_secs(4);
        // A player that hides its controls meanwhile would hide what was wrong, too.
        let mut first = None;
        loop {
            let value = self.ask(script).await?;
            let Some(why) = value["error"].as_str() else {
                let number = |name: &str| value[name].as_f64().ok_or(format!("no point: {value}"));
                return Ok((number("x")?, number("y")?));
            };
            let first = first.get_or_insert_with(|| why.to_owned());
            if Instant::now() > deadline {
                return Err(first.clone());
            }
            pause(50).await;
        }
    }

    /// The middle of an element of the project, once it is what is hit there.
    pub async fn target(&self, id: &str) -> std::result::Result<(f64, f64), String> {
        self.point(&format!("return players.target({id:?})")).await
    }

    async fn perform(&self, actions: impl Into<Actions>) -> std::result::Result<(), String> {
        self.page.client().perform_actions(actions).await.map_err(|error| error.to_string())
    }

    /// Moves the mouse there, by way of somewhere else, so that it does move.
    pub async fn hover(&self, (x, y): (f64, f64)) -> std::result::Result<(), String> {
        let to = |x, y| PointerAction::MoveTo { duration: None, x, y };
        self.perform(MouseActions::new("mouse".into()).then(to(x + 9.0, y - 9.0)).then(to(x, y))).await
    }

    /// Presses and releases the mouse button there, so many times in a row.
    pub async fn click(&self, (x, y): (f64, f64), times: usize) -> std::result::Result<(), String> {
        let to = PointerAction::MoveTo { duration: None, x, y };
        let mut mouse = MouseActions::new("mouse".into()).then(to);
        for _ in 0..times {
            mouse = mouse.then(PointerAction::Down { button: 0 }).then(PointerAction::Up { button: 0 });
        }
        self.perform(mouse).await
    }

    /// A finger touches that place.
    pub async fn tap(&self, (x, y): (f64, f64)) -> std::result::Result<(), String> {
        let to = PointerAction::MoveTo { duration: None, x, y };
        let finger = TouchActions::new("finger".into()).then(to);
        let finger = finger.then(PointerAction::Down { button: 0 }).then(PointerAction::Up { button: 0 });
        self.perform(finger).await
    }

    /// Lets so much time pass that a click on the same area is no double click.
    pub async fn settle(&self) {
        if let Some(last) = self.last.get() {
            let wait = Duration::from_millis(crate::page::NO_DOUBLE_CLICK).saturating_sub(last.elapsed());
            tokio::time::sleep(wait).await;
        }
        self.last.set(Some(Instant::now()));
    }

    /// How often an element has been activated.
    pub async fn activations(&self, id: &str) -> std::result::Result<u64, String> {
        let count = self.ask(&format!("return players.activations({id:?})")).await?;
        count.as_u64().ok_or(format!("no count: {count}"))
    }

    /// Forgets what has happened, and notes it from now on.
    pub async fn forget(&self) -> std::result::Result<(), String> {
        self.ask("players.note(); happened.length = 0").await.map(drop)
    }

    /// Fails if any of these has happened to the media element or the window.
    pub async fn none_of(&self, names: &[&str], after: &str) -> std::result::Result<(), String> {
        let happened = self.ask("return happened").await?;
        let unwanted: Vec<&str> =
            happened.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        match unwanted.iter().find(|name| names.contains(name)) {
            Some(name) => Err(format!("{after}: `{name}` happened ({})", unwanted.join(", "))),
            None => Ok(()),
        }
    }

    /// Plays it by script, from the beginning if it has come far.
    pub async fn play(&self) -> std::result::Result<(), String> {
        self.ask(
            "const media = players.media; players.note(); media.muted = true;
            if (media.ended || media.currentTime > 8) media.currentTime = 1;
            players.from = media.currentTime;
            Promise.resolve(media.play()).catch(() => {})",
        )
        .await?;
        // It is so far only when its time moves: its events have been told of then.
        let script = "const media = players.media;
            return media && !media.paused && !media.seeking && media.currentTime > players.from";
        self.wait(script, "it to play").await?;
        Ok(())
    }

    /// Pauses it by script.
    pub async fn stop(&self) -> std::result::Result<(), String> {
        self.ask("players.media.pause()").await?;
        let script = "return new Promise((tell) => setTimeout(() => tell(players.media.paused), 60))";
        self.wait(script, "it to stand").await?;
        Ok(())
    }
}

/// What a future gives; its panic is a failure like others.
async fn caught<T>(future: impl Future<Output = T>) -> std::result::Result<T, String> {
    let mut future = pin!(future);
    poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(value)) => Poll::Ready(Ok(value)),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            Poll::Ready(Err(text.unwrap_or_else(|| "a panic".to_owned())))
        }
    })
    .await
}
