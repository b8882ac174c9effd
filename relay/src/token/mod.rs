//! Who somebody is: players by short-lived tokens, servers by API keys.

mod api_key;
mod player;
#[cfg(test)]
mod tests;

pub use api_key::{ApiKey, ApiKeys, NewApiKey, Scope, StoredApiKey};
pub use player::{MAX_TOKEN, PlayerClaims, PlayerTokens, TokenFault};
