//! Answers in few packets. The transport below hands a large frame to the system by itself and what ends
//! the answer in a second write, which wakes the client twice; cut into small frames, an answer of usual
//! size is copied together and leaves in one.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use tonic::Status;
use tonic::body::Body;

/// Frames below this size are copied together with others; `Connection` sees to it that this is the
/// transport's bound.
const FRAME_BYTES: usize = 1_023;

/// Larger answers leave as they are: copying them would cost more than a second packet.
const ANSWER_BYTES_MAX: usize = 12 * 1_024;

/// A body whose frames are small unless it is large.
pub(super) struct SmallFrames {
    body: Body,
    rest: Bytes,
}

impl SmallFrames {
    /// Cuts the frames of a body.
    pub(super) fn of(body: Body) -> Body {
        Body::new(Self {
            body,
            rest: Bytes::new(),
        })
    }
}

impl HttpBody for SmallFrames {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        if self.rest.is_empty() {
            let frame = match ready!(Pin::new(&mut self.body).poll_frame(context)) {
                Some(Ok(frame)) => frame,
                other => return Poll::Ready(other),
            };
            match frame.into_data() {
                Ok(data) if (FRAME_BYTES + 1..=ANSWER_BYTES_MAX).contains(&data.len()) => {
                    self.rest = data;
                }
                Ok(data) => return Poll::Ready(Some(Ok(Frame::data(data)))),
                Err(frame) => return Poll::Ready(Some(Ok(frame))),
            }
        }
        let length = self.rest.len().min(FRAME_BYTES);
        let chunk = self.rest.split_to(length);
        Poll::Ready(Some(Ok(Frame::data(chunk))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let rest = self.rest.len() as u64;
        let inner = self.body.size_hint();
        let mut hint = SizeHint::new();
        hint.set_lower(inner.lower().saturating_add(rest));
        if let Some(upper) = inner.upper() {
            hint.set_upper(upper.saturating_add(rest));
        }
        hint
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::VecDeque;

    /// A body of given frames.
    struct Given(VecDeque<Frame<Bytes>>);

    impl HttpBody for Given {
        type Data = Bytes;
        type Error = Status;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
            Poll::Ready(self.0.pop_front().map(Ok))
        }
    }

    async fn check(bytes: usize, expected: &[usize]) {
        let trailers = tonic::codegen::http::HeaderMap::new();
        let sent = Bytes::from(vec![7; bytes]);
        let frames = [Frame::data(sent.clone()), Frame::trailers(trailers)];
        let mut body = SmallFrames::of(Body::new(Given(frames.into())));
        let mut lengths = Vec::new();
        let mut received = Vec::new();
        let mut trailers = 0;
        loop {
            let next = std::future::poll_fn(|context| Pin::new(&mut body).poll_frame(context));
            match next.await.map(|frame| frame.unwrap().into_data()) {
                Some(Ok(data)) => {
                    lengths.push(data.len());
                    received.extend_from_slice(&data);
                }
                Some(Err(_)) => trailers += 1,
                None => break,
            }
        }
        assert_eq!(lengths, expected);
        assert_eq!((received.as_slice(), trailers), (sent.as_ref(), 1));
    }

    #[tokio::test]
    async fn an_answer_of_usual_size_is_cut_and_nothing_of_it_is_lost() {
        check(0, &[0]).await;
        check(1_023, &[1_023]).await;
        check(1_024, &[1_023, 1]).await;
        check(2_100, &[1_023, 1_023, 54]).await;
    }

    #[tokio::test]
    async fn a_large_answer_leaves_as_it_is() {
        check(12 * 1_024 + 1, &[12 * 1_024 + 1]).await;
    }
}
