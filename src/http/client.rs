//! A client: where Graph is, who is asking, and one pool of connections.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use once_cell::sync::OnceCell;
use rustls::ClientConfig;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::endpoint::Endpoint;
use super::proxy::Proxy;
use super::tls;
use crate::error::{Error, ErrorKind, Result};

/// How long a connection is kept that is not in use.
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(90);

/// What a client is made from. The environment is not read: a host that wants it reads it itself.
#[derive(Clone, Debug)]
pub struct ClientOptions {
    /// Where Graph requests and the token go.
    pub endpoint: Endpoint,
    /// The bearer token, without the word `Bearer`. Not needed to send bytes to an upload URL.
    pub access_token: Option<SecretString>,
    /// The whole `User-Agent`.
    pub user_agent: String,
    /// The value of the `SdkVersion` header of Graph requests.
    pub sdk_version: String,
    /// How long connecting may take, the proxy's tunnel and TLS included.
    pub connect_timeout: Duration,
    /// The proxy that requests go through, except to loopback and to the hosts that it leaves out.
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

/// A client. Clones share the pool of connections; any number of calls may run at once, within one runtime.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
    /// Each request has a connection of its own.
    on_new_connections: bool,
}

struct Inner {
    pooled: reqwest::Client,
    /// The same without a pool, made when it is needed.
    unpooled: OnceCell<reqwest::Client>,
    settings: Settings,
    endpoint: Endpoint,
    access_token: Option<SecretString>,
    sdk_version: HeaderValue,
}

/// What a `reqwest::Client` is made from.
struct Settings {
    user_agent: HeaderValue,
    tls: ClientConfig,
    connect_timeout: Duration,
    proxy: Option<Proxy>,
}

impl Settings {
    /// `pool_size` idle connections of each host are kept. Nothing is taken from the environment, and nothing is followed
    /// or added that a caller did not ask for.
    fn build(&self, pool_size: usize) -> Result<reqwest::Client> {
        let mut builder = reqwest::Client::builder()
            .use_preconfigured_tls(self.tls.clone())
            // For the CONNECT to a proxy; each request brings its own.
            .user_agent(&self.user_agent)
            .connect_timeout(self.connect_timeout)
            .pool_idle_timeout(POOL_IDLE_TIMEOUT)
            .pool_max_idle_per_host(pool_size)
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .http1_only()
            // It is loopback by definition (RFC 6761, section 6.3), whatever a resolver says.
            .resolve_to_addrs("localhost", &[(Ipv4Addr::LOCALHOST, 0).into(), (Ipv6Addr::LOCALHOST, 0).into()])
            .no_proxy();
        if let Some(proxy) = &self.proxy {
            builder = builder.proxy(proxy.to_reqwest()?);
        }
        builder.build().map_err(|_| Error::new(ErrorKind::Internal, "The HTTP client cannot be set up."))
    }
}

impl Client {
    /// Makes a client. Nothing is sent.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] for a user agent, SDK version or token that cannot stand in a header, and for a
    /// file of certificates that cannot be read; [`ErrorKind::InvalidProxy`].
    pub fn new(options: ClientOptions) -> Result<Self> {
        if let Some(token) = &options.access_token {
            check_token(token.expose_secret())?;
        }
        let settings = Settings {
            user_agent: header_value("user agent", &options.user_agent)?,
            tls: tls::config(options.ca_file.as_deref())?,
            connect_timeout: options.connect_timeout,
            proxy: options.proxy,
        };
        let inner = Inner {
            pooled: settings.build(usize::MAX)?,
            unpooled: OnceCell::new(),
            settings,
            endpoint: options.endpoint,
            access_token: options.access_token,
            sdk_version: header_value("SDK version", &options.sdk_version)?,
        };
        Ok(Client { inner: Arc::new(inner), on_new_connections: false })
    }

    /// Where Graph requests go.
    pub fn endpoint(&self) -> &Endpoint {
        &self.inner.endpoint
    }

    /// The same client with a new connection for each request: for networks that close connections early.
    pub(crate) fn on_new_connections(&self) -> Self {
        Client { inner: Arc::clone(&self.inner), on_new_connections: true }
    }

    /// What sends requests: no redirects, no headers but the caller's and HTTP's own.
    pub(crate) fn http(&self) -> Result<&reqwest::Client> {
        let inner = &*self.inner;
        match self.on_new_connections {
            true => inner.unpooled.get_or_try_init(|| inner.settings.build(0)),
            false => Ok(&inner.pooled),
        }
    }

    /// The proxy that a request to this URL goes through.
    pub(crate) fn proxy_for(&self, url: &Url) -> Option<&Proxy> {
        self.inner.settings.proxy.as_ref().filter(|proxy| proxy.takes(url))
    }

    pub(crate) fn user_agent(&self) -> &HeaderValue {
        &self.inner.settings.user_agent
    }

    pub(crate) fn access_token(&self) -> Option<&SecretString> {
        self.inner.access_token.as_ref()
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
    if !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::InvalidArgument,
        "The access token is empty, or holds spaces, line breaks or other characters that no token has.",
    )
    .with_next_step("Give the token alone, without the word Bearer, on one line."))
}
