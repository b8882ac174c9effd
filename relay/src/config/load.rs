//! Reads `relay.toml`, the environment and the options of the command, and says everything that is wrong with them at once.

use super::api_keys::api_keys;
use super::fault::{ConfigFault, ConfigFaults, FaultCode, Notice, Place};
use super::keys::{KEYS, nearest, variable};
use super::reader::{Flags, Lines, Reader, Section};
use super::settings::Settings;
use super::values;
use super::webhooks::webhooks;
use crate::secrets::MasterKey;
use crate::token::{ApiKeys, PlayerTokens};
use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use toml::de::DeTable;

/// The file that is read unless another one is named; it need not be there.
pub const FILE: &str = "relay.toml";
/// Where a master key is made when none is configured.
pub const KEY_FILE: &str = "cuehook-relay.key";
/// Bytes of the file at most.
const MAX_FILE: u64 = 1024 * 1024;
/// Variables that are no keys of the file.
const OTHER_VARIABLES: [&str; 2] = ["CUEHOOK_RELAY_CONFIG", "CUEHOOK_RELAY_LOG"];

/// Where a configuration comes from.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The file; unless it is named, [`FILE`] if there is one.
    pub file: Option<PathBuf>,
    /// The environment.
    pub environment: BTreeMap<String, String>,
    /// `--listen`.
    pub listen: Option<String>,
    /// `--database`.
    pub database: Option<String>,
    /// `--origin`, as often as it is given.
    pub origins: Vec<String>,
    /// `--replace-sealed`.
    pub replace_sealed: bool,
    /// What paths are relative to: the working directory.
    pub directory: PathBuf,
    /// A master key that is needed and not there is not made, but is another one each time: to look at a configuration.
    pub dry: bool,
}

impl Sources {
    /// The environment of this process. What is not UTF-8 in it is left out.
    pub fn of_process() -> Self {
        let texts = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Self { environment: std::env::vars_os().filter_map(texts).collect(), ..Self::default() }
    }

    fn flags(&self) -> Flags {
        let one = |value: &Option<String>| value.iter().cloned().collect::<Vec<_>>();
        let flags = [
            ("listen", "--listen", one(&self.listen)),
            ("database", "--database", one(&self.database)),
            ("players.origins", "--origin", self.origins.clone()),
        ];
        let given = flags.into_iter().filter(|(_, _, values)| !values.is_empty());
        given.map(|(path, name, values)| (path, (name, values))).collect()
    }
}

/// A configuration that can be used.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// What the relay is told.
    pub settings: Settings,
    /// What the operator should know.
    pub notices: Vec<Notice>,
    /// The file that was read, if there was one.
    pub file: Option<PathBuf>,
}

/// Reads and checks a configuration. Makes the master key's file where one is needed and none is configured.
///
/// # Errors
/// With everything that is wrong.
pub fn load(sources: &Sources) -> Result<Loaded, ConfigFaults> {
    let (file, text) = read_file(sources)?;
    let shown = file.as_deref().unwrap_or(Path::new(FILE)).display().to_string();
    let lines = Lines::of(&text);
    let parsed = DeTable::parse(&text).map_err(|error| {
        let place = lines.place(&shown, error.span().map_or(0, |span| span.start));
        let message = format!("this is no TOML: {}", error.message().replace('\n', " "));
        ConfigFaults(vec![ConfigFault { code: FaultCode::Syntax, place, path: String::new(), message }])
    })?;
    let flags = sources.flags();
    let reader = Reader {
        flags: &flags,
        environment: &sources.environment,
        file: &shown,
        lines: &lines,
        root: parsed.get_ref(),
        faults: Vec::new(),
    };
    let (settings, notices) = settings(reader, sources)?;
    Ok(Loaded { settings, notices, file })
}

fn read_file(sources: &Sources) -> Result<(Option<PathBuf>, String), ConfigFaults> {
    let named = sources.file.clone();
    let named = named.or_else(|| sources.environment.get("CUEHOOK_RELAY_CONFIG").map(PathBuf::from));
    let path = named.clone().unwrap_or_else(|| PathBuf::from(FILE));
    let fault = |message: String| {
        let place = Place::File { file: path.display().to_string(), line: 1, column: 1 };
        let code = FaultCode::FileUnreadable;
        ConfigFaults(vec![ConfigFault { code, place, path: String::new(), message }])
    };
    let opened = match std::fs::File::open(sources.directory.join(&path)) {
        Err(error) if named.is_none() && error.kind() == std::io::ErrorKind::NotFound => {
            return Ok((None, String::new()));
        }
        opened => opened.map_err(|error| fault(format!("the file cannot be read: {error}")))?,
    };
    let mut bytes = Vec::new();
    let read = opened.take(MAX_FILE + 1).read_to_end(&mut bytes);
    let length = read.map_err(|error| fault(format!("the file cannot be read: {error}")))?;
    if length as u64 > MAX_FILE {
        return Err(fault("the file is larger than 1 MiB".to_owned()));
    }
    let text = String::from_utf8(bytes).map_err(|_| fault("the file is not UTF-8".to_owned()))?;
    Ok((Some(path), text))
}

fn settings(mut reader: Reader<'_>, sources: &Sources) -> Result<(Settings, Vec<Notice>), ConfigFaults> {
    let mut notices = Vec::new();
    let directory = sources.directory.as_path();
    let root = Section { table: reader.root, path: String::new(), place: reader.place(0) };
    values::refuse_others(&mut reader, &root);
    let listen = values::listen(&mut reader);
    let is_loopback = listen.ip().is_loopback();
    let database = values::database(&mut reader, directory, &mut notices);
    let origins = values::origins(&mut reader, is_loopback);
    let limits = values::limits(&mut reader);
    let delivery = values::delivery(&mut reader);
    let network = values::network(&mut reader);
    let retention = values::retention(&mut reader);
    let webhooks = webhooks(&mut reader, &root, &network.allow, directory);
    let api_keys = ApiKeys::new(api_keys(&mut reader, &root));
    let player_keys = values::player_keys(&mut reader, directory);
    let mut master = values::master_keys(&mut reader, directory, is_loopback);
    // A key is made only for a configuration that is right otherwise.
    if master.is_empty() && reader.faults.is_empty() {
        master.extend(values::made_key(&mut reader, sources, &database, &mut notices));
    }
    let mut master = master.into_iter();
    let first = match (reader.faults.is_empty(), master.next()) {
        (true, Some(first)) => first,
        _ => return Err(reader.into_faults()),
    };
    let others: Vec<MasterKey> = master.collect();
    values::say_of_network(&network, &webhooks, is_loopback, &mut notices);
    say_of_environment(reader.lines.text, sources, &mut notices);
    let mut settings = Settings::new(first, others);
    if let Some((first, others)) = player_keys.split_first() {
        settings.player_tokens = PlayerTokens::new(first, others);
    }
    let replace_sealed = sources.replace_sealed;
    let settings = Settings {
        listen,
        database,
        origins,
        limits,
        delivery,
        network,
        retention,
        webhooks,
        api_keys,
        replace_sealed,
        ..settings
    };
    Ok((settings, notices))
}

/// Variables that look like ours and are none. They may be anybody's, so this is no fault.
fn say_of_environment(text: &str, sources: &Sources, notices: &mut Vec<Notice>) {
    let ours: Vec<String> = KEYS.iter().map(|key| variable(key.path)).collect();
    let mut known: Vec<&str> = ours.iter().map(String::as_str).collect();
    known.extend(OTHER_VARIABLES);
    for name in sources.environment.keys().filter(|name| name.starts_with("CUEHOOK_RELAY_")) {
        // Secrets may have any name; the file says which.
        if known.contains(&name.as_str()) || text.contains(&format!("env:{name}")) {
            continue;
        }
        let meant = nearest(name, &known).map_or(String::new(), |near| format!("; did you mean `{near}`?"));
        notices.push(Notice(format!("the variable `{name}` means nothing to the relay{meant}")));
    }
}
