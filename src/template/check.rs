//! What a value is checked for before it becomes an attribute or a declaration of a style.

/// How the text of an attribute or of a declaration in `style` is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::template) enum Check {
    /// Any text.
    Text,
    /// The URL of a link.
    Link,
    /// The URL of an image.
    Image,
    /// URLs of images with descriptors: `srcset`.
    ImageSet,
    /// The URL of sound, film or subtitles.
    Media,
    /// The value of a CSS property.
    Style,
    /// The value of `position`.
    Position,
    /// The colour of a drawing's shape.
    Paint,
    /// A Boolean attribute.
    Truth,
}
