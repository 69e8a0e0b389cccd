//! The service on the wire, asked by a client that can break every rule.

mod admin;
mod client;
mod conduct;
mod faults;
mod graph;
mod jobs;
mod program;
mod ranges;
mod upload;
