//! The connection under an SMTP session: TCP without Nagle, encrypted from the start, by STARTTLS, or not at all.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use lettre::transport::smtp::client::AsyncTokioStream;
use lettre::transport::smtp::extension::ClientId;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::pki_types::ServerName;

/// What the library reads first, after STARTTLS: the real greeting was read before encryption, and there is no second.
const GREETING: &[u8] = b"220 encrypted\r\n";
/// A reply of the unencrypted part, in bytes: RFC 5321 has 512 for a line; no EHLO reply comes near.
const LONGEST_REPLY: usize = 16_384;

/// A byte stream to the server, as the mail library takes it.
#[derive(Debug)]
pub(super) struct Wire {
    /// To be read before anything of the server.
    first: &'static [u8],
    inner: Inner,
    peer: SocketAddr,
}

#[derive(Debug)]
enum Inner {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Wire {
    /// The connection as it is.
    pub(super) fn plain(tcp: TcpStream) -> io::Result<Self> {
        Ok(Self { first: &[], peer: tcp.peer_addr()?, inner: Inner::Plain(tcp) })
    }

    /// Encrypted from the first byte on.
    pub(super) async fn tls(tcp: TcpStream, host: &str, config: Arc<ClientConfig>) -> io::Result<Self> {
        let peer = tcp.peer_addr()?;
        let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
        let stream = TlsConnector::from(config).connect(name, tcp).await?;
        Ok(Self { first: &[], inner: Inner::Tls(Box::new(stream)), peer })
    }

    /// Encrypted after the greeting; never goes on unencrypted.
    ///
    /// The library can upgrade too, but only with its own idea of whom to trust.
    pub(super) async fn starttls(
        mut tcp: TcpStream,
        host: &str,
        config: Arc<ClientConfig>,
        hello: &ClientId,
    ) -> io::Result<Self> {
        expect(&mut tcp, b"220").await?;
        tcp.write_all(format!("EHLO {hello}\r\n").as_bytes()).await?;
        let offered = expect(&mut tcp, b"250").await?;
        let offers = |line: &str| line.get(4..).is_some_and(|word| word.trim().eq_ignore_ascii_case("STARTTLS"));
        if !offered.lines().any(offers) {
            return Err(io::Error::other("the server does not offer STARTTLS"));
        }
        tcp.write_all(b"STARTTLS\r\n").await?;
        expect(&mut tcp, b"220").await?;
        let encrypted = Self::tls(tcp, host, config).await?;
        Ok(Self { first: GREETING, ..encrypted })
    }
}

/// Reads one whole reply, which must begin with `code`.
///
/// Byte by byte: what somebody slipped in behind the reply must stay in the socket, where it breaks the handshake instead
/// of being taken for the server's word after it (CVE-2011-0411).
async fn expect(tcp: &mut TcpStream, code: &[u8]) -> io::Result<String> {
    let mut reply = Vec::new();
    let mut line_start = 0;
    while reply.len() < LONGEST_REPLY {
        reply.push(tcp.read_u8().await?);
        if !reply.ends_with(b"\n") {
            continue;
        }
        let line = reply.get(line_start..).unwrap_or_default();
        let last = line.get(3) != Some(&b'-');
        if last {
            let text = String::from_utf8_lossy(&reply).into_owned();
            return if line.starts_with(code) { Ok(text) } else { Err(io::Error::other(text)) };
        }
        line_start = reply.len();
    }
    Err(io::Error::other("the server's reply does not end"))
}

impl AsyncTokioStream for Wire {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.peer)
    }
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if !self.first.is_empty() {
            let (now, later) = self.first.split_at_checked(buf.remaining()).unwrap_or((self.first, &[]));
            buf.put_slice(now);
            self.first = later;
            return Poll::Ready(Ok(()));
        }
        let before = buf.filled().len();
        let read = match &mut self.inner {
            Inner::Plain(tcp) => Pin::new(tcp).poll_read(cx, buf),
            Inner::Tls(tls) => Pin::new(tls).poll_read(cx, buf),
        };
        // Some servers explain themselves in Shift_JIS or Latin-1. The library takes a reply that is no UTF-8 for a broken
        // connection, and a clear 550 would be tried again for ever.
        for byte in buf.filled_mut().iter_mut().skip(before).filter(|byte| !byte.is_ascii()) {
            *byte = b'?';
        }
        read
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match &mut self.inner {
            Inner::Plain(tcp) => Pin::new(tcp).poll_write(cx, buf),
            Inner::Tls(tls) => Pin::new(tls).poll_write(cx, buf),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.inner {
            Inner::Plain(tcp) => Pin::new(tcp).poll_flush(cx),
            Inner::Tls(tls) => Pin::new(tls).poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.inner {
            Inner::Plain(tcp) => Pin::new(tcp).poll_shutdown(cx),
            Inner::Tls(tls) => Pin::new(tls).poll_shutdown(cx),
        }
    }
}
