//! The service on the wire, asked by a client that can break every rule.

mod admin;
mod client;
mod conduct;
mod fault_hostile;
mod fault_line;
mod fault_pace;
mod fault_state;
mod fault_told;
mod faults;
mod graph;
mod jobs;
mod program;
mod ranges;
mod upload;
