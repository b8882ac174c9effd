//! Points in time as text.

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
