//! A master key that was made once, in a file that nobody else reads.

use super::key::{KeyFault, MasterKey, hex};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret as _, SecretString};
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

/// Why a key file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileFault {
    /// It cannot be read or written.
    #[error("the key file `{0}` cannot be used: {1}")]
    Io(PathBuf, std::io::Error),
    /// Others can read it.
    #[error("others can read or write the key file `{0}`; take that from them: `chmod 600 {0}`")]
    Exposed(PathBuf),
    /// There is something else than a key inside.
    #[error("the key file `{0}` holds no key: {1}")]
    Unreadable(PathBuf, KeyFault),
}

/// The key in a file; none if there is no such file.
///
/// # Errors
/// If there is one and it cannot be used.
pub fn read_key_file(path: &Path) -> Result<Option<MasterKey>, KeyFileFault> {
    let io = |error| KeyFileFault::Io(path.to_owned(), error);
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(io(error)),
    };
    // Of the file that was opened, whatever has the name by now.
    if is_exposed(&file.metadata().map_err(io)?) {
        return Err(KeyFileFault::Exposed(path.to_owned()));
    }
    // Room enough that it never grows, which would leave a copy behind.
    let mut text = Zeroizing::new(String::with_capacity(1024));
    file.take(512).read_to_string(&mut text).map_err(io)?;
    let key = MasterKey::parse(&SecretString::from(text.trim()));
    key.map(Some).map_err(|fault| KeyFileFault::Unreadable(path.to_owned(), fault))
}

/// The key in a file, which is made if there is none. Of two who make it at once both get the same.
///
/// # Errors
/// If it cannot be used or made.
pub fn key_file(path: &Path) -> Result<MasterKey, KeyFileFault> {
    if let Some(key) = read_key_file(path)? {
        return Ok(key);
    }
    let io = |error| KeyFileFault::Io(path.to_owned(), error);
    let key = MasterKey::generate().map_err(|fault| KeyFileFault::Unreadable(path.to_owned(), fault))?;
    let mut suffix = [0; 8];
    getrandom::fill(&mut suffix).map_err(|_| KeyFileFault::Unreadable(path.to_owned(), KeyFault::Random))?;
    // It gets its name when it is complete, and only if nobody else was faster.
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(format!(".{}", hex(&suffix)));
    let unfinished = PathBuf::from(unfinished);
    let named = write(&unfinished, &key).and_then(|()| std::fs::hard_link(&unfinished, path));
    // Whatever came of it; nothing depends on its going.
    let _ = std::fs::remove_file(&unfinished);
    match named {
        Ok(()) => {
            sync_directory(path).map_err(io)?;
            Ok(key)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            read_key_file(path)?.ok_or_else(|| io(ErrorKind::NotFound.into()))
        }
        Err(error) => Err(io(error)),
    }
}

fn write(path: &Path, key: &MasterKey) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(key.to_text().expose_secret().as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()
}

/// The name is on disk, too: what is sealed under the key must not outlive it.
fn sync_directory(path: &Path) -> std::io::Result<()> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    if cfg!(unix) { File::open(directory.unwrap_or(Path::new(".")))?.sync_all() } else { Ok(()) }
}

#[cfg(unix)]
fn is_exposed(metadata: &std::fs::Metadata) -> bool {
    std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o077 != 0
}

#[cfg(not(unix))]
fn is_exposed(_: &std::fs::Metadata) -> bool {
    false
}
