//! Uploads and services in processes of their own, to be killed, stopped and limited: this test program, run again for its
//! test `a_process_of_its_own`, which calls [`act`].

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use mgprint::{ResumeFile, UploadOptions, UploadUrl};
use mgprint_emulator::{Emulator, Settings};

use super::client;

/// What the documents of resume files are called.
pub const IDENTITY: &str = "printer p, job j, document d";

const ROLE: &str = "MGPRINT_TEST_ROLE";

/// This program again, in a role.
pub fn role(name: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.args(["--exact", "a_process_of_its_own", "--nocapture"]).env(ROLE, name);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// An upload of a file.
pub struct Call<'a> {
    pub endpoint: &'a str,
    pub url: &'a str,
    pub file: &'a Path,
    pub resume: Option<&'a Path>,
    pub chunk_size: u64,
    pub concurrency: usize,
}

impl Call<'_> {
    pub fn command(&self) -> Command {
        let mut command = role("upload");
        command
            .env("MGPRINT_TEST_ENDPOINT", self.endpoint)
            .env("MGPRINT_TEST_URL", self.url)
            .env("MGPRINT_TEST_FILE", self.file)
            .env("MGPRINT_TEST_CHUNK", self.chunk_size.to_string())
            .env("MGPRINT_TEST_CONCURRENCY", self.concurrency.to_string());
        if let Some(resume) = self.resume {
            command.env("MGPRINT_TEST_RESUME", resume);
        }
        command
    }
}

/// What a process said, once it has ended; of one that failed, why.
pub async fn ended(child: Child) -> String {
    let output = tokio::task::spawn_blocking(|| child.wait_with_output().unwrap()).await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return said;
    }
    // Without the lines of its own test runner, which whoever counts this one's would count too.
    let said: String = said.lines().filter(|line| !line.starts_with("test ")).map(|line| format!("{line}\n")).collect();
    format!("{said}{}\n{}", output.status, String::from_utf8_lossy(&output.stderr))
}

/// A service in a process of its own, which goes on from its folder when it is started again.
pub struct Service {
    port: u16,
    folder: PathBuf,
    child: Child,
}

impl Service {
    pub fn start(folder: &Path) -> Self {
        let mut service = Service { port: 0, folder: folder.to_owned(), child: Self::spawn(0, folder) };
        service.port = service.ready();
        service
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub fn start_again(&mut self) {
        // Somebody else can have the port for a moment.
        for _ in 0..100 {
            self.child = Self::spawn(self.port, &self.folder);
            if self.ready() == self.port {
                return;
            }
            self.kill();
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        panic!("the port {} is not free any more", self.port);
    }

    fn spawn(port: u16, folder: &Path) -> Child {
        let mut command = role("service");
        command.env("MGPRINT_TEST_PORT", port.to_string()).env("MGPRINT_TEST_STATE", folder);
        command.stdin(Stdio::piped()).spawn().expect("this program runs twice")
    }

    /// The port that it says; 0 when it could not have it.
    fn ready(&mut self) -> u16 {
        let lines = BufReader::new(self.child.stdout.take().expect("its output")).lines();
        let mut said = lines.map_while(Result::ok);
        said.find_map(|line| line.split_once("READY ").map(|(_, port)| port.trim().parse().unwrap())).unwrap_or(0)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Does what this process was started for; nothing, when it is the one that runs the tests.
pub async fn act() {
    match std::env::var(ROLE).as_deref() {
        Ok("upload") => upload().await,
        Ok("service") => serve().await,
        _ => {}
    }
}

pub fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is missing"))
}

async fn upload() {
    let client = client(&variable("MGPRINT_TEST_ENDPOINT"), None);
    let url = UploadUrl::parse(&variable("MGPRINT_TEST_URL"), client.endpoint()).unwrap();
    let path = std::env::var("MGPRINT_TEST_RESUME").ok().map(PathBuf::from);
    let options = UploadOptions {
        chunk_size: variable("MGPRINT_TEST_CHUNK").parse().unwrap(),
        max_concurrency: variable("MGPRINT_TEST_CONCURRENCY").parse().unwrap(),
        resume: path.map(|path| ResumeFile { path, identity: IDENTITY.to_owned() }),
        ..UploadOptions::default()
    };
    match mgprint::upload(&client, &url, Path::new(&variable("MGPRINT_TEST_FILE")), &options).await {
        Ok(uploaded) => println!("DELIVERED {} of {} bytes", uploaded.bytes_sent, uploaded.bytes_total),
        Err(error) => println!("{:?} {error} {}", error.kind(), error.next_step()),
    }
}

async fn serve() {
    let settings = Settings {
        port: variable("MGPRINT_TEST_PORT").parse().unwrap(),
        state: Some(variable("MGPRINT_TEST_STATE").into()),
        token: Some(mgprint_emulator::Token("token".to_owned())),
        ..Settings::default()
    };
    match Emulator::start(settings).await {
        Ok(emulator) => {
            println!("READY {}", emulator.url().rsplit(':').next().unwrap());
            // With whoever started it, this ends too.
            let _ = tokio::task::spawn_blocking(|| std::io::copy(&mut std::io::stdin(), &mut std::io::sink())).await;
        }
        Err(error) => println!("{error}"),
    }
}

/// Elsewhere no test limits a process.
#[cfg(not(unix))]
pub fn limit() {}

/// What this process may, as its environment says.
#[cfg(unix)]
pub fn limit() {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    let set = |what, most| {
        let limit = libc::rlimit { rlim_cur: most, rlim_max: most };
        // SAFETY: the limit outlives the call.
        assert_eq!(unsafe { libc::setrlimit(what, &limit) }, 0);
    };
    if let Some(files) = number("MGPRINT_TEST_OPEN_FILES") {
        set(libc::RLIMIT_NOFILE, files);
    }
    if let Some(bytes) = number("MGPRINT_TEST_FILE_SIZE") {
        // SAFETY: ignoring a signal has no precondition; a write beyond the limit fails then.
        unsafe { libc::signal(libc::SIGXFSZ, libc::SIG_IGN) };
        set(libc::RLIMIT_FSIZE, bytes);
    }
    if let Some(user) = number("MGPRINT_TEST_USER") {
        // SAFETY: no precondition; root may become anybody, and permissions count for nobody else.
        assert_eq!(unsafe { libc::setuid(user as libc::uid_t) }, 0);
    }
}
