//! The examples that people copy.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

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
    let program = compile("upload", dir.path());
    let said = run(&program, &stage, &upload_url(&stage, file.size).await, file.path()).await;
    let stdout = String::from_utf8_lossy(&said.stdout);
    assert!(said.status.success() && stdout.contains("delivered: 8192001 bytes"), "{said:?}");
    stage.assert_arrived(&file);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_c_example_says_why_it_failed_and_no_secret() {
    let (stage, dir) = (Stage::new().await, tempfile::tempdir().unwrap());
    let program = compile("upload", dir.path());
    let url = upload_url(&stage, 1).await;
    let said = run(&program, &stage, &url, &dir.path().join("nothing.pdf")).await;
    let stderr = String::from_utf8_lossy(&said.stderr);
    assert_eq!(said.status.code(), Some(1));
    assert!(stderr.contains("nothing.pdf"), "{stderr}");
    let secret = url.split_once('?').expect("a secret in the query").1;
    assert!(!stderr.contains(secret), "the upload URL's secret was printed");
    assert_eq!(stage.puts(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_c_example_prints_a_file_once() {
    let (stage, file, dir) = (Stage::new().await, TestFile::new(100_001), tempfile::tempdir().unwrap());
    let (program, record) = (compile("print", dir.path()), dir.path().join("record"));
    let print = |file: &Path| {
        let mut command = Command::new(&program);
        command.arg(&stage.ids.printer_share_id).arg(file).arg(&record);
        command.env("MGPRINT_ENDPOINT", stage.emulator.url()).env("MGPRINT_ACCESS_TOKEN", stage.emulator.token());
        tokio::task::block_in_place(|| command.output()).expect("it was built")
    };
    let missing = print(Path::new("/no/such/file"));
    assert!(missing.status.code() == Some(1), "{missing:?}");
    assert!(String::from_utf8_lossy(&missing.stderr).contains("/no/such/file"), "{missing:?}");
    for is_skipped in [false, true] {
        let said = print(file.path());
        let stdout = String::from_utf8_lossy(&said.stdout).into_owned();
        assert!(said.status.success() && stdout.contains(&format!(r#""skipped":{is_skipped}"#)), "{said:?}");
        assert!(stdout.contains(r#""state":"completed""#), "{said:?}");
    }
    let jobs = stage.emulator.jobs();
    let printed: Vec<_> = jobs.iter().filter(|job| job["starts"] != 0).collect();
    assert_eq!(
        (printed.len(), &printed[0]["starts"], &printed[0]["document"]["sha256"]),
        (1, &1.into(), &file.sha256.clone().into())
    );
}

async fn upload_url(stage: &Stage, size: u64) -> String {
    let session = stage.try_session(size).await.expect("a session");
    let answer: serde_json::Value = serde_json::from_slice(&session.response.body).unwrap();
    answer["uploadUrl"].as_str().expect("an upload URL").to_owned()
}

/// Installed as `build.ps1 install` does it, and built as the program's own comment says, with every warning an error.
fn compile(name: &str, dir: &Path) -> PathBuf {
    let (prefix, program) = (install(dir), dir.join(name));
    let flags = Command::new("pkg-config")
        .args(["--cflags", "--libs", "mgprint"])
        .env("PKG_CONFIG_PATH", prefix.join("lib/pkgconfig"))
        .output()
        .expect("pkg-config: install it");
    assert!(flags.status.success(), "{flags:?}");
    let output = Command::new("cc")
        .args(["-std=c99", "-pedantic", "-Wc++-compat", "-Wall", "-Wextra", "-Werror", "-o"])
        .arg(&program)
        .arg(format!("../examples/{name}.c"))
        .args(String::from_utf8_lossy(&flags.stdout).split_whitespace())
        .arg(format!("-Wl,-rpath,{}", prefix.join("lib").display()))
        .output()
        .expect("a C compiler: install gcc");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    program
}

/// The library that cargo built beside this test, with all that goes with it.
fn install(dir: &Path) -> PathBuf {
    let (prefix, library) = (dir.join("prefix"), crate::abi::library());
    let script = format!(
        "$ErrorActionPreference = 'Stop'; Set-Location ..; $Root = (Get-Location).Path; foreach ($part in 'programs', 'install') {{ . tools/build/$part.ps1 }}; Install-Library '{}' '{}'",
        library.display(),
        prefix.display()
    );
    let output = Command::new("../tools/pwsh").args(["-NoProfile", "-Command", &script]).output().expect("tools/pwsh");
    assert!(output.status.success(), "{output:?}");
    prefix
}

#[test]
fn an_installation_has_the_licence_of_every_crate() {
    let dir = tempfile::tempdir().unwrap();
    let prefix = install(dir.path());
    let licences = prefix.join("share/licenses/mgprint");
    let crates = std::fs::read_to_string(licences.join("CRATES")).unwrap();
    for name in ["reqwest ", "tokio ", "rustls ", "ring "] {
        assert!(crates.lines().any(|line| line.starts_with(name) && line.contains(": ")), "{name}: {crates}");
    }
    assert!(!crates.contains("cbindgen") && !crates.contains("proptest"), "{crates}");
    assert!(std::fs::read_dir(&licences).unwrap().count() > 20 && licences.join("LICENSE").exists());
    for name in ["libmgprint.so", "libmgprint.so.1"] {
        assert!(std::fs::read_link(prefix.join("lib").join(name)).is_ok(), "{name} is a link");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_python_example_delivers_a_file() {
    let (stage, file, dir) = (Stage::new().await, TestFile::new(8_192_001), tempfile::tempdir().unwrap());
    let library = install(dir.path()).join("lib/libmgprint.so.1");
    let python = |path: &Path| {
        let mut command = Command::new("python3");
        command.args([
            "../examples/upload.py",
            &stage.ids.printer_id,
            &stage.ids.print_job_id,
            &stage.ids.print_document_id,
        ]);
        command.arg(path).env("MGPRINT_LIBRARY", &library).env("MGPRINT_ENDPOINT", stage.emulator.url());
        command.env("MGPRINT_ACCESS_TOKEN", stage.emulator.token()).env("PYTHONDONTWRITEBYTECODE", "1");
        tokio::task::block_in_place(|| command.output()).expect("python3: install it")
    };
    let missing = python(Path::new("/no/such/file"));
    let stderr = String::from_utf8_lossy(&missing.stderr).into_owned();
    assert!(
        missing.status.code() == Some(1) && stderr.contains("/no/such/file") && !stderr.contains("Traceback"),
        "{missing:?}"
    );
    let said = python(file.path());
    assert!(
        said.status.success() && String::from_utf8_lossy(&said.stdout).contains("delivered: 8192001 bytes"),
        "{said:?}"
    );
    stage.assert_arrived(&file);
}

/// What the example says of the structs, against what a C compiler makes of the header.
#[test]
fn the_python_example_lays_structs_out_as_c_does() {
    let names = [
        ("Str", "mgprint_str"),
        ("Document", "mgprint_document"),
        ("Target", "mgprint_target"),
        ("Source", "mgprint_source"),
        ("Event", "mgprint_event"),
        ("Range", "mgprint_range"),
        ("Result", "mgprint_result"),
        ("ErrorView", "mgprint_error_view"),
    ];
    let header = include_str!("../../include/mgprint.h");
    let mut program = String::from("#include <stdio.h>\n#include \"mgprint.h\"\nint main(void) {\n");
    for (_, name) in names {
        let body = header.split(&format!("typedef struct {name} {{")).nth(1).and_then(|rest| rest.split("\n}").next());
        let code = body.expect(name).lines().map(str::trim).filter(|line| !line.starts_with(['*', '/']));
        let members = code.filter_map(|line| line.strip_suffix(';'));
        for member in members.filter_map(|member| member.rsplit([' ', '*']).next()) {
            program += &format!("printf(\"{name} {member} %zu %zu\\n\", offsetof({name}, {member}), sizeof(((({name} *)0)->{member})));\n");
        }
        program += &format!("printf(\"{name} %zu\\n\", sizeof({name}));\n");
    }
    program += "return 0; }\n";
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("layout.c"), program).unwrap();
    let built = Command::new("cc")
        .args(["-std=c99", "-I../include", "-o"])
        .args([dir.path().join("layout"), dir.path().join("layout.c")])
        .output()
        .expect("a C compiler: install gcc");
    assert!(built.status.success(), "{built:?}");
    let by_c = Command::new(dir.path().join("layout")).output().unwrap().stdout;
    let listed: Vec<String> = names.iter().map(|(python, name)| format!("('{name}', upload.{python})")).collect();
    let script = format!(
        "import sys, ctypes; sys.dont_write_bytecode = True; sys.path.insert(0, '../examples'); import upload\nfor name, kind in [{}]:\n  for field, *_ in kind._fields_: print(name, field, getattr(kind, field).offset, getattr(kind, field).size)\n  print(name, ctypes.sizeof(kind))",
        listed.join(", ")
    );
    let by_python = Command::new("python3").args(["-c", &script]).output().expect("python3: install it");
    assert_eq!(String::from_utf8_lossy(&by_python.stdout), String::from_utf8_lossy(&by_c), "{by_python:?}");
}

async fn run(program: &Path, stage: &Stage, upload_url: &str, file: &Path) -> Output {
    let mut command = Command::new(program);
    command.arg(file).env("UPLOAD_URL", upload_url).env("MGPRINT_ENDPOINT", stage.emulator.url());
    // Cargo names its other folders there, where an older build of the library may lie; the program knows the right one.
    command.env_remove("LD_LIBRARY_PATH");
    tokio::task::block_in_place(|| command.output()).expect("the program that was just built")
}
