//! Two hundred orders at a time through queues that repeat, delay and reorder what they deliver.

use simulation::rush;

#[test]
fn every_order_ends_well_in_whatever_order_its_events_arrive() {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let runtime = builder.enable_time().start_paused(true).build().expect("a runtime");

    let report = runtime.block_on(rush(1, 200));

    assert!(report.violations.is_empty(), "{:#?}", report.violations);
    assert_eq!(report.ends.values().sum::<u64>(), 200, "{:?}", report.ends);
    assert!(report.ends["shipped"] > 0 && report.ends["out-of-stock"] > 0);
    assert!(report.ends["payment-declined"] > 0 && report.ends["customer-request"] > 0);
}
