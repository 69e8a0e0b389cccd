//! What is undone when whoever asked for it gives up, as when a host cancels an operation.

use std::future::Future;
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use crate::error::{Error, Result};

/// How long what nobody waits for any more may take.
const MOMENT: Duration = Duration::from_secs(30);

/// Work that is done when this is dropped, where the process lives on for a moment.
pub(crate) struct Undo(Option<BoxFuture<'static, ()>>);

impl Undo {
    pub(crate) fn new(work: impl Future<Output = ()> + Send + 'static) -> Self {
        Undo(Some(work.boxed()))
    }

    /// There is nothing to undo any more.
    pub(crate) fn disarm(mut self) {
        self.0 = None;
    }
}

impl Drop for Undo {
    fn drop(&mut self) {
        if let (Some(work), Ok(runtime)) = (self.0.take(), Handle::try_current()) {
            runtime.spawn(work);
        }
    }
}

/// Makes something in a task of its own, which goes on for a moment when nobody waits for it any more: what it made is
/// then dropped, and with it the [`Undo`] that it came with.
pub(crate) async fn make<T: Send + 'static>(work: impl Future<Output = Result<T>> + Send + 'static) -> Result<T> {
    let (mut deliver, delivered) = oneshot::channel();
    tokio::spawn(async move {
        let given_up = async {
            deliver.closed().await;
            tokio::time::sleep(MOMENT).await;
        };
        let made = tokio::select! {
            made = work => made,
            () = given_up => return,
        };
        let _ = deliver.send(made);
    });
    delivered.await.unwrap_or_else(|_| Err(Error::internal()))
}
