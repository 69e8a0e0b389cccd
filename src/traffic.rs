//! What moves on a connection that the HTTP library does not show.
//!
//! A socket takes in megabytes at once, and then nothing is seen to move for as long as a slow line needs to carry them
//! away; nor is anything seen of an answer before its head is whole, or a record of TLS. Linux knows better (see
//! [`crate::sockets`]). The library does not show its sockets, so that of a request is found among all those of the process:
//! it leads to the right port, and what was written to it since a moment is what was handed over since then. Elsewhere
//! nothing is known, and of what comes in only a whole head and the pieces of a body are seen.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::sockets::{self, Socket};

/// Bytes that may wait in the HTTP library, and so be missing from what was written to a socket.
const WAITING: u64 = 512 * 1024;

/// Bytes that are written beside a large body: its head, and the first of TLS's own.
const BESIDE: u64 = 16 * 1024;

/// By so much the system's clock, which is that of its timer, may differ from ours.
const ROUNDING: Duration = Duration::from_millis(20);

/// The sockets of this process that lead to some ports, since a moment.
#[derive(Debug)]
pub(crate) struct Traffic {
    ports: Vec<u16>,
    began: Option<Beginning>,
    last: Vec<Socket>,
}

#[derive(Debug)]
struct Beginning {
    sockets: Vec<Socket>,
    handed_over: u64,
    beside: u64,
}

/// What was seen of sockets that can be that of a request.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Seen {
    /// One holds less than at the last look.
    pub(crate) is_less_unsent: bool,
    /// When a byte last came in, on the one that heard last.
    pub(crate) heard: Option<Instant>,
}

impl Traffic {
    /// Of the connections to these ports of whatever hosts.
    pub(crate) fn to(ports: Vec<u16>) -> Self {
        Traffic { ports, began: None, last: Vec::new() }
    }

    /// Begins to watch before all of a large body was handed over; the request's socket is there, and has so much of it.
    pub(crate) fn begin(&mut self, handed_over: u64) {
        let sockets = sockets::towards(&self.ports);
        self.last.clone_from(&sockets);
        self.began = Some(Beginning { sockets, handed_over, beside: BESIDE });
    }

    /// Looks at the sockets to which `handed_over` bytes can have gone by now, of a request that is so old. The first look
    /// begins to watch, if nothing did: then all of the request is under way, its head was written, and that of another's
    /// would be too much.
    pub(crate) fn look(&mut self, handed_over: u64, age: Duration) -> Seen {
        let now = sockets::towards(&self.ports);
        let all = || Beginning { sockets: now.clone(), handed_over, beside: 0 };
        let began = self.began.get_or_insert_with(all);
        let of = |sockets: &[Socket], inode| sockets.iter().find(|socket| socket.inode == inode).copied();
        let expected = handed_over - began.handed_over;
        let possible = expected.saturating_sub(WAITING)..=handed_over + began.beside + handed_over / 64;
        let mut seen = Seen::default();
        for socket in &now {
            // Those that came later are others'. So are those to which more was written, for good: whoever goes on to the
            // next request leaves this one alone.
            let Some(then) = of(&began.sockets, socket.inode) else { continue };
            if !possible.contains(&socket.written.saturating_sub(then.written)) {
                continue;
            }
            seen.is_less_unsent |= of(&self.last, socket.inode).is_some_and(|last| socket.unsent < last.unsent);
            // What came in before the last byte left was another answer; and where none left since the request began, it
            // is the answer to another.
            let heard = socket.heard_ago.filter(|&ago| ago <= socket.sent_ago && socket.sent_ago <= age + ROUNDING);
            seen.heard = seen.heard.max(heard.and_then(|ago| Instant::now().checked_sub(ago)));
        }
        self.last = now;
        seen
    }
}

/// When a byte last came in on the connection between two addresses, the nearer one first.
pub(crate) fn last_heard(local: SocketAddr, remote: SocketAddr) -> Option<Instant> {
    Instant::now().checked_sub(sockets::between(local, remote)?.heard_ago?)
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

    fn became_less(traffic: &mut Traffic, handed_over: u64) -> bool {
        traffic.look(handed_over, Duration::ZERO).is_less_unsent
    }

    #[test]
    fn what_the_other_side_reads_becomes_less() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut line = Line::to(&listener);
        let mut unsent = Traffic::to(vec![1, listener.local_addr().unwrap().port()]);
        unsent.begin(1000);
        let handed_over = 1000 + line.fill(usize::MAX);
        assert!(!became_less(&mut unsent, handed_over), "it holds more than before");
        assert!(!became_less(&mut unsent, handed_over), "nobody reads");
        line.drain(|| became_less(&mut unsent, handed_over));
    }

    #[test]
    fn another_connection_is_told_apart_by_what_was_written_to_it() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (mut other, mut dead) = (Line::to(&listener), Line::to(&listener));
        let port = listener.local_addr().unwrap().port();
        let (mut of_dead, mut of_other) = (Traffic::to(vec![port]), Traffic::to(vec![port]));
        of_dead.begin(0);
        of_other.begin(0);
        let (to_dead, to_other) = (dead.fill(1_000_000), other.fill(usize::MAX));
        assert!(to_other > to_dead + 2 * WAITING, "{to_other} bytes went in");
        assert!(!became_less(&mut of_dead, to_dead) && !became_less(&mut of_other, to_other));
        other.drain(|| {
            assert!(!became_less(&mut of_dead, to_dead), "of another connection");
            became_less(&mut of_other, to_other)
        });
    }

    /// Waits until the system has what the other side did.
    fn heard(traffic: &mut Traffic, since: Instant) -> Option<Instant> {
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(10) {
            if let heard @ Some(_) = traffic.look(0, since.elapsed()).heard {
                return heard;
            }
        }
        None
    }

    #[test]
    fn what_comes_in_is_heard_and_the_answer_to_the_next_request_of_another_is_not() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (mut other, mut ours) = (Line::to(&listener), Line::to(&listener));
        let (mut traffic, began) = (Traffic::to(vec![listener.local_addr().unwrap().port()]), Instant::now());
        let (_, _) = (ours.fill(100), other.fill(100));
        assert_eq!(traffic.look(0, began.elapsed()).heard, None);
        // Another is told apart once it goes on, from then on.
        other.1.write_all(b"x").unwrap();
        assert!(heard(&mut traffic, began).is_some_and(|heard| heard + ROUNDING > began));
        other.fill(100);
        other.1.write_all(b"x").unwrap();
        assert_eq!(traffic.look(0, began.elapsed()).heard, None);
        ours.1.write_all(b"x").unwrap();
        assert!(heard(&mut traffic, began).is_some());
    }

    #[test]
    fn the_answer_to_an_earlier_request_is_not_heard() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut download = Line::to(&listener);
        download.fill(100);
        download.1.write_all(b"x").unwrap();
        let port = listener.local_addr().unwrap().port();
        assert!(heard(&mut Traffic::to(vec![port]), Instant::now()).is_some(), "it is no older than can be told");
        // The system's clock goes on.
        while sockets::towards(&[port])[0].sent_ago <= ROUNDING {
            std::thread::yield_now();
        }
        download.1.write_all(b"x").unwrap();
        assert_eq!(Traffic::to(vec![port]).look(0, Duration::ZERO).heard, None);
    }
}
