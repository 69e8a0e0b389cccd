//! What an upload writes into its resume file as it goes.

use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard};

use super::disk::OpenResumeFile;
use super::record::Record;
use crate::blocking::{self, lock};
use crate::error::Result;
use crate::range::RangeSet;

/// The resume file of a running upload. However the upload ends, the file is closed with this.
pub(crate) struct Resumption(Arc<Journal>);

/// The journal of what was sent; shared by the parts in flight.
pub(crate) struct Journal {
    /// What the journals of earlier uploads say.
    sent_before: RangeSet,
    state: Mutex<State>,
}

struct State {
    record: Record,
    /// `None` when the upload has ended.
    file: Option<OpenResumeFile>,
}

impl State {
    fn save(&mut self) -> Result<()> {
        let text = self.record.to_text();
        self.file.as_mut().map_or(Ok(()), |file| file.replace(&text))
    }
}

impl Journal {
    /// Writes the first text, and makes sure that it lasts: nothing is sent before.
    pub(crate) async fn begin(file: OpenResumeFile, record: Record) -> Result<Resumption> {
        blocking::run(move || {
            let sent_before = record.sent();
            let mut state = State { record, file: Some(file) };
            state.save()?;
            state.file.as_ref().map_or(Ok(()), OpenResumeFile::sync_folder)?;
            Ok(Resumption(Arc::new(Journal { sent_before, state: Mutex::new(state) })))
        })
        .await
    }

    /// What earlier uploads sent, or were about to send when they ended. Its last bytes may reach the service any time
    /// from then on, though no one waits for the response.
    pub(crate) fn sent_before(&self) -> &RangeSet {
        &self.sent_before
    }

    /// Records the document's digest: nothing is sent before it is known.
    pub(crate) async fn set_digest(self: Arc<Self>, sha256: String) -> Result<()> {
        blocking::run(move || {
            let mut state = self.state();
            state.record.sha256 = sha256;
            state.save()
        })
        .await
    }

    /// Records a range whose last bytes are about to leave. When this is done, the file says so.
    pub(crate) async fn insert(self: Arc<Self>, range: Range<u64>) -> Result<()> {
        blocking::run(move || {
            let mut state = self.state();
            state.record.insert(range);
            state.save()
        })
        .await
    }

    /// Takes bytes out of the journal that the service says it has not, so that no later upload takes them for sent.
    pub(crate) async fn remove(self: Arc<Self>, bytes: RangeSet) -> Result<()> {
        blocking::run(move || {
            let mut state = self.state();
            if state.record.remove(&bytes) {
                state.save()?;
            }
            Ok(())
        })
        .await
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

impl Resumption {
    /// What ranges are recorded with.
    pub(crate) fn journal(&self) -> Arc<Journal> {
        Arc::clone(&self.0)
    }

    /// Removes the file: the document is complete.
    pub(crate) async fn remove(&self) -> Result<()> {
        let file = self.0.state().file.take();
        blocking::run(|| file.map_or(Ok(()), OpenResumeFile::remove)).await
    }
}

/// Connections may hold their ranges for a moment longer; the file is free for the next upload at once.
impl Drop for Resumption {
    fn drop(&mut self) {
        self.0.state().file = None;
    }
}
