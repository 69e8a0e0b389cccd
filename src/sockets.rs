//! The sockets of this process, and what Linux knows of them: how much of what was written to one the other side has not
//! acknowledged. Elsewhere there are none to be seen.

pub(crate) use system::towards;

/// A connection at one moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Socket {
    pub(crate) number: i32,
    /// Of all that was ever written to it.
    pub(crate) written: u64,
    /// What of it was not acknowledged.
    pub(crate) unsent: u64,
}

#[cfg(target_os = "linux")]
mod system {
    use std::mem::{size_of, MaybeUninit};

    use libc::{c_int, sockaddr_in, sockaddr_in6, sockaddr_storage, socklen_t, AF_INET, AF_INET6};

    use super::Socket;

    /// The sockets that lead to the ports. A number can be closed and given to another file meanwhile: then what is read
    /// is of that one, and harms nothing.
    pub(crate) fn towards(ports: &[u16]) -> Vec<Socket> {
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
    pub(crate) fn towards(_: &[u16]) -> Vec<super::Socket> {
        Vec::new()
    }
}
