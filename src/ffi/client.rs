//! Clients.

use super::border::{enter, held, kept, out, Entry};
use super::error::{enter_with_error, ErrorHandle};
use super::handle::Registry;
use super::options::{client_options, OptionsHandle};
use super::status::Status;
use crate::http::client::Client;

/// Handle of a client; freed with mgprint_client_free.
pub type ClientHandle = u64;

static CLIENTS: Registry<Client> = Registry::new(0x02);

pub(super) fn client(handle: ClientHandle) -> Entry<Client> {
    Ok(held(CLIENTS.get(handle))?.as_ref().clone())
}

/// Makes a client: an endpoint, a token, and one pool of connections. Share one between calls and threads. Nothing is
/// sent. `options` may be 0 for the defaults, and may be freed afterwards. Any thread.
///
/// @return INVALID_HANDLE; INVALID_ARGUMENT when out_client is NULL, or a text cannot stand in a header; TLS_FAILED when
/// the system has no certificates. `out_error` may be NULL.
///
/// # Safety
/// `out_client` and `out_error` are NULL or point to memory for a handle.
#[no_mangle]
pub unsafe extern "C" fn mgprint_client_new(
    options: OptionsHandle,
    out_client: *mut ClientHandle,
    out_error: *mut ErrorHandle,
) -> Status {
    // SAFETY: the caller's promises are those of `enter_with_error` and of the write, which is checked for NULL.
    unsafe {
        enter_with_error(out_error, || {
            let out_client = out(out_client)?;
            let client = Client::new(client_options(options)?)?;
            out_client.write(kept(CLIENTS.insert(client))?);
            Ok(())
        })
    }
}

/// Frees a client. 0 is allowed. Operations that run keep what they need. Any thread.
///
/// @return INVALID_HANDLE when it is freed already or never was a client.
#[no_mangle]
pub extern "C" fn mgprint_client_free(client: ClientHandle) -> Status {
    enter(|| if client == 0 { Ok(()) } else { held(CLIENTS.remove(client)).map(drop) })
}
