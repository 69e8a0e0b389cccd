//! A client: where Graph is, who is asking, and one pool of connections.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::endpoint::Endpoint;
use crate::error::{Error, ErrorKind, Result};
use crate::proxy::{Proxy, Refusal, Relay};
use crate::tls;

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

/// A client. Clones share the pool of connections; any number of calls may run at once.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    http: reqwest::Client,
    endpoint: Endpoint,
    access_token: Option<SecretString>,
    user_agent: HeaderValue,
    sdk_version: HeaderValue,
    proxy: Option<Proxy>,
    relay: Option<Relay>,
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
        let tls = tls::config(options.ca_file.as_deref())?;
        let relay = options.proxy.as_ref().map(|proxy| proxy.relay(&tls, &user_agent, options.connect_timeout));
        let relay = relay.transpose()?;
        let mut builder = reqwest::Client::builder()
            .user_agent(user_agent.clone())
            .use_preconfigured_tls(tls)
            .http1_only()
            // Proxies come from the options alone, and redirects are followed by hand: see `exchange`.
            .no_proxy()
            .referer(false)
            .redirect(reqwest::redirect::Policy::none())
            // `localhost` is loopback by definition (RFC 6761, section 6.3), whatever a resolver says.
            .resolve_to_addrs("localhost", &[([127, 0, 0, 1], 0).into(), ([0, 0, 0, 0, 0, 0, 0, 1], 0).into()])
            .connect_timeout(options.connect_timeout)
            .pool_idle_timeout(Duration::from_secs(90));
        if let (Some(proxy), Some(relay)) = (&options.proxy, &relay) {
            builder = builder.proxy(proxy.to_reqwest(relay));
        }
        let http = builder.build().map_err(|error| {
            Error::new(ErrorKind::TlsFailed, format!("Connections cannot be set up on this machine: {error}."))
        })?;
        let (endpoint, access_token) = (options.endpoint, options.access_token);
        Ok(Client {
            inner: Arc::new(Inner {
                http,
                endpoint,
                access_token,
                user_agent,
                sdk_version,
                proxy: options.proxy,
                relay,
            }),
        })
    }

    /// Where Graph requests go.
    pub fn endpoint(&self) -> &Endpoint {
        &self.inner.endpoint
    }

    /// The library's client; to be asked for within a runtime.
    pub(crate) fn http(&self) -> &reqwest::Client {
        if let Some(relay) = &self.inner.relay {
            relay.serve();
        }
        &self.inner.http
    }

    /// Whether the proxy has been asked for a tunnel and has not answered.
    pub(crate) fn waits_for_proxy(&self) -> bool {
        self.inner.relay.as_ref().is_some_and(Relay::is_asking)
    }

    /// Why the proxy opened no tunnel the last time.
    pub(crate) fn proxy_refusal(&self) -> Option<Refusal> {
        self.inner.relay.as_ref()?.refusal()
    }

    /// The proxy that a request to this URL goes through.
    pub(crate) fn proxy_for(&self, url: &Url) -> Option<&Proxy> {
        self.inner.proxy.as_ref().filter(|proxy| proxy.takes(url))
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
