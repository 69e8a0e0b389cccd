//! One request and its response, over `reqwest::Client`.
//!
//! | module | what it holds |
//! |---|---|
//! | [`client`] | endpoint, token, proxy and time-outs: what a `reqwest::Client` is made from |
//! | `exchange` | one request and its response, bounded in time and size |
//! | `idle_timeout` | an attempt is given up when nothing moves |
//! | `redirect` | which redirects are followed |
//! | `failure` | how the network failed a request, in words |
//! | [`response`] | a response within its bounds, and the JSON in it |
//! | `error_response` | a response that is no success, in the service's words |
//! | `retry` | which failures are worth another try, and when |
//! | [`proxy`] | the proxy, and the hosts that are reached without it |
//! | `tls` | which certificates are trusted, and why not |
//! | [`headers`] | the caller's own headers: which can be sent, and where |
//! | [`endpoint`] | where requests may go: the Graph endpoint and upload URLs |
//! | [`redact`] | what may be shown of a URL, a header, a server's text |

pub mod client;
pub mod endpoint;
pub(crate) mod error_response;
pub(crate) mod exchange;
mod failure;
pub mod headers;
pub(crate) mod idle_timeout;
pub mod proxy;
pub mod redact;
mod redirect;
pub mod response;
pub(crate) mod retry;
mod tls;
