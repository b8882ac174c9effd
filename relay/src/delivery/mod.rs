//! What is sent to a webhook: how an event looks in its format or by its template. Pure functions; nothing here knows a network.

pub mod format;
pub mod sample;
pub mod template;
