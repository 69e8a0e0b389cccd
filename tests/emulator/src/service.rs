//! The state that every request shares.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::sync::watch;
use uuid::Uuid;

use crate::conduct::Conduct;
use crate::faults::Faults;
use crate::graph::Store;
use crate::journal::Journal;
use crate::ledger::Event;
use crate::registry::Registry;
use crate::session::Session;
use crate::settings::{Settings, Token};
use crate::upload::session_id;

#[derive(Debug)]
pub(crate) struct Service {
    /// `http://127.0.0.1:PORT`.
    pub origin: String,
    pub token: Token,
    pub journal: Arc<Journal>,
    pub faults: Faults,
    /// Told for how long the service is away, whenever it is to be away; zero when it is to be back.
    pub outages: watch::Sender<Duration>,
    settings: Mutex<Arc<Settings>>,
    registry: Mutex<Registry>,
    store: Mutex<Store>,
}

impl Service {
    pub(crate) fn new(origin: String, token: Token, settings: Settings, registry: Registry) -> Self {
        Self {
            origin,
            token,
            journal: Arc::new(Journal::new()),
            faults: Faults::default(),
            outages: watch::Sender::default(),
            settings: Mutex::new(Arc::new(settings)),
            registry: Mutex::new(registry),
            store: Mutex::default(),
        }
    }

    /// No fault is due any more, and none lasts.
    pub(crate) fn clear_faults(&self) {
        self.faults.clear();
        self.outages.send_replace(Duration::ZERO);
    }

    pub(crate) fn settings(&self) -> Arc<Settings> {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn change_settings(&self, settings: Settings) {
        *self.settings.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(settings);
    }

    pub(crate) fn registry(&self) -> MutexGuard<'_, Registry> {
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The objects of the tree; taken after the registry.
    pub(crate) fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the client of a session did and was told; outlives the session itself.
    pub(crate) fn conduct(&self, session: Uuid) -> Option<Arc<Conduct>> {
        self.registry().conducts.get(&session).cloned()
    }

    /// Writes down what happened, where that is kept.
    pub(crate) fn log(&self, event: impl FnOnce() -> Event) -> io::Result<()> {
        self.registry().log(event)
    }

    /// The open session that an upload URL's path names.
    pub(crate) fn session(&self, path: &str) -> Option<Arc<Session>> {
        self.registry().sessions.get(&session_id(path)?).cloned()
    }

    /// Lets every upload session of a document expire now; says how many there were.
    pub(crate) fn expire_sessions(&self, print_document_id: &str) -> usize {
        let registry = self.registry();
        let sessions = registry.sessions.values().filter(|session| session.document == print_document_id);
        sessions.map(|session| session.progress().expires = SystemTime::now()).count()
    }

    /// Forgets printers, jobs, documents, sessions, faults and the journal.
    pub(crate) fn reset(&self) {
        let mut registry = self.registry();
        // What is written down stays: a service that forgets is not what is kept in a folder.
        let ledger = registry.ledger.take();
        *registry = Registry { ledger, ..Registry::default() };
        drop(registry);
        self.faults.clear();
        self.journal.clear();
    }
}
