//! What only both halves together show: what stands open between them, and what an act answers if
//! its author names nothing.

use super::answering::Answered;
use super::asking::Asked;
use crate::act::Act;
use counterpart_record::id::Entry;

/// The two halves, each folded from its own author's acts alone.
pub(super) struct Both<'a> {
    /// The opener's.
    pub asked: Asked<'a>,
    /// The other side's.
    pub answered: Answered<'a>,
}

impl<'a> Both<'a> {
    /// Reads both.
    pub fn fold(past: crate::flow::Past<'a>) -> Both<'a> {
        Both { asked: Asked::fold(past.asking), answered: Answered::fold(past.answering) }
    }

    /// Questions, intended refusals and missing papers that no supplement names.
    pub fn open_questions(&self) -> impl Iterator<Item = &'a Act> {
        unanswered(&self.answered.questions, &self.asked.supplements)
    }

    /// Warnings to which the opener has not said "go on".
    pub fn open_warnings(&self) -> impl Iterator<Item = &'a Act> {
        unanswered(&self.answered.warnings, &self.asked.go_ons)
    }

    /// The newest offer, while its conditions are neither accepted nor declined.
    pub fn open_offer(&self) -> Option<&'a Act> {
        let open = self.asked.declined.is_none() && self.answered.conditions_open(&self.asked);
        self.answered.offers.last().filter(|_| open).copied()
    }

    /// The newest offer, once its conditions are accepted and until its content comes.
    pub fn owed_offer(&self) -> Option<&'a Act> {
        let offer = self.answered.offers.last().filter(|_| !self.answered.delivered);
        offer.filter(|offer| Asked::first_to(&self.asked.accepted, offer).is_some()).copied()
    }

    /// Consents asked for and neither given nor withheld.
    pub fn open_consents(&self) -> impl Iterator<Item = &'a Act> {
        unanswered(&self.asked.consents, &self.answered.consents)
    }

    /// Renewals that no preservation notes, while there is something to hold. What was noted of a
    /// hold that is over was noted: the next hold is another. CLK-6
    pub fn open_renewals(&self) -> impl Iterator<Item = &'a Act> + '_ {
        let renewals = self.asked.renewals.iter().skip(self.asked.waived).copied();
        let before = self.answered.held_before();
        let done = |wish: &&Act| before.iter().any(|act| act.re.contains(&wish.entry));
        renewals.filter(move |wish| !done(wish)).filter(|wish| {
            let until = wish.instant("until").unwrap_or(u64::MAX);
            let noted = self.answered.notes(until).iter().any(|act| act.re.contains(&wish.entry));
            self.answered.hold().is_some() && !noted
        })
    }

    /// The wish that what is held be let go, while it is held.
    pub fn open_let_go(&self) -> Option<&'a Act> {
        self.asked.let_go.filter(|_| self.answered.hold().is_some())
    }

    /// The transfer by which the request went to another authority, until the opener has closed its
    /// file: what was asked for is asked for there, by a request of its own.
    pub fn gone_elsewhere(&self) -> Option<&'a Act> {
        let over = self.asked.closed.is_some() || self.asked.ended().is_some();
        self.answered.conclusion.filter(|act| !over && act.kind == "transfer")
    }

    /// The stretches in which the other side waited for the opener: the act that asked, and the
    /// one that answered it. A newer offer takes the place of an older one.
    pub fn asked_back(&self) -> Vec<(&'a Act, Option<&'a Act>)> {
        let (asked, answered) = (&self.asked, &self.answered);
        let questions = answered.questions.iter().map(|act| (*act, &asked.supplements));
        let warnings = answered.warnings.iter().map(|act| (*act, &asked.go_ons));
        let mut out: Vec<_> = questions
            .chain(warnings)
            .map(|(act, answers)| (act, Asked::first_to(answers, act)))
            .collect();
        for (at, offer) in answered.offers.iter().enumerate() {
            let accepted = Asked::first_to(&asked.accepted, offer);
            let declined = asked.declined.filter(|act| act.re.contains(&offer.entry));
            let newer = answered.offers.get(at + 1).copied();
            out.push((*offer, accepted.or(declined).or(newer)));
        }
        out
    }

    /// What an act of this kind answers if its author names nothing.
    pub fn answers(&self, kind: &str) -> Vec<Entry> {
        let newest = |list: &[&Act]| list.last().map(|act| act.entry).into_iter().collect();
        match kind {
            "supplement" => self.open_questions().map(|act| act.entry).collect(),
            "go-on" => self.open_warnings().map(|act| act.entry).collect(),
            "accept-conditions" | "decline-conditions" => {
                self.open_offer().map(|act| act.entry).into_iter().collect()
            }
            "answer" => self.owed_offer().map(|act| act.entry).into_iter().collect(),
            "consent" => self.open_consents().map(|act| act.entry).collect(),
            "preserve" => self.open_renewals().map(|act| act.entry).collect(),
            "release" => self.open_let_go().map(|act| act.entry).into_iter().collect(),
            "close-request" => self.gone_elsewhere().map(|act| act.entry).into_iter().collect(),
            "appraise" => newest(&self.answered.received),
            "ask-consent" | "account-for-use" => newest(&self.answered.contents),
            _ => Vec::new(),
        }
    }
}

/// Those of `asks` that none of `answers` names.
fn unanswered<'a>(asks: &[&'a Act], answers: &[&'a Act]) -> impl Iterator<Item = &'a Act> {
    let answered: Vec<Entry> = answers.iter().flat_map(|act| act.re.iter().copied()).collect();
    asks.iter().copied().filter(move |act| !answered.contains(&act.entry))
}
