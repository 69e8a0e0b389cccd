//! The world around an upload: files that change under it, disks that are full, machines that sleep.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::Child;
use std::time::Duration;

use crate::common::process::{ended, Call, IDENTITY};
use crate::common::{fault, Stage, TestFile};
use mgprint::{ErrorKind, FileSource, Source, UploadUrl};
use mgprint_emulator::faults::{Fault, FaultPlan, Match, Stall};
use mgprint_emulator::journal::Snapshot;

const PIECE: u64 = 100_000;
const SIZE: u64 = 10 * PIECE;

fn puts(journal: &Snapshot) -> usize {
    journal.entries.iter().filter(|entry| entry.method == "PUT").count()
}

/// An upload in pieces, one at a time, of which the third gets no answer for half a second: time for `change`.
async fn changed_half_way(
    stage: &Stage,
    session: &UploadUrl,
    file: &TestFile,
    change: impl FnOnce(),
) -> Result<mgprint::Uploaded, mgprint::Error> {
    let mut silent = fault("PUT", Fault::Stall(Stall::default()));
    silent.matching.nth = 3;
    stage.plan(silent);
    let mut options = stage.options(PIECE, 1);
    options.call.idle_timeout = Duration::from_millis(500);
    let changing = async {
        stage.emulator.journal().until(|journal| puts(journal) == 3).await;
        change();
    };
    let (ended, ()) = tokio::join!(stage.upload(session, file.path(), &options), changing);
    ended
}

#[tokio::test]
async fn a_file_that_shrinks_is_never_completed() {
    let (stage, file) = (Stage::new().await, TestFile::new(SIZE));
    let session = stage.session(SIZE).await;
    let shrink = || file.file.as_file().set_len(SIZE / 2).unwrap();
    let error = changed_half_way(&stage, &session, &file, shrink).await.expect_err("it shrank");
    assert_eq!((error.kind(), error.is_resumable()), (ErrorKind::SourceChanged, false));
    assert!(error.message().contains("was 1000000 bytes and is 500000 bytes now"), "{error}");
    assert_eq!(stage.document().sha256, None);
    stage.assert_well_behaved();
}

#[tokio::test]
async fn a_file_that_is_replaced_is_never_completed() {
    let (stage, file, other) = (Stage::new().await, TestFile::new(SIZE), TestFile::new(SIZE));
    let session = stage.session(SIZE).await;
    let replace = || std::fs::rename(other.path(), file.path()).unwrap();
    let error = changed_half_way(&stage, &session, &file, replace).await.expect_err("it was replaced");
    assert_eq!(error.kind(), ErrorKind::SourceChanged);
    assert!(error.message().contains("another file took its place"), "{error}");
    assert_eq!(stage.document().sha256, None);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_file_that_cannot_be_read_half_way_ends_the_upload_and_not_the_session() {
    let (stage, file) = (Stage::new().await, TestFile::new(SIZE));
    let session = stage.session(SIZE).await;
    let error = changed_half_way(&stage, &session, &file, || cut_off(file.path())).await.expect_err("unreadable");
    assert_eq!((error.kind(), error.is_resumable()), (ErrorKind::SourceUnreadable, true), "{error}");
    assert!(error.message().contains("cannot be read: Bad file descriptor"), "{error}");
    assert!(error.next_step().contains("Check the disk") && error.next_step().contains("goes on where it stopped"));
    stage.upload(&session, file.path(), &stage.options(PIECE, 4)).await.expect("resumed");
    stage.assert_arrived(&file);
}

#[cfg(target_os = "linux")]
/// Lets every read of the open file fail from now on: its descriptor becomes one that is for writing alone.
fn cut_off(path: &Path) {
    use std::os::fd::AsRawFd;
    let writing = std::fs::OpenOptions::new().append(true).open(path).unwrap();
    let open = std::fs::read_dir("/proc/self/fd").unwrap().filter_map(|entry| {
        let entry = entry.ok()?;
        let descriptor: i32 = entry.file_name().to_str()?.parse().ok()?;
        (std::fs::read_link(entry.path()).ok()? == path && descriptor != writing.as_raw_fd()).then_some(descriptor)
    });
    for descriptor in open.collect::<Vec<_>>() {
        // SAFETY: F_GETFL has no precondition.
        let flags = unsafe { libc::fcntl(descriptor, libc::F_GETFL) };
        if flags & libc::O_ACCMODE == libc::O_RDONLY {
            // SAFETY: both are open, and it is the file of this test alone.
            assert_eq!(unsafe { libc::dup2(writing.as_raw_fd(), descriptor) }, descriptor);
        }
    }
}

/// A stage, a document and a folder for a resume file.
struct Scene {
    stage: Stage,
    file: TestFile,
    url: String,
    folder: tempfile::TempDir,
}

impl Scene {
    async fn new() -> Self {
        let (stage, file) = (Stage::new().await, TestFile::new(SIZE));
        let url = stage.url_for(&stage.ids, SIZE).await;
        Scene { stage, file, url, folder: tempfile::tempdir().unwrap() }
    }

    fn start(&self, limit: Option<(&str, u64)>) -> Child {
        let resume = self.folder.path().join("job.resume");
        let call = Call {
            endpoint: self.stage.emulator.url(),
            url: &self.url,
            file: self.file.path(),
            resume: Some(&resume),
            chunk_size: PIECE,
            concurrency: 1,
        };
        let mut command = call.command();
        if let Some((name, value)) = limit {
            command.env(name, value.to_string());
        }
        command.spawn().expect("this program runs twice")
    }

    async fn assert_the_same_command_delivers(&self) {
        let said = ended(self.start(None)).await;
        assert!(said.contains("DELIVERED"), "{said}");
        self.stage.assert_arrived(&self.file);
        assert_eq!(std::fs::read_dir(self.folder.path()).unwrap().count(), 0, "nothing is left behind");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_takes_no_resume_file_is_told_before_a_byte_leaves() {
    let scene = Scene::new().await;
    let permit = |path: &Path, mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    permit(scene.folder.path(), 0o555);
    permit(scene.file.path(), 0o644);
    // Permissions bind everybody but root.
    // SAFETY: it has no preconditions and cannot fail.
    let nobody = (unsafe { libc::geteuid() } == 0).then_some(("MGPRINT_TEST_USER", 65_534));
    let said = ended(scene.start(nobody)).await;
    assert!(said.contains("ResumeFileFailed") && said.contains("cannot be created: Permission denied"), "{said}");
    assert!(said.contains("Check the folder, its permissions and the space on its disk."), "{said}");
    assert_eq!(scene.stage.puts(), Vec::<String>::new());
    permit(scene.folder.path(), 0o755);
    scene.assert_the_same_command_delivers().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_is_full_for_the_resume_file_ends_the_upload_and_the_same_command_goes_on() {
    let scene = Scene::new().await;
    // Enough for the first text, and for none that names a range.
    let metadata = scene.file.file.as_file().metadata().unwrap();
    let modified = metadata.modified().unwrap().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos() as u64;
    let first = serde_json::json!({
        "format": "mgprint resume file", "version": 2, "uploadUrl": scene.url, "identity": IDENTITY, "size": SIZE,
        "modified": modified, "file": [metadata.dev(), metadata.ino()], "sha256": "0".repeat(64), "sent": [],
    });
    let room = first.to_string().len() as u64 + 10;
    let said = ended(scene.start(Some(("MGPRINT_TEST_FILE_SIZE", room)))).await;
    assert!(said.contains("ResumeFileFailed") && said.contains("cannot be written: File too large"), "{said}");
    assert!(said.contains("the space on its disk. Run the same command again: it goes on where it stopped"), "{said}");
    assert!(!scene.stage.puts().is_empty() && scene.stage.document().sha256.is_none());
    scene.assert_the_same_command_delivers().await;
}

fn signal(child: &Child, signal: i32) {
    // SAFETY: the process is a child that was not waited for, so its id is its own.
    assert_eq!(unsafe { libc::kill(child.id() as i32, signal) }, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_that_sleeps_past_the_end_of_the_session_is_told_that_it_is_gone() {
    let scene = Scene::new().await;
    scene.stage.plan(in_the_middle());
    let child = scene.start(None);
    scene.stage.emulator.journal().until(|journal| puts(journal) == 4).await;
    signal(&child, libc::SIGSTOP);
    scene.stage.emulator.expire_sessions(&scene.stage.ids.print_document_id);
    // The line of the range in flight breaks while it sleeps.
    scene.stage.emulator.plan(FaultPlan {
        matching: Match { path_contains: Some("/nothing".into()), ..Match::default() },
        fault: Fault::Outage(mgprint_emulator::faults::Outage { for_ms: 50 }),
    });
    let nothing = format!("{}/nothing", scene.stage.emulator.url().strip_prefix("http://").unwrap());
    let address = nothing.split('/').next().unwrap();
    let mut knock = tokio::net::TcpStream::connect(address).await.unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut knock, b"GET /nothing HTTP/1.1\r\nHost: e\r\n\r\n").await.unwrap();
    let broken = |journal: &Snapshot| {
        let mut stalled = journal.entries.iter().filter(|entry| entry.fault == Some("stall"));
        stalled.any(|entry| entry.outcome == mgprint_emulator::journal::Outcome::Broken)
    };
    scene.stage.emulator.journal().until(broken).await;
    signal(&child, libc::SIGCONT);
    let said = ended(child).await;
    assert!(said.contains("SessionGone") && said.contains("It had 300000 of 1000000 bytes"), "{said}");
    assert!(said.contains("create a new upload session"), "{said}");
    // Nor is it anything else the next time.
    let again = ended(scene.start(None)).await;
    assert!(again.contains("SessionGone"), "{again}");
    assert_eq!(scene.stage.document().sha256, None);
}

/// The fourth range is read, and not answered.
fn in_the_middle() -> FaultPlan {
    let mut silent = fault("PUT", Fault::Stall(Stall::default()));
    silent.matching.nth = 4;
    silent
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_that_sleeps_for_a_while_goes_on_when_it_wakes() {
    let scene = Scene::new().await;
    let child = scene.start(None);
    for seen in [2, 5, 8] {
        scene.stage.emulator.journal().until(|journal| puts(journal) >= seen).await;
        signal(&child, libc::SIGSTOP);
        tokio::time::sleep(Duration::from_millis(100)).await;
        signal(&child, libc::SIGCONT);
    }
    let said = ended(child).await;
    assert!(said.contains("DELIVERED 1000000 of 1000000"), "{said}");
    scene.stage.assert_arrived(&scene.file);
}

#[cfg(target_os = "linux")]
#[test]
fn a_name_that_is_no_text_means_the_one_file_that_is_shown_so() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join(OsStr::from_bytes(b"d\xe9pot"));
    std::fs::create_dir(&inner).unwrap();
    let write = |name: &[u8], bytes: &str| std::fs::write(inner.join(OsStr::from_bytes(name)), bytes).unwrap();
    let shown = folder.path().join("d\u{fffd}pot");
    let size_of =
        |name: &str| FileSource::open(&shown.join(name)).map(|source| source.size()).map_err(|error| error.kind());
    write(b"caf\xe9.pdf", "x");
    assert_eq!(size_of("caf\u{fffd}.pdf"), Ok(1));
    assert_eq!(size_of("none\u{fffd}.pdf"), Err(ErrorKind::SourceNotFound));
    write(b"caf\xe8.pdf", "yy");
    assert_eq!(size_of("caf\u{fffd}.pdf"), Err(ErrorKind::SourceNotFound), "nobody knows which");
    write("caf\u{fffd}.pdf".as_bytes(), "zzz");
    assert_eq!(size_of("caf\u{fffd}.pdf"), Ok(3), "that is its name");
}
