//! Uploads: any source, to an upload session, to a print document, or as the body of a request.

use std::future::Future;
use std::sync::Arc;

use super::client::{client, ClientHandle};
use super::entry::{refused, Entry};
use super::error_view::ErrorHandle;
use super::guard::give;
use super::numbers::SourceKindNumber;
use super::operation::{start, OperationHandle};
use super::option_key::Scope;
use super::options::OptionsHandle;
use super::request::{request, session_request, Document, RequestHandle};
use super::result::Success;
use super::settings::Settings;
use super::shared::Shared;
use super::text::Str;
use crate::document;
use crate::error::{Error, ErrorKind, Result};
use crate::http::client::Client;
use crate::http::endpoint::UploadUrl;
use crate::request::Request;
use crate::status::Status;
use crate::upload::{self, Input, MemorySource};

/// Where an upload goes: one of its members is set, the others are {0}.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// An upload session: what it still misses is sent, asked for first, so that the same call also resumes. One on this machine
    /// by plain http is taken where the client's ENDPOINT is on this machine too.
    pub upload_url: Str,
    /// A print document: its upload session is created first, for the size that the source turns out to have.
    pub document: *const Document,
    /// The same by a request of the host's own, with its headers, for an upload session; the size is added to its body. Any
    /// other request that has no body: the bytes are its body (PUT, PATCH, POST), as one stream.
    pub request: RequestHandle,
}

/// Where the bytes come from.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceKind {
    /// A file: `data` is its path, relative to the process's directory. It is checked by the operation, before anything is sent.
    /// A process sends 64 files at once, and others wait for their turn.
    Path = 1,
    /// Bytes: `data`, of any length, copied during the call.
    Bytes = 3,
    /// The host, with each BYTES_WANTED: `size` bytes. They are wanted in any order and, after a failure, again: what the host
    /// reads from must be able to seek.
    Host = 4,
}

/// What is uploaded. Members that are not of its kind are {0}.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Source {
    /// PATH: the path. BYTES: the bytes.
    pub data: Str,
    /// HOST: what messages call the document; may be empty.
    pub name: Str,
    /// HOST: how many bytes there are.
    pub size: u64,
    /// Where the bytes come from.
    pub kind: SourceKindNumber,
}

/// Starts an upload. To a print document with RESUME_FILE, the same call goes on with the session that the resume file
/// knows; give RESUME_IDENTITY the document's ids, so that no other document does. Without, the upload URL goes with the
/// operation: one that fails begins anew, and its session is cancelled where the service can be reached. The result's json is
/// the printDocument, or the response to the request. Nothing that is passed needs to live on after the call.
///
/// @return INVALID_UPLOAD_URL; INVALID_ARGUMENT for a target or a source that is none, or a path that is empty or
/// holds a NUL; OUT_OF_MEMORY. With a request that takes no content the operation ends with INVALID_ARGUMENT.
#[no_mangle]
pub unsafe extern "C" fn mgprint_upload_start(
    client: ClientHandle,
    options: OptionsHandle,
    target: *const Target,
    source: *const Source,
    out_operation: *mut OperationHandle,
    out_error: *mut ErrorHandle,
) -> Status {
    // SAFETY: the host's promises.
    unsafe {
        give(out_operation, out_error, || {
            let client = self::client(client)?;
            let to = to(&client.client, target.as_ref().ok_or(Status::InvalidArgument)?)?;
            let settings = client.settings(options, to.scope())?;
            let source = source.as_ref().ok_or(Status::InvalidArgument)?;
            if settings.resume().is_some() && source.kind != SourceKind::Path as i32 {
                return Err(upload::no_file("A resume file").into());
            }
            start_with(settings, source, |shared, from| async move {
                let uploading = shared.settings.upload(shared.clone());
                let client = &client.client;
                Ok(match &to {
                    To::Url(url) => upload::upload(client, url, from, &uploading).await?.into(),
                    To::Session(request) => document::send(client, request, from, &uploading).await?.into(),
                    To::Body(request) => upload::upload_content(client, request, from, &uploading.call).await?.into(),
                })
            })
        })
    }
}

enum To {
    Url(UploadUrl),
    Session(Request),
    Body(Request),
}

impl To {
    fn scope(&self) -> Scope {
        match self {
            To::Url(_) => Scope::UPLOAD_URL,
            To::Session(_) => Scope::UPLOAD_DOCUMENT,
            To::Body(_) => Scope::CONTENT,
        }
    }
}

/// # Safety
/// The texts of the target and of its document are as [`Str::text`] needs them.
unsafe fn to(client: &Client, target: &Target) -> Entry<To> {
    // SAFETY: the caller's promises.
    unsafe {
        match (target.upload_url.len > 0, !target.document.is_null(), target.request.id != 0) {
            (true, false, false) => Ok(To::Url(UploadUrl::parse(target.upload_url.text()?, client.endpoint())?)),
            (false, true, false) => Ok(To::Session(session_request(client, target.document, 0)?)),
            (false, false, true) => {
                let request = request(target.request)?.request;
                Ok(if request.is_for_session() { To::Session(request) } else { To::Body(request) })
            }
            _ => Err(refused("One of upload_url, document and request says where to send the bytes, and only one.")),
        }
    }
}

/// Starts an operation on a source: one that the engine reads itself, or that the host feeds.
///
/// # Safety
/// The texts of the source are as [`Str::bytes`] needs them.
pub(super) unsafe fn start_with<F>(
    settings: Settings,
    source: &Source,
    work: impl FnOnce(Arc<Shared>, Input) -> F + Send + 'static,
) -> Entry<OperationHandle>
where
    F: Future<Output = Result<Success>> + Send + 'static,
{
    if source.kind == SourceKind::Host as i32 {
        // SAFETY: the caller's promise.
        let name = unsafe { source.name.text()? };
        return start(settings, Some((source.size, name)), |shared| async move {
            let fed = shared.supplied.clone();
            let fed = fed.ok_or_else(|| Error::new(ErrorKind::Internal, "There is no source."))?;
            work(shared, Input::Source(fed)).await
        });
    }
    // SAFETY: the caller's promise.
    let from = unsafe { from(source)? };
    start(settings, None, |shared| work(shared, from))
}

/// # Safety
/// The texts of the source are as [`Str::bytes`] needs them.
unsafe fn from(source: &Source) -> Entry<Input> {
    // SAFETY: the caller's promises.
    unsafe {
        match source.kind {
            1 => Ok(Input::File(source.data.path()?)),
            3 => Ok(Input::Source(Arc::new(MemorySource::new(copy(source.data.bytes()?)?)))),
            _ => Err(refused("The kind of the source is none.")),
        }
    }
}

/// A document may be larger than the memory that there is, which would end the process.
fn copy(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut copy = Vec::new();
    copy.try_reserve_exact(bytes.len()).map_err(|_| {
        Error::new(ErrorKind::OutOfMemory, format!("There is no memory for a copy of the {} bytes.", bytes.len()))
            .with_next_step("Give the document as a file, or piece by piece.")
    })?;
    copy.extend_from_slice(bytes);
    Ok(copy)
}
