//! What the host and the work of an operation share: its settings, its events, its end.

use std::sync::{Arc, Mutex, OnceLock};

use futures_util::future::BoxFuture;
use tokio::sync::{oneshot, watch};

use super::entry::Entry;
use super::event::{Event, EventKind, Waiting};
use super::park::wait_for;
use super::result::Success;
use super::settings::Settings;
use super::text::View;
use crate::blocking::lock;
use crate::call::TokenRenewal;
use crate::error::{Error, Result};
use crate::event::{Event as EngineEvent, Observer};
use crate::http::client::Client;
use crate::http::endpoint::Endpoint;
use crate::log_level::LogLevel;
use crate::status::Status;
use crate::upload::SuppliedSource;

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
    pub(super) fn new(settings: Settings, fed: Option<(u64, &str)>) -> Arc<Self> {
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
    pub(super) fn next(&self, timeout_ms: u32) -> Option<View<Event>> {
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

    /// Answers whoever waits for another token.
    pub(super) fn renew(&self, client: Option<Client>) -> Entry<()> {
        let mut renewal = lock(&self.renewal);
        let (endpoint, _) = renewal.as_ref().ok_or(Status::InvalidState)?;
        if client.as_ref().is_some_and(|client| client.endpoint() != endpoint) {
            return Err(Status::InvalidArgument.into());
        }
        let (_, asking) = renewal.take().ok_or(Status::InvalidState)?;
        lock(&self.renewed).clone_from(&client);
        Ok(asking.send(client).map_err(|_| Status::InvalidState)?)
    }

    pub(super) fn finish(&self, outcome: Result<Success>) {
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
        if self.outcome.get().is_some() {
            // FINISHED is the last event, whatever is tidied up after it.
            return Box::pin(std::future::ready(None));
        }
        let (response, renewed) = oneshot::channel();
        *lock(&self.renewal) = Some((endpoint.clone(), response));
        self.update(|waiting| waiting.token = Some(claims.unwrap_or_default()));
        Box::pin(async move { renewed.await.ok().flatten() })
    }
}
