//! Says what a relay with this configuration would serve. No secrets.

use crate::config::{Database, Loaded};
use std::io::Write;

/// Writes what would be served.
pub(super) fn check(loaded: &Loaded, out: &mut impl Write) -> anyhow::Result<()> {
    let settings = &loaded.settings;
    match &loaded.file {
        Some(file) => writeln!(out, "configuration: {}", file.display())?,
        None => writeln!(out, "configuration: none, which is enough on this machine")?,
    }
    writeln!(out, "listens on: http://{}", settings.listen)?;
    match &settings.database {
        Database::Sqlite(path) => writeln!(out, "database: SQLite, {}", path.display())?,
        // Its address may have a password in it.
        Database::Postgres(_) => writeln!(out, "database: PostgreSQL")?,
        Database::Memory => writeln!(out, "database: none, everything is in memory")?,
    }
    writeln!(out, "master keys: {:?}", settings.vault)?;
    match settings.origins.as_slice() {
        [] => writeln!(out, "pages: of any origin, with a token")?,
        origins => writeln!(out, "pages: {}", origins.join(", "))?,
    }
    for known in settings.api_keys.iter() {
        let scopes: Vec<&str> = known.key.scopes.iter().map(|scope| scope.as_str()).collect();
        let project = known.key.project.as_ref().map_or_else(String::new, |id| format!(", project {id}"));
        writeln!(out, "API key {}: {}{project}", known.key.name, scopes.join(", "))?;
    }
    if settings.webhooks.is_empty() {
        writeln!(out, "webhooks: none")?;
    }
    for (webhook, secrets) in &settings.webhooks {
        // What follows `?` may be a secret that somebody has put there.
        let url = webhook.url.split('?').next().unwrap_or_default();
        let (id, headers) = (&webhook.id, webhook.headers.len());
        writeln!(out, "webhook {id}: {url}, header fields: {headers}, of these secret: {}", secrets.len())?;
    }
    writeln!(out, "nothing is wrong")?;
    Ok(())
}
