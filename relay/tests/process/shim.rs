//! What stands between a relay and its disk.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The library, its log and its control, in a directory.
#[derive(Clone, Debug)]
pub struct Shim {
    directory: PathBuf,
}

/// Something that has happened in the process, in the order of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// Bytes were written to a file; which ids they have.
    Write { file: String, ids: Vec<String> },
    /// A file is about to be synced.
    SyncBegin { file: String },
    /// It was, or not.
    SyncEnd { file: String, is_ok: bool },
    /// Bytes with these ids are about to leave; how they begin.
    Send { ids: Vec<String>, start: String },
}

impl Shim {
    /// For a relay whose files are in this directory. The log and the control are beside it.
    pub fn new(directory: &Path) -> Self {
        Self { directory: directory.to_owned() }
    }

    fn beside(&self, name: &str) -> PathBuf {
        self.directory.with_extension(name)
    }

    /// The variables of the environment.
    pub fn environment(&self) -> Vec<(String, String)> {
        let path = |path: PathBuf| path.to_str().unwrap().to_owned();
        vec![
            ("LD_PRELOAD".to_owned(), path(library().to_owned())),
            ("SHIM_DIRECTORY".to_owned(), path(self.directory.clone())),
            ("SHIM_LOG".to_owned(), path(self.beside("log"))),
            ("SHIM_CONTROL".to_owned(), path(self.beside("control"))),
        ]
    }

    /// From now on: `delay=MS eio=N full=N`.
    pub fn control(&self, text: &str) {
        // At once, not in halves.
        let next = self.beside("control-next");
        std::fs::write(&next, text).unwrap();
        std::fs::rename(next, self.beside("control")).unwrap();
    }

    /// Everything that has happened so far.
    pub fn log(&self) -> Vec<Entry> {
        let text = std::fs::read_to_string(self.beside("log")).unwrap_or_default();
        text.lines().map(entry).collect()
    }
}

fn entry(line: &str) -> Entry {
    let (word, rest) = line.split_once(' ').unwrap();
    let (first, last) = rest.split_once(' ').unwrap_or((rest, ""));
    let ids = |text: &str| text.split(',').filter(|id| !id.is_empty()).map(str::to_owned).collect();
    let name = |path: &str| Path::new(path).file_name().unwrap().to_str().unwrap().to_owned();
    match word {
        "write" => Entry::Write { file: name(first), ids: ids(last) },
        "sync-begin" => Entry::SyncBegin { file: name(first) },
        "sync-end" => Entry::SyncEnd { file: name(first), is_ok: last == "0" },
        "send" => Entry::Send { ids: ids(first), start: last.to_owned() },
        other => panic!("the shim says {other:?}"),
    }
}

/// Compiled once for each run of the tests.
fn library() -> &'static Path {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/shim/sync.c");
        let library = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("sync-{}.so", std::process::id()));
        let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".to_owned());
        let status = Command::new(&compiler)
            .args(["-Wall", "-Wextra", "-Werror", "-O1", "-shared", "-fPIC", "-o"])
            .args([&library, &source])
            .args(["-ldl", "-lpthread"])
            .status();
        let status = status.unwrap_or_else(|fault| panic!("the C compiler {compiler:?} cannot be run: {fault}"));
        assert!(status.success(), "{compiler:?} cannot compile {}", source.display());
        library
    })
}
