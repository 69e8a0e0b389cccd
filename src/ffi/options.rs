//! Options: settings of a client and of an operation, by number.

use std::sync::Mutex;

use super::entry::Entry;
use super::error_view::ErrorHandle;
use super::guard::{give, run, run_telling};
use super::handle::Registry;
use super::option_key::{refused, rule, OptionKey, Scope, TEXT};
use super::settings::Settings;
use super::text::Str;
use crate::blocking::lock;
use crate::error::{Error, ErrorKind, Result};
use crate::status::Status;

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
