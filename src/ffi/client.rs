//! Clients.

use std::sync::Arc;

use super::entry::Entry;
use super::error_view::ErrorHandle;
use super::guard::{give, run};
use super::handle::Registry;
use super::option_key::Scope;
use super::options::{options, OptionsHandle};
use super::runtime::runtime;
use super::settings::Settings;
use crate::http::client::Client;
use crate::status::Status;

/// A client; freed with mgprint_client_free.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ClientHandle {
    /// 0 for none.
    pub id: u64,
}

static CLIENTS: Registry<KeptClient> = Registry::new(0x02);

pub(super) struct KeptClient {
    pub(super) client: Client,
    /// What its operations run with where their own options say nothing else.
    defaults: Settings,
}

impl KeptClient {
    /// The settings of one operation.
    pub(super) fn settings(&self, handle: OptionsHandle, scope: Scope) -> Entry<Settings> {
        Ok(self.defaults.with(options(handle, scope)?))
    }
}

pub(super) fn client(handle: ClientHandle) -> Entry<Arc<KeptClient>> {
    CLIENTS.get(handle.id)
}

/// Makes a client: an endpoint, a token, one pool of connections, and the threads that operations run on. Share one
/// between calls and threads. Nothing is sent. What `options` say of operations, such as time-outs, its operations keep to
/// where their own options say nothing else; options of one operation alone are refused. {0} stands for the defaults.
///
/// @return INVALID_ARGUMENT for an option that cannot stand here, or a text that cannot stand in a header; INVALID_PROXY;
/// TLS_FAILED when the system has no certificates; SYSTEM_LIMIT when it has no thread; INVALID_STATE after a fork.
#[no_mangle]
pub unsafe extern "C" fn mgprint_client_new(
    options: OptionsHandle,
    out_client: *mut ClientHandle,
    out_error: *mut ErrorHandle,
) -> Status {
    // SAFETY: the host's promises.
    unsafe {
        give(out_client, out_error, || {
            let settings = self::options(options, Scope::CLIENT)?;
            runtime()?;
            let client = Client::new(settings.client()?)?;
            Ok(ClientHandle { id: CLIENTS.insert(KeptClient { client, defaults: settings.defaults() }) })
        })
    }
}

/// Frees a client. Operations that run keep what they need.
#[no_mangle]
pub extern "C" fn mgprint_client_free(client: ClientHandle) -> Status {
    run(|| CLIENTS.free(client.id))
}
