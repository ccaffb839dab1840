//! Requests and their answers: one that goes well from its draft to its end, one on conditions,
//! four that turn out otherwise, one that is refused, one that nobody answers.

use super::stage::{Stage, Who, flag, number, text};
use super::telling::{
    Ask, DAY, Teller, act, act_told, check, days_pass, drill_time, each, expect, list, made,
    member, request, requested, show, stands, stands_whole,
};
use counterpart_record::fault::{Code, Result};
use counterpart_record::strict::json::{self, Value};
use counterpart_rules::clock;

use Who::{Arcadia, Borealis};

const HOSPITAL: Ask<'_> =
    Ask { measure: "preservation", facts: "lang-facts-preservation", days: 10 };

/// What a request needs is published; a draft is shown before it is sent. ASK-5, ASK-6.
pub fn draft(stage: &Stage, told: &mut Teller<'_>) -> Result<String> {
    told.step(&stage.say("draft", &[]));
    let needs = ["languages=en", "languages=zh-CN", "wanted=any:preservation:custodian"];
    let publish = ["requirements", "publish", "Arcadia", "--drill"];
    made(stage, Borealis, &[&publish[..], &each(&needs)].concat())?;
    told.line(&stage.say("needs", &[("who", stage.name(Borealis))]));
    let fields = HOSPITAL.fields(stage)?;
    let consult = ["request", "consult", "Borealis", "--drill"];
    let draft = made(stage, Arcadia, &[&consult[..], &each(&fields)].concat())?;
    let args = [("who", stage.name(Arcadia)), ("matter", &draft[..8])];
    told.line(&stage.say("did-show-draft", &args));
    check(lacking(stage, &draft)? == ["custodian"], "the draft lacks the custodian alone")?;
    told.line(&stage.say("lacks", &[("who", stage.name(Arcadia))]));
    let words = stage.say("text-comment", &[]);
    let comment = ["comment", "--field", "prospect=something-missing", "--text", &words];
    act(stage, told, Borealis, &draft, &comment)?;
    let custodian = format!("custodian={}", stage.say("text-custodian", &[]));
    let redraft = [&["redraft", "--field", &custodian][..], &each(&fields)].concat();
    act(stage, told, Arcadia, &draft, &redraft)?;
    let words = stage.say("text-comment-good", &[]);
    let comment = ["comment", "--field", "prospect=complete", "--text", &words];
    act_told(stage, told, Borealis, &draft, &comment, "comment-good")?;
    check(lacking(stage, &draft)?.is_empty(), "the draft is complete")?;
    Ok(draft)
}

/// The fields that a request out of this draft would lack.
fn lacking(stage: &Stage, draft: &str) -> Result<Vec<String>> {
    let home = stage.home(Arcadia).display().to_string();
    let check = ["request", "check", "Borealis", "--drill", "--from", draft];
    let (_, out, _) = stage.program(&[&["--home", &home, "--json"][..], &check].concat())?;
    let value = json::parse(out.trim().as_bytes())?;
    list(&value, "lacking").iter().map(|one| text(one, "field")).collect()
}

/// A preservation from the draft to the end of the hold.
pub fn preservation(stage: &Stage, told: &mut Teller<'_>, draft: &str) -> Result<String> {
    told.step(&stage.say("preservation", &[]));
    let order = stage.write("order.txt", &stage.say("text-order", &[]))?;
    let order = format!("order={order}");
    let new = ["request", "new", "Borealis", "--drill", "--from", draft, "--attach", &order];
    let done = stage.at(Arcadia, &new)?;
    let m = requested(stage, told, &done)?;
    // The command that made the request out of it dropped it. ASK-5
    stage.until("the draft is dropped", || {
        Ok(text(&stage.at(Borealis, &["matter", "show", draft])?, "stage")? == "draft-dropped")
    })?;
    told.line(&stage.say("did-drop-draft", &[("who", stage.name(Arcadia))]));
    act(stage, told, Borealis, &m, &["acknowledge", "--field", "desk=Duty desk 2"])?;
    act(stage, told, Borealis, &m, &["take-up"])?;
    let [question, supplement, alert, preserved, longer] =
        ["question", "supplement", "alert", "preserved", "longer"]
            .map(|key| stage.say(&format!("text-{key}"), &[]));
    act(stage, told, Borealis, &m, &["ask", "--field", "about=period", "--text", &question])?;
    act(stage, told, Arcadia, &m, &["supplement", "--text", &supplement])?;
    let warn = ["warn", "--field", "danger=would-alert", "--text", &alert];
    act(stage, told, Borealis, &m, &warn)?;
    act(stage, told, Arcadia, &m, &["go-on"])?;
    let now = drill_time(stage, Borealis)?;
    let preserve = |until: u64, words: &str| {
        let fields = [
            format!("effected_at={now}"),
            format!("holds_until={until}"),
            "custodian_class=hosting-provider".to_owned(),
            "secured=all".to_owned(),
            "final=yes".to_owned(),
        ];
        let args = [&["preserve", "--text", words][..], &each(&fields)].concat();
        args.into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let first = preserve(now + 60 * DAY, &preserved);
    act(stage, told, Borealis, &m, &words(&first))?;
    days_pass(stage, told, 50)?;
    let until = format!("until={}", now + 120 * DAY);
    act(stage, told, Arcadia, &m, &["renew", "--field", &until])?;
    let again = preserve(now + 120 * DAY, &longer);
    act_told(stage, told, Borealis, &m, &words(&again), "preserve-longer")?;
    let today = drill_time(stage, Arcadia)?;
    let lodged = format!("lodged_on={}", &clock::shown(today)[..10]);
    act(stage, told, Arcadia, &m, &["lodge-formal", "--field", &lodged])?;
    act(stage, told, Arcadia, &m, &["let-go", "--field", "reason=obtained-otherwise"])?;
    let released = [format!("released_at={today}"), "released_for=asked".to_owned()];
    act(stage, told, Borealis, &m, &[&["release"][..], &each(&released)].concat())?;
    act(stage, told, Borealis, &m, &["appraise-request", "--field", "quality=complete"])?;
    act(stage, told, Arcadia, &m, &["close-request"])?;
    stands_whole(stage, told, &m, "answered")?;
    Ok(m)
}

fn words(args: &[String]) -> Vec<&str> {
    args.iter().map(String::as_str).collect()
}

/// An answer that is ready on conditions: nothing of it leaves before they are accepted. ASK-2.
pub fn conditions(stage: &Stage, told: &mut Teller<'_>) -> Result<String> {
    told.step(&stage.say("conditions", &[]));
    let ask = Ask { measure: "content", facts: "lang-facts-content", days: 20 };
    let m = request(stage, told, &ask)?;
    act(stage, told, Borealis, &m, &["recognise", "--field", "recognised=whole"])?;
    act(stage, told, Borealis, &m, &["status", "--field", "progress=waiting-for-custodian"])?;
    let [conditions, secret] = ["text-conditions", "text-secret"].map(|key| stage.say(key, &[]));
    let conditions = format!("conditions={conditions}");
    let bound = ["extent=full", "condition.no_onward_transfer=yes", &conditions];
    act(stage, told, Borealis, &m, &[&["offer"][..], &each(&bound)].concat())?;
    let file = stage.write("evidence.txt", &stage.say("text-evidence", &[]))?;
    let (file, attached) = (file.clone(), format!("evidence={file}"));
    let answer = ["--field", "extent=full", "--field", "final=yes", "--text", &secret];
    let answer = [&answer[..], &["--attach", &attached]].concat();
    let early = stage.at(Borealis, &[&["act", "answer", &m], &answer[..]].concat());
    expect(early, Code::NotPermitted)?;
    told.line(&stage.say("not-before", &[("who", stage.name(Borealis))]));
    act(stage, told, Arcadia, &m, &["accept-conditions"])?;
    act(stage, told, Borealis, &m, &[&["answer"], &answer[..]].concat())?;
    let opened = stage.path("evidence-opened.txt");
    stage.until("the evidence is here", || {
        match stage.at(Arcadia, &["attachment", "save", &m, "1", &opened]) {
            Err(fault) if fault.code == Code::AttachmentMissing => Ok(false),
            outcome => outcome.map(|_| true),
        }
    })?;
    let read = |path: &str| std::fs::read(path).map_err(|error| Code::Io.at(error.to_string()));
    check(read(&opened)? == read(&file)?, "the file is the same")?;
    told.line(&stage.say("attachment", &[("who", stage.name(Arcadia))]));
    let worth = ["worth=complete", "timely=in-time", "as_evidence=usable"];
    act(stage, told, Arcadia, &m, &[&["appraise"][..], &each(&worth)].concat())?;
    let words = stage.say("text-consent", &[]);
    let consent = ["ask-consent", "--field", "consent_for=evidence", "--text", &words];
    act(stage, told, Arcadia, &m, &consent)?;
    act(stage, told, Borealis, &m, &["consent", "--field", "consented=given"])?;
    act(stage, told, Arcadia, &m, &["account-for-use", "--field", "used=evidence"])?;
    stands(stage, told, &m, "answered")?;
    Ok(m)
}

/// Four that end otherwise, each by an act that both hold.
pub fn turns(stage: &Stage, told: &mut Teller<'_>) -> Result<Vec<String>> {
    told.step(&stage.say("turns", &[]));
    let ask = |measure, facts| Ask { measure, facts, days: 20 };

    told.line(&stage.say("turn-postponed", &[]));
    let postponed = request(stage, told, &ask("information", "lang-facts-information"))?;
    act(stage, told, Borealis, &postponed, &["examine"])?;
    let later = drill_time(stage, Borealis)? + 30 * DAY;
    let review = format!("review_on={}", &clock::shown(later)[..10]);
    let why = ["postponed_for=own-investigation", &review];
    act(stage, told, Borealis, &postponed, &[&["postpone"][..], &each(&why)].concat())?;
    let reason = ["withdraw", "--field", "reason=obtained-otherwise"];
    act(stage, told, Arcadia, &postponed, &reason)?;
    stands(stage, told, &postponed, "withdrawn")?;

    told.line(&stage.say("turn-declined", &[]));
    let declined = request(stage, told, &ask("take-down", "lang-facts-take-down"))?;
    let conditions = format!("conditions={}", stage.say("text-conditions-hard", &[]));
    let bound = ["extent=partial", "condition.account_due=yes", &conditions];
    let offer = [&["offer"][..], &each(&bound)].concat();
    act_told(stage, told, Borealis, &declined, &offer, "offer-hard")?;
    act(stage, told, Arcadia, &declined, &["decline-conditions"])?;
    stands(stage, told, &declined, "declined")?;

    told.line(&stage.say("turn-transferred", &[]));
    let moved = request(stage, told, &ask("subscriber-data", "lang-facts-transfer"))?;
    let authority = format!("authority={}", stage.say("text-authority", &[]));
    let transfer = ["transfer", "--field", "goes_on=there", "--field", &authority];
    act(stage, told, Borealis, &moved, &transfer)?;
    stands(stage, told, &moved, "transferred")?;

    told.line(&stage.say("turn-helped", &[]));
    let helped = request(stage, told, &ask("traffic-data", "lang-facts-helped"))?;
    let by = format!("supplement_by={}", drill_time(stage, Borealis)? + 5 * DAY);
    let help = format!("would_help={}", stage.say("text-would-help", &[]));
    let intent = ["ground=disproportionate-burden", &help, &by];
    act(stage, told, Borealis, &helped, &[&["intend-to-refuse"][..], &each(&intent)].concat())?;
    let narrower = stage.say("text-narrower", &[]);
    let narrower = ["supplement", "--text", &narrower];
    act_told(stage, told, Arcadia, &helped, &narrower, "supplement-narrower")?;
    let part = stage.say("text-part", &[]);
    let part = ["answer", "--field", "extent=partial", "--field", "final=yes", "--text", &part];
    act_told(stage, told, Borealis, &helped, &part, "answer-part")?;
    stands(stage, told, &helped, "answered")?;
    Ok(vec![postponed, declined, moved, helped])
}

/// Evidence asked for three times, and refused without a reason.
pub fn refusal(stage: &Stage, told: &mut Teller<'_>) -> Result<String> {
    told.step(&stage.say("refusal", &[]));
    let ask = Ask { measure: "evidence-for-concern", facts: "lang-facts-evidence", days: 30 };
    let matter = request(stage, told, &ask)?;
    for _ in 0..2 {
        days_pass(stage, told, 7)?;
        act(stage, told, Arcadia, &matter, &["remind"])?;
    }
    let shown = show(stage, Borealis, &matter)?;
    check(number(&shown, "reminders") == 2, "two reminders counted")?;
    act(stage, told, Borealis, &matter, &["refuse", "--field", "ground=no-reason-given"])?;
    stands_whole(stage, told, &matter, "refused")?;
    Ok(matter)
}

/// A request that is never answered. What Arcadia notes about it stays with Arcadia. HOM-1.
pub fn silence(stage: &Stage, told: &mut Teller<'_>) -> Result<String> {
    told.step(&stage.say("silence", &[]));
    let ask = Ask { measure: "subscriber-data", facts: "lang-facts-silence", days: 10 };
    let matter = request(stage, told, &ask)?;
    let [owner, note, task] =
        ["owner", "note", "task"].map(|k| stage.say(&format!("text-{k}"), &[]));
    stage.at(Arcadia, &["owner", &matter, &owner])?;
    stage.at(Arcadia, &["note", "add", &matter, &note])?;
    stage.at(Arcadia, &["task", "add", &matter, &task, "--in", "3d"])?;
    let at_home = |who| Ok(number(member(&show(stage, who, &matter)?, "home")?, "count"));
    check(at_home(Arcadia)? > 0 && at_home(Borealis)? == 0, "notes stay at home")?;
    told.line(&stage.say("at-home", &[("who", stage.name(Arcadia))]));
    days_pass(stage, told, 21)?;
    stands(stage, told, &matter, "waiting-acknowledgement")?;
    for who in Who::ALL {
        check(flag(&show(stage, who, &matter)?, "overdue"), "overdue on both sides")?;
        let due = stage.at(who, &["due"])?;
        let clocks = due.as_array().unwrap_or_default();
        let ours = |row: &&Value| text(row, "matter").is_ok_and(|id| id == matter);
        check(clocks.iter().find(ours).is_some_and(|row| flag(row, "overdue")), "it is due")?;
    }
    told.line(&stage.say("due", &[]));
    let calendar = stage.at(Arcadia, &["calendar", &stage.path("due.ics")])?;
    check(number(&calendar, "events") == 0, "an exercise is in no calendar")?;
    told.line(&stage.say("calendar", &[]));
    Ok(matter)
}
