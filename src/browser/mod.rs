//! The shell: the only part that touches the browser. It translates both ways and decides nothing.
//!
//! [`exports`] is what JavaScript calls. [`runtime`] holds the engine: it turns what happens into `Input`s and carries
//! out `Effect`s one by one, with no borrow alive while JavaScript runs. Around it, one file per facility:
//! [`player`] and [`media`] (the video), [`stage`] (what lies over it), [`fetch`], [`timers`], [`events`], [`page`], [`address`],
//! [`locale`], [`cues`].
//! Whatever listens, observes or waits is owned by a value that ends it when dropped.

pub mod address;
#[cfg(feature = "authoring")]
pub mod authoring;
mod button;
mod cues;
pub mod errors;
pub mod events;
pub mod exports;
pub mod fetch;
pub mod link;
pub mod listener;
pub mod locale;
pub mod media;
pub mod options;
pub mod page;
pub mod panic;
pub mod player;
pub mod runtime;
pub mod stage;
pub mod timeout;
pub mod timers;
pub mod values;

/// Smaller than the standard library's allocator for WebAssembly, which is 2 KB more of the download, and not slower.
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();
