//! The opener's half: what it asked, added, reminded of and withdrew. Folded from the opener's
//! acts alone.

use super::answering::Answered;
use super::{CONCLUDED, NO_QUESTION, NOT_OPENED, OPENED, WITHDRAWN};
use crate::act::Act;
use crate::flow::Void;
use counterpart_record::id::Entry;

/// What the opener has written.
pub(super) struct Asked<'a> {
    /// The act that opened the matter.
    pub request: Option<&'a Act>,
    /// In the order written.
    pub supplements: Vec<&'a Act>,
    /// How many.
    pub reminders: u32,
    /// The withdrawal.
    pub withdrawn: Option<&'a Act>,
}

impl<'a> Asked<'a> {
    /// Reads the half. An act of another kind cannot be among valid ones; it is passed over.
    pub fn fold(acts: &[&'a Act]) -> Asked<'a> {
        let mut half =
            Asked { request: None, supplements: Vec::new(), reminders: 0, withdrawn: None };
        for act in acts {
            match act.kind.as_str() {
                "request" => half.request = half.request.or(Some(act)),
                "supplement" => half.supplements.push(act),
                "remind" => half.reminders = half.reminders.saturating_add(1),
                "withdraw" => half.withdrawn = half.withdrawn.or(Some(act)),
                _ => {}
            }
        }
        half
    }

    /// The first supplement that answers `question`.
    pub fn supplement_to(&self, question: &Act) -> Option<&'a Act> {
        self.supplements.iter().find(|act| act.re.contains(&question.entry)).copied()
    }

    /// Whether the opener may write `next` after this half and what it has seen of the other.
    pub fn permits(&self, other: &Answered<'_>, next: &Act) -> Result<(), Void> {
        if next.kind == "request" {
            return if self.request.is_none() { Ok(()) } else { Err(OPENED) };
        }
        if self.request.is_none() {
            return Err(NOT_OPENED);
        }
        if other.conclusion.is_some() {
            return Err(CONCLUDED);
        }
        if self.withdrawn.is_some() {
            return Err(WITHDRAWN);
        }
        let asked = |entry: &Entry| other.questions.iter().any(|question| question.entry == *entry);
        if next.kind == "supplement" && !next.re.iter().all(asked) {
            return Err(NO_QUESTION);
        }
        Ok(())
    }
}
