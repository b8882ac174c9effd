//! Numbers as decimal text and back, correctly rounded.
//!
//! The standard library does the same faster, with tables that do not compress: together with its code they are a tenth
//! of what a viewer downloads. Numbers of an answer have few digits, and those are as fast here. The others take long
//! division of whole numbers. Tests compare all of it with the standard library.

use std::cmp::Ordering;

/// Powers of ten that a double holds exactly.
const EXACT: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    1e19, 1e20, 1e21, 1e22,
];
/// Up to here every whole number is a double.
const MAX_WHOLE: u64 = 1 << 53;
/// The exponent of the smallest double, 2^-1074.
const LOWEST: i32 = -1074;
/// More digits make no difference but for one: whether there is anything behind them. Halfway between two doubles there
/// are at most 767.
const MAX_DIGITS: usize = 770;

/// Reads digits with an optional sign, point and exponent; a number too large for a double is infinite. None: the text is
/// something else.
pub fn parse_number(text: &str) -> Option<f64> {
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (decimal, exponent) = match text.split_once(['e', 'E']) {
        Some((decimal, exponent)) => (decimal, parse_exponent(exponent)?),
        None => (text, 0),
    };
    let (whole, fraction) = decimal.split_once('.').unwrap_or((decimal, ""));
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() + fraction.len() == 0 || !all_digits(whole) || !all_digits(fraction) {
        return None;
    }
    let mut digits = Vec::new();
    // The value is that of the digits times ten to this power.
    let mut power = exponent;
    let mut behind = false;
    for (index, byte) in whole.bytes().chain(fraction.bytes()).enumerate() {
        let counts = !digits.is_empty() || byte != b'0';
        let kept = counts && digits.len() < MAX_DIGITS;
        if kept {
            digits.push(byte - b'0');
        }
        behind |= counts && !kept && byte != b'0';
        let in_whole = index < whole.len();
        power += i32::from(in_whole && counts && !kept) - i32::from(!in_whole && (kept || !counts));
    }
    if behind {
        digits.push(1);
        power -= 1;
    }
    let number = from_digits(&digits, power);
    Some(if negative { -number } else { number })
}

/// An exponent; one that no double has becomes some other that no double has.
fn parse_exponent(text: &str) -> Option<i32> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let mut exponent = 0_i32;
    for byte in digits.bytes() {
        exponent =
            exponent.saturating_mul(10).saturating_add(i32::from(char::from(byte).to_digit(10)? as u8));
    }
    let exponent = exponent.min(1_000_000);
    (!digits.is_empty()).then_some(if negative { -exponent } else { exponent })
}

/// The double nearest to `digits` × 10^`power`.
fn from_digits(digits: &[u8], power: i32) -> f64 {
    let last = digits.iter().rposition(|digit| *digit != 0);
    let Some(digits) = last.and_then(|last| digits.get(..=last).zip(Some(digits.len() - 1 - last))) else {
        return 0.0;
    };
    let (digits, zeros) = digits;
    let power = power.saturating_add(i32::try_from(zeros).unwrap_or(i32::MAX));
    let magnitude = power.saturating_add(i32::try_from(digits.len()).unwrap_or(i32::MAX));
    if magnitude > 310 {
        return f64::INFINITY;
    }
    if magnitude < -330 {
        return 0.0;
    }
    if digits.len() <= 15 {
        let whole = digits.iter().fold(0_u64, |whole, digit| whole * 10 + u64::from(*digit));
        #[allow(clippy::cast_precision_loss)] // It is below 2^53.
        let whole = whole as f64;
        let exact = usize::try_from(power.unsigned_abs()).ok().and_then(|power| EXACT.get(power));
        match exact {
            Some(exact) if power < 0 => return whole / exact,
            Some(exact) => return whole * exact,
            None => {}
        }
    }
    if let Some(number) = quick(digits, power) {
        return number;
    }
    let mut above = BigUint::default();
    for nine in digits.chunks(9) {
        let (mut factor, mut add) = (1, 0);
        for digit in nine {
            (factor, add) = (factor * 10, add * 10 + u32::from(*digit));
        }
        above.multiply_add(factor, add);
    }
    let mut below = BigUint::one();
    if power < 0 { &mut below } else { &mut above }.multiply_by_ten_to(power.unsigned_abs());
    // So that the quotient has the 53 bits of a double, or as many as the smallest doubles have.
    let mut exponent = (above.bits() - below.bits() - 53).max(LOWEST);
    loop {
        let (mut above, mut below) = (above.clone(), below.clone());
        if exponent < 0 { &mut above } else { &mut below }.shift(exponent.unsigned_abs());
        let quotient = divide(above, below);
        if quotient > MAX_WHOLE {
            exponent += 1;
            continue;
        }
        return assemble(quotient, exponent);
    }
}

/// The double nearest to `digits` × 10^`power`, if 96 bits tell which one that is: long division takes twenty times as long,
/// and an answer may hold tens of thousands of numbers that need it.
fn quick(digits: &[u8], power: i32) -> Option<f64> {
    let (first, others) = digits.split_at_checked(19).unwrap_or((digits, &[]));
    let whole = first.iter().fold(0_u64, |whole, digit| whole * 10 + u64::from(*digit));
    let power = power + i32::try_from(others.len()).ok()?;
    // The value lies between `low` and `high`, times 2^`exponent`.
    let (mut low, mut exponent) = normal(whole.into());
    let mut high = low + if others.is_empty() { 0 } else { 1 + (low >> 59) };
    if power < 0 {
        let (tens, tens_exponent, lost) = ten_to(1 << 95, -95, power.unsigned_abs());
        let (mut quotient, mut rest) = (0_u128, low);
        for _ in 0..=96 {
            quotient <<= 1;
            if rest >= tens {
                rest -= tens;
                quotient |= 1;
            }
            rest <<= 1;
        }
        // What the powers of ten have lost, the quotient has too much.
        let spread = (high - low) * 4 + 4;
        (low, high) = (quotient.checked_sub(lost * 4)?, quotient + spread);
        exponent -= tens_exponent + 96;
    } else {
        let spread = (high - low) * 2;
        let lost;
        (low, exponent, lost) = ten_to(low, exponent, power.unsigned_abs());
        high = low + spread + lost;
    }
    let bits = i32::try_from(128 - high.leading_zeros()).ok()?;
    let lowest = (exponent + bits - 53).max(LOWEST);
    let dropped = u32::try_from(lowest - exponent).ok().filter(|dropped| (1..=100).contains(dropped))?;
    let half = 1 << (dropped - 1);
    let [least, most] = [low.checked_sub(1)?, high + 1].map(|value| (value + half) >> dropped);
    (least == most).then_some(assemble(u64::try_from(least).ok()?, lowest))
}

/// A whole number as 96 bits of which the first is set, and the power of two to multiply them with; what does not fit is lost.
fn normal(whole: u128) -> (u128, i32) {
    let bits = 128 - i32::try_from(whole.leading_zeros()).unwrap_or(0);
    (if bits > 96 { whole >> (bits - 96) } else { whole << (96 - bits) }, bits - 96)
}

/// Such a number times ten to a power; and at most how many units of its last bit are lost.
fn ten_to(mut whole: u128, mut exponent: i32, mut power: u32) -> (u128, i32, u128) {
    let mut lost = 0;
    while power > 0 {
        let step = power.min(9);
        let (product, more) = normal(whole * u128::from(10_u32.pow(step)));
        (whole, exponent, power, lost) = (product, exponent + more, power - step, lost * 2 + 1);
        lost = lost.min(2 * 40);
    }
    (whole, exponent, lost)
}

/// `whole` × 2^`exponent`, which is a double or too large.
fn assemble(whole: u64, exponent: i32) -> f64 {
    const HIDDEN: u64 = MAX_WHOLE >> 1;
    if whole < HIDDEN {
        return f64::from_bits(whole);
    }
    let biased = u64::try_from(exponent - LOWEST + 1).unwrap_or(0);
    let bits = (biased << 52) + (whole - HIDDEN);
    f64::from_bits(bits.min(f64::INFINITY.to_bits()))
}

/// The fewest digits that read back as `number`, which is finite and above zero, as a whole number; and the power of ten
/// to multiply them with. Of several such the nearest.
pub(super) fn shortest(number: f64) -> (u64, i32) {
    for (power, exact) in (0..).zip(EXACT) {
        let scaled = (number * exact).round();
        if scaled > 1e15 {
            break;
        }
        if scaled / exact == number {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            // It is whole and below 2^53.
            return (scaled as u64, -power);
        }
    }
    // Any number of up to 15 digits is found with 15; the smallest doubles have fewer.
    let first = if number < f64::MIN_POSITIVE { 1 } else { 15 };
    let reads_back = |digits: u64, power: i32| {
        let mut text = [0_u8; 20];
        let mut rest = digits;
        for place in text.iter_mut().rev() {
            *place = (rest % 10) as u8;
            rest /= 10;
        }
        from_digits(
            text.iter().position(|digit| *digit != 0).and_then(|start| text.get(start..)).unwrap_or(&[]),
            power,
        ) == number
    };
    for count in first..17 {
        let (digits, power) = rounded(number, count);
        // Below a power of two doubles are closer together, so the nearest digits can be too far, and the next ones not.
        for digits in [digits, digits + 1] {
            if reads_back(digits, power) {
                return without_zeros(digits, power);
            }
        }
    }
    let (digits, power) = rounded(number, 17);
    without_zeros(digits, power)
}

fn without_zeros(mut digits: u64, mut power: i32) -> (u64, i32) {
    while digits.is_multiple_of(10) && digits > 0 {
        digits /= 10;
        power += 1;
    }
    (digits, power)
}

/// `number` rounded to so many digits.
fn rounded(number: f64, count: i32) -> (u64, i32) {
    let bits = number.to_bits();
    let biased = i32::try_from(bits >> 52).unwrap_or(0);
    let fraction = bits & ((1 << 52) - 1);
    let (whole, exponent) =
        if biased == 0 { (fraction, LOWEST) } else { (fraction | 1 << 52, biased + LOWEST - 1) };
    let mut mantissa = BigUint::default();
    mantissa.multiply_add(1, (whole >> 32) as u32);
    mantissa.shift(32);
    mantissa.multiply_add(1, whole as u32);
    // 2^10 is a little more than 10^3, so this is the right power or a little too low: never too high, because then
    // rounding could make the digits seem enough.
    let mut power = ((mantissa.bits() + exponent - 1) * 301).div_euclid(1000) - count;
    let limit = (0..count).fold(1_u64, |limit, _| limit * 10);
    loop {
        if let Some(digits) = quickly_rounded(whole, exponent, power) {
            if digits <= limit {
                return (digits, power);
            }
            power += 1;
            continue;
        }
        let (mut above, mut below) = (mantissa.clone(), BigUint::one());
        if power < 0 { &mut above } else { &mut below }.multiply_by_ten_to(power.unsigned_abs());
        if exponent < 0 { &mut below } else { &mut above }.shift(exponent.unsigned_abs());
        let digits = divide(above, below);
        if digits <= limit {
            return (digits, power);
        }
        power += 1;
    }
}

/// `whole` × 2^`exponent` / 10^`power`, rounded to the nearest, of two as near to the even one; for numbers of usual size, which
/// fit 128 bits.
fn quickly_rounded(whole: u64, exponent: i32, power: i32) -> Option<u64> {
    let tens = power.checked_neg().and_then(|power| u32::try_from(power).ok()).filter(|tens| *tens <= 22)?;
    let shift = exponent.checked_neg().and_then(|shift| u32::try_from(shift).ok());
    let shift = shift.filter(|shift| (1..=127).contains(shift))?;
    let above = u128::from(whole) * 10_u128.pow(tens);
    let (quotient, half) = (u64::try_from(above >> shift).ok()?, 1_u128 << (shift - 1));
    let rest = above - (u128::from(quotient) << shift);
    Some(quotient + u64::from(rest > half || rest == half && quotient % 2 == 1))
}

/// A whole number of any size, the lowest 32 bits first, without zeros at the end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct BigUint(Vec<u32>);

impl BigUint {
    fn one() -> Self {
        Self(vec![1])
    }

    fn multiply_add(&mut self, factor: u32, add: u32) {
        let mut carry = u64::from(add);
        for part in &mut self.0 {
            let product = u64::from(*part) * u64::from(factor) + carry;
            *part = product as u32;
            carry = product >> 32;
        }
        if carry > 0 {
            self.0.push(carry as u32);
        }
    }

    fn multiply_by_ten_to(&mut self, power: u32) {
        let mut left = power;
        while left > 0 {
            let step = left.min(9);
            self.multiply_add(10_u32.pow(step), 0);
            left -= step;
        }
    }

    /// Times 2^`bits`.
    fn shift(&mut self, bits: u32) {
        self.multiply_add(1 << (bits % 32), 0);
        if !self.0.is_empty() {
            self.0.splice(0..0, std::iter::repeat_n(0, (bits / 32) as usize));
        }
    }

    fn bits(&self) -> i32 {
        let last = self.0.last().map_or(0, |last| 32 - last.leading_zeros() as i32);
        (self.0.len() as i32 - 1).max(0) * 32 + last
    }

    fn compare(&self, other: &BigUint) -> Ordering {
        self.0.len().cmp(&other.0.len()).then_with(|| self.0.iter().rev().cmp(other.0.iter().rev()))
    }

    /// Takes off what is not more than this.
    fn subtract(&mut self, other: &BigUint) {
        let mut borrow = 0_i64;
        for (index, part) in self.0.iter_mut().enumerate() {
            let difference =
                i64::from(*part) - other.0.get(index).map_or(0, |other| i64::from(*other)) + borrow;
            *part = difference as u32;
            borrow = difference >> 32;
        }
        while self.0.last() == Some(&0) {
            self.0.pop();
        }
    }
}

/// The quotient, which must fit 63 bits, rounded to the nearest, of two as near to the even one.
fn divide(mut above: BigUint, mut below: BigUint) -> u64 {
    let mut quotient = 0_u64;
    let steps = (above.bits() - below.bits()).max(0).unsigned_abs();
    below.shift(steps);
    for _ in 0..=steps {
        quotient <<= 1;
        if above.compare(&below) != Ordering::Less {
            above.subtract(&below);
            quotient |= 1;
        }
        above.multiply_add(2, 0);
    }
    match above.compare(&below) {
        Ordering::Less => quotient,
        Ordering::Equal => quotient + (quotient & 1),
        Ordering::Greater => quotient + 1,
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn same(text: &str) {
        let expected: f64 = text.parse().unwrap();
        assert_eq!(parse_number(text).map(f64::to_bits), Some(expected.to_bits()), "{text}");
    }

    /// The digits and the power of ten that the standard library finds.
    fn expected(number: f64) -> (u64, i32) {
        let text = format!("{number:e}");
        let (digits, exponent) = text.split_once('e').unwrap();
        let fraction = digits.split_once('.').map_or(0, |(_, fraction)| fraction.len());
        let digits: u64 = digits.replace('.', "").parse().unwrap();
        without_zeros(digits, exponent.parse::<i32>().unwrap() - fraction as i32)
    }

    fn writes(number: f64) {
        let (digits, power) = shortest(number);
        let (ours, theirs) = (without_zeros(digits, power), expected(number));
        // Exactly in the middle the standard library rounds up, and we, as JavaScript engines, to the even digit.
        let tie = ours.0 + 1 == theirs.0 && ours.1 == theirs.1 && ours.0 % 2 == 0;
        assert!(ours == theirs || tie, "{number:e}: {ours:?} instead of {theirs:?}");
        assert_eq!(format!("{digits}e{power}").parse(), Ok(number));
    }

    #[test]
    fn reads_the_corners() {
        for text in [
            "0",
            "-0",
            "0.0",
            "0e9",
            "1",
            "1.5",
            "12.50",
            "100",
            "1e22",
            "1e23",
            "9007199254740993",
            "9007199254740992.5",
            "9007199254740993.000000000000000000000001",
            "1.7976931348623157e308",
            "1.7976931348623158e308",
            "1.797693134862315807e308",
            "1.8e308",
            "1e309",
            "1e999999999999",
            "4.9e-324",
            "2.4703282292062327e-324",
            "2.4703282292062328e-324",
            "2.2250738585072014e-308",
            "2.2250738585072011e-308",
            "1e-400",
            "1e-999999999999",
            "0.000001",
            "123456789012345678901234567890",
            "8.41e21",
            "2.225073858507201e-308",
            "0.30000000000000004",
            "5e-324",
            "179769313486231580793728971405301e276",
        ] {
            same(text);
        }
        same(&format!("0.{}1", "0".repeat(400)));
        same(&format!("{}e-1000", "9".repeat(1300)));
        same(&format!("1{}", "0".repeat(308)));
        same(&format!("9007199254740993.{}1", "0".repeat(900)));
        // Halfway between the two smallest doubles, and the least bit more.
        let halfway = format!("{:.1080}", f64::from_bits(1)).trim_end_matches('0').to_owned();
        same(&halfway);
        same(&format!("{halfway}{}1", "0".repeat(300)));
        for text in ["", "-", ".", "e5", "1e", "1e+", "1.2.3", "0x1", "inf", "NaN", "1_0", " 1", "1e1.5", "١"]
        {
            assert_eq!(parse_number(text), None, "{text}");
        }
    }

    #[test]
    fn writes_the_corners() {
        for number in [
            1.0,
            0.1,
            0.3,
            0.1 + 0.2,
            1e21,
            1e22,
            1e23,
            5e-324,
            f64::MAX,
            f64::MIN_POSITIVE,
            123.456,
            2e-308,
            9.5e-7,
        ] {
            writes(number);
        }
        for exponent in -1074..=1023 {
            let power = 2_f64.powi(exponent.max(-1022))
                * if exponent < -1022 { 2_f64.powi(exponent + 1022) } else { 1.0 };
            for bits in [power.to_bits().saturating_sub(1).max(1), power.to_bits(), power.to_bits() + 1] {
                writes(f64::from_bits(bits));
            }
        }
    }

    proptest! {
        #[test]
        fn reads_what_the_standard_library_reads(number in any::<f64>().prop_filter("finite", |number| number.is_finite()), digits in 0..25_usize) {
            same(&format!("{number}"));
            same(&format!("{number:e}"));
            same(&format!("{number:.digits$e}"));
        }

        #[test]
        fn reads_any_digits(text in "-?[0-9]{1,30}(\\.[0-9]{0,40})?(e-?[0-9]{1,3})?") {
            same(&text);
        }

        #[test]
        fn writes_what_the_standard_library_writes(bits in 1..f64::INFINITY.to_bits(), short in 0..100_000_u32, places in 0..8) {
            writes(f64::from_bits(bits));
            writes(f64::from(short + 1) / 10_f64.powi(places));
        }
    }
}
