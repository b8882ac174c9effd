//! The log: one JSON object a line. Nothing of a query, a body or a header field is in it.

use tracing::Subscriber;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt};

/// The environment's name for how much is logged: `error`, `warn`, `info`, `debug` or `trace`.
pub const LEVEL: &str = "CUEHOOK_RELAY_LOG";

/// How much is logged, as [`LEVEL`] says.
///
/// # Errors
/// If it says something else.
pub fn level() -> anyhow::Result<LevelFilter> {
    match std::env::var(LEVEL) {
        Ok(word) if !word.trim().is_empty() => word
            .trim()
            .parse()
            .map_err(|_| anyhow::anyhow!("`{LEVEL}` has to be `error`, `warn`, `info`, `debug` or `trace`")),
        _ => Ok(LevelFilter::INFO),
    }
}

/// Logs to standard error from now on.
///
/// # Errors
/// If something else logs already.
pub fn init(level: LevelFilter) -> anyhow::Result<()> {
    tracing::subscriber::set_global_default(subscriber(std::io::stderr, level))?;
    Ok(())
}

/// What writes the log.
pub fn subscriber<W>(writer: W, level: LevelFilter) -> impl Subscriber + Send + Sync
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    tracing_subscriber::registry().with(layer::<Registry, W>(writer, level))
}

/// Of what others have written only warnings are logged: they do not know what is secret here.
fn layer<S, W>(writer: W, level: LevelFilter) -> impl Layer<S>
where
    S: Subscriber + for<'l> LookupSpan<'l>,
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let filter = EnvFilter::builder()
        .with_default_directive(LevelFilter::WARN.min(level).into())
        .parse_lossy(format!("cuehook_relay={level}"));
    fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_writer(writer)
        .with_filter(filter)
}
