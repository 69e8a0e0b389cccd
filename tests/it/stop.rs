//! A call ends at once when its host says so, wherever it is: nothing waits for a network, a name, a clock or a disk.
//!
//! Every time-out is an hour or a day, so that the cancel alone can have ended a call. What cannot be had on a test
//! machine, a resolver that never answers and a file share that hangs, is put below the engine: this program has
//! `getaddrinfo`, `open64` and `pread64` of its own, which the engine in it calls as it would the system's.

use std::ffi::{c_char, c_int, c_void, CStr};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::{AsRawFd, FromRawFd};
use std::sync::mpsc::{channel, Receiver, Sender};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use mgprint::ffi::*;

const HOUR_MS: u64 = 3_600_000;

/// Enough for any machine however busy, and nothing beside the time-outs.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a stop may take on a machine that has other things to do; alone it takes less than a millisecond.
const AT_ONCE: Duration = Duration::from_secs(5);

/// Calls of the system that hang here tell which name they were made for.
static HUNG: Mutex<Vec<String>> = Mutex::new(Vec::new());

fn hang(name: &str) -> ! {
    HUNG.lock().unwrap().push(name.to_owned());
    loop {
        thread::park();
    }
}

fn await_hung(name: &str) {
    let began = Instant::now();
    while !HUNG.lock().unwrap().iter().any(|hung| hung.contains(name)) {
        assert!(began.elapsed() < PATIENCE, "nobody asked for {name}");
        thread::sleep(Duration::from_millis(1));
    }
}

/// The system's own function of that name.
unsafe fn real(name: &CStr) -> *mut c_void {
    libc::dlsym(libc::RTLD_NEXT, name.as_ptr())
}

/// # Safety
/// As the system's.
#[no_mangle]
pub unsafe extern "C" fn getaddrinfo(
    node: *const c_char,
    service: *const c_char,
    hints: *const libc::addrinfo,
    result: *mut *mut libc::addrinfo,
) -> c_int {
    if !node.is_null() {
        let name = CStr::from_ptr(node).to_string_lossy();
        if name.contains("silent") {
            hang(&name);
        }
    }
    type Real =
        unsafe extern "C" fn(*const c_char, *const c_char, *const libc::addrinfo, *mut *mut libc::addrinfo) -> c_int;
    std::mem::transmute::<*mut c_void, Real>(real(c"getaddrinfo"))(node, service, hints, result)
}

/// # Safety
/// As the system's.
#[no_mangle]
pub unsafe extern "C" fn open64(path: *const c_char, flags: c_int, mode: libc::mode_t) -> c_int {
    let name = CStr::from_ptr(path).to_string_lossy();
    if name.contains("hung-to-open") {
        hang(&name);
    }
    type Real = unsafe extern "C" fn(*const c_char, c_int, libc::mode_t) -> c_int;
    std::mem::transmute::<*mut c_void, Real>(real(c"open64"))(path, flags, mode)
}

/// # Safety
/// As the system's.
#[no_mangle]
pub unsafe extern "C" fn pread64(file: c_int, buffer: *mut c_void, length: usize, offset: libc::off64_t) -> isize {
    let name = std::fs::read_link(format!("/proc/self/fd/{file}")).unwrap_or_default();
    if name.to_string_lossy().contains("hung-to-read") {
        hang(&name.to_string_lossy());
    }
    type Real = unsafe extern "C" fn(c_int, *mut c_void, usize, libc::off64_t) -> isize;
    std::mem::transmute::<*mut c_void, Real>(real(c"pread64"))(file, buffer, length, offset)
}

/// A call that runs, by its host's side of the C interface.
struct Call(OperationHandle);

impl Call {
    /// Creating a session at an endpoint.
    fn create(endpoint: &str, more: &[(OptionKey, &str)]) -> Self {
        let client = client(endpoint, more);
        let (mut request, mut operation) = (RequestHandle { id: 0 }, OperationHandle { id: 0 });
        let x = Str::from("x");
        let parent = mgprint::Parent::Printer as i32;
        let document =
            Document { parent_id: x, job_id: x, document_id: x, name: Str::EMPTY, content_type: Str::EMPTY, parent };
        // SAFETY: every text is as long as it says, and every place for an answer lives on.
        unsafe {
            let made = mgprint_request_new_session(client, &document, 0, &mut request, std::ptr::null_mut());
            assert_eq!(made, Status::Ok);
            let started = mgprint_request_start(client, patient(), request, &mut operation, std::ptr::null_mut());
            assert_eq!(started, Status::Ok);
        }
        Call(operation)
    }

    /// Sending a file to an upload URL.
    fn upload(endpoint: &str, path: &str) -> Self {
        let client = client(endpoint, &[]);
        let url = format!("{endpoint}/upload?secret");
        let mut operation = OperationHandle { id: 0 };
        let request = RequestHandle { id: 0 };
        let target = Target { upload_url: url.as_str().into(), document: std::ptr::null(), request };
        let kind = SourceKind::Path as i32;
        let source = Source { data: path.into(), name: Str::EMPTY, size: 0, kind };
        // SAFETY: as above.
        let started =
            unsafe { mgprint_upload_start(client, patient(), &target, &source, &mut operation, std::ptr::null_mut()) };
        assert_eq!(started, Status::Ok);
        Call(operation)
    }

    fn next(&self, patience: Duration) -> Option<Event> {
        let mut event = std::ptr::null();
        // SAFETY: there is memory for a pointer, which leads to an event where the status says so.
        unsafe {
            match mgprint_operation_next_event(self.0, patience.as_millis() as u32, &mut event) {
                Status::Ok => Some(*event),
                status => {
                    assert_eq!(status, Status::Pending);
                    None
                }
            }
        }
    }

    /// Waits for an event of this kind.
    fn await_event(&self, kind: EventKind) {
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            match self.next(PATIENCE) {
                Some(event) if event.kind == kind => return,
                Some(event) => assert_ne!(event.kind, EventKind::Finished, "it ended by itself"),
                None => {}
            }
        }
        panic!("no {kind:?}");
    }

    /// The call is under way; it is stopped by another thread while its own waits, and has ended at once.
    fn assert_stops(self) {
        while let Some(event) = self.next(Duration::from_millis(20)) {
            assert_ne!(event.kind, EventKind::Finished, "it ended by itself");
        }
        let operation = self.0;
        let began = Instant::now();
        let stopping = thread::spawn(move || assert_eq!(mgprint_operation_cancel(operation), Status::Ok));
        while self.next(PATIENCE).expect("an end").kind != EventKind::Finished {}
        let took = began.elapsed();
        stopping.join().unwrap();
        let mut result = std::ptr::null();
        // SAFETY: there is memory for a pointer.
        let ended = unsafe { mgprint_operation_wait(operation, 0, &mut result, std::ptr::null_mut()) };
        assert_eq!(ended, Status::Cancelled);
        assert!(took < AT_ONCE, "it took {took:?}");
        assert_eq!(mgprint_operation_free(operation), Status::Ok);
    }
}

fn set_text(options: OptionsHandle, key: OptionKey, text: &str) {
    // SAFETY: the text is as long as it says.
    let status = unsafe { mgprint_options_set_text(options, key as i32, text.into(), std::ptr::null_mut()) };
    assert_eq!(status, Status::Ok);
}

fn set_number(options: OptionsHandle, key: OptionKey, number: u64) {
    // SAFETY: no error is asked for.
    assert_eq!(unsafe { mgprint_options_set_number(options, key as i32, number, std::ptr::null_mut()) }, Status::Ok);
}

fn options() -> OptionsHandle {
    let mut options = OptionsHandle { id: 0 };
    // SAFETY: there is memory for a handle.
    assert_eq!(unsafe { mgprint_options_new(&mut options) }, Status::Ok);
    options
}

/// Settings under which nothing ends by itself, and requests are told.
fn patient() -> OptionsHandle {
    let options = options();
    set_number(options, OptionKey::IdleTimeoutMs, 24 * HOUR_MS);
    set_number(options, OptionKey::LogLevel, 2);
    options
}

fn client(endpoint: &str, more: &[(OptionKey, &str)]) -> ClientHandle {
    let options = options();
    set_text(options, OptionKey::Endpoint, endpoint);
    set_text(options, OptionKey::AccessToken, "token");
    set_number(options, OptionKey::ConnectTimeoutMs, HOUR_MS);
    for (key, text) in more {
        set_text(options, *key, text);
    }
    let mut client = ClientHandle { id: 0 };
    // SAFETY: there is memory for a handle.
    assert_eq!(unsafe { mgprint_client_new(options, &mut client, std::ptr::null_mut()) }, Status::Ok);
    client
}

/// A service that reads a little of what comes, then does as it is told, and tells when it has begun to.
fn service(serve: impl Fn(&mut TcpStream, &Sender<()>) + Send + 'static) -> (SocketAddr, Receiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (began, begun) = channel();
    thread::spawn(move || {
        while let Ok((mut line, _)) = listener.accept() {
            let mut some = [0; 4096];
            if line.read(&mut some).unwrap_or(0) > 0 {
                serve(&mut line, &began);
            }
        }
    });
    (address, begun)
}

/// Keeps a line open until the other side leaves.
fn keep(line: &mut TcpStream) {
    let mut rest = Vec::new();
    let _ = line.read_to_end(&mut rest);
}

#[test]
fn while_a_name_is_looked_up() {
    let call = Call::create("https://silent.resolver.test", &[]);
    await_hung("silent.resolver.test");
    call.assert_stops();
}

#[test]
fn while_nobody_accepts() {
    // A listener whose queue is full: the system answers no further connection, and the client goes on knocking.
    // SAFETY: a new socket, which the listener then owns.
    let listener = unsafe {
        let socket = libc::socket(libc::AF_INET, libc::SOCK_STREAM | libc::SOCK_CLOEXEC, 0);
        let mut address: libc::sockaddr_in = std::mem::zeroed();
        address.sin_family = libc::AF_INET as libc::sa_family_t;
        address.sin_addr.s_addr = u32::from_ne_bytes([127, 0, 0, 1]);
        let length = std::mem::size_of::<libc::sockaddr_in>() as libc::socklen_t;
        assert_eq!(libc::bind(socket, std::ptr::from_ref(&address).cast(), length), 0);
        assert_eq!(libc::listen(socket, 0), 0);
        TcpListener::from_raw_fd(socket)
    };
    let address = listener.local_addr().unwrap();
    assert!(listener.as_raw_fd() > 0);
    let mut queued = Vec::new();
    while let Ok(line) = TcpStream::connect_timeout(&address, Duration::from_millis(200)) {
        queued.push(line);
    }

    let call = Call::create(&format!("http://{address}"), &[]);
    call.await_event(EventKind::Log);
    call.assert_stops();
    drop(queued);
}

#[test]
fn while_an_accepted_line_is_silent() {
    let (address, begun) = service(|line, began| {
        began.send(()).unwrap();
        keep(line);
    });
    let call = Call::create(&format!("http://{address}"), &[]);
    begun.recv_timeout(PATIENCE).expect("a request");
    call.assert_stops();
}

#[test]
fn while_a_tls_handshake_stands_still() {
    let (address, begun) = service(|line, began| {
        began.send(()).unwrap();
        keep(line);
    });
    let call = Call::create(&format!("https://{address}"), &[]);
    begun.recv_timeout(PATIENCE).expect("a greeting");
    call.assert_stops();
}

#[test]
fn while_a_proxy_says_nothing() {
    let (address, begun) = service(|line, began| {
        began.send(()).unwrap();
        keep(line);
    });
    let call = Call::create("https://graph.test", &[(OptionKey::Proxy, &format!("http://{address}"))]);
    begun.recv_timeout(PATIENCE).expect("a CONNECT");
    call.assert_stops();
}

#[test]
fn while_headers_never_end() {
    assert_stops_while_dripping("HTTP/1.1 200 OK\r\n", "X-More: x\r\n");
}

#[test]
fn while_a_body_drips() {
    assert_stops_while_dripping("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\n \r\n");
}

fn assert_stops_while_dripping(head: &'static str, drop: &'static str) {
    let (address, begun) = service(move |line, began| {
        line.write_all(head.as_bytes()).unwrap();
        while line.write_all(drop.as_bytes()).is_ok() {
            let _ = began.send(());
            thread::sleep(Duration::from_millis(50));
        }
    });
    let call = Call::create(&format!("http://{address}"), &[]);
    begun.recv_timeout(PATIENCE).expect("a drop");
    call.assert_stops();
}

#[test]
fn while_it_waits_to_try_again() {
    let (address, _begun) = service(|line, _| {
        let busy = "HTTP/1.1 503 Busy\r\nRetry-After: 120\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        line.write_all(busy.as_bytes()).unwrap();
    });
    let call = Call::create(&format!("http://{address}"), &[]);
    call.await_event(EventKind::Retry);
    call.assert_stops();
}

#[test]
fn while_a_file_share_hangs() {
    let (address, _begun) = service(|line, _| {
        let state = r#"{"nextExpectedRanges":["0-7"]}"#;
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{state}", state.len());
        let _ = line.write_all(head.as_bytes());
        keep(line);
    });
    for name in ["hung-to-open", "hung-to-read"] {
        let folder = tempfile::tempdir().unwrap();
        // Written under another name, since this program would hang on it too.
        let (written, path) = (folder.path().join("written.pdf"), folder.path().join(name));
        std::fs::write(&written, b"document").unwrap();
        std::fs::rename(&written, &path).unwrap();
        let call = Call::upload(&format!("http://{address}"), path.to_str().unwrap());
        await_hung(name);
        call.assert_stops();
    }
}
