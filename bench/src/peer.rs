//! The programs that are measured: this one again, curl, and Microsoft.Graph.Core's LargeFileUploadTask.

use std::ffi::OsStr;
use std::io::{self, Read};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What one upload took.
#[derive(Clone, Copy)]
pub struct Cost {
    pub seconds: f64,
    pub cpu_seconds: f64,
    /// The most memory above what the program held before it began; `None` where a peer does not tell.
    pub memory_bytes: Option<f64>,
}

/// A way to send a file.
#[derive(Clone)]
pub enum Peer {
    /// The engine, with so many ranges at once.
    Engine(usize),
    /// The whole file in one PUT.
    Curl,
    /// The program in `large-file-upload-task/`, built.
    LargeFileUploadTask(PathBuf),
}

impl Peer {
    pub fn name(&self) -> String {
        match self {
            Peer::Engine(ranges) => format!("mgprint, {ranges} range{} at once", if *ranges == 1 { "" } else { "s" }),
            Peer::Curl => "curl -T, one PUT".to_owned(),
            Peer::LargeFileUploadTask(_) => "LargeFileUploadTask".to_owned(),
        }
    }

    /// Sends the file once, in a process of its own, which trusts the certificates in the given file beside the system's.
    pub fn send(&self, url: &str, file: &Path, certificates: Option<&Path>) -> io::Result<Cost> {
        match self {
            Peer::Engine(ranges) => {
                let mut command = Command::new(std::env::current_exe()?);
                command.arg("send").arg(url).arg(file).arg(ranges.to_string()).args(certificates);
                own_figures(command)
            }
            Peer::Curl => curl(url, file, certificates),
            Peer::LargeFileUploadTask(program) => {
                let mut command = Command::new("dotnet");
                command.arg(program).arg(url).arg(file);
                own_figures(command)
            }
        }
    }
}

/// A program that measures its upload itself, without its own start, and writes three numbers.
fn own_figures(mut command: Command) -> io::Result<Cost> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let figures: Vec<f64> = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    match (output.status.success(), figures.as_slice()) {
        (true, &[seconds, cpu_seconds, memory]) => Ok(Cost { seconds, cpu_seconds, memory_bytes: Some(memory) }),
        _ => Err(io::Error::other(format!("{:?} ended with {}: {text}", command.get_program(), output.status))),
    }
}

/// curl tells its own time; what it used of the processor is the system's word, its start (some milliseconds) included.
fn curl(url: &str, file: &Path, certificates: Option<&Path>) -> io::Result<Cost> {
    let mut child = Command::new("curl")
        .arg0("curl")
        .args(["--silent", "--show-error", "--fail", "--noproxy", "*", "--header", "Expect:", "--output", "/dev/null"])
        .args(["--write-out", "%{time_total}", "--upload-file"])
        .arg(file)
        .arg(url)
        .args(certificates.iter().flat_map(|file| [OsStr::new("--cacert"), file.as_os_str()]))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut told = String::new();
    if let Some(output) = child.stdout.as_mut() {
        output.read_to_string(&mut told)?;
    }
    let pid = libc::pid_t::try_from(child.id()).map_err(io::Error::other)?;
    let (mut status, mut usage) = (0, std::mem::MaybeUninit::<libc::rusage>::zeroed());
    // SAFETY: both places live until the call returns, and the child is waited for here alone.
    let usage = unsafe {
        if libc::wait4(pid, &mut status, 0, usage.as_mut_ptr()) != pid {
            return Err(io::Error::last_os_error());
        }
        usage.assume_init()
    };
    match told.trim().parse() {
        Ok(seconds) if status == 0 => Ok(Cost { seconds, cpu_seconds: cpu_seconds(&usage), memory_bytes: None }),
        _ => Err(io::Error::other(format!("curl failed (wait status {status})"))),
    }
}

pub fn cpu_seconds(usage: &libc::rusage) -> f64 {
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 / 1e6;
    seconds(usage.ru_utime) + seconds(usage.ru_stime)
}
