//! What an upload writes into its resume file as it goes.

use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::on_a_thread_that_may_wait;
use super::place::Place;
use super::record::{Piece, Record};
use crate::error::Result;
use crate::upload::range::RangeSet;

/// The resume file of a running upload. However the upload ends, the file is let go with this.
pub(crate) struct Begun(Arc<Notes>);

/// What pieces are noted with; shared by the ranges in flight.
pub(crate) struct Notes {
    /// What earlier uploads noted.
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
    place: Option<Place>,
    /// The changes that are in the file.
    changes: u64,
}

impl Notes {
    /// Writes the first text, and makes sure that it lasts: nothing is sent before.
    pub(super) async fn begin(mut place: Place, record: Record) -> Result<Begun> {
        on_a_thread_that_may_wait(move || {
            place.replace(&record.to_text())?;
            place.settle()?;
            let sent_before = record.noted();
            let draft = Mutex::new(Draft { record, changes: 0 });
            let saved = Mutex::new(Saved { place: Some(place), changes: 0 });
            Ok(Begun(Arc::new(Notes { sent_before, draft, saved })))
        })
        .await
    }

    /// What earlier uploads sent, or were about to send when they ended. Its last bytes may reach the service any time
    /// from then on, though nobody waits for the answer.
    pub(crate) fn sent_before(&self) -> &RangeSet {
        &self.sent_before
    }

    /// Notes a piece whose last bytes are about to leave. When this is done, the file says so.
    pub(crate) async fn note(self: Arc<Self>, range: Range<u64>, sha256: [u8; 32]) -> Result<()> {
        let change = {
            let mut draft = locked(&self.draft);
            draft.record.note(Piece { range, sha256 });
            draft.changes += 1;
            draft.changes
        };
        on_a_thread_that_may_wait(move || self.save(change)).await
    }

    /// Takes back what was noted of bytes that the service said it has not, so that no later upload takes them for sent.
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

    /// Several pieces that come to their ends at once are written together.
    fn save(&self, change: u64) -> Result<()> {
        let mut saved = locked(&self.saved);
        if saved.changes >= change {
            return Ok(());
        }
        let (text, changes) = {
            let draft = locked(&self.draft);
            (draft.record.to_text(), draft.changes)
        };
        if let Some(place) = &mut saved.place {
            place.replace(&text)?;
        }
        saved.changes = changes;
        Ok(())
    }
}

impl Begun {
    /// What pieces are noted with.
    pub(crate) fn notes(&self) -> Arc<Notes> {
        Arc::clone(&self.0)
    }

    /// Removes the file: the document is complete.
    pub(crate) async fn remove(&self) -> Result<()> {
        match self.end() {
            Some(place) => on_a_thread_that_may_wait(move || place.remove()).await,
            None => Ok(()),
        }
    }

    /// Takes the file back: nothing is written any more.
    fn end(&self) -> Option<Place> {
        locked(&self.0.saved).place.take()
    }
}

/// Connections may hold their ranges for a moment longer; the file is free for the next upload at once.
impl Drop for Begun {
    fn drop(&mut self) {
        drop(self.end());
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
