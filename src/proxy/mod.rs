//! The proxy that requests go through, and the hosts that they reach without it.
//!
//! Every request that leaves this machine is encrypted, so the proxy only ever opens a tunnel (CONNECT) and sees no
//! more than the host's name. Nothing goes to loopback through a proxy.

mod bypass;
pub mod sign_in;
#[cfg(windows)]
mod sspi;
mod tunnel;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use rustls::ClientConfig;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::endpoint::is_loopback;
use crate::error::{Error, ErrorKind, Result};
use crate::redact;
use bypass::Bypass;
use sign_in::SecurityInterface;
pub(crate) use tunnel::{Refusal, Tunnels, NO_ANSWER};

/// A proxy.
#[derive(Clone)]
pub struct Proxy {
    /// Without user name and password.
    address: Url,
    login: Option<Login>,
    bypass: Bypass,
}

/// How the proxy learns who we are.
#[derive(Clone)]
enum Login {
    /// A name and a password (RFC 7617).
    Basic(String, SecretString),
    /// Tokens in place of a password.
    Tokens(Arc<dyn SecurityInterface>),
}

/// The same, ready to be sent.
enum Credentials {
    Basic(HeaderValue),
    Tokens(Arc<dyn SecurityInterface>),
}

impl Proxy {
    /// Reads an address such as `http://proxy.example.com:8080`; a user name and password may stand in it. Without a
    /// scheme, as environment variables often have it, http is meant.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidProxy`] for what is no http or https address of a host.
    pub fn parse(text: &str) -> Result<Self> {
        let refuse = |why: &str| {
            Error::new(ErrorKind::InvalidProxy, format!("The proxy '{}' cannot be used: {why}.", redact::url(text)))
                .with_next_step("Give an address such as http://proxy.example.com:8080.")
        };
        let with_scheme = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
        let mut address = Url::parse(&with_scheme).map_err(|_| refuse("it is not an address"))?;
        if !matches!(address.scheme(), "http" | "https") {
            return Err(refuse("only http and https proxies are supported"));
        }
        let decode = |part: &str| percent_encoding::percent_decode_str(part).decode_utf8_lossy().into_owned();
        let name = decode(address.username());
        let password = address.password().map(|password| SecretString::new(decode(password)));
        let login = (!name.is_empty())
            .then(|| Login::Basic(name, password.unwrap_or_else(|| SecretString::new(String::new()))));
        // Only an address without a host refuses these, and http has none such.
        let cleared = address.set_username("").and_then(|()| address.set_password(None));
        cleared.map_err(|()| refuse("it names no host"))?;
        Ok(Proxy { address, login, bypass: Bypass::default() })
    }

    /// With a user name and a password for this proxy alone (RFC 7617, Basic).
    #[must_use]
    pub fn with_credentials(mut self, name: impl Into<String>, password: SecretString) -> Self {
        self.login = Some(Login::Basic(name.into(), password));
        self
    }

    /// Signing in as the user of this process, with Negotiate or NTLM, by the platform's own security interface.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidProxy`] where the platform has none: everywhere but on Windows.
    pub fn with_default_credentials(self) -> Result<Self> {
        #[cfg(windows)]
        return Ok(self.signing_in_by(Arc::new(sspi::Sspi)));
        #[cfg(not(windows))]
        Err(Error::new(
            ErrorKind::InvalidProxy,
            format!("Signing in at the proxy {self} as the user of this process needs the security interface of Windows, which this system does not have."),
        )
        .with_next_step("Give the user name and the password for the proxy."))
    }

    /// Signing in with tokens of a security interface, such as a Kerberos library.
    #[must_use]
    pub fn signing_in_by(mut self, security: Arc<dyn SecurityInterface>) -> Self {
        self.login = Some(Login::Tokens(security));
        self
    }

    /// Without the hosts of a `NO_PROXY` list: names with all below them, addresses, networks such as `10.0.0.0/8`, each
    /// with a port or without; `*` for all.
    #[must_use]
    pub fn bypassing(mut self, list: &str) -> Self {
        self.bypass = Bypass::parse(list);
        self
    }

    /// Whether a request to this URL goes through the proxy.
    pub(crate) fn takes(&self, url: &Url) -> bool {
        !is_loopback(url) && !self.bypass.covers(url)
    }

    /// The way to this proxy.
    pub(crate) fn tunnels(&self, tls: &ClientConfig, user_agent: &HeaderValue, patience: Duration) -> Result<Tunnels> {
        let credentials = match &self.login {
            None => None,
            Some(Login::Basic(name, password)) => Some(Credentials::Basic(basic(name, password)?)),
            Some(Login::Tokens(security)) => Some(Credentials::Tokens(Arc::clone(security))),
        };
        let (proxy, tls) = (self.address.clone(), Arc::new(tls.clone()));
        // The whole connection has as long, and then less is known of why there is none.
        let patience = patience - patience / 10;
        Ok(Tunnels::new(proxy, credentials, tls, user_agent.clone(), patience))
    }
}

fn basic(name: &str, password: &SecretString) -> Result<HeaderValue> {
    use base64::Engine;
    if name.contains(':') {
        return Err(Error::new(
            ErrorKind::InvalidProxy,
            "The user name for the proxy holds a colon, which Basic credentials cannot carry.",
        ));
    }
    let pair = SecretString::new(format!("{name}:{}", password.expose_secret()));
    let value =
        SecretString::new(format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair.expose_secret())));
    let mut value = HeaderValue::from_str(value.expose_secret()).expect("Base64 is ASCII");
    value.set_sensitive(true);
    Ok(value)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_taken_from_the_address_and_never_shown() {
        let proxy = Proxy::parse("user:p%40ss@proxy.example.com:8080").unwrap();
        assert_eq!(proxy.to_string(), "http://proxy.example.com:8080");
        let Some(Login::Basic(name, password)) = &proxy.login else { panic!("no credentials") };
        assert_eq!((name.as_str(), password.expose_secret().as_str()), ("user", "p@ss"));
        assert!(!format!("{proxy:?}").contains("p@ss"));
        for bad in ["", "socks5://proxy", "ftp://u:CANARY@proxy", "http://u:CANARY@"] {
            let error = Proxy::parse(bad).expect_err(bad);
            assert_eq!(error.kind(), ErrorKind::InvalidProxy);
            assert!(!error.message().contains("CANARY"), "{error}");
        }
    }
}
