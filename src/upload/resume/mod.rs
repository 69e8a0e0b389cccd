//! Uploads that the same call goes on with after whatever ended them.
//!
//! A resume file holds the upload URL, what is needed to know the document again, its size, its time and its SHA-256, and
//! which bytes of it were sent, or are about to be. What the service has is never read from it but asked of the service, and it
//! holds no token. `record` is its content, `disk` the file, `journal` what an upload writes as it goes.

pub(crate) mod disk;
mod journal;
mod record;

use std::path::PathBuf;

use secrecy::SecretString;

use disk::OpenResumeFile;
pub(super) use journal::Journal;
pub(super) use record::Record;

use crate::blocking;
use crate::error::{Error, ErrorKind, Result};
use crate::http::endpoint::UploadUrl;
use crate::http::redact;

/// The largest resume file, in bytes.
pub const LARGEST_FILE: usize = 1024 * 1024;

/// The longest identity, in bytes.
pub const LONGEST_IDENTITY: usize = 4096;

/// A file that makes an upload one that the same call goes on with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResumeFile {
    /// Where it is. It is made when there is none, and removed when the document is complete.
    pub path: PathBuf,
    /// What the caller calls the document at the service, such as the ids of printer, job and document: a file of
    /// another identity is refused. At most [`LONGEST_IDENTITY`] bytes.
    pub identity: String,
}

impl ResumeFile {
    /// The upload URL of the session to go on with; `None` when there is none, and one is to be created.
    ///
    /// # Errors
    /// [`ErrorKind::ResumeFileRefused`] when the file is not ours, not one of these, or of another identity;
    /// [`ErrorKind::ResumeFileInUse`] while another upload writes it; [`ErrorKind::ResumeFileFailed`].
    pub fn read(&self) -> Result<Option<SecretString>> {
        self.check()?;
        let record = match OpenResumeFile::open(&self.path)? {
            Some(file) => self.record(&file)?,
            None => None,
        };
        Ok(record.map(|record| record.upload_url.into()))
    }

    /// What the file says; `None` when it was made and nothing was written to it yet.
    fn record(&self, file: &OpenResumeFile) -> Result<Option<Record>> {
        let text = file.read()?;
        if text.is_empty() {
            return Ok(None);
        }
        let record = Record::parse(&text).map_err(|why| disk::refused(&self.path, why))?;
        if record.identity != self.identity {
            return Err(disk::refused(&self.path, "is of the upload of another document"));
        }
        Ok(Some(record))
    }

    fn check(&self) -> Result<()> {
        let fault = if self.path.file_name().is_none() {
            "The path of the resume file names no file."
        } else if self.identity.len() > LONGEST_IDENTITY {
            "The identity for the resume file is longer than 4096 bytes."
        } else {
            return Ok(());
        };
        Err(Error::new(ErrorKind::InvalidArgument, fault))
    }

    /// [`ResumeFile::read`], on a thread that may wait for a disk.
    pub(crate) async fn known_session(&self) -> Result<Option<SecretString>> {
        let resume = self.clone();
        blocking::run(move || resume.read()).await
    }

    /// Makes the file, empty, where there is none: then it can be written.
    pub(crate) async fn reserve(&self) -> Result<()> {
        let resume = self.clone();
        let reserve = move || {
            resume.check()?;
            disk::open_or_create(&resume.path).map(drop)
        };
        blocking::run(reserve).await
    }

    /// Removes the file, whose session is gone.
    pub(crate) async fn discard(&self) -> Result<()> {
        let path = self.path.clone();
        blocking::run(move || OpenResumeFile::open(&path)?.map_or(Ok(()), OpenResumeFile::remove)).await
    }

    /// Removes a file to which nothing was written. One that stays, or that another process uses, does no harm.
    pub(crate) async fn discard_empty(&self) {
        let path = self.path.clone();
        let discard = move || match OpenResumeFile::open(&path)? {
            Some(file) if file.read()?.is_empty() => file.remove(),
            _ => Ok(()),
        };
        let _ = blocking::run(discard).await;
    }

    /// Its path as it may be shown.
    pub(crate) fn shown(&self) -> String {
        redact::path(&self.path)
    }

    /// Locks the file, or makes it, for the upload that may write to it, and reads it; `None` when nothing was written to it yet.
    pub(super) async fn begin(&self, upload_url: &UploadUrl) -> Result<(OpenResumeFile, Option<Record>)> {
        let (resume, url) = (self.clone(), upload_url.url().clone());
        blocking::run(move || {
            resume.check()?;
            let file = disk::open_or_create(&resume.path)?;
            let record = resume.record(&file)?;
            if record.as_ref().is_some_and(|record| record.upload_url != url.as_str()) {
                return Err(disk::refused(&resume.path, "is of another upload session than the one that was given"));
            }
            Ok((file, record))
        })
        .await
    }
}
