//! The jobs of one share or printer: made, looked at, started, canceled.

use std::sync::{Arc, Mutex};
use std::time::Instant;

use bytes::Bytes;
use http::HeaderMap;
use serde_json::{json, Map, Value};

use super::{call, share, Destination, Job, PrintRequest, Printed};
use crate::blocking::lock;
use crate::call::CallOptions;
use crate::error::{Error, ErrorKind, NextStep, Result};
use crate::event::{Event, JobStatus};
use crate::graph::GraphCall;
use crate::http::client::Client;
use crate::http::response::{member, Response};
use crate::http::retry::Budget;
use crate::request::Request;
use crate::session::{self, Parent};

/// The jobs of one share or printer, and how they are asked for. Clones are cheap.
#[derive(Clone)]
pub(super) struct Jobs(Arc<Inner>);

struct Inner {
    client: Client,
    call: CallOptions,
    headers: Vec<(String, String)>,
    parent: Parent,
    parent_id: String,
    /// Headers of the last response.
    last: Mutex<HeaderMap>,
}

impl Jobs {
    /// Those of a request's destination; a name is looked up.
    pub(super) async fn at(client: &Client, request: &PrintRequest, call: &CallOptions) -> Result<Self> {
        let (parent, parent_id) = match &request.destination {
            Destination::Share(id) => (Parent::Share, id.clone()),
            Destination::Printer(id) => (Parent::Printer, id.clone()),
            Destination::ShareNamed(name) => {
                (Parent::Share, share::find_share(client, name, &request.headers, call).await?.id)
            }
        };
        // An id that cannot stand in an address is an error before a file is hashed or a record made.
        session::create_session_request(client, parent, &parent_id, "0", "0", Bytes::new())?;
        let (client, call, headers) = (client.clone(), call.clone(), request.headers.clone());
        Ok(Jobs(Arc::new(Inner { client, call, headers, parent, parent_id, last: Mutex::default() })))
    }

    pub(super) fn client(&self) -> &Client {
        &self.0.client
    }

    pub(super) fn call(&self) -> &CallOptions {
        &self.0.call
    }

    pub(super) fn parent_id(&self) -> &str {
        &self.0.parent_id
    }

    pub(super) fn warn(&self, text: String) {
        self.call().warn(text);
    }

    /// Tells the observer how a job stands.
    pub(super) fn announce(&self, printed: &Printed) {
        self.call().observer.event(Event::Job {
            job_id: printed.job_id.clone(),
            document_id: printed.document_id.clone(),
            status: printed.status.clone(),
        });
    }

    /// Tells the observer of a job that waits for a document which may never come.
    pub(super) fn announce_leftover(&self, id: &str) {
        self.call().observer.event(Event::JobLeft { parent_id: self.parent_id().to_owned(), job_id: id.to_owned() });
    }

    /// The address of the share or printer.
    pub(super) fn parent_address(&self) -> String {
        self.client().endpoint().resource(["print", self.0.parent.segment(), self.parent_id()])
    }

    /// The address of its jobs.
    pub(super) fn address(&self) -> String {
        self.client().endpoint().resource(["print", self.0.parent.segment(), self.parent_id(), "jobs"])
    }

    fn job_address(&self, id: &str) -> String {
        self.client().endpoint().resource(["print", self.0.parent.segment(), self.parent_id(), "jobs", id])
    }

    async fn ask(&self, request: GraphCall<'_>, body: Bytes) -> Result<Response> {
        let response = call::ask(self.client(), &self.0.headers, self.call(), request, body).await?;
        lock(&self.0.last).clone_from(&response.headers);
        Ok(response)
    }

    pub(super) fn last_headers(&self) -> HeaderMap {
        lock(&self.0.last).clone()
    }

    pub(super) async fn get(&self, address: &str, what: &str) -> Result<Map<String, Value>> {
        let response = self.ask(GraphCall { method: "GET", address, what, repeatable: true }, Bytes::new()).await?;
        // It was checked to be JSON.
        Ok(serde_json::from_slice(&response.body).unwrap_or_default())
    }

    /// Makes a job, whose document may yet be unknown. It is not repeated when its response is lost: see [`super::create`].
    pub(super) async fn create(&self, configuration: &Map<String, Value>) -> Result<Job> {
        let body = if configuration.is_empty() { json!({}) } else { json!({ "configuration": configuration }) };
        let call =
            GraphCall { method: "POST", address: &self.address(), what: "create a print job", repeatable: false };
        let response = self.ask(call, body.to_string().into()).await.map_err(|error| self.explain(error))?;
        let made = serde_json::from_slice(&response.body).ok().as_ref().and_then(Job::of);
        made.ok_or_else(|| {
            Error::new(ErrorKind::UnexpectedResponse, "The service was asked for a print job, and named none.")
        })
    }

    /// A job of a list, or of a service that names no documents, with its document.
    pub(super) async fn with_document(&self, job: Job) -> Result<Job> {
        if !job.document_id.is_empty() {
            return Ok(job);
        }
        let address = format!("{}/documents", self.job_address(&job.id));
        let documents = self.get(&address, "list the documents of a print job").await?;
        let first = member(&documents, "value").and_then(|all| all.get(0)).and_then(|first| first.get("id"));
        let document_id = first.and_then(Value::as_str).map(str::to_owned).ok_or_else(|| {
            Error::new(ErrorKind::UnexpectedResponse, format!("Print job {} has no document to upload.", job.id))
        })?;
        Ok(Job { document_id, ..job })
    }

    /// A job as it is now; `None` when there is none (any more).
    pub(super) async fn find(&self, id: &str) -> Result<Option<Job>> {
        let address = format!("{}?$expand=documents", self.job_address(id));
        match self.get(&address, "get a print job").await {
            Ok(job) => Ok(Job::of(&job)),
            Err(error) if error.http_status() == Some(404) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Gets jobs page by page.
    pub(super) async fn list<T>(
        &self,
        address: String,
        read: impl FnMut(&Map<String, Value>, &Response) -> Option<T>,
    ) -> Result<Vec<T>> {
        call::list(self.client(), &self.0.headers, self.call(), address, "list print jobs", read).await
    }

    /// Starts a job. Where a response is lost or says nothing, the job says whether it is started: what a second start does,
    /// nothing documents. One that may have been started and still waits is canceled, but for one that a record `keeps`.
    ///
    /// # Errors
    /// [`ErrorKind::PrintJobEnded`]; [`ErrorKind::StartUnconfirmed`] where the job may have been started, and does not say so.
    pub(super) async fn start(&self, id: &str, keeps: bool) -> Result<JobStatus> {
        let address = format!("{}/start", self.job_address(id));
        let request = GraphCall { method: "POST", address: &address, what: "start a print job", repeatable: false };
        let (began, mut budget) = (Instant::now(), Budget::for_graph(self.call()));
        let mut may_be_started = false;
        loop {
            let error = match self.ask(request, Bytes::new()).await {
                Ok(response) => match JobStatus::of(&serde_json::from_slice(&response.body).unwrap_or_default()) {
                    status if status.is_started() => return Ok(status),
                    status if status.has_failed() => return Err(ended(id, &status)),
                    _ => says_nothing(id),
                },
                Err(error) => error,
            };
            let is_unknown = call::is_outcome_unknown(&error);
            may_be_started |= is_unknown;
            let (error, is_waiting) = match self.find_or_retry(id).await {
                Ok(Job { status, .. }) if status.is_started() => return Ok(status),
                Ok(Job { status, .. }) if status.has_failed() => return Err(ended(id, &status)),
                Ok(_) if is_unknown => match budget.wait(self.call(), error.retryable(true)).await {
                    Ok(()) => continue,
                    Err(error) => (error, true),
                },
                Ok(_) if call::wait_for_room(self.call(), &error, began).await => continue,
                looked => (error, looked.is_ok_and(|job| job.status.state == "paused")),
            };
            let error = self.explain(error);
            let is_over = !may_be_started || (is_waiting && !keeps && self.cancel_for_certain(id).await);
            return Err(if is_over { error } else { unconfirmed(id, &error) });
        }
    }

    /// Cancels a job that may be on its way to the printer; `false` where it is not known to be canceled.
    async fn cancel_for_certain(&self, id: &str) -> bool {
        let _ = self.cancel(id).await;
        matches!(self.find(id).await, Ok(Some(job)) if job.status.has_failed())
    }

    /// A job as it is now; asked for again where the response says nothing of it, as that of a job that is gone.
    pub(super) async fn find_or_retry(&self, id: &str) -> Result<Job> {
        let mut budget = Budget::for_upload(self.call());
        loop {
            let failure = match self.find(id).await {
                Ok(Some(job)) if !job.status.state.is_empty() => return Ok(job),
                Ok(_) => says_nothing(id),
                Err(error) if matches!(error.http_status(), Some(401 | 403)) => return Err(error),
                Err(error) => error,
            };
            budget.wait(self.call(), failure.retryable(true)).await?;
        }
    }

    pub(super) async fn cancel(&self, id: &str) -> Result<()> {
        let address = format!("{}/cancel", self.job_address(id));
        let call = GraphCall { method: "POST", address: &address, what: "cancel a print job", repeatable: true };
        self.ask(call, Bytes::new()).await.map(drop)
    }

    pub(super) fn session_request(&self, job: &Job, body: Bytes) -> Result<Request> {
        let (client, parent) = (self.client(), self.0.parent);
        let mut request =
            session::create_session_request(client, parent, self.parent_id(), &job.id, &job.document_id, body)?;
        call::add_headers(&mut request, &self.0.headers)?;
        Ok(request)
    }

    /// A printer refuses whoever is no administrator, which its service does not say.
    fn explain(&self, error: Error) -> Error {
        if error.http_status() == Some(403) && self.0.parent == Parent::Printer {
            return error
                .with_next_step("Only a Printer Administrator prints to a printer itself. Print to its share.");
        }
        error
    }
}

fn says_nothing(id: &str) -> Error {
    Error::new(ErrorKind::UnexpectedResponse, format!("The service does not say how print job {id} stands."))
}

/// Of a job that ended without being printed.
pub(super) fn ended(id: &str, status: &JobStatus) -> Error {
    Error::new(ErrorKind::PrintJobEnded, format!("Print job {id} was not printed: {}.", status.in_words()))
        .with_next_step("Look at the printer, then print the document again.")
}

/// Of a job that was asked to start, where `error` hides whether it was.
pub(super) fn unconfirmed(id: &str, error: &Error) -> Error {
    let message = format!("{} It is not known whether print job {id} was started; it may be printed.", error.message());
    Error::new(ErrorKind::StartUnconfirmed, message).with_next_step(NextStep::LookBeforePrinting)
}
