//! The example and the documentation say what the code says.

use super::*;

const EXAMPLE: &str = include_str!("../../../relay.example.toml");
const GUIDE: &str = include_str!("../../../../docs/relay.md");

fn example() -> Case {
    Case::new(EXAMPLE)
        .with("CUEHOOK_MASTER_KEY", KEY)
        .with("CUEHOOK_PLAYER_KEY", "a-key-of-at-least-thirty-two-characters")
        .with("CUEHOOK_DATABASE", "postgres://relay:pw@db.internal/cuehook")
        .with("SHOP_TOKEN", "Bearer of-the-shop")
        .with("SHOP_SIGNING", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        .with("CRM_SECRET", "chosen-by-the-author")
        .file("crm-key", "of-the-crm\n")
}

/// The example with the lines that are commented out: `#key = …` without a blank, `# ` is text.
fn complete() -> String {
    let uncommented = EXAMPLE.lines().map(|line| match line.strip_prefix('#') {
        Some(rest) if !rest.starts_with([' ', '#']) => rest,
        _ => line,
    });
    uncommented.collect::<Vec<_>>().join("\n").replace("/run/secrets/crm-key", "crm-key")
}

#[test]
fn the_example_is_right_as_it_is() {
    let settings = example().settings();
    assert!(settings.is_loopback());
    assert_eq!(settings.limits, Limits::default());
}

#[test]
fn the_example_shows_every_key_and_its_default() {
    let mut case = example().without_keys();
    case.sources.environment = example().sources.environment;
    case.sources.environment.remove("CUEHOOK_RELAY_MASTER_KEYS");
    let text = complete();
    std::fs::write(case.path().join(FILE), &text).unwrap();
    let settings = case.settings();
    assert_eq!(settings.limits, Limits::default());
    assert_eq!(settings.delivery, Delivery::default());
    assert_eq!(settings.retention, crate::store::Retention::default());
    assert!(matches!(settings.database, Database::Postgres(_)));
    assert_eq!(settings.webhooks.len(), 2);
    let table: toml::Table = text.parse().unwrap();
    for key in KEYS {
        let found =
            key.path.split('.').try_fold(toml::Value::Table(table.clone()), |at, name| at.get(name).cloned());
        assert!(found.is_some(), "{} is not in the example", key.path);
    }
    let keys_of = |name: &str| {
        let tables = table[name].as_array().unwrap().iter().filter_map(|table| table.as_table());
        tables.flat_map(|table| table.keys().cloned()).collect::<std::collections::BTreeSet<_>>()
    };
    for (name, known) in [("webhook", &WEBHOOK_KEYS[..]), ("apiKey", &API_KEY_KEYS[..])] {
        for key in known {
            assert!(keys_of(name).contains(*key), "{name}.{key} is not in the example");
        }
    }
    let shown = settings.webhooks.iter().map(|(webhook, _)| webhook);
    let signing: Vec<&Signing> = shown.clone().map(|webhook| &webhook.signing).collect();
    assert!(signing.iter().any(|signing| signing.ed25519 && signing.compatible.is_some()));
    assert!(shown.clone().any(|webhook| webhook.template.is_some() && webhook.filters.len() > 1));
}

/// The first cells of the rows of a table in the documentation, without their code marks.
fn rows(heading: &str) -> Vec<Vec<String>> {
    let section = GUIDE.split(heading).nth(1).unwrap_or_else(|| panic!("no heading {heading}"));
    let section = section.split("\n## ").next().unwrap().split("\n### ").next().unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| row.trim_matches('|').split(" | ").map(|cell| cell.trim().replace('`', "")).collect())
        .collect()
}

#[test]
fn every_key_is_in_the_table_with_its_bounds() {
    let rows = rows("\n### Keys");
    let names: Vec<&str> = rows.iter().map(|row| row[0].as_str()).collect();
    let known: Vec<&str> = KEYS.iter().map(|key| key.path).collect();
    assert_eq!(names, known);
    for (row, key) in rows.iter().zip(KEYS) {
        if let Kind::Number(least, most, default) = key.kind {
            assert_eq!(row[1], format!("{least}–{most}, {default}"), "{}", key.path);
        }
        assert!(row.len() == 3 && !row[2].is_empty(), "{}", key.path);
    }
}

#[test]
fn every_key_of_webhooks_and_api_keys_is_in_a_table() {
    for (heading, known) in [
        ("\n### Webhooks", &WEBHOOK_KEYS[..]),
        ("\n### Header fields", &HEADER_KEYS[..]),
        ("\n### Filters", &FILTER_KEYS[..]),
        ("\n### Templates", &TEMPLATE_KEYS[..]),
        ("\n### Signing", &[&SIGNING_KEYS[..], &COMPATIBLE_KEYS[..]].concat()),
        ("\n### API keys", &API_KEY_KEYS[..]),
    ] {
        let rows = rows(heading);
        assert_eq!(rows.iter().map(|row| row[0].as_str()).collect::<Vec<_>>(), known, "{heading}");
    }
}

#[test]
fn every_code_of_a_fault_is_in_the_table() {
    let rows = rows("\n### Faults");
    let codes: Vec<&str> = FaultCode::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(rows.iter().map(|row| row[0].as_str()).collect::<Vec<_>>(), codes);
}

#[test]
fn every_command_is_in_the_table() {
    use clap::CommandFactory as _;
    let command = crate::cli::Options::command();
    let known: Vec<&str> = command.get_subcommands().map(clap::Command::get_name).collect();
    let rows = rows("\n## Commands");
    let names: Vec<&str> = rows.iter().map(|row| row[0].split(' ').next().unwrap()).collect();
    assert_eq!(names, known);
}

#[test]
fn every_option_of_a_command_is_in_the_table() {
    use clap::CommandFactory as _;
    let command = crate::cli::Options::command();
    let long = |command: &clap::Command| -> Vec<String> {
        let options = command.get_arguments().filter_map(|argument| argument.get_long());
        options.filter(|name| *name != "help" && *name != "version").map(|name| format!("--{name}")).collect()
    };
    let section = GUIDE.split("\n## Commands").nth(1).unwrap().split("\n## ").next().unwrap();
    let of_all = section.lines().find(|line| line.starts_with("All take ")).unwrap();
    for option in long(&command) {
        assert!(of_all.contains(&option), "{option}");
    }
    for (row, command) in rows("\n## Commands").iter().zip(command.get_subcommands()) {
        let text = row[1..].join(" ");
        let options = long(command);
        for option in &options {
            assert!(text.contains(option.as_str()), "{} {option}", row[0]);
        }
        let written = text.split_whitespace().map(|word| word.trim_matches([',', '.', ';', ':', ')', '(']));
        for option in written.filter(|word| word.starts_with("--")) {
            assert!(options.iter().any(|known| known == option), "{} has no {option}", row[0]);
        }
    }
}

#[test]
fn the_numbers_of_webhooks_have_the_bounds_of_the_table() {
    let mut seen = 0;
    for row in rows("\n### Webhooks") {
        let Some((bounds, default)) = row[1].split_once(", ") else { continue };
        let Some((least, most)) = bounds.split_once('–') else { continue };
        let number = |text: &str| text.parse::<i64>().unwrap();
        let (least, most) = (number(least), number(most));
        let load = |line: &str| {
            let text = format!("[[webhook]]\nid = \"a\"\nurl = \"https://a.example/\"\n{line}");
            Case::new(&text).load().map(|loaded| loaded.settings.webhooks[0].0.clone())
        };
        let with = |value: i64| load(&format!("{} = {value}", row[0]));
        assert!(with(least).is_ok() && with(most).is_ok(), "{row:?}");
        assert!(with(least - 1).is_err() && with(most + 1).is_err(), "{row:?}");
        assert_eq!(load("").unwrap(), with(number(default)).unwrap(), "{row:?}");
        seen += 1;
    }
    assert_eq!(seen, 2);
}

#[test]
fn every_scope_is_in_the_documentation() {
    for word in crate::token::Scope::WORDS {
        assert!(GUIDE.contains(&format!("`{word}`")), "{word}");
    }
}
