//! What can be set, which call takes what, and the settings that a client or an operation runs with.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::guard::Entry;
use super::options::OptionKey;
use crate::call::{CallOptions, LogLevel, TokenRenewal};
use crate::error::{Error, ErrorKind, Result};
use crate::event::Observer;
use crate::http::client::ClientOptions;
use crate::http::endpoint::Endpoint;
use crate::http::headers::UploadHeaders;
use crate::http::proxy::Proxy;
use crate::status::Status;
use crate::upload::{ResumeFile, UploadOptions};

/// Which call takes which options.
#[derive(Clone, Copy)]
pub(super) struct Scope(u16, &'static str);

impl Scope {
    pub(super) const CLIENT: Scope = Scope(C | D, "a client");
    pub(super) const REQUEST: Scope = Scope(R, "a request");
    pub(super) const STATUS: Scope = Scope(S, "the status of a session");
    pub(super) const CANCEL: Scope = Scope(X, "the end of a session");
    pub(super) const UPLOAD_URL: Scope = Scope(U, "an upload to an upload URL");
    pub(super) const UPLOAD_DOCUMENT: Scope = Scope(P, "an upload to a print document");
    pub(super) const PRINT: Scope = Scope(T, "printing");
    pub(super) const CONTENT: Scope = Scope(B, "an upload or a download of content");
}

// The client itself, defaults of its operations, requests, status, cancel, uploads to a URL, to a print document, and as a
// body, downloads, prints.
const C: u16 = 1;
const D: u16 = 2;
const R: u16 = 4;
const S: u16 = 8;
const X: u16 = 16;
const U: u16 = 32;
const P: u16 = 64;
const B: u16 = 128;
const T: u16 = 256;
const ANY: u16 = D | R | S | X | U | P | B | T;
pub(super) const TEXT: Option<(u64, u64)> = None;

/// An option, the range of a number or none for a text, and the calls that take it.
type Rule = (OptionKey, Option<(u64, u64)>, u16);

const RULES: &[Rule] = &[
    (OptionKey::Endpoint, TEXT, C),
    (OptionKey::AccessToken, TEXT, C),
    (OptionKey::UserAgent, TEXT, C),
    (OptionKey::Proxy, TEXT, C),
    (OptionKey::SdkVersion, TEXT, C),
    (OptionKey::ProxyUser, TEXT, C),
    (OptionKey::ProxyPassword, TEXT, C),
    (OptionKey::ProxyBypass, TEXT, C),
    (OptionKey::CaFile, TEXT, C),
    (OptionKey::ResumeFile, TEXT, U | P),
    (OptionKey::ResumeIdentity, TEXT, U | P),
    (OptionKey::UploadHeader, TEXT, D | S | X | U | P | T),
    (OptionKey::ConnectTimeoutMs, Some((1, 3_600_000)), C),
    (OptionKey::IdleTimeoutMs, Some((1, 86_400_000)), ANY),
    (OptionKey::MaxRetry, Some((0, 1000)), ANY),
    (OptionKey::ChunkSize, Some((1, crate::upload::LARGEST_RANGE)), D | U | P | T),
    (OptionKey::MaxConcurrency, Some((1, crate::upload::MOST_CONCURRENT as u64)), D | U | P | T),
    (OptionKey::LogLevel, Some((0, 2)), ANY),
    (OptionKey::ExpectedSize, Some((0, u64::MAX)), S | U),
    (OptionKey::FreshSession, Some((0, 1)), U),
    (OptionKey::Progress, Some((0, 1)), D | U | P | B | T),
    (OptionKey::RenewToken, Some((0, 1)), D | R | P | B | T),
    (OptionKey::RetryDelayMs, Some((1, 180_000)), D | R | P | B | T),
];

/// What a client or an operation runs with; the options may be changed or freed after its start.
#[derive(Clone, Default)]
pub(super) struct Settings {
    texts: BTreeMap<OptionKey, SecretString>,
    numbers: BTreeMap<OptionKey, u64>,
    upload_headers: UploadHeaders,
}

pub(super) fn refused(key: OptionKey, why: &str) -> Error {
    Error::new(ErrorKind::InvalidArgument, format!("The option {key:?} cannot be set: {why}."))
}

impl Settings {
    pub(super) fn set_text(&mut self, key: OptionKey, value: &str) -> Result<()> {
        match key {
            OptionKey::Endpoint => drop(Endpoint::parse(value)?),
            OptionKey::Proxy => drop(Proxy::parse(value)?),
            OptionKey::ResumeFile if value.is_empty() || value.contains('\0') => {
                return Err(refused(key, "it is no path"));
            }
            OptionKey::UploadHeader => {
                let (name, value) = value.split_once(':').ok_or_else(|| {
                    Error::new(ErrorKind::InvalidHeader, "The header of the upload is not of the form 'Name: value'.")
                })?;
                return self.upload_headers.add(name, value.trim_matches([' ', '\t']));
            }
            _ => {}
        }
        self.texts.insert(key, SecretString::new(value.to_owned()));
        Ok(())
    }

    pub(super) fn set_number(&mut self, key: OptionKey, value: u64, (least, most): (u64, u64)) -> Result<()> {
        if !(least..=most).contains(&value) {
            return Err(refused(key, &format!("{value} is not within {least} to {most}")));
        }
        self.numbers.insert(key, value);
        Ok(())
    }

    fn keys(&self) -> impl Iterator<Item = OptionKey> + '_ {
        let headers = (!self.upload_headers.0.is_empty()).then_some(OptionKey::UploadHeader);
        self.texts.keys().chain(self.numbers.keys()).copied().chain(headers)
    }

    pub(super) fn check(&self, Scope(taken, what): Scope) -> Result<()> {
        let is_foreign = |key: &OptionKey| !RULES.iter().any(|rule| rule.0 == *key && rule.2 & taken != 0);
        self.keys().find(is_foreign).map_or(Ok(()), |key| {
            Err(Error::new(ErrorKind::InvalidArgument, format!("The option {key:?} is not one of {what}."))
                .with_next_step("Leave it out, or give it to the call that takes it."))
        })
    }

    /// These, and over them what others say.
    pub(super) fn with(&self, others: Settings) -> Settings {
        let mut all = self.clone();
        all.texts.extend(others.texts);
        all.numbers.extend(others.numbers);
        if !others.upload_headers.0.is_empty() {
            all.upload_headers = others.upload_headers;
        }
        all
    }

    /// What is of a client's operations, and not of the client: its token is kept once.
    pub(super) fn defaults(mut self) -> Settings {
        self.texts.clear();
        self
    }

    fn text(&self, key: OptionKey) -> Option<&str> {
        self.texts.get(&key).map(|text| text.expose_secret().as_str())
    }

    fn number(&self, key: OptionKey) -> Option<u64> {
        self.numbers.get(&key).copied()
    }

    fn millis(&self, key: OptionKey) -> Option<Duration> {
        self.number(key).map(Duration::from_millis)
    }

    fn is_on(&self, key: OptionKey) -> bool {
        self.number(key) == Some(1)
    }

    pub(super) fn client(&self) -> Result<ClientOptions> {
        let default = ClientOptions::default();
        let text = |key, default: String| self.text(key).map_or(default, str::to_owned);
        Ok(ClientOptions {
            endpoint: self.text(OptionKey::Endpoint).map_or(Ok(default.endpoint), Endpoint::parse)?,
            access_token: self.texts.get(&OptionKey::AccessToken).cloned(),
            user_agent: text(OptionKey::UserAgent, default.user_agent),
            sdk_version: text(OptionKey::SdkVersion, default.sdk_version),
            connect_timeout: self.millis(OptionKey::ConnectTimeoutMs).unwrap_or(default.connect_timeout),
            proxy: self.proxy()?,
            ca_file: self.text(OptionKey::CaFile).map(Into::into),
        })
    }

    fn proxy(&self) -> Result<Option<Proxy>> {
        for (key, needed) in [
            (OptionKey::ProxyUser, OptionKey::Proxy),
            (OptionKey::ProxyPassword, OptionKey::ProxyUser),
            (OptionKey::ProxyBypass, OptionKey::Proxy),
        ] {
            if self.texts.contains_key(&key) && !self.texts.contains_key(&needed) {
                return Err(refused(key, &format!("there is no {needed:?}")));
            }
        }
        let Some(address) = self.text(OptionKey::Proxy) else { return Ok(None) };
        let mut proxy = Proxy::parse(address)?;
        if let Some(user) = self.text(OptionKey::ProxyUser) {
            let password = self.text(OptionKey::ProxyPassword).unwrap_or_default();
            proxy = proxy.with_credentials(user, SecretString::new(password.to_owned()));
        }
        Ok(Some(proxy.bypassing(self.text(OptionKey::ProxyBypass).unwrap_or_default())))
    }

    pub(super) fn log_level(&self) -> LogLevel {
        match self.number(OptionKey::LogLevel) {
            Some(2) => LogLevel::Debug,
            Some(1) => LogLevel::Verbose,
            _ => LogLevel::Warning,
        }
    }

    pub(super) fn expected_size(&self) -> Option<u64> {
        self.number(OptionKey::ExpectedSize)
    }

    pub(super) fn wants_progress(&self) -> bool {
        self.number(OptionKey::Progress) != Some(0)
    }

    pub(super) fn asks_for_token(&self) -> bool {
        self.is_on(OptionKey::RenewToken)
    }

    pub(super) fn call<H: Observer + TokenRenewal + 'static>(&self, host: Arc<H>) -> CallOptions {
        let default = CallOptions::default();
        CallOptions {
            idle_timeout: self.millis(OptionKey::IdleTimeoutMs).unwrap_or(default.idle_timeout),
            max_retry: self.number(OptionKey::MaxRetry).map(|most| most as u32),
            upload_headers: self.upload_headers.clone(),
            retry_delay: self.millis(OptionKey::RetryDelayMs),
            renewal: self.asks_for_token().then(|| host.clone() as Arc<dyn TokenRenewal>),
            observer: host,
        }
    }

    pub(super) fn upload<H: Observer + TokenRenewal + 'static>(&self, host: Arc<H>) -> UploadOptions {
        let default = UploadOptions::default();
        UploadOptions {
            call: self.call(host),
            chunk_size: self.number(OptionKey::ChunkSize).unwrap_or(default.chunk_size),
            max_concurrency: self
                .number(OptionKey::MaxConcurrency)
                .map_or(default.max_concurrency, |most| most as usize),
            expected_size: self.expected_size(),
            fresh_session: self.is_on(OptionKey::FreshSession),
            resume: self.resume(),
        }
    }

    pub(super) fn resume(&self) -> Option<ResumeFile> {
        let path = self.text(OptionKey::ResumeFile)?.into();
        Some(ResumeFile { path, identity: self.text(OptionKey::ResumeIdentity).unwrap_or_default().to_owned() })
    }
}

/// The option of a number, and the range of its numbers or none for a text.
pub(super) fn rule(option: i32) -> Entry<(OptionKey, Option<(u64, u64)>)> {
    let rule = RULES.iter().find(|rule| rule.0 as i32 == option).ok_or(Status::InvalidArgument)?;
    Ok((rule.0, rule.1))
}
