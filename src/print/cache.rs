//! What a service is asked once for many documents.

use std::collections::HashMap;
use std::future::Future;
use std::time::{Duration, Instant};

use once_cell::sync::Lazy;
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};
use tokio::sync::Mutex;

use crate::error::Result;
use crate::http::client::Client;

/// How long a response is used again: a batch, and hardly the person's next try.
const LASTS: Duration = Duration::from_secs(60);

type Key = [u8; 32];

/// Responses by what was asked, of which service, and for whom.
pub(super) struct Cache<T>(Lazy<Mutex<HashMap<Key, (Instant, T)>>>);

impl<T: Clone> Cache<T> {
    pub(super) const fn new() -> Self {
        Cache(Lazy::new(Mutex::default))
    }

    /// Forgets what is known, which turned out to be of no use.
    pub(super) async fn forget(&self, client: &Client, what: &str) {
        self.0.lock().await.remove(&key(client, what));
    }

    /// What is known, or else what `ask` comes to. Who asks for anything meanwhile waits.
    pub(super) async fn get<F: Future<Output = Result<T>>>(
        &self,
        client: &Client,
        what: &str,
        ask: impl FnOnce() -> F,
    ) -> Result<T> {
        let key = key(client, what);
        let mut known = self.0.lock().await;
        known.retain(|_, (since, _)| since.elapsed() < LASTS);
        if let Some((_, value)) = known.get(&key) {
            return Ok(value.clone());
        }
        let value = ask().await?;
        known.insert(key, (Instant::now(), value.clone()));
        Ok(value)
    }
}

/// Others are shown other shares. The token itself is not kept.
fn key(client: &Client, what: &str) -> Key {
    let mut hash = Sha256::new_with_prefix(client.endpoint().resource([what]));
    hash.update(client.access_token().map_or("", |token| token.expose_secret().as_str()));
    hash.finalize().into()
}
