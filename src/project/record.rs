//! What a click or a submission is to those who count.

use crate::protocol::word_enum;
use schemars::JsonSchema;

word_enum! {
    /// What a click is to those who count.
    #[derive(JsonSchema)]
    #[schemars(rename_all = "camelCase")]
    pub enum Record {
        /// A call to action.
        Cta = "cta",
        /// An annotation.
        Annotation = "annotation",
    }
}

word_enum! {
    /// What a submission is to those who count.
    #[derive(JsonSchema)]
    #[schemars(rename_all = "camelCase")]
    pub enum FormRecord {
        /// Somebody has left data by which to reach them.
        Lead = "lead",
        /// An answer.
        Answer = "answer",
    }
}
