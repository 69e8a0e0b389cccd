//! The start of an upload: the checks before the first byte is sent.

use std::sync::Arc;

use super::barrier::CompletionBarrier;
use super::body::Document;
use super::end::size_mismatch;
use super::options::UploadOptions;
use super::progress::Progress;
use super::put::Sender;
use super::resume::Journal;
use super::run::Upload;
use super::source::Source;
use super::uploaded::Uploaded;
use crate::error::Result;
use crate::http::client::Client;
use crate::http::endpoint::UploadUrl;

/// Sends a document, from the first request to the last response.
pub(crate) async fn begin(
    client: &Client,
    upload_url: &UploadUrl,
    source: Arc<dyn Source>,
    options: &UploadOptions,
    journal: Option<Arc<Journal>>,
) -> Result<Uploaded> {
    let size = source.size();
    if let Some(expected) = options.expected_size.filter(|&expected| expected != size) {
        return Err(size_mismatch(size, &format!("for {expected} bytes")));
    }
    let progress = Progress::new(Arc::clone(&options.call.observer), size);
    let document = Document { source, progress, barrier: CompletionBarrier::new(), journal };
    let sender = Sender::new(client, upload_url, document, options);
    Upload::new(&sender).run().await
}
