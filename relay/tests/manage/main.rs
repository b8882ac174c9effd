//! The management API of a relay on a loopback port, as servers use it; each response is compared with the description of it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod api;
mod bounds;
mod deliveries;
mod documents;
mod end;
#[path = "../serve/failing.rs"]
#[allow(dead_code)]
mod failing;
#[path = "../serve/hook.rs"]
#[allow(dead_code)]
mod hook;
mod keys;
#[path = "../serve/logs.rs"]
#[allow(dead_code)]
mod logs;
#[path = "../serve/relay.rs"]
#[allow(dead_code)]
mod relay;
mod secrets;
mod webhooks;
#[path = "../serve/wire.rs"]
#[allow(dead_code)]
mod wire;
