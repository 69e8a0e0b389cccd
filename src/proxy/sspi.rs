//! Tokens from the security interface of Windows (SSPI), as the user of this process.

use std::ffi::c_void;
use std::io;
use std::ptr::{null, null_mut};

use super::sign_in::{Conversation, Scheme, SecurityInterface};

/// Windows itself.
#[derive(Debug)]
pub(super) struct Sspi;

impl SecurityInterface for Sspi {
    fn begin(&self, scheme: Scheme, host: &str) -> Result<Box<dyn Conversation>, String> {
        Ok(Box::new(Context {
            credentials: Credentials::of_this_process(scheme)?,
            // The service name under which a proxy is known to Kerberos (RFC 4559, section 4.1).
            target: wide(&format!("HTTP/{host}")),
            handle: None,
        }))
    }
}

/// One sign-in.
struct Context {
    credentials: Credentials,
    target: Vec<u16>,
    /// Windows' own state of it, once it has begun.
    handle: Option<SecHandle>,
}

impl Conversation for Context {
    fn next_token(&mut self, challenge: &[u8]) -> Result<Vec<u8>, String> {
        let length = u32::try_from(challenge.len()).map_err(|_| "the proxy's token is too long".to_owned())?;
        // It is only read, though its type says otherwise.
        let mut given = SecBuffer { length, kind: SECBUFFER_TOKEN, bytes: challenge.as_ptr().cast_mut().cast() };
        let given = SecBufferDesc { version: SECBUFFER_VERSION, count: 1, buffers: &mut given };
        let mut made = Token(SecBuffer { length: 0, kind: SECBUFFER_TOKEN, bytes: null_mut() });
        let mut tokens = SecBufferDesc { version: SECBUFFER_VERSION, count: 1, buffers: &mut made.0 };
        let (mut handle, mut attributes, mut expiry) = (SecHandle::default(), 0, 0);
        // SAFETY: every pointer is to a local or to what `self` owns, and lives until the call returns; the handles are
        // NULL or ones that Windows gave us and that are not freed yet.
        let status = unsafe {
            InitializeSecurityContextW(
                &self.credentials.0,
                self.handle.as_ref().map_or(null(), |handle| handle),
                self.target.as_ptr(),
                ISC_REQ_ALLOCATE_MEMORY | ISC_REQ_CONNECTION,
                0,
                SECURITY_NATIVE_DREP,
                if challenge.is_empty() { null() } else { &given },
                0,
                &mut handle,
                &mut tokens,
                &mut attributes,
                &mut expiry,
            )
        };
        if status < 0 {
            return Err(in_words(status));
        }
        // A call that goes on answers the handle that it was given.
        self.handle = Some(handle);
        if matches!(status, SEC_I_COMPLETE_NEEDED | SEC_I_COMPLETE_AND_CONTINUE) {
            // SAFETY: the context was just made or gone on with, and the token is the one that came with it.
            let status = unsafe { CompleteAuthToken(&handle, &tokens) };
            if status < 0 {
                return Err(in_words(status));
            }
        }
        match made.bytes() {
            [] => Err("Windows has nothing more to say to it".to_owned()),
            token => Ok(token.to_vec()),
        }
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        if let Some(handle) = &self.handle {
            // SAFETY: Windows gave us the handle, and this is the one place that frees it.
            unsafe { DeleteSecurityContext(handle) };
        }
    }
}

struct Credentials(SecHandle);

impl Credentials {
    fn of_this_process(scheme: Scheme) -> Result<Self, String> {
        let (package, mut handle, mut expiry) = (wide(scheme.name()), SecHandle::default(), 0);
        // SAFETY: the texts end with a zero and live until the call returns, as the locals do; NULL stands for the user
        // of this process and for the defaults.
        let status = unsafe {
            AcquireCredentialsHandleW(
                null(),
                package.as_ptr(),
                SECPKG_CRED_OUTBOUND,
                null(),
                null(),
                null(),
                null(),
                &mut handle,
                &mut expiry,
            )
        };
        if status < 0 {
            return Err(in_words(status));
        }
        Ok(Credentials(handle))
    }
}

impl Drop for Credentials {
    fn drop(&mut self) {
        // SAFETY: Windows gave us the handle, and this is the one place that frees it.
        unsafe { FreeCredentialsHandle(&self.0) };
    }
}

/// A token in memory of Windows.
struct Token(SecBuffer);

impl Token {
    fn bytes(&self) -> &[u8] {
        if self.0.bytes.is_null() {
            return &[];
        }
        // SAFETY: Windows wrote so many bytes there, and they stay until this is dropped.
        unsafe { std::slice::from_raw_parts(self.0.bytes.cast(), self.0.length as usize) }
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        if !self.0.bytes.is_null() {
            // SAFETY: asked for with ISC_REQ_ALLOCATE_MEMORY, so that it is ours to free, here alone.
            unsafe { FreeContextBuffer(self.0.bytes) };
        }
    }
}

fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().chain([0]).collect()
}

/// What Windows calls it, and the number by which it is found in its documentation.
fn in_words(status: i32) -> String {
    format!("{} (0x{status:08X})", io::Error::from_raw_os_error(status))
}

const SECPKG_CRED_OUTBOUND: u32 = 2;
const SECBUFFER_VERSION: u32 = 0;
const SECBUFFER_TOKEN: u32 = 2;
const SECURITY_NATIVE_DREP: u32 = 0x10;
const ISC_REQ_ALLOCATE_MEMORY: u32 = 0x100;
const ISC_REQ_CONNECTION: u32 = 0x800;
const SEC_I_COMPLETE_NEEDED: i32 = 0x0009_0313;
const SEC_I_COMPLETE_AND_CONTINUE: i32 = 0x0009_0314;

/// Of credentials or a context; usable from any thread, one at a time.
#[repr(C)]
#[derive(Clone, Copy, Default)]
struct SecHandle {
    lower: usize,
    upper: usize,
}

#[repr(C)]
struct SecBuffer {
    length: u32,
    kind: u32,
    bytes: *mut c_void,
}

#[repr(C)]
struct SecBufferDesc {
    version: u32,
    count: u32,
    buffers: *mut SecBuffer,
}

#[link(name = "secur32")]
extern "system" {
    fn AcquireCredentialsHandleW(
        principal: *const u16,
        package: *const u16,
        direction: u32,
        logon_id: *const c_void,
        auth_data: *const c_void,
        get_key: *const c_void,
        get_key_argument: *const c_void,
        credentials: *mut SecHandle,
        expiry: *mut i64,
    ) -> i32;

    fn InitializeSecurityContextW(
        credentials: *const SecHandle,
        context: *const SecHandle,
        target: *const u16,
        requirements: u32,
        reserved1: u32,
        data_representation: u32,
        input: *const SecBufferDesc,
        reserved2: u32,
        new_context: *mut SecHandle,
        output: *mut SecBufferDesc,
        attributes: *mut u32,
        expiry: *mut i64,
    ) -> i32;

    fn CompleteAuthToken(context: *const SecHandle, token: *const SecBufferDesc) -> i32;

    fn DeleteSecurityContext(context: *const SecHandle) -> i32;

    fn FreeCredentialsHandle(credentials: *const SecHandle) -> i32;

    fn FreeContextBuffer(buffer: *mut c_void) -> i32;
}
