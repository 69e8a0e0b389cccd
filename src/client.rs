//! A client: where Graph is, who is asking, and one pool of connections.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, HeaderValue, Method};
use once_cell::sync::OnceCell;
use rustls::ClientConfig;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::activity::Activity;
use crate::endpoint::{host_and_port, Endpoint};
use crate::error::{Error, ErrorKind, Result};
use crate::proxy::{Proxy, Refusal, Relay};
use crate::tls;
use crate::transport::{Failed, ToGraph, IDLE, LOCALHOST};

/// What a client is made from. The environment is not read: a host that wants it reads it itself.
#[derive(Clone)]
pub struct ClientOptions {
    /// Where Graph requests and the token go.
    pub endpoint: Endpoint,
    /// The bearer token, without the word `Bearer`. Not needed to send bytes to an upload URL.
    pub access_token: Option<SecretString>,
    /// The whole `User-Agent`.
    pub user_agent: String,
    /// The value of the `SdkVersion` header of Graph requests.
    pub sdk_version: String,
    /// How long a connection may take to stand, TLS included.
    pub connect_timeout: Duration,
    /// The proxy that requests go through, except to loopback and to the hosts that it is told to leave out.
    pub proxy: Option<Proxy>,
    /// A file of certificates in PEM form that are trusted beside the system's.
    pub ca_file: Option<PathBuf>,
}

impl Default for ClientOptions {
    fn default() -> Self {
        ClientOptions {
            endpoint: Endpoint::default(),
            access_token: None,
            user_agent: concat!("mgprint/", env!("CARGO_PKG_VERSION")).to_owned(),
            sdk_version: concat!("mgprint/", env!("CARGO_PKG_VERSION")).to_owned(),
            connect_timeout: Duration::from_secs(30),
            proxy: None,
            ca_file: None,
        }
    }
}

impl fmt::Debug for ClientOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientOptions")
            .field("endpoint", &self.endpoint)
            .field("access_token", &self.access_token.is_some())
            .field("user_agent", &self.user_agent)
            .field("connect_timeout", &self.connect_timeout)
            .field("proxy", &self.proxy)
            .field("ca_file", &self.ca_file)
            .finish_non_exhaustive()
    }
}

/// A client. Clones share the pool of connections; any number of calls may run at once, within one runtime.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
    /// No connection is used that was used before.
    on_new_connections: bool,
}

struct Inner {
    graph: ToGraph,
    /// Made when it is needed.
    uploads: OnceCell<reqwest::Client>,
    /// The same without a pool.
    uploads_without_pool: OnceCell<reqwest::Client>,
    library: Library,
    endpoint: Endpoint,
    access_token: Option<SecretString>,
    sdk_version: HeaderValue,
}

/// What the HTTP libraries' clients are made from.
struct Library {
    user_agent: HeaderValue,
    tls: ClientConfig,
    connect_timeout: Duration,
    proxy: Option<(Proxy, Arc<Relay>)>,
}

/// Whom a request is for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Receiver {
    /// The service, or whatever a step of the caller's puts in its place.
    Graph,
    /// An upload URL.
    Session,
}

impl Client {
    /// Makes a client. Nothing is sent.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] for a user agent, SDK version or token that cannot stand in a header, and for a
    /// file of certificates that cannot be read; [`ErrorKind::InvalidProxy`].
    pub fn new(options: ClientOptions) -> Result<Self> {
        let user_agent = header_value("user agent", &options.user_agent)?;
        let sdk_version = header_value("SDK version", &options.sdk_version)?;
        if let Some(token) = &options.access_token {
            check_token(token.expose_secret())?;
        }
        let (tls, connect_timeout) = (tls::config(options.ca_file.as_deref())?, options.connect_timeout);
        let proxy = match options.proxy {
            Some(proxy) => {
                let relay = proxy.relay(&tls, &user_agent, connect_timeout)?;
                Some((proxy, Arc::new(relay)))
            }
            None => None,
        };
        let library = Library { user_agent, tls, connect_timeout, proxy };
        let graph = ToGraph::new(&library.tls, library.proxy.clone(), library.connect_timeout);
        let (uploads, uploads_without_pool) = (OnceCell::new(), OnceCell::new());
        let (endpoint, access_token) = (options.endpoint, options.access_token);
        let inner = Inner { graph, uploads, uploads_without_pool, library, endpoint, access_token, sdk_version };
        Ok(Client { inner: Arc::new(inner), on_new_connections: false })
    }

    /// Where Graph requests go.
    pub fn endpoint(&self) -> &Endpoint {
        &self.inner.endpoint
    }

    /// The same client, which uses no connection that was used before: for a line on which those do not last.
    pub(crate) fn on_new_connections(&self) -> Self {
        Client { inner: Arc::clone(&self.inner), on_new_connections: true }
    }

    /// Sends a request, and answers once the head of the answer is there. Redirects are not followed. Its activity hears
    /// what comes in, where the library tells on which connection.
    pub(crate) async fn send(
        &self,
        to: Receiver,
        method: &Method,
        url: &Url,
        headers: HeaderMap,
        body: reqwest::Body,
        activity: &Activity,
    ) -> Result<reqwest::Response, Failed> {
        match to {
            Receiver::Graph => {
                let mut request = http::Request::builder().method(method).uri(url.as_str()).body(body)?;
                *request.headers_mut() = headers;
                self.inner.graph.send(request, activity).await
            }
            Receiver::Session => {
                let request = self.uploads()?.request(method.clone(), url.clone()).headers(headers).body(body);
                Ok(request.send().await?)
            }
        }
    }

    fn uploads(&self) -> Result<&reqwest::Client> {
        let inner = &*self.inner;
        let (kept, most_idle) =
            if self.on_new_connections { (&inner.uploads_without_pool, 0) } else { (&inner.uploads, usize::MAX) };
        let client = kept.get_or_try_init(|| inner.library.client(most_idle))?;
        if let Some((_, relay)) = &inner.library.proxy {
            relay.serve();
        }
        Ok(client)
    }

    /// Whether the proxy has been asked for a tunnel to this URL's host and has not answered.
    pub(crate) fn waits_for_proxy(&self, url: &Url) -> bool {
        self.inner.library.proxy.as_ref().is_some_and(|(_, relay)| relay.is_asking(&host_and_port(url)))
    }

    /// Why the proxy opened no tunnel to this URL's host the last time.
    pub(crate) fn proxy_refusal(&self, url: &Url) -> Option<Refusal> {
        self.inner.library.proxy.as_ref()?.1.refusal(&host_and_port(url))
    }

    /// The proxy that a request to this URL goes through.
    pub(crate) fn proxy_for(&self, url: &Url) -> Option<&Proxy> {
        self.inner.library.proxy.as_ref().map(|(proxy, _)| proxy).filter(|proxy| proxy.takes(url))
    }

    /// The ports to which the bytes of a request to this URL go, one after the other.
    pub(crate) fn ports_towards(&self, to: Receiver, url: &Url) -> Vec<u16> {
        match &self.inner.library.proxy {
            Some((proxy, relay)) if proxy.takes(url) => {
                if matches!(to, Receiver::Session) {
                    // Opens the door; where it cannot be, the request says so.
                    let _ = self.uploads();
                }
                relay.ports()
            }
            _ => url.port_or_known_default().into_iter().collect(),
        }
    }

    pub(crate) fn access_token(&self) -> Option<&SecretString> {
        self.inner.access_token.as_ref()
    }

    pub(crate) fn user_agent(&self) -> &HeaderValue {
        &self.inner.library.user_agent
    }

    pub(crate) fn sdk_version(&self) -> HeaderValue {
        self.inner.sdk_version.clone()
    }
}

impl Library {
    /// A client that keeps so many connections of each host for later.
    fn client(&self, most_idle: usize) -> Result<reqwest::Client> {
        let mut builder = reqwest::Client::builder()
            .use_preconfigured_tls(self.tls.clone())
            .http1_only()
            // Proxies come from the options alone, and redirects are followed by hand: see `exchange`.
            .no_proxy()
            .referer(false)
            .redirect(reqwest::redirect::Policy::none())
            .resolve_to_addrs(LOCALHOST.0, &LOCALHOST.1)
            .connect_timeout(self.connect_timeout)
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(most_idle);
        if let Some((proxy, relay)) = &self.proxy {
            builder = builder.proxy(proxy.to_reqwest(relay)?);
        }
        builder.build().map_err(|error| {
            Error::new(ErrorKind::TlsFailed, format!("Connections cannot be set up on this machine: {error}."))
        })
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("endpoint", &self.inner.endpoint).finish_non_exhaustive()
    }
}

fn header_value(what: &str, value: &str) -> Result<HeaderValue> {
    HeaderValue::from_str(value).map_err(|_| {
        Error::new(ErrorKind::InvalidArgument, format!("The {what} holds characters that cannot stand in a header."))
    })
}

fn check_token(token: &str) -> Result<()> {
    let fits = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
    if fits {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::InvalidArgument,
        "The access token is empty, or holds spaces, line breaks or other characters that no token has.",
    )
    .with_next_step("Give the token alone, without the word Bearer, on one line."))
}
