//! How many documents there are: counted once, and then kept. With several relays it is looked again now and then, so that the bound
//! is exceeded by little.

use crate::http::bounds::MANAGED_DOCUMENTS;
use crate::http::fault::{Fault, ManageCode};
use crate::store::{DocumentKind, Store};
use std::collections::HashMap;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// For how long a count is believed.
const BELIEVED: Duration = Duration::from_secs(300);
/// So many documents are looked at together: each may have 64 KiB.
const PAGE: usize = 100;

/// How many documents of which sort there are, and when they were counted.
#[derive(Debug, Default)]
pub(in crate::http) struct Counted(Mutex<HashMap<DocumentKind, (Instant, usize)>>);

impl Counted {
    /// Makes room for one more.
    pub(super) async fn add(&self, store: &dyn Store, kind: DocumentKind) -> Result<(), Fault> {
        let mut counts = self.0.lock().await;
        let known = counts.get(&kind).copied().filter(|(at, _)| at.elapsed() < BELIEVED);
        let (at, count) = match known {
            Some(known) => known,
            None => (Instant::now(), count(store, kind).await?),
        };
        let is_full = count >= MANAGED_DOCUMENTS;
        counts.insert(kind, (at, if is_full { count } else { count + 1 }));
        if is_full {
            let message = format!("there are {MANAGED_DOCUMENTS} of these; remove some first");
            return Err(Fault::manage(ManageCode::TooMany, message));
        }
        Ok(())
    }

    /// There is one less.
    pub(super) async fn remove(&self, kind: DocumentKind) {
        if let Some((_, count)) = self.0.lock().await.get_mut(&kind) {
            *count = count.saturating_sub(1);
        }
    }
}

async fn count(store: &dyn Store, kind: DocumentKind) -> Result<usize, Fault> {
    let (mut count, mut after) = (0, None::<String>);
    while count < MANAGED_DOCUMENTS {
        let page = store.documents(kind, after.as_deref(), PAGE).await?;
        count += page.len();
        match page.last() {
            Some(last) if page.len() == PAGE => after = Some(last.id.clone()),
            _ => break,
        }
    }
    Ok(count)
}
