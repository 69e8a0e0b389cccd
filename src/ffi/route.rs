//! The ways to hosts: through which client the bytes of an operation go, as its host names it.

use std::sync::{Mutex, PoisonError};

use tokio::sync::oneshot::{self, Receiver, Sender};

use crate::client::Client;

/// The ways that were named, and the one that an operation waits for.
#[derive(Default)]
pub(super) struct Routes(Mutex<Named>);

#[derive(Default)]
struct Named {
    known: Vec<(String, Client)>,
    wanted: Option<(String, Sender<Client>)>,
}

impl Routes {
    /// The way to a host, which comes when it is named; and whether it was.
    pub(super) fn to(&self, origin: &str) -> (Receiver<Client>, bool) {
        let (answer, way) = oneshot::channel();
        let mut named = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match named.known.iter().find(|(known, _)| known == origin) {
            Some((_, client)) => {
                // Whoever asked is here.
                let _ = answer.send(client.clone());
                (way, true)
            }
            None => {
                named.wanted = Some((origin.to_owned(), answer));
                (way, false)
            }
        }
    }

    /// Names the way to a host, for whoever waits for it and for later.
    pub(super) fn name(&self, origin: &str, client: Client) {
        let mut named = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, answer)) = named.wanted.take_if(|(wanted, _)| wanted == origin) {
            // An operation that has ended needs no way.
            let _ = answer.send(client.clone());
        }
        named.known.retain(|(known, _)| known != origin);
        named.known.push((origin.to_owned(), client));
    }
}
