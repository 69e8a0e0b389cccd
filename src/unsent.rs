//! What the system still holds of what was handed to it.
//!
//! A socket takes in megabytes at once, and then nothing is seen to move for as long as a slow line needs to carry them
//! away. Linux knows better: it tells how much of what was written to a socket the other side has not acknowledged. The
//! HTTP library does not show its sockets, so that of a request is found among all those of the process: it leads to the
//! right port, and what was written to it since a moment is what was handed over since then. Elsewhere nothing is known.

/// Bytes by which a socket may differ from what was handed over: what waits in the HTTP library, and TLS's own.
const SLACK: u64 = 512 * 1024;

/// The sockets of this process that lead to some ports, since a moment.
#[derive(Debug)]
pub(crate) struct Unsent {
    ports: Vec<u16>,
    then: Vec<Socket>,
    handed_over_then: u64,
    last: Vec<Socket>,
}

/// A connection at one moment.
#[derive(Clone, Copy, Debug)]
struct Socket {
    number: i32,
    /// Of all that was ever written to it.
    written: u64,
    /// What of it was not acknowledged.
    unsent: u64,
}

impl Unsent {
    /// Of the connections to these ports of whatever hosts.
    pub(crate) fn to(ports: Vec<u16>) -> Self {
        Unsent { ports, then: Vec::new(), handed_over_then: 0, last: Vec::new() }
    }

    /// Begins to watch, when so many bytes were handed over.
    pub(crate) fn begin(&mut self, handed_over: u64) {
        self.then = system::sockets(&self.ports);
        self.last.clone_from(&self.then);
        self.handed_over_then = handed_over;
    }

    /// Whether a socket that can be the one to which `handed_over` bytes went by now holds less than at the last look.
    pub(crate) fn became_less(&mut self, handed_over: u64) -> bool {
        let now = system::sockets(&self.ports);
        let of = |sockets: &[Socket], number| sockets.iter().find(|socket| socket.number == number).copied();
        let expected = handed_over - self.handed_over_then;
        let slack = SLACK + expected / 64;
        let moved = now.iter().any(|socket| {
            // A number that was given to another connection begins anew.
            let then = of(&self.then, socket.number).map_or(0, |then| then.written);
            let written = socket.written.checked_sub(then).unwrap_or(socket.written);
            written.abs_diff(expected) <= slack
                && of(&self.last, socket.number).is_some_and(|last| socket.unsent < last.unsent)
        });
        self.last = now;
        moved
    }
}

#[cfg(target_os = "linux")]
mod system {
    use std::mem::{size_of, MaybeUninit};

    use libc::{c_int, sockaddr_in, sockaddr_in6, sockaddr_storage, socklen_t, AF_INET, AF_INET6};

    use super::Socket;

    /// The sockets that lead to the ports. A number can be closed and given to another file meanwhile: then what is read
    /// is of that one, and harms nothing.
    pub(super) fn sockets(ports: &[u16]) -> Vec<Socket> {
        let open = std::fs::read_dir("/proc/self/fd").into_iter().flatten().flatten();
        let numbers = open.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        numbers
            .filter(|&number| peer_port(number).is_some_and(|port| ports.contains(&port)))
            .filter_map(|number| {
                let unsent = unsent(number)?;
                Some(Socket { number, written: acknowledged(number)? + unsent, unsent })
            })
            .collect()
    }

    fn peer_port(socket: c_int) -> Option<u16> {
        let mut address = MaybeUninit::<sockaddr_storage>::zeroed();
        let mut length = size_of::<sockaddr_storage>() as socklen_t;
        // SAFETY: the address has the length that is said, and any number may be asked about.
        if unsafe { libc::getpeername(socket, address.as_mut_ptr().cast(), &mut length) } != 0 {
            return None;
        }
        // SAFETY: zeroed at first, and every bit pattern is one.
        let address = unsafe { address.assume_init() };
        match c_int::from(address.ss_family) {
            // SAFETY: the family says which of the two it is; both are no longer than the storage, and no more aligned.
            AF_INET => Some(u16::from_be(unsafe { (*(&raw const address).cast::<sockaddr_in>()).sin_port })),
            // SAFETY: as above.
            AF_INET6 => Some(u16::from_be(unsafe { (*(&raw const address).cast::<sockaddr_in6>()).sin6_port })),
            _ => None,
        }
    }

    fn unsent(socket: c_int) -> Option<u64> {
        let mut bytes: c_int = 0;
        // SAFETY: the request writes one int, and the socket is one, or an error.
        let answer = unsafe { libc::ioctl(socket, libc::TIOCOUTQ, &mut bytes) };
        (answer == 0).then_some(u64::try_from(bytes).ok()?)
    }

    /// `tcpi_bytes_acked` of `struct tcp_info` (linux/tcp.h, since 4.1), which is where it is on every machine.
    fn acknowledged(socket: c_int) -> Option<u64> {
        const AT: usize = 120;
        let mut info = [0u8; AT + size_of::<u64>()];
        let mut length = info.len() as socklen_t;
        // SAFETY: the buffer has the length that is said, and no more than that is written.
        let answer = unsafe {
            libc::getsockopt(socket, libc::IPPROTO_TCP, libc::TCP_INFO, info.as_mut_ptr().cast(), &mut length)
        };
        let bytes = info[AT..].try_into().expect("so many");
        (answer == 0 && length as usize == info.len()).then(|| u64::from_ne_bytes(bytes))
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    pub(super) fn sockets(_: &[u16]) -> Vec<super::Socket> {
        Vec::new()
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::io::{ErrorKind, Read, Write};
    use std::net::{TcpListener, TcpStream};

    struct Line(TcpStream, TcpStream);

    impl Line {
        fn to(listener: &TcpListener) -> Self {
            let ours = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
            let theirs = listener.accept().unwrap().0;
            ours.set_nonblocking(true).unwrap();
            Line(ours, theirs)
        }

        /// Writes until nothing goes in any more, or so many bytes are in.
        fn fill(&mut self, most: usize) -> u64 {
            let mut written = 0;
            while written < most {
                match self.0.write(&vec![0; (most - written).min(64 * 1024)]) {
                    Ok(bytes) => written += bytes,
                    Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                    Err(error) => panic!("{error}"),
                }
            }
            written as u64
        }

        /// Reads until the other side hears of it: room is told in large steps.
        fn drain(&mut self, mut heard: impl FnMut() -> bool) {
            let mut read = vec![0; 8 * 1024 * 1024];
            while !heard() {
                assert!(self.1.read(&mut read).unwrap() > 0);
            }
        }
    }

    #[test]
    fn what_the_other_side_reads_becomes_less() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut line = Line::to(&listener);
        let mut unsent = Unsent::to(vec![1, listener.local_addr().unwrap().port()]);
        unsent.begin(1000);
        let handed_over = 1000 + line.fill(usize::MAX);
        assert!(!unsent.became_less(handed_over), "it holds more than before");
        assert!(!unsent.became_less(handed_over), "nobody reads");
        line.drain(|| unsent.became_less(handed_over));
    }

    #[test]
    fn another_connection_is_told_apart_by_what_was_written_to_it() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (mut other, mut dead) = (Line::to(&listener), Line::to(&listener));
        let port = listener.local_addr().unwrap().port();
        let (mut of_dead, mut of_other) = (Unsent::to(vec![port]), Unsent::to(vec![port]));
        of_dead.begin(0);
        of_other.begin(0);
        let (to_dead, to_other) = (dead.fill(1_000_000), other.fill(usize::MAX));
        assert!(to_other > to_dead + 2 * SLACK, "{to_other} bytes went in");
        assert!(!of_dead.became_less(to_dead) && !of_other.became_less(to_other));
        other.drain(|| {
            assert!(!of_dead.became_less(to_dead), "of another connection");
            of_other.became_less(to_other)
        });
    }
}
