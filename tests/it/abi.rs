//! The C ABI, as C programs use it: built by a real compiler against the header, run under valgrind.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::common::{fault, Stage, TestFile};
use mgprint_emulator::faults::{Fault, Stall};
use mgprint_emulator::{DocumentIds, NewDocument};

const HEADER: &str = include_str!("../../include/mgprint.h");

/// The folder of the cdylib that cargo built beside this test.
fn library_folder() -> PathBuf {
    let folder = std::env::current_exe().expect("this program").parent().expect("its folder").to_owned();
    assert!(folder.join("libmgprint.so").exists(), "cargo did not build the cdylib beside the tests");
    folder
}

fn compile(dir: &Path, name: &str) -> PathBuf {
    let (program, library) = (dir.join(name), library_folder());
    let output = Command::new("cc")
        .args(["-std=c11", "-D_POSIX_C_SOURCE=200809L", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-g", "-Iinclude"])
        .arg(format!("tests/abi/{name}.c"))
        .arg("-o")
        .arg(&program)
        .arg(format!("-L{}", library.display()))
        .args(["-lmgprint", "-pthread"])
        .arg(format!("-Wl,-rpath,{}", library.display()))
        .output()
        .expect("a C compiler: install gcc");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    program
}

/// Under valgrind: a program may use no byte that is not its own, and lose none.
async fn run(program: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> String {
    let mut command = Command::new("valgrind");
    command
        .args([
            "--quiet",
            "--error-exitcode=99",
            "--leak-check=full",
            "--errors-for-leak-kinds=definite",
            "--fair-sched=yes",
        ])
        .arg(program)
        .args(arguments)
        .envs(environment.iter().copied())
        // Cargo names its other folders there, where an older build of the library may lie; the program knows the right one.
        .env_remove("LD_LIBRARY_PATH");
    let output: Output = tokio::task::block_in_place(|| command.output()).expect("valgrind: install it");
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{}\n{stdout}\n{stderr}", output.status);
    for (_, value) in environment.iter().filter(|(name, _)| *name == "MGPRINT_ACCESS_TOKEN") {
        assert!(!stderr.contains(value) && !stdout.contains(value), "the token was printed");
    }
    stdout.into_owned()
}

#[test]
fn the_committed_header_is_what_the_source_says() {
    let generated = include_str!(concat!(env!("OUT_DIR"), "/mgprint.h"));
    assert!(generated == HEADER, "include/mgprint.h is stale: run `build.ps1 header`");
}

#[test]
fn the_library_exports_what_the_header_declares_and_nothing_else() {
    let output = Command::new("nm")
        .args(["-D", "--defined-only"])
        .arg(library_folder().join("libmgprint.so"))
        .output()
        .expect("nm: install binutils");
    let listing = String::from_utf8_lossy(&output.stdout).into_owned();
    let exported: BTreeSet<&str> = listing
        .lines()
        .filter_map(|line| line.split_whitespace().last())
        .filter(|name| name.starts_with("mgprint_"))
        .collect();
    let declared: BTreeSet<&str> = HEADER
        .lines()
        .filter(|line| !line.trim_start().starts_with('*'))
        .filter_map(|line| line.split_once('('))
        .filter_map(|(before, _)| before.rsplit([' ', '*']).next())
        .filter(|name| name.starts_with("mgprint_"))
        .collect();
    assert!(declared.len() > 20, "{declared:?}");
    assert_eq!(exported, declared);
}

#[test]
fn the_header_is_good_c_plus_plus_too() {
    let output = Command::new("c++")
        .args(["-std=c++17", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-x", "c++", "include/mgprint.h"])
        .output()
        .expect("a C++ compiler: install g++");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_c_program_delivers_a_document() {
    let (stage, file, dir) = (Stage::new().await, TestFile::new(3_500_001), tempfile::tempdir().unwrap());
    let program = compile(dir.path(), "upload");
    let (ids, size, path) = (&stage.ids, file.size.to_string(), file.path().to_str().unwrap());
    let environment = [("MGPRINT_ENDPOINT", stage.emulator.url()), ("MGPRINT_ACCESS_TOKEN", stage.emulator.token())];
    let said =
        run(&program, &[&ids.printer_id, &ids.print_job_id, &ids.print_document_id, path, &size], &environment).await;
    assert_eq!(said, "delivered\n");
    stage.assert_arrived(&file);
}

#[tokio::test(flavor = "multi_thread")]
async fn misuse_is_answered_and_never_fatal() {
    let dir = tempfile::tempdir().unwrap();
    let program = compile(dir.path(), "misuse");
    assert_eq!(run(&program, &[], &[]).await, "refused\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn operations_end_from_any_thread() {
    let (stage, file, dir) = (Stage::new().await, TestFile::new(1000), tempfile::tempdir().unwrap());
    let session = stage.try_session(file.size).await.expect("a session");
    let mut silence = fault("GET", Fault::Stall(Stall::default()));
    silence.matching.times = None;
    stage.plan(silence);
    let answer: serde_json::Value = serde_json::from_slice(&session.response.body).unwrap();
    let url = answer["uploadUrl"].as_str().unwrap();
    let program = compile(dir.path(), "cancel");
    let path = file.path().to_str().unwrap();
    let environment = [("MGPRINT_ENDPOINT", stage.emulator.url()), ("UPLOAD_URL", url)];
    assert_eq!(run(&program, &[path], &environment).await, "cancelled\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_puts_steps_of_its_own_around_the_sending() {
    let (stage, dir) = (Stage::new().await, tempfile::tempdir().unwrap());
    let program = compile(dir.path(), "steps");
    let ids = &stage.ids;
    let environment = [("MGPRINT_ENDPOINT", stage.emulator.url()), ("MGPRINT_ACCESS_TOKEN", stage.emulator.token())];
    let arguments = [ids.printer_id.as_str(), &ids.print_job_id, &ids.print_document_id];
    assert_eq!(run(&program, &arguments, &environment).await, "stepped\n");
    let journal = stage.journal();
    assert_eq!(journal.entries[0].header("x-step"), Some("changed"));
    assert_eq!(journal.entries[0].header("content-type"), Some("application/json"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_c_program_supplies_the_bytes() {
    let (stage, file, dir) = (Stage::new().await, TestFile::new(5_000_001), tempfile::tempdir().unwrap());
    let mut others = Vec::new();
    for _ in 0..5 {
        let ids = stage.emulator.add_document(NewDocument::default()).expect("new ids");
        let url = stage.url_for(&ids, file.size).await;
        others.push((ids, url));
    }
    let program = compile(dir.path(), "stream");
    let environment = [
        ("MGPRINT_ENDPOINT", stage.emulator.url()),
        ("STREAM_URL", &others[0].1),
        ("BYTES_URL", &others[1].1),
        ("FAILED_URL", &others[2].1),
        ("SILENT_URL", &others[3].1),
        ("FREED_URL", &others[4].1),
    ];
    assert_eq!(run(&program, &[file.path().to_str().unwrap()], &environment).await, "streamed\n");
    for (ids, _) in &others[..2] {
        let document = stage.emulator.document(&ids.print_document_id).expect("it was added");
        assert_eq!(document.sha256.as_deref(), Some(file.sha256.as_str()), "the bytes differ");
    }
    stage.assert_well_behaved();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_c_program_goes_on_with_what_it_cancelled() {
    let (stage, file, dir) = (Stage::new().await, TestFile::new(1_000_001), tempfile::tempdir().unwrap());
    let url = stage.url_for(&stage.ids, file.size).await;
    stage.plan(fault("PUT", Fault::Stall(Stall::default())));
    let program = compile(dir.path(), "resume");
    let environment = [("MGPRINT_ENDPOINT", stage.emulator.url()), ("UPLOAD_URL", &url)];
    let resume_file = dir.path().join("job.resume");
    let arguments = [file.path().to_str().unwrap(), resume_file.to_str().unwrap()];
    assert_eq!(run(&program, &arguments, &environment).await, "resumed\n");
    assert!(!resume_file.exists());
    stage.assert_arrived(&file);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_thread_listens_to_several_documents() {
    let (stage, file, dir) = (Stage::new().await, TestFile::new(1_000_001), tempfile::tempdir().unwrap());
    let documents: Vec<_> =
        (0..3).map(|_| stage.emulator.add_document(NewDocument::default()).expect("new ids")).collect();
    let program = compile(dir.path(), "send");
    let environment = [("MGPRINT_ENDPOINT", stage.emulator.url()), ("MGPRINT_ACCESS_TOKEN", stage.emulator.token())];
    let mut arguments = vec![file.path().to_str().unwrap()];
    for ids in &documents {
        arguments.extend([ids.printer_id.as_str(), &ids.print_job_id, &ids.print_document_id]);
    }
    assert_eq!(run(&program, &arguments, &environment).await, "sent\n");
    let digest = |ids: &DocumentIds| stage.emulator.document(&ids.print_document_id).expect("added").sha256;
    let digests: Vec<_> = documents.iter().map(digest).collect();
    assert_eq!(digests[0].as_deref(), Some(file.sha256.as_str()));
    assert!(digests[1].is_some() && digests[1] == digests[2]);
    let journal = stage.journal();
    assert_eq!(journal.entries.iter().filter(|entry| entry.method == "PUT").count(), 11 + 3 + 3);
    stage.assert_well_behaved();
}
