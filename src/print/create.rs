//! A job is made once.
//!
//! A job has no name of its caller's, and making one cannot be repeated safely. So when the response is lost, the newest
//! jobs are looked at: one that was made since, waits for its document, has the configuration that was asked for and is
//! nobody else's as far as this process knows, is ours. Where there is none, the request did not arrive, and is sent again.

use std::collections::HashSet;
use std::sync::Mutex;
use std::time::{Duration, Instant, SystemTime};

use base64::prelude::{Engine, BASE64_URL_SAFE_NO_PAD as URL_SAFE_NO_PAD};
use once_cell::sync::Lazy;
use percent_encoding::{utf8_percent_encode, NON_ALPHANUMERIC};
use secrecy::ExposeSecret;
use serde_json::{Map, Value};
use time::OffsetDateTime;
use tokio::sync::{oneshot, RwLock};

use super::job::{Job, Jobs, MOST_PAGES};
use super::record::PrintRecord;
use crate::blocking::lock;
use crate::error::{Error, ErrorKind, Result};
use crate::event::Event;
use crate::http::client::Client;
use crate::http::retry;

/// How long a job that cannot be printed may take to be canceled.
const CANCEL_TIMEOUT: Duration = Duration::from_secs(5);

/// The service takes 100 jobs of a printer in ten minutes: after this, waiting for room is in vain.
const LONGEST_WAIT_FOR_ROOM: Duration = Duration::from_secs(15 * 60);

/// Where the service names no time to come back at.
const WAIT_FOR_ROOM: Duration = Duration::from_secs(30);

/// How often a request whose response was lost is sent again.
const TRIES: u32 = 3;

/// What may lie between the clock of the service's first byte and the time that it gives a job.
const CLOCK_STEP: Duration = Duration::from_secs(2);

/// Held for reading while a job is being created, and for writing while the list of jobs is searched for a lost one.
static CREATING: RwLock<()> = RwLock::const_new(());

/// The addresses of all jobs that this process created or found again.
static CLAIMED: Lazy<Mutex<HashSet<String>>> = Lazy::new(Mutex::default);

/// Makes a job, or finds the one that an earlier try made. It is canceled unless its guard is [disarmed](JobGuard::disarm).
pub(super) async fn create(
    jobs: &Jobs,
    configuration: &Map<String, Value>,
    mut record: Option<&mut PrintRecord>,
) -> Result<(Job, JobGuard)> {
    let started = Instant::now();
    let mut since = record.as_ref().and_then(|record| record.creating_since());
    let mut tries = 0;
    let mut lost = None;
    loop {
        if let Some(since) = since {
            if let Some(made) = look_for_lost(jobs, since, configuration, &record, lost.as_ref()).await? {
                return Ok(made);
            }
        }
        if let Some(error) = lost.take() {
            if tries > TRIES {
                return Err(error);
            }
            jobs.call().verbose(|| "The print job was not created. Creating it again.".to_owned());
        }
        let now = SystemTime::now();
        if let Some(record) = &mut record {
            record.save_creating(since.unwrap_or(now)).await?;
        }
        match post(jobs, configuration).await {
            Ok(made) => return Ok(made),
            Err(error) if is_outcome_unknown(&error) => {
                jobs.warn(format!("{} Checking whether the print job was created.", error.message()));
                since.get_or_insert(now);
                tries += 1;
                lost = Some(error);
            }
            Err(error) if error.http_status() == Some(429) && started.elapsed() < LONGEST_WAIT_FOR_ROOM => {
                let headers = error.response_headers();
                let delay = retry::retry_after(headers, SystemTime::now()).unwrap_or(WAIT_FOR_ROOM);
                if started.elapsed() + delay > LONGEST_WAIT_FOR_ROOM {
                    return Err(error);
                }
                let reason = format!(
                    "The printer or you have as many new print jobs as the service takes. Waits {}.",
                    retry::in_words(delay)
                );
                jobs.call().observer.event(Event::Retry { attempt: 1, max_attempts: 1, delay, reason });
                tokio::time::sleep(delay).await;
            }
            Err(error) => {
                if let Some(record) = &mut record {
                    record.forget().await?;
                }
                return Err(error);
            }
        }
    }
}

/// What may have made a job, though nothing says so.
fn is_outcome_unknown(error: &Error) -> bool {
    use ErrorKind::{ConnectionFailed, ResponseTooLarge, Timeout, UnexpectedResponse};
    [ConnectionFailed, Timeout, UnexpectedResponse, ResponseTooLarge].contains(&error.kind())
        || matches!(error.http_status(), Some(500 | 502 | 504))
}

/// Sends the request in a task of its own: whoever gives up meanwhile leaves no job behind.
async fn post(jobs: &Jobs, configuration: &Map<String, Value>) -> Result<(Job, JobGuard)> {
    let (deliver, delivered) = oneshot::channel();
    let (jobs, configuration) = (jobs.clone(), configuration.clone());
    tokio::spawn(async move {
        let _creating = CREATING.read().await;
        let made = async {
            let job = jobs.create(&configuration).await?;
            claim(&jobs, &job);
            let guard = JobGuard::new(&jobs, &job);
            match jobs.with_document(job).await {
                Ok(job) => Ok((job, guard)),
                Err(error) => Err(guard.cancel(error).await),
            }
        };
        // What nobody takes is dropped, and a job canceled with it.
        let _ = deliver.send(made.await);
    });
    delivered.await.unwrap_or_else(|_| Err(Error::new(ErrorKind::Internal, "Making a print job failed.")))
}

/// Claims a job for its document; `false` when another one of this process has it.
fn claim(jobs: &Jobs, job: &Job) -> bool {
    lock(&CLAIMED).insert(format!("{}/{}", jobs.address(), job.id))
}

async fn look_for_lost(
    jobs: &Jobs,
    since: SystemTime,
    configuration: &Map<String, Value>,
    record: &Option<&mut PrintRecord>,
    lost: Option<&Error>,
) -> Result<Option<(Job, JobGuard)>> {
    let _none_is_being_created = CREATING.write().await;
    let unknown = |error: Error| {
        let first = lost.map_or("An earlier run ended while a print job was being made.", Error::message);
        Error::new(error.kind(), format!("{first} Whether the job was made is not known: {}", error.message()))
            .with_next_step("Look at the jobs of the printer share before you print the document again.")
    };
    let others = match record {
        Some(record) => record.jobs_of_others().await?,
        None => HashSet::new(),
    };
    let candidates = candidates(jobs, since).await.map_err(unknown)?;
    let mut ours = candidates.into_iter().filter(|job| {
        job.status.is_upload_pending()
            && !others.contains(&job.id)
            && configuration.iter().all(|(name, value)| job.configuration.get(name) == Some(value))
    });
    let Some(job) = ours.find(|job| claim(jobs, job)) else { return Ok(None) };
    jobs.call().verbose(|| format!("The response was lost, and print job {} was made.", job.id));
    let guard = JobGuard::new(jobs, &job);
    Ok(Some((jobs.with_document(job).await?, guard)))
}

/// The jobs of this user that were made since, by the service's clock.
async fn candidates(jobs: &Jobs, since: SystemTime) -> Result<Vec<Job>> {
    let mut address = format!("{}?$expand=documents", jobs.address());
    if let Some(name) = user_principal_name(jobs.client()) {
        let filter = format!("createdBy/userPrincipalName eq '{}'", name.replace('\'', "''"));
        address.push_str(&format!("&$filter={}", utf8_percent_encode(&filter, NON_ALPHANUMERIC)));
    }
    let mut found = Vec::new();
    for _ in 0..MOST_PAGES {
        let page = jobs.page(&address).await?;
        let now = SystemTime::now();
        let age = now.duration_since(since).unwrap_or_default() + CLOCK_STEP;
        let since = OffsetDateTime::from(page.date.unwrap_or(now) - age);
        found.extend(page.jobs.into_iter().filter(|job| job.created.is_none_or(|created| created >= since)));
        match page.next {
            Some(next) => address = next,
            None => return Ok(found),
        }
    }
    Err(Error::new(ErrorKind::ResponseTooLarge, "The list of print jobs has too many pages."))
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
pub(super) struct JobGuard(Option<(Jobs, String)>);

impl JobGuard {
    fn new(jobs: &Jobs, job: &Job) -> Self {
        JobGuard(Some((jobs.clone(), job.id.clone())))
    }

    /// It is started, or a record knows it.
    pub(super) fn disarm(mut self) {
        self.0 = None;
    }

    /// Cancels the job because of an error, and says so in it.
    pub(super) async fn cancel(mut self, error: Error) -> Error {
        let Some((jobs, id)) = self.0.take() else { return error };
        let so = match cancel(&jobs, &id).await {
            true => format!("Print job {id}, which was made for it, is canceled."),
            false => {
                format!(
                    "Print job {id}, which was made for it, could not be canceled: look at it before you print again."
                )
            }
        };
        let message = format!("{} {so}", error.message());
        error.with_message(message)
    }
}

impl Drop for JobGuard {
    fn drop(&mut self) {
        if let (Some((jobs, id)), Ok(runtime)) = (self.0.take(), tokio::runtime::Handle::try_current()) {
            runtime.spawn(async move { cancel(&jobs, &id).await });
        }
    }
}

async fn cancel(jobs: &Jobs, id: &str) -> bool {
    tokio::time::timeout(CANCEL_TIMEOUT, jobs.cancel(id)).await.is_ok_and(|canceled| canceled.is_ok())
}
