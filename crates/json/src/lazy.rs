//! Lists and objects whose text was checked but not read: what of them is looked at is read then. And numbers in another
//! spelling than ours, which keep it.

use super::members::is_canonical;
use super::scan::{Number, Scanner};
use super::{Json, Object, write_string};
use std::fmt;
use std::sync::{Arc, OnceLock};

/// A list, an object or a number as a part of the JSON text that it came in. Cloning is cheap; any part keeps the whole text.
///
/// What was read once stays read, for all clones: however often a template looks, the text is searched once.
///
/// Two of them are equal when their texts are: in another spelling (`[1]` and `[ 1 ]`) the same value counts as
/// another one. So a list of a hundred rows is compared as fast as text.
#[derive(Clone)]
pub struct Lazy {
    part: Arc<Part>,
}

/// A list, an object or a number in a document.
struct Part {
    document: Arc<Document>,
    start: usize,
    end: usize,
    /// Of a list or an object: its place in `document.nested`.
    number: usize,
    read: OnceLock<Json>,
}

/// JSON text that was checked.
pub(super) struct Document {
    pub(super) text: Box<str>,
    /// All lists and objects, as they begin. With this, whoever reads one goes past those inside it without a look.
    pub(super) nested: Vec<Nested>,
}

/// What the check knows of a list or an object.
pub(super) struct Nested {
    /// Where it ends.
    pub(super) end: usize,
    /// The number of the first one that begins after that.
    pub(super) next: usize,
}

impl Lazy {
    /// The list or object of this number, which begins at byte `start`.
    pub(super) fn new(document: &Arc<Document>, start: usize, number: usize) -> Self {
        let end = document.nested.get(number).map_or(start, |nested| nested.end);
        Self::part(document, start, end, number)
    }

    fn part(document: &Arc<Document>, start: usize, end: usize, number: usize) -> Self {
        let document = Arc::clone(document);
        Self { part: Arc::new(Part { document, start, end, number, read: OnceLock::new() }) }
    }

    /// The document it is a part of, the byte at which it begins, and its number.
    pub(super) fn place(&self) -> (&Document, usize, usize) {
        (&self.part.document, self.part.start, self.part.number)
    }

    /// The byte at which it ends.
    pub(super) fn end(&self) -> usize {
        self.part.end
    }

    /// The text.
    pub(super) fn text(&self) -> &str {
        self.part.document.text.get(self.part.start..self.end()).unwrap_or_default()
    }

    /// What kind of value it is, in words.
    pub(super) fn kind(&self) -> &'static str {
        match self.text().as_bytes() {
            [b'{', ..] => "an object",
            [b'[', ..] => "a list",
            _ => "a number",
        }
    }

    /// Whether it is an object.
    pub(super) fn is_object(&self) -> bool {
        self.text().starts_with('{')
    }

    /// How many bytes its text has.
    pub fn length(&self) -> usize {
        self.end() - self.part.start
    }

    /// Whether both are one and the same in memory.
    pub(super) fn is_shared(&self, other: &Lazy) -> bool {
        Arc::ptr_eq(&self.part, &other.part)
    }

    /// Whether it was read.
    pub(super) fn is_read(&self) -> bool {
        self.part.read.get().is_some()
    }

    /// The list or object, whose own lists and objects are lazy; or the number.
    pub(super) fn read(&self) -> &Json {
        let Part { document, start, number, read, .. } = &*self.part;
        read.get_or_init(|| {
            let scanner = Scanner::new(&document.text, *start);
            LazyReader { scanner, document: Some(document), next: number.wrapping_add(1) }.part()
        })
    }

    /// Appends the text without the blanks outside strings. Strings in which something is escaped are escaped anew:
    /// half of a surrogate pair would be refused by many who get it.
    pub(super) fn write(&self, out: &mut String) {
        let (text, end) = (&*self.part.document.text, self.end());
        let mut scanner = Scanner::new(text, self.part.start);
        let mut run = scanner.at();
        while scanner.at() < end {
            let start = scanner.at();
            let anew = match scanner.peek() {
                Some(b'"') if matches!(scanner.skip_string(), Ok(false)) => continue,
                Some(b'"') => Scanner::new(text, start).string().ok(),
                Some(b' ' | b'\t' | b'\n' | b'\r') => {
                    scanner.skip_blanks();
                    None
                }
                _ => {
                    scanner.advance();
                    continue;
                }
            };
            out.push_str(text.get(run..start).unwrap_or_default());
            if let Some(text) = anew {
                write_string(&text, out);
            }
            run = scanner.at();
        }
        out.push_str(text.get(run..end).unwrap_or_default());
    }
}

impl PartialEq for Lazy {
    fn eq(&self, other: &Self) -> bool {
        self.is_shared(other) || is_same(self.text(), other.text())
    }
}

/// Whether two texts are the same. In the module the comparison that the language brings along goes byte by byte.
fn is_same(one: &str, other: &str) -> bool {
    one.len() == other.len() && common_prefix(one.as_bytes(), other.as_bytes()) == one.len()
}

/// How many bytes are the same from the beginning on.
#[inline(always)]
pub(super) fn common_prefix(mut one: &[u8], mut other: &[u8]) -> usize {
    let mut same = 0;
    while let (Some((first, rest)), Some((other_first, other_rest))) =
        (one.split_first_chunk::<8>(), other.split_first_chunk::<8>())
    {
        let difference = u64::from_le_bytes(*first) ^ u64::from_le_bytes(*other_first);
        if difference != 0 {
            return same + difference.trailing_zeros() as usize / 8;
        }
        same += 8;
        (one, other) = (rest, other_rest);
    }
    same + one.iter().zip(other).take_while(|(one, other)| one == other).count()
}

impl fmt::Debug for Lazy {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.text())
    }
}

/// The value that begins at byte `start` of a text that was checked, as a tree.
pub(super) fn whole(text: &str, start: usize) -> Json {
    LazyReader { scanner: Scanner::new(text, start), document: None, next: 0 }.value()
}

fn number(scanner: &mut Scanner<'_>) -> Json {
    match scanner.number() {
        Ok(Number::Integer(number)) => Json::Integer(number),
        Ok(Number::Float(number)) => Json::Float(number),
        Err(_) => Json::Null,
    }
}

/// Reads text that was checked.
struct LazyReader<'a> {
    scanner: Scanner<'a>,
    /// Given it, lists and objects stay lazy.
    document: Option<&'a Arc<Document>>,
    /// The number of the list or object that begins next.
    next: usize,
}

impl<'a> LazyReader<'a> {
    /// Reads the value that comes next. Without a document this is recursive, and the check has bounded how deep.
    fn value(&mut self) -> Json {
        let scanner = &mut self.scanner;
        match scanner.peek() {
            Some(b'{' | b'[') => match self.document {
                None => self.members(),
                Some(document) => {
                    let lazy = Lazy::new(document, scanner.at(), self.next);
                    scanner.jump(lazy.end());
                    self.next = document.nested.get(self.next).map_or(0, |nested| nested.next);
                    Json::Lazy(lazy)
                }
            },
            Some(b'"') => Json::String(scanner.string().unwrap_or_default().into()),
            Some(b't') if scanner.take_word("true") => Json::Bool(true),
            Some(b'f') if scanner.take_word("false") => Json::Bool(false),
            Some(b'n') if scanner.take_word("null") => Json::Null,
            _ => {
                let start = scanner.at();
                let number = number(scanner);
                let written = scanner.since(start);
                match (number, self.document) {
                    // Its digits say more than a double holds, or its zeros what it is: a price, a number of an account.
                    (Json::Float(_), Some(document)) if !is_canonical(written.as_bytes()) => {
                        Json::Lazy(Lazy::part(document, start, scanner.at(), usize::MAX))
                    }
                    (number, _) => number,
                }
            }
        }
    }

    /// Reads the list, object or number that comes next.
    fn part(&mut self) -> Json {
        match self.scanner.peek() {
            Some(b'{' | b'[') => self.members(),
            _ => number(&mut self.scanner),
        }
    }

    /// Reads the list or object that comes next.
    fn members(&mut self) -> Json {
        let json = if self.scanner.peek() == Some(b'{') {
            let mut object = Object::new();
            while self.goes_on() {
                let Ok(key) = self.scanner.string() else { break };
                self.scanner.skip_blanks();
                self.scanner.take(b':');
                self.scanner.skip_blanks();
                object.set(&key, self.value());
            }
            object.into()
        } else {
            let mut list = Vec::new();
            while self.goes_on() {
                list.push(self.value());
            }
            Json::Array(list.into())
        };
        self.scanner.advance();
        json
    }

    /// Goes from an opening bracket or from the end of a member to the next member; not if the closing bracket comes.
    fn goes_on(&mut self) -> bool {
        self.scanner.skip_blanks();
        if matches!(self.scanner.peek(), Some(b'{' | b'[' | b',')) {
            self.scanner.advance();
            self.scanner.skip_blanks();
        }
        !matches!(self.scanner.peek(), None | Some(b'}' | b']'))
    }
}
