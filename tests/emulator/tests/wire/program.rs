//! The program beside a script: it says where it is, and never stays behind.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mgprint-emulator"));
    command.env_remove("MGPRINT_EMULATOR_TOKEN");
    command
}

fn run(arguments: &[&str]) -> Output {
    program().args(arguments).stdin(Stdio::null()).output().unwrap()
}

/// The program and its one line; ends it by its standard input.
struct Running {
    child: Child,
    ready: Value,
}

impl Running {
    fn start(command: &mut Command) -> Self {
        let mut child =
            command.arg("--until-stdin-closes").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let ready = serde_json::from_str(&line).unwrap();
        Self { child, ready }
    }

    fn address(&self) -> &str {
        self.ready["endpoint"].as_str().unwrap().strip_prefix("http://").unwrap()
    }

    fn end(mut self) {
        drop(self.child.stdin.take());
        assert!(self.child.wait().unwrap().success());
        let mut rest = String::new();
        self.child.stdout.take().unwrap().read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "", "one line, and nothing more");
        assert!(std::net::TcpStream::connect(self.address()).is_err());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn says_where_it_is_and_ends_with_its_standard_input() {
    let running = Running::start(&mut program());
    for id in ["printerId", "printerShareId", "printJobId", "printDocumentId"] {
        assert_eq!(running.ready[id].as_str().map(str::len), Some(36));
    }
    assert!(running.ready["token"].as_str().unwrap().len() > 32);
    std::net::TcpStream::connect(running.address()).unwrap();
    running.end();
}

#[cfg(unix)]
#[test]
fn ends_on_a_signal() {
    for signal in [libc::SIGTERM, libc::SIGINT] {
        let mut running = Running::start(&mut program());
        // SAFETY: the process is a child that was not waited for, so its id is its own.
        assert_eq!(unsafe { libc::kill(running.child.id() as i32, signal) }, 0);
        assert!(running.child.wait().unwrap().success());
    }
}

#[test]
fn takes_its_token_from_the_environment_or_a_file() {
    let mut command = program();
    command.env("MGPRINT_EMULATOR_TOKEN", "from the environment");
    let running = Running::start(&mut command);
    assert_eq!(running.ready["token"], "from the environment");
    running.end();

    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "from a file\n").unwrap();
    let running = Running::start(program().arg("--token-file").arg(file.path()));
    assert_eq!(running.ready["token"], "from a file");
    running.end();
}

#[test]
fn says_in_a_sentence_what_it_cannot_do() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for (arguments, sentence) in [
        (&["--port", &port][..], format!("Port {port} of 127.0.0.1 cannot be used")),
        (&["--port", "x"], "--port needs a number; 'x' is none, or out of range.".into()),
        (&["--port", "65536"], "out of range".into()),
        (&["--port"], "--port needs a value.".into()),
        (&["--nonsense"], "'--nonsense' is not an option.".into()),
        (&["--token-file", "/no/such/file"], "The token file '/no/such/file' cannot be read".into()),
        (&["make-pdf"], "make-pdf needs a PATH and --bytes N.".into()),
        (&["make-pdf", "a", "b", "--bytes", "9"], "give one PATH".into()),
        (&["make-pdf", "x.pdf", "--bytes", "100"], "A PDF of 100 bytes cannot be made".into()),
    ] {
        let output = run(arguments);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        assert!(said.starts_with("mgprint-emulator: ") && said.contains(&sentence), "{arguments:?}: {said}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn makes_a_pdf_of_the_size_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("made.pdf");
    let output = run(&["make-pdf", path.to_str().unwrap(), "--bytes", "100000"]);
    assert!(output.status.success());
    let made = std::fs::read(&path).unwrap();
    assert_eq!(made.len(), 100_000);
    assert!(made.starts_with(b"%PDF-1.7\n") && made.ends_with(b"%%EOF\n"));
}

#[test]
fn goes_on_from_its_folder_after_it_was_killed() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let start = |port: &str| {
        let mut command = program();
        Running::start(command.arg("--state").arg(&state).args(["--port", port]).env("MGPRINT_EMULATOR_TOKEN", "t"))
    };
    let mut first = start("0");
    let port = first.address().rsplit(':').next().unwrap().to_owned();
    let ids = &first.ready;
    let document = format!(
        "/v1.0/print/printers/{}/jobs/{}/documents/{}",
        ids["printerId"].as_str().unwrap(),
        ids["printJobId"].as_str().unwrap(),
        ids["printDocumentId"].as_str().unwrap()
    );
    let id = ids["printDocumentId"].as_str().unwrap().to_owned();
    let body = r#"{"properties":{"documentName":"a.pdf","contentType":"application/pdf","size":20}}"#;
    let headers = "Authorization: Bearer t\r\nContent-Type: application/json\r\n";
    let created = ask(first.address(), "POST", &format!("{document}/createUploadSession"), headers, body);
    let created: Value = serde_json::from_str(&created).unwrap();
    let target = created["uploadUrl"].as_str().unwrap().split_once(&port).unwrap().1.to_owned();
    let put = |running: &Running, range: std::ops::Range<usize>| {
        let headers = format!("Content-Range: bytes {}-{}/20\r\n", range.start, range.end - 1);
        ask(running.address(), "PUT", &target, &headers, &"0123456789abcdefghij"[range])
    };
    assert!(put(&first, 10..20).contains("\"0-9\""));
    first.child.kill().unwrap();
    first.child.wait().unwrap();

    let mut second = start(&port);
    assert!(ask(second.address(), "GET", &target, "", "").contains("\"0-9\""));
    assert!(put(&second, 0..10).contains("\"a.pdf\""));
    second.child.kill().unwrap();
    second.child.wait().unwrap();

    let third = start(&port);
    let known: Value =
        serde_json::from_str(&ask(third.address(), "GET", &format!("/_emulator/documents/{id}"), "", "")).unwrap();
    assert_eq!((&known["state"], &known["sessionsCompleted"]), (&"uploaded".into(), &1.into()));
    // printf 0123456789abcdefghij | sha256sum
    assert_eq!(known["sha256"], "6bc14bdc4517a7a682c6910de2e2946eb8e1ecd04090728fef6d092a7ceb62c5");
    third.end();
}

/// The body of an answer.
fn ask(address: &str, method: &str, target: &str, headers: &str, body: &str) -> String {
    use std::io::Write;
    let mut line = std::net::TcpStream::connect(address).unwrap();
    let length = body.len();
    write!(
        line,
        "{method} {target} HTTP/1.1\r\nHost: e\r\nConnection: close\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    line.read_to_string(&mut answer).unwrap();
    answer.split_once("\r\n\r\n").expect("a whole answer").1.to_owned()
}
