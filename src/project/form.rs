//! Forms: fields that viewers fill in.

use super::{Action, Actions, FormRecord, schema};
use crate::protocol::word_enum;
use crate::template::Text;
use schemars::JsonSchema;

/// Fields that the viewer fills in. What was submitted last is `forms.<id>.<name>` in templates.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(rename_all = "camelCase")]
pub struct Form {
    /// What is asked for, in this order.
    #[schemars(length(min = 1, max = 50))]
    pub fields: Vec<Field>,
    /// The button that submits; without this it says what `words.submit` says.
    #[schemars(with = "String", default, regex(pattern = r"\S"))]
    pub submit: Option<Text>,
    /// What a submission is to those who count. A lead is protected from programs that fill in forms.
    #[schemars(with = "FormRecord", default)]
    pub records: Option<FormRecord>,
    /// Whether what was typed is still there after the page was loaded again in the same tab.
    #[schemars(default, extend("default" = true))]
    pub remember: bool,
    /// Run when the viewer submits it and all fields are valid.
    #[schemars(default, length(max = 50), with = "Vec<Action>")]
    pub on_submit: Actions,
}

/// One field of a form.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields, transform = schema::field)]
pub struct Field {
    /// Name of its value: `forms.<id>.<name>`.
    #[schemars(length(max = 200), regex(pattern = r"\S"))]
    pub name: String,
    /// What is typed or chosen.
    #[schemars(rename = "type", default, extend("default" = "text"))]
    pub kind: FieldKind,
    /// What the viewer reads beside it.
    #[schemars(with = "String", regex(pattern = r"\S"))]
    pub label: Text,
    /// A sentence that helps to fill it in.
    #[schemars(with = "String", default, regex(pattern = r"\S"))]
    pub hint: Option<Text>,
    /// Whether it must be filled in.
    #[schemars(default, extend("default" = false))]
    pub required: bool,
    /// What the browser may fill in, such as `given-name` or `email` (HTML, section 4.10.18.7).
    #[schemars(with = "String", default, regex(pattern = r"\S"))]
    pub autocomplete: Option<String>,
    /// What can be chosen. Only of `select` and `radio`, which need it.
    #[schemars(default, schema_with = "schema::options")]
    pub options: Vec<FieldOption>,
    /// The least number, or the earliest date as `YYYY-MM-DD`.
    #[schemars(with = "serde_json::Value")]
    pub min: Option<String>,
    /// The greatest number, or the latest date as `YYYY-MM-DD`.
    #[schemars(with = "serde_json::Value")]
    pub max: Option<String>,
    /// A regular expression that the whole text must match (HTML, attribute `pattern`).
    #[schemars(with = "String", default, regex(pattern = r"\S"))]
    pub pattern: Option<String>,
}

/// Something that can be chosen in a field.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct FieldOption {
    /// The value that is sent.
    #[schemars(length(max = 200))]
    pub value: String,
    /// What the viewer reads.
    #[schemars(with = "String", regex(pattern = r"\S"))]
    pub label: Text,
}

word_enum! {
    /// What is typed or chosen in a field.
    #[derive(Default, JsonSchema)]
    #[schemars(rename_all = "lowercase")]
    pub enum FieldKind {
        /// A line of text.
        #[default]
        Text = "text",
        /// An e-mail address.
        Email = "email",
        /// A telephone number.
        Tel = "tel",
        /// A number.
        Number = "number",
        /// A day.
        Date = "date",
        /// Several lines of text.
        Textarea = "textarea",
        /// One of a list that opens.
        Select = "select",
        /// One of a list that is always seen.
        Radio = "radio",
        /// Yes or no.
        Checkbox = "checkbox",
    }
}

impl FieldKind {
    /// Whether it has `options`.
    pub fn has_options(self) -> bool {
        matches!(self, FieldKind::Select | FieldKind::Radio)
    }
}

impl Form {
    /// The button's text, if there is one, and of each field its label, its hint if there is one, and the labels of its options.
    pub fn texts(&self) -> Vec<&Text> {
        let mut texts: Vec<&Text> = self.submit.iter().collect();
        for field in &self.fields {
            texts.push(&field.label);
            texts.extend(&field.hint);
            texts.extend(field.options.iter().map(|option| &option.label));
        }
        texts
    }
}
