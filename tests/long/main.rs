//! Minutes of uploads: every fault at every place, and many documents, with what they leave behind.

#[path = "../common/mod.rs"]
mod common;

mod fire;
mod leftovers;
mod matrix;

#[tokio::test(flavor = "multi_thread")]
async fn a_process_of_its_own() {
    common::process::limit();
    if !leftovers::act().await {
        common::process::act().await;
    }
}
