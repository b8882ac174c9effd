//! Enums whose variants are words of a document, of a body or of an event.

/// Defines an enum with a word for each variant: `ALL`, `WORDS`, `as_str` and the variants cannot disagree.
#[macro_export]
macro_rules! word_enum {
    ($(#[$about:meta])* $visibility:vis enum $name:ident {
        $($(#[$about_variant:meta])* $variant:ident = $word:literal,)+
    }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        $visibility enum $name {
            $($(#[$about_variant])* $variant,)+
        }

        impl $name {
            /// All of them, in their order.
            $visibility const ALL: [Self; [$($word),+].len()] = [$(Self::$variant),+];

            /// The words of all of them, in the same order.
            $visibility const WORDS: [&'static str; Self::ALL.len()] = [$($word),+];

            /// The one at a place in [`Self::WORDS`].
            $visibility fn at(place: usize) -> Option<Self> {
                Self::ALL.get(place).copied()
            }

            /// As it is written outside Rust.
            $visibility const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }
    };
}
