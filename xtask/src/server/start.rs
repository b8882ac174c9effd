//! The pages of `cargo xtask bench --start`, compressed as a site would serve them.

use std::collections::HashMap;
use std::path::{Component, Path as FilePath, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
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
    compress: fn(&FilePath) -> Result<Vec<u8>>,
    compressed: Mutex<HashMap<PathBuf, Bytes>>,
}

/// `benches/start/` at `/start/`, and the package at `/start/pkg/`: everything after brotli (quality 11) and not stored.
///
/// Each file is compressed when it is first asked for, and kept: ask for it once before time is taken.
pub fn router(root: &FilePath) -> Router {
    let files = Files {
        pages: root.join("benches/start"),
        package: root.join("pkg"),
        compress: |file| crate::size::compressed("brotli", file),
        compressed: Mutex::default(),
    };
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
        let bytes = Bytes::from((self.compress)(&file)?);
        compressed.insert(file, bytes.clone());
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(pages: PathBuf, package: PathBuf) -> Files {
        let compress = |file: &FilePath| Ok([std::fs::read(file)?, b", compressed".to_vec()].concat());
        Files { pages, package, compress, compressed: Mutex::default() }
    }

    #[test]
    fn only_files_of_the_two_folders_are_found() {
        let files = files("pages".into(), "pkg".into());
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
    fn a_file_is_compressed_once() {
        let folder = std::env::temp_dir().join(format!("cuehook-start-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join("plain.js");
        std::fs::write(&file, "first").unwrap();
        let files = files(folder.clone(), "pkg".into());
        assert_eq!(&*files.read(file.clone()).unwrap(), b"first, compressed");
        std::fs::write(&file, "second").unwrap();
        assert_eq!(&*files.read(file).unwrap(), b"first, compressed");
        assert!(files.read(folder.join("absent.js")).is_err());
        std::fs::remove_dir_all(folder).unwrap();
    }
}
