//! Where a relay keeps things, and disks that are slow.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context, Result, bail};

use super::postgres::{Database, Server};
use super::size_of;
use crate::workspace;

/// By how many milliseconds syncs take longer on a slow disk.
const SLOWER_MS: u32 = 5;
/// A file system in memory, where a sync does nothing.
const IN_MEMORY: &str = "/dev/shm";

/// What keeps things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Store {
    Memory,
    Sqlite,
    Postgres,
}

/// How long the disk takes to promise something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syncs {
    /// There is no disk.
    None,
    /// As long as this machine's takes.
    Plain,
    /// 5 ms longer.
    Slow,
}

impl Store {
    pub fn name(self) -> &'static str {
        match self {
            Store::Memory => "memory",
            Store::Sqlite => "sqlite",
            Store::Postgres => "postgres",
        }
    }
}

impl Syncs {
    pub fn name(self) -> &'static str {
        match self {
            Syncs::None => "none",
            Syncs::Plain => "plain",
            Syncs::Slow => "5ms",
        }
    }
}

/// All that places need.
#[derive(Debug)]
pub struct Databases {
    folder: PathBuf,
    /// What makes syncs slow: `relay/tests/shim/sync.c`, compiled. In a folder that PostgreSQL's user can read, too.
    shim: Scratch,
    plain: Option<Server>,
    slow: Option<Server>,
}

/// Where one relay keeps things. It is removed with this.
#[derive(Debug)]
pub struct Place {
    pub folder: Scratch,
    /// The key `database` of the configuration.
    pub database: String,
    /// What stands in the relay's environment besides.
    pub environment: Vec<(String, String)>,
    postgres: Option<(Database, u32)>,
}

/// A folder that is removed with this.
#[derive(Debug)]
pub struct Scratch(PathBuf);

impl Scratch {
    fn new(within: &Path) -> Result<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = within.join(format!("cuehook-bench-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).with_context(|| format!("cannot make {}", path.display()))?;
        Ok(Self(path.canonicalize()?))
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // It is in a folder for what is temporary.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Databases {
    /// Databases below this folder; those of PostgreSQL are where its harness has them.
    pub fn new(folder: &Path) -> Result<Self> {
        let shim = Scratch::new(&std::env::temp_dir())?;
        let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".to_owned());
        let mut command = Command::new(compiler);
        command.args(["-O1", "-shared", "-fPIC", "-o"]).arg(shim.path().join("sync.so"));
        command.arg(workspace::root().join("relay/tests/shim/sync.c")).args(["-ldl", "-lpthread"]);
        workspace::output(&mut command)?;
        Ok(Self { folder: folder.to_owned(), shim, plain: None, slow: None })
    }

    /// A new, empty one.
    pub fn place(&mut self, store: Store, syncs: Syncs) -> Result<Place> {
        let within = if syncs == Syncs::None { Path::new(IN_MEMORY) } else { &self.folder };
        let folder = Scratch::new(within)?;
        let data = folder.path().join("data");
        std::fs::create_dir(&data)?;
        let mut place =
            Place { folder, database: "memory".to_owned(), environment: Vec::new(), postgres: None };
        match store {
            Store::Memory => {}
            Store::Sqlite => {
                place.database = "sqlite:data/relay.db".to_owned();
                if syncs == Syncs::Slow {
                    place.environment = slow(self.shim.path(), &data);
                }
            }
            Store::Postgres => {
                let server = self.server(syncs)?;
                let database = server.database();
                place.database = database.url();
                place.postgres = Some((database, process(server)?));
            }
        }
        Ok(place)
    }

    fn server(&mut self, syncs: Syncs) -> Result<&Server> {
        let shim = self.shim.path();
        Ok(match syncs {
            Syncs::None => bail!("PostgreSQL is measured with syncs alone"),
            Syncs::Plain => self.plain.get_or_insert_with(Server::new),
            Syncs::Slow => self.slow.get_or_insert_with(|| Server::in_environment(|data| slow(shim, data))),
        })
    }
}

/// The number of a server's first process, whose children do its work.
fn process(server: &Server) -> Result<u32> {
    let file = std::fs::read_to_string(server.file("postmaster.pid"))?;
    let number = file.lines().next().and_then(|line| line.trim().parse().ok());
    number.context("PostgreSQL does not say which process it is")
}

/// What makes the syncs of files below a folder slow.
fn slow(shim: &Path, data: &Path) -> Vec<(String, String)> {
    let text = |path: &Path| path.to_string_lossy().into_owned();
    vec![
        ("LD_PRELOAD".to_owned(), text(&shim.join("sync.so"))),
        ("SHIM_DIRECTORY".to_owned(), text(data)),
        ("SHIM_DELAY".to_owned(), SLOWER_MS.to_string()),
    ]
}

impl Place {
    /// The first process of the database's server, if there is one.
    pub fn process(&self) -> Option<u32> {
        self.postgres.as_ref().map(|(_, process)| *process)
    }

    /// The size of the database, in bytes.
    pub fn bytes(&self) -> Result<u64> {
        match &self.postgres {
            None => size_of(&self.folder.path().join("data")),
            Some((database, _)) => {
                let mut psql = Command::new("psql");
                psql.args(["-Atc", "SELECT pg_database_size(current_database())", &database.url()]);
                Ok(workspace::output(&mut psql)?.parse()?)
            }
        }
    }
}
