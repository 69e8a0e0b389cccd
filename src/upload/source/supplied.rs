//! A document whose bytes its host supplies: requested piece by piece, supplied whenever the host has them.

use std::sync::{Mutex, MutexGuard};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use tokio::sync::oneshot;

use super::Source;
use crate::blocking::lock;
use crate::error::{Error, ErrorKind, Result};
use crate::http::redact;

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
    is_given_out: bool,
    response: oneshot::Sender<Result<Bytes>>,
}

impl SuppliedSource {
    /// A document of `size` bytes that messages call `name`. `wanted` is called, on any thread and not to block,
    /// whenever there is another one for [`SuppliedSource::next_want`].
    pub fn new(size: u64, name: &str, wanted: impl Fn() + Send + Sync + 'static) -> Self {
        let name = if name.is_empty() { "The document".to_owned() } else { format!("'{}'", redact::clean(name)) };
        SuppliedSource { size, name, wants: Mutex::default(), wanted: Box::new(wanted) }
    }

    /// The next want that was not given out yet: offset and length. One that was given up is not given out.
    pub fn next_want(&self) -> Option<(u64, usize)> {
        let mut wants = self.open_wants();
        let want = wants.iter_mut().find(|want| !want.is_given_out)?;
        want.is_given_out = true;
        Some((want.offset, want.length))
    }

    /// Whether [`SuppliedSource::next_want`] has one.
    pub fn has_want(&self) -> bool {
        self.open_wants().iter().any(|want| !want.is_given_out)
    }

    /// Supplies the bytes of a want.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidState`] where nobody waits for bytes at that offset, or not any more, and
    /// [`ErrorKind::InvalidArgument`] for another number of them. Then nothing happens.
    pub fn supply(&self, offset: u64, bytes: &[u8]) -> Result<(), ErrorKind> {
        self.answer(offset, Ok(bytes))
    }

    /// Gives the reason why there are no bytes for a want, which ends the upload. The session stays as it is.
    ///
    /// # Errors
    /// As [`SuppliedSource::supply`].
    pub fn fail(&self, offset: u64, reason: &str) -> Result<(), ErrorKind> {
        let (name, reason) = (&self.name, redact::clean(reason));
        let message = format!("{name} cannot be read: {}.", reason.trim_end_matches('.'));
        self.answer(offset, Err(Error::new(ErrorKind::SourceUnreadable, message).resumable(true)))
    }

    fn answer(&self, offset: u64, answer: Result<&[u8]>) -> Result<(), ErrorKind> {
        let mut wants = self.open_wants();
        let at = wants.iter().position(|want| want.offset == offset).ok_or(ErrorKind::InvalidState)?;
        if answer.as_ref().is_ok_and(|bytes| bytes.len() != wants[at].length) {
            return Err(ErrorKind::InvalidArgument);
        }
        let want = wants.swap_remove(at);
        drop(wants);
        want.response.send(answer.map(Bytes::copy_from_slice)).map_err(|_| ErrorKind::InvalidState)
    }

    /// What is still waited for.
    fn open_wants(&self) -> MutexGuard<'_, Vec<Want>> {
        let mut wants = lock(&self.wants);
        wants.retain(|want| !want.response.is_closed());
        wants
    }
}

impl Source for SuppliedSource {
    fn size(&self) -> u64 {
        self.size
    }

    fn read(&self, offset: u64, length: usize) -> BoxFuture<'static, Result<Bytes>> {
        let (response, bytes) = oneshot::channel();
        self.open_wants().push(Want { offset, length, is_given_out: false, response });
        (self.wanted)();
        Box::pin(async move {
            bytes
                .await
                .unwrap_or_else(|_| Err(Error::new(ErrorKind::Internal, "The source of the document's bytes is gone.")))
        })
    }
}
