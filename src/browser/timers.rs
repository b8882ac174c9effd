//! The engine's timers on `setTimeout`.

use super::runtime::Link;
use crate::engine::{Input, Timer};
use std::cell::RefCell;
use std::fmt;
use wasm_bindgen::prelude::*;
use web_sys::Window;

/// A call that is due once; dropping it cancels it.
pub struct Timeout {
    window: Window,
    id: Option<i32>,
    _closure: Closure<dyn Fn()>,
}

impl Timeout {
    /// Calls back after so many milliseconds.
    pub fn new(window: &Window, after_ms: f64, callback: impl Fn() + 'static) -> Timeout {
        let closure = Closure::<dyn Fn()>::new(callback);
        // Browsers take a signed 32-bit number; more would ring at once.
        #[allow(clippy::cast_possible_truncation)]
        let delay = after_ms.max(0.0).min(f64::from(i32::MAX)).ceil() as i32;
        let id = window
            .set_timeout_with_callback_and_timeout_and_arguments_0(closure.as_ref().unchecked_ref(), delay)
            .ok();
        Timeout { window: window.clone(), id, _closure: closure }
    }
}

impl Drop for Timeout {
    fn drop(&mut self) {
        if let Some(id) = self.id {
            self.window.clear_timeout_with_handle(id);
        }
    }
}

impl fmt::Debug for Timeout {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Timeout").field("id", &self.id).finish_non_exhaustive()
    }
}

/// The timers that run.
#[derive(Debug)]
pub struct Timers {
    window: Window,
    running: RefCell<Vec<(Timer, Timeout)>>,
}

impl Timers {
    /// No timer runs yet.
    pub fn new(window: Window) -> Timers {
        Timers { window, running: RefCell::new(Vec::new()) }
    }

    /// Starts a timer, or starts it anew.
    pub fn start(&self, timer: Timer, after_ms: f64, link: &Link) {
        self.stop(timer);
        let owner = link.clone();
        let timeout = Timeout::new(&self.window, after_ms, move || {
            if let Some(runtime) = owner.upgrade() {
                runtime.timers().stop(timer);
            }
            owner.input(Input::Timer(timer));
        });
        self.running.borrow_mut().push((timer, timeout));
    }

    /// Stops a timer.
    pub fn stop(&self, timer: Timer) {
        let mut running = self.running.borrow_mut();
        let stopped = running.iter().position(|(other, _)| *other == timer).map(|at| running.swap_remove(at));
        drop(running);
        drop(stopped);
    }

    /// Stops all timers.
    pub fn clear(&self) {
        let stopped = self.running.take();
        drop(stopped);
    }
}
