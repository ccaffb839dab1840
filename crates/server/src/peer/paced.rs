//! A stream that is let go when its other side dawdles: between requests, in the head of one, or
//! in taking what we send. Bodies have their own clock, in `read_body`.

use super::Pace;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

/// Where a connection is in its requests, shared by the stream and the handler of requests: three
/// times the number of requests answered, and one of the three below.
#[derive(Clone, Default)]
pub(super) struct Phase(Arc<AtomicU64>);

/// Between two requests.
const IDLE: u64 = 0;
/// In a head.
const HEAD: u64 = 1;
/// From the end of a head to the answer. The stream is not watched.
const BUSY: u64 = 2;

impl Phase {
    /// A head has ended. The next request begins when the value is dropped, however that happens.
    pub(super) fn busy(&self) -> Busy {
        let now = self.0.load(Ordering::Relaxed);
        self.0.store(now - now % 3 + BUSY, Ordering::Relaxed);
        Busy(self.clone())
    }
}

/// A request in the hands of its handler.
pub(super) struct Busy(Phase);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// The stream.
pub(super) struct Paced<S> {
    inner: S,
    phase: Phase,
    /// The phase that `clock` was set for.
    timed: u64,
    clock: Pin<Box<Sleep>>,
    /// Runs while the other side takes nothing.
    stalled: Option<Pin<Box<Sleep>>>,
    pace: Pace,
}

impl<S> Paced<S> {
    pub(super) fn new(inner: S, phase: Phase, pace: Pace) -> Paced<S> {
        let clock = Box::pin(sleep(pace.idle));
        Paced { inner, phase, timed: 0, clock, stalled: None, pace }
    }

    /// Whether the time of the phase is over; asks to be woken when it is.
    fn is_late(&mut self, phase: u64, cx: &mut Context<'_>) -> bool {
        let limit: Duration = match phase % 3 {
            IDLE => self.pace.idle,
            HEAD => self.pace.head,
            _ => return false,
        };
        if self.timed != phase {
            self.timed = phase;
            self.clock.as_mut().reset(Instant::now() + limit);
        }
        self.clock.as_mut().poll(cx).is_ready()
    }

    /// Passes the outcome of a write on, unless the other side has taken nothing for too long.
    fn watch<T>(&mut self, cx: &mut Context<'_>, out: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if out.is_ready() {
            self.stalled = None;
            return out;
        }
        let limit = self.pace.body;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(limit)));
        ready!(stalled.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Paced<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let phase = this.phase.0.load(Ordering::Relaxed);
        if this.is_late(phase, cx) {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        let before = buffer.filled().len();
        let outcome = Pin::new(&mut this.inner).poll_read(cx, buffer);
        if phase % 3 == IDLE && buffer.filled().len() > before {
            this.phase.0.store(phase + HEAD, Ordering::Relaxed);
        }
        outcome
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Paced<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.inner).poll_write(cx, bytes);
        this.watch(cx, outcome)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.inner).poll_write_vectored(cx, pieces);
        this.watch(cx, outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.inner).poll_flush(cx);
        this.watch(cx, outcome)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.inner).poll_shutdown(cx);
        this.watch(cx, outcome)
    }
}
