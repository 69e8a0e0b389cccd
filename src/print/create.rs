//! One job for a document, whatever is lost on the way.
//!
//! A job has no name of its caller's. One that was made by a request whose response was lost cannot be told from one that
//! another command is about to send to. So no job is taken over: another is made, and what waits is named, for a person to
//! look at. A job without a document prints nothing.

use std::collections::HashSet;
use std::sync::Mutex;
use std::time::{Duration, Instant, SystemTime};

use base64::prelude::{Engine, BASE64_URL_SAFE_NO_PAD as URL_SAFE_NO_PAD};
use http::header::DATE;
use once_cell::sync::Lazy;
use percent_encoding::{utf8_percent_encode, NON_ALPHANUMERIC};
use secrecy::ExposeSecret;
use serde_json::{Map, Value};
use time::OffsetDateTime;
use tokio::sync::RwLock;

use super::call::{is_outcome_unknown, wait_for_room};
use super::job::Jobs;
use super::record::PrintRecord;
use super::Job;
use crate::blocking::lock;
use crate::error::{Error, NextStep, Result};
use crate::http::client::Client;
use crate::http::response::Response;
use crate::http::retry::Budget;
use crate::undo::{self, Undo};

/// How long a job that cannot be printed may take to be canceled.
const CANCEL_TIMEOUT: Duration = Duration::from_secs(5);

/// What may lie between the clock of the service's first byte and the time that it gives a job.
const CLOCK_STEP: Duration = Duration::from_secs(2);

/// Held for reading while a job is being created, and for writing while the list of jobs is read.
static CREATING: RwLock<()> = RwLock::const_new(());

/// The addresses of all jobs that this process created or named.
static CLAIMED: Lazy<Mutex<HashSet<String>>> = Lazy::new(Mutex::default);

/// Makes a job. It is canceled unless its guard is [disarmed](JobGuard::disarm).
pub(super) async fn create(
    jobs: &Jobs,
    configuration: &Map<String, Value>,
    mut record: Option<&mut PrintRecord>,
) -> Result<(Job, JobGuard)> {
    let (started, mut budget) = (Instant::now(), Budget::for_graph(jobs.call()));
    let mut lost_since = record.as_ref().and_then(|record| record.creating_since());
    if let Some(record) = &mut record {
        record.save_creating(lost_since.unwrap_or_else(SystemTime::now)).await?;
    }
    let made = loop {
        let sent = SystemTime::now();
        match post(jobs, configuration).await {
            Err(error) if is_outcome_unknown(&error) => {
                lost_since.get_or_insert(sent);
                let text = format!("{} Creating the print job again.", error.message());
                match budget.wait(jobs.call(), error.retryable(true)).await {
                    Ok(()) => jobs.warn(text),
                    Err(error) => break Err(error),
                }
            }
            Err(error) if wait_for_room(jobs.call(), &error, started).await => {}
            made => break made,
        }
    };
    if let Some(since) = lost_since {
        name_leftovers(jobs, since, configuration, &record).await;
    }
    if let (Err(error), Some(record)) = (&made, record) {
        if !is_outcome_unknown(error) {
            record.save_not_created().await?;
        }
    }
    made
}

/// Sends the request so that whoever gives up meanwhile leaves no job behind.
async fn post(jobs: &Jobs, configuration: &Map<String, Value>) -> Result<(Job, JobGuard)> {
    let (jobs, configuration) = (jobs.clone(), configuration.clone());
    undo::make(async move {
        let _creating = CREATING.read().await;
        let job = jobs.create(&configuration).await?;
        claim(&jobs, &job);
        let guard = JobGuard::new(&jobs, &job);
        match jobs.with_document(job).await {
            Ok(job) => Ok((job, guard)),
            Err(error) => Err(guard.cancel(error).await),
        }
    })
    .await
}

/// Remembers a job; `false` when this process created it, or named it before.
fn claim(jobs: &Jobs, job: &Job) -> bool {
    lock(&CLAIMED).insert(format!("{}/{}", jobs.address(), job.id))
}

/// Names each job that may have been made by a request whose response was lost.
async fn name_leftovers(
    jobs: &Jobs,
    since: SystemTime,
    configuration: &Map<String, Value>,
    record: &Option<&mut PrintRecord>,
) {
    let _none_is_being_created = CREATING.write().await;
    let others = match record {
        Some(record) => record.jobs_of_others().await.unwrap_or_default(),
        None => HashSet::new(),
    };
    let candidates = match candidates(jobs, since).await {
        Ok(candidates) => candidates,
        Err(error) => {
            return jobs.warn(format!("A print job without a document may be left over: {}", error.message()));
        }
    };
    let leftovers = candidates.into_iter().filter(|job| {
        job.status.is_upload_pending()
            && !others.contains(&job.id)
            && configuration.iter().all(|(name, value)| job.configuration.get(name) == Some(value))
            && claim(jobs, job)
    });
    leftovers.for_each(|job| jobs.announce_leftover(&job.id));
}

/// The jobs of this user that were made since, by the service's clock.
async fn candidates(jobs: &Jobs, since: SystemTime) -> Result<Vec<Job>> {
    let mut address = format!("{}?$expand=documents", jobs.address());
    if let Some(name) = user_principal_name(jobs.client()) {
        let filter = format!("createdBy/userPrincipalName eq '{}'", name.replace('\'', "''"));
        address.push_str(&format!("&$filter={}", utf8_percent_encode(&filter, NON_ALPHANUMERIC)));
    }
    let read = |job: &Map<String, Value>, response: &Response| {
        let date = response.headers.get(DATE).and_then(|date| httpdate::parse_http_date(date.to_str().ok()?).ok());
        let now = SystemTime::now();
        let age = now.duration_since(since).unwrap_or_default() + CLOCK_STEP;
        let since = OffsetDateTime::from(date.unwrap_or(now) - age);
        Job::of(job).filter(|job| job.created.is_none_or(|created| created >= since))
    };
    jobs.list(address, read).await
}

/// The signed-in user, where the token has the name: an administrator sees the jobs of others too.
fn user_principal_name(client: &Client) -> Option<String> {
    let token = client.access_token()?;
    let claims = URL_SAFE_NO_PAD.decode(token.expose_secret().split('.').nth(1)?.trim_end_matches('=')).ok()?;
    let claims: Map<String, Value> = serde_json::from_slice(&claims).ok()?;
    let name = ["upn", "preferred_username", "unique_name"].iter().find_map(|name| claims.get(*name)?.as_str());
    name.filter(|name| name.contains('@')).map(str::to_owned)
}

/// A job that was made and is not started yet. Dropped, as when a host cancels the operation, it is canceled.
pub(super) struct JobGuard {
    jobs: Jobs,
    id: String,
    undo: Undo,
}

impl JobGuard {
    fn new(jobs: &Jobs, job: &Job) -> Self {
        let (made, id) = (jobs.clone(), job.id.clone());
        let undo = Undo::new(async move { _ = cancel(&made, &id).await });
        JobGuard { jobs: jobs.clone(), id: job.id.clone(), undo }
    }

    /// It is started, or a record knows it.
    pub(super) fn disarm(self) {
        self.undo.disarm();
    }

    /// Cancels the job because of an error, and says so in it.
    pub(super) async fn cancel(self, error: Error) -> Error {
        let JobGuard { jobs, id, undo } = self;
        let (error, so) = match cancel(&jobs, &id).await {
            true => {
                // The request whose outcome is unknown has no effect any more.
                let is_moot = *error.first_step() == NextStep::LookThenRunAgain;
                let error = if is_moot { error.with_next_step(NextStep::TryLater) } else { error };
                (error, format!("Print job {id}, which was made for it, is canceled."))
            }
            false => {
                jobs.announce_leftover(&id);
                (error, format!("Print job {id}, which was made for it, could not be canceled."))
            }
        };
        undo.disarm();
        let message = format!("{} {so}", error.message());
        error.with_message(message)
    }
}

async fn cancel(jobs: &Jobs, id: &str) -> bool {
    let canceling = async {
        jobs.cancel(id).await.is_ok() || matches!(jobs.find(id).await, Ok(Some(job)) if job.status.has_failed())
    };
    tokio::time::timeout(CANCEL_TIMEOUT, canceling).await.unwrap_or(false)
}
