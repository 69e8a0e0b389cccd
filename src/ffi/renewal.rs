//! Another token for an operation whose token the service refused.

use std::sync::{Mutex, PoisonError};

use tokio::sync::oneshot::{self, Receiver, Sender};

use super::border::enter;
use super::client::{client, ClientHandle};
use super::operation::{renew, OperationHandle};
use super::status::Status;
use crate::http::client::Client;

/// Who waits for the answer.
#[derive(Default)]
pub(super) struct Renewal(Mutex<Option<Sender<Option<Client>>>>);

impl Renewal {
    pub(super) fn ask(&self) -> Receiver<Option<Client>> {
        let (response, renewed) = oneshot::channel();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(response);
        renewed
    }

    pub(super) fn respond(&self, client: Option<Client>) {
        if let Some(asking) = self.0.lock().unwrap_or_else(PoisonError::into_inner).take() {
            // An operation that has ended needs no token.
            let _ = asking.send(client);
        }
    }
}

/// Answers TOKEN_WANTED: the request goes once more, by a client of the same endpoint with another token. With 0 there is
/// none, and the operation ends with what the service said. Any thread.
///
/// @return INVALID_HANDLE; INVALID_STATE for an operation without RENEW_TOKEN.
#[no_mangle]
pub extern "C" fn mgprint_operation_renew(operation: OperationHandle, client: ClientHandle) -> Status {
    enter(|| {
        let client = if client == 0 { None } else { Some(self::client(client)?) };
        renew(operation, client)
    })
}
