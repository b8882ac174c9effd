//! Answers: how an interaction is defined, and what it came to (Experience API 1.0.3, part 2, appendix C).

use super::super::parts::Parts;
use super::super::writer::Writer;
use super::activity::LANGUAGE;
use super::id::encoded;
use cuehook_json::View;

/// Between several values of one response.
const AND: &str = "[,]";

/// Fields of the activity's definition: a question is a choice, a form is filled in.
pub(super) fn definition(parts: &Parts<'_>, out: &mut Writer) {
    let Some(question) = parts.data.get("question") else {
        return out.text("interactionType", "fill-in");
    };
    out.text("interactionType", "choice");
    let correct = correct(question);
    if !correct.is_empty() {
        out.list("correctResponsesPattern", |out| {
            if is_multiple(question) {
                out.text_item(&correct.join(AND));
            } else {
                // Each is right by itself.
                correct.iter().for_each(|choice| out.text_item(choice));
            }
        });
    }
    out.list("choices", |out| {
        for choice in question.get("choices").into_iter().flat_map(View::items) {
            out.item(|out| {
                out.text("id", &choice.str("id").map(|id| plain(&id)).unwrap_or_default());
                let label = choice.str("label").filter(|label| !label.is_empty());
                if let Some(label) = label {
                    out.object("description", |out| out.text(LANGUAGE, &label));
                }
            });
        }
    });
}

/// Fields of the result.
pub(super) fn result(parts: &Parts<'_>, out: &mut Writer) {
    let Some(question) = parts.data.get("question") else {
        let entries = parts.entries();
        if !entries.is_empty() {
            out.text("response", &entries.join(AND));
        }
        return;
    };
    let answers = question.get("answers").into_iter().flat_map(View::items);
    let answers: Vec<_> = answers.filter_map(|answer| Some(plain(&answer.as_str()?))).collect();
    let is_correct = question.get("correct").filter(|correct| correct.text() != "null");
    let most = if is_multiple(question) { correct(question).len() } else { 1 };
    if let (Some(_), Some(score)) = (is_correct, question.number("score")) {
        #[allow(clippy::cast_precision_loss)]
        let most = most.max(1) as f64;
        out.object("score", |out| {
            out.number("scaled", (score / most).min(1.0));
            out.number("raw", score);
            out.number("min", 0.0);
            out.number("max", most.max(score));
        });
    }
    out.copy_if_any("success", is_correct);
    out.text("response", &answers.join(AND));
}

/// Ids of the right choices.
fn correct(question: View<'_>) -> Vec<String> {
    let choices = question.get("choices").into_iter().flat_map(View::items);
    let right = choices.filter(|choice| choice.get("correct").is_some_and(View::is_true));
    right.filter_map(|choice| Some(plain(&choice.str("id")?))).collect()
}

fn is_multiple(question: View<'_>) -> bool {
    question.get("multiple").is_some_and(View::is_true)
}

/// An id without what would separate values, and without blanks.
fn plain(id: &str) -> String {
    let mut out = String::with_capacity(id.len());
    for sign in id.chars() {
        match sign {
            '%' => out.push_str("%25"),
            '[' => out.push_str("%5B"),
            ']' => out.push_str("%5D"),
            sign if sign.is_whitespace() => out.push_str(&encoded(sign.encode_utf8(&mut [0; 4]))),
            sign => out.push(sign),
        }
    }
    out
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::plain;

    #[test]
    fn ids_do_not_separate_values() {
        assert_eq!(plain("canoe"), "canoe");
        assert_eq!(plain("a[,]b 100%"), "a%5B,%5Db%20100%25");
    }
}
