//! Makes tokens, keys and copies.

use super::options::{KeyOptions, TokenOptions};
use crate::config::{Database, Settings, origin_fault};
use crate::secrets::MasterKey;
use crate::store::UnixMs;
use crate::token::{NewApiKey, Scope, TokenFault};
use anyhow::{Context as _, bail};
use secrecy::ExposeSecret as _;
use std::io::Write;
use std::path::Path;

/// Writes a token for a player.
pub(super) fn token(
    wanted: &TokenOptions,
    settings: &Settings,
    now: UnixMs,
    out: &mut impl Write,
    say: &mut impl Write,
) -> anyhow::Result<()> {
    let TokenOptions { project, origin, minutes } = wanted;
    let token = settings.player_tokens.mint(project, origin, now, *minutes);
    let token = match (token, origin_fault(origin)) {
        (Err(TokenFault::Claims), Some(fault)) => bail!("--origin: {fault}"),
        (token, _) => token.context("the token cannot be made")?,
    };
    if !settings.origins.is_empty() && !settings.origins.contains(origin) {
        writeln!(say, "note: `{origin}` is not among players.origins; the relay refuses its pages")?;
    }
    writeln!(out, "{token}")?;
    Ok(())
}

/// Writes a new key and what is to be done with it.
pub(super) fn key(wanted: &KeyOptions, out: &mut impl Write) -> anyhow::Result<()> {
    if wanted.master || wanted.players {
        let key = MasterKey::generate()?;
        writeln!(out, "{}", key.to_text().expose_secret())?;
        return Ok(());
    }
    let name = wanted.name.as_deref().unwrap_or_default();
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if !(1..=64).contains(&name.len()) || !name.bytes().all(is_name) {
        bail!("a name is 1 to 64 letters, digits, `-`, `_` or `.`");
    }
    let mut scopes = Vec::new();
    for word in &wanted.scopes {
        let Some(scope) = Scope::named(word) else {
            let near = cuehook_protocol::nearest(word, &Scope::WORDS);
            let meant =
                near.map_or_else(|| Scope::WORDS.join(" or "), |near| format!("did you mean `{near}`?"));
            bail!("--scope: there is no scope `{}`; {meant}", word.escape_debug());
        };
        if !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    if scopes.is_empty() {
        scopes.push(Scope::EventsWrite);
    }
    let scopes: Vec<String> = scopes.iter().map(|scope| format!("\"{}\"", scope.as_str())).collect();
    let key = NewApiKey::generate()?;
    writeln!(out, "{}", key.text.expose_secret())?;
    writeln!(
        out,
        "\n# Give the line above to the server, as `authorization: Bearer …`. It is not shown again."
    )?;
    writeln!(out, "# Add this to relay.toml and start the relay again:")?;
    writeln!(out, "[[apiKey]]\nname = \"{name}\"\nhash = \"{}\"", key.hash_text())?;
    writeln!(out, "scopes = [{}]", scopes.join(", "))?;
    Ok(())
}

/// Copies the configured database.
pub(super) fn backup(settings: &Settings, path: &Path, out: &mut impl Write) -> anyhow::Result<()> {
    match &settings.database {
        Database::Sqlite(from) => crate::store::sqlite::backup(from, path)?,
        Database::Postgres(_) => bail!("PostgreSQL has tools of its own for this: pg_dump, pg_basebackup"),
        Database::Memory => bail!("there is nothing on disk that could be copied"),
    }
    writeln!(
        out,
        "copied to {}; what is sealed in it needs the master key, which is not in it",
        path.display()
    )?;
    Ok(())
}
