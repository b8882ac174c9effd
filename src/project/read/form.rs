//! Reads forms.

use super::element::list;
use super::fields::Fields;
use super::reader::Reader;
use crate::diagnostic::DiagnosticKind;
use crate::json::{Json, write_number};
use crate::project::{Field, FieldKind, FieldOption, Form, FormRecord};
use crate::protocol::Trigger;
use crate::template::Text;

const MOST_FIELDS: usize = 50;
const MOST_OPTIONS: usize = 200;
const LONGEST_VALUE: usize = 200;
const FIELDS: &str =
    "a list of fields: `[{ \"name\": \"email\", \"type\": \"email\", \"label\": \"E-mail\" }]`";

/// Reads what belongs to a form.
pub(super) fn form(fields: &mut Fields<'_, '_>) -> Form {
    let list_of_fields = fields.required("fields", FIELDS, |reader, value| {
        let mut list: Vec<Field> = Vec::new();
        let items = reader.list(value, MOST_FIELDS, FIELDS);
        for (number, item) in items.iter().enumerate() {
            reader.enter_item(number);
            list.extend(field(reader, item, &list));
            reader.leave();
        }
        if value.as_array().is_some() && items.is_empty() {
            reader.wrong(value, FIELDS);
        }
        Some(list)
    });
    let submit = template(fields, "submit");
    let records = fields.choice("records", &FormRecord::WORDS).and_then(FormRecord::at);
    let remember = fields.boolean("remember", true);
    let on_submit = list(fields, Trigger::Submit);
    Form { fields: list_of_fields.unwrap_or_default(), submit, records, remember, on_submit }
}

/// A template that may be absent.
pub(super) fn template(fields: &mut Fields<'_, '_>, name: &'static str) -> Option<Text> {
    fields.optional(name, |reader, value| {
        let source = reader.text(value, "a text")?;
        reader.template(source)
    })
}

/// A template that must be there.
pub(super) fn required_template(
    fields: &mut Fields<'_, '_>,
    name: &'static str,
    expected: &str,
) -> Option<Text> {
    fields.required(name, expected, |reader, value| {
        let source = reader.text(value, expected)?;
        reader.template(source)
    })
}

fn field<'d>(reader: &mut Reader<'d>, value: &'d Json, before: &[Field]) -> Option<Field> {
    let mut fields = Fields::new(reader, value, "a field, which is an object");
    let name = fields.required("name", NAME, |reader, value| {
        let name = reader.text(value, NAME)?;
        if name.chars().nth(LONGEST_VALUE).is_some() {
            reader.wrong(value, NAME);
        }
        if before.iter().any(|other| other.name == name) {
            reader.report(
                DiagnosticKind::DuplicateId,
                "another field of this form has this name; choose another",
            );
        }
        Some(name.to_owned())
    });
    let kind = fields.choice("type", &FieldKind::WORDS).and_then(FieldKind::at).unwrap_or_default();
    let label = required_template(&mut fields, "label", "a text that says what to fill in");
    let hint = template(&mut fields, "hint");
    let required = fields.boolean("required", false);
    let autocomplete = fields.text("autocomplete").map(str::to_owned);
    let mut options = Vec::new();
    let (mut min, mut max) = (None, None);
    let mut pattern = None;
    if kind.has_options() {
        fields.required("options", OPTIONS, |reader, value| -> Option<()> {
            let items = reader.list(value, MOST_OPTIONS, OPTIONS);
            for (number, item) in items.iter().enumerate() {
                reader.enter_item(number);
                options.extend(option(reader, item));
                reader.leave();
            }
            if value.as_array().is_some() && items.is_empty() {
                reader.wrong(value, OPTIONS);
            }
            None
        });
    } else {
        fields.refuse("options", "only `select` and `radio` have options; take this out, or change `type`");
    }
    match kind {
        FieldKind::Number | FieldKind::Date => {
            let limit = |reader: &mut Reader<'d>, value: &'d Json| limit(reader, value, kind);
            min = fields.optional("min", limit);
            max = fields.optional("max", limit);
        }
        _ => {
            for name in ["min", "max"] {
                fields.refuse(name, "only `number` and `date` have limits; take this out, or change `type`");
            }
        }
    }
    match kind {
        FieldKind::Text | FieldKind::Email | FieldKind::Tel => {
            pattern = fields.text("pattern").map(str::to_owned);
        }
        _ => _ = fields.refuse("pattern", "only `text`, `email` and `tel` have a pattern; take this out"),
    }
    fields.finish();
    Some(Field { name: name?, kind, label: label?, hint, required, autocomplete, options, min, max, pattern })
}

const NAME: &str = "a name of at most 200 characters for what is filled in";
const OPTIONS: &str = "a list of options: `[{ \"value\": \"red\", \"label\": \"Red\" }]`, or of texts";

/// A text is both value and label.
fn option<'d>(reader: &mut Reader<'d>, value: &'d Json) -> Option<FieldOption> {
    if let Some(text) = value.as_str().filter(|text| !text.trim().is_empty()) {
        return Some(FieldOption { value: text.to_owned(), label: reader.template(text)? });
    }
    let mut fields = Fields::new(reader, value, "an option, which is an object or a text");
    let written = fields.required("value", "the text that is sent", |reader, value| match value.as_str() {
        Some(text) if text.chars().nth(LONGEST_VALUE).is_none() => Some(text.to_owned()),
        _ => {
            reader.wrong(value, "a text of at most 200 characters");
            None
        }
    });
    let label = required_template(&mut fields, "label", "a text that says what is chosen");
    fields.finish();
    Some(FieldOption { value: written?, label: label? })
}

/// The least or greatest of a field, as HTML writes it.
fn limit(reader: &mut Reader<'_>, value: &Json, kind: FieldKind) -> Option<String> {
    let written = match kind {
        FieldKind::Date => value.as_str().filter(|text| is_date(text)).map(str::to_owned),
        _ => value.as_f64().filter(|number| number.is_finite()).map(|number| {
            let mut text = String::new();
            write_number(number, &mut text);
            text
        }),
    };
    if written.is_none() {
        reader
            .wrong(value, if kind == FieldKind::Date { "a day such as \"2026-12-31\"" } else { "a number" });
    }
    written
}

fn is_date(text: &str) -> bool {
    text.len() == 10
        && text.bytes().enumerate().all(|(place, byte)| match place {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}
