//! How a door takes calls and how it closes, whatever it listens on.

use counterpart_record::fault::{self, Code};
use std::future::Future;
use std::io::{ErrorKind, Result};
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// Longest wait for requests under way when the door closes.
const CLOSING: Duration = Duration::from_secs(5);
/// Wait when a call cannot be taken: out of file descriptors, most likely, and others must hang
/// up first.
const CROWDED: Duration = Duration::from_millis(100);

/// Listens for calls of the network. [`Code::AddressInUse`] where another program does.
pub async fn listen(address: SocketAddr) -> fault::Result<TcpListener> {
    let bound = TcpListener::bind(address).await;
    bound.map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => Code::AddressInUse.at(address.to_string()),
        _ => Code::Io.at(format!("{address}: {error}")),
    })
}

/// True once the door closes: answer what is under way, and hang up.
pub type Closed = watch::Receiver<bool>;

/// What calls come in at.
pub trait Listener {
    /// A connection.
    type Call;

    /// The next call.
    fn next(&self) -> impl Future<Output = Result<Self::Call>> + Send;
}

impl Listener for UnixListener {
    type Call = UnixStream;

    async fn next(&self) -> Result<UnixStream> {
        Ok(self.accept().await?.0)
    }
}

impl Listener for TcpListener {
    type Call = TcpStream;

    async fn next(&self) -> Result<TcpStream> {
        Ok(self.accept().await?.0)
    }
}

/// Attends to each call in a task of its own until `shutdown` is ready; then no call is taken,
/// requests under way are answered, and it returns.
pub async fn serve<L: Listener, A: Future<Output = ()> + Send + 'static>(
    listener: L,
    attend: impl Fn(L::Call, Closed) -> A,
    shutdown: impl Future<Output = ()>,
) {
    let (closing, closed) = watch::channel(false);
    let mut connections = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            call = listener.next() => match call {
                Ok(call) => {
                    connections.spawn(attend(call, closed.clone()));
                }
                Err(_) => sleep(CROWDED).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
    drop(listener);
    let _ = closing.send(true);
    let all = async { while connections.join_next().await.is_some() {} };
    let _ = timeout(CLOSING, all).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_address_that_somebody_has_is_named() {
        let first = listen(([127, 0, 0, 1], 0).into()).await.unwrap();
        let address = first.local_addr().unwrap();
        let fault = listen(address).await.unwrap_err();
        assert_eq!((fault.code, fault.at), (Code::AddressInUse, address.to_string()));
    }
}
