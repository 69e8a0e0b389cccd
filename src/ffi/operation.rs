//! Operations: what takes time. Started, listened to, ended, read, freed; nothing is ever called back.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::Instant;

use futures_util::future::BoxFuture;
use futures_util::FutureExt;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::client::{client, ClientHandle};
use super::error::cancelled;
use super::event::{Event, EventKind, Waiting};
use super::guard::{give, known, made, run, Entry};
use super::handle::Registry;
use super::result::Success;
use super::runtime::{check_process, runtime};
use super::settings::Settings;
use super::status::Status;
use super::text::{Str, View};
use super::waiting::{timeout, Bell};
use crate::blocking::lock;
use crate::call::TokenRenewal;
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Event as EngineEvent, LogLevel, Observer};
use crate::http::client::Client;
use crate::upload::{NotTaken, SuppliedSource};

/// An operation; freed with mgprint_operation_free.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct OperationHandle {
    /// 0 for none.
    pub id: u64,
}

static OPERATIONS: Registry<Operation> = Registry::new(0x04);

pub(super) struct Operation {
    pub(super) shared: Arc<Shared>,
    cancel: CancellationToken,
    /// The last event that was handed out.
    last: Mutex<Option<Arc<View<Event>>>>,
}

/// The settings of an operation, and its events.
pub(super) struct Shared {
    pub(super) settings: Settings,
    waiting: Mutex<Waiting>,
    woken: Condvar,
    outcome: OnceLock<Result<Success, Error>>,
    /// Of an upload whose bytes the host supplies.
    pub(super) supplied: Option<Arc<SuppliedSource>>,
    /// Who waits for another token.
    renewal: Mutex<Option<oneshot::Sender<Option<Client>>>>,
}

impl Shared {
    /// `fed`: size and name of a document that the host feeds.
    fn new(settings: Settings, fed: Option<(u64, &str)>) -> Arc<Self> {
        Arc::new_cyclic(|shared: &Weak<Shared>| {
            let source = fed.map(|(size, name)| {
                let shared = shared.clone();
                // Whoever is about to wait for an event has looked before, or is woken now.
                let wanted = move || {
                    if let Some(shared) = shared.upgrade() {
                        shared.update(|_| {});
                    }
                };
                Arc::new(SuppliedSource::new(size, name, wanted))
            });
            Shared {
                settings,
                waiting: Mutex::default(),
                woken: Condvar::new(),
                outcome: OnceLock::new(),
                supplied: source,
                renewal: Mutex::default(),
            }
        })
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        lock(&self.waiting)
    }

    /// Changes the queue of events, and wakes whoever waits for them.
    fn update(&self, change: impl FnOnce(&mut Waiting)) {
        let bells = {
            let mut waiting = self.waiting();
            change(&mut waiting);
            std::mem::take(&mut waiting.bells)
        };
        self.woken.notify_all();
        bells.iter().for_each(|bell| bell.ring());
    }

    /// Whether there is an event; the next one rings the bell when there is none.
    pub(super) fn has_event_or_rings(&self, bell: &Arc<Bell>) -> bool {
        let mut waiting = self.waiting();
        let has_event = self.has_event(&waiting);
        if !has_event {
            waiting.bells.push(Arc::clone(bell));
        }
        has_event
    }

    /// Rings that bell no more.
    pub(super) fn forget(&self, bell: &Arc<Bell>) {
        self.waiting().bells.retain(|other| !Arc::ptr_eq(other, bell));
    }

    fn has_event(&self, waiting: &Waiting) -> bool {
        !waiting.is_empty() || waiting.finished || self.supplied.as_ref().is_some_and(|source| source.has_want())
    }

    /// Waits until there is what is waited for, or the time is over.
    fn wait_while(&self, timeout_ms: u32, idle: impl FnMut(&mut Waiting) -> bool) -> MutexGuard<'_, Waiting> {
        let waiting = self.waiting();
        match timeout(timeout_ms) {
            None => self.woken.wait_while(waiting, idle).unwrap_or_else(PoisonError::into_inner),
            Some(timeout) => {
                self.woken.wait_timeout_while(waiting, timeout, idle).unwrap_or_else(PoisonError::into_inner).0
            }
        }
    }

    /// Waits for the end, and gives the result.
    pub(super) fn wait(&self, timeout_ms: u32) -> Entry<&Result<Success, Error>> {
        let needs_answers = self.supplied.is_some() || self.settings.asks_for_token();
        if needs_answers && timeout_ms != 0 && !self.waiting().finished {
            return Err(Status::InvalidState.into());
        }
        drop(self.wait_while(timeout_ms, |waiting| !waiting.finished));
        Ok(self.outcome.get().ok_or(Status::Pending)?)
    }

    fn finish(&self, outcome: Result<Success>) {
        // An operation ends once; whoever comes second has nothing to add.
        let _ = self.outcome.set(outcome);
        self.update(|waiting| waiting.finished = true);
    }
}

impl Observer for Shared {
    fn event(&self, event: EngineEvent) {
        match event {
            EngineEvent::Progress { .. } if !self.settings.wants_progress() => {}
            // FINISHED is the last event, whatever is tidied up after it.
            _ if self.outcome.get().is_some() => {}
            _ => self.update(|waiting| waiting.keep(event)),
        }
    }

    fn log_level(&self) -> LogLevel {
        self.settings.log_level()
    }
}

impl TokenRenewal for Shared {
    fn renewed(&self, claims: Option<String>) -> BoxFuture<'static, Option<Client>> {
        let (response, renewed) = oneshot::channel();
        *lock(&self.renewal) = Some(response);
        self.update(|waiting| waiting.token = Some(claims.unwrap_or_default()));
        Box::pin(async move { renewed.await.ok().flatten() })
    }
}

fn keep(shared: Arc<Shared>, cancel: CancellationToken) -> Entry<OperationHandle> {
    let operation = Operation { shared, cancel, last: Mutex::default() };
    Ok(OperationHandle { id: made(OPERATIONS.insert(operation))? })
}

/// Starts an operation. `fed`: size and name of a document that the host feeds.
pub(super) fn start<F>(
    settings: Settings,
    fed: Option<(u64, &str)>,
    work: impl FnOnce(Arc<Shared>) -> F,
) -> Entry<OperationHandle>
where
    F: Future<Output = Result<Success>> + Send + 'static,
{
    let runtime = runtime()?;
    let shared = Shared::new(settings, fed);
    let cancel = CancellationToken::new();
    let handle = keep(shared.clone(), cancel.clone())?;
    let started = Instant::now();
    let work = AssertUnwindSafe(work(shared.clone())).catch_unwind();
    runtime.spawn(async move {
        let mut outcome = tokio::select! {
            biased;
            () = cancel.cancelled() => Err(cancelled()),
            outcome = work => outcome.unwrap_or_else(|_| {
                Err(Error::new(ErrorKind::Internal, "A defect of the mgprint library was caught."))
            }),
        };
        if let Ok(success) = &mut outcome {
            success.view.value.elapsed_ms = started.elapsed().as_millis() as u64;
        }
        shared.finish(outcome);
    });
    Ok(handle)
}

/// An operation that has ended.
pub(super) fn ended(success: Success) -> Entry<OperationHandle> {
    let shared = Shared::new(Settings::default(), None);
    shared.finish(Ok(success));
    keep(shared, CancellationToken::new())
}

pub(super) fn operation(handle: OperationHandle) -> Entry<Arc<Operation>> {
    let operation = known(OPERATIONS.get(handle.id))?;
    check_process()?;
    Ok(operation)
}

/// Waits for the next event, at most `timeout_ms`. `*out_event` is valid until the next event of the same operation is
/// asked for, or the operation is freed; so one thread at a time asks.
///
/// @return PENDING when there was none in time.
#[no_mangle]
pub unsafe extern "C" fn mgprint_operation_next_event(
    operation: OperationHandle,
    timeout_ms: u32,
    out_event: *mut *const Event,
) -> Status {
    // SAFETY: the host's promises.
    unsafe {
        give(out_event, std::ptr::null_mut(), || {
            let operation = self::operation(operation)?;
            let view = operation.shared.next(timeout_ms).ok_or(Status::Pending)?;
            let mut last = lock(&operation.last);
            Ok(&raw const last.insert(Arc::new(view)).value)
        })
    }
}

impl Shared {
    fn next(&self, timeout_ms: u32) -> Option<View<Event>> {
        let mut waiting = self.wait_while(timeout_ms, |waiting| !self.has_event(waiting));
        if let Some((offset, length)) = self.supplied.as_ref().and_then(|source| source.next_want()) {
            return Some(View::new(|_| Event { offset, length: length as u64, ..Event::of(EventKind::BytesWanted) }));
        }
        waiting.next_view()
    }
}

/// Ends an operation: FINISHED follows at once, with CANCELLED as its result unless it had ended before. As often as wanted.
/// Bytes that the service acknowledged stay there, and an upload can go on later. A session that the operation itself was
/// creating, or had created without a resume file, and so nobody else knows, is cancelled at the service, where that responds
/// within half a minute and the process lasts that long.
#[no_mangle]
pub extern "C" fn mgprint_operation_cancel(operation: OperationHandle) -> Status {
    run(|| {
        self::operation(operation)?.cancel.cancel();
        Ok(())
    })
}

/// Answers BYTES_WANTED: with the bytes, exactly as many as it asked for, which are copied; or, where `failure` is not empty,
/// with the reason why there are none, a sentence, and the operation ends with SOURCE_UNREADABLE and says so. The answers to
/// several events may come in any order. One that is refused harms nothing: the operation goes on waiting for the right
/// one, or has no use for it.
///
/// @return INVALID_STATE when nobody waits for bytes at that offset, or not any more: after a broken connection bytes are
/// asked for anew, and after the end not at all. INVALID_ARGUMENT for another number of bytes than was asked for.
#[no_mangle]
pub unsafe extern "C" fn mgprint_operation_supply(
    operation: OperationHandle,
    offset: u64,
    bytes: Str,
    failure: Str,
) -> Status {
    run(|| {
        let operation = self::operation(operation)?;
        let source = operation.shared.supplied.as_ref().ok_or(Status::InvalidState)?;
        // SAFETY: the host's promises.
        let (bytes, failure) = unsafe { (bytes.bytes()?, failure.text()?) };
        let taken = if failure.is_empty() { source.supply(offset, bytes) } else { source.fail(offset, failure) };
        Ok(taken.map_err(|not_taken| match not_taken {
            NotTaken::NotWanted => Status::InvalidState,
            NotTaken::WrongLength => Status::InvalidArgument,
        })?)
    })
}

/// Answers TOKEN_WANTED: the request goes once more, by a client of the same endpoint with another token. With {0} there is
/// none, and the operation ends with what the service said.
///
/// @return INVALID_STATE for an operation without RENEW_TOKEN.
#[no_mangle]
pub extern "C" fn mgprint_operation_renew(operation: OperationHandle, client: ClientHandle) -> Status {
    run(|| {
        let client = if client.id == 0 { None } else { Some(self::client(client)?.client.clone()) };
        let operation = self::operation(operation)?;
        if !operation.shared.settings.asks_for_token() {
            return Err(Status::InvalidState.into());
        }
        if let Some(asking) = lock(&operation.shared.renewal).take() {
            // An operation that has ended needs no token.
            let _ = asking.send(client);
        }
        Ok(())
    })
}

/// Frees an operation, what was read from it and its events; ends it first where it still runs. A thread that
/// waits for it is woken, with FINISHED.
#[no_mangle]
pub extern "C" fn mgprint_operation_free(operation: OperationHandle) -> Status {
    run(|| {
        if operation.id != 0 {
            known(OPERATIONS.remove(operation.id))?.cancel.cancel();
        }
        Ok(())
    })
}
