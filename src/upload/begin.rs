//! How an upload begins: with what can be known before a byte is sent.

use std::sync::Arc;

use super::body::Document;
use super::end::size_mismatch;
use super::gate::Gate;
use super::progress::Progress;
use super::put::Sender;
use super::resume::Notes;
use super::run::Upload;
use super::source::{self, Source};
use super::{UploadOptions, Uploaded};
use crate::client::Client;
use crate::endpoint::UploadUrl;
use crate::error::Result;

/// Sends a document, from the first question to the last answer.
pub(crate) async fn begin(
    client: &Client,
    upload_url: &UploadUrl,
    source: Arc<dyn Source>,
    options: &UploadOptions,
    notes: Option<Arc<Notes>>,
) -> Result<Uploaded> {
    options.check()?;
    let size = source.size();
    if size == 0 {
        return Err(source::empty("The document"));
    }
    if let Some(expected) = options.expected_size.filter(|&expected| expected != size) {
        return Err(size_mismatch(size, &format!("for {expected} bytes")));
    }
    let progress = Progress::new(Arc::clone(&options.call.observer), size);
    let document = Document { source, progress, gate: Gate::new(), notes };
    let sender = Sender::new(client, upload_url, document, options);
    Upload::new(&sender).run().await
}
