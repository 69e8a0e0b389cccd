//! A client that sends exactly what it is told to, and reads one answer at a time.

use std::io;
use std::ops::Range;
use std::time::Duration;

use mgprint_emulator::{DocumentIds, Emulator, NewDocument, Settings};
use serde_json::{json, Value};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// Nothing here takes a second; whatever does is stuck, and fails instead of hanging.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Client {
    stream: BufReader<TcpStream>,
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Client {
    pub(crate) async fn connect(emulator: &Emulator) -> Self {
        let address = emulator.url().strip_prefix("http://").unwrap();
        Self { stream: BufReader::new(TcpStream::connect(address).await.unwrap()) }
    }

    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        let sent = self.stream.get_mut().write_all(bytes.as_ref());
        tokio::time::timeout(PATIENCE, sent).await.unwrap().unwrap();
    }

    /// Sends a request with its `Content-Length`.
    pub(crate) async fn request(
        &mut self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        self.send(head(method, target, headers, body.len())).await;
        self.send(body).await;
        self.answer().await
    }

    pub(crate) async fn answer(&mut self) -> Answer {
        self.try_answer().await.unwrap()
    }

    /// The next answer, or how the line broke instead.
    pub(crate) async fn try_answer(&mut self) -> io::Result<Answer> {
        tokio::time::timeout(PATIENCE, self.read_answer()).await.expect("an answer in time")
    }

    async fn read_answer(&mut self) -> io::Result<Answer> {
        let status_line = self.line().await?;
        let status = status_line.split(' ').nth(1).and_then(|code| code.parse().ok());
        let status: u16 = status.unwrap_or_else(|| panic!("no status line: {status_line:?}"));
        let mut headers = Vec::new();
        loop {
            let line = self.line().await?;
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(": ").unwrap();
            headers.push((name.to_ascii_lowercase(), value.to_owned()));
        }
        let length = headers.iter().find(|(name, _)| name == "content-length");
        let length = length.map_or(0, |(_, value)| value.parse().unwrap());
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).await?;
        let body = String::from_utf8(body).unwrap();
        Ok(Answer { status, headers, body })
    }

    async fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(line.trim_end_matches("\r\n").to_owned())
    }

    /// What comes until the line ends in order.
    pub(crate) async fn rest(&mut self) -> String {
        let mut text = String::new();
        let read = self.stream.read_to_string(&mut text);
        tokio::time::timeout(PATIENCE, read).await.expect("an end in time").unwrap();
        text
    }

    /// So many bytes, whatever they are.
    pub(crate) async fn exactly(&mut self, bytes: usize) -> Vec<u8> {
        let mut all = vec![0; bytes];
        tokio::time::timeout(PATIENCE, self.stream.read_exact(&mut all)).await.expect("in time").unwrap();
        all
    }

    /// Reads until `end` has come: the head of the answer, and how many bytes came after it.
    pub(crate) async fn until(&mut self, end: &str) -> (String, usize) {
        let mut all = Vec::new();
        let reading = async {
            while !all.ends_with(end.as_bytes()) {
                let last = *end.as_bytes().last().unwrap();
                assert!(self.stream.read_until(last, &mut all).await.unwrap() > 0, "the line ended");
            }
        };
        tokio::time::timeout(PATIENCE, reading).await.expect("in time");
        let head = all.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
        (String::from_utf8(all[..head].to_vec()).unwrap(), all.len() - head)
    }

    /// How the line broke, when that is what is expected.
    pub(crate) async fn broken(&mut self) -> io::ErrorKind {
        match self.try_answer().await {
            Ok(answer) => panic!("an answer where the line should have broken: {answer:?}"),
            Err(error) => error.kind(),
        }
    }
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut named = self.headers.iter().filter(|(known, _)| known == name);
        let found = named.next().map(|(_, value)| value.as_str());
        assert!(named.next().is_none(), "more than one {name}");
        found
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e} in {:?}", self.body))
    }

    /// Checks that this is an error in Graph's shape; its code and message.
    pub(crate) fn error(&self) -> (String, String) {
        assert_eq!(self.header("content-type"), Some("application/json"));
        let error = &self.json()["error"];
        let inner = &error["innerError"];
        assert_eq!(inner["request-id"].as_str(), self.header("request-id"));
        assert_eq!(inner["client-request-id"].as_str(), self.header("client-request-id"));
        assert_eq!(inner["date"].as_str().map(str::len), Some("2020-10-25T02:19:38".len()));
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (text(&error["code"]), text(&error["message"]))
    }

    pub(crate) fn gaps(&self) -> Vec<String> {
        let ranges = self.json()["nextExpectedRanges"].as_array().unwrap().clone();
        ranges.iter().map(|range| range.as_str().unwrap().to_owned()).collect()
    }
}

pub(crate) fn head(method: &str, target: &str, headers: &[(&str, &str)], length: usize) -> String {
    let mut head = format!("{method} {target} HTTP/1.1\r\nHost: emulator\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("Content-Length: {length}\r\n\r\n"));
    head
}

/// A service with the defaults, but for what `change` changes.
pub(crate) async fn emulator(change: impl FnOnce(&mut Settings)) -> Emulator {
    let mut settings = Settings::default();
    change(&mut settings);
    Emulator::start(settings).await.unwrap()
}

pub(crate) fn document_path(ids: &DocumentIds) -> String {
    format!("/v1.0/print/printers/{}/jobs/{}/documents/{}", ids.printer_id, ids.print_job_id, ids.print_document_id)
}

pub(crate) fn bearer(emulator: &Emulator) -> String {
    format!("Bearer {}", emulator.token())
}

/// A POST to Graph with the token and a JSON body.
pub(crate) async fn post(emulator: &Emulator, path: &str, body: &[u8]) -> Answer {
    let authorization = bearer(emulator);
    let headers = [("Authorization", authorization.as_str()), ("Content-Type", "application/json")];
    Client::connect(emulator).await.request("POST", path, &headers, body).await
}

pub(crate) async fn get(emulator: &Emulator, path: &str) -> Answer {
    let authorization = bearer(emulator);
    let headers = [("Authorization", authorization.as_str())];
    Client::connect(emulator).await.request("GET", path, &headers, b"").await
}

pub(crate) fn properties(size: u64) -> Vec<u8> {
    let properties = json!({"documentName": "Test.pdf", "contentType": "application/pdf", "size": size});
    json!({ "properties": properties }).to_string().into_bytes()
}

/// `length` bytes of a document in which no two places look alike.
pub(crate) fn bytes(range: Range<u64>) -> Vec<u8> {
    range.map(|at| (at.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56) as u8).collect()
}

/// A document with an open upload session.
pub(crate) struct Upload {
    pub(crate) id: String,
    pub(crate) size: u64,
    /// Path and query of the upload URL.
    pub(crate) target: String,
}

impl Upload {
    pub(crate) async fn begin(emulator: &Emulator, size: u64) -> Self {
        let ids = emulator.add_document(NewDocument::default()).unwrap();
        let path = format!("{}/createUploadSession", document_path(&ids));
        let answer = post(emulator, &path, &properties(size)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let url = answer.json()["uploadUrl"].as_str().unwrap().to_owned();
        Self { id: ids.print_document_id, size, target: url.strip_prefix(emulator.url()).unwrap().to_owned() }
    }

    pub(crate) fn head(&self, range: &Range<u64>) -> String {
        let content_range = self.content_range(range);
        let length = (range.end - range.start) as usize;
        head("PUT", &self.target, &[("Content-Range", &content_range)], length)
    }

    pub(crate) fn content_range(&self, range: &Range<u64>) -> String {
        format!("bytes {}-{}/{}", range.start, range.end - 1, self.size)
    }

    pub(crate) async fn put(&self, emulator: &Emulator, range: Range<u64>) -> Answer {
        self.put_on(&mut Client::connect(emulator).await, range).await
    }

    pub(crate) async fn put_on(&self, client: &mut Client, range: Range<u64>) -> Answer {
        client.send(self.head(&range)).await;
        client.send(bytes(range)).await;
        client.answer().await
    }

    pub(crate) async fn ask(&self, emulator: &Emulator, method: &str) -> Answer {
        Client::connect(emulator).await.request(method, &self.target, &[], b"").await
    }
}
