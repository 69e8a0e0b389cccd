//! The engine as a peer: one upload in a process of its own, as the C library runs it, which measures itself.

use std::fs;
use std::io;
use std::mem::MaybeUninit;
use std::path::{Path, PathBuf};
use std::time::Instant;

use mgprint::upload::UploadOptions;
use mgprint::{upload, Client, ClientOptions, Endpoint, UploadUrl};

use crate::peer::cpu_seconds;

/// Sends the file and writes seconds, processor seconds, and bytes of memory above idle.
pub fn run(url: &str, file: &Path, ranges: usize, ca_file: Option<PathBuf>) -> Result<(), String> {
    // One thread, as the library has on this system.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    let endpoint = Endpoint::parse(url.trim_end_matches("/upload")).map_err(|error| error.to_string())?;
    let upload_url = UploadUrl::parse(url, &endpoint).map_err(|error| error.to_string())?;
    let client =
        Client::new(ClientOptions { endpoint, ca_file, ..Default::default() }).map_err(|error| error.to_string())?;
    let options = UploadOptions { max_concurrency: ranges, ..Default::default() };

    let idle = memory("VmRSS:").map_err(|error| error.to_string())?;
    let (started, cpu) = (Instant::now(), own_cpu_seconds());
    // On that thread, as the library's operations are.
    let path = file.to_owned();
    let sending = runtime.spawn(async move { upload(&client, &upload_url, &path, &options).await });
    let sent = runtime.block_on(sending).map_err(|error| error.to_string())?.map_err(|error| error.to_string())?;
    let (seconds, cpu) = (started.elapsed().as_secs_f64(), own_cpu_seconds() - cpu);
    let peak = memory("VmHWM:").map_err(|error| error.to_string())?;
    if !sent.confirmed {
        return Err("The upload was not confirmed.".to_owned());
    }
    println!("{seconds} {cpu} {}", peak - idle);
    Ok(())
}

fn own_cpu_seconds() -> f64 {
    let mut usage = MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: the place lives until the call returns, which fills it.
    let usage = unsafe {
        libc::getrusage(libc::RUSAGE_SELF, usage.as_mut_ptr());
        usage.assume_init()
    };
    cpu_seconds(&usage)
}

/// Resident bytes of this process: now (`VmRSS:`) or at most (`VmHWM:`).
fn memory(field: &str) -> io::Result<f64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let kibibytes =
        status.lines().find_map(|line| line.strip_prefix(field)?.trim().strip_suffix(" kB")?.parse::<f64>().ok());
    kibibytes.map(|number| number * 1024.0).ok_or_else(|| io::Error::other("the system does not tell of memory"))
}
