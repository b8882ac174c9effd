//! The engine's timers on `setTimeout`.

use super::link::Link;
use super::timeout::Timeout;
use crate::engine::{Input, Timer};
use std::cell::RefCell;
use std::rc::Rc;
use web_sys::Window;

/// The timers that run.
#[derive(Debug)]
pub struct Timers {
    window: Window,
    running: Rc<RefCell<Running>>,
}

type Running = Vec<(Timer, Timeout)>;

impl Timers {
    /// No timer runs yet.
    pub fn new(window: Window) -> Timers {
        Timers { window, running: Rc::default() }
    }

    /// Starts a timer, or starts it anew.
    pub fn start(&self, timer: Timer, after_ms: f64, link: &Link) {
        self.stop(timer);
        let (link, running) = (link.clone(), Rc::downgrade(&self.running));
        let timeout = Timeout::new(&self.window, after_ms, move || {
            if let Some(running) = running.upgrade() {
                stop(&running, timer);
            }
            link.input(Input::Timer(timer));
        });
        self.running.borrow_mut().push((timer, timeout));
    }

    /// Stops a timer.
    pub fn stop(&self, timer: Timer) {
        stop(&self.running, timer);
    }

    /// Stops all timers.
    pub fn clear(&self) {
        let stopped = self.running.take();
        drop(stopped);
    }
}

fn stop(running: &RefCell<Running>, timer: Timer) {
    let mut running = running.borrow_mut();
    let stopped = running.iter().position(|(other, _)| *other == timer).map(|at| running.swap_remove(at));
    drop(running);
    drop(stopped);
}
