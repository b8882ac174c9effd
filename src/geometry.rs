//! Where the picture lies inside a media element's box.
//!
//! A `<video>` letterboxes, crops or stretches its picture as `object-fit` and `object-position` say
//! (CSS Images 4, sections 4.5 and 4.6). Areas are placed in percent of the picture, so this has to be known exactly.

use crate::json::parse_number;

/// A width and a height in CSS pixels.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Size {
    /// Pixels from left to right.
    pub width: f64,
    /// Pixels from top to bottom.
    pub height: f64,
}

/// A rectangle in CSS pixels, relative to the media element's content box.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Rectangle {
    /// Distance from the box's left edge; negative if it sticks out.
    pub left: f64,
    /// Distance from the box's top edge; negative if it sticks out.
    pub top: f64,
    /// Pixels from left to right.
    pub width: f64,
    /// Pixels from top to bottom.
    pub height: f64,
}

impl Rectangle {
    /// The part of this rectangle that lies inside a box of `size` at the origin; without area if there is none.
    pub fn within(self, size: Size) -> Rectangle {
        let left = self.left.max(0.0).min(size.width.max(0.0));
        let top = self.top.max(0.0).min(size.height.max(0.0));
        let right = (self.left + self.width).max(left).min(size.width.max(left));
        let bottom = (self.top + self.height).max(top).min(size.height.max(top));
        Rectangle { left, top, width: right - left, height: bottom - top }
    }
}

/// The values of `object-fit`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Fit {
    /// As large as fits, with bars.
    #[default]
    Contain,
    /// As small as covers, cropped.
    Cover,
    /// Stretched to the box.
    Fill,
    /// Natural size.
    None,
    /// Natural size, or smaller if that does not fit.
    ScaleDown,
}

impl Fit {
    /// Reads a computed value of `object-fit`; what is unknown counts as `contain`, the default of videos.
    pub fn parse(value: &str) -> Fit {
        match value.trim() {
            "cover" => Fit::Cover,
            "fill" => Fit::Fill,
            "none" => Fit::None,
            "scale-down" => Fit::ScaleDown,
            _ => Fit::Contain,
        }
    }
}

/// One coordinate of `object-position`: a share of the free space plus a length.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Offset {
    /// Percent of the free space (box minus picture).
    pub percent: f64,
    /// CSS pixels.
    pub pixels: f64,
}

impl Offset {
    const CENTER: Offset = Offset { percent: 50.0, pixels: 0.0 };

    /// Reads one computed coordinate: `50%`, `12px`, `calc(100% - 12px)`.
    fn parse(text: &str) -> Option<Offset> {
        let inner = text.strip_prefix("calc(").and_then(|rest| rest.strip_suffix(')')).unwrap_or(text);
        let mut offset = Offset { percent: 0.0, pixels: 0.0 };
        let mut sign = 1.0;
        let mut found = false;
        for term in inner.split_ascii_whitespace() {
            match term {
                "+" => sign = 1.0,
                "-" => sign = -1.0,
                _ => {
                    if let Some(number) = term.strip_suffix('%') {
                        offset.percent += sign * parse_number(number)?;
                    } else {
                        let number = term.strip_suffix("px").or((term == "0").then_some(term))?;
                        offset.pixels += sign * parse_number(number)?;
                    }
                    sign = 1.0;
                    found = true;
                }
            }
        }
        let finite = offset.percent.is_finite() && offset.pixels.is_finite();
        (found && finite).then_some(offset)
    }

    fn resolve(self, free: f64) -> f64 {
        free * self.percent / 100.0 + self.pixels
    }
}

/// The value of `object-position`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ObjectPosition {
    /// From the left.
    pub x: Offset,
    /// From the top.
    pub y: Offset,
}

impl Default for ObjectPosition {
    fn default() -> Self {
        Self { x: Offset::CENTER, y: Offset::CENTER }
    }
}

impl ObjectPosition {
    /// Reads a computed value such as `50% 50%` or `calc(100% - 8px) 0px`; what is unknown counts as the centre.
    pub fn parse(value: &str) -> ObjectPosition {
        let value = value.trim();
        let mut depth = 0_u32;
        let split = value.find(|character: char| {
            match character {
                '(' => depth += 1,
                ')' => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth == 0 && character.is_ascii_whitespace()
        });
        let (x, y) = match split {
            Some(at) => value.split_at_checked(at).unwrap_or((value, "")),
            None => (value, ""),
        };
        ObjectPosition {
            x: Offset::parse(x.trim()).unwrap_or(Offset::CENTER),
            y: Offset::parse(y.trim()).unwrap_or(Offset::CENTER),
        }
    }
}

/// Where the whole picture lies; with `cover` and `none` it may stick out of the box.
///
/// Without a natural size (metadata not loaded, sound only, a player that does not tell) the picture is taken to
/// fill the box.
pub fn picture(content_box: Size, natural: Option<Size>, fit: Fit, position: ObjectPosition) -> Rectangle {
    let whole = Rectangle { left: 0.0, top: 0.0, width: content_box.width, height: content_box.height };
    let known = natural.filter(|size| {
        size.width > 0.0 && size.height > 0.0 && size.width.is_finite() && size.height.is_finite()
    });
    let Some(natural) = known else { return whole };
    let (across, down) = (content_box.width / natural.width, content_box.height / natural.height);
    let scale = match fit {
        Fit::Fill => return whole,
        Fit::Contain => across.min(down),
        Fit::Cover => across.max(down),
        Fit::None => 1.0,
        Fit::ScaleDown => across.min(down).min(1.0),
    };
    let (width, height) = (natural.width * scale, natural.height * scale);
    Rectangle {
        left: position.x.resolve(content_box.width - width),
        top: position.y.resolve(content_box.height - height),
        width,
        height,
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    const BOX: Size = Size { width: 400.0, height: 400.0 };
    const WIDE: Size = Size { width: 1600.0, height: 900.0 };
    const SMALL: Size = Size { width: 160.0, height: 90.0 };

    fn rectangle(left: f64, top: f64, width: f64, height: f64) -> Rectangle {
        Rectangle { left, top, width, height }
    }

    #[test]
    fn follows_object_fit_and_object_position() {
        // box, natural size, object-fit, object-position, expected
        let table = [
            (BOX, WIDE, "contain", "50% 50%", rectangle(0.0, 87.5, 400.0, 225.0)),
            (BOX, WIDE, "contain", "0% 0%", rectangle(0.0, 0.0, 400.0, 225.0)),
            (BOX, WIDE, "contain", "50% 100%", rectangle(0.0, 175.0, 400.0, 225.0)),
            (BOX, WIDE, "contain", "10px 20px", rectangle(10.0, 20.0, 400.0, 225.0)),
            (BOX, WIDE, "contain", "50% calc(100% - 5px)", rectangle(0.0, 170.0, 400.0, 225.0)),
            (BOX, WIDE, "cover", "50% 50%", rectangle(-155.555_555, 0.0, 711.111_111, 400.0)),
            (BOX, WIDE, "cover", "0% 50%", rectangle(0.0, 0.0, 711.111_111, 400.0)),
            (BOX, WIDE, "cover", "100% 50%", rectangle(-311.111_111, 0.0, 711.111_111, 400.0)),
            (BOX, WIDE, "fill", "0% 0%", rectangle(0.0, 0.0, 400.0, 400.0)),
            (BOX, WIDE, "none", "50% 50%", rectangle(-600.0, -250.0, 1600.0, 900.0)),
            (BOX, SMALL, "none", "50% 50%", rectangle(120.0, 155.0, 160.0, 90.0)),
            (BOX, SMALL, "scale-down", "50% 50%", rectangle(120.0, 155.0, 160.0, 90.0)),
            (BOX, WIDE, "scale-down", "50% 50%", rectangle(0.0, 87.5, 400.0, 225.0)),
            (BOX, WIDE, "inherit?", "left", rectangle(0.0, 87.5, 400.0, 225.0)),
            (Size { width: 0.0, height: 0.0 }, WIDE, "contain", "50% 50%", rectangle(0.0, 0.0, 0.0, 0.0)),
        ];
        for (content_box, natural, fit, position, expected) in table {
            let found = picture(content_box, Some(natural), Fit::parse(fit), ObjectPosition::parse(position));
            let near = |one: f64, other: f64| (one - other).abs() < 1e-3;
            assert!(
                near(found.left, expected.left)
                    && near(found.top, expected.top)
                    && near(found.width, expected.width)
                    && near(found.height, expected.height),
                "{fit} {position}: {found:?} instead of {expected:?}"
            );
        }
    }

    #[test]
    fn fills_the_box_without_a_natural_size() {
        let odd = [None, Some(Size::default()), Some(Size { width: f64::NAN, height: 1.0 })];
        for natural in odd {
            let found = picture(BOX, natural, Fit::Contain, ObjectPosition::default());
            assert_eq!(found, rectangle(0.0, 0.0, 400.0, 400.0));
        }
    }

    #[test]
    fn cuts_off_what_sticks_out() {
        assert_eq!(rectangle(-100.0, 0.0, 600.0, 400.0).within(BOX), rectangle(0.0, 0.0, 400.0, 400.0));
        assert_eq!(rectangle(10.0, 20.0, 30.0, 40.0).within(BOX), rectangle(10.0, 20.0, 30.0, 40.0));
        assert_eq!(rectangle(350.0, 390.0, 100.0, 100.0).within(BOX), rectangle(350.0, 390.0, 50.0, 10.0));
        let outside = rectangle(500.0, 500.0, 10.0, 10.0).within(BOX);
        assert_eq!((outside.width, outside.height), (0.0, 0.0));
    }

    #[test]
    fn reads_positions() {
        let percent = |percent| Offset { percent, pixels: 0.0 };
        assert_eq!(ObjectPosition::parse("25% 75%"), ObjectPosition { x: percent(25.0), y: percent(75.0) });
        assert_eq!(
            ObjectPosition::parse("calc(100% - 12px) calc(0% + 3px)"),
            ObjectPosition {
                x: Offset { percent: 100.0, pixels: -12.0 },
                y: Offset { percent: 0.0, pixels: 3.0 }
            }
        );
        for odd in ["", "  ", "calc(", "NaN% inf%", "1em 2em", "% px"] {
            assert_eq!(ObjectPosition::parse(odd), ObjectPosition::default(), "{odd}");
        }
    }
}
