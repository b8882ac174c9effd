//! What viewers fill in and choose: forms and questions.

use super::chain::Chain;
use super::clicks::{Click, Recorded};
use super::effect::{Effect, Mark, Verdict};
use super::event::EventName;
use super::machine::{Engine, Proposal};
use super::playback::Holder;
use crate::json::{Json, Object};
use crate::project::{Element, ElementKind, FormRecord, Question, Score, Word};
use crate::protocol::Trigger;
use std::rc::Rc;

/// Nobody fills in a form faster. Programs do.
const LEAD_TAKES_MS: f64 = 1_500.0;

/// How far the answers to a question are.
#[derive(Clone, Debug, Default)]
pub(super) struct Answered {
    attempts: u32,
    chosen: Vec<usize>,
    /// No other answer is taken.
    is_final: bool,
}

impl Answered {
    /// There was none.
    pub(super) const NONE: Self = Self { attempts: 0, chosen: Vec::new(), is_final: false };

    /// The places of what was chosen last.
    pub(super) fn chosen(&self) -> &[usize] {
        &self.chosen
    }
}

/// What is entered in an element.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Entry {
    /// The values of a form.
    Form(Object),
    /// The places of what was chosen.
    Question(Vec<usize>),
}

impl Engine {
    /// The viewer submits a form.
    pub(super) fn submit(&mut self, index: usize, values: Object, trapped: bool) {
        let project = Rc::clone(&self.project);
        let Some(element) = project.elements.get(index) else { return };
        let ElementKind::Form(form) = &element.kind else { return };
        if !self.stage.is_painted(index) {
            return;
        }
        let shown_for = self.moment.clock_ms - self.stage.painted_at(index);
        if form.records == Some(FormRecord::Lead) && (trapped || shown_for < LEAD_TAKES_MS) {
            // A person who was as quick as a program loses nothing but a second press.
            let text = project.words.get(Word::Again).to_owned();
            self.heard.say(&text);
            self.out.push(Effect::Remark { element: index, text });
            return;
        }
        self.out.push(Effect::Remark { element: index, text: String::new() });
        let detail = self.entry_detail(element, index).value("values", &values.clone().into());
        self.propose_entry(index, Entry::Form(values), detail.event());
    }

    /// The viewer answers a question.
    pub(super) fn answer(&mut self, index: usize, chosen: Vec<usize>) {
        let project = Rc::clone(&self.project);
        let Some(element) = project.elements.get(index) else { return };
        let ElementKind::Question(question) = &element.kind else { return };
        let is_valid = chosen.iter().all(|place| *place < question.choices.len())
            && !chosen.is_empty()
            && (question.multiple || chosen.len() == 1);
        if !is_valid || !self.stage.is_painted(index) || self.stage.question(index).is_final {
            return;
        }
        let ids = ids(question, &chosen);
        let detail = self.entry_detail(element, index).value("answers", &ids);
        self.propose_entry(index, Entry::Question(chosen), detail.event());
    }

    fn entry_detail(&self, element: &Element, index: usize) -> super::detail::Detail {
        let label = self.stage.label(index);
        self.detail(EventName::Activate).text("element", &element.id).text("label", label)
    }

    fn propose_entry(&mut self, index: usize, entry: Entry, event: super::event::Event) {
        let click = Click::on_entry(index, entry, self.stage.label(index).to_owned(), self.moment.clock_ms);
        if !self.is_double_click(&click) {
            self.propose(Proposal::Activate(click), event, None);
        }
    }

    /// The page allows a submission: it counts.
    pub(super) fn submitted(&mut self, index: usize, element: &Element, values: &Object) {
        let ElementKind::Form(form) = &element.kind else { return };
        self.context.set_form(&element.id, values.clone());
        self.changed("forms");
        let label = self.stage.label(index).to_owned();
        self.record(&Recorded {
            trigger: Some(Trigger::Submit),
            element: Some(&element.id),
            label: &label,
            records: form.records.map(FormRecord::as_str),
            value: Some(&values.clone().into()),
            is_private: true,
            ..Recorded::default()
        });
        let chain = Chain::of_element(&form.on_submit, element, index, Trigger::Submit, true, Object::new());
        self.chains.push_back(chain.submitting(index));
        self.answered(index);
    }

    /// The page allows an answer: it counts.
    pub(super) fn chosen(&mut self, index: usize, element: &Element, chosen: &[usize]) {
        let ElementKind::Question(question) = &element.kind else { return };
        let score = question.score(chosen);
        let attempts = self.stage.question(index).attempts + 1;
        let is_final = score.correct == Some(true) || attempts >= question.attempts;
        let answers = ids(question, chosen);
        let mut outcome = Object::new();
        outcome.set("answer", answers.as_array().and_then(|ids| ids.first()).cloned().unwrap_or_default());
        outcome.set("answers", answers.clone());
        outcome.set("correct", score.correct.map_or(Json::Null, Json::Bool));
        outcome.set("attempts", Json::Integer(attempts.into()));
        outcome.set("score", Json::Integer(score.points.into()));
        self.context.set_question(&element.id, outcome.clone());
        self.changed("questions");
        let label = self.stage.label(index).to_owned();
        self.record(&Recorded {
            trigger: Some(Trigger::Answer),
            element: Some(&element.id),
            label: &label,
            value: Some(&outcome.into()),
            ..Recorded::default()
        });
        self.stage.set_question(index, Answered { attempts, chosen: chosen.to_vec(), is_final });
        for trigger in std::iter::once(Trigger::Answer).chain(score.correct.map(|correct| match correct {
            true => Trigger::Correct,
            false => Trigger::Wrong,
        })) {
            if let Some(list) = element.list(trigger).filter(|list| !list.is_empty()) {
                let chain = Chain::of_element(list, element, index, trigger, true, Object::new());
                self.chains.push_back(chain);
            }
        }
        // What there is to read is read before the video goes on.
        let is_read = score.correct.is_some()
            || chosen
                .iter()
                .any(|place| question.choices.get(*place).is_some_and(|it| it.feedback.is_some()));
        if is_final && !is_read {
            self.answered(index);
        }
        self.show_verdict(index, question);
        self.announce_verdict(index, question, score);
    }

    /// Shows what became of the last answer; again after the nodes were built anew.
    pub(super) fn show_verdict(&mut self, index: usize, question: &Question) {
        let Answered { attempts, chosen, is_final } = self.stage.question(index).clone();
        if attempts == 0 {
            return;
        }
        let is_chosen = |place: usize| chosen.contains(&place);
        let marks = question.choices.iter().enumerate().map(|(place, choice)| {
            match (question.is_survey(), is_chosen(place), choice.correct) {
                (false, true, true) => Mark::Correct,
                (false, true, false) => Mark::Wrong,
                (false, false, true) if is_final && question.multiple => Mark::Solution,
                (false, false, true) if is_final && !question.score(&chosen).correct.unwrap_or(true) => {
                    Mark::Solution
                }
                _ => Mark::None,
            }
        });
        let remark = self.attempts_left(index, question);
        let verdict = Verdict {
            marks: marks.collect(),
            feedback: question
                .choices
                .iter()
                .enumerate()
                .map(|(place, choice)| is_chosen(place) && choice.feedback.is_some())
                .collect(),
            is_open: !is_final,
            continues: is_final && self.waits_for(index),
            remark,
            chosen,
        };
        self.out.push(Effect::Verdict { element: index, verdict });
    }

    /// Whether the video waits until the viewer is done with an element.
    fn waits_for(&self, index: usize) -> bool {
        let holder = Holder::Element(index);
        self.playback.holds(holder) && !self.letting_go.contains(&holder)
    }

    /// How often the viewer may still answer, in words; nothing if that is no more.
    fn attempts_left(&self, index: usize, question: &Question) -> String {
        let Answered { attempts, is_final, .. } = self.stage.question(index);
        let left = question.attempts.saturating_sub(*attempts);
        match is_final {
            true => String::new(),
            false => self.project.words.with(Word::Attempts, &left.to_string()),
        }
    }

    fn announce_verdict(&mut self, index: usize, question: &Question, score: Score) {
        let words = &self.project.words;
        let mut text = match score.correct {
            Some(true) => words.get(Word::Correct).to_owned(),
            Some(false) => words.get(Word::Wrong).to_owned(),
            None => String::new(),
        };
        for more in
            self.stage.feedback(index, question).into_iter().chain([self.attempts_left(index, question)])
        {
            text.push_str(if text.is_empty() || more.is_empty() { "" } else { ". " });
            text.push_str(&more);
        }
        if !text.is_empty() {
            self.heard.say(&text);
        }
    }

    /// The viewer has answered, submitted or clicked: an element does not pause the video any more.
    pub(super) fn answered(&mut self, index: usize) {
        self.stage.answered(index);
        self.letting_go.push(Holder::Element(index));
    }

    /// The viewer is done with an element. What was opened to be closed is hidden.
    pub(super) fn dismiss(&mut self, index: usize) {
        let Some(element) = self.project.elements.get(index) else { return };
        if element.modal || matches!(element.kind, ElementKind::Question(_)) {
            self.stage.set_visible(Some(index), false);
        }
        self.answered(index);
    }
}

/// The ids of what was chosen.
fn ids(question: &Question, chosen: &[usize]) -> Json {
    let choices = chosen.iter().filter_map(|place| question.choices.get(*place));
    Json::Array(choices.map(|choice| Json::from(choice.id.as_str())).collect::<Vec<_>>().into())
}
