//! Operations: what takes time. Started, listened to, ended, read, freed; nothing is ever called back.

use std::fmt;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use futures_util::FutureExt;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::bell::Bell;
use super::border::{enter, held, kept, out, Entry};
use super::error::{cancelled, enter_with_error, ErrorHandle};
use super::event::{Event, EventKind, Waiting};
use super::handle::Registry;
use super::options::OperationSettings;
use super::renewal::Renewal;
use super::result::{OperationResult, Success};
use super::runtime::runtime;
use super::status::Status;
use super::text::{OwnedText, Text};
use crate::call::TokenRenewal;
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Event as EngineEvent, LogLevel, Observer};
use crate::http::client::Client;
use crate::upload::SuppliedSource;

/// Handle of an operation; freed with mgprint_operation_free.
pub type OperationHandle = u64;

static OPERATIONS: Registry<Operation> = Registry::new(0x04);

struct Operation {
    shared: Arc<Shared>,
    cancel: CancellationToken,
    /// What the last event's text points into.
    spoken: Mutex<OwnedText>,
}

pub(super) struct Shared {
    log_level: LogLevel,
    wants_progress: bool,
    waiting: Mutex<Waiting>,
    woken: Condvar,
    outcome: OnceLock<Result<Success, Error>>,
    /// Of an upload whose bytes the host supplies.
    supplied: Option<Arc<SuppliedSource>>,
    /// Another token, of an operation that asks for it.
    renewal: Option<Renewal>,
}

impl Shared {
    fn new(settings: &OperationSettings, supplied: Option<Arc<SuppliedSource>>) -> Self {
        Shared {
            log_level: settings.log_level(),
            wants_progress: settings.wants_progress(),
            waiting: Mutex::default(),
            woken: Condvar::new(),
            outcome: OnceLock::new(),
            supplied,
            renewal: settings.asks_for_token().then(Renewal::default),
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes what waits to be told, and wakes whoever waits for that.
    fn tell(&self, change: impl FnOnce(&mut Waiting)) {
        let bell = {
            let mut waiting = self.waiting();
            change(&mut waiting);
            waiting.bell.take()
        };
        self.woken.notify_all();
        if let Some(bell) = bell {
            bell.ring();
        }
    }

    /// Bytes are wanted of the host. Whoever is about to wait for an event has looked before, or is woken now.
    fn bytes_are_wanted(&self) {
        self.tell(|_| {});
    }

    /// Whether there is an event; the next one rings the bell when there is none.
    pub(super) fn has_event_or_rings(&self, bell: &Arc<Bell>) -> bool {
        let mut waiting = self.waiting();
        let has_event = self.has_event(&waiting);
        if !has_event {
            waiting.bell = Some(Arc::clone(bell));
        }
        has_event
    }

    /// Rings that bell no more.
    pub(super) fn forget(&self, bell: &Arc<Bell>) {
        let mut waiting = self.waiting();
        waiting.bell = waiting.bell.take().filter(|own| !Arc::ptr_eq(own, bell));
    }

    fn has_event(&self, waiting: &Waiting) -> bool {
        !waiting.is_empty() || waiting.finished || self.has_want()
    }

    fn has_want(&self) -> bool {
        self.supplied.as_ref().is_some_and(|source| source.has_want())
    }

    fn finish(&self, outcome: Result<Success>) {
        // An operation ends once; whoever comes second has nothing to add.
        let _ = self.outcome.set(outcome);
        self.tell(|waiting| waiting.finished = true);
    }
}

impl Observer for Shared {
    fn event(&self, event: EngineEvent) {
        match event {
            EngineEvent::Progress { .. } if !self.wants_progress => {}
            _ => self.tell(|waiting| waiting.keep(event)),
        }
    }

    fn log_level(&self) -> LogLevel {
        self.log_level
    }
}

impl TokenRenewal for Shared {
    fn renewed(&self, claims: Option<String>) -> BoxFuture<'static, Option<Client>> {
        let response = self.renewal.as_ref().map(Renewal::ask);
        if response.is_some() {
            self.tell(|waiting| waiting.token = Some(claims.unwrap_or_default()));
        }
        Box::pin(async move { response?.await.ok().flatten() })
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("log_level", &self.log_level).finish_non_exhaustive()
    }
}

/// Starts an operation and answers its handle.
pub(super) fn start<F, Fut>(settings: OperationSettings, work: F) -> Entry<OperationHandle>
where
    F: FnOnce(OperationSettings, Arc<Shared>) -> Fut,
    Fut: Future<Output = Result<Success>> + Send + 'static,
{
    let shared = Arc::new(Shared::new(&settings, None));
    launch(shared.clone(), work(settings, shared))
}

/// Starts an operation that gets the bytes of a document from its host.
pub(super) fn start_supplied<F, Fut>(
    settings: OperationSettings,
    size: u64,
    name: &str,
    work: F,
) -> Entry<OperationHandle>
where
    F: FnOnce(OperationSettings, Arc<Shared>, Arc<SuppliedSource>) -> Fut,
    Fut: Future<Output = Result<Success>> + Send + 'static,
{
    let shared = Arc::new_cyclic(|shared: &Weak<Shared>| {
        let shared = shared.clone();
        let wanted = move || {
            if let Some(shared) = shared.upgrade() {
                shared.bytes_are_wanted();
            }
        };
        Shared::new(&settings, Some(Arc::new(SuppliedSource::new(size, name, wanted))))
    });
    let source = shared.supplied.clone().expect("it was made with one");
    launch(shared.clone(), work(settings, shared, source))
}

fn launch(shared: Arc<Shared>, work: impl Future<Output = Result<Success>> + Send + 'static) -> Entry<OperationHandle> {
    let runtime = runtime()?;
    let cancel = CancellationToken::new();
    let operation = Operation { shared: Arc::clone(&shared), cancel: cancel.clone(), spoken: Mutex::default() };
    let handle = kept(OPERATIONS.insert(operation))?;
    let started = Instant::now();
    let work = AssertUnwindSafe(work).catch_unwind();
    runtime.spawn(async move {
        let outcome = tokio::select! {
            biased;
            () = cancel.cancelled() => Err(cancelled()),
            outcome = work => outcome.unwrap_or_else(|_| Err(Error::new(ErrorKind::Internal, "A defect of the mgprint library was caught."))),
        };
        shared.finish(outcome.map(|success| success.after(started.elapsed())));
    });
    Ok(handle)
}

/// The source that the host of an operation supplies with bytes; `INVALID_STATE` when there is none.
pub(super) fn supplied(operation: OperationHandle) -> Entry<Arc<SuppliedSource>> {
    let operation = held(OPERATIONS.get(operation))?;
    Ok(operation.shared.supplied.clone().ok_or(Status::InvalidState)?)
}

/// Gives an operation a client with another token, or none; `INVALID_STATE` when it never asks.
pub(super) fn renew(operation: OperationHandle, client: Option<Client>) -> Entry<()> {
    let operation = held(OPERATIONS.get(operation))?;
    operation.shared.renewal.as_ref().ok_or(Status::InvalidState)?.respond(client);
    Ok(())
}

/// Where the events of an operation wait.
pub(super) fn waiting_room(operation: OperationHandle) -> Entry<Arc<Shared>> {
    Ok(Arc::clone(&held(OPERATIONS.get(operation))?.shared))
}

/// Waits for the next event, at most `timeout_ms` milliseconds: 0 looks without waiting, UINT32_MAX waits for ever. One
/// thread at a time for one operation.
///
/// @return OK with an event; PENDING without; INVALID_HANDLE; INVALID_ARGUMENT when out_event is NULL.
///
/// # Safety
/// `out_event` is NULL or points to memory for an event.
#[no_mangle]
pub unsafe extern "C" fn mgprint_operation_next_event(
    operation: OperationHandle,
    timeout_ms: u32,
    out_event: *mut Event,
) -> Status {
    enter(|| {
        let out_event = out(out_event)?;
        let operation = held(OPERATIONS.get(operation))?;
        let event = operation.next(timeout_ms).ok_or(Status::Pending)?;
        // SAFETY: checked not to be NULL, and the caller promises memory for an event.
        unsafe { out_event.write(event) };
        Ok(())
    })
}

impl Operation {
    fn next(&self, timeout_ms: u32) -> Option<Event> {
        let shared = &self.shared;
        let idle = |waiting: &mut Waiting| !shared.has_event(waiting);
        let waiting = self.shared.waiting();
        let mut waiting = if timeout_ms == u32::MAX {
            self.shared.woken.wait_while(waiting, idle).unwrap_or_else(PoisonError::into_inner)
        } else {
            let timeout = Duration::from_millis(timeout_ms.into());
            self.shared.woken.wait_timeout_while(waiting, timeout, idle).unwrap_or_else(PoisonError::into_inner).0
        };
        // Wants come first: nothing moves without their answers.
        if let Some((offset, length)) = shared.supplied.as_ref().and_then(|source| source.next_want()) {
            return Some(Event { offset, length: length as u64, ..Event::of(EventKind::BytesWanted) });
        }
        if let Some(claims) = waiting.token.take() {
            drop(waiting);
            return Some(Event { text: self.speak(claims), ..Event::of(EventKind::TokenWanted) });
        }
        let event = waiting.next();
        let finished = waiting.finished;
        drop(waiting);
        match event {
            Some(event) => Some(self.shown(event)),
            None => finished.then_some(Event::of(EventKind::Finished)),
        }
    }

    fn shown(&self, event: EngineEvent) -> Event {
        match event {
            EngineEvent::Progress { bytes_done, bytes_total, bytes_per_second } => {
                Event { bytes_done, bytes_total, bytes_per_second, ..Event::of(EventKind::Progress) }
            }
            EngineEvent::Retry { attempt, max_attempts, delay, reason } => Event {
                attempt,
                max_attempts,
                delay_ms: delay.as_millis() as u64,
                text: self.speak(reason),
                ..Event::of(EventKind::Retry)
            },
            EngineEvent::Job { job_id, document_id, status } => {
                let text = json!({"printJobId": job_id, "printDocumentId": document_id, "status": status.to_json()});
                Event { text: self.speak(text.to_string()), ..Event::of(EventKind::Job) }
            }
            EngineEvent::Log { level, text } => {
                Event { level: level as u32, text: self.speak(text), ..Event::of(EventKind::Log) }
            }
        }
    }

    fn speak(&self, text: String) -> Text {
        let mut spoken = self.spoken.lock().unwrap_or_else(PoisonError::into_inner);
        *spoken = text.into();
        spoken.text()
    }
}

/// Ends an operation: FINISHED follows at once, with CANCELLED as its result unless it had ended before. Bytes that the
/// service acknowledged stay there, and an upload can go on later; the session of a mgprint_send_* operation without a
/// resume file, which nobody else knows, is cancelled. Any thread, at any time, as often as wanted.
///
/// @return INVALID_HANDLE.
#[no_mangle]
pub extern "C" fn mgprint_operation_cancel(operation: OperationHandle) -> Status {
    enter(|| {
        held(OPERATIONS.get(operation))?.cancel.cancel();
        Ok(())
    })
}

/// Reads how an operation ended: OK with `out_result`, or its failure with `out_error`, which the host frees. The
/// texts in `out_result` are valid until the operation is freed. Any thread.
///
/// @return What the operation came to; INVALID_STATE before FINISHED; INVALID_HANDLE; INVALID_ARGUMENT when out_result
/// is NULL. `out_error` may be NULL.
///
/// # Safety
/// `out_result` is NULL or points to memory for a result; `out_error` is NULL or points to memory for a handle.
#[no_mangle]
pub unsafe extern "C" fn mgprint_operation_result(
    operation: OperationHandle,
    out_result: *mut OperationResult,
    out_error: *mut ErrorHandle,
) -> Status {
    // SAFETY: the caller's promises are those of `enter_with_error` and of the write, which is checked for NULL.
    unsafe {
        enter_with_error(out_error, || {
            let out_result = out(out_result)?;
            let operation = held(OPERATIONS.get(operation))?;
            let success = operation.shared.outcome.get().ok_or(Status::InvalidState)?.as_ref().map_err(Error::clone)?;
            out_result.write(success.view());
            Ok(())
        })
    }
}

/// Frees an operation, its texts and what waits to be told; ends it first where it still runs. 0 is allowed. Any
/// thread; a thread that waits for an event of it is woken.
///
/// @return INVALID_HANDLE when it is freed already or never was an operation.
#[no_mangle]
pub extern "C" fn mgprint_operation_free(operation: OperationHandle) -> Status {
    enter(|| {
        if operation != 0 {
            held(OPERATIONS.remove(operation))?.cancel.cancel();
        }
        Ok(())
    })
}
