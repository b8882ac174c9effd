//! API keys of `relay.toml`.

use super::fault::{FaultCode, Place};
use super::keys::API_KEY_KEYS;
use super::reader::{Reader, Section};
use super::rules::{is_id, project_fault};
use crate::token::{ApiKey, Scope, StoredApiKey};
use std::collections::HashSet;

const MAX_API_KEYS: usize = 100;

/// All API keys of the file.
pub(super) fn api_keys<'s>(reader: &mut Reader<'s>, root: &Section<'s>) -> Vec<StoredApiKey> {
    let (mut names, mut hashes) = (HashSet::new(), HashSet::new());
    let mut keys = Vec::new();
    for section in reader.sections(root, "apiKey", MAX_API_KEYS) {
        reader.refuse_others(&section, &API_KEY_KEYS);
        let name = reader.required_in(&section, "name", "shop");
        if let Some(name) = &name {
            if !is_id(&name.value) {
                let message = "a name is 1 to 64 letters, digits, `-`, `_` or `.`";
                reader.fault_of(name, FaultCode::WrongValue, message);
            }
            if !names.insert(name.value.clone()) {
                reader.fault_of(name, FaultCode::Duplicate, "another API key has this name");
            }
        }
        let written = reader.required_in(&section, "hash", "sha256:…");
        let hash = written.as_ref().and_then(|hash| parse_hash(&hash.value));
        if let Some(written) = &written {
            match hash {
                None => {
                    let message = "a hash is `sha256:` and 64 hexadecimal digits, as `cuehook-relay key NAME` prints it; the key itself is not written here";
                    reader.fault_of(written, FaultCode::WrongValue, message);
                }
                Some(hash) if !hashes.insert(hash) => {
                    reader.fault_of(written, FaultCode::Duplicate, "another API key has this hash");
                }
                Some(_) => {}
            }
        }
        let scopes = scopes(reader, &section);
        let project = reader.text_in(&section, "project");
        if let Some(project) = &project
            && let Some((code, message)) = project_fault(&project.value)
        {
            reader.fault_of(project, code, message);
        }
        let project = project.map(|project| project.value);
        if let (Some(name), Some(hash)) = (name, hash) {
            keys.push(StoredApiKey { key: ApiKey { name: name.value, scopes, project }, hash });
        }
    }
    keys
}

fn scopes<'s>(reader: &mut Reader<'s>, section: &Section<'s>) -> Vec<Scope> {
    let mut scopes = Vec::new();
    let written = reader.list_in(section, "scopes", Scope::ALL.len());
    if !section.table.contains_key("scopes") {
        missing_scopes(reader, section.place.clone(), section.path.clone());
    }
    for word in written {
        match Scope::named(&word.value) {
            Some(scope) if !scopes.contains(&scope) => scopes.push(scope),
            Some(_) => {}
            None => {
                let near = cuehook_protocol::nearest(&word.value, &Scope::WORDS);
                let meant = near.map_or_else(
                    || format!("write {}", Scope::WORDS.map(|word| format!("`{word}`")).join(" or ")),
                    |near| format!("did you mean `{near}`?"),
                );
                reader.fault_of(&word, FaultCode::WrongValue, format!("there is no such scope; {meant}"));
            }
        }
    }
    scopes
}

fn missing_scopes(reader: &mut Reader<'_>, place: Place, path: String) {
    let message = "`scopes` is missing; write `scopes = [\"events:write\"]`";
    reader.fault(FaultCode::MissingKey, place, path, message);
}

/// `sha256:` and 64 hexadecimal digits.
fn parse_hash(text: &str) -> Option<[u8; 32]> {
    let digits = text.strip_prefix("sha256:").filter(|digits| digits.len() == 64)?;
    let mut hash = [0; 32];
    for (byte, pair) in hash.iter_mut().zip(digits.as_bytes().chunks(2)) {
        let value = |digit: &u8| char::from(*digit).to_digit(16);
        let [high, low] = pair else { return None };
        *byte = u8::try_from(value(high)? * 16 + value(low)?).ok()?;
    }
    Some(hash)
}
