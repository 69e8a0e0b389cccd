//! What a print left on the disk, so that the same call goes on with it and prints nothing twice.
//!
//! A record is written before the request that it is of: a job that may have been made is looked for. It lies on the disk
//! as a resume file does ([`disk`]), for its owner alone and locked while in use, and holds no secret.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use serde_json::{json, Map, Value};

use super::Job;
use crate::blocking;
use crate::error::{Error, ErrorKind, Result};
use crate::event::JobStatus;
use crate::upload::resume::disk::{self, OpenResumeFile};
use crate::upload::FileSource;

const FORMAT: &str = "mgprint print record";
const VERSION: u64 = 1;

/// Bytes that no record has.
const LARGEST: u64 = 64 * 1024;

/// How far a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Step {
    /// Nothing was asked for.
    New,
    /// A job was asked for, and may have been made.
    Creating,
    /// The job was made.
    Created,
    /// The service has the document.
    Uploaded,
    /// The job was asked to start, and may be printed.
    Starting,
    /// The job was started.
    Started,
}

/// What a record says.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Content {
    format: String,
    version: u64,
    /// The address of the jobs: of which share.
    target: String,
    sha256: String,
    /// What was asked of the printer.
    configuration: Map<String, Value>,
    step: Step,
    /// When a job was first asked for, in seconds since 1970 by this computer's clock.
    since: u64,
    print_job_id: String,
    print_document_id: String,
    state: String,
    /// Whether the service said of the new job that it waits for its document.
    #[serde(default)]
    told_pending: bool,
}

/// A record that this process has locked.
pub(super) struct PrintRecord {
    /// `None` while it is being written.
    file: Option<OpenResumeFile>,
    path: PathBuf,
    content: Content,
    /// What it is to be of: the document as it is now, and what is asked of the printer now.
    wanted: Content,
    /// What it said of the same print, while another job is made for it.
    printed_before: Option<Content>,
}

impl PrintRecord {
    /// Opens the record of a document, or makes one.
    pub(super) async fn open(
        path: &Path,
        target: &str,
        source: &FileSource,
        configuration: &Map<String, Value>,
    ) -> Result<Self> {
        let path = path.to_owned();
        let wanted = Content::new(target, &source.digest().await?, configuration);
        blocking::run(move || {
            let file = disk::open_or_create(&path).map_err(|error| match error.kind() {
                // The other call prints this document; a second record would print it twice.
                ErrorKind::ResumeFileInUse => error.with_next_step("Wait until that one has ended."),
                _ => error,
            })?;
            // Without its record a document is printed once more.
            let refused = |why| Err(disk::refused(&path, why).with_next_step("Give the record another path."));
            let text = file.read()?;
            let content = if text.is_empty() {
                wanted.clone()
            } else {
                match Content::parse(&text) {
                    Some(content) => content,
                    None => return refused("is no record of a print"),
                }
            };
            // Where nothing came of it there, it may be of another share.
            let content = if content.step == Step::New { wanted.clone() } else { content };
            if content.target != wanted.target {
                return refused("is of a print to another printer share");
            }
            Ok(PrintRecord { file: Some(file), path, content, wanted, printed_before: None })
        })
        .await
    }

    pub(super) fn step(&self) -> Step {
        self.content.step
    }

    /// Whether the document, and what is asked of the printer, are those that the record is of.
    pub(super) fn is_same_print(&self) -> bool {
        self.content.sha256 == self.wanted.sha256 && self.content.configuration == self.wanted.configuration
    }

    /// The job that it knows, as it was.
    pub(super) fn job(&self) -> Job {
        Job {
            id: self.content.print_job_id.clone(),
            document_id: self.content.print_document_id.clone(),
            status: JobStatus { state: self.content.state.clone(), ..JobStatus::default() },
            ..Job::default()
        }
    }

    /// Whether the service tells of its job that it waits for its document; else nothing is known by its not saying so.
    pub(super) fn told_pending(&self) -> bool {
        self.content.told_pending
    }

    /// When a job was asked for of which nothing is known.
    pub(super) fn creating_since(&self) -> Option<SystemTime> {
        (self.step() == Step::Creating).then(|| UNIX_EPOCH + Duration::from_secs(self.content.since))
    }

    /// The resume file of the document's upload.
    pub(super) fn upload_path(&self) -> PathBuf {
        disk::with_suffix(&self.path, ".upload")
    }

    /// The jobs that the other records of the folder know.
    pub(super) async fn jobs_of_others(&self) -> Result<HashSet<String>> {
        let (path, target) = (self.path.clone(), self.content.target.clone());
        blocking::run(move || {
            let files =
                std::fs::read_dir(disk::folder(&path)).into_iter().flatten().flatten().map(|entry| entry.path());
            let others = files.filter(|file| file.extension() == path.extension() && *file != path);
            // What is larger, or a pipe that nobody writes to, is no record.
            let is_small = |file: &PathBuf| file.metadata().is_ok_and(|file| file.is_file() && file.len() < LARGEST);
            let others = others.filter(is_small).filter_map(|file| Content::parse(&std::fs::read(file).ok()?));
            Ok(others.filter(|other| other.target == target).map(|other| other.print_job_id).collect())
        })
        .await
    }

    /// A job is about to be asked for.
    pub(super) async fn save_creating(&mut self, since: SystemTime) -> Result<()> {
        let since = since.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        self.printed_before = (self.step() == Step::Started && self.is_same_print()).then(|| self.content.clone());
        self.write(Content { step: Step::Creating, since, ..self.wanted.clone() }).await
    }

    /// No job was made: the record says what it said before, where that was of the same print.
    pub(super) async fn save_not_created(&mut self) -> Result<()> {
        let before = self.printed_before.take().unwrap_or_else(|| self.wanted.clone());
        self.write(before).await
    }

    /// No job was made, or it was not printed: the same call makes another.
    pub(super) async fn forget(&mut self) -> Result<()> {
        self.write(self.wanted.clone()).await
    }

    /// The job was not started after all.
    pub(super) async fn save_not_started(&mut self) -> Result<()> {
        self.write(Content { step: Step::Uploaded, ..self.content.clone() }).await
    }

    pub(super) async fn save(&mut self, step: Step, job: &Job) -> Result<()> {
        let content = Content {
            step: step.max(self.step()),
            print_job_id: job.id.clone(),
            print_document_id: job.document_id.clone(),
            state: job.status.state.clone(),
            told_pending: self.content.told_pending || job.status.is_upload_pending(),
            ..self.content.clone()
        };
        self.write(content).await
    }

    async fn write(&mut self, content: Content) -> Result<()> {
        let lost = || Error::new(ErrorKind::Internal, "The record of the print was not given back.");
        let mut file = self.file.take().ok_or_else(lost)?;
        let text = json!(content).to_string() + "\n";
        let (file, written) = blocking::run(move || {
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
    fn new(target: &str, sha256: &str, configuration: &Map<String, Value>) -> Self {
        Content {
            format: FORMAT.to_owned(),
            version: VERSION,
            target: target.to_owned(),
            sha256: sha256.to_owned(),
            configuration: configuration.clone(),
            step: Step::New,
            since: 0,
            print_job_id: String::new(),
            print_document_id: String::new(),
            state: String::new(),
            told_pending: false,
        }
    }

    fn parse(text: &[u8]) -> Option<Self> {
        let content: Content = serde_json::from_slice(text).ok()?;
        (content.format == FORMAT && content.version == VERSION).then_some(content)
    }
}
