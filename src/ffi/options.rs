//! Options: settings of a client and of an operation, by number.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::error::ErrorHandle;
use super::guard::{give, known, made, run, run_telling, Entry};
use super::handle::Registry;
use super::operation::Shared;
use super::status::Status;
use super::text::Str;
use crate::call::{CallOptions, TokenRenewal};
use crate::error::{Error, ErrorKind, Result};
use crate::event::LogLevel;
use crate::http::client::ClientOptions;
use crate::http::endpoint::Endpoint;
use crate::http::headers::UploadHeaders;
use crate::http::proxy::Proxy;
use crate::upload::{ResumeFile, UploadOptions};

/// Options; freed with mgprint_options_free.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct OptionsHandle {
    /// 0 for none: the defaults.
    pub id: u64,
}

static OPTIONS: Registry<Mutex<Settings>> = Registry::new(0x01);

/// What can be set. A call refuses what is not for it, so nothing is set in vain.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OptionKey {
    /// Client, text: where Graph requests and the token go; "https://graph.microsoft.com" when it is not set.
    Endpoint = 1,
    /// Client, text: the bearer token, without the word Bearer. It is kept in memory that is wiped, and goes to the
    /// endpoint alone. Not needed to send bytes to an upload URL.
    AccessToken = 2,
    /// Client, text: the whole User-Agent.
    UserAgent = 3,
    /// Client, text: the proxy's address, such as "http://proxy:8080"; a user name and password may stand in it. Requests
    /// to loopback never go through it.
    Proxy = 4,
    /// Client, text: the value of the SdkVersion header of Graph requests.
    SdkVersion = 5,
    /// Client, text: the user name for the proxy.
    ProxyUser = 6,
    /// Client, text: the password of the proxy's user, which goes to that proxy alone.
    ProxyPassword = 7,
    /// Client, text: hosts that are reached without the proxy, as NO_PROXY lists them.
    ProxyBypass = 8,
    /// Client, text: the path of a file of PEM certificates that are trusted beside the system's.
    CaFile = 9,
    /// Upload of a path, FIND_RESUMABLE, text: the path of a resume file. It holds the upload URL and what is needed to know
    /// the document again, so that the same call goes on with the same upload after whatever ended this one. It is made
    /// when there is none and removed when the document is complete; while it is in use, another upload with it ends with
    /// RESUME_FILE_IN_USE.
    ResumeFile = 10,
    /// With RESUME_FILE, text: what the host calls the document at the service, such as its ids, at most 4096 bytes; a
    /// resume file of another identity is refused.
    ResumeIdentity = 11,
    /// Upload, session, text: a header for the requests to an upload URL, "Name: value". Each one that is set is added; those
    /// that hold a secret by their name, such as Authorization, are refused.
    UploadHeader = 12,
    /// Client, number: how long a connection may take to stand, in milliseconds, 1 to 3600000; default 30000.
    ConnectTimeoutMs = 20,
    /// Operations, number: how long nothing may move, either way, in milliseconds, 1 to 86400000; default 60000.
    IdleTimeoutMs = 40,
    /// Operations, number: consecutive tries without progress after the first, 0 to 1000; default 3 for a request to Graph
    /// and 8 for an upload.
    MaxRetry = 41,
    /// Upload, number: bytes of one range, 1 to 9999999; default 8192000.
    ChunkSize = 42,
    /// Upload, number: ranges at once, 1 to 4; default 4.
    MaxConcurrency = 43,
    /// Operations, number: the LOG events that are wanted, an mgprint_log_level; default WARNING.
    LogLevel = 44,
    /// Upload to an upload URL, STATUS, number: bytes that the session was created for, where that is known; a document of
    /// another size is refused.
    ExpectedSize = 45,
    /// Upload to an upload URL, number: 1 when the host created the session this moment and nobody else knows it, so that
    /// the first range goes without asking what is there; default 0.
    FreshSession = 46,
    /// Uploads and downloads, number: 0 when nobody wants PROGRESS events; default 1.
    Progress = 47,
    /// Operations with a token, number: 1 to be asked by TOKEN_WANTED for another token when the service refuses the
    /// client's, once a request; default 0: to end with what the service said.
    RenewToken = 48,
    /// Operations with a token, number: how long to wait before the first retry of a request to Graph, in milliseconds, 1 to
    /// 180000; each further wait is twice as long. The default is up to a second.
    RetryDelayMs = 49,
}

/// Which call takes which options.
#[derive(Clone, Copy)]
pub(super) struct Scope(u16, &'static str);

impl Scope {
    pub(super) const CLIENT: Scope = Scope(C | D, "a client");
    pub(super) const REQUEST: Scope = Scope(R, "a request");
    pub(super) const STATUS: Scope = Scope(S, "the status of a session");
    pub(super) const CANCEL: Scope = Scope(X, "the end of a session");
    pub(super) const FIND: Scope = Scope(F, "a search for a session");
    pub(super) const UPLOAD_URL: Scope = Scope(U, "an upload to an upload URL");
    pub(super) const UPLOAD_DOCUMENT: Scope = Scope(P, "an upload to a print document");
    pub(super) const PRINT: Scope = Scope(T, "printing");
    pub(super) const CONTENT: Scope = Scope(B, "an upload or a download of content");
}

// The client itself, defaults of its operations, requests, status, cancel, find, uploads to a URL, to a print document,
// and as a body, downloads, prints.
const C: u16 = 1;
const D: u16 = 2;
const R: u16 = 4;
const S: u16 = 8;
const X: u16 = 16;
const F: u16 = 32;
const U: u16 = 64;
const P: u16 = 128;
const B: u16 = 256;
const T: u16 = 512;
const ANY: u16 = D | R | S | X | F | U | P | B | T;
const TEXT: Option<(u64, u64)> = None;

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
    (OptionKey::ResumeFile, TEXT, F | U | P),
    (OptionKey::ResumeIdentity, TEXT, F | U | P),
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
    has_upload_headers: bool,
}

fn refused(key: OptionKey, why: &str) -> Error {
    Error::new(ErrorKind::InvalidArgument, format!("The option {key:?} cannot be set: {why}."))
}

impl Settings {
    fn set_text(&mut self, key: OptionKey, value: &str) -> Result<()> {
        match key {
            OptionKey::Endpoint => drop(Endpoint::parse(value)?),
            OptionKey::Proxy => drop(Proxy::parse(value)?),
            OptionKey::ResumeFile if value.is_empty() || value.contains('\0') => {
                return Err(refused(key, "it is no path"));
            }
            OptionKey::UploadHeader => {
                let (name, value) = value.split_once(':').ok_or_else(|| refused(key, "it is not 'Name: value'"))?;
                self.has_upload_headers = true;
                return self.upload_headers.add(name, value.trim_matches([' ', '\t']));
            }
            _ => {}
        }
        self.texts.insert(key, SecretString::new(value.to_owned()));
        Ok(())
    }

    fn set_number(&mut self, key: OptionKey, value: u64, (least, most): (u64, u64)) -> Result<()> {
        if !(least..=most).contains(&value) {
            return Err(refused(key, &format!("{value} is not within {least} to {most}")));
        }
        self.numbers.insert(key, value);
        Ok(())
    }

    fn keys(&self) -> impl Iterator<Item = OptionKey> + '_ {
        let headers = self.has_upload_headers.then_some(OptionKey::UploadHeader);
        self.texts.keys().chain(self.numbers.keys()).copied().chain(headers)
    }

    fn check(&self, Scope(taken, what): Scope) -> Result<()> {
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
        if others.has_upload_headers {
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

    pub(super) fn call(&self, shared: Arc<Shared>) -> CallOptions {
        let default = CallOptions::default();
        CallOptions {
            idle_timeout: self.millis(OptionKey::IdleTimeoutMs).unwrap_or(default.idle_timeout),
            max_retry: self.number(OptionKey::MaxRetry).map(|most| most as u32),
            upload_headers: self.upload_headers.clone(),
            retry_delay: self.millis(OptionKey::RetryDelayMs),
            renewal: self.asks_for_token().then(|| shared.clone() as Arc<dyn TokenRenewal>),
            observer: shared,
        }
    }

    pub(super) fn upload(&self, shared: Arc<Shared>) -> UploadOptions {
        let default = UploadOptions::default();
        UploadOptions {
            call: self.call(shared),
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

/// A copy of options for a call that takes these.
pub(super) fn options(handle: OptionsHandle, scope: Scope) -> Entry<Settings> {
    let settings = if handle.id == 0 { Settings::default() } else { copy(handle)? };
    settings.check(scope)?;
    Ok(settings)
}

fn copy(handle: OptionsHandle) -> Entry<Settings> {
    let settings = known(OPTIONS.get(handle.id))?;
    let copy = settings.lock().unwrap_or_else(PoisonError::into_inner).clone();
    Ok(copy)
}

fn keep(settings: Settings) -> Entry<OptionsHandle> {
    Ok(OptionsHandle { id: made(OPTIONS.insert(Mutex::new(settings)))? })
}

/// Changes options wholly or not at all.
fn change(handle: OptionsHandle, change: impl FnOnce(&mut Settings) -> Result<()>) -> Entry<()> {
    let settings = known(OPTIONS.get(handle.id))?;
    let mut settings = settings.lock().unwrap_or_else(PoisonError::into_inner);
    let mut changed = settings.clone();
    change(&mut changed)?;
    *settings = changed;
    Ok(())
}

fn rule(option: i32) -> Entry<(OptionKey, Option<(u64, u64)>)> {
    let rule = RULES.iter().find(|rule| rule.0 as i32 == option).ok_or(Status::InvalidArgument)?;
    Ok((rule.0, rule.1))
}

/// Makes options, all at their defaults.
#[no_mangle]
pub unsafe extern "C" fn mgprint_options_new(out_options: *mut OptionsHandle) -> Status {
    // SAFETY: the host's promises.
    unsafe { give(out_options, std::ptr::null_mut(), || keep(Settings::default())) }
}

/// Makes options with the same settings as others, which can be changed and freed by themselves. So a host that keeps a
/// token keeps it here, in memory that is wiped when the options are freed, and makes each client's options of it.
#[no_mangle]
pub unsafe extern "C" fn mgprint_options_copy(options: OptionsHandle, out_copy: *mut OptionsHandle) -> Status {
    // SAFETY: the host's promises.
    unsafe { give(out_copy, std::ptr::null_mut(), || keep(copy(options)?)) }
}

/// Sets a text.
///
/// @return INVALID_ARGUMENT for what is no option, or one of a number; INVALID_ENDPOINT; INVALID_PROXY; INVALID_HEADER.
#[no_mangle]
pub unsafe extern "C" fn mgprint_options_set_text(
    options: OptionsHandle,
    option: super::numbers::OptionNumber,
    text: Str,
    out_error: *mut ErrorHandle,
) -> Status {
    // SAFETY: the host's promises.
    unsafe {
        run_telling(out_error, || {
            let text = text.text()?;
            match rule(option)? {
                (key, TEXT) => change(options, |settings| settings.set_text(key, text)),
                (key, _) => Err(refused(key, "it is a number").into()),
            }
        })
    }
}

/// Sets a number.
///
/// @return INVALID_ARGUMENT for what is no option, or one of a text, and for a number that is out of its range.
#[no_mangle]
pub unsafe extern "C" fn mgprint_options_set_number(
    options: OptionsHandle,
    option: super::numbers::OptionNumber,
    value: u64,
    out_error: *mut ErrorHandle,
) -> Status {
    // SAFETY: the host's promises.
    unsafe {
        run_telling(out_error, || match rule(option)? {
            (key, Some(range)) => change(options, |settings| settings.set_number(key, value, range)),
            (key, TEXT) => Err(refused(key, "it is a text").into()),
        })
    }
}

/// Takes from the environment what is set there: MGPRINT_ENDPOINT, MGPRINT_ACCESS_TOKEN, MGPRINT_TIMEOUT_SEC,
/// HTTPS_PROXY or else ALL_PROXY with NO_PROXY (each in upper or lower case), and SSL_CERT_FILE. They are for
/// mgprint_client_new. Not while another thread changes the environment.
///
/// @return INVALID_ENDPOINT; INVALID_PROXY; INVALID_ARGUMENT for a time-out that is no number of seconds.
#[no_mangle]
pub unsafe extern "C" fn mgprint_options_from_env(options: OptionsHandle, out_error: *mut ErrorHandle) -> Status {
    // SAFETY: the host's promises.
    unsafe { run_telling(out_error, || change(options, from_env)) }
}

fn from_env(settings: &mut Settings) -> Result<()> {
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    // In lower case first, as most programs that read these variables do.
    let either = |name: &str| set(&name.to_ascii_lowercase()).or_else(|| set(name));
    let proxy = either("HTTPS_PROXY").or_else(|| either("ALL_PROXY"));
    for (key, value) in [
        (OptionKey::Endpoint, set("MGPRINT_ENDPOINT")),
        (OptionKey::AccessToken, set("MGPRINT_ACCESS_TOKEN")),
        (OptionKey::ProxyBypass, proxy.as_ref().and_then(|_| either("NO_PROXY"))),
        (OptionKey::Proxy, proxy),
        (OptionKey::CaFile, set("SSL_CERT_FILE")),
    ] {
        if let Some(value) = value {
            settings.set_text(key, &value)?;
        }
    }
    if let Some(seconds) = set("MGPRINT_TIMEOUT_SEC") {
        let millis = seconds.parse::<u64>().ok().and_then(|seconds| seconds.checked_mul(1000));
        let millis = millis.ok_or_else(|| {
            Error::new(ErrorKind::InvalidArgument, "MGPRINT_TIMEOUT_SEC is not a whole number of seconds.")
        })?;
        settings.set_number(OptionKey::IdleTimeoutMs, millis, (1, 86_400_000))?;
    }
    Ok(())
}

/// Frees options. What was made from them keeps what it needs.
#[no_mangle]
pub extern "C" fn mgprint_options_free(options: OptionsHandle) -> Status {
    run(|| OPTIONS.free(options.id))
}
