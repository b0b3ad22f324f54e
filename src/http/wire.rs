//! What a connection's bytes go over, TCP or TLS on top of it: one type, so that what
//! speaks HTTP is in the program once.

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

/// Takes and gives bytes.
pub(super) trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}

impl Wire for TcpStream {}
impl Wire for TlsStream<TcpStream> {}
