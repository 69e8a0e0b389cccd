//! An upload session: which ranges of one document have arrived, and the secret that lets a client send more.

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::content::{Content, Handling};
use crate::ledger::Event;
use crate::ranges::RangeSet;
use crate::shelf::Shelf;

/// What the client said of the document when it created the session.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Properties {
    pub document_name: String,
    pub content_type: String,
    pub size: u64,
}

pub(crate) struct Session {
    pub id: Uuid,
    pub document: String,
    pub properties: Properties,
    /// The upload URL's whole query: `v='1'&tempauthtoken=…`, with the apostrophes that Graph's own have at times and that
    /// clients like to escape.
    pub query: String,
    pub progress: Mutex<Progress>,
    /// Taken before `progress` when both are needed; held across the hashing of a range.
    pub content: Arc<tokio::sync::Mutex<Content>>,
}

pub(crate) struct Progress {
    pub received: RangeSet,
    pub expires: SystemTime,
    /// Complete or deleted.
    pub closed: bool,
}

impl Session {
    pub(crate) fn new(
        document: String,
        properties: Properties,
        handling: Handling,
        lifetime: Duration,
        shelf: Arc<Shelf>,
    ) -> Self {
        let size = properties.size;
        Self {
            id: Uuid::new_v4(),
            document,
            properties,
            query: format!("v='1'&tempauthtoken={}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple()),
            progress: Mutex::new(Progress {
                received: RangeSet::new(),
                expires: SystemTime::now() + lifetime,
                closed: false,
            }),
            content: Arc::new(tokio::sync::Mutex::new(Content::new(size, handling, shelf))),
        }
    }

    /// A session of a service that was ended; it lives until `expires` is set.
    pub(crate) fn recall(id: Uuid, query: String, document: String, properties: Properties, content: Content) -> Self {
        let progress = Progress { received: RangeSet::new(), expires: SystemTime::now(), closed: false };
        let content = Arc::new(tokio::sync::Mutex::new(content));
        Self { id, document, properties, query, progress: Mutex::new(progress), content }
    }

    /// Its creation, as it is written down.
    pub(crate) fn event(&self, region: u64) -> Event {
        let expires = self.progress().expires.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Event::Session {
            id: self.id,
            query: self.query.clone(),
            document: self.document.clone(),
            properties: self.properties.clone(),
            expires: expires.as_millis().try_into().unwrap_or(u64::MAX),
            region,
        }
    }

    pub(crate) fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The path and query of the upload URL. The query is a secret.
    pub(crate) fn path_and_query(&self) -> String {
        format!("/uploadSessions/{}?{}", self.id, self.query)
    }

    pub(crate) fn size(&self) -> u64 {
        self.properties.size
    }
}

impl Progress {
    pub(crate) fn gone(&self) -> bool {
        self.closed || SystemTime::now() >= self.expires
    }

    pub(crate) fn gaps(&self, size: u64) -> Vec<Range<u64>> {
        self.received.gaps(size)
    }
}

/// Without the secret query.
impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("id", &self.id)
            .field("document", &self.document)
            .field("properties", &self.properties)
            .finish_non_exhaustive()
    }
}
