//! The engine through its public interfaces, Rust and C: one program, since linking one costs as much as many tests.
//!
//! The C programs are built by `cc`, and what happens to the world is done with Unix's signals, limits and permissions: the
//! modules `abi`, `examples` and `world` are for Unix, and `stop` is for Linux.
//!
//! What changes a whole process (limits, signals, a user) is done in a process of its own: `a_process_of_its_own`.

#[path = "../common/mod.rs"]
mod common;

#[cfg(unix)]
mod abi;
mod certificates;
mod content;
mod document;
mod ends;
#[cfg(unix)]
mod examples;
mod hostile;
mod lines;
mod plan;
mod print;
mod print_record;
mod print_start;
mod proxies;
mod ranges;
mod redaction;
mod requests;
mod resume;
mod resume_changed;
mod session;
mod silence;
#[cfg(target_os = "linux")]
mod stop;
mod stream;
mod upload;
#[cfg(unix)]
mod world;

#[tokio::test(flavor = "multi_thread")]
async fn a_process_of_its_own() {
    common::process::limit();
    common::process::act().await;
}
