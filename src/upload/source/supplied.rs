//! A document whose bytes its host supplies: requested piece by piece, supplied whenever the host has them.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use tokio::sync::oneshot;

use super::{shown, Source};
use crate::error::{Error, ErrorKind, Result};

/// A document whose bytes its host supplies, such as a stream of another runtime.
///
/// Each read becomes a request, which is given out once, by [`SuppliedSource::next_want`], and waits for [`supply`] or
/// [`fail`]. There are as many open requests as reads under way: four for four ranges, of 1 MiB each at most.
///
/// [`supply`]: SuppliedSource::supply
/// [`fail`]: SuppliedSource::fail
pub struct SuppliedSource {
    size: u64,
    name: String,
    wants: Mutex<Vec<Want>>,
    wanted: Box<dyn Fn() + Send + Sync>,
}

/// Bytes that are waited for.
struct Want {
    offset: u64,
    length: usize,
    told: bool,
    response: oneshot::Sender<Result<Bytes>>,
}

/// Why bytes of the host are not taken. The read goes on waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotTaken {
    /// Nobody waits for bytes at that offset, or not any more.
    NotWanted,
    /// They are waited for, but another number of them.
    WrongLength,
}

impl SuppliedSource {
    /// A document of `size` bytes that messages call `name`. `wanted` is called, on any thread and not to block,
    /// whenever there is a want to tell.
    pub fn new(size: u64, name: &str, wanted: impl Fn() + Send + Sync + 'static) -> Self {
        let name = if name.is_empty() { "The document".to_owned() } else { format!("'{}'", shown(name)) };
        SuppliedSource { size, name, wants: Mutex::default(), wanted: Box::new(wanted) }
    }

    /// The next want that was not told yet: offset and length. One that was given up is never told.
    pub fn next_want(&self) -> Option<(u64, usize)> {
        let mut wants = self.open_wants();
        let want = wants.iter_mut().find(|want| !want.told)?;
        want.told = true;
        Some((want.offset, want.length))
    }

    /// Whether [`SuppliedSource::next_want`] has one to tell.
    pub fn has_want(&self) -> bool {
        self.open_wants().iter().any(|want| !want.told)
    }

    /// Answers a want.
    ///
    /// # Errors
    /// When there is no such want, and then nothing happens.
    pub fn supply(&self, offset: u64, bytes: &[u8]) -> Result<(), NotTaken> {
        let mut wants = self.open_wants();
        let at = wants.iter().position(|want| want.offset == offset).ok_or(NotTaken::NotWanted)?;
        if wants[at].length != bytes.len() {
            return Err(NotTaken::WrongLength);
        }
        let want = wants.swap_remove(at);
        drop(wants);
        want.response.send(Ok(Bytes::copy_from_slice(bytes))).map_err(|_| NotTaken::NotWanted)
    }

    /// Answers a want with the reason why there are no bytes, which ends the upload. The session stays as it is.
    ///
    /// # Errors
    /// When there is no such want, and then nothing happens.
    pub fn fail(&self, offset: u64, reason: &str) -> Result<(), NotTaken> {
        let mut wants = self.open_wants();
        let at = wants.iter().position(|want| want.offset == offset).ok_or(NotTaken::NotWanted)?;
        let want = wants.swap_remove(at);
        drop(wants);
        let reason = shown(reason);
        let error = Error::new(
            ErrorKind::SourceUnreadable,
            format!("{} cannot be read: {}.", self.name, reason.trim_end_matches('.')),
        )
        .resumable(true);
        want.response.send(Err(error)).map_err(|_| NotTaken::NotWanted)
    }

    /// What is still waited for.
    fn open_wants(&self) -> MutexGuard<'_, Vec<Want>> {
        let mut wants = self.wants.lock().unwrap_or_else(PoisonError::into_inner);
        wants.retain(|want| !want.response.is_closed());
        wants
    }
}

impl Source for SuppliedSource {
    fn size(&self) -> u64 {
        self.size
    }

    fn read(&self, offset: u64, length: usize) -> BoxFuture<'static, Result<Bytes>> {
        let (response, answered) = oneshot::channel();
        self.open_wants().push(Want { offset, length, told: false, response });
        (self.wanted)();
        Box::pin(async move {
            answered
                .await
                .unwrap_or_else(|_| Err(Error::new(ErrorKind::Internal, "The document's bytes were wanted of nobody.")))
        })
    }
}

impl fmt::Debug for SuppliedSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SuppliedSource").field("name", &self.name).field("size", &self.size).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source() -> SuppliedSource {
        SuppliedSource::new(100, "a.pdf", || {})
    }

    #[tokio::test]
    async fn a_want_is_told_once_and_answered_once() {
        let source = source();
        assert_eq!(source.next_want(), None);
        let (first, second) = (source.read(0, 3), source.read(50, 2));
        assert_eq!((source.next_want(), source.next_want(), source.next_want()), (Some((0, 3)), Some((50, 2)), None));
        // In any order.
        source.supply(50, b"yz").unwrap();
        source.supply(0, b"abc").unwrap();
        assert_eq!((first.await.unwrap(), second.await.unwrap()), ("abc".into(), "yz".into()));
        assert_eq!(source.supply(0, b"abc"), Err(NotTaken::NotWanted));
    }

    #[tokio::test]
    async fn a_wrong_response_changes_nothing() {
        let source = source();
        let read = source.read(10, 3);
        assert_eq!(source.supply(10, b"ab"), Err(NotTaken::WrongLength));
        assert_eq!(source.supply(11, b"abc"), Err(NotTaken::NotWanted));
        assert_eq!(source.fail(9, "no"), Err(NotTaken::NotWanted));
        source.supply(10, b"abc").unwrap();
        assert_eq!(read.await.unwrap(), "abc");
    }

    #[tokio::test]
    async fn a_want_that_was_given_up_is_neither_told_nor_answered() {
        let source = source();
        drop(source.read(0, 3));
        assert!(!source.has_want());
        assert_eq!(source.supply(0, b"abc"), Err(NotTaken::NotWanted));

        let told = source.read(0, 3);
        assert_eq!(source.next_want(), Some((0, 3)));
        drop(told);
        let again = source.read(0, 3);
        assert_eq!(source.next_want(), Some((0, 3)));
        source.supply(0, b"abc").unwrap();
        assert_eq!(again.await.unwrap(), "abc");
    }

    #[tokio::test]
    async fn a_reason_of_the_host_s_is_told_clean() {
        let source = source();
        let read = source.read(0, 3);
        source.fail(0, "The stream was closed\u{1b}[2J.").unwrap();
        let error = read.await.unwrap_err();
        assert_eq!(error.message(), "'a.pdf' cannot be read: The stream was closed.");
        assert!(error.is_resumable());
    }
}
