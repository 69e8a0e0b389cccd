//! What a print left on the disk, so that the same call goes on with it and prints nothing twice.
//!
//! A record is written before the request that it is of: a job that may have been made is looked for. It lies on the disk
//! as a resume file does ([`disk`]), for its owner alone and locked while in use, and holds no secret.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{json, Map, Value};
use sha2::{Digest, Sha256};

use super::job::Job;
use crate::blocking;
use crate::error::{Error, ErrorKind, Result};
use crate::event::JobStatus;
use crate::http::redact;
use crate::upload::resume::disk::{self, OpenResumeFile};
use crate::upload::{FileSource, Source};

const FORMAT: &str = "mgprint print record";
const VERSION: u64 = 1;

/// How far a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    /// Nothing was asked for.
    New,
    /// A job was asked for, and may have been made.
    Creating,
    /// The job was made.
    Created,
    /// The service has the document.
    Uploaded,
    /// The job was started.
    Started,
}

impl Step {
    const NAMES: [(Step, &'static str); 5] = [
        (Step::New, "new"),
        (Step::Creating, "creating"),
        (Step::Created, "created"),
        (Step::Uploaded, "uploaded"),
        (Step::Started, "started"),
    ];

    fn name(self) -> &'static str {
        Self::NAMES[self as usize].1
    }

    fn of(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(_, known)| *known == name).map(|(step, _)| *step)
    }
}

/// What a record says.
#[derive(Clone)]
struct Content {
    /// The address of the jobs: of which share.
    target: String,
    sha256: String,
    step: Step,
    /// When a job was first asked for, in seconds since 1970 by this computer's clock.
    since: u64,
    job_id: String,
    document_id: String,
    state: String,
}

/// A record that this process has locked.
pub(super) struct PrintRecord {
    /// `None` while it is being written.
    file: Option<OpenResumeFile>,
    path: PathBuf,
    content: Content,
    /// The digest of the document as it is now.
    sha256: String,
}

impl PrintRecord {
    /// Opens the record of a document, or makes one.
    pub(super) async fn open(path: &Path, target: &str, source: &FileSource, document: &Path) -> Result<Self> {
        let (path, target, document, size) = (path.to_owned(), target.to_owned(), document.to_owned(), source.size());
        blocking::run("The work on the record of a print", move || {
            let file = disk::open_or_create(&path)?;
            let sha256 = digest(&document, size)?;
            let text = file.read()?;
            let content = if text.is_empty() {
                Content::new(&target, &sha256)
            } else {
                Content::parse(&text).ok_or_else(|| disk::refused(&path, "is no record of a print"))?
            };
            if content.target != target && content.step == Step::New {
                // Nothing came of it there.
                return Ok(PrintRecord { content: Content::new(&target, &sha256), file: Some(file), path, sha256 });
            }
            if content.target != target {
                return Err(disk::refused(&path, "is of a print to another printer share"));
            }
            Ok(PrintRecord { file: Some(file), path, content, sha256 })
        })
        .await
    }

    pub(super) fn step(&self) -> Step {
        self.content.step
    }

    /// Whether the document is the one that the record is of.
    pub(super) fn is_same_document(&self) -> bool {
        self.content.sha256 == self.sha256
    }

    /// The job that it knows, as it was.
    pub(super) fn job(&self) -> Job {
        Job {
            id: self.content.job_id.clone(),
            document_id: self.content.document_id.clone(),
            status: JobStatus { state: self.content.state.clone(), ..JobStatus::default() },
            ..Job::default()
        }
    }

    /// When a job was asked for of which nothing is known.
    pub(super) fn creating_since(&self) -> Option<SystemTime> {
        (self.step() == Step::Creating).then(|| UNIX_EPOCH + Duration::from_secs(self.content.since))
    }

    /// The resume file of the document's upload.
    pub(super) fn upload_path(&self) -> PathBuf {
        with_suffix(&self.path, ".upload")
    }

    /// The jobs that the other records of the folder know.
    pub(super) fn jobs_of_others(&self) -> HashSet<String> {
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let files = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
        let others = files.filter(|file| file.extension() == self.path.extension() && *file != self.path);
        let others = others.filter_map(|file| Content::parse(&std::fs::read(file).ok()?));
        others.filter(|other| other.target == self.content.target).map(|other| other.job_id).collect()
    }

    /// A job is about to be asked for.
    pub(super) async fn save_creating(&mut self, since: SystemTime) -> Result<()> {
        let since = since.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let content = Content::new(&self.content.target, &self.sha256);
        self.write(Content { step: Step::Creating, since, ..content }).await
    }

    /// No job was made.
    pub(super) async fn forget(&mut self) -> Result<()> {
        self.write(Content::new(&self.content.target, &self.sha256)).await
    }

    pub(super) async fn save(&mut self, step: Step, job: &Job) -> Result<()> {
        let content = Content {
            step: step.max(self.step()),
            job_id: job.id.clone(),
            document_id: job.document_id.clone(),
            state: job.status.state.clone(),
            ..self.content.clone()
        };
        self.write(content).await
    }

    async fn write(&mut self, content: Content) -> Result<()> {
        let lost = || Error::new(ErrorKind::Internal, "The record of the print was not given back.");
        let mut file = self.file.take().ok_or_else(lost)?;
        let text = content.to_text();
        let (file, written) = blocking::run("The work on the record of a print", move || {
            let written = file.replace(&text).and_then(|()| file.sync_folder());
            Ok((file, written))
        })
        .await?;
        self.file = Some(file);
        written?;
        self.content = content;
        Ok(())
    }
}

impl Content {
    fn new(target: &str, sha256: &str) -> Self {
        Content {
            target: target.to_owned(),
            sha256: sha256.to_owned(),
            step: Step::New,
            since: 0,
            job_id: String::new(),
            document_id: String::new(),
            state: String::new(),
        }
    }

    fn to_text(&self) -> String {
        let mut text = json!({
            "format": FORMAT,
            "version": VERSION,
            "target": self.target,
            "sha256": self.sha256,
            "step": self.step.name(),
            "since": self.since,
            "printJobId": self.job_id,
            "printDocumentId": self.document_id,
            "state": self.state,
        })
        .to_string();
        text.push('\n');
        text
    }

    fn parse(text: &[u8]) -> Option<Self> {
        let object: Map<String, Value> = serde_json::from_slice(text).ok()?;
        let text = |name: &str| Some(object.get(name)?.as_str()?.to_owned());
        (text("format")? == FORMAT && object.get("version")?.as_u64()? == VERSION).then_some(())?;
        Some(Content {
            target: text("target")?,
            sha256: text("sha256")?,
            step: Step::of(&text("step")?)?,
            since: object.get("since")?.as_u64()?,
            job_id: text("printJobId")?,
            document_id: text("printDocumentId")?,
            state: text("state")?,
        })
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(suffix);
    path.into()
}

/// The SHA-256 of the first `size` bytes of a file.
fn digest(path: &Path, size: u64) -> Result<String> {
    use std::io::Read;
    let mut hash = Sha256::new();
    let read = std::fs::File::open(path).and_then(|file| std::io::copy(&mut file.take(size), &mut hash));
    read.map_err(|error| {
        let message = format!("'{}' cannot be read: {error}.", redact::path(path));
        Error::new(ErrorKind::SourceUnreadable, message)
    })?;
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}
