//! The engine through its public interfaces, Rust and C: one program, since linking one costs as much as many tests.
//!
//! What changes a whole process (limits, signals, a user) is done in a process of its own: `a_process_of_its_own`.

#[path = "../common/mod.rs"]
mod common;

mod abi;
mod certificates;
mod document;
mod ends;
mod examples;
mod hostile;
mod lines;
mod plan;
mod proxies;
mod resume;
mod session;
mod silence;
#[cfg(target_os = "linux")]
mod stop;
mod stream;
mod upload;
mod world;

#[tokio::test(flavor = "multi_thread")]
async fn a_process_of_its_own() {
    common::process::limit();
    common::process::act().await;
}
