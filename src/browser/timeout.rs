//! `setTimeout` that is cancelled when it is dropped.

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
