//! The proxy that requests go through, and the hosts that they reach without it.
//!
//! Every request that leaves this machine is encrypted, so the proxy only ever opens a tunnel (CONNECT) and sees no
//! more than the host's name. Nothing goes to loopback through a proxy.

use std::fmt;
use std::net::IpAddr;

use http::HeaderValue;
use ipnet::IpNet;
use secrecy::{ExposeSecret, SecretString};
use url::{Host, Url};

use super::endpoint::is_loopback;
use super::redact;
use crate::error::{Error, ErrorKind, NextStep, Result};

/// A proxy.
#[derive(Clone)]
pub struct Proxy {
    /// Without user name and password.
    address: Url,
    credentials: Option<Credentials>,
    no_proxy: NoProxy,
}

/// A user name and a password (Basic, RFC 7617).
#[derive(Clone)]
struct Credentials {
    user: String,
    password: SecretString,
}

impl Proxy {
    /// Reads an address such as `http://proxy.example.com:8080`; a user name and password may stand in it. Without a
    /// scheme, as environment variables often have it, http is meant.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidProxy`] for what is no http or https address of a host.
    pub fn parse(text: &str) -> Result<Self> {
        // Without the text: where it is no address, nobody can tell what in it is a password.
        let refuse = |why: &str| {
            Error::new(ErrorKind::InvalidProxy, format!("The address of the proxy cannot be used: {why}."))
                .with_next_step(NextStep::GiveProxy)
        };
        let with_scheme = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
        let mut address = Url::parse(&with_scheme).map_err(|_| refuse("it is not an address"))?;
        if !matches!(address.scheme(), "http" | "https") {
            return Err(refuse("only http and https proxies are supported"));
        }
        if address.path().trim_start_matches('/').len() + with_scheme.matches(['?', '#', '\\']).count() > 0 {
            return Err(refuse(
                "it has more than a host and a port, or a user name or password with characters to be escaped",
            ));
        }
        let decode = |part: &str| percent_encoding::percent_decode_str(part).decode_utf8_lossy().into_owned();
        let user = decode(address.username());
        let password = SecretString::new(address.password().map(decode).unwrap_or_default());
        let credentials = (!user.is_empty()).then_some(Credentials { user, password });
        // Only an address without a host refuses these, and http has none such.
        let cleared = address.set_username("").and_then(|()| address.set_password(None));
        cleared.map_err(|()| refuse("it names no host"))?;
        Ok(Proxy { address, credentials, no_proxy: NoProxy::default() })
    }

    /// With a user name and a password for this proxy alone (RFC 7617, Basic).
    #[must_use]
    pub fn with_credentials(mut self, user: impl Into<String>, password: SecretString) -> Self {
        self.credentials = Some(Credentials { user: user.into(), password });
        self
    }

    /// Without the hosts of a `NO_PROXY` list: names with all below them, addresses, networks such as `10.0.0.0/8`, each
    /// with a port or without; `*` for all.
    #[must_use]
    pub fn bypassing(mut self, list: &str) -> Self {
        self.no_proxy = NoProxy::parse(list);
        self
    }

    /// Whether a request to this URL goes through the proxy.
    pub(crate) fn takes(&self, url: &Url) -> bool {
        !is_loopback(url) && !self.no_proxy.covers(url)
    }

    /// The host of the proxy itself, without the brackets of an IPv6 address.
    pub(crate) fn host(&self) -> &str {
        self.address.host_str().unwrap_or_default().trim_matches(['[', ']'])
    }

    /// Whether the connection to the proxy itself is encrypted.
    pub(crate) fn is_https(&self) -> bool {
        self.address.scheme() == "https"
    }

    pub(crate) fn has_credentials(&self) -> bool {
        self.credentials.is_some()
    }

    /// The same for reqwest, which asks for each host whether it goes through the proxy.
    pub(crate) fn to_reqwest(&self) -> Result<reqwest::Proxy> {
        let proxy = self.clone();
        let custom = reqwest::Proxy::custom(move |url| proxy.takes(url).then(|| proxy.address.clone()));
        Ok(match &self.credentials {
            Some(credentials) => custom.custom_http_auth(credentials.to_header()?),
            None => custom,
        })
    }
}

impl Credentials {
    fn to_header(&self) -> Result<HeaderValue> {
        use base64::Engine;
        if self.user.contains(':') {
            return Err(Error::new(
                ErrorKind::InvalidProxy,
                "The user name for the proxy holds a colon, which Basic credentials cannot carry.",
            ));
        }
        let pair = SecretString::new(format!("{}:{}", self.user, self.password.expose_secret()));
        let encoded = base64::engine::general_purpose::STANDARD.encode(pair.expose_secret());
        let value = SecretString::new(format!("Basic {encoded}"));
        let mut value = HeaderValue::from_str(value.expose_secret()).expect("Base64 is ASCII");
        value.set_sensitive(true);
        Ok(value)
    }
}

/// Host and port, for messages; never the password.
impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(redact::url(self.address.as_str()).trim_end_matches('/'))
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proxy({self})")
    }
}

/// A `NO_PROXY` list.
#[derive(Clone, Debug, Default)]
struct NoProxy(Vec<(Target, Option<u16>)>);

#[derive(Clone, Debug)]
enum Target {
    All,
    Network(IpNet),
    Domain(String),
}

impl NoProxy {
    fn parse(list: &str) -> Self {
        NoProxy(list.split([',', ' ', ';']).map(str::trim).filter(|entry| !entry.is_empty()).map(Self::entry).collect())
    }

    fn entry(entry: &str) -> (Target, Option<u16>) {
        if entry == "*" {
            return (Target::All, None);
        }
        if let Some(network) = network(entry) {
            return (Target::Network(network), None);
        }
        let (name, port) = match entry.rsplit_once(':').map(|(name, port)| (name, port.parse())) {
            Some((name, Ok(port))) => (name, Some(port)),
            _ => (entry, None),
        };
        let target = network(name).map_or_else(
            || Target::Domain(name.trim_start_matches("*.").trim_matches('.').to_ascii_lowercase()),
            Target::Network,
        );
        (target, port)
    }

    fn covers(&self, url: &Url) -> bool {
        let port = url.port_or_known_default();
        self.0.iter().any(|(target, only_port)| (only_port.is_none() || *only_port == port) && target.covers(url))
    }
}

fn network(text: &str) -> Option<IpNet> {
    let text = text.trim_start_matches('[').trim_end_matches(']');
    text.parse::<IpNet>().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

impl Target {
    fn covers(&self, url: &Url) -> bool {
        match (self, url.host()) {
            (Self::All, _) => true,
            (Self::Network(network), Some(Host::Ipv4(address))) => network.contains(&IpAddr::from(address)),
            (Self::Network(network), Some(Host::Ipv6(address))) => network.contains(&IpAddr::from(address)),
            (Self::Domain(domain), Some(Host::Domain(host))) => {
                let host = host.trim_end_matches('.');
                host == domain || host.strip_suffix(domain.as_str()).is_some_and(|before| before.ends_with('.'))
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_taken_from_the_address_and_never_shown() {
        let proxy = Proxy::parse("user:p%40ss@proxy.example.com:8080").unwrap();
        assert_eq!(proxy.to_string(), "http://proxy.example.com:8080");
        let Some(Credentials { user, password }) = &proxy.credentials else { panic!("no credentials") };
        assert_eq!((user.as_str(), password.expose_secret().as_str()), ("user", "p@ss"));
        assert!(!format!("{proxy:?}").contains("p@ss"));
        for bad in ["", "socks5://proxy", "ftp://u:CANARY@proxy", "http://u:CANARY@"] {
            let error = Proxy::parse(bad).expect_err(bad);
            assert_eq!(error.kind(), ErrorKind::InvalidProxy);
            assert!(!error.message().contains("CANARY"), "{error}");
        }
    }

    fn takes(list: &str, url: &str) -> bool {
        Proxy::parse("http://proxy:8080").unwrap().bypassing(list).takes(&url.parse().unwrap())
    }

    #[test]
    fn loopback_never_goes_through_a_proxy() {
        for url in ["http://127.0.0.1:5/", "http://localhost/", "http://[::1]:9/", "http://127.9.9.9/"] {
            assert!(!takes("", url), "{url}");
        }
        assert!(takes("", "https://graph.microsoft.com/"));
    }

    #[test]
    fn the_list_names_hosts_domains_networks_and_ports() {
        for (list, url, through) in [
            ("graph.microsoft.com", "https://graph.microsoft.com/", false),
            ("microsoft.com", "https://graph.microsoft.com/", false),
            (".microsoft.com, x", "https://GRAPH.microsoft.com/", false),
            ("*.microsoft.com", "https://graph.microsoft.com/", false),
            ("soft.com", "https://graph.microsoft.com/", true),
            ("microsoft.com:8443", "https://graph.microsoft.com/", true),
            ("microsoft.com:443", "https://graph.microsoft.com/", false),
            ("10.0.0.0/8", "https://10.2.3.4/", false),
            ("10.0.0.0/8", "https://11.2.3.4/", true),
            ("10.1.1.1:443", "https://10.1.1.1/", false),
            ("fd00::/8", "https://[fd00::1]/", false),
            ("*", "https://graph.microsoft.com/", false),
            (" , ;", "https://graph.microsoft.com/", true),
        ] {
            assert_eq!(takes(list, url), through, "{list} {url}");
        }
    }
}
