//! The control socket: how the command line, the desk and a bench talk to the running node.
//!
//! One JSON object on a line each way: `{"id":7,"op":"matter.show","args":{...}}`, answered by
//! `{"id":7,"ok":...}` or `{"id":7,"fault":{"code":...,"at":...}}`. Many may be under way on one
//! connection, and are answered as they are done. Whoever can open the socket may do everything:
//! it lies in the node's folder with mode 0600.

use crate::calls::{self, Closed};
use crate::durable::io_at;
use crate::problem;
use counterpart_record::fault::{Code, Fault, Result};
use counterpart_record::limits;
use counterpart_record::strict::json::{self, Object, Value};
use std::collections::HashMap;
use std::fs::{self, Permissions};
use std::future::Future;
use std::io::{BufRead as _, BufReader as StdReader, Read as _, Write as _};
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream as StdStream;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Semaphore, mpsc, oneshot};

/// What a handler gives back in its time.
pub type Answer = Pin<Box<dyn Future<Output = Result<Value>> + Send>>;

/// Does the operation of this name.
pub type Handler = Arc<dyn Fn(String, Object) -> Answer + Send + Sync>;

/// Longest line in bytes: a draft with all its disclosures fits.
const LINE_BYTES: usize = limits::PARCEL_BYTES * 2;
/// How deep an answer may nest: what an act carries, and around it the act, its matter, the line.
/// A sheet of terms with a holiday is as deep as a payload may be.
pub const ANSWER_DEPTH: usize = limits::JSON_DEPTH + 6;
/// Requests under way on one connection; more wait in the socket.
const UNDER_WAY: usize = 1024;

/// Listens at `path`, with mode 0600, in the place of a socket that a dead process left: whoever
/// calls this has the folder's lock.
pub fn listen(path: &Path) -> Result<UnixListener> {
    // Under another name until it is closed to others, so that nobody meets it open.
    let draft = path.with_extension("draft");
    let _ = fs::remove_file(&draft);
    let short = Reachable::of(&draft)?;
    let listener = UnixListener::bind(&short.path).map_err(io_at(&draft))?;
    fs::set_permissions(&draft, Permissions::from_mode(0o600)).map_err(io_at(&draft))?;
    fs::rename(&draft, path).map_err(io_at(path))?;
    Ok(listener)
}

/// Serves until `shutdown` is ready, answers what is under way, and returns.
pub async fn serve(listener: UnixListener, handler: Handler, shutdown: impl Future<Output = ()>) {
    calls::serve(listener, |call, closed| attend(call, handler.clone(), closed), shutdown).await;
}

/// One connection: lines in, each its own task, answers out as they come.
async fn attend(stream: UnixStream, handler: Handler, mut closed: Closed) {
    let (input, output) = stream.into_split();
    let mut input = BufReader::new(input);
    let (answers, waiting) = mpsc::channel::<String>(UNDER_WAY);
    let writer = tokio::spawn(write_lines(output, waiting));
    let under_way = Arc::new(Semaphore::new(UNDER_WAY));
    loop {
        let Ok(permit) = under_way.clone().acquire_owned().await else { break };
        let line = tokio::select! {
            line = read_line(&mut input) => line,
            _ = closed.wait_for(|closed| *closed) => break,
        };
        let line = match line {
            Ok(Some(line)) => line,
            Ok(None) => break,
            Err(fault) => {
                // Where the line ends is not known: nothing after it can be read.
                let _ = answers.send(reply(None, Err(fault))).await;
                break;
            }
        };
        let (id, request) = read_request(&line);
        let (handler, answers) = (handler.clone(), answers.clone());
        tokio::spawn(async move {
            let outcome = match request {
                Ok((op, args)) => handler(op, args).await,
                Err(fault) => Err(fault),
            };
            let _ = answers.send(reply(id, outcome)).await;
            drop(permit);
        });
    }
    // The writer ends when the last request under way has given up its sender.
    drop(answers);
    let _ = writer.await;
}

async fn write_lines(mut output: OwnedWriteHalf, mut waiting: mpsc::Receiver<String>) {
    let mut bytes = Vec::new();
    while let Some(line) = waiting.recv().await {
        bytes.clear();
        bytes.extend_from_slice(line.as_bytes());
        // What is ready goes out together: one system call under load, no wait without.
        while let Ok(line) = waiting.try_recv() {
            bytes.extend_from_slice(line.as_bytes());
        }
        if output.write_all(&bytes).await.is_err() {
            return;
        }
    }
}

/// The next line, or none at the end of the stream.
async fn read_line(input: &mut BufReader<OwnedReadHalf>) -> Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    let bound = LINE_BYTES as u64 + 1;
    let read = input.take(bound).read_until(b'\n', &mut line).await;
    read.map_err(|error| Code::Io.at(format!("control socket: {error}")))?;
    whole(line)
}

/// A line without its end; none if the stream ended, before it or in it.
fn whole(mut line: Vec<u8>) -> Result<Option<Vec<u8>>> {
    if line.last() == Some(&b'\n') {
        line.pop();
        return Ok(Some(line));
    }
    if line.len() > LINE_BYTES {
        return Err(Code::TooLarge.at(format!("control socket: over {LINE_BYTES} bytes")));
    }
    Ok(None)
}

/// The id, if it can be read, and the operation with its arguments.
fn read_request(line: &[u8]) -> (Option<i64>, Result<(String, Object)>) {
    let object = match json::parse_object(line) {
        Ok(object) => object,
        Err(fault) => return (None, Err(fault)),
    };
    let id = object.get("id").and_then(Value::as_int);
    let wrong = |name: &str| (id, Err(Code::ArgumentWrong.at(format!("request: {name}"))));
    let mut request = (None, Object::default());
    for (name, value) in object.0 {
        match (name.as_str(), value) {
            ("id", Value::Int(_)) => {}
            ("op", Value::Str(op)) => request.0 = Some(op),
            ("args", Value::Object(args)) => request.1 = args,
            _ => return wrong(&name),
        }
    }
    match request {
        (Some(op), args) => (id, Ok((op, args))),
        (None, _) => wrong("op"),
    }
}

fn reply(id: Option<i64>, outcome: Result<Value>) -> String {
    let object = Object::default().with("id", id.map_or(Value::Null, Value::Int));
    let object = match outcome {
        Ok(value) => object.with("ok", value),
        Err(fault) => object.with("fault", problem::object(&fault)),
    };
    format!("{}\n", Value::Object(object).to_text())
}

fn request(id: i64, op: &str, args: Object) -> Result<String> {
    let object = Object::default().with("id", id).with("op", op).with("args", args);
    let line = format!("{}\n", Value::Object(object).to_text());
    if line.len() > LINE_BYTES {
        return Err(Code::TooLarge.at(format!("request: over {LINE_BYTES} bytes")));
    }
    Ok(line)
}

/// The id and the outcome of one line of answer.
fn read_reply(line: &[u8]) -> Result<(Option<i64>, Result<Value>)> {
    let Value::Object(object) = json::parse_within(line, ANSWER_DEPTH)? else {
        return Err(Code::StructureWrong.at("control socket: answer"));
    };
    let id = object.get("id").and_then(Value::as_int);
    if let Some(value) = object.get("ok") {
        return Ok((id, Ok(value.clone())));
    }
    let fault = object.get("fault").and_then(Value::as_object).and_then(problem::read);
    let fault = fault.ok_or_else(|| Code::StructureWrong.at("control socket: answer"))?;
    Ok((id, Err(fault)))
}

/// One request after the other, without a runtime: for the command line.
pub struct Call {
    reader: StdReader<StdStream>,
    next: i64,
}

impl Call {
    /// Connects to the node that listens at `path`. [`Code::NotRunning`] if none does.
    pub fn connect(path: &Path) -> Result<Call> {
        let short = Reachable::of(path)?;
        let stream = StdStream::connect(&short.path).map_err(|error| not_running(path, &error))?;
        Ok(Call { reader: StdReader::new(stream), next: 1 })
    }

    /// Does an operation in the node and waits for its end.
    pub fn call(&mut self, op: &str, args: Object) -> Result<Value> {
        let id = self.next;
        self.next += 1;
        let line = request(id, op, args)?;
        self.reader.get_mut().write_all(line.as_bytes()).map_err(|_| hung_up())?;
        let mut line = Vec::new();
        let mut bounded = (&mut self.reader).take(LINE_BYTES as u64 + 1);
        bounded.read_until(b'\n', &mut line).map_err(|_| hung_up())?;
        let line = whole(line)?.ok_or_else(hung_up)?;
        match read_reply(&line)? {
            (Some(answered), outcome) if answered == id => outcome,
            (None, outcome @ Err(_)) => outcome,
            _ => Err(Code::StructureWrong.at("control socket: answer to another request")),
        }
    }
}

/// Many requests at a time over one connection.
#[derive(Clone)]
pub struct Line {
    requests: mpsc::Sender<String>,
    open: Open,
    next: Arc<AtomicI64>,
}

/// Who waits for which answer; none when the connection has ended.
type Open = Arc<Mutex<Option<HashMap<i64, oneshot::Sender<Result<Value>>>>>>;

impl Line {
    /// Connects to the node that listens at `path`. [`Code::NotRunning`] if none does.
    pub async fn connect(path: &Path) -> Result<Line> {
        let short = Reachable::of(path)?;
        let stream = UnixStream::connect(&short.path).await;
        let (input, output) = stream.map_err(|error| not_running(path, &error))?.into_split();
        let (requests, waiting) = mpsc::channel(UNDER_WAY);
        let open: Open = Arc::new(Mutex::new(Some(HashMap::new())));
        tokio::spawn(write_lines(output, waiting));
        tokio::spawn(read_answers(BufReader::new(input), open.clone()));
        Ok(Line { requests, open, next: Arc::new(AtomicI64::new(1)) })
    }

    /// Does an operation in the node and waits for its end; others may be under way.
    pub async fn call(&self, op: &str, args: Object) -> Result<Value> {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let line = request(id, op, args)?;
        let (done, answer) = oneshot::channel();
        match &mut *self.open.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(waiting) => waiting.insert(id, done),
            None => return Err(hung_up()),
        };
        self.requests.send(line).await.map_err(|_| hung_up())?;
        answer.await.map_err(|_| hung_up())?
    }
}

async fn read_answers(mut input: BufReader<OwnedReadHalf>, open: Open) {
    while let Ok(Some(line)) = read_line(&mut input).await {
        let Ok((Some(id), outcome)) = read_reply(&line) else { break };
        let mut open = open.lock().unwrap_or_else(PoisonError::into_inner);
        let done = open.as_mut().and_then(|waiting| waiting.remove(&id));
        // Whoever asked may have stopped waiting.
        let _ = done.map(|done| done.send(outcome));
    }
    // Those who still wait learn it by the drop of their sender.
    open.lock().unwrap_or_else(PoisonError::into_inner).take();
}

fn not_running(path: &Path, error: &std::io::Error) -> Fault {
    use std::io::ErrorKind::{ConnectionRefused, NotFound};
    match error.kind() {
        NotFound | ConnectionRefused => Code::NotRunning.at(path.display().to_string()),
        _ => Code::Io.at(format!("{}: {error}", path.display())),
    }
}

/// The node ended with a request under way. Whether it was done is not known.
fn hung_up() -> Fault {
    Code::NotRunning.at("control socket: the node hung up")
}

/// A path that fits into a socket address, which holds 108 bytes: a longer one is reached through
/// its open folder.
struct Reachable {
    path: PathBuf,
    /// The path names its descriptor.
    _folder: Option<fs::File>,
}

impl Reachable {
    fn of(path: &Path) -> Result<Reachable> {
        if path.as_os_str().len() < 100 {
            return Ok(Reachable { path: path.to_owned(), _folder: None });
        }
        let name = path.file_name().unwrap_or_default();
        let above = path.parent().unwrap_or(path);
        // A folder that is not there has no node in it.
        let folder = fs::File::open(above).map_err(|error| not_running(path, &error))?;
        let descriptor = folder.as_raw_fd().to_string();
        let path = Path::new("/proc/self/fd").join(descriptor).join(name);
        Ok(Reachable { path, _folder: Some(folder) })
    }
}

#[cfg(test)]
mod tests;
