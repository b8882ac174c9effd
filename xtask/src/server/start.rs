//! The pages of `cargo xtask bench --start`, compressed as a site would serve them.

use std::collections::HashMap;
use std::path::{Component, Path as FilePath, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

/// Where the files are, and those that have been compressed.
struct Files {
    pages: PathBuf,
    package: PathBuf,
    compressed: Mutex<HashMap<PathBuf, Bytes>>,
}

/// `benches/start/` at `/start/`, and the package at `/start/pkg/`: everything after brotli (quality 11) and not stored.
///
/// Each file is compressed when it is first asked for, and kept: ask for it once before time is taken.
pub fn router(root: &FilePath) -> Router {
    let files =
        Files { pages: root.join("benches/start"), package: root.join("pkg"), compressed: Mutex::default() };
    Router::new().route("/start/{*path}", get(serve)).with_state(Arc::new(files))
}

async fn serve(State(files): State<Arc<Files>>, Path(path): Path<String>) -> Response {
    let Some((file, content_type)) = files.find(&path) else { return StatusCode::NOT_FOUND.into_response() };
    match files.read(file) {
        Ok(bytes) => {
            let headers =
                [(CONTENT_TYPE, content_type), (CONTENT_ENCODING, "br"), (CACHE_CONTROL, "no-store")];
            (headers, bytes).into_response()
        }
        Err(error) => (StatusCode::NOT_FOUND, format!("{error:#}")).into_response(),
    }
}

impl Files {
    /// The file of an address and its media type; none outside of the two folders or of another type.
    fn find(&self, path: &str) -> Option<(PathBuf, &'static str)> {
        let content_type = match path.rsplit_once('.')?.1 {
            "css" => "text/css",
            "html" => "text/html; charset=utf-8",
            "js" => "text/javascript",
            "json" => "application/json",
            "wasm" => "application/wasm",
            _ => return None,
        };
        let (folder, rest) = match path.strip_prefix("pkg/") {
            Some(rest) => (&self.package, rest),
            None => (&self.pages, path),
        };
        let is_inside = FilePath::new(rest).components().all(|part| matches!(part, Component::Normal(_)));
        is_inside.then(|| (folder.join(rest), content_type))
    }

    fn read(&self, file: PathBuf) -> Result<Bytes> {
        let mut compressed = self.compressed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bytes) = compressed.get(&file) {
            return Ok(bytes.clone());
        }
        let raw = std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let bytes = Bytes::from(crate::size::brotli(&raw)?);
        compressed.insert(file, bytes.clone());
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_of_the_two_folders_are_found() {
        let files = Files { pages: "pages".into(), package: "pkg".into(), compressed: Mutex::default() };
        let found = |path| files.find(path).map(|(file, _)| file.display().to_string());
        assert_eq!(found("plain.html").unwrap(), "pages/plain.html");
        assert_eq!(found("pkg/dist/cuehook_bg.wasm").unwrap(), "pkg/dist/cuehook_bg.wasm");
        for outside in
            ["../Cargo.toml", "../core.rs.js", "pkg/../x.js", "pkg//etc/x.js", "/etc/x.js", "README"]
        {
            assert_eq!(found(outside), None, "{outside}");
        }
    }

    #[test]
    fn what_is_served_decompresses_to_the_file() {
        let root = FilePath::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let files =
            Files { pages: root.join("benches/start"), package: root.clone(), compressed: Mutex::default() };
        let (file, content_type) = files.find("plain.js").unwrap();
        assert_eq!(content_type, "text/javascript");
        let mut text = Vec::new();
        let sent = files.read(file.clone()).unwrap();
        brotli::BrotliDecompress(&mut &*sent, &mut text).unwrap();
        assert_eq!(text, std::fs::read(&file).unwrap());
        assert!(sent.len() < text.len());
    }
}
