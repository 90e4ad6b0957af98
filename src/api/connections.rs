//! Connections as they come in: without the delay that holds small answers back, and never more than the
//! limit at one time; one more waits until another goes.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Sleep, sleep};
use tokio_stream::Stream;
use tokio_util::sync::PollSemaphore;
use tonic::transport::server::{Connected, TcpConnectInfo};

/// How long to wait when the system has no more descriptors, so that accepting does not spin.
const AFTER_FAILURE: Duration = Duration::from_millis(100);

/// The connections of a listener.
pub struct Connections {
    listener: TcpListener,
    permits: PollSemaphore,
    permit: Option<OwnedSemaphorePermit>,
    pause: Option<Pin<Box<Sleep>>>,
    open: Arc<AtomicUsize>,
}

impl Connections {
    /// Takes the connections of a listener, at most `limit` at one time, and keeps count in `open`.
    pub fn new(listener: TcpListener, limit: usize, open: Arc<AtomicUsize>) -> Self {
        let limit = limit.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            listener,
            permits: PollSemaphore::new(Arc::new(Semaphore::new(limit))),
            permit: None,
            pause: None,
            open,
        }
    }
}

impl Stream for Connections {
    type Item = io::Result<Connection>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(pause) = &mut self.pause {
                ready!(pause.as_mut().poll(context));
                self.pause = None;
            }
            if self.permit.is_none() {
                let permit = ready!(self.permits.poll_acquire(context));
                self.permit = permit;
            }
            match ready!(self.listener.poll_accept(context)) {
                Ok((stream, _)) => {
                    // A connection that is gone already has no options; its reads will say so.
                    let _ = stream.set_nodelay(true);
                    let permit = self.permit.take();
                    self.open.fetch_add(1, Relaxed);
                    return Poll::Ready(Some(Ok(Connection {
                        stream,
                        open: Arc::clone(&self.open),
                        _permit: permit,
                    })));
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection cannot be taken");
                    self.pause = Some(Box::pin(sleep(AFTER_FAILURE)));
                }
            }
        }
    }
}

/// A connection that counts until it is dropped.
pub struct Connection {
    stream: TcpStream,
    open: Arc<AtomicUsize>,
    _permit: Option<OwnedSemaphorePermit>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.open.fetch_sub(1, Relaxed);
    }
}

impl Connected for Connection {
    type ConnectInfo = TcpConnectInfo;

    fn connect_info(&self) -> TcpConnectInfo {
        self.stream.connect_info()
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    /// The transport copies frames together up to four times the size where it cannot hand the system
    /// several buffers at once, and answers are of that size: one write each instead of two.
    fn is_write_vectored(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio_stream::StreamExt as _;

    #[tokio::test]
    async fn one_connection_more_than_the_limit_waits_until_another_goes() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let open = Arc::<AtomicUsize>::default();
        let mut connections = Connections::new(listener, 1, Arc::clone(&open));
        let _clients = [
            TcpStream::connect(address).await.unwrap(),
            TcpStream::connect(address).await.unwrap(),
        ];
        let first = connections.next().await.unwrap().unwrap();
        assert!(first.stream.nodelay().unwrap());
        let soon = Duration::from_millis(50);
        let second = tokio::time::timeout(soon, connections.next()).await;
        assert!(second.is_err(), "the second waits");
        drop(first);
        let second = tokio::time::timeout(Duration::from_secs(5), connections.next()).await;
        let second = second.unwrap().unwrap().unwrap();
        assert_eq!(open.load(Relaxed), 1, "the one that is there counts");
        drop(second);
        assert_eq!(open.load(Relaxed), 0);
    }
}
