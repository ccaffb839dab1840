//! What every story of the demo is told with: steps and lines, acts that the other side then holds,
//! and what both sides see.

use super::stage::{Stage, Who, number, text};
use counterpart_record::fault::{Code, Fault, Result};
use counterpart_record::strict::json::{Object, Value};

use Who::{Arcadia, Borealis};

/// A day, in seconds.
pub const DAY: u64 = 86_400;

/// Tells the story, with the number of each step.
pub struct Teller<'a> {
    tell: &'a mut dyn FnMut(&str),
    step: usize,
    steps: usize,
}

impl Teller<'_> {
    /// A story of so many steps.
    pub fn new(tell: &mut dyn FnMut(&str), steps: usize) -> Teller<'_> {
        Teller { tell, step: 0, steps }
    }

    /// The next step begins.
    pub fn step(&mut self, text: &str) {
        self.step += 1;
        (self.tell)(&format!("\n[{}/{}] {text}", self.step, self.steps));
    }

    /// Something happened in it.
    pub fn line(&mut self, text: &str) {
        for line in text.lines() {
            (self.tell)(&format!("      {line}"));
        }
    }

    /// Every step was told.
    pub fn done(&self) -> Result<()> {
        check(self.step == self.steps, "the steps were counted")
    }
}

/// A request of Arcadia.
pub struct Ask<'a> {
    /// What is asked for.
    pub measure: &'a str,
    /// The phrase of its facts.
    pub facts: &'a str,
    /// How many days there are to answer.
    pub days: u64,
}

impl Ask<'_> {
    /// The fields of its form, as a person gives them.
    pub fn fields(&self, stage: &Stage) -> Result<Vec<String>> {
        let now = drill_time(stage, Arcadia)?;
        let words = |key: &str| stage.say(key, &[]);
        let fields = [
            ("type", "new".to_owned()),
            ("measure", self.measure.to_owned()),
            ("instrument", "reciprocity".to_owned()),
            ("urgency", "normal".to_owned()),
            ("offence", "illegal-access".to_owned()),
            ("max_penalty", "P5Y".to_owned()),
            ("purpose", "investigation".to_owned()),
            ("persons.suspect", "1".to_owned()),
            ("persons.suspect_minors", "0".to_owned()),
            ("assured", "none".to_owned()),
            ("reply_by", (now + self.days * DAY).to_string()),
            ("legal_basis", words("lang-basis")),
            ("authorising_body", words("lang-body")),
            ("necessity", words("lang-necessity")),
            ("facts", words(self.facts)),
            ("identifiers", "account:night-owl-17".to_owned()),
        ];
        Ok(fields.iter().map(|(name, value)| format!("{name}={value}")).collect())
    }
}

/// A request on the drill channel, which the peer then holds.
pub fn request(stage: &Stage, told: &mut Teller<'_>, ask: &Ask<'_>) -> Result<String> {
    let fields = ask.fields(stage)?;
    let args = ["request", "new", "Borealis", "--drill"];
    let done = stage.at(Arcadia, &[&args[..], &each(&fields)].concat())?;
    requested(stage, told, &done)
}

/// The request that was just made is held by the peer.
pub fn requested(stage: &Stage, told: &mut Teller<'_>, done: &Value) -> Result<String> {
    let matter = text(done, "matter")?;
    held(stage, Arcadia, &matter, &text(done, "entry")?)?;
    let both = [("who", stage.name(Arcadia)), ("by", stage.name(Borealis))];
    told.line(&stage.say("asked", &[&both[..], &[("matter", &matter[..8])]].concat()));
    Ok(matter)
}

/// Fields as arguments.
pub fn each<T: AsRef<str>>(fields: &[T]) -> Vec<&str> {
    fields.iter().flat_map(|field| ["--field", field.as_ref()]).collect()
}

/// An act in a matter, which the other side then holds.
pub fn act(
    stage: &Stage,
    told: &mut Teller<'_>,
    who: Who,
    matter: &str,
    args: &[&str],
) -> Result<()> {
    act_told(stage, told, who, matter, args, args[0])
}

/// The same, told in words of its own.
pub fn act_told(
    stage: &Stage,
    told: &mut Teller<'_>,
    who: Who,
    matter: &str,
    args: &[&str],
    how: &str,
) -> Result<()> {
    let args = [&["act", args[0], matter], &args[1..]].concat();
    let done = stage.at(who, &args)?;
    held(stage, who, matter, &text(&done, "entry")?)?;
    told.line(&stage.say(&format!("did-{how}"), &[("who", stage.name(who))]));
    Ok(())
}

/// An act that a command of its own makes: the matter in which it lies. The other side holds it.
pub fn made(stage: &Stage, who: Who, args: &[&str]) -> Result<String> {
    let done = stage.at(who, args)?;
    let matter = text(&done, "matter")?;
    held(stage, who, &matter, &text(&done, "entry")?)?;
    Ok(matter)
}

/// Waits until the other side's log holds an act.
pub fn held(stage: &Stage, who: Who, matter: &str, entry: &str) -> Result<()> {
    stage.until("act held by the other side", || {
        let shown = show(stage, who, matter)?;
        let of_entry = |act: &&Value| text(act, "entry").is_ok_and(|found| found == entry);
        let act = acts(&shown).iter().find(of_entry);
        let rung = act.and_then(|act| text(act, "rung").ok());
        let there = show(stage, who.other(), matter).is_ok();
        Ok(there && rung.is_some_and(|rung| rung != "logged"))
    })
}

/// A matter as one side sees it.
pub fn show(stage: &Stage, who: Who, matter: &str) -> Result<Value> {
    stage.look(who, "matter.show", Object::default().with("matter", matter))
}

/// The acts of a matter that was shown.
pub fn acts(matter: &Value) -> &[Value] {
    list(matter, "acts")
}

/// A list member of a JSON value; empty if it has none.
pub fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    let found = value.as_object().and_then(|object| object.get(name)).and_then(Value::as_array);
    found.unwrap_or_default()
}

/// A member of a JSON value.
pub fn member<'a>(value: &'a Value, name: &str) -> Result<&'a Value> {
    let member = value.as_object().and_then(|object| object.get(name));
    member.ok_or_else(|| Code::Internal.at(format!("demo: no {name}")))
}

/// Waits until both sides see a matter stand here.
pub fn reaches(stage: &Stage, matter: &str, wanted: &str) -> Result<()> {
    for who in Who::ALL {
        stage.until(wanted, || Ok(text(&show(stage, who, matter)?, "stage")? == wanted))?;
    }
    Ok(())
}

/// Both sides see the same; where it stands is told once, in the words that both programs use.
pub fn stands(stage: &Stage, told: &mut Teller<'_>, matter: &str, wanted: &str) -> Result<()> {
    let seen = both_see(stage, matter, wanted)?;
    let first = seen.first().map_or("", String::as_str);
    told.line(&stage.say("both-see-that", &[("stage", first)]));
    Ok(())
}

/// The same, with all that both see.
pub fn stands_whole(stage: &Stage, told: &mut Teller<'_>, matter: &str, at: &str) -> Result<()> {
    let seen = both_see(stage, matter, at)?;
    told.line(&stage.say("both-see", &[]));
    seen.iter().for_each(|line| told.line(&format!("  | {line}")));
    Ok(())
}

fn both_see(stage: &Stage, matter: &str, wanted: &str) -> Result<Vec<String>> {
    let mut seen = Vec::new();
    for who in Who::ALL {
        let shown = show(stage, who, matter)?;
        let found = text(&shown, "stage")?;
        check(found == wanted, &format!("{} sees {found}, not {wanted}", who.name()))?;
        let lines = shown.as_object().and_then(|o| o.get("lines_outside"));
        let lines = lines.map_or(&[][..], |lines| list(lines, stage.lang.tag()));
        let lines = lines.iter().filter_map(Value::as_str).map(str::to_owned);
        seen.push(lines.collect::<Vec<_>>());
    }
    check(seen[0] == seen[1] && !seen[0].is_empty(), "both see the same")?;
    Ok(seen.swap_remove(0))
}

/// The calendars of both drills go on.
pub fn days_pass(stage: &Stage, told: &mut Teller<'_>, days: u64) -> Result<()> {
    for who in Who::ALL {
        advance(stage, who, days * DAY)?;
    }
    told.line(&stage.say("days", &[("days", &days.to_string())]));
    Ok(())
}

/// The calendar of one drill goes on.
pub fn advance(stage: &Stage, who: Who, seconds: u64) -> Result<Value> {
    stage.at(who, &["drill", "calendar", "--advance", &seconds.to_string()])
}

/// What the calendar of one drill shows. Asking moves it, and so it moves both: calendars that run
/// apart make each side wait for the other's time.
pub fn drill_time(stage: &Stage, who: Who) -> Result<u64> {
    advance(stage, who.other(), 1)?;
    let shown = number(&advance(stage, who, 1)?, "drill_time");
    u64::try_from(shown).map_err(|_| Code::Internal.at("drill time"))
}

/// Something must be refused, with this fault.
pub fn expect<T>(outcome: Result<T>, code: Code) -> Result<()> {
    match outcome {
        Err(fault) if fault.code == code => Ok(()),
        Err(fault) => Err(fault),
        Ok(_) => Err(Code::Internal.at(format!("{} was not raised", code.name()))),
    }
}

/// Something must hold, or the demo fails.
pub fn check(held: bool, what: &str) -> std::result::Result<(), Fault> {
    if held { Ok(()) } else { Err(Code::Internal.at(format!("demo: {what}"))) }
}
