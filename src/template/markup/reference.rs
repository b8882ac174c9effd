//! Character references: `&amp;`, `&#8211;`, `&#x2013;`.

use crate::diagnostic::explain;
use crate::template::TemplateError;
use crate::template::syntax::source::Source;

/// The names of U+00A0 to U+00FF, in order: all of Latin-1.
const LATIN_1: &str = "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 \
    sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring \
    AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times \
    Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute \
    ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc \
    uuml yacute thorn yuml";

/// Other names that authors use, each followed by its character; further characters can be written as they are.
const NAMED: &str = "amp& lt< gt> quot\" apos' dollar$ lbrace{ rbrace} lcub{ rcub} num# percnt% commat@ \
    trade™ euro€ fnof\u{192} permil‰ OEligŒ oeligœ ScaronŠ scaronš YumlŸ \
    lsaquo‹ rsaquo› lsquo‘ rsquo’ sbquo‚ ldquo“ rdquo” bdquo„ hellip… ndash– mdash— bull• dagger† Dagger‡ prime′ Prime″ \
    ensp\u{2002} emsp\u{2003} thinsp\u{2009} hairsp\u{200a} zwnj\u{200c} zwj\u{200d} \
    larr← uarr↑ rarr→ darr↓ harr↔ lArr⇐ rArr⇒ hArr⇔ minus− infin∞ ne≠ le≤ ge≥ asymp≈ radic√ sum∑ frac13⅓ frac23⅔ \
    check✓ cross✗ star☆ starf★ hearts♥ spades♠ clubs♣ diams♦ loz◊";

/// The character with this name.
fn named(name: &str) -> Option<char> {
    if let Some(place) = LATIN_1.split(' ').position(|known| known == name) {
        return u8::try_from(0xA0 + place).ok().map(char::from);
    }
    NAMED.split(' ').find_map(|pair| pair.strip_prefix(name).and_then(only))
}

/// The only character of a text.
fn only(text: &str) -> Option<char> {
    let mut characters = text.chars();
    characters.next().filter(|_| characters.as_str().is_empty())
}

/// What the numbers 0x80 to 0x9F mean: characters of windows-1252 (HTML Standard, numeric character reference end state).
const WINDOWS_1252: [u16; 32] = [
    0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152,
    0x8D, 0x017D, 0x8F, 0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161,
    0x203A, 0x0153, 0x9D, 0x017E, 0x0178,
];

/// Reads what begins with the `&` that comes next. An `&` that begins no reference stands for itself.
pub(in crate::template) fn reference(
    source: &mut Source<'_>,
    in_attribute: bool,
) -> Result<char, TemplateError> {
    let start = source.at();
    source.take("&");
    if source.take("#") {
        return numeric(source, start);
    }
    let name = source.take_while(|byte| byte.is_ascii_alphanumeric());
    let after = source.at();
    if source.take(";") && !name.is_empty() {
        return named(name).ok_or_else(|| {
            source.error(
                start,
                explain!("`&{name};` is not known here; write the character itself, or `&amp;` for `&`"),
            )
        });
    }
    // Browsers know some old names without `;`, none of one letter, and leave `?a=1&b=2` in attributes alone.
    if name.len() > 1 && !(in_attribute && source.peek() == Some(b'=')) {
        return Err(
            source.error(start, explain!("after `&{name}` a `;` is missing; for a mere `&` write `&amp;`"))
        );
    }
    source.go_to(after - name.len());
    Ok('&')
}

/// Reads a number; `&#` has been read.
fn numeric(source: &mut Source<'_>, start: usize) -> Result<char, TemplateError> {
    let hexadecimal = source.take("x") || source.take("X");
    let radix = if hexadecimal { 16 } else { 10 };
    let digits = if hexadecimal {
        source.take_while(|byte| byte.is_ascii_hexdigit())
    } else {
        source.take_while(|byte| byte.is_ascii_digit())
    };
    if digits.is_empty() || !source.take(";") {
        return Err(source.error(
            start,
            "a numeric character reference is `&#8211;` or `&#x2013;`; for a mere `&` write `&amp;`",
        ));
    }
    let code = match u32::from_str_radix(digits, radix) {
        Ok(0) | Err(_) => return Ok(char::REPLACEMENT_CHARACTER),
        Ok(code @ 0x80..0xA0) => {
            let place = usize::try_from(code - 0x80).unwrap_or(0);
            u32::from(WINDOWS_1252.get(place).copied().unwrap_or(0xFFFD))
        }
        Ok(code) => code,
    };
    Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER))
}

/// All names, for the tests.
#[cfg(all(test, not(target_arch = "wasm32")))]
pub(in crate::template) fn names() -> impl Iterator<Item = &'static str> {
    let named = NAMED.split(' ').map(|pair| pair.split_at(pair.char_indices().next_back().unwrap().0).0);
    LATIN_1.split(' ').chain(named)
}
