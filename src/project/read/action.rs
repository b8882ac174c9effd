//! Reads actions.

use super::fields::Fields;
use super::reader::{Reader, Reference};
use super::values::{RATE, link_fault, time, variable_name};
use crate::diagnostic::DiagnosticKind;
use crate::json::{Json, Object};
use crate::project::{Action, ActionName, Actions, Setting};
use crate::template::When;

const MOST_ACTIONS: usize = 50;
const MOST_PARAMS: usize = 200;
/// So many lists of actions stand one inside the other.
const DEEPEST: usize = 8;

/// Reads a list of actions that stands inside `depth` others.
pub(super) fn actions<'d>(reader: &mut Reader<'d>, value: &'d Json, depth: usize) -> Actions {
    let mut actions = Vec::new();
    for (number, item) in reader.list(value, MOST_ACTIONS, "a list of actions").iter().enumerate() {
        reader.enter_item(number);
        actions.extend(action(reader, item, depth));
        reader.leave();
    }
    actions.into()
}

fn action<'d>(reader: &mut Reader<'d>, value: &'d Json, depth: usize) -> Option<Action> {
    let mut fields = Fields::new(reader, value, "an action, which is an object");
    let name = fields.required("do", "the name of an action", |reader, value| {
        reader.choice(value, &ActionName::WORDS).and_then(ActionName::at)
    });
    // Without a name nothing is known of the other fields.
    let action = of_name(&mut fields, name?, depth);
    fields.finish();
    debug_assert!(action.as_ref().is_none_or(|action| Some(action.name()) == name));
    action
}

fn of_name(fields: &mut Fields<'_, '_>, name: ActionName, depth: usize) -> Option<Action> {
    Some(match name {
        ActionName::ExecuteWebhook => {
            let webhook = fields.reference("webhook", Reference::Webhook);
            let params = fields.optional("params", params).unwrap_or_default();
            let on_error = inner(fields, "onError", depth);
            Action::ExecuteWebhook { webhook: webhook?, params, on_error }
        }
        ActionName::Play => Action::Play,
        ActionName::Pause => Action::Pause,
        ActionName::Seek => Action::Seek { to: fields.required("to", "a time", time)? },
        ActionName::Rate => Action::Rate { rate: fields.required_number("rate", &RATE)? },
        ActionName::Mute => Action::Mute,
        ActionName::Unmute => Action::Unmute,
        ActionName::Show => Action::Show { element: fields.reference("element", Reference::Element)? },
        ActionName::Hide => Action::Hide { element: fields.reference("element", Reference::Element)? },
        ActionName::SetVariable => {
            let name = fields.required("name", "the name of a variable", variable_name);
            let value = fields.required("value", "any value, or a template for it", setting);
            Action::SetVariable { name: name?, value: value? }
        }
        ActionName::If => {
            let when = fields.required("when", WHEN, when);
            let then = inner(fields, "then", depth);
            let otherwise = inner(fields, "else", depth);
            Action::If { when: when?, then, otherwise }
        }
        ActionName::OpenUrl => {
            let url = fields.required("url", "a URL, or a template for one", |reader, value| {
                let source = reader.text(value, "a URL, or a template for one")?;
                if let Some(fault) = link_fault(source) {
                    reader.problem(fault);
                    return None;
                }
                reader.template(source)
            });
            let new_tab = fields.boolean("newTab", true);
            Action::OpenUrl { url: url?, new_tab }
        }
        ActionName::Callback => {
            let name = fields.required_text("name", "the name that the page's listener sees");
            let value = fields.optional("value", setting).unwrap_or(Setting::Fixed(Json::Null));
            Action::Callback { name: name?.to_owned(), value }
        }
    })
}

/// A list of actions inside an action.
fn inner(fields: &mut Fields<'_, '_>, name: &'static str, depth: usize) -> Actions {
    let read = fields.optional(name, |reader, value| {
        if depth < DEEPEST {
            return Some(actions(reader, value, depth + 1));
        }
        let message =
            ["`", name, "` is nested too deeply; at most 8 lists of actions stand one inside the other"];
        reader.report(DiagnosticKind::TooMuch, &message.concat());
        None
    });
    read.unwrap_or_default()
}

pub(super) const WHEN: &str = "an expression, such as `score >= 3`";

/// An expression that is true or not.
pub(super) fn when<'d>(reader: &mut Reader<'d>, value: &'d Json) -> Option<When> {
    let source = reader.text(value, WHEN)?;
    reader.when(source)
}

/// As deep as the document is nested; its reader bounds that.
fn setting<'d>(reader: &mut Reader<'d>, value: &'d Json) -> Option<Setting> {
    Some(match value {
        Json::String(source) => Setting::Template(reader.template(source)?),
        Json::Array(items) => {
            let mut list = Vec::new();
            for (number, item) in items.iter().enumerate() {
                reader.enter_item(number);
                list.extend(setting(reader, item));
                reader.leave();
            }
            Setting::List(list)
        }
        Json::Object(object) => Setting::Object(settings(reader, object)),
        _ => Setting::Fixed(value.clone()),
    })
}

fn settings<'d>(reader: &mut Reader<'d>, object: &'d Object) -> Vec<(String, Setting)> {
    let mut settings = Vec::new();
    for (number, (name, value)) in object.iter().enumerate() {
        reader.enter_field(number, name);
        settings.extend(setting(reader, value).map(|setting| (name.to_owned(), setting)));
        reader.leave();
    }
    settings
}

fn params<'d>(reader: &mut Reader<'d>, value: &'d Json) -> Option<Vec<(String, Setting)>> {
    let Some(object) = value.as_object() else {
        reader.wrong(value, "an object");
        return None;
    };
    if object.len() > MOST_PARAMS {
        reader.too_much(object.len(), MOST_PARAMS);
        return None;
    }
    Some(settings(reader, object))
}
