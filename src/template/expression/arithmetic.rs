//! Numbers as minijinja computes with them: integers stay integers while they fit 64 bits, `/` gives a float, `//` and `%`
//! round down, and booleans are 0 and 1.
//!
//! minijinja keeps integers of up to 128 bits; here what does not fit 64 bits becomes a float, as in an answer.

use super::tree::Operator;
use crate::json::Json;

/// A number to compute with.
#[derive(Clone, Copy)]
enum Number {
    Integer(i64),
    Float(f64),
}
use Number::{Float, Integer};

/// Why two values give no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// One of them is no number.
    Kinds,
    /// Division by zero.
    Zero,
    /// The result would be too large, or is none.
    TooLarge,
}

impl Number {
    fn of(value: &Json) -> Result<Number, Failure> {
        match value.read() {
            Json::Bool(value) => Ok(Integer(i64::from(*value))),
            Json::Integer(number) => Ok(Integer(*number)),
            Json::Float(number) => Ok(Float(*number)),
            _ => Err(Failure::Kinds),
        }
    }

    #[allow(clippy::cast_precision_loss)]
    fn float(self) -> f64 {
        match self {
            Integer(number) => number as f64,
            Float(number) => number,
        }
    }
}

/// The whole number that a value is, to count or to index with.
#[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)]
pub(super) fn whole(value: &Json) -> Option<i64> {
    match Number::of(value).ok()? {
        Integer(number) => Some(number),
        Float(number) => (number as i64 as f64 == number).then_some(number as i64),
    }
}

/// `-value`; booleans have none.
pub(super) fn negate(value: &Json) -> Result<Json, Failure> {
    match value.read() {
        Json::Integer(_) | Json::Float(_) => calculate(Operator::Multiply, value, &Json::Integer(-1)),
        _ => Err(Failure::Kinds),
    }
}

/// What an operator makes of two numbers.
pub(super) fn calculate(operator: Operator, left: &Json, right: &Json) -> Result<Json, Failure> {
    let (left, right) = (Number::of(left)?, Number::of(right)?);
    let (a, b) = (left.float(), right.float());
    let divides = matches!(operator, Operator::Divide | Operator::FloorDivide | Operator::Remainder);
    if divides && b == 0.0 || matches!(operator, Operator::Power) && a == 0.0 && b < 0.0 {
        return Err(Failure::Zero);
    }
    if let (Integer(left), Integer(right)) = (left, right) {
        match integers(operator, left, right) {
            Some(number) => return Ok(Json::Integer(number)),
            None => differs(|| !(matches!(operator, Operator::Divide) || right < 0)),
        }
    }
    let number = match operator {
        Operator::Add => a + b,
        Operator::Subtract => a - b,
        Operator::Multiply => a * b,
        Operator::Divide => a / b,
        Operator::FloorDivide => rounded_down(a, b).0,
        Operator::Remainder => rounded_down(a, b).1,
        Operator::Power => power(a, b),
        _ => return Err(Failure::Kinds),
    };
    if number.is_finite() {
        return Ok(Json::Float(number));
    }
    differs(|| true);
    Err(Failure::TooLarge)
}

/// The result if it is an integer of 64 bits.
fn integers(operator: Operator, left: i64, right: i64) -> Option<i64> {
    match operator {
        Operator::Add => left.checked_add(right),
        Operator::Subtract => left.checked_sub(right),
        Operator::Multiply => left.checked_mul(right),
        Operator::FloorDivide => {
            let quotient = left.checked_div(right)?;
            Some(if uneven(left, right) { quotient - 1 } else { quotient })
        }
        Operator::Remainder => {
            let remainder = left.wrapping_rem(right);
            Some(if uneven(left, right) { remainder + right } else { remainder })
        }
        Operator::Power => left.checked_pow(right.try_into().ok()?),
        _ => None,
    }
}

/// Whether a quotient is not whole and negative, and so is rounded away from zero.
fn uneven(left: i64, right: i64) -> bool {
    let remainder = left.wrapping_rem(right);
    remainder != 0 && (remainder < 0) != (right < 0)
}

/// Quotient and remainder; as Python's, which takes care that both fit together.
fn rounded_down(a: f64, b: f64) -> (f64, f64) {
    let mut remainder = remainder(a, b);
    let mut quotient = (a - remainder) / b;
    if remainder == 0.0 {
        remainder = 0.0_f64.copysign(b);
    } else if (remainder < 0.0) != (b < 0.0) {
        remainder += b;
        quotient -= 1.0;
    }
    if quotient == 0.0 {
        return (0.0_f64.copysign(a / b), remainder);
    }
    let floor = quotient.floor();
    (if quotient - floor > 0.5 { floor + 1.0 } else { floor }, remainder)
}

/// What is left of `a` when `b` has been taken off as often as possible; exact, and with the sign of `a`.
///
/// The standard library's `%` costs a kilobyte and a half of the download.
fn remainder(a: f64, b: f64) -> f64 {
    let (mut left, least) = (a.abs(), b.abs());
    // All of these are exact: doubling, halving back, and taking off what is more than half.
    let mut step = least;
    while step <= left / 2.0 {
        step *= 2.0;
    }
    loop {
        if left >= step {
            left -= step;
        }
        if step <= least {
            return left.copysign(a);
        }
        step /= 2.0;
    }
}

/// `a` to the power of `b`; every browser has it, so it is left out of the download.
fn power(a: f64, b: f64) -> f64 {
    #[cfg(target_arch = "wasm32")]
    return js_sys::Math::pow(a, b);
    #[cfg(not(target_arch = "wasm32"))]
    return a.powf(b);
}

/// Notes for the tests that this is known to differ from minijinja, if so.
pub(super) fn differs(known: impl FnOnce() -> bool) {
    #[cfg(all(test, not(target_arch = "wasm32")))]
    tests::DIFFERS.with(|differs| differs.set(differs.get() | known()));
    #[cfg(not(all(test, not(target_arch = "wasm32"))))]
    drop(known);
}

#[cfg(all(test, not(target_arch = "wasm32")))]
pub(super) mod tests {
    use super::*;
    use std::cell::Cell;

    thread_local! {
        /// Whether an evaluation came by a place where we differ from minijinja.
        pub(in crate::template::expression) static DIFFERS: Cell<bool> = const { Cell::new(false) };
    }

    fn of(operator: Operator, left: &str, right: &str) -> Result<String, Failure> {
        let json = |text: &str| crate::json::parse(text.as_bytes(), 1).unwrap();
        calculate(operator, &json(left), &json(right)).map(|value| format!("{value:?}"))
    }

    #[test]
    fn calculates() {
        use Operator::{Add, Divide, FloorDivide, Multiply, Power, Remainder, Subtract};
        for (operator, left, right, result) in [
            (Add, "1", "2", Ok("Integer(3)")),
            (Add, "1", "0.5", Ok("Float(1.5)")),
            (Add, "true", "true", Ok("Integer(2)")),
            (Add, "9223372036854775807", "1", Ok("Float(9.223372036854776e18)")),
            (Multiply, "9223372036854775807", "9223372036854775807", Ok("Float(8.507059173023462e37)")),
            (Multiply, "1e308", "10", Err(Failure::TooLarge)),
            (Subtract, "\"1\"", "1", Err(Failure::Kinds)),
            (Divide, "10", "4", Ok("Float(2.5)")),
            (Divide, "1", "0", Err(Failure::Zero)),
            (FloorDivide, "-7", "2", Ok("Integer(-4)")),
            (FloorDivide, "7", "-2", Ok("Integer(-4)")),
            (FloorDivide, "-7.5", "2", Ok("Float(-4.0)")),
            (FloorDivide, "-9223372036854775808", "-1", Ok("Float(9.223372036854776e18)")),
            (Remainder, "-7", "2", Ok("Integer(1)")),
            (Remainder, "7", "-2", Ok("Integer(-1)")),
            (Remainder, "-9223372036854775808", "-1", Ok("Integer(0)")),
            (Remainder, "5.5", "-2", Ok("Float(-0.5)")),
            (Remainder, "1", "0.0", Err(Failure::Zero)),
            (Power, "2", "3", Ok("Integer(8)")),
            (Power, "2", "-1", Ok("Float(0.5)")),
            (Power, "2", "70", Ok("Float(1.1805916207174113e21)")),
            (Power, "0", "-1", Err(Failure::Zero)),
            (Power, "-1.5", "0.5", Err(Failure::TooLarge)),
        ] {
            assert_eq!(of(operator, left, right), result.map(str::to_owned), "{left} {operator:?} {right}");
        }
    }

    #[test]
    fn remainders_are_those_of_the_processor() {
        for a in [0.0, 1.0, -7.5, 5e-324, 1e300, -1e308, f64::MAX, 9_007_199_254_740_993.0, 0.1, 3.0] {
            for b in [1.0, -2.0, 0.1, 5e-324, 1e-300, 3.3, f64::MAX, 2.5e-308] {
                assert_eq!(remainder(a, b).to_bits(), (a % b).to_bits(), "{a} {b}");
            }
        }
    }

    #[test]
    fn counts_with_whole_numbers() {
        for (text, number) in
            [("3", Some(3)), ("2.0", Some(2)), ("2.5", None), ("true", Some(1)), ("\"1\"", None)]
        {
            assert_eq!(whole(&crate::json::parse(text.as_bytes(), 1).unwrap()), number, "{text}");
        }
    }
}
