//! The other side's half: what it took up, decided, asked back, secured, offered, answered and
//! refused. Folded from its own acts alone.

use super::asking::{Asked, names};
use super::{
    ACKNOWLEDGED, CLOSED, CONCLUDED, CONDITIONS_OPEN, NO_CONSENT_ASKED, NO_HOLD, NOT_OPENED,
    RECOGNISED, RELEASED, TAKEN_UP,
};
use crate::act::Act;
use crate::flow::Void;
use counterpart_record::strict::json::Value;

/// What the other side has written. Lists are in the order written.
#[derive(Default)]
pub(super) struct Answered<'a> {
    /// The first word of a person of this side, whatever it is. CLK-8
    pub first: Option<&'a Act>,
    /// The first that shows that the authority itself has the request: not one by which it goes to
    /// another, or which finds fault with its form. CLK-8
    pub has_it: Option<&'a Act>,
    /// The act by which a desk says that a person has the request.
    pub acknowledged: Option<&'a Act>,
    /// The act by which a competent unit says that it works on it.
    pub taken_up: Option<&'a Act>,
    /// The legal decision to carry it out.
    pub recognised: Option<&'a Act>,
    /// Questions, intended refusals, which ask what could still help, and what finds the papers
    /// not complete.
    pub questions: Vec<&'a Act>,
    /// The intended refusals among the questions.
    pub intents: Vec<&'a Act>,
    /// Warnings: each asks whether to go on.
    pub warnings: Vec<&'a Act>,
    /// The newest word on how it goes: taken up, recognised, under examination, status, postponed,
    /// preserved, answered in part.
    pub progress: Option<&'a Act>,
    /// Examinations, statuses.
    pub statuses: Vec<&'a Act>,
    /// Postponements.
    pub postponed: Vec<&'a Act>,
    /// Transfers to the competent authority.
    pub transfers: Vec<&'a Act>,
    /// Preservations, first or noted again with a later end.
    pub preserved: Vec<&'a Act>,
    /// Where among them the newest hold begins: one that was released is over.
    hold_from: usize,
    /// The release after the newest preservation.
    pub released: Option<&'a Act>,
    /// The first word that what is asked for is not at hand and has to be fetched. CLK-40
    pub to_fetch: Option<&'a Act>,
    /// Answers offered on conditions; the newest one stands.
    pub offers: Vec<&'a Act>,
    /// Whether an answer has followed the newest offer.
    pub delivered: bool,
    /// Answers that were not final.
    pub parts: Vec<&'a Act>,
    /// Answers, final or not: what has content.
    pub contents: Vec<&'a Act>,
    /// Answers and preservations: what can be appraised.
    pub received: Vec<&'a Act>,
    /// Consents given or withheld.
    pub consents: Vec<&'a Act>,
    /// Appraisals of the request; the newest counts.
    pub appraisals: Vec<&'a Act>,
    /// The final answer, the final preservation, the refusal, or the transfer that goes on
    /// elsewhere.
    pub conclusion: Option<&'a Act>,
    expected: Option<u64>,
    acts: usize,
}

impl<'a> Answered<'a> {
    /// Reads the half. An act of another kind cannot be among valid ones; it is passed over.
    pub fn fold(acts: &[&'a Act]) -> Answered<'a> {
        let mut half = Answered { acts: acts.len(), ..Answered::default() };
        for act in acts.iter().copied() {
            half.take(act);
            if concludes(act) {
                half.conclusion = half.conclusion.or(Some(act));
            }
        }
        half
    }

    fn take(&mut self, act: &'a Act) {
        self.first = self.first.or(Some(act));
        if !["transfer", "appraise-request"].contains(&act.kind.as_str()) {
            self.has_it = self.has_it.or(Some(act));
        }
        match act.kind.as_str() {
            "acknowledge" => {
                self.acknowledged = self.acknowledged.or(Some(act));
                // ASK-13: papers that are not complete are asked for.
                if incomplete(act) {
                    self.questions.push(act);
                }
            }
            "take-up" => self.taken_up = self.taken_up.or(Some(act)),
            "recognise" => self.recognised = self.recognised.or(Some(act)),
            "ask" => self.questions.push(act),
            "intend-to-refuse" => {
                self.questions.push(act);
                self.intents.push(act);
            }
            "warn" => self.warnings.push(act),
            "examine" | "status" => self.statuses.push(act),
            "postpone" => self.postponed.push(act),
            "transfer" => self.transfers.push(act),
            "preserve" => {
                if self.released.is_some() {
                    self.hold_from = self.preserved.len();
                }
                self.preserved.push(act);
                self.received.push(act);
                self.released = None;
            }
            "release" => self.released = Some(act),
            "offer" => {
                self.offers.push(act);
                self.delivered = false;
            }
            "answer" => {
                self.contents.push(act);
                self.received.push(act);
                self.delivered = true;
                if !act.flag("final") {
                    self.parts.push(act);
                }
            }
            "consent" => self.consents.push(act),
            "appraise-request" => self.appraisals.push(act),
            _ => {}
        }
        if act.body.get("at_hand").and_then(Value::as_bool) == Some(false) {
            self.to_fetch = self.to_fetch.or(Some(act));
        }
        self.expected = act.instant("expected_at").or(self.expected);
        if PROGRESS.contains(&act.kind.as_str()) {
            self.progress = Some(act);
        }
    }

    /// Whether it has written nothing.
    pub fn silent(&self) -> bool {
        self.acts == 0
    }

    /// The preservation that stands: the newest one, unless it was released.
    pub fn hold(&self) -> Option<&'a Act> {
        self.preserved.last().filter(|_| self.released.is_none()).copied()
    }

    /// The conclusion, if it gives what was asked for in whole or in part.
    pub fn answer(&self) -> Option<&'a Act> {
        self.conclusion.filter(|act| ["answer", "preserve"].contains(&act.kind.as_str()))
    }

    /// When the newest act that says so expects the answer; seconds (UTC).
    pub fn expected_at(&self) -> Option<u64> {
        self.expected
    }

    /// The preservations of the newest hold, whether or not it was released.
    pub fn holding(&self) -> &[&'a Act] {
        self.preserved.get(self.hold_from..).unwrap_or_default()
    }

    /// The preservations of the holds before it, each of which was released.
    pub fn held_before(&self) -> &[&'a Act] {
        self.preserved.get(..self.hold_from).unwrap_or_default()
    }

    /// Until when the newest hold was promised: a later word never takes an earlier one back.
    /// Seconds (UTC). CLK-6
    pub fn promised(&self) -> Option<u64> {
        promised(self.holding())
    }

    /// Those preservations of the newest hold that note a wish to hold until then: what they say
    /// reaches further than what was promised before, or that was far enough.
    pub fn notes(&self, wish: u64) -> Vec<&'a Act> {
        let holding = self.holding();
        let notes = |at: usize, act: &Act| {
            let before = promised(&holding[..at]).unwrap_or(0);
            before >= wish || act.instant("holds_until") > Some(before)
        };
        let each = holding.iter().enumerate().filter(|(at, act)| notes(*at, act));
        each.map(|(_, act)| *act).collect()
    }

    /// Whether this side may write `next` after this half and what it has seen of the opener's.
    pub fn permits(&self, other: &Asked<'_>, next: &Act) -> Result<(), Void> {
        if other.request.is_none() {
            return Err(NOT_OPENED);
        }
        match next.kind.as_str() {
            // These stay open after the end: what is held is let go one day, and consent is asked
            // for when a case comes to trial.
            "release" => return self.held(),
            "consent" => return names(&other.consents, next, NO_CONSENT_ASKED),
            "appraise-request" => return Ok(()),
            "preserve" if self.hold().is_some() => {
                return if other.closed.is_some() { Err(CLOSED) } else { Ok(()) };
            }
            _ => {}
        }
        if self.conclusion.is_some() {
            return Err(CONCLUDED);
        }
        // A withdrawn request may still be acknowledged, so that the opener knows that a person
        // has seen it.
        if next.kind == "acknowledge" {
            return once(self.acknowledged, ACKNOWLEDGED);
        }
        if let Some(ended) = other.ended() {
            return Err(ended);
        }
        match next.kind.as_str() {
            "take-up" => once(self.taken_up, TAKEN_UP),
            "recognise" => once(self.recognised, RECOGNISED),
            // ASK-2: content leaves only when no offer waits for a word on its conditions.
            "answer" if self.conditions_open(other) => Err(CONDITIONS_OPEN),
            _ => Ok(()),
        }
    }

    /// Whether the newest offer waits for acceptance.
    pub fn conditions_open(&self, other: &Asked<'_>) -> bool {
        let open = |offer: &&Act| Asked::first_to(&other.accepted, offer).is_none();
        self.offers.last().filter(|_| !self.delivered).is_some_and(open)
    }

    fn held(&self) -> Result<(), Void> {
        match (self.hold(), self.released) {
            (Some(_), _) => Ok(()),
            (None, Some(_)) => Err(RELEASED),
            (None, None) => Err(NO_HOLD),
        }
    }
}

/// The latest time to which preservations reach.
fn promised(holding: &[&Act]) -> Option<u64> {
    holding.iter().filter_map(|act| act.instant("holds_until")).max()
}

/// The kinds that say how it goes; the newest of them ends a postponement.
const PROGRESS: &[&str] =
    &["take-up", "recognise", "examine", "status", "postpone", "preserve", "answer"];

/// Whether a desk found that papers are missing.
fn incomplete(act: &Act) -> bool {
    act.body.get("complete").and_then(Value::as_bool) == Some(false)
}

/// Whether nothing more is owed after this act.
pub(super) fn concludes(act: &Act) -> bool {
    match act.kind.as_str() {
        "answer" | "preserve" => act.flag("final"),
        "refuse" => true,
        "transfer" => act.word("goes_on") == Some("there"),
        _ => false,
    }
}

fn once(before: Option<&Act>, otherwise: Void) -> Result<(), Void> {
    if before.is_none() { Ok(()) } else { Err(otherwise) }
}
