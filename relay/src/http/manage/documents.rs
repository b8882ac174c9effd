//! Documents: written and removed in one transaction with the events that follow.

use super::{Asked, ROUNDS, changed_meanwhile, done, not_found};
use crate::http::Shared;
use crate::http::fault::Fault;
use crate::serve::wall_ms;
use crate::store::{Change, DocumentKind, NewEvent, StoredDocument, UnixMs};
use axum::response::Response;
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

/// An event that follows from a change: its type, its project, and its data.
pub(super) struct Follows<T> {
    pub kind: &'static str,
    pub project: String,
    pub data: T,
    /// The project's document, if it is what is written: webhooks that it asks for are told, too.
    pub document: Option<String>,
}

/// An event in its canonical form.
#[derive(Debug, Serialize)]
struct Canonical<'a, T> {
    #[serde(rename = "type")]
    kind: &'a str,
    timestamp: String,
    id: String,
    data: &'a T,
}

/// The whole event; none if its data cannot be written.
pub(super) fn event_body<T: Serialize>(id: Uuid, kind: &str, at: UnixMs, data: &T) -> Option<String> {
    let event = Canonical { kind, timestamp: super::time(at), id: id.to_string(), data };
    serde_json::to_string(&event).ok()
}

/// An event that follows from a change, with its deliveries, chosen as for one that somebody has sent.
fn event<T: Serialize>(shared: &Shared, asked: &Asked, follows: &Follows<T>) -> Result<NewEvent, Fault> {
    let mistake = || Fault::unavailable("the relay has made a mistake");
    let Follows { kind, project, data, document } = follows;
    let (id, at) = (Uuid::try_parse(&shared.request_id()).map_err(|_| mistake())?, wall_ms());
    let body = event_body(id, kind, at, data).ok_or_else(mistake)?;
    let deliveries = match document {
        Some(document) => shared.driver.deliveries_with(project, kind, &body, document),
        None => shared.driver.deliveries_of(project, kind, &body),
    };
    let deliveries =
        deliveries.ok_or_else(|| Fault::unavailable("the relay does not know its webhooks yet"))?;
    let (kind, project, source) = ((*kind).to_owned(), project.clone(), asked.key.name.clone());
    Ok(NewEvent { id, kind, project, source, at, body, deliveries })
}

/// A document as it is stored.
pub(super) async fn find(shared: &Shared, kind: DocumentKind, id: &str) -> Result<StoredDocument, Fault> {
    let found = shared.store.document(kind, id).await?;
    found.ok_or_else(|| not_found(name(kind)))
}

/// What is stored of a document.
pub(super) fn read<T: DeserializeOwned>(stored: &StoredDocument) -> Result<T, Fault> {
    serde_json::from_str(&stored.body).map_err(|error| {
        tracing::error!(id = stored.id, %error, "a stored document cannot be read");
        Fault::unavailable("what is stored of this cannot be read; the relay's log says why")
    })
}

/// Writes a document: says what it becomes, and what follows, as often as others come before. Returns it, and whether it is new.
pub(super) async fn write<T: Serialize>(
    shared: &Shared,
    asked: &Asked,
    kind: DocumentKind,
    id: &str,
    action: &str,
    mut becomes: impl FnMut(Option<StoredDocument>) -> Result<Option<(String, Option<Follows<T>>)>, Fault>,
) -> Result<(StoredDocument, bool), Fault> {
    let mut has_room = false;
    for _ in 0..ROUNDS {
        let was = shared.store.document(kind, id).await?;
        let is_new = was.is_none();
        let before = was.as_ref().map(|was| was.body.clone());
        let Some((body, follows)) = becomes(was.clone())? else {
            // It is so already.
            return was.map(|was| (was, false)).ok_or_else(|| not_found(name(kind)));
        };
        if is_new && !has_room {
            shared.counted.add(&*shared.store, kind).await?;
            has_room = true;
        }
        let events = match &follows {
            Some(follows) => vec![event(shared, asked, follows)?],
            None => Vec::new(),
        };
        let now = wall_ms();
        let becomes = Some(body.clone());
        let change = Change::Document { kind, id: id.to_owned(), was: before, becomes, events };
        if shared.store.change(change, asked.audit(action, id, String::new()), now).await? {
            return Ok((StoredDocument { id: id.to_owned(), body, updated_at: now }, is_new));
        }
    }
    Err(changed_meanwhile())
}

/// Removes a document.
pub(super) async fn remove(
    shared: &Shared,
    asked: &Asked,
    kind: DocumentKind,
    id: &str,
    action: &str,
) -> Result<Response, Fault> {
    for _ in 0..ROUNDS {
        let was = Some(find(shared, kind, id).await?.body);
        let change = Change::Document { kind, id: id.to_owned(), was, becomes: None, events: Vec::new() };
        if shared.store.change(change, asked.audit(action, id, String::new()), wall_ms()).await? {
            shared.counted.remove(kind).await;
            shared.driver.changed();
            return Ok(done());
        }
    }
    Err(changed_meanwhile())
}

fn name(kind: DocumentKind) -> &'static str {
    match kind {
        DocumentKind::Project => "project",
        DocumentKind::Edition => "edition",
    }
}
