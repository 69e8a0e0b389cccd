//! The promise under fire: "a complete, byte-equal document, or one clear error that says whether and how to resume; never
//! a wrong or doubled byte, never a false success".

pub mod faults;

use std::path::Path;
use std::time::Duration;

use mgprint::{Error, ErrorKind, ResumeFile, UploadOptions, UploadUrl, Uploaded};
use mgprint_emulator::faults::{Fault, FaultPlan};
use mgprint_emulator::journal::{Entry, Outcome};
use mgprint_emulator::{DocumentState, Settings};

use self::faults::{Case, Expect};
use crate::common::{Stage, TestFile};

/// Three pieces of the body that is handed to a connection, so that a cut in the middle is one.
pub const PIECE: u64 = 96 * 1024;
/// The last range.
pub const LAST: u64 = 50_001;
pub const SIZE: u64 = 5 * PIECE + LAST;

/// Nothing here takes a minute; what does is stuck, and fails instead of hanging.
const PATIENCE: Duration = Duration::from_secs(90);

/// One upload under fire.
pub struct Trial {
    pub name: String,
    pub plans: Vec<FaultPlan>,
    pub concurrency: usize,
    pub expect: Expect,
    /// Silence counts soon.
    pub silent: bool,
    /// Each request has a connection of its own.
    pub keep_alive: bool,
    pub fresh: bool,
    pub resume: bool,
    pub max_retry: Option<u32>,
    /// A fault says what is not so and cannot be found out: that a session is gone that is there, or that bytes were kept.
    pub misleads: bool,
    /// A fault says that the document is complete as only the service can: then it has to be believed.
    pub claims_the_document: bool,
}

impl Trial {
    pub fn of(case: &Case, what: &str, plans: Vec<FaultPlan>, concurrency: usize) -> Self {
        Trial {
            name: format!("{}, {what}", case.name),
            plans,
            concurrency,
            expect: case.expect,
            silent: case.silent,
            keep_alive: !case.at_connections,
            fresh: false,
            resume: false,
            max_retry: None,
            misleads: case.misleads,
            claims_the_document: case.claims_the_document,
        }
    }

    /// Runs it; what is wrong with it, if anything.
    pub async fn run(&self, file: &TestFile) -> Result<(), String> {
        tokio::time::timeout(PATIENCE, self.judge(file))
            .await
            .unwrap_or_else(|_| Err("it does not end".to_owned()))
            .map_err(|why| format!("{}, {} at once: {why}", self.name, self.concurrency))
    }

    async fn judge(&self, file: &TestFile) -> Result<(), String> {
        let stage = Stage::with(Settings { keep_alive: self.keep_alive, ..Settings::default() }).await;
        let url = stage.url_for(&stage.ids, SIZE).await;
        let session = UploadUrl::parse(&url, stage.client.endpoint()).map_err(|error| error.to_string())?;
        let secret = url.split("tempauthtoken=").nth(1).ok_or("a URL without a secret")?;
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let options = self.options(&stage, folder.path());
        for plan in &self.plans {
            stage.plan(plan.clone());
        }
        let ended = stage.upload(&session, file.path(), &options).await;
        self.check_expected(&ended)?;
        self.check_promise(&stage, file, &ended)?;
        let mut is_complete = true;
        if let Err(error) = &ended {
            check_is_clear(error, secret)?;
            is_complete = self.go_on(&stage, &session, file, &options, error).await?;
        }
        // That of a session that is gone stays, and the error says so.
        let left = std::fs::read_dir(folder.path()).map_err(|error| error.to_string())?.count();
        if left > 0 && is_complete {
            return Err(format!("{left} files were left behind after {ended:?}"));
        }
        let journal = stage.journal();
        if !journal.violations.is_empty() {
            return Err(format!("rules were broken: {:?}", journal.violations));
        }
        // A PUT that is given up for its silence may look open for a moment longer.
        let most = if self.silent { 4 } else { self.concurrency as u64 };
        if journal.counts.most_puts_open > most {
            return Err(format!("{} PUTs at once", journal.counts.most_puts_open));
        }
        if stage.observed.texts().contains(secret) {
            return Err("the upload URL's secret was told".to_owned());
        }
        Ok(())
    }

    fn options(&self, stage: &Stage, folder: &Path) -> UploadOptions {
        let mut options = UploadOptions { fresh_session: self.fresh, ..stage.options(PIECE, self.concurrency) };
        options.call.max_retry = self.max_retry;
        // A service that forgot a part of its first bytes looks like a session of a smaller document, unless the size is
        // known, as it is to whoever created the session.
        let forgets = self.plans.iter().any(|plan| matches!(plan.fault, Fault::ForgetBytes(_)));
        options.expected_size = forgets.then_some(SIZE);
        if self.silent {
            options.call.idle_timeout = Duration::from_millis(700);
        }
        let resume = ResumeFile { path: folder.join("job.resume"), identity: "document".to_owned() };
        options.resume = self.resume.then_some(resume);
        options
    }

    fn check_expected(&self, ended: &Result<Uploaded, Error>) -> Result<(), String> {
        let fits = match (self.expect, ended) {
            (Expect::Promise, _) => true,
            (Expect::Delivered, ended) => ended.is_ok(),
            (Expect::Fails(kinds), ended) => ended.as_ref().is_err_and(|error| kinds.contains(&error.kind())),
        };
        fits.then_some(()).ok_or_else(|| format!("expected {:?}, and it ended with {ended:?}", self.expect))
    }

    /// No success without the document, no document but the right one.
    fn check_promise(&self, stage: &Stage, file: &TestFile, ended: &Result<Uploaded, Error>) -> Result<(), String> {
        let document = stage.document();
        if document.sessions_completed > 1 {
            return Err(format!("{} documents", document.sessions_completed));
        }
        let arrived = document.state == DocumentState::Uploaded;
        if arrived && document.sha256.as_deref() != Some(file.sha256.as_str()) {
            return Err(format!("the bytes differ, after {ended:?}"));
        }
        match ended {
            Ok(uploaded) if !arrived && uploaded.confirmed && !self.claims_the_document => {
                Err("a false success".to_owned())
            }
            Ok(uploaded) if !arrived && !uploaded.confirmed && !self.misleads => {
                Err("a success that nobody confirmed, and false".to_owned())
            }
            _ => Ok(()),
        }
    }

    /// The fault is gone, and the same call goes on; where the session is gone, another session does. Whether it was the
    /// same call that found the document complete.
    async fn go_on(
        &self,
        stage: &Stage,
        session: &UploadUrl,
        file: &TestFile,
        options: &UploadOptions,
        first: &Error,
    ) -> Result<bool, String> {
        stage.emulator.clear_faults();
        // Lines that were given up close a moment later; on a busy machine a new call can be quicker than that.
        let is_open = |entry: &Entry| entry.outcome == Outcome::Open;
        let closed = stage.emulator.journal().until(|journal| !journal.entries.iter().any(is_open));
        // One whose body nobody reads does not show that its client left.
        let _ = tokio::time::timeout(Duration::from_millis(500), closed).await;
        // With a resume file it is the very same call; without one, who knows that it is not the first says so.
        let options = &UploadOptions { fresh_session: self.fresh && self.resume, ..options.clone() };
        let again = stage.upload(session, file.path(), options).await;
        self.check_promise(stage, file, &again)?;
        let arrived = stage.document().state == DocumentState::Uploaded;
        let ends = |plan: &FaultPlan| matches!(plan.fault, Fault::EndSession(_));
        let gone = first.kind() == ErrorKind::SessionGone || self.plans.iter().any(ends);
        match again {
            Ok(_) if arrived => Ok(true),
            // What an earlier call sent came late, and completed the document behind the back of this one.
            Err(_) if arrived && self.plans.iter().any(|plan| matches!(plan.fault, Fault::KeepLate(_))) => Ok(false),
            // It said so, or it is complete.
            Err(error) if error.kind() == ErrorKind::SessionGone && (arrived || gone) => {
                if arrived {
                    return Ok(false);
                }
                let anew = stage.session(SIZE).await;
                let options = UploadOptions { resume: None, ..options.clone() };
                let ended = stage.upload(&anew, file.path(), &options).await;
                ended.map(drop).map_err(|error| format!("a new session: {error:?}"))?;
                self.check_promise(stage, file, &Err(error)).map(|()| false)
            }
            again => Err(format!("the same call again ended with {again:?}, after {first:?}")),
        }
    }
}

/// One clear error: what, without a secret; and what to do, which fits whether it can go on.
fn check_is_clear(error: &Error, secret: &str) -> Result<(), String> {
    let told = format!("{} {}", error.message(), error.next_step());
    let goes_on = error.next_step().contains("goes on where it stopped");
    if error.message().is_empty() || !error.message().ends_with('.') || !error.next_step().ends_with('.') {
        return Err(format!("not a sentence and what to do: {told}"));
    }
    // That one says which other document to send.
    if error.is_resumable() != goes_on && error.kind() != ErrorKind::SizeMismatch {
        return Err(format!("resumable is {}, and what to do is: {}", error.is_resumable(), error.next_step()));
    }
    if !error.is_resumable() && !error.next_step().contains("new upload session") {
        return Err(format!("how to begin anew is not told: {told}"));
    }
    if told.contains(secret) || format!("{error:?}").contains(secret) {
        return Err("the upload URL's secret is in the error".to_owned());
    }
    if told.chars().any(|character| character.is_control() || ('\u{202a}'..='\u{202e}').contains(&character)) {
        return Err(format!("control characters: {told:?}"));
    }
    Ok(())
}
