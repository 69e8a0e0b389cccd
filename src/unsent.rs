//! What the system still holds of what was handed to it.
//!
//! A socket takes in megabytes at once, and then nothing is seen to move for as long as a slow line needs to carry them
//! away. Linux knows better: it tells how much of what was written to a socket the other side has not acknowledged. The
//! HTTP library does not show its sockets, so that of a request is found among all those of the process: it leads to the
//! right port, and what was written to it since a moment is what was handed over since then. Elsewhere nothing is known.

use crate::sockets::{self, Socket};

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

impl Unsent {
    /// Of the connections to these ports of whatever hosts.
    pub(crate) fn to(ports: Vec<u16>) -> Self {
        Unsent { ports, then: Vec::new(), handed_over_then: 0, last: Vec::new() }
    }

    /// Begins to watch, when so many bytes were handed over.
    pub(crate) fn begin(&mut self, handed_over: u64) {
        self.then = sockets::towards(&self.ports);
        self.last.clone_from(&self.then);
        self.handed_over_then = handed_over;
    }

    /// Whether a socket that can be the one to which `handed_over` bytes went by now holds less than at the last look.
    pub(crate) fn became_less(&mut self, handed_over: u64) -> bool {
        let now = sockets::towards(&self.ports);
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
