//! A document that was touched between two uploads with one resume file: it goes on where it is what was sent, and nowhere else.

use std::time::{Duration, SystemTime};

use mgprint::ErrorKind;
#[cfg(unix)]
use mgprint_emulator::faults::{Fault, KeepLate};

#[cfg(unix)]
use crate::common::fault;
#[cfg(unix)]
use crate::resume::ended_while_it_completed;
use crate::resume::{Scene, PIECE};

#[tokio::test]
async fn a_changed_size_is_told() {
    let scene = Scene::new().await;
    scene.interrupted().await;
    std::fs::OpenOptions::new().write(true).open(scene.file.path()).unwrap().set_len(PIECE).unwrap();
    let error = scene.refused(ErrorKind::SourceChanged).await;
    assert!(error.message().contains("its size was 1000000 bytes and is 100000 bytes now"), "{error}");
}

#[tokio::test]
async fn a_changed_time_with_the_same_bytes_goes_on() {
    let scene = Scene::new().await;
    scene.interrupted().await;
    scene.file.file.as_file().set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1)).unwrap();
    let uploaded = scene.upload(&scene.options(4)).await.expect("resumed");
    assert_eq!(uploaded.bytes_sent, 7 * PIECE);
    scene.stage.assert_arrived(&scene.file);
    scene.assert_tidy();
}

#[tokio::test]
async fn a_file_of_the_same_bytes_in_its_place_goes_on() {
    let scene = Scene::new().await;
    scene.interrupted().await;
    let copy = scene.folder.path().join("copy");
    let modified = scene.file.file.as_file().metadata().unwrap().modified().unwrap();
    std::fs::copy(scene.file.path(), &copy).unwrap();
    std::fs::OpenOptions::new().write(true).open(&copy).unwrap().set_modified(modified).unwrap();
    std::fs::rename(&copy, scene.file.path()).unwrap();
    let uploaded = scene.upload(&scene.options(4)).await.expect("resumed");
    assert_eq!(uploaded.bytes_sent, 7 * PIECE);
    scene.stage.assert_arrived(&scene.file);
}

#[cfg(unix)]
#[tokio::test]
async fn bytes_that_differ_are_another_document() {
    use std::os::unix::fs::FileExt;
    let scene = Scene::new().await;
    scene.interrupted().await;
    let file = std::fs::OpenOptions::new().write(true).open(scene.file.path()).unwrap();
    file.write_all_at(b"another byte", 2 * PIECE).unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
    let error = scene.refused(ErrorKind::SourceChanged).await;
    assert!(error.message().contains("it was written to or replaced"), "{error}");
}

#[cfg(unix)]
#[tokio::test]
async fn what_may_be_on_its_way_yet_is_never_mixed_with_a_changed_document() {
    use std::os::unix::fs::FileExt;
    let scene = Scene::new().await;
    let late = KeepLate { after_ms: 60_000, ..KeepLate::default() };
    scene.stage.plan(fault("PUT", Fault::KeepLate(late)));
    let mut once = scene.options(1);
    once.call.max_retry = Some(0);
    let error = scene.upload(&once).await.expect_err("no response");
    assert!(error.is_resumable(), "{error}");
    let file = std::fs::OpenOptions::new().write(true).open(scene.file.path()).unwrap();
    file.write_all_at(b"another byte", 0).unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
    let error = scene.refused(ErrorKind::SourceChanged).await;
    assert!(error.message().contains("it was written to or replaced"), "{error}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_document_that_changed_after_it_completed_is_not_the_one_that_is_there() {
    use std::os::unix::fs::FileExt;
    let scene = ended_while_it_completed().await;
    let file = std::fs::OpenOptions::new().write(true).open(scene.file.path()).unwrap();
    file.write_all_at(b"another byte", 0).unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
    let error = scene.refused(ErrorKind::SourceChanged).await;
    assert!(error.message().contains("it was written to or replaced"), "{error}");
    assert!(scene.path().exists());
}
