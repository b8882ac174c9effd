//! A Chromium that can be killed: with a profile that outlives it, driven over DevTools without a driver that would tidy up.
//!
//! ```no_run
//! # fn main() -> anyhow::Result<()> {
//! use cuehook_chromium::{Browser, Profile};
//!
//! let profile = Profile::new()?;
//! let browser = Browser::launch(&profile)?;
//! let tab = browser.tab("http://127.0.0.1:8787/")?;
//! tab.run("localStorage.visits = 1")?;
//! browser.kill()?;
//! let browser = Browser::launch(&profile)?;
//! # Ok(())
//! # }
//! ```

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod browser;
mod connection;
mod processes;
mod profile;
mod socket;
mod tab;

pub use browser::Browser;
pub use processes::{descendants, end};
pub use profile::Profile;
pub use tab::Tab;
