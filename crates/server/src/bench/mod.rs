//! `counterpart bench`: how fast, always beside a limit measured in the same run on the same cores,
//! since bare times say more of the machine than of the program.

mod exchange;
mod figures;
mod files;
mod hostile;
mod limit;
mod log;
mod many;
pub mod pair;
mod verbs;
mod verify;

pub use exchange::request;
pub use figures::{Figure, to_json};

use crate::scratch::Scratch;
use counterpart_record::fault::{Code, Result};
use counterpart_record::strict::json::Object;

/// What can be measured.
pub const PARTS: &[&str] = &["exchange", "verify", "log", "verbs", "many", "hostile", "files"];

/// Measures one part, or all of them. `tell` hears what is being done.
pub fn run(part: Option<&str>, tell: &mut dyn FnMut(&str)) -> Result<Vec<Figure>> {
    if let Some(part) = part.filter(|part| [hostile::FLOOD, hostile::ATTACK].contains(part)) {
        return hostile::attack(part == hostile::ATTACK).map(|()| Vec::new());
    }
    if part == Some(hostile::BESIDE) {
        return hostile::beside().map(|()| Vec::new());
    }
    if let Some(part) = part.filter(|part| !PARTS.contains(part)) {
        return Err(Code::ArgumentWrong.at(format!("{part:?}, not one of {}", PARTS.join(", "))));
    }
    let wanted = |name: &str| part.is_none_or(|part| part == name);
    let scratch = Scratch::new("bench");
    let mut figures = Vec::new();
    if wanted("exchange") {
        exchange::measure(scratch.path(), tell, &mut figures)?;
    }
    if wanted("verify") {
        tell("verify: a dossier of 2,000 statements");
        verify::measure(&mut figures)?;
    }
    if wanted("log") {
        tell("log: appends and proofs at 10^3, 10^5, 10^6 leaves");
        log::measure(&mut figures)?;
    }
    if wanted("verbs") {
        tell("verbs: rows and bytes of a commit");
        verbs::measure(scratch.path(), &mut figures)?;
    }
    if wanted("many") {
        many::measure(scratch.path(), tell, &mut figures)?;
    }
    if wanted("hostile") {
        hostile::measure(scratch.path(), tell, &mut figures)?;
    }
    if wanted("files") {
        files::measure(scratch.path(), tell, &mut figures)?;
    }
    Ok(figures)
}

/// The coded fields of the request that is measured.
fn opening() -> Object {
    Object::default()
        .with("type", "new")
        .with("measure", "preservation")
        .with("instrument", "reciprocity")
        .with("urgency", "urgent")
        .with("offence", "illegal-access")
        .with("max_penalty", "P5Y")
        .with("purpose", "investigation")
        .with("persons", Object::default().with("suspect", 1i64).with("suspect_minors", 0i64))
        .with("assured", "none")
}
