//! The measurement: which programs send what, and how their figures are compared.

use std::error::Error;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::peer::{Cost, Peer};
use crate::sink::Sink;

const USAGE: &str = "\
Usage: mgprint-bench [--rounds N] [--large-file-upload-task PROGRAM.dll]
       mgprint-bench sessions

Sends 1 GiB to a service on 127.0.0.1 with the engine, curl and, where it is given, LargeFileUploadTask: a file of bytes, a
sparse one, and over TLS; then documents of 64 MiB and 10 GiB with the engine alone, for its memory. With the word sessions: a service that answers any request
for a session, until its standard input closes; its address is the first line that is written.
";

const GIB: u64 = 1 << 30;
const MIB: f64 = 1_048_576.0;

pub fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["send", url, file, ranges, ref certificates @ ..] => ranges
            .parse()
            .map_err(|_| USAGE.to_owned())
            .and_then(|ranges| crate::send::run(url, Path::new(file), ranges, certificates.first().map(PathBuf::from))),
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

fn compare(rounds: usize, task: Option<PathBuf>) -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let (sparse, certificate) = (folder.path().join("sparse"), folder.path().join("certificate.pem"));
    let (http, tls) = (Sink::start()?, Sink::start_tls(&certificate)?);
    // Holes are read otherwise than bytes: they hide what the copy out of the page cache costs.
    let written = written(folder.path())?;
    File::create(&sparse)?.set_len(GIB)?;
    // The first is what the others are measured by.
    let engine = [Peer::Curl, Peer::Engine(1), Peer::Engine(4)];
    let all: Vec<Peer> = engine.iter().cloned().chain(task.map(Peer::LargeFileUploadTask)).collect();

    println!("{}; {rounds} rounds; medians, and shares of curl's figure in the same round", machine());
    for (title, sink, file, certificate, peers) in [
        ("1 GiB of bytes", &http, &written, None, &all[..]),
        ("1 GiB of bytes, TLS 1.3", &tls, &written, Some(certificate.as_path()), &engine),
        ("1 GiB of holes", &http, &sparse, None, &engine),
    ] {
        let mut costs: Vec<Vec<Cost>> = vec![Vec::new(); peers.len()];
        for _ in 0..rounds {
            for (peer, costs) in peers.iter().zip(&mut costs) {
                costs.push(measure(sink, peer, file, GIB, certificate)?);
            }
        }
        print(title, peers, &costs);
    }

    println!("\nMemory above idle at four ranges, by size");
    for bytes in [64 << 20, 10 * GIB] {
        File::create(&sparse)?.set_len(bytes)?;
        let run = |_| measure(&http, &Peer::Engine(4), &sparse, bytes, None);
        let costs = (0..3).map(run).collect::<io::Result<Vec<_>>>()?;
        println!("{:>22} MiB {:>45}", bytes >> 20, memory(&costs));
    }
    Ok(())
}

/// A file whose bytes are in the page cache when it has been written, and repeat nowhere.
fn written(folder: &Path) -> io::Result<PathBuf> {
    let path = folder.join("written");
    let mut file = BufWriter::with_capacity(1 << 20, File::create(&path)?);
    let mut state = 1_u64;
    for _ in 0..GIB / 8 {
        // Marsaglia's xorshift.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        file.write_all(&state.to_le_bytes())?;
    }
    file.flush()?;
    Ok(path)
}

/// Figures differ from one machine to the next: which one it was.
fn machine() -> String {
    let read = |path| std::fs::read_to_string(path).unwrap_or_default();
    let cpuinfo = read("/proc/cpuinfo");
    let field = |name: &str| {
        let line = cpuinfo.lines().find(|line| line.starts_with(name)).and_then(|line| line.split_once(':'));
        line.map_or("?", |(_, value)| value.trim()).to_owned()
    };
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let (family, model) = (field("cpu family"), field("model\t"));
    let kernel = read("/proc/sys/kernel/osrelease");
    format!("{} (family {family}, model {model}), {cores} cores, Linux {}", field("model name"), kernel.trim())
}

fn print(title: &str, peers: &[Peer], costs: &[Vec<Cost>]) {
    println!(
        "\n{title:28} {:>9} {:>10} {:>14} {:>12} {:>12}",
        "MiB/s", "CPU s/GiB", "above idle", "speed/curl", "CPU/curl"
    );
    for (peer, own) in peers.iter().zip(costs) {
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
}

fn measure(sink: &Sink, peer: &Peer, file: &Path, bytes: u64, certificate: Option<&Path>) -> io::Result<Cost> {
    let cost = peer.send(&sink.expect(bytes), file, certificate)?;
    if sink.is_complete() {
        Ok(cost)
    } else {
        Err(io::Error::other(format!("{} did not send the whole document", peer.name())))
    }
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
