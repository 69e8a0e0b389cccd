//! Minutes of uploads: every fault at every place, and many documents, with what they leave behind.

#[path = "../common/mod.rs"]
mod common;

mod fire;
// What a process holds is read from /proc.
#[cfg(target_os = "linux")]
mod leftovers;
mod matrix;

#[tokio::test(flavor = "multi_thread")]
async fn a_process_of_its_own() {
    common::process::limit();
    #[cfg(target_os = "linux")]
    if leftovers::act().await {
        return;
    }
    common::process::act().await;
}
