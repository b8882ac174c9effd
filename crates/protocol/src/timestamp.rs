//! Points in time as text: RFC 3339.

/// Unix milliseconds as RFC 3339 in UTC, with milliseconds: `2026-11-20T20:07:00.123Z`.
///
/// Times outside the years 0–9999 are moved to the nearest that can be written.
pub fn rfc3339(wall_ms: f64) -> String {
    #[allow(clippy::cast_possible_truncation)]
    let ms = (wall_ms as i64).clamp(-62_167_219_200_000, 253_402_300_799_999);
    let days = ms.div_euclid(86_400_000);
    let of_day = ms.rem_euclid(86_400_000);
    let (year, month, day) = civil(days);
    let mut text = String::with_capacity(24);
    padded(&mut text, year, 4);
    text.push('-');
    padded(&mut text, month, 2);
    text.push('-');
    padded(&mut text, day, 2);
    text.push('T');
    padded(&mut text, of_day / 3_600_000, 2);
    text.push(':');
    padded(&mut text, of_day / 60_000 % 60, 2);
    text.push(':');
    padded(&mut text, of_day / 1_000 % 60, 2);
    text.push('.');
    padded(&mut text, of_day % 1_000, 3);
    text.push('Z');
    text
}

/// Appends a non-negative number with leading zeros.
fn padded(text: &mut String, number: i64, width: u32) {
    for place in (0..width).rev() {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let digit = (number / 10_i64.pow(place) % 10) as u8;
        text.push((b'0' + digit).into());
    }
}

/// Days since 1970-01-01 as year, month and day of the Gregorian calendar.
///
/// Counts from 0000-03-01, so that the leap day is the last of its year and months follow one linear rule.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// Unix milliseconds of a date and time as RFC 3339 has them (`2026-11-21T09:00:00.5+01:00`), or of a date alone, which
/// begins in UTC; and whether it was a date alone. Nothing else is read.
pub fn parse(text: &str) -> Option<(f64, bool)> {
    let mut rest = text;
    let [year, month, day, _] = fields(&mut rest, "0000-00-00")?;
    let days = days(year, month, day);
    // Neither a 13th month nor a 30th of February.
    if civil(days) != (year, month, day) {
        return None;
    }
    #[allow(clippy::cast_precision_loss)]
    let in_millis = |seconds: i64| (days * 86_400 + seconds) as f64 * 1_000.0;
    if rest.is_empty() {
        return Some((in_millis(0), true));
    }
    let [_, hour, minute, second] = fields(&mut rest, "T00:00:00")?;
    let fraction = rest.trim_start_matches(|sign: char| sign == '.' || sign.is_ascii_digit());
    let (digits, mut rest) = rest.split_at_checked(rest.len() - fraction.len())?;
    // `.5`, but neither `5` nor `.` nor `.5.5`
    let millis = match digits.as_bytes() {
        [] => 0,
        [b'.', digits @ ..] if !digits.is_empty() && digits.iter().all(u8::is_ascii_digit) => {
            let thousandths = digits.iter().chain(&[b'0'; 2]).take(3);
            thousandths.fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0'))
        }
        _ => return None,
    };
    let sign = match rest.as_bytes() {
        [b'Z' | b'z'] => 0,
        [b'+', ..] => 1,
        [b'-', ..] => -1,
        _ => return None,
    };
    let (mut hours, mut minutes) = (0, 0);
    if sign != 0 {
        rest = rest.get(1..)?;
        [hours, minutes, ..] = fields(&mut rest, "00:00")?;
        if !rest.is_empty() {
            return None;
        }
    }
    // The 60th second is a leap second.
    if hour > 23 || minute > 59 || second > 60 || hours > 23 || minutes > 59 {
        return None;
    }
    let seconds = (hour - sign * hours) * 3_600 + (minute - sign * minutes) * 60 + second;
    Some((in_millis(seconds) + f64::from(millis), false))
}

/// Reads numbers and the signs between them: a `0` in the pattern stands for any digit.
fn fields(text: &mut &str, pattern: &str) -> Option<[i64; 4]> {
    let (written, rest) = text.split_at_checked(pattern.len())?;
    let mut fields = [0; 4];
    let mut field = 0;
    for (byte, expected) in written.bytes().zip(pattern.bytes()) {
        if expected != b'0' {
            field += 1;
            if byte.to_ascii_uppercase() != expected {
                return None;
            }
        } else if byte.is_ascii_digit() {
            let number = fields.get_mut(field)?;
            *number = *number * 10 + i64::from(byte - b'0');
        } else {
            return None;
        }
    }
    *text = rest;
    Some(fields)
}

/// Days since 1970-01-01; the opposite of [`civil`].
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let from_march = (month + 9) % 12;
    let of_year = (153 * from_march + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year - 719_468
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    #[test]
    fn writes_known_instants() {
        for (ms, text) in [
            (0.0, "1970-01-01T00:00:00.000Z"),
            (1_732_147_620_123.0, "2024-11-21T00:07:00.123Z"),
            (951_782_400_000.0, "2000-02-29T00:00:00.000Z"),
            (4_107_542_399_999.0, "2100-02-28T23:59:59.999Z"),
            (-1.0, "1969-12-31T23:59:59.999Z"),
            (f64::INFINITY, "9999-12-31T23:59:59.999Z"),
            (f64::NAN, "1970-01-01T00:00:00.000Z"),
        ] {
            assert_eq!(rfc3339(ms), text);
        }
    }

    #[test]
    fn reads_dates_strictly() {
        for (text, read) in [
            ("1970-01-01T00:00:00Z", Some((0.0, false))),
            ("2024-11-21T00:07:00.123Z", Some((1_732_147_620_123.0, false))),
            ("2024-11-21t01:07:00.1239+01:00", Some((1_732_147_620_123.0, false))),
            ("2024-11-20T18:37:00.123-05:30", Some((1_732_147_620_123.0, false))),
            ("2024-11-21T00:07:00.12Z", Some((1_732_147_620_120.0, false))),
            ("2024-11-21T00:07:00.009Z", Some((1_732_147_620_009.0, false))),
            ("2024-11-21T00:07:00.5.5Z", None),
            ("2000-02-29", Some((951_782_400_000.0, true))),
            ("2016-12-31T23:59:60z", Some((1_483_228_800_000.0, false))),
            ("0000-01-01", Some((-62_167_219_200_000.0, true))),
            ("1900-02-29", None),
            ("2026-02-30", None),
            ("2026-13-01", None),
            ("2026-1-1", None),
            ("2026-11-21 09:00:00Z", None),
            ("2026-11-21T09:00:00", None),
            ("2026-11-21T09:00Z", None),
            ("2026-11-21T24:00:00Z", None),
            ("2026-11-21T09:60:00Z", None),
            ("2026-11-21T09:00:61Z", None),
            ("2026-11-21T09:00:00+24:00", None),
            ("2026-11-21T09:00:00+00:60", None),
            ("1970-01-02T23:59:00+23:59", Some((86_400_000.0, false))),
            ("1970-01-01T00:00:00-23:59", Some((86_340_000.0, false))),
            ("2026-11-21T09:00:00.Z", None),
            ("2026-11-21T09:00:00Z+01:00", None),
            ("2026-11-21T09:00:00+0100", None),
            ("2026-11-21T09:00:00Zx", None),
            ("2026-11-21T", None),
            ("+026-11-21", None),
            ("21.11.2026", None),
            ("٢٠٢٦-11-21", None),
            ("", None),
        ] {
            assert_eq!(parse(text), read, "{text}");
        }
        for day in (-719_000..2_900_000).step_by(97) {
            #[allow(clippy::cast_precision_loss)]
            let millis = day as f64 * 86_400_000.0;
            let text = rfc3339(millis);
            assert_eq!(parse(&text), Some((millis, false)), "{text}");
            assert_eq!(parse(&text[..10]), Some((millis, true)), "{text}");
        }
    }

    #[test]
    fn every_day_of_four_centuries_follows_the_one_before() {
        let mut last = civil(-1);
        for day in 0..146_097 {
            let next = civil(day);
            assert!(next > last && (next.2 == last.2 + 1 || next.2 == 1), "{last:?} then {next:?}");
            last = next;
        }
        assert_eq!(last, (2369, 12, 31));
    }
}
