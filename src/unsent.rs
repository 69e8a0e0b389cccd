//! What the system still holds of what was handed to it.
//!
//! A socket takes in megabytes at once, and then nothing is seen to move for as long as a slow line needs to carry them
//! away. The system knows better: the bytes that the other side has not acknowledged become fewer. The HTTP library does
//! not show its sockets, so all those of this process that lead to a port are looked at; as long as one of them is
//! moving, that line is not dead. Linux, macOS and iOS tell; elsewhere nothing is known.

/// The sockets of this process that lead to some ports, looked at again and again.
#[derive(Debug)]
pub(crate) struct Unsent {
    ports: Vec<u16>,
    last: Vec<(i32, u64)>,
}

impl Unsent {
    /// Of the connections to these ports of whatever hosts.
    pub(crate) fn to(ports: Vec<u16>) -> Self {
        Unsent { ports, last: Vec::new() }
    }

    /// Whether any of them holds less than at the last look.
    pub(crate) fn became_less(&mut self) -> bool {
        let now = system::unsent(&self.ports);
        let less = |&(socket, bytes): &(i32, u64)| now.iter().any(|&(other, left)| other == socket && left < bytes);
        let moved = self.last.iter().any(less);
        self.last = now;
        moved
    }
}

#[cfg(any(target_os = "linux", target_vendor = "apple"))]
mod system {
    use std::mem::{size_of, MaybeUninit};

    use libc::{c_int, sockaddr_in, sockaddr_in6, sockaddr_storage, socklen_t, AF_INET, AF_INET6};

    /// The sockets that lead to the ports, and what each holds. A number can be closed and given to another file
    /// meanwhile: then what is read is of that one, and harms nothing.
    pub(super) fn unsent(ports: &[u16]) -> Vec<(i32, u64)> {
        // Both systems list the numbers of a process there.
        let open = std::fs::read_dir("/dev/fd").into_iter().flatten().flatten();
        let numbers = open.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        numbers
            .filter(|&socket| peer_port(socket).is_some_and(|port| ports.contains(&port)))
            .filter_map(|socket| Some((socket, held(socket)?)))
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

    #[cfg(target_os = "linux")]
    fn held(socket: c_int) -> Option<u64> {
        let mut bytes: c_int = 0;
        // SAFETY: the request writes one int, and the socket is one, or an error.
        let answer = unsafe { libc::ioctl(socket, libc::TIOCOUTQ, &mut bytes) };
        (answer == 0).then_some(u64::try_from(bytes).ok()?)
    }

    #[cfg(target_vendor = "apple")]
    fn held(socket: c_int) -> Option<u64> {
        let (mut bytes, mut length): (c_int, _) = (0, size_of::<c_int>() as socklen_t);
        // SAFETY: the option is one int, of the length that is said.
        let answer = unsafe {
            libc::getsockopt(socket, libc::SOL_SOCKET, libc::SO_NWRITE, (&raw mut bytes).cast(), &mut length)
        };
        (answer == 0).then_some(u64::try_from(bytes).ok()?)
    }
}

#[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
mod system {
    pub(super) fn unsent(_: &[u16]) -> Vec<(i32, u64)> {
        Vec::new()
    }
}

#[cfg(all(test, any(target_os = "linux", target_vendor = "apple")))]
mod tests {
    use super::*;
    use std::io::{ErrorKind, Read, Write};
    use std::net::{TcpListener, TcpStream};

    #[test]
    fn what_the_other_side_reads_becomes_less() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let mut ours = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let mut theirs = listener.accept().unwrap().0;
        ours.set_nonblocking(true).unwrap();
        let full = std::iter::repeat_with(|| ours.write(&[0; 64 * 1024])).find_map(Result::err).unwrap();
        assert_eq!(full.kind(), ErrorKind::WouldBlock);

        let (mut unsent, mut others) = (Unsent::to(vec![1, port]), Unsent::to(vec![1]));
        assert!(!unsent.became_less(), "there was no look before");
        assert!(!unsent.became_less(), "nobody reads");
        others.became_less();
        // Room is told to the sender in large steps.
        let mut read = vec![0; 8 * 1024 * 1024];
        let mut moved = false;
        while !moved {
            assert!(theirs.read(&mut read).unwrap() > 0);
            moved = unsent.became_less();
        }
        assert!(!others.became_less(), "of another port");
    }
}
