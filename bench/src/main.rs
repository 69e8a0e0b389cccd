//! `mgprint-bench`: uploads measured beside those of other programs, in one run.
//!
//! Machines differ and are noisy, so a figure is a ratio: every peer sends the same file to the same service in every
//! round, and what is told is the median over the rounds of each peer's share of curl's figure in that round.

mod peer;
mod send;
mod sink;

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use peer::{Cost, Peer};
use sink::Sink;

const USAGE: &str = "\
Usage: mgprint-bench [--rounds N] [--large-file-upload-task PROGRAM.dll]
       mgprint-bench sessions

Sends 1 GiB to a service on 127.0.0.1 with the engine, curl and, where it is given, LargeFileUploadTask; then documents
of 64 MiB and 10 GiB with the engine alone, for its memory. With the word sessions: a service that answers any request
for a session, until its standard input closes; its address is the first line that is written.
";

const GIB: u64 = 1 << 30;
const MIB: f64 = 1_048_576.0;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["send", url, file, ranges] => {
            ranges.parse().map_err(|_| USAGE.to_owned()).and_then(|ranges| send::run(url, Path::new(file), ranges))
        }
        ["sessions"] => serve_sessions().map_err(|error| error.to_string()),
        ref options => {
            parse(options).and_then(|(rounds, task)| compare(rounds, task).map_err(|error| error.to_string()))
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("mgprint-bench: {sentence}");
            ExitCode::FAILURE
        }
    }
}

/// For calls that are measured elsewhere, since the emulator does more for a request than the peers do.
fn serve_sessions() -> io::Result<()> {
    println!("{}", Sink::start()?.endpoint());
    io::copy(&mut io::stdin(), &mut io::sink()).map(drop)
}

fn parse(options: &[&str]) -> Result<(usize, Option<PathBuf>), String> {
    let (mut rounds, mut task) = (7, None);
    for pair in options.chunks(2) {
        match pair {
            ["--rounds", number] => rounds = number.parse().ok().filter(|n| *n > 0).ok_or(USAGE)?,
            ["--large-file-upload-task", program] => task = Some(PathBuf::from(program)),
            _ => return Err(USAGE.to_owned()),
        }
    }
    Ok((rounds, task))
}

fn compare(rounds: usize, task: Option<PathBuf>) -> io::Result<()> {
    let sink = Sink::start()?;
    let folder = tempfile::tempdir()?;
    let file = document(folder.path(), GIB)?;
    // The first is what the others are measured by.
    let mut peers = vec![Peer::Curl, Peer::Engine(1), Peer::Engine(4)];
    peers.extend(task.map(Peer::LargeFileUploadTask));
    let mut costs: Vec<Vec<Cost>> = vec![Vec::new(); peers.len()];
    for _ in 0..rounds {
        for (peer, costs) in peers.iter().zip(&mut costs) {
            costs.push(measure(&sink, peer, &file, GIB)?);
        }
    }

    println!("1 GiB over loopback, {rounds} rounds; medians, and shares of curl's figure in the same round");
    println!(
        "{:28} {:>9} {:>10} {:>14} {:>12} {:>12}",
        "", "MiB/s", "CPU s/GiB", "above idle", "speed/curl", "CPU/curl"
    );
    for (peer, own) in peers.iter().zip(&costs) {
        let share =
            |figure: fn(&Cost) -> f64| median(own.iter().zip(&costs[0]).map(|(own, curl)| figure(own) / figure(curl)));
        println!(
            "{:28} {:9.0} {:10.2} {:>14} {:12.2} {:12.2}",
            peer.name(),
            1024.0 / median(own.iter().map(|cost| cost.seconds)),
            median(own.iter().map(|cost| cost.cpu_seconds)),
            memory(own),
            1.0 / share(|cost| cost.seconds),
            share(|cost| cost.cpu_seconds),
        );
    }

    println!("Memory above idle at four ranges, by size");
    for bytes in [64 << 20, 10 * GIB] {
        let file = document(folder.path(), bytes)?;
        let costs = (0..3).map(|_| measure(&sink, &Peer::Engine(4), &file, bytes)).collect::<io::Result<Vec<_>>>()?;
        println!("{:>22} MiB {:>45}", bytes >> 20, memory(&costs));
    }
    Ok(())
}

fn measure(sink: &Sink, peer: &Peer, file: &Path, bytes: u64) -> io::Result<Cost> {
    let cost = peer.send(&sink.expect(bytes), file)?;
    if sink.is_complete() {
        Ok(cost)
    } else {
        Err(io::Error::other(format!("{} did not send the whole document", peer.name())))
    }
}

/// A sparse file: it costs no disk, and the same to read for every peer.
fn document(folder: &Path, bytes: u64) -> io::Result<PathBuf> {
    let path = folder.join("document");
    File::create(&path)?.set_len(bytes)?;
    Ok(path)
}

fn memory(costs: &[Cost]) -> String {
    let told: Vec<f64> = costs.iter().filter_map(|cost| cost.memory_bytes).collect();
    if told.is_empty() {
        "-".to_owned()
    } else {
        format!("{:.1} MiB", told.iter().copied().fold(0.0, f64::max) / MIB)
    }
}

fn median(figures: impl Iterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = figures.collect();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}
