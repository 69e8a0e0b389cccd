//! What an upload writes into its resume file as it goes.

use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::disk::OpenResumeFile;
use super::on_a_thread_that_may_wait;
use super::record::{Piece, Record};
use crate::error::Result;
use crate::upload::range::RangeSet;

/// The resume file of a running upload. However the upload ends, the file is let go with this.
pub(crate) struct Resumption(Arc<Journal>);

/// The journal of what was sent; shared by the parts in flight.
pub(crate) struct Journal {
    /// What the journals of earlier uploads say.
    sent_before: RangeSet,
    draft: Mutex<Draft>,
    saved: Mutex<Saved>,
}

/// What is to be written, and how often it was changed.
struct Draft {
    record: Record,
    changes: u64,
}

struct Saved {
    /// `None` when the upload has ended.
    file: Option<OpenResumeFile>,
    /// The changes that are in the file.
    changes: u64,
}

impl Journal {
    /// Writes the first text, and makes sure that it lasts: nothing is sent before.
    pub(super) async fn begin(mut file: OpenResumeFile, record: Record) -> Result<Resumption> {
        on_a_thread_that_may_wait(move || {
            file.replace(&record.to_text())?;
            file.settle()?;
            let sent_before = record.noted();
            let draft = Mutex::new(Draft { record, changes: 0 });
            let saved = Mutex::new(Saved { file: Some(file), changes: 0 });
            Ok(Resumption(Arc::new(Journal { sent_before, draft, saved })))
        })
        .await
    }

    /// What earlier uploads sent, or were about to send when they ended. Its last bytes may reach the service any time
    /// from then on, though no one waits for the response.
    pub(crate) fn sent_before(&self) -> &RangeSet {
        &self.sent_before
    }

    /// Journal a piece whose last bytes are about to leave. When this is done, the file says so.
    pub(crate) async fn note(self: Arc<Self>, range: Range<u64>, sha256: [u8; 32]) -> Result<()> {
        let change = {
            let mut draft = locked(&self.draft);
            draft.record.note(Piece { range, sha256 });
            draft.changes += 1;
            draft.changes
        };
        on_a_thread_that_may_wait(move || self.save(change)).await
    }

    /// Takes bytes out of the journal that the service says it has not, so that no later upload takes them for sent.
    pub(crate) async fn forget(self: Arc<Self>, bytes: RangeSet) -> Result<()> {
        let change = {
            let mut draft = locked(&self.draft);
            if !draft.record.forget(&bytes) {
                return Ok(());
            }
            draft.changes += 1;
            draft.changes
        };
        on_a_thread_that_may_wait(move || self.save(change)).await
    }

    /// Several pieces that end at the same time are written together.
    fn save(&self, change: u64) -> Result<()> {
        let mut saved = locked(&self.saved);
        if saved.changes >= change {
            return Ok(());
        }
        let (text, changes) = {
            let draft = locked(&self.draft);
            (draft.record.to_text(), draft.changes)
        };
        if let Some(file) = &mut saved.file {
            file.replace(&text)?;
        }
        saved.changes = changes;
        Ok(())
    }
}

impl Resumption {
    /// What pieces are noted with.
    pub(crate) fn journal(&self) -> Arc<Journal> {
        Arc::clone(&self.0)
    }

    /// Removes the file: the document is complete.
    pub(crate) async fn remove(&self) -> Result<()> {
        match self.end() {
            Some(file) => on_a_thread_that_may_wait(move || file.remove()).await,
            None => Ok(()),
        }
    }

    /// Takes the file back: nothing is written any more.
    fn end(&self) -> Option<OpenResumeFile> {
        locked(&self.0.saved).file.take()
    }
}

/// Connections may hold their ranges for a moment longer; the file is free for the next upload at once.
impl Drop for Resumption {
    fn drop(&mut self) {
        drop(self.end());
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
