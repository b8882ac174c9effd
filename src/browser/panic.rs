//! What happens when Rust panics: the video must stay playable.
//!
//! After a panic the module's memory cannot be trusted, so nothing of it is used any more: every instance reports
//! `internal`, takes its stage off the page and, if the video stands still only because of a webhook, lets it play.

use std::cell::Cell;
use std::panic::PanicHookInfo;
use wasm_bindgen::JsValue;

thread_local! {
    static INSTALLED: Cell<bool> = const { Cell::new(false) };
    static DEAD: Cell<bool> = const { Cell::new(false) };
    static STOP: Cell<Option<fn(&str)>> = const { Cell::new(None) };
}

/// Installs the hook, once.
pub fn install() {
    if !INSTALLED.replace(true) {
        let previous = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            report(info);
            previous(info);
        }));
    }
}

/// What to call after a panic, with its message.
pub fn on_panic(stop: fn(&str)) {
    STOP.set(Some(stop));
}

/// Whether a panic has happened. Then nothing may be asked of Rust any more.
pub fn happened() -> bool {
    DEAD.get()
}

/// Takes the panic back. For tests, whose failures are panics, too: each one starts anew.
#[doc(hidden)]
pub fn forget() {
    DEAD.set(false);
}

fn report(info: &PanicHookInfo<'_>) {
    if DEAD.replace(true) {
        return;
    }
    let message = format!("Cuehook has failed and has stopped: {info}");
    web_sys::console::error_1(&JsValue::from_str(&message));
    if let Some(stop) = STOP.get() {
        stop(&message);
    }
}
