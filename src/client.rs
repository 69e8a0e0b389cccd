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
use crate::proxy::{Proxy, Tunnels};
use crate::tls;
use crate::transport::{Failed, Transport};

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
    transport: Transport,
    /// The same without a pool, made when it is needed.
    without_pool: OnceCell<Transport>,
    user_agent: HeaderValue,
    tls: ClientConfig,
    connect_timeout: Duration,
    proxy: Option<(Proxy, Arc<Tunnels>)>,
    endpoint: Endpoint,
    access_token: Option<SecretString>,
    sdk_version: HeaderValue,
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
                let tunnels = proxy.tunnels(&tls, &user_agent, connect_timeout)?;
                Some((proxy, Arc::new(tunnels)))
            }
            None => None,
        };
        let transport = Transport::new(&tls, proxy.clone(), connect_timeout, usize::MAX);
        let inner = Inner {
            transport,
            without_pool: OnceCell::new(),
            user_agent,
            tls,
            connect_timeout,
            proxy,
            endpoint: options.endpoint,
            access_token: options.access_token,
            sdk_version,
        };
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

    /// Sends a request with its headers and those of HTTP itself, and answers once the head of the answer is there.
    /// Redirects are not followed. Its activity is told on which connection it goes.
    pub(crate) async fn send(
        &self,
        method: &Method,
        url: &Url,
        headers: HeaderMap,
        body: reqwest::Body,
        activity: &Activity,
    ) -> Result<reqwest::Response, Failed> {
        let mut request = http::Request::builder().method(method).uri(url.as_str()).body(body)?;
        *request.headers_mut() = headers;
        self.transport().send(request, activity).await
    }

    fn transport(&self) -> &Transport {
        let inner = &*self.inner;
        if !self.on_new_connections {
            return &inner.transport;
        }
        inner.without_pool.get_or_init(|| Transport::new(&inner.tls, inner.proxy.clone(), inner.connect_timeout, 0))
    }

    /// Whether the proxy has been asked for a tunnel to this URL's host and has not answered.
    pub(crate) fn waits_for_proxy(&self, url: &Url) -> bool {
        self.inner.proxy.as_ref().is_some_and(|(_, tunnels)| tunnels.are_asked_for(&host_and_port(url)))
    }

    /// The proxy that a request to this URL goes through.
    pub(crate) fn proxy_for(&self, url: &Url) -> Option<&Proxy> {
        self.inner.proxy.as_ref().map(|(proxy, _)| proxy).filter(|proxy| proxy.takes(url))
    }

    pub(crate) fn access_token(&self) -> Option<&SecretString> {
        self.inner.access_token.as_ref()
    }

    pub(crate) fn user_agent(&self) -> &HeaderValue {
        &self.inner.user_agent
    }

    pub(crate) fn sdk_version(&self) -> HeaderValue {
        self.inner.sdk_version.clone()
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
