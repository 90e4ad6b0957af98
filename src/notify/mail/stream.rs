//! The bytes of a mail server, no more of them than any honest one says, and the part of the conversation that
//! comes before encryption, read so that nothing said in the open counts after it.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf};

/// How much a server may say in one session, in bytes.
const SAID_BYTES_MAX: usize = 256 * 1024;
/// The longest line before encryption, in bytes.
const LINE_BYTES_MAX: usize = 2_000;
/// The most lines of a reply before encryption.
const LINES_MAX: usize = 100;

/// A connection whose other side may say so much and no more.
pub(super) struct Bounded<S> {
    inner: S,
    peer: SocketAddr,
    /// Said in the server's place before its own bytes: the greeting that does not come after STARTTLS.
    greeting: &'static [u8],
    left: usize,
}

impl<S> Bounded<S> {
    /// A connection whose server is yet to greet.
    pub fn new(inner: S, peer: SocketAddr) -> Self {
        Self {
            inner,
            peer,
            greeting: b"",
            left: SAID_BYTES_MAX,
        }
    }

    /// A connection whose server has greeted already.
    pub fn greeted(inner: S, peer: SocketAddr) -> Self {
        let greeting = b"220 encrypted\r\n";
        Self {
            greeting,
            ..Self::new(inner, peer)
        }
    }
}

impl<S> fmt::Debug for Bounded<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Bounded({})", self.peer)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Bounded<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if !this.greeting.is_empty() {
            let (now, later) = this
                .greeting
                .split_at(this.greeting.len().min(into.remaining()));
            into.put_slice(now);
            this.greeting = later;
            return Poll::Ready(Ok(()));
        }
        if this.left == 0 {
            return Poll::Ready(Err(io::Error::other("the server says too much")));
        }
        let most = this.left.min(into.remaining());
        let mut part = ReadBuf::new(into.initialize_unfilled_to(most));
        let read = Pin::new(&mut this.inner).poll_read(context, &mut part);
        let bytes = part.filled().len();
        into.advance(bytes);
        this.left -= bytes;
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Bounded<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().inner).poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_shutdown(context)
    }
}

impl<S: AsyncRead + AsyncWrite + Send + Sync + Unpin> AsyncTokioStream for Bounded<S> {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.peer)
    }
}

/// What a server said: its code and its lines.
pub(super) struct Reply {
    pub code: u16,
    pub lines: Vec<String>,
}

/// Reads one reply and not a byte more: whatever follows it in the open is read by the encryption, which does
/// not understand it.
pub(super) async fn reply<S: AsyncRead + Unpin>(from: &mut S) -> io::Result<Reply> {
    let nonsense = || io::Error::new(io::ErrorKind::InvalidData, "the server does not speak SMTP");
    let mut lines = Vec::new();
    loop {
        let mut line = Vec::new();
        loop {
            match from.read_u8().await? {
                b'\n' => break,
                byte => line.push(byte),
            }
            if line.len() > LINE_BYTES_MAX {
                return Err(nonsense());
            }
        }
        let line = String::from_utf8_lossy(&line);
        let line = line.trim_end_matches('\r');
        let code = line.get(..3).and_then(|code| code.parse().ok());
        let code: u16 = code
            .filter(|code| (200..600).contains(code))
            .ok_or_else(nonsense)?;
        let goes_on = match line.as_bytes().get(3) {
            Some(b'-') => true,
            Some(b' ') | None => false,
            Some(_) => return Err(nonsense()),
        };
        lines.push(line.get(4..).unwrap_or_default().to_owned());
        if !goes_on {
            return Ok(Reply { code, lines });
        }
        if lines.len() == LINES_MAX {
            return Err(nonsense());
        }
    }
}

/// Says a command and reads the reply to it.
pub(super) async fn ask<S: AsyncRead + AsyncWrite + Unpin>(
    server: &mut S,
    command: &str,
) -> io::Result<Reply> {
    server
        .write_all(format!("{command}\r\n").as_bytes())
        .await?;
    reply(server).await
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(text: &[u8]) -> Result<(u16, Vec<String>, usize), io::ErrorKind> {
        let mut rest = text;
        let reply = reply(&mut rest).await.map_err(|error| error.kind())?;
        Ok((reply.code, reply.lines, rest.len()))
    }

    #[tokio::test]
    async fn a_reply_is_read_to_its_end_and_no_further() {
        let lines = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect();
        let one = read(b"220 ready\r\n250 injected\r\n").await;
        assert_eq!(one, Ok((220, lines(&["ready"]), 14)));
        let two = read(b"250-mail\r\n250 STARTTLS\r\n").await;
        assert_eq!(two, Ok((250, lines(&["mail", "STARTTLS"]), 0)));
        assert_eq!(read(b"220\n").await, Ok((220, lines(&[""]), 0)));
    }

    #[tokio::test]
    async fn what_is_no_reply_ends_the_conversation() {
        let endless = [b'x'; 10_000];
        let many = "250-x\r\n".repeat(1_000);
        let invalid = [
            &b"hello\r\n"[..],
            b"\r\n",
            b"99 x\r\n",
            b"600 x\r\n",
            b"220x\r\n",
            b"\xff\xff\xff\xff\r\n",
            &endless,
            many.as_bytes(),
        ];
        for text in invalid {
            assert_eq!(read(text).await, Err(io::ErrorKind::InvalidData));
        }
        assert_eq!(read(b"220 rea").await, Err(io::ErrorKind::UnexpectedEof));
    }

    #[tokio::test]
    async fn a_server_that_never_stops_is_stopped() {
        let peer = SocketAddr::from(([127, 0, 0, 1], 25));
        let mut bounded = Bounded::greeted(tokio::io::repeat(b'x'), peer);
        let mut heard = Vec::new();
        let ended = bounded.read_to_end(&mut heard).await;
        assert!(ended.is_err());
        assert!(heard.starts_with(b"220 encrypted\r\nxx"));
        assert_eq!(heard.len(), 15 + SAID_BYTES_MAX);
    }
}
