//! Following a job until the printer is done with it.

use std::time::{Duration, Instant};

use super::job::{ended, Jobs};
use super::Printed;
use crate::error::{Error, ErrorKind, NextStep, Result};
use crate::http::retry::in_words;

/// Each pause is this much longer than the one before it.
const SLOWER: f64 = 1.5;

/// After so many first pauses, a minute by default, a warning names a job that no printer has taken.
const STUCK_AFTER: u32 = 60;

/// After so many first pauses without a word on a job, five minutes by default, it is followed no more.
const LOST_AFTER: u32 = 300;

/// The same where the service may have forgotten a job of an earlier run.
const FORGOTTEN_AFTER: u32 = 10;

/// The last poll may take so many first pauses, five seconds by default: a service that sends no response does not prolong
/// the wait.
const LAST_POLL: u32 = 5;

/// Looks at a job until it is over, held, or `longest` has passed.
///
/// # Errors
/// [`ErrorKind::PrintJobEnded`], and [`ErrorKind::StartUnconfirmed`] where nothing can be heard of the job any more.
pub(super) async fn wait(
    jobs: &Jobs,
    mut printed: Printed,
    longest: Duration,
    poll_interval: Duration,
) -> Result<Printed> {
    let (began, mut pause, mut has_warned) = (Instant::now(), poll_interval, false);
    let (mut seen, mut unseen) = (began, String::new());
    while !printed.status.is_over() && !printed.status.is_held() {
        let left = longest.saturating_sub(began.elapsed());
        if left.is_zero() {
            jobs.warn(format!(
                "Print job {} is not done after {}: {}{unseen}.",
                printed.job_id,
                in_words(longest),
                printed.status.in_words()
            ));
            return Ok(Printed { wait_ended: true, ..printed });
        }
        tokio::time::sleep(pause.min(left)).await;
        pause = pause.mul_f64(SLOWER).min(poll_interval * 10);
        let left = longest.saturating_sub(began.elapsed()).max(poll_interval * LAST_POLL);
        let found = tokio::time::timeout(left, jobs.find(&printed.job_id))
            .await
            .unwrap_or_else(|_| Err(Error::new(ErrorKind::Timeout, "No response came in time.")));
        // What an earlier run started may be done for so long that the service forgot it.
        let may_be_forgotten = printed.skipped && matches!(found, Ok(None));
        let found = found.map_err(|error| error.message().to_owned());
        let job = match found.and_then(|job| job.ok_or_else(|| "The service says nothing of it.".to_owned())) {
            Ok(job) => job,
            Err(why)
                if seen.elapsed() <= poll_interval * if may_be_forgotten { FORGOTTEN_AFTER } else { LOST_AFTER } =>
            {
                jobs.call().verbose(|| format!("Print job {} cannot be looked at: {why}", printed.job_id));
                unseen = format!(" when it was last seen; since then: {}", why.trim_end_matches('.'));
                continue;
            }
            Err(why) => {
                let lost = format!("Print job {} was started and can no longer be followed: {why}", printed.job_id);
                if may_be_forgotten {
                    jobs.warn(lost);
                    return Ok(Printed { wait_ended: true, ..printed });
                }
                return Err(Error::new(ErrorKind::StartUnconfirmed, lost).with_next_step(NextStep::LookBeforePrinting));
            }
        };
        (seen, unseen) = (Instant::now(), String::new());
        if job.status != printed.status {
            printed.status = job.status;
            jobs.announce(&printed);
        }
        if !has_warned && is_stuck(&printed) && began.elapsed() > poll_interval * STUCK_AFTER {
            has_warned = true;
            jobs.warn(format!(
                "Print job {} is started, and no printer has taken it for {}: check that the printer is on and its connector runs.",
                printed.job_id,
                in_words(began.elapsed())
            ));
        }
    }
    match printed.status.state.as_str() {
        "completed" if printed.status.has("completedWithErrors") => {
            jobs.warn(format!(
                "Print job {} was completed with errors: {}.",
                printed.job_id,
                printed.status.in_words()
            ));
        }
        "paused" => jobs.warn(format!("Print job {} waits until it is released at the printer.", printed.job_id)),
        "completed" => {}
        _ => return Err(ended(&printed.job_id, &printed.status)),
    }
    Ok(printed)
}

fn is_stuck(printed: &Printed) -> bool {
    !printed.status.is_acquired_by_printer && !printed.status.has("transforming")
}
