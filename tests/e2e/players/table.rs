//! The table in docs/players.md.

use super::PLAYERS;
use super::rows::{Reason, Row, Verdict};
use super::scene::Order;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const BEGIN: &str = "<!-- The table of players: written by tests/e2e/players.rs -->";
const END: &str = "<!-- The end of the table of players -->";

/// What a row has shown with a player in an order.
pub struct Result {
    pub player: &'static str,
    pub order: Order,
    pub row: Row,
    pub verdict: Verdict,
}

/// What a cell says of both orders.
fn cell(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Passed => "✓".to_owned(),
        Verdict::Skipped(why) => format!("– {}", why.sign()),
        Verdict::Failed(_) => "✗".to_owned(),
    }
}

/// Compares what was measured with the table, or writes it there.
///
/// A failure fails the test in any case. A skip must be in the table with its reason.
pub fn settle(results: &[Result]) {
    if results.is_empty() {
        return;
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/players.md");
    let text = std::fs::read_to_string(&file).unwrap();
    let mut table = parse(&text);
    let writes = std::env::var("CUEHOOK_WRITE_TABLE").is_ok_and(|value| value == "1");
    // The table is that of Chromium; what other engines lack is listed elsewhere.
    let is_told = std::env::var("CUEHOOK_BROWSER").map_or(true, |engine| engine == "chromium");
    let mut wrong = Vec::new();
    for Result { player, order, row, verdict } in results {
        let place = ((*player).to_owned(), order.name().to_owned(), row.name().to_owned());
        let measured = cell(verdict);
        if let Verdict::Failed(why) = verdict {
            wrong.push(format!("{player}, {}, {}: {why}", order.name(), row.name()));
        } else if is_told && !writes && table.get(&place) != Some(&measured) {
            let told = table.get(&place).map_or("nothing", String::as_str);
            wrong.push(format!(
                "{player}, {}, {}: docs/players.md says `{told}`, it is `{measured}`",
                order.name(),
                row.name()
            ));
        }
        table.insert(place, measured);
    }
    if writes && is_told {
        write(&file, &text, &table);
    }
    assert!(wrong.is_empty(), "{} of {} rows:\n{}", wrong.len(), results.len(), wrong.join("\n"));
}

/// Player, order and row.
type Cells = BTreeMap<(String, String, String), String>;

/// The cells that the text has.
fn parse(text: &str) -> Cells {
    let mut cells = Cells::new();
    let Some((_, rest)) = text.split_once(BEGIN) else { panic!("docs/players.md has no `{BEGIN}`") };
    let (body, _) = rest.split_once(END).unwrap();
    let mut lines = body.lines().filter(|line| line.starts_with('|'));
    let split = |line: &str| -> Vec<String> {
        line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
    };
    let Some(head) = lines.next().map(split) else { return cells };
    for line in lines.skip(1).map(split) {
        for (row, cell) in head.iter().zip(&line).skip(1) {
            let (before, after) = cell.split_once(" · ").unwrap_or((cell, cell));
            for (order, said) in [("before", before), ("after", after)] {
                if said != "?" {
                    cells.insert((line[0].clone(), order.to_owned(), row.clone()), said.to_owned());
                }
            }
        }
    }
    cells
}

fn write(file: &PathBuf, text: &str, cells: &Cells) {
    let names: Vec<&str> = Row::ALL.iter().map(|row| row.name()).collect();
    let mut table = format!("| player | {} |\n|---|{}\n", names.join(" | "), "---|".repeat(names.len()));
    for player in PLAYERS {
        table.push_str(&format!("| {player} |"));
        for row in &names {
            let said = |order: &str| {
                let place = ((*player).to_owned(), order.to_owned(), (*row).to_owned());
                cells.get(&place).map_or("?", String::as_str)
            };
            match (said("before"), said("after")) {
                (before, after) if before == after => table.push_str(&format!(" {before} |")),
                (before, after) => table.push_str(&format!(" {before} · {after} |")),
            }
        }
        table.push('\n');
    }
    table.push('\n');
    for reason in Reason::ALL {
        table.push_str(&format!("- {}: {}\n", reason.sign(), reason.text()));
    }
    let (head, rest) = text.split_once(BEGIN).unwrap();
    let (_, tail) = rest.split_once(END).unwrap();
    std::fs::write(file, format!("{head}{BEGIN}\n\n{table}\n{END}{tail}")).unwrap();
}
