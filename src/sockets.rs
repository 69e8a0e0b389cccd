//! The sockets of this process, and what Linux knows of them: how much of what was written to one the other side has not
//! acknowledged. Elsewhere there are none to be seen.

pub(crate) use system::unsent_between;

#[cfg(target_os = "linux")]
mod system {
    use std::mem::{size_of, MaybeUninit};
    use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

    use libc::{c_int, sockaddr, sockaddr_in, sockaddr_in6, sockaddr_storage, socklen_t, AF_INET, AF_INET6};

    /// What waits in the socket between two addresses, the nearer one first.
    pub(crate) fn unsent_between(near: SocketAddr, far: SocketAddr) -> Option<u64> {
        let is_same = |found: Option<SocketAddr>, wanted: SocketAddr| {
            found.is_some_and(|found| (found.ip(), found.port()) == (wanted.ip(), wanted.port()))
        };
        numbers().find(|&number| is_same(local(number), near) && is_same(remote(number), far)).and_then(unsent)
    }

    /// Of all open files. One can be closed and its number given to another meanwhile: then what is read is of that one,
    /// and harms nothing.
    fn numbers() -> impl Iterator<Item = c_int> {
        let open = std::fs::read_dir("/proc/self/fd").into_iter().flatten().flatten();
        open.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
    }

    type AddressOf = unsafe extern "C" fn(c_int, *mut sockaddr, *mut socklen_t) -> c_int;

    fn local(socket: c_int) -> Option<SocketAddr> {
        address(socket, libc::getsockname)
    }

    fn remote(socket: c_int) -> Option<SocketAddr> {
        address(socket, libc::getpeername)
    }

    fn address(socket: c_int, which: AddressOf) -> Option<SocketAddr> {
        let mut address = MaybeUninit::<sockaddr_storage>::zeroed();
        let mut length = size_of::<sockaddr_storage>() as socklen_t;
        // SAFETY: the address has the length that is said, and any number may be asked about.
        if unsafe { which(socket, address.as_mut_ptr().cast(), &mut length) } != 0 {
            return None;
        }
        // SAFETY: zeroed at first, and every bit pattern is one.
        let address = unsafe { address.assume_init() };
        match c_int::from(address.ss_family) {
            AF_INET => {
                // SAFETY: the family says which it is, which is no longer than the storage, and no more aligned.
                let address = unsafe { *(&raw const address).cast::<sockaddr_in>() };
                let ip = Ipv4Addr::from(u32::from_be(address.sin_addr.s_addr));
                Some((ip, u16::from_be(address.sin_port)).into())
            }
            AF_INET6 => {
                // SAFETY: as above.
                let address = unsafe { *(&raw const address).cast::<sockaddr_in6>() };
                Some((Ipv6Addr::from(address.sin6_addr.s6_addr), u16::from_be(address.sin6_port)).into())
            }
            _ => None,
        }
    }

    fn unsent(socket: c_int) -> Option<u64> {
        let mut bytes: c_int = 0;
        // SAFETY: the request writes one int, and the socket is one, or an error.
        let answer = unsafe { libc::ioctl(socket, libc::TIOCOUTQ, &mut bytes) };
        (answer == 0).then_some(u64::try_from(bytes).ok()?)
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use std::net::SocketAddr;

    pub(crate) fn unsent_between(_: SocketAddr, _: SocketAddr) -> Option<u64> {
        None
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::io::{ErrorKind, Read, Write};
    use std::net::{TcpListener, TcpStream};

    #[test]
    fn what_the_other_side_reads_becomes_less() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut ours = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let mut theirs = listener.accept().unwrap().0;
        let ends = (ours.local_addr().unwrap(), ours.peer_addr().unwrap());
        let unsent = || unsent_between(ends.0, ends.1).unwrap();
        assert_eq!(unsent(), 0);
        ours.set_nonblocking(true).unwrap();
        let full = loop {
            match ours.write(&[0; 64 * 1024]) {
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => break unsent(),
                Err(error) => panic!("{error}"),
            }
        };
        assert!(full > 0);
        let mut read = vec![0; 8 * 1024 * 1024];
        // Room is told in large steps.
        while unsent() >= full {
            assert!(theirs.read(&mut read).unwrap() > 0);
        }
        drop(ours);
        assert_eq!(unsent_between(ends.0, ends.1), None);
    }
}
