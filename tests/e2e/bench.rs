//! The bench page works: all sides show the same, and it reports to the end. Its figures are no subject here.

use crate::support::run;

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn the_bench_page_reports() {
    run(async |page| {
        page.open("/bench/?quick").await;
        page.until("return document.documentElement.dataset.bench === 'done'").await;
        let report = page.text("#report").await;
        assert_eq!(page.run("return 'failed' in document.documentElement.dataset").await, false, "{report}");
        for part in ["CLICK TO OVERLAY", "RECORDING", "BUILDING THE BODY", "TEMPLATES", "lit-html"] {
            assert!(report.contains(part), "{part} is missing:\n{report}");
        }
    });
}
