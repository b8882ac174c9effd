//! Templates of bodies, and what they are filled in from.

use super::split;
use cuehook_relay::config::Template;
use cuehook_relay::delivery::template::{Input, OUTPUT_BYTES, TemplateFault, fill, template_fault};

/// A content type, a template and an event, separated by lines `===`: it is filled in within its bounds, and is what its content type
/// says, or a fault says why and where; what is refused whatever the values are is never filled in.
pub fn relay_template(input: &[u8]) {
    let (content_type, rest) = split(input);
    let (body, event) = split(rest);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let template = Template { body: text(body), content_type: text(content_type) };
    let event = text(event);
    for sort in [Input::Event, Input::Call] {
        let filled = fill(&template, &event, sort);
        match &filled {
            Ok(made) => {
                assert!(made.len() <= OUTPUT_BYTES);
                let essence =
                    template.content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
                match essence.as_str() {
                    "application/json" => {
                        serde_json::from_str::<serde_json::Value>(made).expect("what it makes is JSON");
                    }
                    "application/x-www-form-urlencoded" => {
                        assert!(!made.contains(|sign: char| sign.is_ascii_whitespace()));
                    }
                    _ => {}
                }
            }
            Err(TemplateFault::Source { at, message } | TemplateFault::Value { at, message }) => {
                assert!(at.line >= 1 && at.column >= 1 && !message.is_empty());
                assert!(at.line <= template.body.lines().count() + 1, "{at}");
            }
            Err(TemplateFault::NoJson { at, message }) => assert!(at.line >= 1 && !message.is_empty()),
            Err(fault) => assert!(!fault.to_string().is_empty()),
        }
        assert_eq!(fill(&template, &event, sort), filled, "it is the same each time");
        let is_of_source = matches!(
            filled,
            Err(TemplateFault::Source { .. } | TemplateFault::TooLong(_) | TemplateFault::ContentType(_))
        );
        if is_of_source {
            assert_eq!(template_fault(&template), filled.err().map(|fault| fault.to_string()));
        }
    }
}
