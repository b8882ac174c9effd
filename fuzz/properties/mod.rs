//! What holds for every input. Each property panics where it does not hold: the fuzzer looks for inputs that make it, and
//! `tests/corpus.rs` runs the inputs that were kept.
#![allow(dead_code)] // Each target uses one of them.

mod answer;
mod mirror;

use answer::answer;
use cuehook::json;
use cuehook::session::Context;
use cuehook::template::Work;
use cuehook::template::{Expressions, Markup, Rendering, TemplateError, Text};
use mirror::{Mirror, check_plan};

/// What separates a template from its answers, each on a line of its own.
const SEPARATOR: &[u8] = b"\n===\n";
/// What a template gives is at most so long, in bytes.
const MAX_OUTPUT: usize = 256 * 1024;

/// A template is compiled, or refused with a place in its source.
pub fn template_compile(input: &[u8]) {
    let Ok(source) = std::str::from_utf8(input) else { return };
    for expressions in [Expressions::Default, Expressions::Full] {
        match Text::compile_with(source, expressions) {
            Ok(text) => assert_eq!(text.source(), source),
            Err(error) => check_error(source, &error),
        }
        match Markup::compile_with(source, expressions) {
            Ok(markup) => {
                assert_eq!(markup.source(), source);
                check_plan(markup.plan());
            }
            Err(error) => check_error(source, &error),
        }
    }
}

/// What compiles can be evaluated with any answer, or says why not; the steps from one rendering to the next lead there,
/// and the same answer again changes nothing.
pub fn template_evaluate(input: &[u8]) {
    let (source, answers) = split(input);
    let Ok(source) = std::str::from_utf8(source) else { return };
    let (first, second) = split(answers);
    let contexts = [first, second].map(|bytes| Context::new(answer(bytes, source)));
    // What every build evaluates is evaluated alike with full expressions.
    if let Ok(text) = Text::compile_with(source, Expressions::Full) {
        contexts.iter().for_each(|context| evaluate_text(&text, context));
    }
    if let Ok(markup) = Markup::compile_with(source, Expressions::Full) {
        evaluate_markup(&markup, &contexts);
    }
}

/// JSON that is only checked is the same as JSON that is read at once, and the standard's.
pub fn json_check(input: &[u8]) {
    let read = json::parse(input, 64);
    let checked = json::check(input, 64);
    assert_eq!(read, checked);
    let Ok(value) = read else { return };
    let text = value.to_text();
    let checked = checked.expect("it was read");
    for written in [&text, &checked.to_text()] {
        // Not the same values: a zero loses its sign, as in JavaScript.
        assert_eq!(json::parse(written.as_bytes(), 64).expect("what we write is JSON").to_text(), text);
        assert!(serde_json::from_str::<serde_json::Value>(written).is_ok(), "what we write is JSON");
    }
    // Halves of surrogate pairs are read, as browsers do.
    if !text.contains(char::REPLACEMENT_CHARACTER) {
        serde_json::from_slice::<serde_json::Value>(input).expect("what we read is JSON");
    }
}

/// What lies before the first separator, and after it.
fn split(input: &[u8]) -> (&[u8], &[u8]) {
    match input.windows(SEPARATOR.len()).position(|window| window == SEPARATOR) {
        Some(at) => (&input[..at], &input[at + SEPARATOR.len()..]),
        None => (input, &[]),
    }
}

fn check_error(source: &str, error: &TemplateError) {
    let lines = source.split('\n').count();
    assert!((1..=lines).contains(&error.line), "{error}");
    let line = source.split('\n').nth(error.line - 1).unwrap_or_default();
    assert!((1..=line.chars().count() + 1).contains(&error.column), "{error}");
    assert!(!error.message.is_empty());
}

fn evaluate_text(text: &Text, context: &Context) {
    let rendered = text.render(context, &Work::default());
    match &rendered {
        Ok(rendered) => assert!(rendered.text.len() <= MAX_OUTPUT),
        Err(error) => check_error(text.source(), error),
    }
    match text.value(context, &Work::default()) {
        // A text is what the whole template gives, if it is not a placeholder alone.
        Ok(value) => drop(value.to_text()),
        Err(error) => {
            check_error(text.source(), &error);
            assert!(rendered.is_err(), "as text it has no error: {error}");
        }
    }
}

/// Whether templates would have to do too much.
fn is_work(error: &TemplateError) -> bool {
    error.message.contains("more than 4 MiB at once")
}

fn evaluate_markup(markup: &Markup, contexts: &[Context]) {
    let mut mirror = Mirror::new(markup.plan());
    let mut previous: Option<Rendering> = None;
    for context in contexts {
        let mut rendering = match markup.render(context, previous.as_ref(), &Work::default()) {
            Ok(rendering) => rendering,
            Err(error) => {
                check_error(markup.source(), &error);
                // Rows that stay as they are cost nothing, so a rendering that starts afresh does not fare better; but for the
                // work of comparing them.
                assert!(
                    is_work(&error) || markup.render(context, None, &Work::default()).is_err(),
                    "afresh it has no error: {error}"
                );
                continue;
            }
        };
        mirror.apply(&rendering.changes_since(previous.as_ref()));
        if let Ok(mut fresh) = markup.render(context, None, &Work::default()) {
            let mut other = Mirror::new(markup.plan());
            other.apply(&fresh.changes_since(None));
            assert_eq!(mirror.shown(), other.shown(), "the steps lead elsewhere");
            assert_eq!(rendering.shown(markup.plan()), fresh.shown(markup.plan()));
            assert_eq!(rendering.missing, fresh.missing);
            assert_eq!(rendering.warnings, fresh.warnings);
        }
        let mut again = match markup.render(context, Some(&rendering), &Work::default()) {
            Ok(again) => again,
            Err(error) if is_work(&error) => continue,
            Err(error) => panic!("it was rendered just now: {error}"),
        };
        assert_eq!(again.changes_since(Some(&rendering)), [], "the same answer changes nothing");
        assert_eq!(again.missing, rendering.missing);
        assert_eq!(again.warnings, rendering.warnings);
        previous = Some(again);
    }
}
