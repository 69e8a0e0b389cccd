//! What carries requests: hyper, on which reqwest stands, over connections that are made here.
//!
//! reqwest's own client adds an `Accept: */*` to every request, keeps to itself what a proxy answers, and does not show on
//! which connection a request goes: whether a byte moves on it could only be guessed. Its bodies and answers are used.

use std::error::Error as StdError;
use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Extensions, Request, Uri};
use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use hyper_util::client::legacy::connect::{capture_connection, HttpConnector};
use hyper_util::client::legacy::{Client, Error as LibraryError};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls::pki_types::ServerName;
use rustls::ClientConfig;
use tokio_rustls::TlsConnector;
use tower_service::Service;
use url::{Host, Url};

use crate::activity::Activity;
use crate::endpoint::host_and_port;
use crate::error::{self, Error};
use crate::line::{Latest, Line, Wire};
use crate::proxy::{Proxy, Tunnels};

/// How long a connection that nobody uses is kept.
pub(crate) const IDLE: Duration = Duration::from_secs(90);

/// `localhost` is loopback by definition (RFC 6761, section 6.3), whatever a resolver says.
pub(crate) const LOCALHOST: (&str, [SocketAddr; 2]) = (
    "localhost",
    [SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0), SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), 0)],
);

type BoxError = Box<dyn StdError + Send + Sync>;
type Promise<T> = Pin<Box<dyn Future<Output = Result<T, BoxError>> + Send>>;

/// What a library said of a request that failed.
#[derive(Debug)]
pub(crate) struct Failed {
    pub(crate) error: BoxError,
    pub(crate) stage: Stage,
}

/// How far a request came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// It is no request that can be sent.
    Request,
    /// No connection came to stand.
    Connection,
    /// The same, in the time that it has.
    LateConnection,
    /// It was on its way, or its answer's head was.
    Exchange,
    /// In the middle of its answer's body.
    Body,
}

impl From<reqwest::Error> for Failed {
    fn from(error: reqwest::Error) -> Self {
        // It reads answers, and nothing else here.
        let stage = if error.is_decode() { Stage::Body } else { Stage::Exchange };
        Failed { error: error.into(), stage }
    }
}

impl From<LibraryError> for Failed {
    fn from(error: LibraryError) -> Self {
        let stage = match error.is_connect() {
            true if error::took_too_long(&error) => Stage::LateConnection,
            true => Stage::Connection,
            false => Stage::Exchange,
        };
        Failed { error: error.into(), stage }
    }
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Failed { error: error.into(), stage: Stage::Request }
    }
}

impl From<http::Error> for Failed {
    fn from(error: http::Error) -> Self {
        Failed { error: error.into(), stage: Stage::Request }
    }
}

/// What sends requests over connections that it makes, and keeps for the next.
pub(crate) struct Transport {
    library: Client<Connector, reqwest::Body>,
    making: Arc<Latest>,
}

impl Transport {
    /// `most_idle` connections of each host are kept.
    pub(crate) fn new(
        tls: &ClientConfig,
        proxy: Option<(Proxy, Arc<Tunnels>)>,
        patience: Duration,
        most_idle: usize,
    ) -> Self {
        let mut line = HttpConnector::new_with_resolver(Resolver(GaiResolver::new()));
        line.enforce_http(false);
        line.set_nodelay(true);
        // Parted among the addresses of a name.
        line.set_connect_timeout(Some(patience));
        let making = Arc::new(Latest::now());
        let connector = Connector {
            making: Arc::clone(&making),
            line,
            tls: TlsConnector::from(Arc::new(tls.clone())),
            proxy,
            patience,
        };
        let library = Client::builder(TokioExecutor::new())
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(most_idle)
            .pool_timer(TokioTimer::new())
            .build(connector);
        Transport { library, making }
    }

    /// Sends a request with its headers and those of HTTP itself, and answers once the head of the answer is there.
    pub(crate) async fn send(
        &self,
        mut request: Request<reqwest::Body>,
        activity: &Activity,
    ) -> Result<reqwest::Response, Failed> {
        let captured = capture_connection(&mut request);
        let making = Wire::in_the_making(&self.making);
        activity.is_on(move || {
            let mut extensions = Extensions::new();
            if let Some(connected) = captured.connection_metadata().as_ref() {
                connected.get_extras(&mut extensions);
            }
            Some(Wire::of(&extensions).unwrap_or_else(|| making.clone()))
        });
        let answer = self.library.request(request).await?;
        Ok(answer.map(reqwest::Body::wrap).into())
    }
}

/// Makes connections: directly or through the proxy, in the clear to loopback alone.
#[derive(Clone)]
struct Connector {
    /// Hears what comes in on all that it makes.
    making: Arc<Latest>,
    line: HttpConnector<Resolver>,
    tls: TlsConnector,
    proxy: Option<(Proxy, Arc<Tunnels>)>,
    /// How long a connection may take to stand, TLS included.
    patience: Duration,
}

impl Connector {
    async fn connect(mut self, to: Uri) -> Result<Line, BoxError> {
        let url = Url::parse(&to.to_string())?;
        let line: Line = match self.proxy.as_ref().filter(|(proxy, _)| proxy.takes(&url)) {
            Some((_, tunnels)) => tunnels.open(&host_and_port(&url), &self.making).await?,
            None => Line::over(self.line.call(to).await?.into_inner(), &self.making),
        };
        if url.scheme() != "https" {
            return Ok(line);
        }
        let name = match url.host() {
            Some(Host::Domain(name)) => ServerName::try_from(name.to_owned())?,
            Some(Host::Ipv4(address)) => IpAddr::from(address).into(),
            Some(Host::Ipv6(address)) => IpAddr::from(address).into(),
            None => return Err("no host".into()),
        };
        let wire = line.wire();
        Ok(Line::within(self.tls.connect(name, line).await?, wire))
    }
}

impl Service<Uri> for Connector {
    type Response = TokioIo<Line>;
    type Error = BoxError;
    type Future = Promise<Self::Response>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.line.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        let (patience, connecting) = (self.patience, self.clone().connect(to));
        Box::pin(async move {
            let connected = tokio::time::timeout(patience, connecting).await;
            Ok(TokioIo::new(connected.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??))
        })
    }
}

/// The system's resolver, but for the one name that needs none.
#[derive(Clone)]
struct Resolver(GaiResolver);

impl Service<Name> for Resolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let (localhost, loopback) = LOCALHOST;
        if name.as_str().eq_ignore_ascii_case(localhost) {
            return Box::pin(std::future::ready(Ok(Vec::from(loopback).into_iter())));
        }
        let found = self.0.call(name);
        Box::pin(async move { Ok(found.await?.collect::<Vec<_>>().into_iter()) })
    }
}
