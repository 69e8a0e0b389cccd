//! A print job as the service describes it.

use serde_json::{Map, Value};
use time::format_description::well_known::Rfc3339;
use time::OffsetDateTime;

use crate::event::JobStatus;
use crate::http::redact;
use crate::http::response::member;

impl JobStatus {
    pub(super) fn of(status: &Map<String, Value>) -> Self {
        let text = |name| redact::text(member(status, name).and_then(Value::as_str).unwrap_or_default());
        let details = member(status, "details").and_then(Value::as_array).into_iter().flatten();
        JobStatus {
            state: text("state"),
            details: details.filter_map(Value::as_str).map(redact::text).collect(),
            description: text("description"),
            is_acquired_by_printer: member(status, "isAcquiredByPrinter").and_then(Value::as_bool).unwrap_or_default(),
        }
    }

    pub(super) fn has(&self, detail: &str) -> bool {
        self.details.iter().any(|known| known == detail)
    }

    pub(super) fn is_upload_pending(&self) -> bool {
        self.has("uploadPending")
    }

    /// Its document is at the service, whole.
    pub(super) fn has_document(&self) -> bool {
        !self.is_upload_pending() && !self.has_failed() && !self.state.is_empty()
    }

    /// Uploaded, and held until a person releases it at the printer.
    pub(super) fn is_held(&self) -> bool {
        self.state == "paused" && self.has("releaseWait")
    }

    /// A printer has it, will have it, or had it.
    pub(super) fn is_started(&self) -> bool {
        self.is_held() || !["", "unknown", "paused"].contains(&self.state.as_str()) && !self.has_failed()
    }

    /// It ended, and was not printed.
    pub(super) fn has_failed(&self) -> bool {
        self.is_over() && self.state != "completed"
    }

    /// State, details and the service's description, for a message.
    pub(super) fn in_words(&self) -> String {
        let mut text = self.state.clone();
        if !self.details.is_empty() {
            text.push_str(&format!(" ({})", self.details.join(", ")));
        }
        if !self.description.is_empty() {
            text.push_str(&format!(", {}", self.description.trim_end_matches('.')));
        }
        text
    }

    /// Nothing more happens to the job.
    pub fn is_over(&self) -> bool {
        ["completed", "canceled", "aborted"].contains(&self.state.as_str())
    }
}

/// A print job and its one document.
#[derive(Clone, Debug, Default)]
pub(super) struct Job {
    pub(super) id: String,
    pub(super) document_id: String,
    pub(super) status: JobStatus,
    pub(super) created: Option<OffsetDateTime>,
    pub(super) configuration: Map<String, Value>,
}

impl Job {
    pub(super) fn of(job: &Map<String, Value>) -> Option<Self> {
        let object = |name| member(job, name).and_then(Value::as_object).cloned().unwrap_or_default();
        let document = member(job, "documents").and_then(|all| all.get(0)).and_then(Value::as_object);
        // An id stands in messages as it is.
        let is_id = |id: &&str| !id.is_empty() && redact::clean(id) == **id;
        let id_of = |object: &Map<String, Value>| member(object, "id")?.as_str().filter(is_id).map(str::to_owned);
        Some(Job {
            id: id_of(job)?,
            document_id: document.and_then(id_of).unwrap_or_default(),
            status: JobStatus::of(&object("status")),
            created: member(job, "createdDateTime")
                .and_then(Value::as_str)
                .and_then(|text| OffsetDateTime::parse(text, &Rfc3339).ok()),
            configuration: object("configuration"),
        })
    }
}
