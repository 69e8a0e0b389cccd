//! Options: settings of a client and of an operation, by number.

use std::sync::Mutex;

use super::error::ErrorHandle;
use super::guard::{give, run, run_telling, Entry};
use super::handle::Registry;
use super::settings::{refused, rule, Scope, Settings, TEXT};
use super::text::Str;
use crate::blocking::lock;
use crate::error::{Error, ErrorKind, Result};
use crate::status::Status;

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
    /// Upload of a path, text: the path of a resume file. It holds the upload URL and what is needed to know the document
    /// again, so that the same call goes on with the same upload after whatever ended this one. It is made when there is none
    /// and removed when the document is complete; while it is in use, another upload with it ends with RESUME_FILE_IN_USE.
    ResumeFile = 10,
    /// With RESUME_FILE, text: what the host calls the document at the service, such as its ids, at most 4096 bytes; a
    /// resume file of another identity is refused.
    ResumeIdentity = 11,
    /// Upload, session, text: a header for the requests to an upload URL, "Name: value". Each one that is set is added; those
    /// that hold a secret by their name, such as Authorization, are refused.
    UploadHeader = 12,
    /// Client, number: how long a connection may take to stand, in milliseconds, 1 to 3600000; default 30000.
    ConnectTimeoutMs = 20,
    /// Operations, number: how long nothing may move, either way, in milliseconds, 1 to 86400000; default 60000. What the host
    /// takes to answer an event is not counted.
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

/// Options; freed with mgprint_options_free.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct OptionsHandle {
    /// 0 for none: the defaults.
    pub id: u64,
}

static OPTIONS: Registry<Mutex<Settings>> = Registry::new(0x01);

/// A copy of options for a call that takes these.
pub(super) fn options(handle: OptionsHandle, scope: Scope) -> Entry<Settings> {
    let settings = if handle.id == 0 { Settings::default() } else { copy(handle)? };
    settings.check(scope)?;
    Ok(settings)
}

fn copy(handle: OptionsHandle) -> Entry<Settings> {
    let settings = OPTIONS.get(handle.id)?;
    let copy = lock(&settings).clone();
    Ok(copy)
}

fn keep(settings: Settings) -> OptionsHandle {
    OptionsHandle { id: OPTIONS.insert(Mutex::new(settings)) }
}

/// Changes options wholly or not at all.
fn change(handle: OptionsHandle, change: impl FnOnce(&mut Settings) -> Result<()>) -> Entry<()> {
    let settings = OPTIONS.get(handle.id)?;
    let mut settings = lock(&settings);
    let mut changed = settings.clone();
    change(&mut changed)?;
    *settings = changed;
    Ok(())
}

/// Makes options, all at their defaults.
#[no_mangle]
pub unsafe extern "C" fn mgprint_options_new(out_options: *mut OptionsHandle) -> Status {
    // SAFETY: the host's promises.
    unsafe { give(out_options, std::ptr::null_mut(), || Ok(keep(Settings::default()))) }
}

/// Makes options with the same settings as others, which can be changed and freed by themselves. So a host that keeps a
/// token keeps it here, in memory that is wiped when the options are freed, and makes each client's options of it.
#[no_mangle]
pub unsafe extern "C" fn mgprint_options_copy(options: OptionsHandle, out_copy: *mut OptionsHandle) -> Status {
    // SAFETY: the host's promises.
    unsafe { give(out_copy, std::ptr::null_mut(), || Ok(keep(copy(options)?))) }
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
    let set = |name: &str| {
        std::env::var_os(name).map(|value| value.to_string_lossy().into_owned()).filter(|value| !value.is_empty())
    };
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
