//! Reads questions.

use super::element::{NOTHING, list};
use super::fields::Fields;
use super::form::{required_template, template};
use super::reader::Reader;
use super::values::ATTEMPTS;
use super::{ID, proper_id};
use crate::diagnostic::DiagnosticKind;
use crate::json::Json;
use crate::project::{Choice, ElementKind, Question};
use crate::protocol::Trigger;

const MOST_CHOICES: usize = 20;
const CHOICES: &str = "a list of choices: `[{ \"id\": \"a\", \"label\": \"Blue\", \"correct\": true }, …]`";

/// Reads what belongs to a question.
pub(super) fn question(fields: &mut Fields<'_, '_>) -> ElementKind {
    let text = required_template(fields, "text", "the question");
    let choices = fields.required("choices", CHOICES, |reader, value| {
        let mut list: Vec<Choice> = Vec::new();
        let items = reader.list(value, MOST_CHOICES, CHOICES);
        for (number, item) in items.iter().enumerate() {
            reader.enter_item(number);
            list.extend(choice(reader, item, &list));
            reader.leave();
        }
        if value.as_array().is_some() && items.is_empty() {
            reader.wrong(value, CHOICES);
        }
        Some(list)
    });
    let multiple = fields.boolean("multiple", false);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Its range is checked.
    let attempts = fields.number("attempts", &ATTEMPTS).map_or(1, |attempts| attempts as u32);
    let submit = template(fields, "submit");
    let on_answer = list(fields, Trigger::Answer);
    let on_correct = list(fields, Trigger::Correct);
    let on_wrong = list(fields, Trigger::Wrong);
    let (Some(text), Some(choices)) = (text, choices) else { return NOTHING };
    let question = Question { text, choices, multiple, attempts, submit, on_answer, on_correct, on_wrong };
    if question.is_survey() {
        for (name, is_there) in
            [("onCorrect", !question.on_correct.is_empty()), ("onWrong", !question.on_wrong.is_empty())]
        {
            if is_there {
                fields.problem(
                    name,
                    "no choice is `correct`, so no answer is right or wrong; mark one, or take this out",
                );
            }
        }
    }
    ElementKind::Question(question)
}

fn choice<'d>(reader: &mut Reader<'d>, value: &'d Json, before: &[Choice]) -> Option<Choice> {
    let mut fields = Fields::new(reader, value, "a choice, which is an object");
    let id = fields.required("id", ID, |reader, value| {
        let id = proper_id(reader, value)?;
        if before.iter().any(|other| other.id == id) {
            reader.report(
                DiagnosticKind::DuplicateId,
                "another choice of this question has this id; choose another",
            );
        }
        Some(id.to_owned())
    });
    let label = required_template(&mut fields, "label", "a text that says what is chosen");
    let correct = fields.boolean("correct", false);
    let feedback = template(&mut fields, "feedback");
    fields.finish();
    Some(Choice { id: id?, label: label?, correct, feedback })
}
