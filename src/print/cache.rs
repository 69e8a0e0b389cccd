//! What a service is asked once for many documents.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex as SyncMutex};
use std::time::{Duration, Instant};

use once_cell::sync::Lazy;
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};
use tokio::sync::Mutex;

use crate::blocking::lock;
use crate::error::Result;
use crate::http::client::Client;

/// How long a response is used again: a batch, and hardly the person's next try.
const LASTS: Duration = Duration::from_secs(60);

type Key = [u8; 32];

/// Responses by what was asked, of which service, and for whom.
pub(super) struct Cache<T>(Lazy<SyncMutex<HashMap<Key, Arc<Known<T>>>>>);

/// When it was asked, and the response.
type Known<T> = Mutex<Option<(Instant, T)>>;

impl<T: Clone> Cache<T> {
    pub(super) const fn new() -> Self {
        Cache(Lazy::new(SyncMutex::default))
    }

    /// Forgets what is known, which turned out to be of no use.
    pub(super) fn forget(&self, client: &Client, what: &str) {
        lock(&self.0).remove(&key(client, what));
    }

    /// What is known, or else what `ask` comes to. Who asks for the same meanwhile waits.
    pub(super) async fn get<F: Future<Output = Result<T>>>(
        &self,
        client: &Client,
        what: &str,
        ask: impl FnOnce() -> F,
    ) -> Result<T> {
        let is_new = |(since, _): &(Instant, T)| since.elapsed() < LASTS;
        let known = {
            let mut all = lock(&self.0);
            all.retain(|_, known| known.try_lock().map_or(true, |known| known.as_ref().is_some_and(is_new)));
            Arc::clone(all.entry(key(client, what)).or_default())
        };
        let mut known = known.lock().await;
        if let Some((_, value)) = known.as_ref().filter(|known| is_new(known)) {
            return Ok(value.clone());
        }
        let value = ask().await?;
        *known = Some((Instant::now(), value.clone()));
        Ok(value)
    }
}

/// Others are shown other shares. The token itself is not kept.
fn key(client: &Client, what: &str) -> Key {
    let mut hash = Sha256::new_with_prefix(client.endpoint().resource([what]));
    hash.update(client.access_token().map_or("", |token| token.expose_secret().as_str()));
    hash.finalize().into()
}
