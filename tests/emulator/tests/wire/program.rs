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
