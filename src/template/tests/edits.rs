//! Lists that change in all the ways that lists do: rows come and go, move, and change, also at the same time.

use crate::json::Json;
use proptest::prelude::*;

/// What happens to a list of rows from one answer to the next; places are taken modulo its length.
#[derive(Clone, Debug)]
enum Edit {
    Insert(usize, Row),
    Remove(usize),
    Swap(usize, usize),
    Rotate(usize),
    Reverse,
    Replace(usize, Row),
    Reprice(u8),
    /// Members in another order, or one more: the same value, or a little different.
    Respell(usize, &'static str),
}

/// Few ids, so that some are there twice.
#[derive(Clone, Debug)]
struct Row(u8, &'static str, u8, &'static str);

impl Row {
    fn text(&self) -> String {
        let Row(id, name, price, more) = self;
        format!(r#"{{"id":{id},"name":"{name}","price":{price}{more}}}"#)
    }
}

const MORE: [&str; 6] = [
    "",
    r#","tags":["x"]"#,
    r#","tags":["x","y"]"#,
    r#","price":null"#,
    r#","unused":{"a":[1]}"#,
    r#", "id":3"#,
];

fn row() -> impl Strategy<Value = Row> {
    let name = prop::sample::select(vec!["", "a", "b", r"\u0061", r#"\""#, "ü"]);
    (0..9_u8, name, 0..3_u8, prop::sample::select(&MORE))
        .prop_map(|(id, name, price, more)| Row(id, name, price, more))
}

fn edit() -> impl Strategy<Value = Edit> {
    let at = || prop_oneof![Just(0_usize), any::<usize>()];
    prop_oneof![
        (at(), row()).prop_map(|(at, row)| Edit::Insert(at, row)),
        at().prop_map(Edit::Remove),
        (at(), at()).prop_map(|(one, other)| Edit::Swap(one, other)),
        at().prop_map(Edit::Rotate),
        Just(Edit::Reverse),
        (at(), row()).prop_map(|(at, row)| Edit::Replace(at, row)),
        (0..3_u8).prop_map(Edit::Reprice),
        (at(), prop::sample::select(&MORE)).prop_map(|(at, more)| Edit::Respell(at, more)),
    ]
}

fn apply(edit: Edit, rows: &mut Vec<Row>) {
    let length = rows.len().max(1);
    match edit {
        Edit::Insert(at, row) => rows.insert(at % (rows.len() + 1), row),
        _ if rows.is_empty() => {}
        Edit::Remove(at) => drop(rows.remove(at % length)),
        Edit::Swap(one, other) => rows.swap(one % length, other % length),
        Edit::Rotate(by) => rows.rotate_left(by % length),
        Edit::Reverse => rows.reverse(),
        Edit::Replace(at, row) => rows[at % length] = row,
        Edit::Reprice(price) => rows.iter_mut().for_each(|row| row.2 = price),
        Edit::Respell(at, more) => rows[at % length].3 = more,
    }
}

/// Answers that differ by a few edits, with a name that all rows may use.
pub(super) fn edited() -> impl Strategy<Value = Vec<Json>> {
    let step = (prop::collection::vec(edit(), 0..4), 0..3_u8);
    (prop::collection::vec(row(), 0..12), prop::collection::vec(step, 1..6)).prop_map(|(mut rows, steps)| {
        let answer = |rows: &[Row], shop: u8| {
            let rows: Vec<_> = rows.iter().map(Row::text).collect();
            let text = format!(r#"{{"products":[{}],"ok":true,"shop":"s{}"}}"#, rows.join(","), shop / 2);
            crate::json::check(text.as_bytes(), 64).unwrap()
        };
        let mut answers = vec![answer(&rows, 0)];
        for (edits, shop) in steps {
            edits.into_iter().for_each(|edit| apply(edit, &mut rows));
            answers.push(answer(&rows, shop));
        }
        answers
    })
}
