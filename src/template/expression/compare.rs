//! Truth, equality and order of values, as minijinja has them. `None` is a missing value, which is not null. What is read for
//! that counts; where the work is used up, the answer does not matter.

use crate::json::{Json, parse_number};
use crate::template::expression::work::Work;
use std::cmp::Ordering;

/// Whether a value counts as true: null, false, 0, and what is empty do not.
pub(in crate::template) fn truthy(value: &Json, work: &Work) -> bool {
    match work.read(value) {
        Json::Null | Json::Lazy(_) => false,
        Json::Bool(value) => *value,
        Json::Integer(number) => *number != 0,
        Json::Float(number) => *number != 0.0,
        Json::String(text) => !text.is_empty(),
        Json::Array(list) => !list.is_empty(),
        Json::Object(object) => !object.is_empty(),
    }
}

/// Whether a text says that something is not so.
pub(in crate::template) fn is_nothing(text: &str) -> bool {
    let text = text.trim_ascii();
    matches!(text, "" | "false" | "null" | "[]" | "{}") || parse_number(text) == Some(0.0)
}

/// Whether two values are equal. Numbers are, whatever their form, and booleans are 0 and 1.
pub(in crate::template) fn equal(left: Option<&Json>, right: Option<&Json>, work: &Work) -> bool {
    let (left, right) = match (left, right) {
        (Some(left), Some(right)) => (work.read(left), work.read(right)),
        (None, None) => return true,
        _ => return false,
    };
    match (left, right) {
        (Json::Null, Json::Null) => true,
        (Json::String(left), Json::String(right)) => {
            left.len() == right.len() && work.spend(left.len()) && left == right
        }
        (Json::Array(left), Json::Array(right)) => {
            left.len() == right.len()
                && left.iter().zip(right.iter()).all(|(left, right)| equal(Some(left), Some(right), work))
        }
        (Json::Object(left), Json::Object(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .all(|(key, left)| work.spend(key.len()) && equal(Some(left), right.get(key), work))
        }
        _ => match (integer(left), integer(right)) {
            (Some(left), Some(right)) => left == right,
            _ => matches!((float(left), float(right)), (Some(left), Some(right)) if left == right),
        },
    }
}

/// The order of two values. Different kinds have one, too: missing, null, booleans, numbers, texts, lists, objects.
pub(in crate::template) fn order(left: Option<&Json>, right: Option<&Json>, work: &Work) -> Ordering {
    let [left, right] = [left, right].map(|side| side.map(|value| work.read(value)));
    let kinds = kind(left).cmp(&kind(right));
    let (Ordering::Equal, Some(left), Some(right)) = (kinds, left, right) else { return kinds };
    match (left, right) {
        (Json::String(left), Json::String(right)) => {
            if work.spend(left.len().min(right.len())) {
                left.cmp(right)
            } else {
                Ordering::Equal
            }
        }
        // The end of the shorter one is missing, and so the least.
        (Json::Array(left), Json::Array(right)) => (0..left.len().max(right.len()))
            .map(|place| order(left.get(place), right.get(place), work))
            .find(|order| *order != Ordering::Equal || work.is_used_up())
            .unwrap_or(Ordering::Equal),
        (Json::Object(left), Json::Object(right)) => {
            let lengths = left.len().cmp(&right.len());
            let entries = left.iter().zip(right.iter());
            entries
                .map(|((key, left), (other, right))| {
                    work.spend(key.len().min(other.len()));
                    key.cmp(other).then_with(|| order(Some(left), Some(right), work))
                })
                .find(|order| *order != Ordering::Equal || work.is_used_up())
                .unwrap_or(lengths)
        }
        (left, right) => numbers(left, right),
    }
}

fn numbers(left: &Json, right: &Json) -> Ordering {
    if let (Some(left), Some(right)) = (integer(left), integer(right)) {
        return left.cmp(&right);
    }
    if let (Some(left), Some(right)) = (float(left), float(right)) {
        return left.partial_cmp(&right).unwrap_or(Ordering::Equal);
    }
    // An integer that no float equals.
    match (integer(left), right.as_f64(), left.as_f64(), integer(right)) {
        (Some(left), Some(right), ..) => beside(left, right),
        (_, _, Some(left), Some(right)) => beside(right, left).reverse(),
        _ => Ordering::Equal,
    }
}

/// The order of an integer and a float between which a conversion would lose digits.
#[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)]
fn beside(left: i64, right: f64) -> Ordering {
    let rough = (left as f64).partial_cmp(&right).unwrap_or(Ordering::Equal);
    rough.then_with(|| left.cmp(&(right as i64)))
}

fn integer(value: &Json) -> Option<i64> {
    match value {
        Json::Bool(value) => Some(i64::from(*value)),
        Json::Integer(number) => Some(*number),
        _ => None,
    }
}

/// The float that is exactly this number.
#[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)]
fn float(value: &Json) -> Option<f64> {
    match value {
        Json::Float(number) => Some(*number),
        _ => integer(value)
            .map(|number| (number, number as f64))
            .and_then(|(number, float)| (float as i64 == number).then_some(float)),
    }
}

fn kind(value: Option<&Json>) -> u8 {
    match value {
        None => 0,
        Some(Json::Null | Json::Lazy(_)) => 1,
        Some(Json::Bool(_)) => 2,
        Some(Json::Integer(_) | Json::Float(_)) => 3,
        Some(Json::String(_)) => 4,
        Some(Json::Array(_)) => 5,
        Some(Json::Object(_)) => 6,
    }
}
