//! PostgreSQL for tests and for the bench: Debian's programs, in a temporary folder, on a loopback port.
//!
//! One template is made for each test process; servers are copies of it, and each test has a database of its own. Whatever becomes of the
//! process, a small watchdog stops its servers and removes its folder: it sees that by a pipe that ends.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;
use std::time::Duration;

/// Numbers for what needs a name of its own within this process.
static NUMBER: AtomicU32 = AtomicU32::new(0);

fn number() -> u32 {
    NUMBER.fetch_add(1, Ordering::Relaxed)
}

/// Where PostgreSQL's programs are: the newest of Debian's versions.
///
/// # Panics
/// If it is not installed, with the command that installs it.
fn programs() -> &'static Path {
    static PROGRAMS: OnceLock<PathBuf> = OnceLock::new();
    PROGRAMS.get_or_init(|| {
        let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
        let version = |path: &PathBuf| path.file_name().and_then(|name| name.to_str()?.parse::<u32>().ok());
        let newest = versions.map(|entry| entry.path()).filter(|path| path.join("bin/initdb").exists());
        let newest = newest.max_by_key(version);
        let install = "PostgreSQL is not installed. Install it with `cargo xtask setup` or `apt-get install postgresql`.";
        newest.expect(install).join("bin")
    })
}

/// A command as the user postgres if we are root, as which PostgreSQL does not run.
fn as_postgres(program: &Path) -> Command {
    use std::os::unix::fs::MetadataExt as _;
    let is_root = fs::metadata("/proc/self").expect("there is /proc").uid() == 0;
    let mut command = match is_root {
        true => {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        }
        false => Command::new(program),
    };
    command.current_dir("/tmp").stdin(Stdio::null());
    command
}

/// Runs a program to its end.
fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {words}");
}

/// This process's folder, and the watchdog that removes it.
struct Folder {
    path: PathBuf,
    /// Its input is the pipe that ends with this process.
    _watchdog: Mutex<Child>,
}

/// It ignores what ends a test run by the keyboard: then there is the most to be tidied up.
const WATCHDOG: &str = r#"trap '' INT TERM HUP; read -r nothing; cd /tmp
for data in "$0"/server-*; do "$@" -D "$data" -m immediate stop; done >/dev/null 2>&1; rm -rf "$0""#;

fn folder() -> &'static Path {
    static FOLDER: OnceLock<Folder> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let path = PathBuf::from(format!("/tmp/cuehook-postgres-{}", std::process::id()));
        // Of a process of the same number, whose watchdog was killed, too.
        let _ = fs::remove_dir_all(&path);
        run(as_postgres(Path::new("/bin/mkdir")).args(["-m", "700"]).arg(&path));
        let stop = as_postgres(&programs().join("pg_ctl"));
        let watchdog = Command::new("setsid")
            .args(["sh", "-c", WATCHDOG])
            .arg(&path)
            .arg(stop.get_program())
            .args(stop.get_args())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("sh and setsid are there");
        let template = path.join("template");
        let initdb = programs().join("initdb");
        run(as_postgres(&initdb)
            .args(["--auth=trust", "--encoding=UTF8", "--locale=C", "--username=postgres", "-D"])
            .arg(&template));
        Folder { path, _watchdog: Mutex::new(watchdog) }
    });
    &folder.path
}

/// A port that is free at the moment.
fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a loopback");
    listener.local_addr().expect("it is bound").port()
}

/// A server of its own.
#[derive(Debug)]
pub struct Server {
    data: PathBuf,
    port: u16,
    /// Further options, as on its command line.
    options: String,
    /// What stands in its environment besides.
    environment: Vec<(String, String)>,
}

impl Server {
    /// The one that the tests of this process share.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Server> = OnceLock::new();
        SHARED.get_or_init(Self::new)
    }

    /// A new one, which runs.
    pub fn new() -> Self {
        Self::in_environment(|_| Vec::new())
    }

    /// A new one, which runs with what `environment` gives for the folder of its data.
    pub fn in_environment(environment: impl FnOnce(&Path) -> Vec<(String, String)>) -> Self {
        Self::make("", &[], environment)
    }

    /// A new one, which runs, with options as on its command line and files in its folder.
    pub fn with(options: &str, files: &[(&str, &str)]) -> Self {
        Self::make(options, files, |_| Vec::new())
    }

    fn make(
        options: &str,
        files: &[(&str, &str)],
        environment: impl FnOnce(&Path) -> Vec<(String, String)>,
    ) -> Self {
        let data = folder().join(format!("server-{}", number()));
        run(as_postgres(Path::new("/bin/cp")).arg("-a").arg(folder().join("template")).arg(&data));
        for (name, content) in files {
            let mut command = as_postgres(Path::new("/bin/sh"));
            command.args(["-c", "umask 077; cat > \"$0\""]).arg(data.join(name)).stdin(Stdio::piped());
            let mut child = command.spawn().expect("sh is there");
            child.stdin.take().expect("it is piped").write_all(content.as_bytes()).expect("it reads");
            assert!(child.wait().expect("it ends").success(), "{name} cannot be written");
        }
        let environment = environment(&data);
        let mut server = Self { data, port: free_port(), options: options.to_owned(), environment };
        // Between looking for a port and taking it somebody else may have taken it.
        for _ in 0..5 {
            if server.try_start() {
                return server;
            }
            server.port = free_port();
        }
        panic!("PostgreSQL does not start: {}", server.log());
    }

    /// A file of its folder.
    pub fn file(&self, name: &str) -> PathBuf {
        self.data.join(name)
    }

    fn try_start(&self) -> bool {
        let options = format!(
            "-c port={} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=200 -c shared_buffers=32MB -c recovery_init_sync_method=syncfs {}",
            self.port, self.options
        );
        let mut command = as_postgres(&programs().join("pg_ctl"));
        command.args(["-w", "-t", "60", "-o", &options, "-D"]).arg(&self.data);
        command.envs(self.environment.iter().cloned());
        command.arg("-l").arg(self.data.join("log")).arg("start");
        command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
    }

    fn log(&self) -> String {
        fs::read_to_string(self.data.join("log")).unwrap_or_default()
    }

    /// Kills it, as a crash does: nothing is written any more, and it recovers when it starts.
    pub fn stop(&self) {
        run(as_postgres(&programs().join("pg_ctl"))
            .args(["-m", "immediate", "stop", "-D"])
            .arg(&self.data)
            .stdout(Stdio::null()));
    }

    /// Kills all its processes with SIGKILL: none of them says anything any more, to its disk or to whoever is connected.
    pub fn kill(&self) {
        let first = fs::read_to_string(self.data.join("postmaster.pid")).expect("it runs");
        let first = first.lines().next().expect("the file begins with the number of the process").to_owned();
        let others = fs::read_to_string(format!("/proc/{first}/task/{first}/children")).unwrap_or_default();
        let mut command = as_postgres(Path::new("/bin/sh"));
        command.args(["-c", "kill -9 \"$@\"", "sh", &first]).args(others.split_whitespace());
        // Some of them may have ended meanwhile.
        let _ = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    }

    /// Starts it again after [`Self::stop`] or [`Self::kill`], on the same port.
    pub fn start_again(&self) {
        // Processes that have begun when it was killed see that a moment later; until then it does not start.
        let is_started = (0..50).any(|_| {
            let is_started = self.try_start();
            if !is_started {
                thread::sleep(Duration::from_millis(100));
            }
            is_started
        });
        assert!(is_started, "PostgreSQL does not start again: {}", self.log());
    }

    /// A new, empty database.
    pub fn database(&self) -> Database {
        let name = format!("test_{}", number());
        let port = self.port.to_string();
        let mut command = as_postgres(&programs().join("createdb"));
        run(command.args(["-h", "127.0.0.1", "-U", "postgres", "-T", "template0", "-p", &port, &name]));
        Database { name, port: self.port }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let mut command = as_postgres(&programs().join("pg_ctl"));
        command.args(["-m", "immediate", "stop", "-D"]).arg(&self.data);
        let _ = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
        let _ = fs::remove_dir_all(&self.data);
    }
}

/// A database for one test.
#[derive(Clone, Debug)]
pub struct Database {
    name: String,
    port: u16,
}

impl Database {
    /// Its address.
    pub fn url(&self) -> String {
        self.url_at(self.port)
    }

    /// Its address through a proxy.
    pub fn url_through(&self, proxy: &Proxy) -> String {
        self.url_at(proxy.port)
    }

    fn url_at(&self, port: u16) -> String {
        format!("postgres://postgres@127.0.0.1:{port}/{}", self.name)
    }

    /// Host and port, for addresses with several hosts.
    pub fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A proxy before its server.
    pub fn proxy(&self) -> Proxy {
        Proxy::new(self.port)
    }
}

/// Stands between a relay and its database, and may fall silent: as when a cable is cut, nothing arrives any more, and nobody is told.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    is_silent: Arc<AtomicBool>,
}

impl Proxy {
    /// Host and port, for addresses with several hosts.
    pub fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    fn new(server: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a loopback");
        let port = listener.local_addr().expect("it is bound").port();
        let is_silent = Arc::new(AtomicBool::new(false));
        let silent = Arc::clone(&is_silent);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let silent = Arc::clone(&silent);
                thread::spawn(move || {
                    wait_while(&silent);
                    let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, server)) else { return };
                    let (Ok(from), Ok(to)) = (client.try_clone(), server.try_clone()) else { return };
                    let back = Arc::clone(&silent);
                    thread::spawn(move || forward(to, from, &back));
                    forward(client, server, &silent);
                });
            }
        });
        Self { port, is_silent }
    }

    /// Lets nothing through from now on.
    pub fn fall_silent(&self) {
        self.is_silent.store(true, Ordering::SeqCst);
    }

    /// Lets everything through, also what has waited.
    pub fn speak_again(&self) {
        self.is_silent.store(false, Ordering::SeqCst);
    }
}

fn wait_while(silent: &AtomicBool) {
    while silent.load(Ordering::SeqCst) {
        thread::sleep(Duration::from_millis(5));
    }
}

fn forward(mut from: TcpStream, mut to: TcpStream, silent: &AtomicBool) {
    let mut buffer = [0; 16_384];
    while let Ok(count) = from.read(&mut buffer) {
        wait_while(silent);
        if count == 0 || to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
    let _ = from.shutdown(Shutdown::Both);
}
