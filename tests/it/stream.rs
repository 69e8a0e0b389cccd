//! Documents whose bytes their host supplies, or holds in memory.

use std::sync::{Arc, Mutex};

use crate::common::{fault, Stage, TestFile};
use mgprint::{ErrorKind, MemorySource, Source, SuppliedSource, UploadOptions};
use mgprint_emulator::faults::{CutBody, Fault, LoseAnswer};
use tokio::sync::Notify;

const RANGE: u64 = 8_192_000;

/// A host with a document in memory, that answers one want at a time as a stream would.
struct Host {
    bytes: Vec<u8>,
    source: Arc<SuppliedSource>,
    wanted: Arc<Notify>,
    told: Mutex<Vec<(u64, usize)>>,
}

impl Host {
    fn of(file: &TestFile) -> Self {
        let wanted = Arc::new(Notify::new());
        let tell = Arc::clone(&wanted);
        Host {
            bytes: std::fs::read(file.path()).unwrap(),
            source: Arc::new(SuppliedSource::new(file.size, "stream.pdf", move || tell.notify_one())),
            wanted,
            told: Mutex::default(),
        }
    }

    async fn next_want(&self) -> (u64, usize) {
        loop {
            if let Some(want) = self.source.next_want() {
                self.told.lock().unwrap().push(want);
                return want;
            }
            self.wanted.notified().await;
        }
    }

    async fn serve(&self) {
        loop {
            let (offset, length) = self.next_want().await;
            let bytes = &self.bytes[offset as usize..offset as usize + length];
            // Given up since it was told: nobody's harm.
            let _ = self.source.supply(offset, bytes);
        }
    }

    async fn upload(
        &self,
        stage: &Stage,
        url: &mgprint::UploadUrl,
        options: &UploadOptions,
    ) -> mgprint::Result<mgprint::Uploaded> {
        tokio::select! {
            done = mgprint::upload(&stage.client, url, self.source.clone(), options) => done,
            () = self.serve() => unreachable!("it serves for ever"),
        }
    }
}

#[tokio::test]
async fn supplied_documents_of_every_edge_size_arrive() {
    for size in [1, 32_768, 1_048_576, 1_048_577, RANGE, RANGE + 1, 4 * RANGE + 1] {
        let (stage, file) = (Stage::new().await, TestFile::new(size));
        let session = stage.session(size).await;
        let host = Host::of(&file);
        let uploaded = host.upload(&stage, &session, &stage.options(RANGE, 4)).await.expect("delivered");
        assert!(uploaded.confirmed);
        assert_eq!(uploaded.bytes_sent, size);
        let told = host.told.lock().unwrap();
        assert!(told.iter().all(|&(_, length)| length <= 1024 * 1024), "{told:?}");
        assert_eq!(told.iter().map(|&(_, length)| length as u64).sum::<u64>(), size, "each byte is asked for once");
        stage.assert_arrived(&file);
    }
}

#[tokio::test]
async fn a_broken_line_asks_for_the_bytes_again() {
    for lost in [
        Fault::LoseAnswer(LoseAnswer::default()),
        Fault::CutBody(CutBody { after_bytes: 3_000_000, ..CutBody::default() }),
    ] {
        let (stage, file) = (Stage::new().await, TestFile::new(3 * RANGE));
        let session = stage.session(file.size).await;
        let mut lost = fault("PUT", lost);
        lost.matching.nth = 2;
        stage.plan(lost);
        let host = Host::of(&file);
        let uploaded = host.upload(&stage, &session, &stage.options(RANGE, 4)).await.expect("delivered");
        // A lost answer to a range that arrived needs no retry where a later one completes the document.
        assert!(uploaded.confirmed && uploaded.retries <= 1);
        stage.assert_arrived(&file);
    }
}

#[tokio::test]
async fn a_host_without_bytes_ends_the_upload_and_not_the_session() {
    let (stage, file) = (Stage::new().await, TestFile::new(300_000));
    let session = stage.session(file.size).await;
    let host = Host::of(&file);
    let options = stage.options(100_000, 1);
    let fail = async {
        let (offset, length) = host.next_want().await;
        host.source.supply(offset, &host.bytes[..length]).unwrap();
        let (offset, _) = host.next_want().await;
        host.source.fail(offset, "Cannot access a closed Stream.").unwrap();
    };
    let (ended, ()) = tokio::join!(mgprint::upload(&stage.client, &session, host.source.clone(), &options), fail);
    let error = ended.expect_err("no bytes");
    assert_eq!((error.kind(), error.is_resumable()), (ErrorKind::SourceUnreadable, true));
    assert_eq!(
        error.message(),
        "'stream.pdf' cannot be read: Cannot access a closed Stream. The service has 100000 of 300000 bytes."
    );
    assert!(error.next_step().contains("goes on where it stopped"), "{}", error.next_step());

    let uploaded = host.upload(&stage, &session, &options).await.expect("resumed");
    assert_eq!(uploaded.bytes_sent, 200_000);
    stage.assert_arrived(&file);
}

#[tokio::test]
async fn a_size_beyond_all_documents_is_one_that_the_session_is_not_for() {
    let stage = Stage::new().await;
    let session = stage.session(10).await;
    let source = Arc::new(SuppliedSource::new(u64::MAX, "", || {}));
    let error =
        mgprint::upload(&stage.client, &session, source, &stage.options(RANGE, 1)).await.expect_err("no such size");
    assert_eq!(error.kind(), ErrorKind::SizeMismatch, "{error}");
}

#[tokio::test]
async fn an_upload_that_is_given_up_wants_nothing_any_more() {
    let (stage, file) = (Stage::new().await, TestFile::new(4 * RANGE));
    let session = stage.session(file.size).await;
    let host = Host::of(&file);
    let options = stage.options(RANGE, 4);
    let mut upload = Box::pin(mgprint::upload(&stage.client, &session, host.source.clone(), &options));
    let mut wants = Vec::new();
    while wants.len() < 4 {
        tokio::select! {
            _ = &mut upload => panic!("it has no bytes yet"),
            want = host.next_want() => wants.push(want),
        }
    }
    wants.sort_unstable();
    let starts: Vec<u64> = wants.iter().map(|&(offset, _)| offset).collect();
    assert_eq!(starts, [0, RANGE, 2 * RANGE, 3 * RANGE], "four ranges in flight want four pieces");
    drop(upload);
    // The connections' own tasks end with it, as soon as they run.
    while host.source.supply(0, &[]) != Err(ErrorKind::InvalidState) {
        tokio::task::yield_now().await;
    }
    assert_eq!(host.source.next_want(), None);
}

#[tokio::test]
async fn a_document_in_memory_arrives() {
    for size in [1, RANGE + 1] {
        let (stage, file) = (Stage::new().await, TestFile::new(size));
        let session = stage.session(size).await;
        let source = Arc::new(MemorySource::new(std::fs::read(file.path()).unwrap()));
        let uploaded =
            mgprint::upload(&stage.client, &session, source, &stage.options(RANGE, 4)).await.expect("delivered");
        assert!(uploaded.confirmed);
        stage.assert_arrived(&file);
    }
}

#[tokio::test]
async fn a_document_without_bytes_is_refused_before_anything_is_sent() {
    let stage = Stage::new().await;
    let session = stage.session(1).await;
    let error = mgprint::upload(&stage.client, &session, Arc::new(MemorySource::new("")), &stage.options(RANGE, 4))
        .await
        .expect_err("empty");
    assert_eq!(
        (error.kind(), error.message()),
        (ErrorKind::SourceEmpty, "The document is empty; the service takes no document without bytes.")
    );
    assert!(stage.requests("GET").is_empty() && stage.puts().is_empty());
}

fn stream() -> SuppliedSource {
    SuppliedSource::new(100, "a.pdf", || {})
}

#[tokio::test]
async fn a_want_is_told_once_and_answered_once() {
    let source = stream();
    assert_eq!(source.next_want(), None);
    let (first, second) = (source.read(0, 3), source.read(50, 2));
    assert_eq!((source.next_want(), source.next_want(), source.next_want()), (Some((0, 3)), Some((50, 2)), None));
    // In any order.
    source.supply(50, b"yz").unwrap();
    source.supply(0, b"abc").unwrap();
    assert_eq!((first.await.unwrap(), second.await.unwrap()), ("abc".into(), "yz".into()));
    assert_eq!(source.supply(0, b"abc"), Err(ErrorKind::InvalidState));
}

#[tokio::test]
async fn a_wrong_response_changes_nothing() {
    let source = stream();
    let read = source.read(10, 3);
    assert_eq!(source.supply(10, b"ab"), Err(ErrorKind::InvalidArgument));
    assert_eq!(source.supply(11, b"abc"), Err(ErrorKind::InvalidState));
    assert_eq!(source.fail(9, "no"), Err(ErrorKind::InvalidState));
    source.supply(10, b"abc").unwrap();
    assert_eq!(read.await.unwrap(), "abc");
}

#[tokio::test]
async fn a_want_that_was_given_up_is_neither_told_nor_answered() {
    let source = stream();
    drop(source.read(0, 3));
    assert!(!source.has_want());
    assert_eq!(source.supply(0, b"abc"), Err(ErrorKind::InvalidState));

    let told = source.read(0, 3);
    assert_eq!(source.next_want(), Some((0, 3)));
    drop(told);
    let again = source.read(0, 3);
    assert_eq!(source.next_want(), Some((0, 3)));
    source.supply(0, b"abc").unwrap();
    assert_eq!(again.await.unwrap(), "abc");
}

#[tokio::test]
async fn a_reason_of_the_host_s_is_told_clean() {
    let source = stream();
    let read = source.read(0, 3);
    source.fail(0, "The stream was closed\u{1b}[2J.").unwrap();
    let error = read.await.unwrap_err();
    assert_eq!(error.message(), "'a.pdf' cannot be read: The stream was closed.");
    assert!(error.is_resumable());
}
