use super::*;
use crate::scratch::Scratch;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::sleep;

/// `echo` gives its arguments back, `wait` does so after `ms`, `fail` fails, `sum` adds `n` up.
fn handler() -> Handler {
    let sum = Arc::new(AtomicI64::new(0));
    Arc::new(move |op, args| {
        let sum = sum.clone();
        Box::pin(async move {
            let int = |name: &str| args.get(name).and_then(Value::as_int).unwrap_or(0);
            match op.as_str() {
                "echo" => Ok(Value::Object(args)),
                "wait" => {
                    sleep(Duration::from_millis(int("ms") as u64)).await;
                    Ok(Value::Object(args))
                }
                "sum" => Ok(Value::Int(sum.fetch_add(int("n"), Ordering::SeqCst) + int("n"))),
                "deep" => Ok(nested(int("levels"))),
                "fail" => Err(Code::MatterUnknown.at("7")),
                _ => Err(Code::ArgumentWrong.at(op)),
            }
        })
    })
}

fn nested(levels: i64) -> Value {
    (0..levels).fold(Value::Int(7), |inner, _| Value::Array(vec![inner]))
}

struct Served {
    path: PathBuf,
    stop: oneshot::Sender<()>,
    done: JoinHandle<()>,
}

fn start(path: PathBuf) -> Served {
    let listener = listen(&path).unwrap();
    let (stop, stopped) = oneshot::channel();
    let done = tokio::spawn(serve(listener, handler(), async {
        let _ = stopped.await;
    }));
    Served { path, stop, done }
}

impl Served {
    async fn close(self) {
        self.stop.send(()).unwrap();
        self.done.await.unwrap();
    }
}

#[tokio::test]
async fn one_by_one_without_a_runtime() {
    let scratch = Scratch::new("control");
    let served = start(scratch.join("control.sock"));
    let mode = fs::metadata(&served.path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 1);
    let path = served.path.clone();
    spawn_blocking(move || {
        let mut call = Call::connect(&path).unwrap();
        let args = Object::default().with("text", "两行\nof \"text\"").with("n", 7_i64);
        assert_eq!(call.call("echo", args.clone()).unwrap(), Value::Object(args));
        let fault = call.call("fail", Object::default()).unwrap_err();
        assert_eq!(fault, Code::MatterUnknown.at("7"));
        let fault = call.call("no.such", Object::default()).unwrap_err();
        assert_eq!(fault, Code::ArgumentWrong.at("no.such"));
        // A payload may be as deep as this, and an answer shows it inside an act of a matter.
        let levels = limits::JSON_DEPTH as i64 + 4;
        let args = Object::default().with("levels", levels);
        assert_eq!(call.call("deep", args).unwrap(), nested(levels));
        let long = "x".repeat(limits::PARCEL_BYTES);
        let args = Object::default().with("long", long);
        assert!(call.call("echo", args.clone()).unwrap() == Value::Object(args));
    })
    .await
    .unwrap();
    served.close().await;
}

#[tokio::test]
async fn many_at_a_time_each_with_its_own_answer() {
    let scratch = Scratch::new("many");
    let served = start(scratch.join("control.sock"));
    let line = Line::connect(&served.path).await.unwrap();
    let began = tokio::time::Instant::now();
    let mut calls = JoinSet::new();
    for n in 0..256_i64 {
        let line = line.clone();
        calls.spawn(async move {
            // The earlier asked, the later answered.
            let args = Object::default().with("ms", 600 - 2 * n).with("n", n);
            let answer = line.call("wait", args.clone()).await.unwrap();
            assert_eq!(answer, Value::Object(args));
            line.call("sum", Object::default().with("n", n)).await.unwrap();
        });
    }
    while let Some(call) = calls.join_next().await {
        call.unwrap();
    }
    // One after the other they would take 88 s.
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    let sum = line.call("sum", Object::default()).await.unwrap();
    assert_eq!(sum, Value::Int(255 * 256 / 2));
    served.close().await;
}

#[tokio::test]
async fn lines_that_are_no_request_are_answered() {
    let scratch = Scratch::new("lines");
    let served = start(scratch.join("control.sock"));
    let mut stream = BufReader::new(UnixStream::connect(&served.path).await.unwrap());
    for (line, answer) in [
        ("x", r#"{"id":null,"fault":{"code":"urn:counterpart:fault:json-malformed""#),
        ("", r#"{"id":null,"fault":{"code":"urn:counterpart:fault:json-malformed""#),
        (r#"{"id":3}"#, r#"{"id":3,"fault":{"code":"urn:counterpart:fault:argument-wrong""#),
        (r#"{"id":4,"op":7}"#, r#"{"id":4,"fault":{"code":"urn:counterpart:fault:argument-wrong""#),
        (
            r#"{"id":5,"op":"echo","more":1}"#,
            r#"{"id":5,"fault":{"code":"urn:counterpart:fault:argument-wrong","at":"request: m"#,
        ),
        (r#"{"op":"echo"}"#, r#"{"id":null,"ok":{}}"#),
        (r#"{"args":{"a":[1]},"op":"echo","id":6}"#, r#"{"id":6,"ok":{"a":[1]}}"#),
    ] {
        stream.write_all(format!("{line}\n").as_bytes()).await.unwrap();
        let mut said = String::new();
        stream.read_line(&mut said).await.unwrap();
        assert!(said.starts_with(answer), "{line}: {said}");
    }
    served.close().await;
}

#[tokio::test]
async fn a_line_without_end_is_cut_off() {
    let scratch = Scratch::new("endless");
    let served = start(scratch.join("control.sock"));
    let (input, mut output) = UnixStream::connect(&served.path).await.unwrap().into_split();
    let write = async move {
        let piece = vec![b' '; 1 << 20];
        while output.write_all(&piece).await.is_ok() {}
    };
    let mut said = String::new();
    let mut input = BufReader::new(input);
    let (_, read) = tokio::join!(write, input.read_line(&mut said));
    assert!(read.is_ok() && said.contains("fault:too-large"), "{said}");
    // Our own callers do not send it at all.
    let line = Line::connect(&served.path).await.unwrap();
    let args = Object::default().with("long", "x".repeat(LINE_BYTES));
    assert_eq!(line.call("echo", args).await.unwrap_err().code, Code::TooLarge);
    assert!(line.call("echo", Object::default()).await.is_ok());
    served.close().await;
}

#[tokio::test]
async fn nobody_there_and_gone_meanwhile_have_a_name() {
    let scratch = Scratch::new("gone");
    let path = scratch.join("control.sock");
    assert_eq!(Line::connect(&path).await.err().unwrap().code, Code::NotRunning);
    assert_eq!(Call::connect(&path).err().unwrap().code, Code::NotRunning);
    let served = start(path.clone());
    let line = Line::connect(&path).await.unwrap();
    let slow = line.clone();
    let args = Object::default().with("ms", 300_i64);
    let under_way = tokio::spawn(async move { slow.call("wait", args).await });
    line.call("echo", Object::default()).await.unwrap();
    served.close().await;
    // What was under way has its answer; what comes after has none.
    assert!(under_way.await.unwrap().is_ok());
    let late = line.call("echo", Object::default()).await.unwrap_err();
    assert_eq!(late.code, Code::NotRunning);
    // The socket of the dead is in nobody's way.
    assert_eq!(Call::connect(&path).err().unwrap().code, Code::NotRunning);
    let served = start(path.clone());
    assert!(Line::connect(&path).await.is_ok());
    served.close().await;
}

#[tokio::test]
async fn a_folder_far_down_is_reached() {
    let scratch = Scratch::new("deep");
    let deep = scratch.join(&"d".repeat(90)).join("e".repeat(90));
    fs::create_dir_all(&deep).unwrap();
    let path = deep.join("control.sock");
    assert_eq!(Line::connect(&path).await.err().unwrap().code, Code::NotRunning);
    let served = start(path);
    let line = Line::connect(&served.path).await.unwrap();
    assert_eq!(line.call("sum", Object::default().with("n", 2_i64)).await.unwrap(), Value::Int(2));
    served.close().await;
}
