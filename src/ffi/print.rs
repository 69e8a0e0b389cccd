//! Printing: a document to paper, in one operation.

use std::time::Duration;

use super::client::{client, ClientHandle};
use super::entry::{refused, Entry};
use super::error_view::ErrorHandle;
use super::guard::give;
use super::operation::OperationHandle;
use super::option_key::Scope;
use super::options::OptionsHandle;
use super::text::{pairs_from_json, Str};
use super::upload::{start_with, Source, SourceKind};
use crate::error::{Error, ErrorKind};
use crate::http::headers::header;
use crate::print::{self, Destination, PrintOptions, PrintRequest};
use crate::status::Status;
use crate::upload;

/// What is printed where. One of the first three is set, the others are {0}.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Print {
    /// The share of this name, in any case of letters, or of this id.
    pub share_name: Str,
    /// The share of this id.
    pub share_id: Str,
    /// The printer of this id; only a Printer Administrator may print to it.
    pub printer_id: Str,
    /// A printJobConfiguration as JSON, such as {"copies":2}; {0} for what the printer does by default.
    pub configuration: Str,
    /// The name that the document gets at the service.
    pub document_name: Str,
    /// Its media type, such as "application/pdf".
    pub content_type: Str,
    /// Headers of the requests to Graph as JSON, {"name":["value"]}; {0} for none.
    pub headers: Str,
    /// Of a PATH: a file that makes the same call go on after whatever ended this one, and skip a document that was handed
    /// over; {0} for none. It stays, is readable for its owner alone, and holds no secret.
    pub record: Str,
    /// How long to wait for the printer to be done, in milliseconds; 0 to be content when the job is started.
    pub wait_ms: u64,
    /// Leaves the job paused, with its document.
    pub no_start: bool,
    /// Prints again what the record says was printed.
    pub force: bool,
}

/// Starts printing: makes a job, sends the document, starts the job, and follows it when wait_ms is set. Where the response
/// to the creation of the job is lost, another is made, and a LOG event of level WARNING names what may be left over. A job
/// that cannot be printed is canceled, also by mgprint_operation_cancel; with a record it is kept. The result's json has
/// parentId, printJobId, printDocumentId, status, skipped and waitEnded.
///
/// @return INVALID_ARGUMENT for a print or a source that is none, a path that is empty or holds a NUL, or headers in another
/// form; INVALID_HEADER; INVALID_BODY for a configuration that is no JSON object; OUT_OF_MEMORY.
#[no_mangle]
pub unsafe extern "C" fn mgprint_print_start(
    client: ClientHandle,
    options: OptionsHandle,
    print: *const Print,
    source: *const Source,
    out_operation: *mut OperationHandle,
    out_error: *mut ErrorHandle,
) -> Status {
    // SAFETY: the host's promises.
    unsafe {
        give(out_operation, out_error, || {
            let client = self::client(client)?;
            let settings = client.settings(options, Scope::PRINT)?;
            let print = print.as_ref().ok_or(Status::InvalidArgument)?;
            let source = source.as_ref().ok_or(Status::InvalidArgument)?;
            let request = request(print)?;
            let record = if print.record.len > 0 { Some(print.record.path()?) } else { None };
            if record.is_some() && source.kind != SourceKind::Path as i32 {
                return Err(upload::no_file("A record").into());
            }
            let wait = (print.wait_ms > 0).then(|| Duration::from_millis(print.wait_ms));
            let (no_start, force) = (print.no_start, print.force);
            start_with(settings, source, move |shared, from| async move {
                let upload = shared.settings.upload(shared.clone());
                let options = PrintOptions { upload, no_start, wait, record, force, ..PrintOptions::default() };
                Ok(print::print(&client.client, &request, from, &options).await?.into())
            })
        })
    }
}

/// # Safety
/// The texts of the print are as [`Str::text`] needs them.
unsafe fn request(print: &Print) -> Entry<PrintRequest> {
    // SAFETY: the caller's promises.
    unsafe {
        let destination = match (print.share_name.text()?, print.share_id.text()?, print.printer_id.text()?) {
            (name, "", "") if !name.is_empty() => Destination::ShareNamed(name.to_owned()),
            ("", id, "") if !id.is_empty() => Destination::Share(id.to_owned()),
            ("", "", id) if !id.is_empty() => Destination::Printer(id.to_owned()),
            _ => return Err(refused("One of share_name, share_id and printer_id says where to print, and only one.")),
        };
        let configuration = match print.configuration.text()? {
            "" => serde_json::Map::new(),
            json => serde_json::from_str(json).map_err(|_| {
                Error::new(ErrorKind::InvalidBody, "The configuration of the print job is not a JSON object.")
            })?,
        };
        let headers = match print.headers.text()? {
            "" => Vec::new(),
            json => pairs_from_json(json)
                .ok_or_else(|| refused("The headers are no JSON of the form {\"name\":[\"value\"]}."))?,
        };
        headers.iter().try_for_each(|(name, value)| header(name, value).map(drop))?;
        Ok(PrintRequest {
            destination,
            configuration,
            document_name: print.document_name.text()?.to_owned(),
            content_type: print.content_type.text()?.to_owned(),
            headers,
        })
    }
}
