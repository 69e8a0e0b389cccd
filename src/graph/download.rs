//! A file from Graph: the response to a request, streamed to the disk.
//!
//! Content (`…/$value`) is answered by a redirect to the host that has it, whose address carries a secret of its own: one
//! such redirect is followed, without the token and without the caller's headers. The bytes go to a file of their own
//! beside the target, which takes the target's place, and its permissions, when it is whole.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use tokio::sync::Mutex;

use super::read_graph_response;
use crate::blocking;
use crate::call::CallOptions;
use crate::error::{Error, ErrorKind, NextStep, Result};
use crate::event::{Event, Observer};
use crate::http::client::Client;
use crate::http::error_response;
use crate::http::exchange::Sink;
use crate::http::redact;
use crate::http::response::Response;
use crate::request::Request;
use crate::upload::{self, system, Rate};

/// A file that was downloaded.
#[derive(Clone, Debug)]
pub struct Downloaded {
    /// The last response, without its body.
    pub response: Response,
    /// The size of the file.
    pub bytes: u64,
}

/// Sends a request, and writes the body of a response of success to a file, in place of one that is there. No file is
/// touched unless the whole body came.
///
/// # Errors
/// As [`send_graph_request`](super::send_graph_request), and for a response without content; [`ErrorKind::RedirectRefused`] for a redirect to where content may
/// not come from; [`ErrorKind::TargetFailed`] when the file cannot be made or written.
pub async fn download(client: &Client, request: &Request, path: &Path, call: &CallOptions) -> Result<Downloaded> {
    let _turn = upload::turn(call).await;
    let target =
        Arc::new(Target { path: path.to_owned(), observer: Arc::clone(&call.observer), state: Mutex::default() });
    let request = request.with_sink(target.clone())?;
    // A folder that takes no file is an error before anything is sent.
    target.begin(None).await?;
    let response = read_graph_response(client, &request, request.send(client, call).await?)?;
    if target.state.lock().await.bytes == 0 {
        let error = error_response::unexpected(&response, request.address(), request.what());
        return Err(error.with_client_request_id(request.client_request_id()));
    }
    Ok(Downloaded { response, bytes: target.complete().await? })
}

struct Target {
    path: PathBuf,
    observer: Arc<dyn Observer>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    beside: Option<Arc<Beside>>,
    bytes: u64,
    total: u64,
    rate: Rate,
}

/// The file beside the target; what is not whole goes with it.
struct Beside {
    path: PathBuf,
    /// Where it is to be: where a link of the caller's leads.
    target: PathBuf,
    file: File,
}

impl Beside {
    /// A file that is there is replaced by one of the same owner and permissions; a device or a pipe by none.
    fn new(target: &Path) -> io::Result<Self> {
        let target = std::fs::canonicalize(target).unwrap_or_else(|_| target.to_owned());
        let before = std::fs::metadata(&target).ok();
        match &before {
            Some(before) if before.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
            Some(before) if !before.is_file() => return Err(io::Error::other("it is a device, a pipe or a socket")),
            Some(before) if before.permissions().readonly() => return Err(io::ErrorKind::PermissionDenied.into()),
            _ => {}
        }
        let mut name = target.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{}.part", uuid::Uuid::new_v4().simple()));
        let path = target.with_file_name(name);
        let file = OpenOptions::new().write(true).create_new(true).open(&path)?;
        let beside = Beside { path, target, file };
        before.map_or(Ok(()), |before| system::copy_permissions(&before, &beside.file))?;
        Ok(beside)
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        // Where it took the target's place, there is none of its name.
        let _ = std::fs::remove_file(&self.path);
    }
}

impl Target {
    /// Puts the file where it belongs.
    async fn complete(&self) -> Result<u64> {
        let mut state = self.state.lock().await;
        let beside = state.beside.take();
        self.on_a_thread_that_may_wait(move || {
            let beside = beside.ok_or(io::ErrorKind::NotFound)?;
            system::sync(&beside.file)?;
            std::fs::rename(&beside.path, &beside.target)
        })
        .await?;
        Ok(state.bytes)
    }

    async fn on_a_thread_that_may_wait<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> io::Result<T> + Send + 'static,
    ) -> Result<T> {
        let path = self.path.clone();
        let failed =
            move |error: io::Error| failed(&path, &format!("cannot be written: {}", redact::clean(&error.to_string())));
        blocking::run(move || work().map_err(failed)).await
    }
}

impl Sink for Target {
    /// Begins anew: a try that broke off left its bytes in another file.
    fn begin(&self, length: Option<u64>) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            let target = self.path.clone();
            let beside = self.on_a_thread_that_may_wait(move || Beside::new(&target)).await?;
            *self.state.lock().await =
                State { beside: Some(Arc::new(beside)), total: length.unwrap_or(0), ..State::default() };
            Ok(())
        })
    }

    fn write(&self, bytes: Bytes) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            let mut state = self.state.lock().await;
            let beside = Arc::clone(state.beside.as_ref().ok_or_else(|| failed(&self.path, "was never begun"))?);
            state.bytes += bytes.len() as u64;
            self.on_a_thread_that_may_wait(move || (&beside.file).write_all(&bytes)).await?;
            let (bytes_done, bytes_total) = (state.bytes, state.total);
            let bytes_per_second = state.rate.now(bytes_done);
            self.observer.event(Event::Progress { bytes_done, bytes_total, bytes_per_second });
            Ok(())
        })
    }
}

fn failed(path: &Path, why: &str) -> Error {
    let shown = redact::path(path);
    Error::new(ErrorKind::TargetFailed, format!("The file '{shown}' {why}.")).with_next_step(NextStep::CheckTarget)
}
