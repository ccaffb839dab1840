//! The opener's half: what it asked, added, accepted, reminded of, made of the answers and took
//! back. Folded from the opener's acts alone.

use super::answering::Answered;
use super::{
    CLOSED, CONCLUDED, DECLINED, NO_HOLD, NO_OFFER, NO_QUESTION, NO_WARNING, NOT_ENDED, NOT_OPENED,
    NOTHING_RECEIVED, OPENED, RELEASED, WITHDRAWN,
};
use crate::act::Act;
use crate::flow::Void;

/// What the opener has written. Lists are in the order written.
#[derive(Default)]
pub(super) struct Asked<'a> {
    /// The act that opened the matter.
    pub request: Option<&'a Act>,
    /// What was added, asked for or not.
    pub supplements: Vec<&'a Act>,
    /// "Go on all the same", each to one or more warnings.
    pub go_ons: Vec<&'a Act>,
    /// How many.
    pub reminders: u32,
    /// Wishes to hold preserved data for longer.
    pub renewals: Vec<&'a Act>,
    /// How many of them were made before the opener asked to let go of what is held.
    pub waived: usize,
    /// The wish that what is held be let go, unless a later one is to hold it for longer.
    pub let_go: Option<&'a Act>,
    /// Formal requests lodged elsewhere, before this one or since.
    pub formal: Vec<&'a Act>,
    /// Acceptances of conditions.
    pub accepted: Vec<&'a Act>,
    /// Conditions declined; ends the matter without content.
    pub declined: Option<&'a Act>,
    /// Accounts of the use made of answers.
    pub accounts: Vec<&'a Act>,
    /// Escalations, each with or without a call.
    pub escalations: Vec<&'a Act>,
    /// Appraisals of answers; of several for one answer the newest counts.
    pub appraisals: Vec<&'a Act>,
    /// Consents asked for.
    pub consents: Vec<&'a Act>,
    /// The withdrawal.
    pub withdrawn: Option<&'a Act>,
    /// The last act of the half.
    pub closed: Option<&'a Act>,
    /// Acts that can name what the other side did unasked: those of [`HEEDING`].
    heeding: Vec<&'a Act>,
}

impl<'a> Asked<'a> {
    /// Reads the half. An act of another kind cannot be among valid ones; it is passed over.
    pub fn fold(acts: &[&'a Act]) -> Asked<'a> {
        let mut half = Asked::default();
        for act in acts.iter().copied() {
            if HEEDING.contains(&act.kind.as_str()) {
                half.heeding.push(act);
            }
            match act.kind.as_str() {
                "request" => {
                    half.request = half.request.or(Some(act));
                    // ASK-21: a formal request may have come first.
                    half.formal.extend(act.word("lodged_on").map(|_| act));
                }
                "supplement" => half.supplements.push(act),
                "go-on" => half.go_ons.push(act),
                "remind" => half.reminders = half.reminders.saturating_add(1),
                "renew" => {
                    half.renewals.push(act);
                    half.let_go = None;
                }
                "let-go" => {
                    half.waived = half.renewals.len();
                    half.let_go = Some(act);
                }
                "lodge-formal" => half.formal.push(act),
                "accept-conditions" => half.accepted.push(act),
                "decline-conditions" => half.declined = half.declined.or(Some(act)),
                "account-for-use" => half.accounts.push(act),
                "escalate" => half.escalations.push(act),
                "appraise" => half.appraisals.push(act),
                "ask-consent" => half.consents.push(act),
                "withdraw" => half.withdrawn = half.withdrawn.or(Some(act)),
                "close-request" => half.closed = half.closed.or(Some(act)),
                _ => {}
            }
        }
        half
    }

    /// Whether the opener has named an act by which it was told of something.
    pub fn heeded(&self, told: &Act) -> bool {
        self.heeding.iter().any(|act| act.re.contains(&told.entry))
    }

    /// The first act among `acts` that names `other` in `re`.
    pub fn first_to(acts: &[&'a Act], other: &Act) -> Option<&'a Act> {
        acts.iter().find(|act| act.re.contains(&other.entry)).copied()
    }

    /// How the opener itself has ended the matter, if it has. ASK-3.
    pub fn ended(&self) -> Option<Void> {
        let declined = self.declined.map(|_| DECLINED);
        self.withdrawn.map(|_| WITHDRAWN).or(declined)
    }

    /// Whether the opener may write `next` after this half and what it has seen of the other.
    pub fn permits(&self, other: &Answered<'_>, next: &Act) -> Result<(), Void> {
        if next.kind == "request" {
            return if self.request.is_none() { Ok(()) } else { Err(OPENED) };
        }
        if self.request.is_none() {
            return Err(NOT_OPENED);
        }
        if self.closed.is_some() {
            return Err(CLOSED);
        }
        match next.kind.as_str() {
            // ASK-4: what follows from an answer may come long after it.
            "appraise" => names(&other.received, next, NOTHING_RECEIVED),
            "ask-consent" | "account-for-use" => names(&other.contents, next, NOTHING_RECEIVED),
            "close-request" if other.conclusion.is_some() || self.ended().is_some() => Ok(()),
            "close-request" => Err(NOT_ENDED),
            // What was held for nothing is let go, however the matter ended. ASK-4
            "let-go" => held(other),
            "lodge-formal" | "escalate" => self.not_withdrawn(),
            "renew" => self.not_withdrawn().and_then(|()| held(other)),
            kind => {
                if other.conclusion.is_some() {
                    return Err(CONCLUDED);
                }
                if let Some(ended) = self.ended() {
                    return Err(ended);
                }
                match kind {
                    "supplement" if next.re.is_empty() => Ok(()),
                    "supplement" => names(&other.questions, next, NO_QUESTION),
                    "go-on" => names(&other.warnings, next, NO_WARNING),
                    "accept-conditions" | "decline-conditions" => {
                        let open = other.offers.last().filter(|_| other.conditions_open(self));
                        let open: Vec<&Act> = open.into_iter().copied().collect();
                        names(&open, next, NO_OFFER)
                    }
                    _ => Ok(()),
                }
            }
        }
    }

    fn not_withdrawn(&self) -> Result<(), Void> {
        if self.withdrawn.is_some() { Err(WITHDRAWN) } else { Ok(()) }
    }
}

/// Acts by which the opener goes on after something was let go before its time.
pub(super) const HEEDING: &[&str] = &["remind", "lodge-formal", "escalate", "close-request"];

/// Only what is held can be held for longer, or let go.
fn held(other: &Answered<'_>) -> Result<(), Void> {
    match (other.hold(), other.released) {
        (Some(_), _) => Ok(()),
        (None, Some(_)) => Err(RELEASED),
        (None, None) => Err(NO_HOLD),
    }
}

/// Whether `next` names at least one act, and none that is not in `list`.
pub(super) fn names(list: &[&Act], next: &Act, otherwise: Void) -> Result<(), Void> {
    let known = |entry| list.iter().any(|act| act.entry == entry);
    let all = !next.re.is_empty() && next.re.iter().all(|entry| known(*entry));
    if all { Ok(()) } else { Err(otherwise) }
}
