//! The sockets of this process, and what Linux knows of them: how much of what was written to one the other side has not
//! acknowledged, and when bytes last left and came in. Elsewhere there are none to be seen.

use std::time::Duration;

pub(crate) use system::{between, towards};

/// A connection at one moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Socket {
    /// No other has it, nor will soon; the numbers of closed files are given anew.
    pub(crate) inode: u64,
    /// Of all that was ever written to it.
    pub(crate) written: u64,
    /// What of it was not acknowledged.
    pub(crate) unsent: u64,
    /// How long ago something was last sent, and came in.
    pub(crate) sent_ago: Duration,
    pub(crate) heard_ago: Option<Duration>,
}

#[cfg(target_os = "linux")]
mod system {
    use std::mem::{size_of, MaybeUninit};
    use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
    use std::os::unix::fs::MetadataExt;
    use std::time::Duration;

    use libc::{c_int, sockaddr, sockaddr_in, sockaddr_in6, sockaddr_storage, socklen_t, AF_INET, AF_INET6};

    use super::Socket;

    /// The sockets that lead to the ports.
    pub(crate) fn towards(ports: &[u16]) -> Vec<Socket> {
        numbers()
            .filter(|&number| remote(number).is_some_and(|to| ports.contains(&to.port())))
            .filter_map(look)
            .collect()
    }

    /// The socket between two addresses.
    pub(crate) fn between(near: SocketAddr, far: SocketAddr) -> Option<Socket> {
        let is_same = |found: Option<SocketAddr>, wanted: SocketAddr| {
            found.is_some_and(|found| (found.ip(), found.port()) == (wanted.ip(), wanted.port()))
        };
        numbers().find(|&number| is_same(local(number), near) && is_same(remote(number), far)).and_then(look)
    }

    /// Of all open files. One can be closed and its number given to another meanwhile: then what is read is of that one,
    /// and harms nothing.
    fn numbers() -> impl Iterator<Item = c_int> {
        let open = std::fs::read_dir("/proc/self/fd").into_iter().flatten().flatten();
        open.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
    }

    fn look(number: c_int) -> Option<Socket> {
        let unsent = unsent(number)?;
        let info = info(number)?;
        let millis = |at: usize| Duration::from_millis(u32::from_ne_bytes(info[at..at + 4].try_into().unwrap()).into());
        let bytes = |at: usize| u64::from_ne_bytes(info[at..at + 8].try_into().unwrap());
        Some(Socket {
            inode: std::fs::metadata(format!("/proc/self/fd/{number}")).ok()?.ino(),
            written: bytes(BYTES_ACKED) + unsent,
            unsent,
            sent_ago: millis(LAST_DATA_SENT),
            heard_ago: (bytes(BYTES_RECEIVED) > 0).then(|| millis(LAST_DATA_RECV)),
        })
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

    /// Where members of `struct tcp_info` are (linux/tcp.h, since 4.1), on every machine.
    const LAST_DATA_SENT: usize = 44;
    const LAST_DATA_RECV: usize = 52;
    const BYTES_ACKED: usize = 120;
    const BYTES_RECEIVED: usize = 128;
    const SO_FAR: usize = BYTES_RECEIVED + size_of::<u64>();

    fn info(socket: c_int) -> Option<[u8; SO_FAR]> {
        let mut info = [0u8; SO_FAR];
        let mut length = info.len() as socklen_t;
        // SAFETY: the buffer has the length that is said, and no more than that is written.
        let answer = unsafe {
            libc::getsockopt(socket, libc::IPPROTO_TCP, libc::TCP_INFO, info.as_mut_ptr().cast(), &mut length)
        };
        (answer == 0 && length as usize == info.len()).then_some(info)
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use std::net::SocketAddr;

    use super::Socket;

    pub(crate) fn towards(_: &[u16]) -> Vec<Socket> {
        Vec::new()
    }

    pub(crate) fn between(_: SocketAddr, _: SocketAddr) -> Option<Socket> {
        None
    }
}
