//! The line to an IMAP server: TCP, TLS, STARTTLS, the greeting, and a limit on what may be announced.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use async_imap::Client;
use async_imap::imap_proto::{Response, Status};
use tokio::io::{AsyncRead, AsyncWrite, BufWriter, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::pki_types::ServerName;

use super::{ImapOptions, Security};
use crate::mailbox::source::{Trouble, TroubleKind};

/// Any stream that IMAP can be spoken over.
pub(super) trait Wire: AsyncRead + AsyncWrite + Unpin + Send + fmt::Debug {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send + fmt::Debug> Wire for T {}

/// A line with its limits.
pub(super) type Line = Bounded<Box<dyn Wire>>;

/// Connects, encrypts and reads the greeting.
pub(super) async fn connect(options: &ImapOptions, tls: Option<&Arc<ClientConfig>>) -> Result<Client<Line>, Trouble> {
    let limit = options.command_timeout;
    let unreachable = |what: String| Trouble::new(TroubleKind::Unreachable, what);
    let place = format!("{}:{}", options.host, options.port);
    let stream = timeout(limit, TcpStream::connect((options.host.as_str(), options.port)))
        .await
        .map_err(|_| unreachable(format!("{place} does not answer")))?
        .map_err(|e| unreachable(format!("{place}: {e}")))?;
    stream.set_nodelay(true).map_err(|e| unreachable(format!("{place}: {e}")))?;

    let encrypt = async |stream: TcpStream| -> Result<Box<dyn Wire>, Trouble> {
        let config = tls.ok_or_else(|| unreachable(format!("{place}: no TLS was set up")))?;
        let name = ServerName::try_from(options.host.clone())
            .map_err(|_| unreachable(format!("\"{}\" is no name for a certificate", options.host)))?;
        let stream = timeout(limit, TlsConnector::from(Arc::clone(config)).connect(name, stream))
            .await
            .map_err(|_| unreachable(format!("{place}: no answer to the TLS handshake")))?
            .map_err(|e| unreachable(format!("{place}: TLS: {e}")))?;
        Ok(Box::new(stream) as Box<dyn Wire>)
    };
    match options.security {
        Security::Tls => greeted(Client::new(Bounded::new(encrypt(stream).await?)), options).await,
        Security::Plain => greeted(Client::new(Bounded::new(Box::new(stream) as Box<dyn Wire>)), options).await,
        Security::StartTls => {
            let mut client = greeted(Client::new(Bounded::new(stream)), options).await?;
            timeout(limit, client.run_command_and_check_ok("STARTTLS", None))
                .await
                .map_err(|_| unreachable(format!("{place}: no answer to STARTTLS")))?
                .map_err(|e| unreachable(format!("{place}: STARTTLS: {e}")))?;
            // What came in the clear behind the answer is thrown away with the client's buffer: nobody may speak in
            // the server's name before the handshake (CVE-2011-0411 and its kin). No second greeting follows.
            Ok(Client::new(Bounded::new(encrypt(client.into_inner().into_inner()).await?)))
        }
    }
}

/// Reads the greeting. PREAUTH is refused: it would skip the login, and before STARTTLS it is how an attacker keeps a
/// line plain.
async fn greeted<T: Wire>(mut client: Client<T>, options: &ImapOptions) -> Result<Client<T>, Trouble> {
    let greeting = timeout(options.command_timeout, client.read_response())
        .await
        .map_err(|_| Trouble::new(TroubleKind::Stalled, "the server sends no greeting"))?
        .map_err(|e| Trouble::new(TroubleKind::Protocol, format!("greeting: {e}")))?
        .ok_or_else(|| Trouble::new(TroubleKind::Lost, "the server closed the connection without greeting"))?;
    match greeting.parsed() {
        Response::Data { status: Status::Ok, .. } => Ok(client),
        Response::Data { status: Status::PreAuth, .. } => {
            Err(Trouble::new(TroubleKind::Protocol, "the server greets with PREAUTH, which would skip the login"))
        }
        Response::Data { outcome, .. } => {
            let words = outcome.information.as_deref().unwrap_or_default();
            Err(Trouble::new(TroubleKind::Unreachable, format!("the server refuses the connection: {words}")))
        }
        _ => Err(Trouble::new(TroubleKind::Protocol, "the greeting is not IMAP")),
    }
}

/// A literal that we ever ask for is at most 256 KB; a server whose sizes are wrong gets this much slack.
const LITERAL_LIMIT: u64 = 8 * 1024 * 1024;

/// The longest line is the list of a SEARCH: a million UIDs fit.
const LINE_LIMIT: usize = 16 * 1024 * 1024;

/// A stream that ends with an error where a literal or a line is announced or grows beyond all use. The parser behind
/// it would reserve up to 512 MB on a server's mere word.
///
/// What is written leaves at the flush, a command in one piece: the library writes tag, blank, text and line end one by
/// one, and Dovecot 2.3 waits for ever on an AUTHENTICATE whose line end comes in a packet of its own.
#[derive(Debug)]
pub(super) struct Bounded<S> {
    inner: BufWriter<S>,
    scan: Scan,
}

impl<S: AsyncRead + AsyncWrite> Bounded<S> {
    pub(super) fn new(inner: S) -> Self {
        Self { inner: BufWriter::new(inner), scan: Scan::default() }
    }

    fn into_inner(self) -> S {
        self.inner.into_inner()
    }
}

/// Follows lines and literals (RFC 3501, section 4.3) as they pass by.
#[derive(Debug, Default)]
struct Scan {
    /// Bytes of a literal that are still to come.
    literal: u64,
    line: usize,
    /// The last bytes of the line so far: enough for `{`, 20 digits, `}` and the line end.
    tail: Vec<u8>,
}

const TAIL: usize = 24;

impl Scan {
    fn pass(&mut self, mut bytes: &[u8]) -> Result<(), String> {
        while !bytes.is_empty() {
            if self.literal > 0 {
                let skip = usize::try_from(self.literal).unwrap_or(usize::MAX).min(bytes.len());
                self.literal -= skip as u64;
                bytes = bytes.get(skip..).unwrap_or_default();
                continue;
            }
            let end = bytes.iter().position(|b| *b == b'\n').map_or(bytes.len(), |at| at + 1);
            let (line, rest) = bytes.split_at_checked(end).unwrap_or((bytes, &[]));
            self.line += line.len();
            if self.line > LINE_LIMIT {
                return Err("the server sends a line without end".to_owned());
            }
            self.tail.extend_from_slice(line.get(line.len().saturating_sub(TAIL)..).unwrap_or(line));
            let surplus = self.tail.len().saturating_sub(TAIL);
            self.tail.drain(..surplus);
            if line.ends_with(b"\n") {
                self.literal = announced(&self.tail)?;
                self.tail.clear();
                self.line = 0;
            }
            bytes = rest;
        }
        Ok(())
    }
}

/// The length of the literal that a line announces with its end, else 0.
fn announced(tail: &[u8]) -> Result<u64, String> {
    let Some(upto) = tail.strip_suffix(b"}\r\n") else { return Ok(0) };
    let Some(open) = upto.iter().rposition(|b| *b == b'{') else { return Ok(0) };
    let digits = upto.get(open + 1..).unwrap_or_default();
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Ok(0);
    }
    let length = digits.iter().fold(0u64, |sum, digit| sum.saturating_mul(10).saturating_add(u64::from(digit - b'0')));
    if length > LITERAL_LIMIT { Err(format!("the server announces {length} bytes at once")) } else { Ok(length) }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Bounded<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buf.filled().len();
        ready!(Pin::new(&mut this.inner).poll_read(cx, buf))?;
        let fresh = buf.filled().get(before..).unwrap_or_default();
        Poll::Ready(this.scan.pass(fresh).map_err(|what| io::Error::new(io::ErrorKind::InvalidData, what)))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Bounded<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().inner).poll_write(cx, buf)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Passes `bytes` in pieces of each size and demands the same verdict of all.
    fn verdict(bytes: &[u8]) -> Result<(), String> {
        let verdicts: Vec<_> = [1, 2, 7, bytes.len()]
            .into_iter()
            .map(|size| {
                let mut scan = Scan::default();
                bytes.chunks(size).try_for_each(|piece| scan.pass(piece))
            })
            .collect();
        assert!(verdicts.windows(2).all(|pair| pair[0] == pair[1]), "{verdicts:?}");
        verdicts[0].clone()
    }

    #[test]
    fn a_literal_of_400_mb_is_refused_when_it_is_announced() {
        assert!(verdict(b"* 1 FETCH (UID 1 BODY[] {400000000}\r\n").is_err());
        assert!(verdict(b"* 1 FETCH (UID 1 BODY[] {99999999999999999999}\r\n").is_err());
        assert!(verdict(b"* 1 FETCH (UID 1 BODY[] {200000}\r\n").is_ok());
    }

    #[test]
    fn what_stands_inside_a_literal_announces_nothing() {
        assert!(verdict(b"* 1 FETCH (BODY[] {15}\r\n{400000000}\r\n\r\n)\r\n").is_ok());
        assert!(verdict(b"* 1 FETCH (BODY[] {3}\r\nabc BODY[HEADER] {400000000}\r\n").is_err());
    }

    #[test]
    fn a_line_without_end_is_refused() {
        let mut scan = Scan::default();
        let piece = vec![b'1'; 1024 * 1024];
        assert!((0..16).all(|_| scan.pass(&piece).is_ok()));
        assert!(scan.pass(b"1").is_err());
    }
}
