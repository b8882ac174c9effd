//! What a browser keeps on the disk.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context, Result};
use serde_json::{Value, json};

/// A browser's folder. It is deleted on drop, so it outlives every [`Browser`](crate::Browser) that is launched with it.
#[derive(Debug)]
pub struct Profile(PathBuf);

impl Profile {
    /// An empty one in the folder for temporary files.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn new() -> Result<Self> {
        Self::with_preferences(&json!({}))
    }

    /// One in which nothing on pages of this site may store, frames of other sites included: what browsers do with third
    /// parties. The site is that of the page that the window shows, such as `localhost`.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn without_storage_on(site: &str) -> Result<Self> {
        // 2 blocks. The setting that blocks third parties alone has no effect on a fresh profile (Chromium 156).
        let cookies = json!({ format!("*,{site}"): { "setting": 2 } });
        Self::with_preferences(&json!({
            "profile": { "content_settings": { "exceptions": { "cookies": cookies } } },
        }))
    }

    fn with_preferences(preferences: &Value) -> Result<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name =
            format!("cuehook-profile-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("Default"))
            .and_then(|()| fs::write(folder.join("Default/Preferences"), preferences.to_string()))
            .with_context(|| format!("cannot write {}", folder.display()))?;
        Ok(Profile(folder))
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.0
    }
}

impl Drop for Profile {
    fn drop(&mut self) {
        // Processes that are just being killed may still write. What stays is in the folder for temporary files.
        for _ in 0..20 {
            if fs::remove_dir_all(&self.0).is_ok() || !self.0.exists() {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
    }
}
