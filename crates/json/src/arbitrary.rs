//! Arbitrary values, for property tests here and in the crates above.

use crate::{Json, Object};
use proptest::prelude::*;

/// Arbitrary values. Floats that JavaScript would write as integers are left out: they read back as integers.
pub fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::Bool),
        any::<i64>().prop_map(Json::Integer),
        any::<f64>().prop_map(|number| Json::Float(if number.fract() == 0.0 || !number.is_finite() {
            0.5
        } else {
            number
        })),
        any::<String>().prop_map(|text| Json::from(text.as_str())),
    ];
    leaf.prop_recursive(4, 64, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(|list| Json::Array(list.into())),
            prop::collection::vec((".{0,3}", inner), 0..30).prop_map(|entries| {
                let mut object = Object::new();
                for (key, value) in entries {
                    object.set(&key, value);
                }
                object.into()
            }),
        ]
    })
}
