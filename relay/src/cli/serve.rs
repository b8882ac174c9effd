//! Serves until the system says that it is enough.

use crate::config::Settings;
use tokio::signal;

/// Serves until this process is told to end.
pub(super) async fn serve(settings: Settings) -> anyhow::Result<()> {
    crate::serve::run(settings, told_to_end()).await
}

/// `SIGTERM`, as service managers send it, or Ctrl-C.
async fn told_to_end() {
    #[cfg(unix)]
    let terminated = async {
        match signal::unix::signal(signal::unix::SignalKind::terminate()) {
            Ok(mut terminated) => drop(terminated.recv().await),
            Err(error) => {
                tracing::warn!(%error, "the relay cannot hear that it is to end; Ctrl-C works");
                std::future::pending().await
            }
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<()>();
    tokio::select! {
        () = terminated => {}
        pressed = signal::ctrl_c() => if pressed.is_err() { std::future::pending().await },
    }
}
