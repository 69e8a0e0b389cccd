//! What the service knows, kept in a folder: a service that was killed goes on where it was, when it is started again.
//!
//! The bytes are in one file, and beside it is a log of what happened to documents and sessions, a line each, written
//! before the answer that tells of it. Neither is forced to the disk: a killed process loses nothing that it wrote, and
//! a machine that loses its power is not what is tried here.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::conduct::Conduct;
use crate::content::{Content, Handling};
use crate::registry::{NewDocument, Registry};
use crate::session::{Properties, Session};
use crate::shelf::Shelf;
use crate::upload::complete;

/// The log.
#[derive(Debug)]
pub(crate) struct Ledger(Mutex<File>);

/// A line of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "camelCase")]
pub(crate) enum Event {
    /// A document was made.
    Document(NewDocument),
    /// An upload session was created.
    Session {
        id: Uuid,
        query: String,
        document: String,
        properties: Properties,
        /// Milliseconds since 1970.
        expires: u64,
        /// Where its bytes are in the file.
        region: u64,
    },
    /// A range arrived whole.
    Range { session: Uuid, start: u64, end: u64 },
    /// A session was deleted.
    Deleted { session: Uuid },
}

impl Ledger {
    /// What a folder holds, and the log to go on with. The folder is made when there is none.
    pub(crate) fn open(folder: &Path) -> io::Result<Registry> {
        std::fs::create_dir_all(folder)?;
        let log = folder.join("log.jsonl");
        let text = std::fs::read_to_string(&log).or_else(|error| match error.kind() {
            io::ErrorKind::NotFound => Ok(String::new()),
            _ => Err(error),
        })?;
        let bytes = open(&folder.join("bytes"), OpenOptions::new().read(true).write(true).truncate(false))?;
        let mut registry = Registry { shelf: Arc::new(Shelf::of(bytes)), ..Registry::default() };
        for line in text.lines() {
            let event = serde_json::from_str(line).map_err(io::Error::other)?;
            recall(&mut registry, event)?;
        }
        registry.ledger = Some(Ledger(Mutex::new(open(&log, OpenOptions::new().append(true))?)));
        Ok(registry)
    }

    pub(crate) fn write(&self, event: &Event) -> io::Result<()> {
        let mut line = serde_json::to_vec(event)?;
        line.push(b'\n');
        // At once, so that a kill leaves no half of a line.
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write_all(&line)
    }
}

fn open(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    options.create(true).open(path)
}

fn recall(registry: &mut Registry, event: Event) -> io::Result<()> {
    match event {
        Event::Document(new) => drop(registry.add(new).map_err(io::Error::other)?),
        Event::Session { id, query, document, properties, expires, region } => {
            let region = registry.shelf.recall(region, properties.size)?;
            if let Some(known) = registry.documents.get_mut(&document) {
                known.begin(&properties);
            }
            let content =
                Content::recall(properties.size, Handling { keep: true, hash: true }, registry.shelf.clone(), region);
            let session = Session::recall(id, query, document, properties, content);
            session.progress().expires = SystemTime::UNIX_EPOCH + Duration::from_millis(expires);
            registry.conducts.insert(id, Arc::new(Conduct::new(session.size())));
            registry.sessions.insert(id, Arc::new(session));
        }
        Event::Range { session: id, start, end } => {
            let Some(session) = registry.sessions.get(&id).cloned() else { return Ok(()) };
            let is_whole = {
                let mut progress = session.progress();
                progress.received.insert(start..end);
                progress.received.covers(session.size())
            };
            // What arrived was told, or its answer was lost, and then the client has to ask.
            registry.conducts.insert(id, Arc::new(Conduct::knowing(session.size(), &session.progress().received)));
            if is_whole {
                let mut content = session.content.try_lock().map_err(io::Error::other)?;
                complete(registry, &session, content.finish()?);
            }
        }
        Event::Deleted { session } => {
            registry.sessions.remove(&session);
        }
    }
    Ok(())
}

impl Registry {
    /// Writes to the log, where there is one.
    pub(crate) fn log(&self, event: impl FnOnce() -> Event) -> io::Result<()> {
        match &self.ledger {
            Some(ledger) => ledger.write(&event()),
            None => Ok(()),
        }
    }
}
