//! The receivers that docs/receivers.md shows take what is right, once, and nothing else.

use super::request::{BODY, ID, OTHER_ID, Signed, alone, bad, now, rotated, signed, signed_at, text};
use super::{PATIENCE, output, root};
use cuehook_relay::config::Signing;
use cuehook_relay::delivery::signing::SigningSecret;
use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Barrier;
use std::time::{Duration, Instant};

/// A receiver that runs in a folder of its own.
struct Receiver {
    process: Child,
    address: SocketAddr,
    folder: tempfile::TempDir,
}

impl Receiver {
    /// Starts the program that `command` makes of a port.
    fn start(secret: &str, command: impl Fn(u16) -> Command) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let mut command = command(address.port());
        command.current_dir(&folder).env("WEBHOOK_SECRET", secret).env("PORT", address.port().to_string());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let process = command.spawn().unwrap_or_else(|fault| panic!("{command:?}: {fault}"));
        let mut receiver = Self { process, address, folder };
        let started = Instant::now();
        while TcpStream::connect(address).is_err() {
            assert!(receiver.process.try_wait().unwrap().is_none(), "{command:?} has ended");
            assert!(started.elapsed() < PATIENCE, "{command:?} does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        receiver
    }

    /// The status of its response.
    fn send(&self, signed: &Signed) -> u16 {
        self.post(&signed.headers(), &signed.body)
    }

    fn post(&self, headers: &[(&str, &str)], body: &str) -> u16 {
        let mut request = format!("POST / HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n", self.address);
        request.push_str(&format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len()));
        request.extend(headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")));
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(format!("{request}\r\n{body}").as_bytes()).unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        let status = response.split(' ').nth(1).and_then(|status| status.parse().ok());
        status.unwrap_or_else(|| panic!("{response:?}"))
    }

    /// What it has stored: bodies by id.
    fn stored(&self) -> BTreeMap<String, String> {
        let Ok(files) = self.folder.path().join("inbox").read_dir() else { return BTreeMap::new() };
        files
            .map(|file| {
                let path = file.unwrap().path();
                let name = path.file_name().unwrap().to_str().unwrap().to_owned();
                (name, std::fs::read_to_string(path).unwrap())
            })
            .collect()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn only(id: &str) -> BTreeMap<String, String> {
    BTreeMap::from([(id.to_owned(), BODY.to_owned())])
}

/// All that a receiver has to do.
fn receives(command: impl Fn(u16) -> Command) {
    let [secret, other] = [(); 2].map(|()| text(&SigningSecret::generate().unwrap()));
    let receiver = Receiver::start(&secret, command);
    for (name, request) in bad(&secret) {
        assert_eq!(receiver.send(&request), 401, "{name}");
    }
    let good = signed(&alone(&secret), ID);
    let fields = good.headers();
    for missing in 0..3 {
        let rest: Vec<(&str, &str)> = fields
            .iter()
            .enumerate()
            .filter(|(place, _)| *place != missing)
            .map(|(_, field)| *field)
            .collect();
        assert_eq!(receiver.post(&rest, BODY), 401, "without {}", fields[missing].0);
    }
    for strange in ["", "-1", "1e9", "NaN", "now", "99999999999999999999999"] {
        assert_eq!(receiver.post(&[fields[0], (fields[1].0, strange), fields[2]], BODY), 401, "{strange:?}");
    }
    assert_eq!(receiver.stored(), BTreeMap::new(), "nothing of that is stored");

    // Whoever leaves in the middle takes nobody along.
    for length in [10, 1_000_000] {
        let mut broken = TcpStream::connect(receiver.address).unwrap();
        broken
            .write_all(
                format!("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: {length}\r\n\r\n{{\"a").as_bytes(),
            )
            .unwrap();
    }

    // The next attempt has the same id and bytes, and a time and signature of its own.
    assert_eq!(receiver.send(&signed(&alone(&secret), ID)), 204);
    assert_eq!(receiver.stored(), only(ID));
    let again = signed_at(&alone(&secret), &Signing::default(), ID, now() - 240_000, BODY);
    assert_eq!(receiver.send(&again), 204, "a duplicate is taken, so that it is not sent again");
    assert_eq!(receiver.stored(), only(ID), "and is one");

    // Many at once are one, too.
    let (many, start) = (8, Barrier::new(8));
    let attempt = || {
        let request = signed(&rotated(&secret, &other), OTHER_ID);
        start.wait();
        receiver.send(&request)
    };
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..many).map(|_| scope.spawn(attempt)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(statuses, [204; 8]);
    assert_eq!(receiver.stored(), [only(ID), only(OTHER_ID)].into_iter().flatten().collect());
}

fn source(file: &str) -> std::path::PathBuf {
    root().join("tests/receivers").join(file)
}

#[test]
#[ignore = "needs Node: cargo xtask test --only signatures"]
fn the_receiver_in_node_receives() {
    receives(|_| program("node", &source("node/receiver.mjs")));
}

#[test]
#[ignore = "needs Python: cargo xtask test --only signatures"]
fn the_receiver_in_python_receives() {
    receives(|_| program("/usr/bin/python3", &source("python/receiver.py")));
}

#[test]
#[ignore = "needs PHP: cargo xtask test --only signatures"]
fn the_receiver_in_php_receives() {
    receives(|port| {
        let mut command = Command::new("php");
        command.args(["-S", &format!("127.0.0.1:{port}")]).arg(source("php/receiver.php"));
        command
    });
}

#[test]
#[ignore = "needs Go: cargo xtask test --only signatures"]
fn the_receiver_in_go_receives() {
    let folder = tempfile::tempdir().unwrap();
    let built = folder.path().join("receiver");
    let mut build = Command::new("go");
    build.args(["build", "-o"]).arg(&built).arg(source("go/receiver.go"));
    // What it compiles of Go's library stays for the next time.
    build.env("GOCACHE", root().join("target/go")).env("CGO_ENABLED", "0");
    output(&mut build);
    receives(|_| Command::new(&built));
}

#[test]
#[ignore = "needs a program: cargo xtask test --only signatures"]
fn the_receiver_in_rust_receives() {
    let test = std::env::current_exe().unwrap();
    let built = test.parent().unwrap().parent().unwrap().join("examples/receiver");
    receives(|_| Command::new(&built));
}

fn program(name: &str, file: &Path) -> Command {
    let mut command = Command::new(name);
    command.arg(file);
    command
}
