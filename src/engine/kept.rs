//! The record of a request that survives a reload, as it comes from storage.

use crate::json::{self, Json};
use crate::project::Project;
use crate::protocol::is_uuid;

/// A request whose record has more bytes is sent without being written down.
pub const MAX_RECORD: usize = 64 * 1024;
/// Of the form of records. What another version wrote is left to it.
pub(super) const VERSION: f64 = 1.0;
/// As deep as a record may be nested: parameters are as deep as what the page gives.
const DEEPEST: usize = 80;
/// A request of an earlier load of the page, as it was written down.
#[derive(Clone, Debug)]
pub struct Kept {
    pub(super) record: Json,
}

impl Kept {
    /// Reads a record. It comes from storage, and may be anything; nothing if it is not one of ours.
    pub fn read(text: &str) -> Option<Self> {
        let record = Some(text).filter(|text| text.len() <= MAX_RECORD)?;
        let record = json::check(record.as_bytes(), DEEPEST).ok()?;
        let is_ours = record.get("version").and_then(Json::as_f64) == Some(VERSION);
        Some(Self { record }).filter(|kept| is_ours && is_uuid(kept.text("id")))
    }

    /// Whether it was asked in this project: it has the same video.
    pub fn belongs_to(&self, project: &Project) -> bool {
        self.text("video") == project.video.id
    }

    /// A text of the record; empty if there is none.
    pub(super) fn text(&self, name: &str) -> &str {
        self.record.get(name).and_then(Json::as_str).unwrap_or_default()
    }
}
