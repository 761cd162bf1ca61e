//! The whole store as the `fanfare` command runs it.

mod growth;
mod latency;
mod memory;
mod orders;
mod start;
mod throughput;

use crate::arguments::{Arguments, Part};
use crate::figures::Figures;
use system_tests::Store;

/// Orders that warm everything up first.
const WARM_UP: usize = 200;

/// Measures what is asked for, and prints it.
pub(crate) async fn measure(chosen: &Arguments) {
    let mut figures = Figures::default();
    if chosen.includes(Part::Start) {
        start::measure(&mut figures).await;
    }
    if chosen.includes(Part::Store) {
        let store = Store::start(&[]).await;
        store.customer("cust_1").await;
        store.stock("mug", 1_000_000).await;
        orders::settle(&store, &orders::place(&store, WARM_UP).await).await;
        latency::measure(&store, &mut figures).await;
        memory::measure(&store, "after 450 orders", &mut figures).await;
        throughput::measure(&store, &mut figures).await;
        memory::measure(&store, "after 3,450 orders", &mut figures).await;
        store.stop().await;
    }
    if chosen.includes(Part::Start) || chosen.includes(Part::Store) {
        println!("The store on the local runner\n");
        figures.print();
        println!();
    }
    if chosen.includes(Part::Growth) {
        growth::measure().await;
    }
}
