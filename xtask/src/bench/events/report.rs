//! The tables of a run, for people and for `benches/README.md`.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::costs::{Cost, Recording, Times};
use super::losses::{Amount, End, Lost};
use super::sides::Side;

/// Between these lines of the file the tables are.
const MARKS: [&str; 2] =
    ["<!-- written by `cargo xtask bench --events` -->\n", "<!-- end of what it has written -->\n"];

/// All tables, as Markdown.
pub fn tables(
    sides: &[&Side],
    downloads: &[usize],
    lost: &[[Lost; 5]],
    costs: &[Cost],
    recording: Option<&Recording>,
    amount: Amount,
) -> String {
    let mut text = String::new();
    let events = amount.events;
    let heads: Vec<&str> = End::ALL.iter().map(|end| end.title()).collect();
    let _ = writeln!(
        text,
        "Lost of {events} events, median (and most) of {} kills:\n\n| | {} | came twice by id | under two ids |",
        amount.kills,
        heads.join(" | ")
    );
    let _ = writeln!(text, "|---|{}", "---:|".repeat(heads.len() + 2));
    for (side, lost) in sides.iter().zip(lost) {
        let cells: Vec<String> = lost.iter().map(|lost| spread(&lost.each)).collect();
        let repeated: usize = lost.iter().map(|lost| lost.repeated).sum();
        let renamed: usize = lost.iter().map(|lost| lost.renamed).sum();
        let _ =
            writeln!(text, "| {} | {} | {repeated} | {renamed} |", side.with_version(), cells.join(" | "));
    }
    let _ = writeln!(
        text,
        "\nMain thread for each event in ms, and bytes after brotli:\n\n| | the call: median | 95 % | its task: median \
         | 95 % | all work, mean | bytes |\n|---|{}",
        "---:|".repeat(6)
    );
    for ((side, cost), bytes) in sides.iter().zip(costs).zip(downloads) {
        let Cost { call, task, all } = cost;
        let _ = writeln!(
            text,
            "| {} | {:.3} | {:.3} | {:.3} | {:.3} | {all:.2} | {bytes} |",
            side.title, call.median, call.most, task.median, task.most
        );
    }
    if let Some(recording) = recording {
        let row = |Times { median, most }: Times| format!("{median:.2} ms, 95 % within {most:.2} ms");
        let [single, batched] = recording.drained.map(|time| time / 1_000.0);
        let _ = writeln!(
            text,
            "\nCuehook from `record()` until it is durable: {} with relaxed durability, {} with strict. {} stored events \
             have left {single:.1} s after the navigation one by one, {batched:.1} s after it in batches.",
            row(recording.relaxed),
            row(recording.strict),
            recording.stored
        );
    }
    text
}

/// The median, and the most where it is another number.
fn spread(each: &[usize]) -> String {
    let mut each = each.to_vec();
    each.sort_unstable();
    let median = each.get(each.len() / 2).copied().unwrap_or_default();
    match each.last() {
        Some(most) if *most != median => format!("{median} ({most})"),
        _ => median.to_string(),
    }
}

/// Replaces the tables in a file.
///
/// # Errors
/// If there is no place for them in it.
pub fn write(file: &Path, tables: &str) -> Result<()> {
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let text =
        replaced(&text, tables).with_context(|| format!("{} has no place for tables", file.display()))?;
    fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
}

fn replaced(text: &str, tables: &str) -> Option<String> {
    let [begin, end] = MARKS;
    let (before, rest) = text.split_once(begin)?;
    let (_, after) = rest.split_once(end)?;
    Some(format!("{before}{begin}\n{tables}\n{end}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_take_the_place_of_older_ones() {
        let [begin, end] = MARKS;
        let text = format!("a\n{begin}old\n{end}b\n");
        assert_eq!(replaced(&text, "new\n").unwrap(), format!("a\n{begin}\nnew\n\n{end}b\n"));
        assert_eq!(replaced("a\n", "new\n"), None);
        assert!(replaced(include_str!("../../../../benches/README.md"), "").is_some());
    }

    #[test]
    fn a_spread_names_what_is_worst() {
        assert_eq!(spread(&[0, 0, 0]), "0");
        assert_eq!(spread(&[200, 3, 0]), "3 (200)");
        assert_eq!(spread(&[]), "0");
    }
}
