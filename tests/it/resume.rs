//! Uploads with a resume file: the same call goes on after whatever ended the one before.

#[cfg(unix)]
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use crate::common::process::{ended, Call};
use crate::common::{fault, Stage, TestFile};
use http::StatusCode;
use mgprint::{Error, ErrorKind, ResumeFile, UploadOptions, UploadUrl, Uploaded};
use mgprint_emulator::faults::{Fault, LoseAnswer, Stall, StatusAnswer};
use mgprint_emulator::journal::Snapshot;
use tempfile::TempDir;

pub(crate) const PIECE: u64 = 100_000;

/// A stage, a document of ten pieces, a session for it, and the place of a resume file.
pub(crate) struct Scene {
    pub(crate) stage: Stage,
    pub(crate) file: TestFile,
    session: UploadUrl,
    pub(crate) folder: TempDir,
}

impl Scene {
    pub(crate) async fn new() -> Self {
        let (stage, file) = (Stage::new().await, TestFile::new(10 * PIECE));
        let session = stage.session(file.size).await;
        Scene { stage, file, session, folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("job.resume")
    }

    pub(crate) fn resume(&self) -> ResumeFile {
        ResumeFile { path: self.path(), identity: crate::common::process::IDENTITY.to_owned() }
    }

    pub(crate) fn options(&self, max_concurrency: usize) -> UploadOptions {
        UploadOptions { resume: Some(self.resume()), ..self.stage.options(PIECE, max_concurrency) }
    }

    pub(crate) async fn upload(&self, options: &UploadOptions) -> Result<Uploaded, Error> {
        self.stage.upload(&self.session, self.file.path(), options).await
    }

    /// Three pieces arrive, and the fourth is refused for good.
    pub(crate) async fn interrupted(&self) {
        let mut end = fault("PUT", Fault::Status(StatusAnswer::new(StatusCode::CONFLICT)));
        end.matching.nth = 4;
        self.stage.plan(end);
        let error = self.upload(&self.options(1)).await.expect_err("409");
        assert_eq!(error.http_status(), Some(409));
        assert!(error.next_step().contains("same command"), "{}", error.next_step());
    }

    /// What is in the resume file.
    #[cfg(unix)]
    pub(crate) fn record(&self) -> serde_json::Value {
        serde_json::from_slice(&std::fs::read(self.path()).unwrap()).unwrap()
    }

    /// Nothing is left behind.
    pub(crate) fn assert_tidy(&self) {
        let left: Vec<_> = std::fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert_eq!(left, Vec::<PathBuf>::new());
    }

    pub(crate) async fn refused(&self, kind: ErrorKind) -> Error {
        let puts = self.stage.puts().len();
        let error = self.upload(&self.options(1)).await.expect_err("refused");
        assert_eq!(error.kind(), kind, "{error}");
        assert_eq!(self.stage.puts().len(), puts, "nothing was sent");
        assert!(!format!("{error:?} {error} {}", error.next_step()).contains("tempauthtoken="));
        error
    }
}

fn puts(journal: &Snapshot) -> usize {
    journal.entries.iter().filter(|entry| entry.method == "PUT").count()
}

#[tokio::test]
async fn the_same_call_goes_on_and_leaves_nothing_behind() {
    for concurrency in [1, 4] {
        let scene = Scene::new().await;
        scene.interrupted().await;
        let uploaded = scene.upload(&scene.options(concurrency)).await.expect("resumed");
        assert!(uploaded.confirmed);
        assert_eq!(uploaded.bytes_sent, 7 * PIECE);
        scene.stage.assert_arrived(&scene.file);
        scene.assert_tidy();
    }
}

#[cfg(unix)]
#[tokio::test]
async fn the_file_is_its_owner_s_alone_and_holds_no_token() {
    let scene = Scene::new().await;
    scene.interrupted().await;
    assert_eq!(std::fs::metadata(scene.path()).unwrap().mode() & 0o7777, 0o600);
    let text = std::fs::read_to_string(scene.path()).unwrap();
    assert!(text.contains("tempauthtoken=") && !text.contains(scene.stage.emulator.token()));
    let record = scene.record();
    assert_eq!(record["size"], 10 * PIECE);
    // The fourth was noted before it ended, and taken back when it was refused.
    assert_eq!(record["sent"], serde_json::json!([{"start": 0, "end": 3 * PIECE}]));
    assert_eq!(std::fs::read_dir(scene.folder.path()).unwrap().count(), 1);

    let url = scene.resume().read().expect("ours").expect("begun");
    assert!(!format!("{url:?}").contains("tempauthtoken="));
    let url = UploadUrl::parse(record["uploadUrl"].as_str().unwrap(), scene.stage.client.endpoint()).unwrap();
    assert!(url == scene.session);
}

// On Windows nobody reads it while it is in use.
#[cfg(unix)]
#[tokio::test]
async fn the_file_is_whole_before_the_first_byte_leaves() {
    let scene = Scene::new().await;
    scene.stage.plan(fault("GET", Fault::Stall(Stall::default())));
    let options = scene.options(4);
    let seen = async {
        scene.stage.emulator.journal().until(|journal| journal.entries.iter().any(|entry| entry.method == "GET")).await;
        scene.record()
    };
    tokio::select! {
        _ = scene.upload(&options) => panic!("its status is not answered"),
        record = seen => assert_eq!(record["sent"], serde_json::json!([])),
    }
}

#[tokio::test]
async fn a_fresh_session_is_fresh_once() {
    let scene = Scene::new().await;
    let options = UploadOptions { fresh_session: true, ..scene.options(1) };
    let mut end = fault("PUT", Fault::Status(StatusAnswer::new(StatusCode::CONFLICT)));
    end.matching.nth = 4;
    scene.stage.plan(end);
    scene.upload(&options).await.expect_err("409");
    assert_eq!(scene.stage.requests("GET").len(), 0);
    scene.upload(&options).await.expect("resumed");
    assert_eq!(scene.stage.requests("GET").len(), 1);
    scene.stage.assert_arrived(&scene.file);
}

#[tokio::test]
async fn an_expired_session_is_said_to_be_gone_and_what_to_do() {
    let scene = Scene::new().await;
    scene.interrupted().await;
    scene.stage.emulator.expire_sessions(&scene.stage.ids.print_document_id);
    let error = scene.refused(ErrorKind::SessionGone).await;
    assert!(error.message().contains("expired"), "{error}");
    assert!(error.next_step().contains("delete the resume file '") && error.next_step().contains("job.resume"));
    assert!(scene.path().exists());
}

/// The document is complete, and its resume file is there: the upload ended before it heard of it.
pub(crate) async fn ended_while_it_completed() -> Scene {
    let scene = Scene::new().await;
    // The last answer is lost, and the question after it never answered: then the upload is given up.
    let mut lost = fault("PUT", Fault::LoseAnswer(LoseAnswer::default()));
    lost.matching.nth = 10;
    scene.stage.plan(lost);
    let mut silent = fault("GET", Fault::Stall(Stall::default()));
    silent.matching.nth = 2;
    scene.stage.plan(silent);
    let options = scene.options(1);
    let journal = scene.stage.emulator.journal();
    tokio::select! {
        _ = scene.upload(&options) => panic!("its status is not answered"),
        _ = journal.until(|journal| journal.entries.iter().filter(|entry| entry.method == "GET").count() == 2) => {}
    }
    scene
}

#[tokio::test]
async fn an_upload_that_ended_while_it_completed_is_complete_but_unconfirmed() {
    let scene = ended_while_it_completed().await;
    scene.file.file.as_file().set_modified(SystemTime::UNIX_EPOCH).unwrap();
    let uploaded = scene.upload(&scene.options(1)).await.expect("complete");
    assert!(!uploaded.confirmed && uploaded.response.is_none());
    assert_eq!(uploaded.bytes_sent, 0);
    scene.stage.assert_arrived(&scene.file);
    scene.assert_tidy();
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_is_not_ours_is_refused() {
    let scene = Scene::new().await;
    let path = scene.path();
    for (text, why) in [
        ("my thesis", "is not a resume file"),
        ("{\"format\":\"mgprint resume file\",\"version\":99}", "another version"),
        ("{\"format\":\"mgprint resume file\",\"version\":2}", "was damaged"),
        (&"x".repeat(1024 * 1024 + 1), "larger than any"),
    ] {
        std::fs::write(&path, text).unwrap();
        let error = scene.refused(ErrorKind::ResumeFileRefused).await;
        assert!(error.message().contains(why) && error.message().contains("job.resume"), "{error}");
        assert_eq!(scene.resume().read().unwrap_err().kind(), ErrorKind::ResumeFileRefused);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text, "it is left as it was");
        std::fs::remove_file(&path).unwrap();
    }

    let target = scene.folder.path().join("target");
    std::fs::write(&target, "").unwrap();
    std::os::unix::fs::symlink(&target, &path).unwrap();
    let error = scene.refused(ErrorKind::ResumeFileRefused).await;
    assert!(error.message().contains("symbolic link"), "{error}");
    std::fs::remove_file(&path).unwrap();
    std::os::unix::fs::symlink(scene.folder.path().join("nowhere"), &path).unwrap();
    scene.refused(ErrorKind::ResumeFileRefused).await;
    std::fs::remove_file(&path).unwrap();

    std::fs::create_dir(&path).unwrap();
    assert!(matches!(
        scene.upload(&scene.options(1)).await.unwrap_err().kind(),
        ErrorKind::ResumeFileRefused | ErrorKind::ResumeFileFailed
    ));
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_others_can_write_is_refused() {
    let scene = Scene::new().await;
    scene.interrupted().await;
    for mode in [0o620, 0o602, 0o666] {
        std::fs::set_permissions(scene.path(), std::fs::Permissions::from_mode(mode)).unwrap();
        let error = scene.refused(ErrorKind::ResumeFileRefused).await;
        assert!(error.message().contains("can be written to by other users"), "{error}");
    }
    std::fs::set_permissions(scene.path(), std::fs::Permissions::from_mode(0o600)).unwrap();
    // Only root can give a file away.
    if std::os::unix::fs::chown(scene.path(), Some(1), None).is_ok() {
        let error = scene.refused(ErrorKind::ResumeFileRefused).await;
        assert!(error.message().contains("belongs to another user"), "{error}");
    }
}

#[tokio::test]
async fn a_file_of_another_upload_is_refused() {
    let scene = Scene::new().await;
    scene.interrupted().await;
    let mut options = scene.options(1);
    options.resume = Some(ResumeFile { identity: "printer q".to_owned(), ..scene.resume() });
    let error = scene.upload(&options).await.expect_err("another document");
    assert_eq!(error.kind(), ErrorKind::ResumeFileRefused);
    assert!(error.message().contains("of another document"), "{error}");

    let other = Stage::new().await;
    let session = other.session(scene.file.size).await;
    let error = other.upload(&session, scene.file.path(), &scene.options(1)).await.expect_err("another session");
    assert_eq!(error.kind(), ErrorKind::ResumeFileRefused);
    assert!(error.message().contains("another upload session"), "{error}");
    assert!(other.puts().is_empty());
}

#[tokio::test]
async fn a_file_that_was_made_and_not_written_is_begun_with() {
    let scene = Scene::new().await;
    std::fs::write(scene.path(), "").unwrap();
    assert!(scene.resume().read().unwrap().is_none());
    scene.upload(&scene.options(4)).await.expect("delivered");
    scene.assert_tidy();
}

#[tokio::test]
async fn a_file_that_cannot_be_made_or_written_ends_the_upload() {
    let scene = Scene::new().await;
    let mut options = scene.options(1);
    options.resume = Some(ResumeFile { path: scene.folder.path().join("no/such/folder"), identity: String::new() });
    let error = scene.upload(&options).await.expect_err("no folder");
    assert_eq!(error.kind(), ErrorKind::ResumeFileFailed);
    assert!(error.message().contains("cannot be created"), "{error}");
    assert!(scene.stage.puts().is_empty());

    // In the middle of an upload: nothing that was not noted completes the document.
    let mut late = fault("PUT", Fault::Stall(Stall::default()));
    late.matching.nth = 2;
    scene.stage.plan(late);
    let mut options = scene.options(1);
    options.call.idle_timeout = Duration::from_millis(500);
    let upload = scene.upload(&options);
    let obstacle = scene.folder.path().join("job.resume.mgprint-new");
    let obstruct = async {
        scene.stage.emulator.journal().until(|journal| puts(journal) == 2).await;
        // A range that is in the middle of its note makes way first.
        while std::fs::create_dir(&obstacle).is_err() {
            tokio::task::yield_now().await;
        }
    };
    let (ended, ()) = tokio::join!(upload, obstruct);
    let error = ended.expect_err("it cannot be written");
    assert_eq!((error.kind(), error.is_resumable()), (ErrorKind::ResumeFileFailed, true));
    assert!(obstacle.is_dir(), "what is not ours is not removed");
    std::fs::remove_dir(&obstacle).unwrap();
    scene.upload(&scene.options(4)).await.expect("resumed");
    scene.stage.assert_arrived(&scene.file);
    scene.assert_tidy();
}

#[tokio::test]
async fn two_uploads_with_one_file_are_one_and_one_error() {
    let scene = Scene::new().await;
    let mut silence = fault("PUT", Fault::Stall(Stall::default()));
    silence.matching.nth = 3;
    scene.stage.plan(silence);
    let options = scene.options(1);
    let mut first = Box::pin(scene.upload(&options));
    tokio::select! {
        _ = &mut first => panic!("its range is not answered"),
        _ = scene.stage.emulator.journal().until(|journal| puts(journal) == 3) => {}
    }
    let error = scene.refused(ErrorKind::ResumeFileInUse).await;
    assert!(error.message().contains("in use by another upload"), "{error}");
    assert_eq!(scene.resume().read().unwrap_err().kind(), ErrorKind::ResumeFileInUse);
    // Given up, it lets go at once.
    drop(first);
    scene.upload(&options).await.expect("resumed");
    assert_eq!(scene.stage.document().sha256.as_deref(), Some(scene.file.sha256.as_str()));
    scene.assert_tidy();
}

#[tokio::test]
async fn what_the_service_has_not_is_not_complete_when_its_session_is_gone() {
    let refused = StatusAnswer::new(StatusCode::CONFLICT);
    let busy =
        StatusAnswer { retry_after: Some("86400".to_owned()), ..StatusAnswer::new(StatusCode::TOO_MANY_REQUESTS) };
    for answer in [refused, busy] {
        // The whole document in one range, which was noted before it ended.
        let (stage, file, folder) = (Stage::new().await, TestFile::new(PIECE), tempfile::tempdir().unwrap());
        let session = stage.session(PIECE).await;
        let path = folder.path().join("job.resume");
        let resume = Some(ResumeFile { path, identity: String::new() });
        let options = UploadOptions { resume, ..stage.options(PIECE, 4) };
        stage.plan(fault("PUT", Fault::Status(answer)));
        stage.upload(&session, file.path(), &options).await.expect_err("not kept");
        stage.emulator.expire_sessions(&stage.ids.print_document_id);
        let error = stage.upload(&session, file.path(), &options).await.expect_err("expired, and not complete");
        assert_eq!(error.kind(), ErrorKind::SessionGone);
        let again = stage.upload(&session, file.path(), &options).await.expect_err("and so it stays");
        assert_eq!(again.kind(), ErrorKind::SessionGone);
    }
}

#[tokio::test]
async fn a_document_that_is_in_no_file_has_no_resume_file() {
    let scene = Scene::new().await;
    let source = std::sync::Arc::new(mgprint::MemorySource::new("bytes"));
    let ended = mgprint::upload(&scene.stage.client, &scene.session, source, &scene.options(1)).await;
    assert_eq!(ended.unwrap_err().kind(), ErrorKind::InvalidArgument);
    scene.assert_tidy();
}

/// The call that is repeated, in a process of its own.
fn another_process(scene: &Scene, url: &str) -> std::process::Child {
    let call = Call {
        endpoint: scene.stage.emulator.url(),
        url,
        file: scene.file.path(),
        resume: Some(&scene.path()),
        chunk_size: PIECE,
        concurrency: 1,
    };
    call.command().spawn().expect("this program runs twice")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_is_refused_at_once() {
    let scene = Scene::new().await;
    let url = scene.stage.url_for(&scene.stage.ids, scene.file.size).await;
    scene.stage.plan(fault("PUT", Fault::Stall(Stall::default())));
    let mut first = another_process(&scene, &url);
    scene.stage.emulator.journal().until(|journal| puts(journal) == 1).await;
    let said = ended(another_process(&scene, &url)).await;
    assert!(said.contains("ResumeFileInUse"), "{said}");
    first.kill().unwrap();
    first.wait().unwrap();
    // The lock died with its process.
    assert!(ended(another_process(&scene, &url)).await.contains("DELIVERED"));
    assert_eq!(scene.stage.document().sha256.as_deref(), Some(scene.file.sha256.as_str()));
    scene.assert_tidy();
}
