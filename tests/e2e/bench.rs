//! The bench page works: all sides show the same, and it reports to the end. Its figures are no subject here.

use crate::support::run;

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn the_bench_page_reports() {
    run(async |page| {
        page.open("/bench/?quick").await;
        // Section by section, so that each has its time on a busy machine.
        for part in ["CLICK TO OVERLAY", "RECORDING", "BUILDING THE BODY", "TEMPLATES"] {
            let script = format!(
                "return 'failed' in document.documentElement.dataset
                    || document.querySelector('#report').textContent.includes('{part}')"
            );
            page.until(&script).await;
        }
        page.until("return document.documentElement.dataset.bench === 'done'").await;
        let report = page.text("#report").await;
        assert_eq!(page.run("return 'failed' in document.documentElement.dataset").await, false, "{report}");
        assert!(report.contains("lit-html"), "{report}");
    });
}
