//! Lists for people: columns that are as wide as what is in them.

use serde_json::Value;
use std::io::Write;

/// Characters of a cell at most, in a list.
pub const NARROW: usize = 60;
/// Characters of a cell at most, where one thing is shown.
pub const WIDE: usize = 400;

/// Writes a table: titles, and for each row the texts at these places of it, each of so many characters at most.
pub fn table(
    out: &mut impl Write,
    columns: &[(&str, &str)],
    rows: &[Value],
    widest: usize,
) -> anyhow::Result<()> {
    let mut lines = vec![columns.iter().map(|(title, _)| (*title).to_owned()).collect::<Vec<_>>()];
    lines.extend(rows.iter().map(|row| columns.iter().map(|(_, place)| cell(row, place, widest)).collect()));
    let width = |column: usize| {
        lines.iter().filter_map(|line| line.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns.len()).map(width).collect();
    for line in &lines {
        let cells = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        writeln!(out, "{}", cells.collect::<Vec<_>>().join("  ").trim_end())?;
    }
    Ok(())
}

/// The text at a place such as `/health/status`, of so many characters at most, without what a terminal would take for orders.
pub fn cell(row: &Value, place: &str, widest: usize) -> String {
    let text = match row.pointer(place) {
        None | Some(Value::Null) => "-".to_owned(),
        Some(Value::String(text)) if text.is_empty() => "-".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(items)) if items.is_empty() => "-".to_owned(),
        Some(Value::Array(items)) => {
            let texts =
                items.iter().map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned));
            texts.collect::<Vec<_>>().join(", ")
        }
        Some(other) => other.to_string(),
    };
    let clean = text.chars().map(|character| if character.is_control() { ' ' } else { character });
    let mut shown: String = clean.clone().take(widest).collect();
    if clean.count() > widest {
        shown.pop();
        shown.push('…');
    }
    shown
}

/// Writes one thing: a line for each of these places, with all that is there.
pub fn lines(out: &mut impl Write, columns: &[(&str, &str)], shown: &Value) -> anyhow::Result<()> {
    for (title, place) in columns {
        let text = cell(shown, place, usize::MAX);
        if text != "-" {
            writeln!(out, "{title}: {text}")?;
        }
    }
    Ok(())
}
