//! Filters that compute with a number.

use crate::json::Json;
use crate::template::expression::filters::{Fault, number_of};
use crate::template::expression::locale::power_of_ten;
use crate::template::expression::work::Work;

/// More digits than a number has.
const MAX_DIGITS: f64 = 15.0;

pub(super) fn abs(value: &Json, _: &[Json], work: &Work) -> Result<Json, Fault> {
    Ok(match value {
        Json::Integer(number) if *number > i64::MIN => Json::Integer(number.abs()),
        _ => Json::Float(number_of(value, work)?.abs()),
    })
}

/// A half goes to the even neighbour, as in Jinja.
pub(super) fn round(value: &Json, arguments: &[Json], work: &Work) -> Result<Json, Fault> {
    let digits = arguments.first().and_then(Json::as_f64).unwrap_or_default();
    if let Json::Integer(_) = value
        && digits >= 0.0
    {
        return Ok(value.clone());
    }
    let number = number_of(value, work)?;
    let scale = power_of_ten(digits.abs().min(MAX_DIGITS));
    let rounded = if digits < 0.0 {
        (number / scale).round_ties_even() * scale
    } else {
        (number * scale).round_ties_even() / scale
    };
    // Beyond the largest numbers there is no digit to round.
    Ok(Json::Float(if rounded.is_finite() { rounded } else { number }))
}

#[allow(clippy::cast_possible_truncation)]
pub(super) fn int(value: &Json, arguments: &[Json], work: &Work) -> Result<Json, Fault> {
    match value {
        Json::Integer(_) => return Ok(value.clone()),
        Json::Bool(value) => return Ok(Json::Integer(i64::from(*value))),
        Json::String(text) => {
            if let Ok(number) = text.trim().parse() {
                return Ok(Json::Integer(number));
            }
        }
        _ => {}
    }
    match (number_of(value, work), arguments.first()) {
        (Ok(number), _) if number.abs() < 9.2e18 => Ok(Json::Integer(number as i64)),
        (_, Some(default)) => Ok(default.clone()),
        (Ok(_), None) => Err(Fault::says(&["cannot hold so large a number"])),
        (Err(fault), None) => Err(fault),
    }
}

pub(super) fn float(value: &Json, arguments: &[Json], work: &Work) -> Result<Json, Fault> {
    let number = match value {
        Json::Bool(value) => Ok(f64::from(u8::from(*value))),
        _ => number_of(value, work),
    };
    match (number, arguments.first()) {
        (Ok(number), _) => Ok(Json::Float(number)),
        (_, Some(default)) => Ok(default.clone()),
        (Err(fault), None) => Err(fault),
    }
}

/// What a whole number leaves when divided by two.
pub(super) fn remainder(value: Option<&Json>) -> Option<u8> {
    let odd = match value?.read() {
        Json::Integer(number) => number % 2 != 0,
        // Halves are exact.
        Json::Float(number) if *number == number.trunc() => number / 2.0 != (number / 2.0).trunc(),
        _ => return None,
    };
    Some(u8::from(odd))
}
