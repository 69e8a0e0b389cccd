//! Operations: what takes time. Started, listened to, ended, read, freed; nothing is ever called back.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Instant;

use futures_util::future::BoxFuture;
use futures_util::FutureExt;
use once_cell::sync::Lazy;
use tokio::sync::{oneshot, watch};
use tokio_util::sync::CancellationToken;

use super::client::{client, ClientHandle};
use super::error::cancelled;
use super::event::{Event, EventKind, Waiting};
use super::guard::{give, known, made, run, Entry};
use super::handle::Registry;
use super::result::Success;
use super::runtime::{check_process, runtime};
use super::settings::Settings;
use super::text::{Str, View};
use super::waiting::wait_for;
use crate::blocking::lock;
use crate::call::TokenRenewal;
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Event as EngineEvent, LogLevel, Observer};
use crate::http::client::Client;
use crate::http::endpoint::Endpoint;
use crate::status::Status;
use crate::upload::{NotTaken, SuppliedSource};

/// An operation; freed with mgprint_operation_free.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct OperationHandle {
    /// 0 for none.
    pub id: u64,
}

static OPERATIONS: Registry<Operation> = Registry::new(0x04);

static FINISHED: Lazy<View<Event>> = Lazy::new(|| View::new(|_| Event::of(EventKind::Finished)));

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
    /// Told whenever there may be an event.
    news: watch::Sender<()>,
    outcome: OnceLock<Result<Success, Error>>,
    /// Of an upload whose bytes the host supplies.
    pub(super) supplied: Option<Arc<SuppliedSource>>,
    /// Who waits for another token, and for which endpoint.
    renewal: Mutex<Option<(Endpoint, oneshot::Sender<Option<Client>>)>>,
    /// The client with the token that came last.
    renewed: Mutex<Option<Client>>,
}

impl Shared {
    /// `fed`: size and name of a document that the host feeds.
    fn new(settings: Settings, fed: Option<(u64, &str)>) -> Arc<Self> {
        let news = watch::Sender::default();
        let supplied = fed.map(|(size, name)| {
            let news = news.clone();
            Arc::new(SuppliedSource::new(size, name, move || news.send_replace(())))
        });
        Arc::new(Shared {
            settings,
            waiting: Mutex::default(),
            news,
            outcome: OnceLock::new(),
            supplied,
            renewal: Mutex::default(),
            renewed: Mutex::default(),
        })
    }

    /// Changes the queue of events, and wakes whoever waits for them.
    fn update(&self, change: impl FnOnce(&mut Waiting)) {
        change(&mut lock(&self.waiting));
        self.news.send_replace(());
    }

    /// What `look` finds, now or after further news.
    async fn when<T>(&self, mut look: impl FnMut() -> Option<T>) -> T {
        let mut news = self.news.subscribe();
        loop {
            if let Some(found) = look() {
                return found;
            }
            // What sends them lives as long as this.
            let _ = news.changed().await;
        }
    }

    /// Waits until there is an event.
    pub(super) async fn event_comes(&self) {
        let has_want = || self.supplied.as_ref().is_some_and(|source| source.has_want());
        let has_event = || !lock(&self.waiting).is_empty() || self.outcome.get().is_some() || has_want();
        self.when(|| has_event().then_some(())).await;
    }

    /// Waits for the next event, and takes it.
    fn next(&self, timeout_ms: u32) -> Option<View<Event>> {
        wait_for(
            timeout_ms,
            self.when(|| {
                if let Some((offset, length)) = self.supplied.as_ref().and_then(|source| source.next_want()) {
                    return Some(View::new(|_| Event {
                        offset,
                        length: length as u64,
                        ..Event::of(EventKind::BytesWanted)
                    }));
                }
                let is_finished = self.outcome.get().is_some();
                let queued = lock(&self.waiting).next_view();
                queued.or_else(|| is_finished.then(|| View::new(|_| Event::of(EventKind::Finished))))
            }),
        )
    }

    /// Waits for the end, and gives the result.
    pub(super) fn wait(&self, timeout_ms: u32) -> Entry<&Result<Success, Error>> {
        let needs_answers = self.supplied.is_some() || self.settings.asks_for_token();
        if needs_answers && timeout_ms != 0 && self.outcome.get().is_none() {
            return Err(Status::InvalidState.into());
        }
        Ok(wait_for(timeout_ms, self.when(|| self.outcome.get())).ok_or(Status::Pending)?)
    }

    fn finish(&self, outcome: Result<Success>) {
        // An operation ends once; whoever comes second has nothing to add.
        self.update(|_| drop(self.outcome.set(outcome)));
    }
}

impl Observer for Shared {
    fn event(&self, event: EngineEvent) {
        match event {
            EngineEvent::Progress { .. } if !self.settings.wants_progress() => {}
            // FINISHED is the last event, whatever is tidied up after it.
            _ => self.update(|waiting| {
                if self.outcome.get().is_none() {
                    waiting.keep(event);
                }
            }),
        }
    }

    fn log_level(&self) -> LogLevel {
        self.settings.log_level()
    }
}

impl TokenRenewal for Shared {
    fn latest(&self) -> Option<Client> {
        lock(&self.renewed).clone()
    }

    fn renewed(&self, endpoint: &Endpoint, claims: Option<String>) -> BoxFuture<'static, Option<Client>> {
        let (response, renewed) = oneshot::channel();
        *lock(&self.renewal) = Some((endpoint.clone(), response));
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
            let handle = operation;
            let operation = self::operation(handle)?;
            let view = operation.shared.next(timeout_ms).ok_or(Status::Pending)?;
            // Freed while it was waited for, it takes all else that it hands out along.
            if view.value.kind == EventKind::Finished || OPERATIONS.get(handle.id).is_none() {
                return Ok(&raw const FINISHED.value);
            }
            let mut last = lock(&operation.last);
            Ok(&raw const last.insert(Arc::new(view)).value)
        })
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

/// Answers TOKEN_WANTED: the request goes once more, by a client of the same endpoint with another token, and so do all
/// that follow. With {0} there is none, and the operation ends with what the service said.
///
/// @return INVALID_STATE where no token is wanted, or not any more; INVALID_ARGUMENT for a client of another endpoint.
#[no_mangle]
pub extern "C" fn mgprint_operation_renew(operation: OperationHandle, client: ClientHandle) -> Status {
    run(|| {
        let client = if client.id == 0 { None } else { Some(self::client(client)?.client.clone()) };
        let shared = &self::operation(operation)?.shared;
        let mut renewal = lock(&shared.renewal);
        let (endpoint, _) = renewal.as_ref().ok_or(Status::InvalidState)?;
        if client.as_ref().is_some_and(|client| client.endpoint() != endpoint) {
            return Err(Status::InvalidArgument.into());
        }
        let (_, asking) = renewal.take().ok_or(Status::InvalidState)?;
        lock(&shared.renewed).clone_from(&client);
        Ok(asking.send(client).map_err(|_| Status::InvalidState)?)
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
