//! The other side's half: what it took up, asked back, answered and refused. Folded from its own
//! acts alone.

use super::asking::Asked;
use super::{ACKNOWLEDGED, CONCLUDED, NOT_OPENED, WITHDRAWN};
use crate::act::Act;
use crate::flow::Void;
use counterpart_record::strict::json::Value;

/// What the other side has written.
pub(super) struct Answered<'a> {
    /// The act by which a desk took the request up.
    pub acknowledged: Option<&'a Act>,
    /// In the order asked.
    pub questions: Vec<&'a Act>,
    /// Answers that were not final.
    pub parts: Vec<&'a Act>,
    /// The final answer or the refusal.
    pub conclusion: Option<&'a Act>,
    /// Until when preserved data is held, by the newest answer that says so; seconds (UTC).
    pub holds_until: Option<u64>,
}

impl<'a> Answered<'a> {
    /// Reads the half. An act of another kind cannot be among valid ones; it is passed over.
    pub fn fold(acts: &[&'a Act]) -> Answered<'a> {
        let mut half = Answered {
            acknowledged: None,
            questions: Vec::new(),
            parts: Vec::new(),
            conclusion: None,
            holds_until: None,
        };
        for act in acts {
            match act.kind.as_str() {
                "acknowledge" => half.acknowledged = half.acknowledged.or(Some(act)),
                "ask" => half.questions.push(act),
                "answer" if !act.flag("final") => half.parts.push(act),
                "answer" | "refuse" => half.conclusion = half.conclusion.or(Some(act)),
                _ => {}
            }
            half.holds_until = holds_until(act).or(half.holds_until);
        }
        half
    }

    /// Whether it has written nothing.
    pub fn silent(&self) -> bool {
        self.acknowledged.is_none()
            && self.questions.is_empty()
            && self.parts.is_empty()
            && self.conclusion.is_none()
    }

    /// The conclusion, if it is of this kind.
    pub fn concluded_by(&self, kind: &str) -> Option<&'a Act> {
        self.conclusion.filter(|act| act.kind == kind)
    }

    /// The questions that no supplement names.
    pub fn open_questions(&self, asked: &Asked<'_>) -> impl Iterator<Item = &'a Act> {
        self.questions.iter().copied().filter(|question| asked.supplement_to(question).is_none())
    }

    /// Whether this side may write `next` after this half and what it has seen of the opener's.
    pub fn permits(&self, other: &Asked<'_>, next: &Act) -> Result<(), Void> {
        if other.request.is_none() {
            return Err(NOT_OPENED);
        }
        if self.conclusion.is_some() {
            return Err(CONCLUDED);
        }
        if next.kind == "acknowledge" {
            return if self.acknowledged.is_none() { Ok(()) } else { Err(ACKNOWLEDGED) };
        }
        if other.withdrawn.is_some() { Err(WITHDRAWN) } else { Ok(()) }
    }
}

fn holds_until(act: &Act) -> Option<u64> {
    let preserved = act.body.get("preserved").and_then(Value::as_object)?;
    preserved.get("holds_until").and_then(Value::as_int).and_then(|n| u64::try_from(n).ok())
}
