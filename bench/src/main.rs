//! `mgprint-bench`: uploads measured beside those of other programs, in one run.
//!
//! Machines differ and are noisy, so a figure is a ratio: every peer sends the same file to the same service in every
//! round, and what is told is the median over the rounds of each peer's share of curl's figure in that round.
//! What a program costs is asked of Unix.

#[cfg(unix)]
mod measure;
#[cfg(unix)]
mod peer;
#[cfg(unix)]
mod send;
#[cfg(unix)]
mod sink;

#[cfg(unix)]
fn main() -> std::process::ExitCode {
    measure::main()
}

#[cfg(not(unix))]
fn main() {
    eprintln!("mgprint-bench: What a program costs is measured on Linux and macOS alone.");
}
