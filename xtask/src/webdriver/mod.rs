//! Three browser engines, their WebDriver servers, and a small client: opens pages, looks at them.

mod base64;
mod display;
mod driver;
mod engine;
mod session;

pub use display::Display;
pub use driver::Driver;
pub use engine::Engine;
pub use session::Session;
