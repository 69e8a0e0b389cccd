//! Printers, shares, jobs and documents: what the service knows before any byte is uploaded.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{json, Value};
use uuid::Uuid;

use crate::conduct::Conduct;
use crate::ledger::{Event, Ledger};
use crate::session::{Properties, Session};
use crate::shelf::{Region, Shelf};

/// The content types a printer takes when nothing else is said.
pub const CONTENT_TYPES: [&str; 3] = ["application/pdf", "application/oxps", "image/pwg-raster"];

/// A printer, job and document to make; what is left out gets a random id.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct NewDocument {
    /// The printer; made when there is none of this id.
    pub printer_id: Option<String>,
    /// The printer's share; made when there is none of this id.
    pub printer_share_id: Option<String>,
    /// The job; made when the printer has none of this id.
    pub print_job_id: Option<String>,
    /// The document; a job has one.
    pub print_document_id: Option<String>,
    /// The content types the printer takes, if it is made.
    pub content_types: Option<Vec<String>>,
    /// Whether the job has a print task in state `processing` of the calling app's own trigger: what an app-only
    /// token needs to upload.
    pub print_task_processing: bool,
}

/// The ids of a document and of what it belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DocumentIds {
    /// The printer.
    pub printer_id: String,
    /// The printer's share.
    pub printer_share_id: String,
    /// The job.
    pub print_job_id: String,
    /// The document.
    pub print_document_id: String,
}

/// A document as the service knows it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Document {
    /// Its id and those it belongs to.
    #[serde(flatten)]
    pub ids: DocumentIds,
    /// How far it is.
    pub state: DocumentState,
    /// Its name, once a session was created.
    pub document_name: Option<String>,
    /// Its content type, once a session was created.
    pub content_type: Option<String>,
    /// Its size in bytes, once it is complete.
    pub size: Option<u64>,
    /// Its SHA-256 in lower-case hexadecimal, once it is complete and unless hashing is off.
    pub sha256: Option<String>,
    /// Its upload sessions: how many were created, and how many ended in a complete document.
    pub sessions_created: u64,
    /// How many of its sessions ended in a complete document; more than one means it was uploaded twice.
    pub sessions_completed: u64,
    #[serde(skip)]
    pub(crate) bytes: Option<Region>,
}

impl Job {
    /// Goes on to the next of its states, where there is one.
    pub(crate) fn advance(&mut self) {
        let Some((&(state, detail, is_acquired), ahead)) = self.ahead.split_first() else { return };
        let details = Some(detail).filter(|detail| !detail.is_empty()).into_iter().collect();
        (self.state, self.details, self.is_acquired, self.ahead) = (state, details, is_acquired, ahead);
    }
}

/// How far a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum DocumentState {
    /// No upload session was created.
    Created,
    /// An upload session was created.
    Uploading,
    /// Every byte is there.
    Uploaded,
}

/// A print job and the states Graph shows.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub document: String,
    pub created: std::time::SystemTime,
    pub state: &'static str,
    pub details: Vec<&'static str>,
    pub is_acquired: bool,
    /// The states that are still to come; empty before the start.
    pub ahead: &'static [(&'static str, &'static str, bool)],
    /// How often it was started: more than once means that it is printed twice.
    pub starts: u64,
    pub configuration: Option<Value>,
    pub print_task_processing: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Printer {
    pub share: String,
    pub content_types: Vec<String>,
    pub jobs: BTreeMap<String, Job>,
}

#[derive(Debug, Default)]
pub(crate) struct Registry {
    pub printers: BTreeMap<String, Printer>,
    /// Share id to printer id.
    pub shares: BTreeMap<String, String>,
    pub documents: HashMap<String, Document>,
    pub sessions: HashMap<Uuid, Arc<Session>>,
    pub conducts: HashMap<Uuid, Arc<Conduct>>,
    pub shelf: Arc<Shelf>,
    /// Where all of this is written down, if it is.
    pub ledger: Option<Ledger>,
}

impl Registry {
    /// Makes what `new` asks for; an id that is in use for something else is refused with a sentence.
    pub(crate) fn add(&mut self, new: NewDocument) -> Result<DocumentIds, String> {
        let content_types = new.content_types.clone();
        let id = |given: Option<String>| given.unwrap_or_else(|| Uuid::new_v4().to_string());
        let document = id(new.print_document_id);
        if self.documents.contains_key(&document) {
            return Err(format!("There is already a document with the id '{document}'."));
        }
        let printer = id(new.printer_id);
        let share = match (self.printers.get(&printer), new.printer_share_id) {
            (Some(known), Some(wanted)) if known.share != wanted => {
                return Err(format!("The printer '{printer}' already has the share '{}'.", known.share));
            }
            (Some(known), _) => known.share.clone(),
            (None, Some(wanted)) if self.shares.contains_key(&wanted) => {
                return Err(format!("The share '{wanted}' belongs to another printer."));
            }
            (None, wanted) => id(wanted),
        };
        let job = id(new.print_job_id);
        let known = self.printers.entry(printer.clone()).or_insert_with(|| Printer {
            share: share.clone(),
            content_types: new.content_types.unwrap_or_else(|| CONTENT_TYPES.map(str::to_owned).into()),
            jobs: BTreeMap::new(),
        });
        if known.jobs.contains_key(&job) {
            return Err(format!("The job '{job}' already has its one document."));
        }
        known.jobs.insert(
            job.clone(),
            Job {
                document: document.clone(),
                created: std::time::SystemTime::now(),
                state: "paused",
                details: vec!["uploadPending"],
                is_acquired: false,
                ahead: &[],
                starts: 0,
                configuration: None,
                print_task_processing: new.print_task_processing,
            },
        );
        self.shares.insert(share.clone(), printer.clone());
        let ids = DocumentIds {
            printer_id: printer,
            printer_share_id: share,
            print_job_id: job,
            print_document_id: document,
        };
        self.documents.insert(ids.print_document_id.clone(), Document::new(ids.clone()));
        let named = NewDocument {
            printer_id: Some(ids.printer_id.clone()),
            printer_share_id: Some(ids.printer_share_id.clone()),
            print_job_id: Some(ids.print_job_id.clone()),
            print_document_id: Some(ids.print_document_id.clone()),
            content_types,
            print_task_processing: new.print_task_processing,
        };
        self.log(|| Event::Document(named))
            .map_err(|error| format!("The document cannot be written down: {error}."))?;
        Ok(ids)
    }

    /// Every job, and what is printed of it: as often as it was started.
    pub(crate) fn jobs(&self) -> Vec<Value> {
        let jobs = self.printers.values().flat_map(|printer| &printer.jobs);
        jobs.map(|(id, job)| {
            json!({
                "printJobId": id,
                "state": job.state,
                "details": job.details,
                "starts": job.starts,
                "configuration": job.configuration,
                "document": self.documents.get(&job.document),
            })
        })
        .collect()
    }

    pub(crate) fn job(&mut self, ids: &DocumentIds) -> Option<&mut Job> {
        self.printers.get_mut(&ids.printer_id)?.jobs.get_mut(&ids.print_job_id)
    }
}

impl Document {
    fn new(ids: DocumentIds) -> Self {
        Self {
            ids,
            state: DocumentState::Created,
            document_name: None,
            content_type: None,
            size: None,
            sha256: None,
            sessions_created: 0,
            sessions_completed: 0,
            bytes: None,
        }
    }

    /// An upload session was created for it.
    pub(crate) fn begin(&mut self, properties: &Properties) {
        self.document_name = Some(properties.document_name.clone());
        self.content_type = Some(properties.content_type.clone());
        self.sessions_created += 1;
        self.state = DocumentState::Uploading;
        self.size = None;
        self.sha256 = None;
        self.bytes = None;
    }
}
