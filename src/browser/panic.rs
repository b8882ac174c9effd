//! What happens when Rust panics.
//!
//! A panic becomes an exception of JavaScript that says what has happened and where. It leaves the module, and whatever
//! leaves an export by a throw ends the module: `js/border.js` sees to that, for traps as well. So nothing in here, or
//! anywhere else in Rust, asks whether there has been a panic.

use std::cell::Cell;

thread_local! {
    static INSTALLED: Cell<bool> = const { Cell::new(false) };
}

/// Installs the hook, once.
pub fn install() {
    if !INSTALLED.replace(true) {
        let previous = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            previous(info);
            wasm_bindgen::throw_str(&info.to_string());
        }));
    }
}

/// Leaves panics to the hook that is there. For tests, whose failures are panics: the standard library calls no hook any
/// more after one that did not return.
#[doc(hidden)]
pub fn leave_alone() {
    INSTALLED.set(true);
}
