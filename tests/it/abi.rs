//! The C ABI, as C programs use it: built by a real compiler against the header, run under valgrind.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::common::{fault, Stage, TestFile};
use mgprint_emulator::faults::{Fault, Stall};
use mgprint_emulator::{DocumentIds, NewDocument};

const HEADER: &str = include_str!("../../include/mgprint.h");

/// The cdylib that cargo built beside this test.
pub(crate) fn library() -> PathBuf {
    let folder = std::env::current_exe().expect("this program").parent().expect("its folder").to_owned();
    let library = folder.join("libmgprint.so");
    assert!(library.exists(), "cargo did not build the cdylib beside the tests");
    library
}

/// A folder with the library under its SONAME, as an installation has it.
pub(crate) fn library_in(dir: &Path) -> PathBuf {
    for name in ["libmgprint.so", "libmgprint.so.1"] {
        // Tests of one folder may come twice.
        let _ = std::os::unix::fs::symlink(library(), dir.join(name));
    }
    dir.to_owned()
}

fn compile(dir: &Path, name: &str) -> PathBuf {
    let (program, library) = (dir.join(name), library_in(dir));
    let output = Command::new("cc")
        .args([
            if name == "random" { "-std=c11" } else { "-std=c99" },
            "-D_XOPEN_SOURCE=700",
            "-pedantic",
            "-Wall",
            "-Wextra",
            "-Wc++-compat",
            "-Werror",
            "-g",
        ])
        .args(["-I../include"])
        .arg(format!("abi/{name}.c"))
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

/// An endpoint that nobody listens at.
const LOCAL: [(&str, &str); 1] = [("MGPRINT_ENDPOINT", "http://127.0.0.1:9")];

/// Without valgrind, for what limits a process; it ends within a minute.
async fn run_bare(program: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> (String, String) {
    let mut command = Command::new("timeout");
    command.args(["--signal=KILL", "60"]).arg(program).args(arguments).envs(environment.iter().copied());
    command.env_remove("LD_LIBRARY_PATH");
    let output: Output = tokio::task::block_in_place(|| command.output()).expect("timeout: install coreutils");
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{arguments:?}: {}\n{stdout}\n{stderr}", output.status);
    (stdout.into_owned(), stderr.into_owned())
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
fn the_library_exports_what_the_header_declares_and_nothing_else() {
    let output =
        Command::new("nm").args(["-D", "--defined-only"]).arg(library()).output().expect("nm: install binutils");
    let listing = String::from_utf8_lossy(&output.stdout).into_owned();
    let exported: BTreeSet<&str> = listing.lines().filter_map(|line| line.split_whitespace().last()).collect();
    let declared: BTreeSet<&str> = HEADER
        .lines()
        .filter(|line| !line.trim_start().starts_with('*') && !line.starts_with("static inline "))
        .filter_map(|line| line.split_once('('))
        .filter_map(|(before, _)| before.rsplit([' ', '*']).next())
        .filter(|name| name.starts_with("mgprint_"))
        .collect();
    assert!((20..=32).contains(&declared.len()), "{declared:?}");
    assert_eq!(exported, declared);
}

#[test]
fn the_header_is_good_c_plus_plus_too() {
    let output = Command::new("c++")
        .args([
            "-std=c++11",
            "-pedantic",
            "-Wall",
            "-Wextra",
            "-Werror",
            "-fsyntax-only",
            "-x",
            "c++",
            "../include/mgprint.h",
        ])
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
        (0..4).map(|_| stage.emulator.add_document(NewDocument::default()).expect("new ids")).collect();
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
    assert_eq!(digests[3].as_deref(), Some(file.sha256.as_str()));
    assert!(digests[1].is_some() && digests[1] == digests[2]);
    let journal = stage.journal();
    assert_eq!(journal.entries.iter().filter(|entry| entry.method == "PUT").count(), 11 + 3 + 3 + 11);
    stage.assert_well_behaved();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fork_takes_no_threads_along_and_is_told_so() {
    let dir = tempfile::tempdir().unwrap();
    let program = compile(dir.path(), "process");
    assert_eq!(run_bare(&program, &["fork", "/no/such/file"], &LOCAL).await.0, "done\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_host_s_signals_are_the_host_s() {
    let dir = tempfile::tempdir().unwrap();
    let program = compile(dir.path(), "process");
    assert_eq!(run_bare(&program, &["signals", "/no/such/file"], &LOCAL).await.0, "done\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_without_threads_is_refused_and_never_waits_without_end() {
    let dir = tempfile::tempdir().unwrap();
    let program = compile(dir.path(), "process");
    let mut ends = BTreeSet::new();
    for spare in 0..8 {
        let (stdout, stderr) = run_bare(&program, &["threads", "/no/such/file", &spare.to_string()], &LOCAL).await;
        assert!(!stderr.contains("panicked"), "{spare}: {stderr}");
        ends.insert(stdout);
    }
    assert!(ends.contains("refused\n"), "{ends:?}");
    // Whoever is not root cannot be given threads of their own.
    assert!(ends.contains("made\n") || ends.len() == 1, "{ends:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_without_descriptors_is_told_so() {
    let (dir, file) = (tempfile::tempdir().unwrap(), TestFile::new(10));
    let program = compile(dir.path(), "process");
    let path = file.path().to_str().unwrap();
    assert_eq!(run_bare(&program, &["files", path], &LOCAL).await.0, "done\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_memory_does_not_hold_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let program = compile(dir.path(), "process");
    assert_eq!(run_bare(&program, &["memory", ""], &LOCAL).await.0, "done\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_out_of_the_environment_is_not_lost() {
    let dir = tempfile::tempdir().unwrap();
    let program = compile(dir.path(), "process");
    // It takes connections, and says nothing.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/u?t", silent.local_addr().unwrap());
    let environment =
        [("MGPRINT_ENDPOINT", "http://127.0.0.1:9"), ("UPLOAD_URL", url.as_str()), ("MGPRINT_TIMEOUT_SEC", "1")];
    assert_eq!(run_bare(&program, &["timeout", ""], &environment).await.0, "done\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_breaks_raises_no_signal() {
    let (file, dir) = (TestFile::new(8_000_000), tempfile::tempdir().unwrap());
    let program = compile(dir.path(), "process");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/u?t", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((line, _)) = listener.accept().await {
            // What is unread when it is closed resets the connection.
            let _ = line.readable().await;
        }
    });
    let environment = [("MGPRINT_ENDPOINT", "http://127.0.0.1:9"), ("UPLOAD_URL", url.as_str())];
    let said = run_bare(&program, &["sigpipe", file.path().to_str().unwrap()], &environment).await;
    assert_eq!(said.0, "done\n");
}

/// Ten seconds of random calls; as many as MGPRINT_RANDOM_SECONDS says, by the seed in MGPRINT_RANDOM_SEED.
#[tokio::test(flavor = "multi_thread")]
async fn random_calls_are_answered() {
    let given = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seconds = given("MGPRINT_RANDOM_SECONDS").unwrap_or(10);
    let seed = given("MGPRINT_RANDOM_SEED").unwrap_or_else(|| fastrand::u64(1..u64::from(u32::MAX)));
    let dir = tempfile::tempdir().unwrap();
    let program = compile(dir.path(), "random");
    let (seconds, seed) = (seconds.to_string(), seed.to_string());
    println!("random {seconds} {seed}");
    let mut command = Command::new(&program);
    // What it makes files of is made there.
    command.args([&seconds, &seed]).current_dir(dir.path()).env_remove("LD_LIBRARY_PATH");
    let output = tokio::task::block_in_place(|| command.output()).expect("it ran");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && output.stdout == b"whole\n", "seed {seed}: {}\n{stderr}", output.status);
    assert!(!stderr.contains("panicked"), "seed {seed}: {stderr}");
}

/// In a build of its own: `cargo test --release --package mgprint-tests --features panic-in-entries --test it every_entry`.
#[cfg(feature = "panic-in-entries")]
#[tokio::test(flavor = "multi_thread")]
async fn every_entry_catches_its_panics() {
    let dir = tempfile::tempdir().unwrap();
    let program = compile(dir.path(), "panics");
    assert_eq!(run_bare(&program, &[], &[("MGPRINT_PANIC", "1")]).await.0, "caught\n");
}
