//! The options of one call.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;

use crate::event::{Event, Observer, Unobserved};
use crate::http::client::Client;
use crate::http::endpoint::Endpoint;
use crate::http::headers::UploadHeaders;
use crate::log_level::LogLevel;

/// Time-outs, retries, headers, and the observer.
#[derive(Clone)]
pub struct CallOptions {
    /// How long no byte may move, either way, before an attempt is given up.
    pub idle_timeout: Duration,
    /// How many consecutive tries without progress may follow the first; `None` for the call's own default: 3 for a
    /// Graph request, 8 for an upload.
    pub max_retry: Option<u32>,
    /// Of requests to an upload URL: the caller's own headers, beside the protocol's.
    pub upload_headers: UploadHeaders,
    /// How long to wait before the first retry of a Graph request, to the letter; `None` for up to a second. Each further
    /// wait is twice as long, up to half a minute.
    pub retry_delay: Option<Duration>,
    /// Gives another token when the service refuses the client's.
    pub renewal: Option<Arc<dyn TokenRenewal>>,
    /// Receives the events.
    pub observer: Arc<dyn Observer>,
}

/// A source of access tokens.
pub trait TokenRenewal: Send + Sync {
    /// A client of the same service with another token; `None` when there is none. `claims` is what the service asks
    /// of it, in base64, as its challenge says.
    fn renewed(&self, endpoint: &Endpoint, claims: Option<String>) -> BoxFuture<'static, Option<Client>>;

    /// The one that it gave last.
    fn latest(&self) -> Option<Client> {
        None
    }
}

impl CallOptions {
    pub(crate) fn warn(&self, text: String) {
        self.observer.event(Event::Log { level: LogLevel::Warning, text });
    }

    pub(crate) fn verbose(&self, line: impl FnOnce() -> String) {
        self.log(LogLevel::Verbose, line);
    }

    pub(crate) fn debug(&self, line: impl FnOnce() -> String) {
        self.log(LogLevel::Debug, line);
    }

    fn log(&self, level: LogLevel, line: impl FnOnce() -> String) {
        if self.observer.log_level() >= level {
            self.observer.event(Event::Log { level, text: line() });
        }
    }
}

impl Default for CallOptions {
    fn default() -> Self {
        CallOptions {
            idle_timeout: Duration::from_secs(60),
            max_retry: None,
            retry_delay: None,
            renewal: None,
            upload_headers: UploadHeaders::default(),
            observer: Arc::new(Unobserved),
        }
    }
}
