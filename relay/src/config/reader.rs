//! Reads values of the configuration and collects what is wrong: options before the environment before the file.

use super::fault::{ConfigFault, ConfigFaults, FaultCode, Place};
use super::keys::{Key, Kind, nearest, variable};
use std::borrow::Cow;
use std::collections::BTreeMap;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Entries of a list at most.
const MAX_ITEMS: usize = 1000;
/// Faults that are told at once.
const MAX_FAULTS: usize = 200;

/// A value with its place.
#[derive(Clone, Debug)]
pub(super) struct Given<T> {
    pub value: T,
    pub place: Place,
    pub path: String,
}

/// Options of the command, by the path of the key they stand for: name and values.
pub(super) type Flags = BTreeMap<&'static str, (&'static str, Vec<String>)>;

/// Where values are read from, and what is wrong with them.
pub(super) struct Reader<'s> {
    pub flags: &'s Flags,
    pub environment: &'s BTreeMap<String, String>,
    pub file: &'s str,
    pub lines: &'s Lines<'s>,
    pub root: &'s DeTable<'s>,
    pub faults: Vec<ConfigFault>,
}

/// A table of the file with its path.
#[derive(Clone, Debug)]
pub(super) struct Section<'s> {
    pub table: &'s DeTable<'s>,
    pub path: String,
    pub place: Place,
}

impl<'s> Reader<'s> {
    /// Something is wrong.
    pub fn fault(
        &mut self,
        code: FaultCode,
        place: Place,
        path: impl Into<String>,
        message: impl Into<String>,
    ) {
        if self.faults.len() < MAX_FAULTS {
            self.faults.push(ConfigFault { code, place, path: path.into(), message: message.into() });
        }
    }

    /// The same, of a value.
    pub fn fault_of<T>(&mut self, given: &Given<T>, code: FaultCode, message: impl Into<String>) {
        self.fault(code, given.place.clone(), given.path.clone(), message);
    }

    /// A text.
    pub fn text(&mut self, key: &Key) -> Option<Given<String>> {
        if let Some(mut given) = self.outside(key) {
            let value = given.value.pop().unwrap_or_default();
            return Some(Given { value, place: given.place, path: given.path });
        }
        let (value, place) = self.in_file(key)?;
        self.text_of(value, place, key.path.to_owned())
    }

    /// A whole number within the bounds of its key, or its default.
    pub fn number(&mut self, key: &Key) -> u32 {
        let Kind::Number(least, most, default) = key.kind else { return 0 };
        let read = if let Some(given) = self.outside(key) {
            let value = given.value.last().map_or("", |text| text.trim()).parse::<i64>().ok();
            Some((value, given.place, "a text".to_owned()))
        } else {
            self.in_file(key).map(|(value, place)| (integer(value), place, type_of(value)))
        };
        let Some((value, place, found)) = read else { return default };
        self.bounded(value, place, key.path.to_owned(), &found, least, most).unwrap_or(default)
    }

    /// A whole number within bounds.
    fn bounded(
        &mut self,
        value: Option<i64>,
        place: Place,
        path: String,
        found: &str,
        least: u32,
        most: u32,
    ) -> Option<u32> {
        let Some(value) = value else {
            let message = format!("found {found}; write a whole number from {least} to {most}");
            self.fault(FaultCode::WrongType, place, path, message);
            return None;
        };
        let bounded = u32::try_from(value).ok().filter(|value| (least..=most).contains(value));
        if bounded.is_none() {
            let message = format!("found {value}; write a whole number from {least} to {most}");
            self.fault(FaultCode::OutOfRange, place, path, message);
        }
        bounded
    }

    /// Texts.
    pub fn list(&mut self, key: &Key) -> Vec<Given<String>> {
        if let Some(given) = self.outside(key) {
            let split = given.value.iter().flat_map(|text| text.split(','));
            let texts = split.map(str::trim).filter(|text| !text.is_empty());
            let indexed = texts.enumerate().map(|(index, text)| Given {
                value: text.to_owned(),
                place: given.place.clone(),
                path: format!("{}[{index}]", key.path),
            });
            return indexed.collect();
        }
        let Some((value, place)) = self.in_file(key) else { return Vec::new() };
        self.list_of(value, place, key.path)
    }

    /// Whole numbers within the bounds of their key; none if nothing is said.
    pub fn numbers(&mut self, key: &Key) -> Vec<u32> {
        let Kind::Numbers(least, most, count) = key.kind else { return Vec::new() };
        let mut numbers = Vec::new();
        if self.outside(key).is_some() {
            for given in self.list(key) {
                let value = given.value.parse().ok();
                numbers.extend(self.bounded(value, given.place, given.path, "a text", least, most));
            }
        } else if let Some((value, place)) = self.in_file(key) {
            let Some(array) = value.as_array() else {
                let message = format!("found {}; write a list of numbers: [5, 30]", type_of(value));
                self.fault(FaultCode::WrongType, place, key.path, message);
                return numbers;
            };
            for (index, item) in array.iter().take(count + 1).enumerate() {
                let (place, value) = (self.place(item.span().start), item.get_ref());
                let path = format!("{}[{index}]", key.path);
                numbers.extend(self.bounded(integer(value), place, path, &type_of(value), least, most));
            }
        }
        self.at_most(numbers, count, Place::Nowhere, key.path)
    }

    /// Whether the value of a key is written in the file, and not where only the operator looks.
    pub fn is_from_file(place: &Place) -> bool {
        matches!(place, Place::File { .. })
    }

    /// What an option or the environment says of a key.
    fn outside(&self, key: &Key) -> Option<Given<Vec<String>>> {
        let path = key.path.to_owned();
        if let Some((name, values)) = self.flags.get(key.path) {
            return Some(Given { value: values.clone(), place: Place::Flag((*name).to_owned()), path });
        }
        let name = variable(key.path);
        let value = self.environment.get(&name).filter(|value| !value.trim().is_empty())?;
        Some(Given { value: vec![value.clone()], place: Place::Environment(name), path })
    }

    /// What the file says of a key.
    fn in_file(&self, key: &Key) -> Option<(&'s DeValue<'s>, Place)> {
        let mut table = self.root;
        let (section, name) = match key.path.split_once('.') {
            Some((section, name)) => (Some(section), name),
            None => (None, key.path),
        };
        if let Some(section) = section {
            table = table.get(section)?.get_ref().as_table()?;
        }
        let value = table.get(name)?;
        Some((value.get_ref(), self.place(value.span().start)))
    }

    /// Line and column of a byte of the file.
    pub fn place(&self, offset: usize) -> Place {
        self.lines.place(self.file, offset)
    }

    /// A value that must be a text.
    fn text_of(&mut self, value: &DeValue<'_>, place: Place, path: String) -> Option<Given<String>> {
        if let Some(text) = value.as_str() {
            return Some(Given { value: text.to_owned(), place, path });
        }
        self.fault(FaultCode::WrongType, place, path, format!("found {}; write a text", type_of(value)));
        None
    }

    /// A value that must be a list of texts.
    fn list_of(&mut self, value: &'s DeValue<'s>, place: Place, path: &str) -> Vec<Given<String>> {
        let Some(array) = value.as_array() else {
            let message = format!("found {}; write a list of texts: [\"…\"]", type_of(value));
            self.fault(FaultCode::WrongType, place, path, message);
            return Vec::new();
        };
        if array.len() > MAX_ITEMS {
            let message = format!("there are {}; at most {MAX_ITEMS} are allowed", array.len());
            self.fault(FaultCode::TooMany, place, path, message);
            return Vec::new();
        }
        let mut texts = Vec::new();
        for (index, item) in array.iter().enumerate() {
            let place = self.place(item.span().start);
            texts.extend(self.text_of(item.get_ref(), place, format!("{path}[{index}]")));
        }
        texts
    }

    /// The tables of `[[name]]` in a table, at most so many.
    pub fn sections(&mut self, parent: &Section<'s>, name: &str, most: usize) -> Vec<Section<'s>> {
        let Some(value) = parent.table.get(name) else { return Vec::new() };
        let (place, path) = (self.place(value.span().start), join(&parent.path, name));
        let Some(array) = value.get_ref().as_array() else {
            let message = format!("found {}; write a list of tables: `[[{name}]]`", type_of(value.get_ref()));
            self.fault(FaultCode::WrongType, place, path, message);
            return Vec::new();
        };
        if array.len() > most {
            let message = format!("there are {}; at most {most} are allowed", array.len());
            self.fault(FaultCode::TooMany, place, path, message);
            return Vec::new();
        }
        let mut sections = Vec::new();
        for (index, item) in array.iter().enumerate() {
            let (place, path) = (self.place(item.span().start), format!("{path}[{index}]"));
            match item.get_ref().as_table() {
                Some(table) => sections.push(Section { table, path, place }),
                None => {
                    let message = format!("found {}; write a table", type_of(item.get_ref()));
                    self.fault(FaultCode::WrongType, place, path, message);
                }
            }
        }
        sections
    }

    /// Says of every key that is not known which one was probably meant.
    pub fn refuse_others(&mut self, section: &Section<'s>, known: &[&str]) {
        let unknown: Vec<&Spanned<Cow<'_, str>>> = section
            .table
            .keys()
            .filter(|key| !known.contains(&key.get_ref().as_ref()))
            .take(MAX_FAULTS)
            .collect();
        for key in unknown {
            let found = key.get_ref();
            let meant = match nearest(found, known) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("known keys: {}", known.join(", ")),
            };
            let place = self.place(key.span().start);
            let shown: String = found.chars().take(60).filter(|character| !character.is_control()).collect();
            let path = join(&section.path, &shown);
            self.fault(FaultCode::UnknownKey, place, path, format!("there is no such key; {meant}"));
        }
    }

    /// A text in a table.
    pub fn text_in(&mut self, section: &Section<'s>, name: &str) -> Option<Given<String>> {
        let value = section.table.get(name)?;
        self.text_of(value.get_ref(), self.place(value.span().start), join(&section.path, name))
    }

    /// A text that must be in a table.
    pub fn required_in(&mut self, section: &Section<'s>, name: &str, example: &str) -> Option<Given<String>> {
        if !section.table.contains_key(name) {
            let message = format!("`{name}` is missing; write `{name} = \"{example}\"`");
            self.fault(FaultCode::MissingKey, section.place.clone(), section.path.clone(), message);
        }
        self.text_in(section, name)
    }

    /// Yes or no in a table; `default` unless it is said.
    pub fn boolean_in(&mut self, section: &Section<'s>, name: &str, default: bool) -> bool {
        let Some(value) = section.table.get(name) else { return default };
        if let Some(value) = value.get_ref().as_bool() {
            return value;
        }
        let message = format!("found {}; write `true` or `false`", type_of(value.get_ref()));
        self.fault(FaultCode::WrongType, self.place(value.span().start), join(&section.path, name), message);
        default
    }

    /// A whole number in a table.
    pub fn number_in(
        &mut self,
        section: &Section<'s>,
        name: &str,
        (least, most): (u32, u32),
        default: u32,
    ) -> u32 {
        let Some(value) = section.table.get(name) else { return default };
        let (place, value) = (self.place(value.span().start), value.get_ref());
        self.bounded(integer(value), place, join(&section.path, name), &type_of(value), least, most)
            .unwrap_or(default)
    }

    /// A table in a table.
    pub fn table_in(&mut self, section: &Section<'s>, name: &str) -> Option<Section<'s>> {
        let value = section.table.get(name)?;
        let (place, path) = (self.place(value.span().start), join(&section.path, name));
        if let Some(table) = value.get_ref().as_table() {
            return Some(Section { table, path, place });
        }
        let message = format!("found {}; write a table: `{name} = {{ … }}`", type_of(value.get_ref()));
        self.fault(FaultCode::WrongType, place, path, message);
        None
    }

    /// Where a value is, named by its path within a table, such as `headers[0].name`.
    pub fn place_in(&self, section: &Section<'s>, path: &str) -> Option<Place> {
        let (mut table, mut found) = (Some(section.table), None);
        for part in path.split('.') {
            let (name, index) = match part.strip_suffix(']').and_then(|part| part.split_once('[')) {
                Some((name, index)) => (name, Some(index.parse::<usize>().ok()?)),
                None => (part, None),
            };
            let mut value = table?.get(name)?;
            if let Some(index) = index {
                value = value.get_ref().as_array()?.get(index)?;
            }
            (table, found) = (value.get_ref().as_table(), Some(value.span().start));
        }
        found.map(|offset| self.place(offset))
    }

    /// Texts in a table.
    pub fn list_in(&mut self, section: &Section<'s>, name: &str, most: usize) -> Vec<Given<String>> {
        let Some(value) = section.table.get(name) else { return Vec::new() };
        let (place, path) = (self.place(value.span().start), join(&section.path, name));
        let texts = self.list_of(value.get_ref(), place.clone(), &path);
        self.at_most(texts, most, place, &path)
    }

    /// No more than so many.
    pub fn at_most<T>(&mut self, values: Vec<T>, most: usize, place: Place, path: &str) -> Vec<T> {
        if values.len() <= most {
            return values;
        }
        let message = format!("there are {}; at most {most} are allowed", values.len());
        self.fault(FaultCode::TooMany, place, path, message);
        Vec::new()
    }

    /// Everything that is wrong, in the order of the file.
    pub fn into_faults(mut self) -> ConfigFaults {
        self.faults.sort_by(|one, other| one.place.cmp(&other.place));
        ConfigFaults(self.faults)
    }
}

/// A file's text, and where its lines begin: every value has a place, and a file may have many of them.
#[derive(Debug)]
pub(super) struct Lines<'s> {
    pub text: &'s str,
    starts: Vec<usize>,
}

impl<'s> Lines<'s> {
    pub fn of(text: &'s str) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let starts = std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect();
        Self { text, starts }
    }

    /// Line and column of a byte.
    pub fn place(&self, file: &str, offset: usize) -> Place {
        let mut end = offset.min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let line = self.starts.partition_point(|start| *start <= end).max(1);
        let start = self.starts.get(line - 1).copied().unwrap_or_default();
        let column = self.text.get(start..end).unwrap_or_default().chars().count() + 1;
        Place::File { file: file.to_owned(), line, column }
    }
}

pub(super) fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// What was found, in words and without what it says.
pub(super) fn type_of(value: &DeValue<'_>) -> String {
    let name = match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "`true` or `false`",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    };
    name.to_owned()
}

fn integer(value: &DeValue<'_>) -> Option<i64> {
    let integer = value.as_integer()?;
    i64::from_str_radix(integer.as_str(), integer.radix()).ok()
}
