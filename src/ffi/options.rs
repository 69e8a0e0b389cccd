//! Options: settings of a client and of an operation, by number.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use secrecy::SecretString;

use super::border::{enter, held, kept, out, text, Entry};
use super::error::{enter_with_error, ErrorHandle};
use super::handle::Registry;
use super::operation::Shared;
use super::status::Status;
use crate::call::{CallOptions, TokenRenewal};
use crate::error::{Error, ErrorKind, Result};
use crate::event::LogLevel;
use crate::http::client::ClientOptions;
use crate::http::endpoint::Endpoint;
use crate::http::headers::UploadHeaders;
use crate::http::proxy::Proxy;
use crate::upload::{ResumeFile, UploadOptions};

/// Handle of options; freed with mgprint_options_free.
pub type OptionsHandle = u64;

static OPTIONS: Registry<Mutex<Settings>> = Registry::new(0x01);

/// What can be set. The numbers never change; new ones may be added.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    /// Client, text: the user name for the proxy; after the proxy.
    ProxyUser = 6,
    /// Client, text: the password for the proxy, which goes to that proxy alone; after the proxy's user name.
    ProxyPassword = 7,
    /// Client, text: hosts that are reached without the proxy, as NO_PROXY lists them; after the proxy.
    ProxyBypass = 8,
    /// Client, text: the path of a file of PEM certificates that are trusted beside the system's.
    CaFile = 9,
    /// Upload of a file, text: the path of a resume file. It holds the upload URL and what is needed to know the document
    /// again, so that the same call goes on with the same upload after whatever ended this one. It is made when there is
    /// none and removed when the document is complete; while it is in use, another upload with it ends with
    /// RESUME_FILE_IN_USE. See mgprint_resume_read_start.
    ResumeFile = 10,
    /// Upload of a file, text: what the host calls the document at the service, such as its ids, at most 4096 bytes; a
    /// resume file of another identity is refused.
    ResumeIdentity = 11,
    /// Client, number: how long a connection may take to stand, in milliseconds, 1 to 3600000; default 30000.
    ConnectTimeoutMs = 20,
    /// Operation, number: the idle time-out: how long nothing may move, either way, in milliseconds, 1 to 86400000;
    /// default 60000.
    SilenceTimeoutMs = 40,
    /// Operation, number: consecutive tries without progress after the first, 0 to 1000; default 3 for a Graph request
    /// and 8 for an upload.
    MaxRetry = 41,
    /// Upload, number: bytes of one range, 1 to 9999999; default 8192000.
    ChunkSize = 42,
    /// Upload, number: ranges at once, 1 to 4; default 4.
    MaxConcurrency = 43,
    /// Operation, number: log events wanted: 0 warnings, 1 steps in words too, 2 requests and answers too; default 0.
    LogLevel = 44,
    /// Upload, status, number: bytes that the session was created for, where that is known; a document of another size is
    /// refused.
    ExpectedSize = 45,
    /// Upload, number: 1 when the host created the session this moment and nobody else knows it, so that the first range
    /// goes without asking what is there; 0, the default, for every other session.
    FreshSession = 46,
    /// Operation, number: 0 when nobody wants PROGRESS events; default 1.
    Progress = 47,
    /// Operation with a Graph request, number: 1 to be asked by TOKEN_WANTED for another token when the service refuses the
    /// client's, once a request; 0, the default, to end with what the service said.
    RenewToken = 48,
    /// Operation with a Graph request, number: how long to wait before the first retry, in milliseconds, 1 to 180000; each
    /// further wait is twice as long. The default is up to a second.
    RetryDelayMs = 49,
}

const KEYS: &[OptionKey] = &[
    OptionKey::Endpoint,
    OptionKey::AccessToken,
    OptionKey::UserAgent,
    OptionKey::Proxy,
    OptionKey::SdkVersion,
    OptionKey::ProxyUser,
    OptionKey::ProxyPassword,
    OptionKey::ProxyBypass,
    OptionKey::CaFile,
    OptionKey::ResumeFile,
    OptionKey::ResumeIdentity,
    OptionKey::ConnectTimeoutMs,
    OptionKey::SilenceTimeoutMs,
    OptionKey::MaxRetry,
    OptionKey::ChunkSize,
    OptionKey::MaxConcurrency,
    OptionKey::LogLevel,
    OptionKey::ExpectedSize,
    OptionKey::FreshSession,
    OptionKey::Progress,
    OptionKey::RenewToken,
    OptionKey::RetryDelayMs,
];

#[derive(Clone, Default)]
struct Settings {
    client: ClientOptions,
    proxy_user: Option<String>,
    idle_timeout: Option<Duration>,
    max_retry: Option<u32>,
    chunk_size: Option<u64>,
    max_concurrency: Option<usize>,
    log_level: LogLevel,
    expected_size: Option<u64>,
    fresh_session: bool,
    progress_unwanted: bool,
    renew_token: bool,
    retry_delay: Option<Duration>,
    upload_headers: UploadHeaders,
    resume_file: Option<PathBuf>,
    resume_identity: String,
}

impl Settings {
    fn set_text(&mut self, key: OptionKey, value: &str) -> Result<()> {
        match key {
            OptionKey::Endpoint => self.client.endpoint = Endpoint::parse(value)?,
            OptionKey::AccessToken => self.client.access_token = Some(SecretString::new(value.to_owned())),
            OptionKey::UserAgent => self.client.user_agent = value.to_owned(),
            OptionKey::SdkVersion => self.client.sdk_version = value.to_owned(),
            OptionKey::Proxy => self.client.proxy = Some(Proxy::parse(value)?),
            OptionKey::ProxyUser => self.proxy_user = Some(value.to_owned()),
            OptionKey::ProxyPassword => {
                let user =
                    self.proxy_user.take().ok_or_else(|| out_of_range(key, "the proxy's user name comes first"))?;
                self.change_proxy(key, |proxy| Ok(proxy.with_credentials(user, SecretString::new(value.to_owned()))))?;
            }
            OptionKey::ProxyBypass => self.change_proxy(key, |proxy| Ok(proxy.bypassing(value)))?,
            OptionKey::CaFile => self.client.ca_file = Some(value.into()),
            OptionKey::ResumeFile if value.is_empty() || value.contains('\0') => {
                return Err(out_of_range(key, "it is no path"));
            }
            OptionKey::ResumeFile => self.resume_file = Some(PathBuf::from(value)),
            OptionKey::ResumeIdentity => self.resume_identity = value.to_owned(),
            _ => return Err(out_of_range(key, "it is a number")),
        }
        Ok(())
    }

    fn change_proxy(&mut self, key: OptionKey, change: impl FnOnce(Proxy) -> Result<Proxy>) -> Result<()> {
        let proxy = self.client.proxy.clone().ok_or_else(|| out_of_range(key, "the proxy comes first"))?;
        self.client.proxy = Some(change(proxy)?);
        Ok(())
    }

    fn set_number(&mut self, key: OptionKey, value: u64) -> Result<()> {
        let within = |least: u64, most: u64| {
            (least..=most)
                .contains(&value)
                .then_some(value)
                .ok_or_else(|| out_of_range(key, &format!("{value} is not within {least} to {most}")))
        };
        match key {
            OptionKey::ConnectTimeoutMs => self.client.connect_timeout = Duration::from_millis(within(1, 3_600_000)?),
            OptionKey::SilenceTimeoutMs => self.idle_timeout = Some(Duration::from_millis(within(1, 86_400_000)?)),
            OptionKey::MaxRetry => self.max_retry = Some(within(0, 1000)? as u32),
            OptionKey::ChunkSize => self.chunk_size = Some(within(1, crate::upload::LARGEST_RANGE)?),
            OptionKey::MaxConcurrency => {
                self.max_concurrency = Some(within(1, crate::upload::MOST_CONCURRENT as u64)? as usize)
            }
            OptionKey::LogLevel => {
                self.log_level = match within(0, 2)? {
                    0 => LogLevel::Warning,
                    1 => LogLevel::Verbose,
                    _ => LogLevel::Debug,
                }
            }
            OptionKey::ExpectedSize => self.expected_size = Some(value),
            OptionKey::FreshSession => self.fresh_session = within(0, 1)? == 1,
            OptionKey::Progress => self.progress_unwanted = within(0, 1)? == 0,
            OptionKey::RenewToken => self.renew_token = within(0, 1)? == 1,
            OptionKey::RetryDelayMs => self.retry_delay = Some(Duration::from_millis(within(1, 180_000)?)),
            _ => return Err(out_of_range(key, "it is a text")),
        }
        Ok(())
    }
}

fn out_of_range(key: OptionKey, why: &str) -> Error {
    Error::new(ErrorKind::InvalidArgument, format!("The option {key:?} cannot be set: {why}."))
}

/// What an operation runs with; the options may be changed or freed after its start.
pub(super) struct OperationSettings(Settings);

impl OperationSettings {
    pub(super) fn log_level(&self) -> LogLevel {
        self.0.log_level
    }

    pub(super) fn expected_size(&self) -> Option<u64> {
        self.0.expected_size
    }

    pub(super) fn wants_progress(&self) -> bool {
        !self.0.progress_unwanted
    }

    pub(super) fn asks_for_token(&self) -> bool {
        self.0.renew_token
    }

    pub(super) fn call(&self, shared: Arc<Shared>) -> CallOptions {
        let default = CallOptions::default();
        CallOptions {
            idle_timeout: self.0.idle_timeout.unwrap_or(default.idle_timeout),
            max_retry: self.0.max_retry,
            upload_headers: self.0.upload_headers.clone(),
            retry_delay: self.0.retry_delay,
            renewal: self.0.renew_token.then(|| shared.clone() as Arc<dyn TokenRenewal>),
            observer: shared,
        }
    }

    pub(super) fn upload(&self, shared: Arc<Shared>) -> UploadOptions {
        let default = UploadOptions::default();
        UploadOptions {
            call: self.call(shared),
            chunk_size: self.0.chunk_size.unwrap_or(default.chunk_size),
            max_concurrency: self.0.max_concurrency.unwrap_or(default.max_concurrency),
            expected_size: self.0.expected_size,
            fresh_session: self.0.fresh_session,
            resume: self.resume(),
        }
    }

    pub(super) fn resume(&self) -> Option<ResumeFile> {
        let path = self.0.resume_file.clone()?;
        Some(ResumeFile { path, identity: self.0.resume_identity.clone() })
    }
}

/// The settings of an operation; 0 stands for the defaults.
pub(super) fn operation_settings(options: OptionsHandle) -> Entry<OperationSettings> {
    if options == 0 {
        return Ok(OperationSettings(Settings::default()));
    }
    Ok(OperationSettings(copy(options)?))
}

pub(super) fn client_options(options: OptionsHandle) -> Entry<ClientOptions> {
    if options == 0 {
        return Ok(ClientOptions::default());
    }
    Ok(copy(options)?.client)
}

fn copy(options: OptionsHandle) -> Entry<Settings> {
    let settings = held(OPTIONS.get(options))?;
    let copy = settings.lock().unwrap_or_else(PoisonError::into_inner).clone();
    Ok(copy)
}

/// Makes options, all at their defaults. Any thread.
///
/// @return INVALID_ARGUMENT when out_options is NULL.
///
/// # Safety
/// `out_options` is NULL or points to memory for a handle.
#[no_mangle]
pub unsafe extern "C" fn mgprint_options_new(out_options: *mut OptionsHandle) -> Status {
    enter(|| {
        let out_options = out(out_options)?;
        let handle = kept(OPTIONS.insert(Mutex::default()))?;
        // SAFETY: checked not to be NULL, and the caller promises memory for a handle.
        unsafe { out_options.write(handle) };
        Ok(())
    })
}

/// Makes options with the same settings as others, which can be changed and freed by themselves. So a host that keeps a
/// token keeps it here, in memory that is wiped when the options are freed, and makes each client's options of it. Any thread.
///
/// @return INVALID_HANDLE; INVALID_ARGUMENT when out_copy is NULL.
///
/// # Safety
/// `out_copy` is NULL or points to memory for a handle.
#[no_mangle]
pub unsafe extern "C" fn mgprint_options_copy(options: OptionsHandle, out_copy: *mut OptionsHandle) -> Status {
    enter(|| {
        let out_copy = out(out_copy)?;
        let handle = kept(OPTIONS.insert(Mutex::new(copy(options)?)))?;
        // SAFETY: checked not to be NULL, and the caller promises memory for a handle.
        unsafe { out_copy.write(handle) };
        Ok(())
    })
}

/// Sets a text: UTF-8, `length` bytes, no NUL needed; it is copied. Any thread.
///
/// @return INVALID_HANDLE; INVALID_TEXT; INVALID_ARGUMENT for a number that is no text option; INVALID_ENDPOINT;
/// INVALID_PROXY. `out_error` may be NULL.
///
/// # Safety
/// `text` is NULL or points to `length` readable bytes; `out_error` is NULL or points to memory for a handle.
#[no_mangle]
pub unsafe extern "C" fn mgprint_options_set_text(
    options: OptionsHandle,
    option: i32,
    text: *const u8,
    length: usize,
    out_error: *mut ErrorHandle,
) -> Status {
    // SAFETY: the caller's promises are those of `enter_with_error` and `text`.
    unsafe {
        enter_with_error(out_error, || {
            let value = self::text(text, length)?;
            set(options, option, |settings, key| settings.set_text(key, value))
        })
    }
}

/// Sets a number. Any thread.
///
/// @return INVALID_HANDLE; INVALID_ARGUMENT for a number that is no number option, or a value out of its range.
/// `out_error` may be NULL.
///
/// # Safety
/// `out_error` is NULL or points to memory for a handle.
#[no_mangle]
pub unsafe extern "C" fn mgprint_options_set_number(
    options: OptionsHandle,
    option: i32,
    value: u64,
    out_error: *mut ErrorHandle,
) -> Status {
    // SAFETY: the caller's promise is that of `enter_with_error`.
    unsafe { enter_with_error(out_error, || set(options, option, |settings, key| settings.set_number(key, value))) }
}

/// Adds a header of the host's to the requests that an operation sends to an upload URL; a name may come again for a
/// further value. Those of requests to Graph are added with mgprint_request_add_header. Any thread.
///
/// @return INVALID_HANDLE; INVALID_TEXT; INVALID_HEADER as mgprint_request_add_header, and for Authorization, Cookie and
/// others that hold a secret by their name: an upload URL carries its own. `out_error` may be NULL.
///
/// # Safety
/// Each text is NULL or points to as many readable bytes as its length says; `out_error` is NULL or points to memory
/// for a handle.
#[no_mangle]
pub unsafe extern "C" fn mgprint_options_add_upload_header(
    options: OptionsHandle,
    name: *const u8,
    name_length: usize,
    value: *const u8,
    value_length: usize,
    out_error: *mut ErrorHandle,
) -> Status {
    // SAFETY: the caller's promises are those of `enter_with_error` and `text`.
    unsafe {
        enter_with_error(out_error, || {
            let (name, value) = (text(name, name_length)?, text(value, value_length)?);
            let settings = held(OPTIONS.get(options))?;
            let mut settings = settings.lock().unwrap_or_else(PoisonError::into_inner);
            Ok(settings.upload_headers.add(name, value)?)
        })
    }
}

/// Takes from the environment what is set there: MGPRINT_ENDPOINT and MGPRINT_ACCESS_TOKEN, MGPRINT_TIMEOUT_SEC,
/// HTTPS_PROXY or else ALL_PROXY with NO_PROXY (each in upper or lower case), and SSL_CERT_FILE. For C programs; a
/// runtime that keeps an environment of its own, as .NET does, passes options instead. Not while another thread changes
/// the environment.
///
/// @return INVALID_HANDLE; INVALID_ENDPOINT; INVALID_PROXY; INVALID_ARGUMENT for a time-out that is no number of seconds.
/// `out_error` may be NULL.
///
/// # Safety
/// `out_error` is NULL or points to memory for a handle.
#[no_mangle]
pub unsafe extern "C" fn mgprint_options_from_env(options: OptionsHandle, out_error: *mut ErrorHandle) -> Status {
    let from_env = || -> Entry<()> {
        let settings = held(OPTIONS.get(options))?;
        let mut settings = settings.lock().unwrap_or_else(PoisonError::into_inner);
        let mut changed = settings.clone();
        let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        if let Some(endpoint) = set("MGPRINT_ENDPOINT") {
            changed.set_text(OptionKey::Endpoint, &endpoint)?;
        }
        if let Some(token) = set("MGPRINT_ACCESS_TOKEN") {
            changed.set_text(OptionKey::AccessToken, &token)?;
        }
        // In lower case first, as most programs that read these variables do.
        let either = |name: &str| set(&name.to_ascii_lowercase()).or_else(|| set(name));
        if let Some(proxy) = either("HTTPS_PROXY").or_else(|| either("ALL_PROXY")) {
            changed.set_text(OptionKey::Proxy, &proxy)?;
            changed.set_text(OptionKey::ProxyBypass, &either("NO_PROXY").unwrap_or_default())?;
        }
        if let Some(file) = set("SSL_CERT_FILE") {
            changed.set_text(OptionKey::CaFile, &file)?;
        }
        if let Some(seconds) = set("MGPRINT_TIMEOUT_SEC") {
            let millis = seconds.parse::<u64>().ok().and_then(|seconds| seconds.checked_mul(1000));
            let millis = millis.ok_or_else(|| {
                Error::new(ErrorKind::InvalidArgument, "MGPRINT_TIMEOUT_SEC is not a whole number of seconds.")
            })?;
            changed.set_number(OptionKey::SilenceTimeoutMs, millis)?;
        }
        *settings = changed;
        Ok(())
    };
    // SAFETY: the caller's promise is that of `enter_with_error`.
    unsafe { enter_with_error(out_error, from_env) }
}

/// Frees options. 0 is allowed. What was made from them keeps what it needs. Any thread.
///
/// @return INVALID_HANDLE when they are freed already or never were options.
#[no_mangle]
pub extern "C" fn mgprint_options_free(options: OptionsHandle) -> Status {
    enter(|| if options == 0 { Ok(()) } else { held(OPTIONS.remove(options)).map(drop) })
}

fn set(options: OptionsHandle, option: i32, change: impl FnOnce(&mut Settings, OptionKey) -> Result<()>) -> Entry<()> {
    let settings = held(OPTIONS.get(options))?;
    let key = KEYS.iter().copied().find(|&key| key as i32 == option).ok_or(Status::InvalidArgument)?;
    let mut settings = settings.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(change(&mut settings, key)?)
}
