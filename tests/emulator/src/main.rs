//! `mgprint-emulator`: the service beside a script, and documents to send to it.

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use mgprint_emulator::{pdf, Emulator, NewDocument, Settings, Token};
use serde_json::json;
use tokio::io::AsyncReadExt;

const USAGE: &str = "\
Usage: mgprint-emulator [OPTIONS]
       mgprint-emulator make-pdf PATH --bytes N

Runs a Universal Print service on 127.0.0.1. When it is ready it writes one line of JSON: endpoint, token, and the
ids of a printer, its share, a job and a document to upload.

  --port N                    the port (default: a free one)
  --token-file FILE           the token is in this file (default: MGPRINT_EMULATOR_TOKEN, or a random one)
  --state FOLDER              keep documents and sessions in this folder, and go on with what it holds
  --discard                   hash the documents and forget their bytes
  --no-hash                   count the bytes of documents only
  --max-document-bytes N      the largest document (default: 1073741824)
  --until-stdin-closes        end when the standard input ends

make-pdf writes a valid PDF of many pages and exactly N bytes to PATH.
";

enum Command {
    Serve { settings: Box<Settings>, until_stdin_closes: bool },
    MakePdf { path: PathBuf, bytes: u64 },
    Help,
}

fn main() -> ExitCode {
    let done = parse(std::env::args_os().skip(1).collect()).and_then(|command| match command {
        Command::Help => {
            print!("{USAGE}");
            Ok(())
        }
        Command::MakePdf { path, bytes } => make_pdf(&path, bytes),
        Command::Serve { settings, until_stdin_closes } => serve(*settings, until_stdin_closes),
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("mgprint-emulator: {sentence}");
            ExitCode::FAILURE
        }
    }
}

fn make_pdf(path: &Path, bytes: u64) -> Result<(), String> {
    pdf::make(path, bytes).map_err(|e| e.to_string())
}

fn serve(settings: Settings, until_stdin_closes: bool) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|e| format!("The service cannot start: {e}."))?;
    let served = runtime.block_on(async {
        let (port, state) = (settings.port, settings.state.clone());
        let emulator = Emulator::start(settings).await.map_err(|e| match &state {
            Some(folder) => {
                format!("Port {port} of 127.0.0.1 or the folder '{}' cannot be used: {e}.", folder.display())
            }
            None => format!("Port {port} of 127.0.0.1 cannot be used: {e}."),
        })?;
        // Before the line that says where it is: whoever reads that may end the program at once.
        let mut end = EndSignals::listen().map_err(|e| format!("Signals cannot be awaited: {e}."))?;
        announce(&emulator)?;
        tokio::select! {
            () = stdin_closed(), if until_stdin_closes => {}
            () = end.wait() => {}
        }
        emulator.shutdown().await;
        Ok(())
    });
    // A read of the standard input cannot be interrupted: leave its thread behind.
    runtime.shutdown_background();
    served
}

fn announce(emulator: &Emulator) -> Result<(), String> {
    let ids = emulator.add_document(NewDocument::default())?;
    let line = json!({
        "endpoint": emulator.url(),
        "token": emulator.token(),
        "printerId": ids.printer_id,
        "printerShareId": ids.printer_share_id,
        "printJobId": ids.print_job_id,
        "printDocumentId": ids.print_document_id,
    });
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{line}")
        .and_then(|()| stdout.flush())
        .map_err(|e| format!("The line that says where the service is cannot be written: {e}."))
}

async fn stdin_closed() {
    let mut stdin = tokio::io::stdin();
    let mut scratch = [0; 1024];
    while stdin.read(&mut scratch).await.is_ok_and(|read| read > 0) {}
}

/// The signals that ask a program to end.
struct EndSignals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
}

impl EndSignals {
    /// From here on they are taken care of.
    #[cfg(unix)]
    fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{signal, SignalKind};
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    #[cfg(not(unix))]
    fn listen() -> std::io::Result<Self> {
        Ok(Self {})
    }

    #[cfg(unix)]
    async fn wait(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }

    #[cfg(not(unix))]
    async fn wait(&mut self) {
        // Without a handler the signal ends the program by itself.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

fn parse(arguments: Vec<OsString>) -> Result<Command, String> {
    let mut arguments = arguments.into_iter().peekable();
    if arguments.next_if(|first| first == "make-pdf").is_some() {
        return parse_make_pdf(arguments);
    }
    let mut settings =
        Settings { token: std::env::var("MGPRINT_EMULATOR_TOKEN").ok().map(Token), ..Settings::default() };
    let mut until_stdin_closes = false;
    while let Some(argument) = arguments.next() {
        match argument.to_str().unwrap_or_default() {
            "--port" => settings.port = number(&argument, arguments.next())?,
            "--max-document-bytes" => {
                settings.document_bytes_limit = number(&argument, arguments.next())?;
            }
            "--token-file" => settings.token = Some(token_in(value(&argument, arguments.next())?)?),
            "--state" => settings.state = Some(value(&argument, arguments.next())?.into()),
            "--discard" => settings.keep_documents = false,
            "--no-hash" => settings.hash_documents = false,
            "--until-stdin-closes" => until_stdin_closes = true,
            "--help" | "-h" => return Ok(Command::Help),
            _ => return Err(unknown(&argument)),
        }
    }
    if settings.state.is_some() && !(settings.keep_documents && settings.hash_documents) {
        return Err("--state keeps the documents: leave out --discard and --no-hash.".to_owned());
    }
    if settings.token.as_ref().is_some_and(|token| token.0.is_empty()) {
        return Err("The token is empty.".to_owned());
    }
    Ok(Command::Serve { settings: Box::new(settings), until_stdin_closes })
}

fn parse_make_pdf(mut arguments: impl Iterator<Item = OsString>) -> Result<Command, String> {
    let (mut path, mut bytes) = (None, None);
    while let Some(argument) = arguments.next() {
        match argument.to_str() {
            Some("--bytes") => bytes = Some(number(&argument, arguments.next())?),
            Some("--help" | "-h") => return Ok(Command::Help),
            Some(option) if option.starts_with('-') => return Err(unknown(&argument)),
            _ if path.is_none() => path = Some(PathBuf::from(argument)),
            _ => return Err("make-pdf writes one file: give one PATH.".to_owned()),
        }
    }
    match (path, bytes) {
        (Some(path), Some(bytes)) => Ok(Command::MakePdf { path, bytes }),
        _ => Err("make-pdf needs a PATH and --bytes N.".to_owned()),
    }
}

fn token_in(file: OsString) -> Result<Token, String> {
    match std::fs::read_to_string(&file) {
        Ok(token) => Ok(Token(token.trim().to_owned())),
        Err(e) => Err(format!("The token file '{}' cannot be read: {e}.", file.to_string_lossy())),
    }
}

fn value(option: &OsString, value: Option<OsString>) -> Result<OsString, String> {
    value.ok_or_else(|| format!("{} needs a value.", option.to_string_lossy()))
}

fn number<N: std::str::FromStr>(option: &OsString, given: Option<OsString>) -> Result<N, String> {
    let given = value(option, given)?;
    let parsed = given.to_str().and_then(|text| text.parse().ok());
    parsed.ok_or_else(|| {
        format!("{} needs a number; '{}' is none, or out of range.", option.to_string_lossy(), given.to_string_lossy())
    })
}

fn unknown(argument: &OsString) -> String {
    format!("'{}' is not an option. --help lists them.", argument.to_string_lossy())
}
