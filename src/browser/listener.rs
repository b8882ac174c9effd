//! Event listeners that remove themselves.

use std::fmt;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Event, EventTarget};

/// A listener on an event target; dropping it removes it.
///
/// The closure is `Fn`, not `FnMut`: a listener of ours may run again while it runs, since page listeners that it
/// calls may dispatch events themselves.
pub struct Listener {
    target: EventTarget,
    name: &'static str,
    closure: Closure<dyn Fn(Event)>,
}

impl Listener {
    /// Listens in the bubbling phase. `target` may be any object with `addEventListener`.
    pub fn new(target: &EventTarget, name: &'static str, callback: impl Fn(Event) + 'static) -> Listener {
        let closure = Closure::<dyn Fn(Event)>::new(callback);
        // Without the method nothing is ever reported; that is the object's own business.
        let _ = target.add_event_listener_with_callback(name, closure.as_ref().unchecked_ref());
        Listener { target: target.clone(), name, closure }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ =
            self.target.remove_event_listener_with_callback(self.name, self.closure.as_ref().unchecked_ref());
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Listener").field("name", &self.name).finish_non_exhaustive()
    }
}
