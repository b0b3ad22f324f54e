//! The socket that is served: one inherited from systemd, or one of our own.

use std::io;
use std::net::{SocketAddr, TcpListener};

use libsystemd::activation::{IsType, receive_descriptors};
use listenfd::ListenFd;
use nix::fcntl::{FcntlArg, FdFlag, fcntl};
use nix::sys::socket::{Backlog, listen};

/// The listening socket: the inherited one, whatever `address` says, else one there.
///
/// # Errors
/// What the kernel says of `address`; an inherited descriptor that is no TCP socket.
pub fn listener(address: SocketAddr) -> io::Result<TcpListener> {
    // libsystemd checks whose the descriptors are and of what kind; listenfd turns
    // the first into a socket without unsafe code here.
    let passed = receive_descriptors(false).map_err(io::Error::other)?;
    let listener = match passed.first() {
        None => {
            let listener = TcpListener::bind(address)?;
            // Its queue holds 128; where a crowd comes at once, the kernel makes others wait a
            // second for the next try. As long as it may be, as the socket unit says, too.
            listen(&listener, Backlog::MAXCONN)?;
            listener
        }
        Some(socket) if socket.is_inet() => {
            let taken = ListenFd::from_env().take_tcp_listener(0)?;
            taken.ok_or_else(|| io::Error::other("the inherited socket was taken already"))?
        }
        Some(_) => return Err(io::Error::other("the inherited descriptor is no TCP socket")),
    };
    // A job's process must not keep the panel's port.
    fcntl(&listener, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}
