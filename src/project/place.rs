//! Where elements are on the picture.

use super::schema;
use schemars::JsonSchema;

/// A rectangle in percent of the picture (0–100).
// In documents it is called `box`, which is a reserved word in Rust.
#[derive(Clone, Copy, Debug, Default, PartialEq, JsonSchema)]
#[schemars(rename = "Box", deny_unknown_fields)]
pub struct Frame {
    /// From the picture's left edge.
    #[schemars(range(min = 0, max = 100))]
    pub left: f64,
    /// From the picture's top edge.
    #[schemars(range(min = 0, max = 100))]
    pub top: f64,
    /// Of the picture's width.
    #[schemars(range(max = 100), extend("exclusiveMinimum" = 0))]
    pub width: f64,
    /// Of the picture's height.
    #[schemars(range(max = 100), extend("exclusiveMinimum" = 0))]
    pub height: f64,
}

/// Where a moving area is at one time.
#[derive(Clone, Copy, Debug, PartialEq, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Keyframe {
    /// Media time in seconds.
    #[schemars(schema_with = "schema::time")]
    pub at: f64,
    /// Where it is then.
    #[schemars(rename = "box")]
    pub frame: Frame,
}

/// Where an area with this path is at a media time: on a straight line between its keyframes, and before the first and after
/// the last one there.
pub fn place_at(path: &[Keyframe], time: f64) -> Option<Frame> {
    let next = path.iter().position(|keyframe| keyframe.at > time).unwrap_or(path.len());
    let before = next.checked_sub(1).and_then(|before| path.get(before));
    match (before, path.get(next)) {
        (Some(before), Some(after)) => {
            let share = (time - before.at) / (after.at - before.at);
            let between = |from: f64, to: f64| from + (to - from) * share;
            Some(Frame {
                left: between(before.frame.left, after.frame.left),
                top: between(before.frame.top, after.frame.top),
                width: between(before.frame.width, after.frame.width),
                height: between(before.frame.height, after.frame.height),
            })
        }
        (only, other) => only.or(other).map(|keyframe| keyframe.frame),
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    fn frame(left: f64) -> Frame {
        Frame { left, top: 10.0, width: 20.0 + left, height: 30.0 }
    }

    #[test]
    fn a_path_is_a_straight_line_between_its_keyframes() {
        let path =
            [(2.0, 0.0), (4.0, 10.0), (5.0, 0.0)].map(|(at, left)| Keyframe { at, frame: frame(left) });
        let left = |time| place_at(&path, time).map(|frame| frame.left);
        for (time, expected) in
            [(0.0, 0.0), (2.0, 0.0), (3.0, 5.0), (4.0, 10.0), (4.25, 7.5), (5.0, 0.0), (9.0, 0.0)]
        {
            assert_eq!(left(time), Some(expected), "{time}");
        }
        let middle = place_at(&path, 3.0).unwrap();
        assert_eq!((middle.top, middle.width, middle.height), (10.0, 25.0, 30.0));
        assert_eq!(place_at(&[], 1.0), None);
    }
}
