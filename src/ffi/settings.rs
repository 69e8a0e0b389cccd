//! The settings that a client or an operation runs with.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::option_key::{refused, OptionKey, Scope};
use crate::call::{CallOptions, TokenRenewal};
use crate::error::{Error, ErrorKind, Result};
use crate::event::Observer;
use crate::http::client::ClientOptions;
use crate::http::endpoint::Endpoint;
use crate::http::headers::UploadHeaders;
use crate::http::proxy::Proxy;
use crate::log_level::LogLevel;
use crate::upload::{ResumeFile, UploadOptions};

/// What a client or an operation runs with; the options may be changed or freed after its start.
#[derive(Clone, Default)]
pub(super) struct Settings {
    texts: BTreeMap<OptionKey, SecretString>,
    numbers: BTreeMap<OptionKey, u64>,
    upload_headers: UploadHeaders,
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

    pub(super) fn check(&self, scope: Scope) -> Result<()> {
        self.keys().try_for_each(|key| scope.check(key))
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
