//! Bundles the players that Cuehook is tested with, each with the page's part of it, into `target/players/`.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result};

use crate::setup::{self, Need, PLAYERS, TOOLS};
use crate::workspace;

/// How the bundles are built. What several players share is a file of its own, and each is asked for when it is needed:
/// a page can define elements late.
const ESBUILD: [&str; 13] = [
    "--bundle",
    "--splitting",
    "--format=esm",
    "--minify-syntax",
    "--minify-whitespace",
    "--legal-comments=none",
    "--log-level=error",
    // Nobody can ask Vimeo here.
    "--alias:@vimeo/player/dist/player.es.js=./tests/players/entries/parts/vimeo.js",
    // Players bring their icons and fonts in their style sheets.
    "--loader:.svg=dataurl",
    "--loader:.woff=dataurl",
    "--loader:.png=dataurl",
    "--loader:.gif=dataurl",
    "--define:process.env.NODE_ENV=\"production\"",
];

/// Where the bundles are, below the root.
pub fn folder(root: &Path) -> PathBuf {
    root.join("target/players")
}

/// Installs the players and bundles them, unless nothing has changed since.
///
/// # Errors
/// If something that is needed cannot be installed, or esbuild fails.
pub fn bundle() -> Result<()> {
    setup::ensure(&[Need::Node, Need::Shrinkers, Need::Players])?;
    let root = workspace::root();
    let sources = root.join(PLAYERS);
    let entries = scripts(&sources.join("entries"))?;
    let (out, stamp) = (folder(&root), folder(&root).join("stamp"));
    let parts = scripts(&sources.join("entries/parts"))?;
    let inputs = entries.iter().chain(&parts).cloned().chain([sources.join("package-lock.json")]);
    if is_newer(&stamp, inputs) {
        return Ok(());
    }
    // Into a folder of its own first: tests that run meanwhile find the bundles whole.
    let fresh = out.with_extension("fresh");
    let _ = fs::remove_dir_all(&fresh);
    let mut esbuild = workspace::command(root.join(TOOLS).join("node_modules/.bin/esbuild"));
    workspace::run(esbuild.args(&entries).args(ESBUILD).arg(format!("--outdir={}", fresh.display())))?;
    fs::write(fresh.join("stamp"), "").with_context(|| format!("cannot write {}", fresh.display()))?;
    // What was left out of the entries is gone from the bundles, too.
    let _ = fs::remove_dir_all(&out);
    fs::rename(&fresh, &out).with_context(|| format!("cannot write {}", out.display()))
}

fn scripts(folder: &Path) -> Result<Vec<PathBuf>> {
    let list = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut files = list.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "js"));
    files.sort();
    Ok(files)
}

/// Whether `stamp` is there and no input is younger.
fn is_newer(stamp: &Path, mut inputs: impl Iterator<Item = PathBuf>) -> bool {
    let time = |file: &Path| fs::metadata(file).and_then(|found| found.modified()).ok();
    let made: Option<SystemTime> = time(stamp);
    made.is_some_and(|made| inputs.all(|input| time(&input).is_some_and(|changed| changed < made)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_is_old_once_an_input_is_younger_or_gone() {
        let folder = std::env::temp_dir().join(format!("cuehook-players-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let (stamp, input) = (folder.join("stamp"), folder.join("input"));
        let is_fresh = || is_newer(&stamp, [input.clone()].into_iter());
        fs::write(&input, "").unwrap();
        assert!(!is_fresh(), "there is no stamp");
        let at = |file: &Path, seconds| {
            let time = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
            fs::File::options().write(true).open(file).unwrap().set_modified(time).unwrap();
        };
        fs::write(&stamp, "").unwrap();
        at(&input, 1);
        at(&stamp, 2);
        assert!(is_fresh());
        at(&input, 3);
        assert!(!is_fresh(), "the input has changed");
        fs::remove_file(&input).unwrap();
        assert!(!is_fresh(), "the input is gone");
        fs::remove_dir_all(folder).unwrap();
    }
}
