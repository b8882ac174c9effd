//! Questions with choices, and what an answer is worth.

use super::{Action, Actions};
use crate::template::Text;
use schemars::JsonSchema;

/// A question with choices. Its outcome is `questions.<id>` in templates.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(rename_all = "camelCase")]
pub struct Question {
    /// The question.
    #[schemars(with = "String", regex(pattern = r"\S"))]
    pub text: Text,
    /// What can be chosen. If none is `correct`, it is a survey, and no answer is right or wrong.
    #[schemars(length(min = 1, max = 20))]
    pub choices: Vec<Choice>,
    /// Whether several can be chosen.
    #[schemars(default, extend("default" = false))]
    pub multiple: bool,
    /// How often the viewer may answer until it is right.
    #[schemars(range(min = 1, max = 20), default, extend("default" = 1))]
    pub attempts: u32,
    /// The button that answers; without this it says what `words.answer` says.
    #[schemars(with = "String", default, regex(pattern = r"\S"))]
    pub submit: Option<Text>,
    /// Run at each answer.
    #[schemars(default, length(max = 50), with = "Vec<Action>")]
    pub on_answer: Actions,
    /// Run at a right answer, after `onAnswer`.
    #[schemars(default, length(max = 50), with = "Vec<Action>")]
    pub on_correct: Actions,
    /// Run at a wrong answer, after `onAnswer`.
    #[schemars(default, length(max = 50), with = "Vec<Action>")]
    pub on_wrong: Actions,
}

/// Something that can be chosen.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Choice {
    /// Name for what is sent and for templates.
    #[schemars(length(max = 200), regex(pattern = r"\S"))]
    pub id: String,
    /// What the viewer reads.
    #[schemars(with = "String", regex(pattern = r"\S"))]
    pub label: Text,
    /// Whether it belongs to the right answer.
    #[schemars(default, extend("default" = false))]
    pub correct: bool,
    /// Shown to whoever has chosen it.
    #[schemars(with = "String", default, regex(pattern = r"\S"))]
    pub feedback: Option<Text>,
}

/// What an answer is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Score {
    /// Whether it is right; nothing in a survey.
    pub correct: Option<bool>,
    /// One point for each right choice, less one for each wrong one, but not less than none.
    pub points: u32,
}

impl Question {
    /// The question, the button's text if there is one, and of each choice its label, and its feedback if there is one.
    pub fn texts(&self) -> Vec<&Text> {
        let mut texts = vec![&self.text];
        texts.extend(&self.submit);
        for choice in &self.choices {
            texts.push(&choice.label);
            texts.extend(&choice.feedback);
        }
        texts
    }

    /// The places in [`Question::texts`] of the feedback to what was chosen.
    pub fn shown_feedback<'q>(&'q self, chosen: &'q [usize]) -> impl Iterator<Item = usize> + 'q {
        let mut next = 1 + usize::from(self.submit.is_some());
        self.choices.iter().enumerate().filter_map(move |(place, choice)| {
            let has_feedback = choice.feedback.is_some();
            let feedback = next + 1;
            next += 1 + usize::from(has_feedback);
            (has_feedback && chosen.contains(&place)).then_some(feedback)
        })
    }

    /// Whether no answer is right or wrong.
    pub fn is_survey(&self) -> bool {
        self.choices.iter().all(|choice| !choice.correct)
    }

    /// What it is worth to choose these, by their places.
    pub fn score(&self, chosen: &[usize]) -> Score {
        let (mut right, mut wrong, mut missed) = (0, 0, 0);
        for (place, choice) in self.choices.iter().enumerate() {
            match (chosen.contains(&place), choice.correct) {
                (true, true) => right += 1,
                (true, false) => wrong += 1,
                (false, true) => missed += 1,
                (false, false) => {}
            }
        }
        // Of several right choices of which only one can be chosen, each one is the whole answer.
        let complete = missed == 0 || (!self.multiple && right > 0);
        let correct = (!self.is_survey()).then_some(complete && wrong == 0);
        Score { correct, points: u32::saturating_sub(right, wrong) }
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    fn question(correct: [bool; 4], multiple: bool) -> Question {
        let text = || Text::compile("?").unwrap();
        let choice = |correct| Choice { id: "a".into(), label: text(), correct, feedback: None };
        Question {
            text: text(),
            choices: correct.map(choice).into(),
            multiple,
            attempts: 1,
            submit: None,
            on_answer: Actions::default(),
            on_correct: Actions::default(),
            on_wrong: Actions::default(),
        }
    }

    #[test]
    fn points_are_counted() {
        let quiz = question([true, true, false, false], true);
        for (chosen, correct, points) in [
            (&[0, 1][..], true, 2),
            (&[0], false, 1),
            (&[0, 2], false, 0),
            (&[0, 1, 2], false, 1),
            (&[2, 3], false, 0),
            (&[], false, 0),
        ] {
            assert_eq!(quiz.score(chosen), Score { correct: Some(correct), points }, "{chosen:?}");
        }
        let single = question([true, true, false, false], false);
        assert_eq!(single.score(&[1]), Score { correct: Some(true), points: 1 });
        assert_eq!(single.score(&[3]), Score { correct: Some(false), points: 0 });
        let survey = question([false; 4], false);
        assert_eq!(survey.score(&[3]), Score { correct: None, points: 0 });
    }
}
