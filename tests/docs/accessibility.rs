//! Each criterion names tests that there are.

use crate::{quoted, rows, text_of};

#[test]
fn every_criterion_is_shown_by_tests_that_exist() {
    let rows = rows(&text_of("docs/accessibility.md"), "## WCAG 2.2");
    for row in &rows {
        let [criterion, how, tests] = row.as_slice() else { panic!("{row:?}") };
        assert!(!how.is_empty(), "{criterion}");
        let tests = quoted(tests);
        assert!(!tests.is_empty(), "{criterion} is not tested");
        for test in tests {
            let (module, name) = test.split_once("::").unwrap();
            let source = text_of(&format!("tests/e2e/{module}.rs"));
            let runs = format!("#[ignore = \"needs a browser: cargo xtask test --only e2e\"]\nfn {name}()");
            assert!(source.contains(&runs), "{criterion}: there is no test `{test}`");
        }
    }
    for number in ["2.1.1", "2.1.2", "2.2.1", "2.4.3", "2.4.7", "2.4.11", "2.5.7", "2.5.8", "4.1.2", "4.1.3"]
    {
        assert!(rows.iter().any(|row| row[0].starts_with(&format!("{number} "))), "{number} is missing");
    }
}
