//! The examples that people copy.

use std::path::{Path, PathBuf};
use std::process::Output;

use crate::common::{Stage, TestFile};

#[test]
fn the_readme_shows_the_help_page_example_as_it_is() {
    // Which is compared with the published page where the module's contract is.
    let example = include_str!("../../examples/help-page-example.ps1");
    assert!(include_str!("../../README.md").replace("\r\n", "\n").contains(example));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_c_example_delivers_a_file() {
    let (stage, file, dir) = (Stage::new().await, TestFile::new(8_192_001), tempfile::tempdir().unwrap());
    let program = compile(dir.path());
    let said = run(&program, &stage, &upload_url(&stage, file.size).await, file.path()).await;
    let stdout = String::from_utf8_lossy(&said.stdout);
    assert!(said.status.success() && stdout.contains("delivered: 8192001 bytes"), "{said:?}");
    stage.assert_arrived(&file);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_c_example_says_why_it_failed_and_no_secret() {
    let (stage, dir) = (Stage::new().await, tempfile::tempdir().unwrap());
    let program = compile(dir.path());
    let url = upload_url(&stage, 1).await;
    let said = run(&program, &stage, &url, &dir.path().join("nothing.pdf")).await;
    let stderr = String::from_utf8_lossy(&said.stderr);
    assert_eq!(said.status.code(), Some(1));
    assert!(stderr.contains("nothing.pdf"), "{stderr}");
    let secret = url.split_once('?').expect("a secret in the query").1;
    assert!(!stderr.contains(secret), "the upload URL's secret was printed");
    assert_eq!(stage.puts(), Vec::<String>::new());
}

async fn upload_url(stage: &Stage, size: u64) -> String {
    let session = stage.try_session(size).await.expect("a session");
    let answer: serde_json::Value = serde_json::from_slice(&session.response.body).unwrap();
    answer["uploadUrl"].as_str().expect("an upload URL").to_owned()
}

/// As the program's own comment says, with every warning an error.
fn compile(dir: &Path) -> PathBuf {
    let program = dir.join("upload");
    let library = std::env::current_exe().expect("this program").parent().expect("its folder").to_owned();
    let output = std::process::Command::new("cc")
        .args(["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-Iinclude", "examples/upload.c", "-o"])
        .arg(&program)
        .arg(format!("-L{}", library.display()))
        .arg("-lmgprint")
        .arg(format!("-Wl,-rpath,{}", library.display()))
        .output()
        .expect("a C compiler: install gcc");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    program
}

async fn run(program: &Path, stage: &Stage, upload_url: &str, file: &Path) -> Output {
    let mut command = std::process::Command::new(program);
    command.arg(file).env("UPLOAD_URL", upload_url).env("MGPRINT_ENDPOINT", stage.emulator.url());
    // Cargo names its other folders there, where an older build of the library may lie; the program knows the right one.
    command.env_remove("LD_LIBRARY_PATH");
    tokio::task::block_in_place(|| command.output()).expect("the program that was just built")
}
