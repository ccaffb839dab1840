//! What comes before a request and what comes after it: requirements, the check, a consultation,
//! and an answer whose content waits for its conditions.

use crate::world::{World, text};
use counterpart_record::fault::Code;
use counterpart_record::strict::json::{Object, Value};

const A: &str = "arcadia";
const B: &str = "borealis";

/// Both nodes know each other's logs.
fn met() -> World {
    let world = World::enrolled();
    world.carry(B, A, &[]);
    world.carry(A, B, &[]);
    world
}

fn fields(checked: &Object) -> Vec<String> {
    let lacking = checked.get("lacking").and_then(Value::as_array).unwrap();
    let field = |one: &Value| {
        let one = one.as_object().unwrap();
        format!("{} {}", text(one, "field"), text(one, "wrong"))
    };
    lacking.iter().map(field).collect()
}

/// The last JSON value of a command that may refuse.
fn checked(world: &World, args: &[&str]) -> (i32, Object) {
    let ran = world.run(A, &[&["request", "check"], args, &["--json"]].concat());
    assert_eq!(ran.err, "");
    let value = counterpart_record::strict::json::parse_object(ran.out.trim_end().as_bytes());
    (ran.code, value.unwrap())
}

#[test]
fn a_request_is_checked_against_what_its_receiver_published_and_all_is_named_at_once() {
    let world = met();
    let (code, before) = checked(&world, &["--file", "request.json"]);
    assert_eq!((code, before.get("published_at")), (0, Some(&Value::Null)));
    let needs = ["--field", "languages=zh-CN", "--field", "accepted=hanoi"];
    let wanted = ["--field", "wanted=any:any:contact", "--field", "wanted=any:preservation:period"];
    let publish = [&["requirements", "publish"], &needs[..], &wanted[..]].concat();
    world.run(B, &publish).good();
    world.carry(B, A, &[]);
    let (code, after) = checked(&world, &["--file", "request.json"]);
    assert_eq!(code, 1);
    let expected = [
        "instrument not-offered",
        "contact wanted",
        "period wanted",
        "legal_basis language-of",
        "authorising_body language-of",
        "necessity language-of",
        "facts language-of",
        "link language-of",
    ];
    assert_eq!(fields(&after), expected);
    // What cannot be signed and what is lacking come together.
    let (_, both) = checked(&world, &["--file", "request.json", "--field", "max_penalty="]);
    assert_eq!(fields(&both)[0], "max_penalty missing");
    assert_eq!(fields(&both).len(), expected.len() + 1);
    let said = world.run(A, &["request", "check", "--file", "request.json"]).out;
    assert!(said.contains("Contact, day and night: wanted by the other side"), "{said}");
    let fault = world.run(A, &["request", "new", "--file", "request.json", "--json"]).fault();
    assert_eq!(fault, Code::RequirementsUnmet.name());
    assert!(world.json(A, &["matter", "list"]).as_array().unwrap().len() == 1);
    // At night the data comes first.
    world.run(A, &["request", "new", "--file", "request.json", "--as-it-is"]).good();
    // What was published last counts, in the one matter that each side has for it.
    world.run(B, &["requirements", "publish", "--field", "languages=en"]).good();
    world.carry(B, A, &[]);
    assert_eq!(checked(&world, &["--file", "request.json"]).0, 0);
    let shown = world.object(A, &["requirements", "show"]);
    assert_eq!(shown.get("ours"), Some(&Value::Null));
    let theirs = shown.get("theirs").and_then(Value::as_object).unwrap();
    let theirs = theirs.get("fields").and_then(Value::as_object).unwrap();
    assert!(theirs.get("languages").is_some() && theirs.get("wanted").is_none());
    let said = world.run(A, &["requirements", "show"]).good().out;
    assert!(said.contains("Languages that are read: en"), "{said}");
}

/// ATT-2: files are measured and held against the same wishes, all at once; nothing is sealed.
#[test]
fn a_check_says_of_files_what_is_missing_and_what_is_too_large() {
    let world = met();
    std::fs::write(world.path("order.pdf"), b"an order").unwrap();
    std::fs::write(world.path("empty"), b"").unwrap();
    let large = std::fs::File::create(world.path("large")).unwrap();
    large.set_len(50 * 1024 * 1024 + 1).unwrap();
    let wanted = ["--field", "languages=en", "--field", "wanted=any:any:attachments"];
    world.run(B, &[&["requirements", "publish"], &wanted[..]].concat()).good();
    world.carry(B, A, &[]);
    let check = |files: &[&str]| {
        let files = files.iter().flat_map(|one| ["--attach", one]).collect::<Vec<_>>();
        checked(&world, &[&["--file", "request.json"], &files[..]].concat())
    };
    let (code, none) = check(&[]);
    assert_eq!((code, fields(&none)), (1, vec!["attachments wanted".to_owned()]));
    let (code, one) = check(&["order=order.pdf"]);
    assert_eq!((code, fields(&one)), (0, Vec::new()));
    let (code, bad) = check(&["order=empty", "data=large", "data=nowhere", "order=order.pdf"]);
    assert_eq!(code, 1);
    assert_eq!(fields(&bad), ["attachments unfit", "attachments unfit", "attachments missing"]);
    assert_eq!(bad.get("signable"), Some(&Value::Bool(false)));
    let (_, many) = check(&["order=order.pdf"; 17]);
    assert_eq!(fields(&many), ["attachments too-many"]);
    let args = ["request", "check", "--file", "request.json", "--attach", "data=large"];
    let said = world.run(A, &args).out;
    assert!(said.contains("large: 50.1 MiB; a file may have from 1 byte to 50.0 MiB"), "{said}");
    assert!(!world.path("arcadia/attachments").exists(), "nothing was sealed");
}

#[test]
fn a_draft_is_shown_without_a_clock_and_becomes_a_request() {
    let world = met();
    let shown = ["request", "consult", "--file", "request.json", "--field", "necessity="];
    let made = world.object(A, &shown);
    let draft = text(&made, "matter").to_owned();
    world.carry(A, B, &[]);
    let seen = world.object(B, &["matter", "show", &draft]);
    assert_eq!((text(&seen, "stage"), seen.get("due")), ("draft-waits", Some(&Value::Null)));
    let comment = ["--field", "prospect=something-missing", "--text", "Why is it necessary?"];
    world.run(B, &[&["act", "comment", &draft], &comment[..]].concat()).good();
    world.carry(B, A, &[]);
    assert_eq!(text(&world.object(A, &["matter", "show", &draft]), "stage"), "draft-commented");
    // The way out stands first among what comes next.
    let page = world.run(A, &["matter", "show", &draft]).good().out;
    let next = page.split("Next:").nth(1).unwrap().trim().lines().next().unwrap();
    assert_eq!(next, format!("counterpart request new Borealis --from {}", &draft[..8]));
    let from = ["request", "new", "--from", &draft];
    assert_eq!(world.run(A, &[&from[..], &["--json"]].concat()).fault(), "fields-wrong");
    let made = world.object(A, &[&from[..], &["--field", "necessity=Logs vanish."]].concat());
    let request = world.object(A, &["matter", "show", text(&made, "matter")]);
    let act = request.get("acts").and_then(Value::as_array).unwrap()[0].as_object().unwrap();
    let body = act.get("body").and_then(Value::as_object).unwrap();
    assert_eq!(text(body, "consulted"), draft);
    assert_eq!(text(body, "measure"), "preservation");
    // The draft has served: nobody's turn it is, on either side.
    world.carry(A, B, &[]);
    for name in [A, B] {
        let draft = world.object(name, &["matter", "show", &draft]);
        assert_eq!(text(&draft, "stage"), "draft-dropped");
        assert_eq!(draft.get("closed"), Some(&Value::Bool(true)));
    }
    let page = world.run(A, &["matter", "show", &draft]).good().out;
    assert!(!page.contains("request new"), "{page}");
}

/// ASK-5, ASK-8: a request ends the draft that was shown where it goes, and no other; and it is of
/// the line of work of its draft.
#[test]
fn a_request_ends_the_draft_of_its_own_channel_and_is_of_its_line_of_work() {
    let world = met();
    let shown = ["request", "consult", "--file", "request.json", "--stream", "fraud"];
    let draft = text(&world.object(A, &shown), "matter").to_owned();
    let from = ["request", "new", "--from", &draft];
    let matter = |made: &Object| world.object(A, &["matter", "show", text(made, "matter")]);
    let consulted = |shown: &Object| {
        let act = shown.get("acts").and_then(Value::as_array).unwrap()[0].as_object().unwrap();
        act.get("body").and_then(Value::as_object).unwrap().get("consulted").cloned()
    };
    let closed = || {
        let draft = world.object(A, &["matter", "show", &draft]);
        draft.get("closed") == Some(&Value::Bool(true))
    };
    // On another channel it was never shown: nobody there is told of it, and it waits on.
    let elsewhere = world.object(A, &[&from[..], &["--drill"]].concat());
    assert_eq!((elsewhere.get("then"), closed()), (None, false));
    let other = matter(&elsewhere);
    assert_eq!((consulted(&other), text(&other, "stream")), (None, "cybercrime"));
    // Where it was, the second act is told, too.
    let made = world.object(A, &from);
    let then = made.get("then").and_then(Value::as_object).unwrap();
    assert_eq!((text(then, "kind"), text(then, "matter")), ("drop-draft", &*draft));
    assert!(then.get("entry").is_some() && then.get("fault").is_none() && closed());
    let request = matter(&made);
    assert_eq!(consulted(&request), Some(draft.as_str().into()));
    assert_eq!(text(&request, "stream"), "fraud");
    // A second request of the same draft ends nothing more.
    assert_eq!(world.object(A, &from).get("then"), None);
}

#[test]
fn the_content_of_an_answer_is_nowhere_before_its_conditions_are_accepted() {
    let world = met();
    let made = world.object(A, &["request", "new", "--file", "request.json"]);
    let m = text(&made, "matter").to_owned();
    world.carry(A, B, &[]);
    let offer = ["--field", "extent=full", "--field", "condition.no_onward_transfer=yes"];
    let terms = ["--field", "conditions=It is not handed on."];
    world.run(B, &[&["act", "offer", &m], &offer[..], &terms[..]].concat()).good();
    let content = ["--field", "extent=full", "--field", "final=yes", "--text", "The secret."];
    let answer = [&["answer", &m], &content[..]].concat();
    let refused = world.run(B, &answer);
    assert_eq!(refused.code, 1);
    assert!(refused.err.contains("must not leave before"), "{}", refused.err);
    world.carry(B, A, &[]);
    let seen = world.run(A, &["matter", "show", &m]).good().out;
    assert!(seen.contains("not handed on") && !seen.contains("The secret"), "{seen}");
    assert!(seen.contains("act accept-conditions"), "{seen}");
    world.run(A, &["act", "accept-conditions", &m]).good();
    // Not before the acceptance has come.
    assert_eq!(world.run(B, &answer).code, 1);
    world.carry(A, B, &[]);
    world.run(B, &answer).good();
    world.carry(B, A, &[]);
    let seen = world.run(A, &["matter", "show", &m]).good().out;
    assert!(seen.contains("The secret"), "{seen}");
}

#[test]
fn the_grounds_of_the_instrument_come_first() {
    let world = met();
    let made = world.object(A, &["request", "new", "--file", "request.json"]);
    let m = text(&made, "matter").to_owned();
    world.carry(A, B, &[]);
    let form = world.run(B, &["form", "refuse", "--matter", &m]).good().out;
    let ground = form.split("\nground\n").nth(1).unwrap();
    assert!(ground.trim_start().starts_with("political-offence"), "{ground}");
    assert!(ground.contains("political offence (27 (?))") && form.contains("gives its reasons"));
    let said = world.run(A, &["instrument", "budapest"]).good().out;
    assert!(said.contains("29") && said.contains("(?)"), "{said}");
    let fault = world.run(A, &["instrument", "warsaw", "--json"]).fault();
    assert_eq!(fault, "argument-wrong");
}
