//! Filters that look at lists and objects, or at any value.

use crate::json::{Json, write};
use crate::template::expression::compare::{order, truthy};
use crate::template::expression::filters::{Fault, bounded, make, written};
use crate::template::expression::work::Work;
use std::cmp::Ordering;

pub(super) fn default(value: &Json, arguments: &[Json], work: &Work) -> Result<Json, Fault> {
    let also_empty = arguments.get(1) == Some(&Json::Bool(true));
    let absent = if also_empty { !truthy(value, work) } else { matches!(value, Json::Null) };
    Ok(if absent { arguments.first().cloned().unwrap_or_default() } else { value.clone() })
}

pub(super) fn length(value: &Json, _: &[Json], _: &Work) -> Result<Json, Fault> {
    let length = match value {
        Json::String(text) => text.chars().count(),
        Json::Array(list) => list.len(),
        Json::Object(object) => object.len(),
        _ => return Err(Fault::wants("a text, a list or an object")),
    };
    Ok(Json::Integer(i64::try_from(length).unwrap_or(i64::MAX)))
}

pub(super) fn json(value: &Json, _: &[Json], work: &Work) -> Result<Json, Fault> {
    written(value, work)?;
    Ok(value.to_text().as_str().into())
}

pub(super) fn join(value: &Json, arguments: &[Json], work: &Work) -> Result<Json, Fault> {
    let separator = arguments.first().and_then(Json::as_str).unwrap_or_default();
    let mut joined = String::new();
    for (place, item) in list(value)?.iter().enumerate() {
        if place > 0 {
            make(separator.len(), work)?;
            joined.push_str(separator);
        }
        match item {
            Json::Null => {}
            Json::String(text) => {
                make(text.len(), work)?;
                joined.push_str(text);
            }
            _ => {
                written(item, work)?;
                write(item, &mut joined);
            }
        }
        bounded(joined.len())?;
    }
    Ok(joined.as_str().into())
}

pub(super) fn first(value: &Json, _: &[Json], _: &Work) -> Result<Json, Fault> {
    match value {
        Json::String(text) => Ok(character(text.chars().next())),
        _ => Ok(list(value)?.first().cloned().unwrap_or_default()),
    }
}

pub(super) fn last(value: &Json, _: &[Json], _: &Work) -> Result<Json, Fault> {
    match value {
        Json::String(text) => Ok(character(text.chars().next_back())),
        _ => Ok(list(value)?.last().cloned().unwrap_or_default()),
    }
}

pub(super) fn min(value: &Json, _: &[Json], work: &Work) -> Result<Json, Fault> {
    extreme(value, Ordering::Less, work)
}

pub(super) fn max(value: &Json, _: &[Json], work: &Work) -> Result<Json, Fault> {
    extreme(value, Ordering::Greater, work)
}

/// The first of the items that stand at one end of their order.
fn extreme(value: &Json, end: Ordering, work: &Work) -> Result<Json, Fault> {
    let mut best: Option<&Json> = None;
    for item in list(value)?.iter().filter(|item| !matches!(item, Json::Null)) {
        if work.is_used_up() {
            break;
        }
        if best.is_none() || order(Some(item), best, work) == end {
            best = Some(item);
        }
    }
    Ok(best.cloned().unwrap_or_default())
}

fn list(value: &Json) -> Result<&[Json], Fault> {
    value.as_array().ok_or_else(|| Fault::wants("a list"))
}

fn character(character: Option<char>) -> Json {
    character.map_or(Json::Null, |character| Json::from(&*character.encode_utf8(&mut [0; 4])))
}
