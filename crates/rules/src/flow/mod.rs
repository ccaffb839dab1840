//! Flows: the state machine of each kind of matter, a folder each.
//!
//! A flow is data and two functions. `permitted` judges one act by its causal past and by nothing
//! else, so both sides reach the same verdict whenever and in whatever order acts arrive. `state`
//! folds the valid acts of both halves into what a person sees, by the terms of the channel.
//!
//! To add a flow: a folder with its tables, its two halves, phrases and graph; one line in
//! [`flows`]; its two phrase files in `say`.

#[cfg(test)]
mod atlas;
#[cfg(test)]
mod walk;
mod accord;
mod consultation;
mod needs;
pub mod assistance;
mod bounce;
mod hotline;
mod reckoning;
mod sense;

pub use bounce::{erased, erased_matter, refused, refused_entry};
pub use hotline::{LineItem, line_review, scheduled_test};
pub use reckoning::{Stated, Written, figures_wait, next_figures, state_figures, stated_figures};
mod ring;
mod state;

pub use ring::{Post, Ring, URGENCY};
pub use sense::{Setting, doubts};
pub use state::{Fact, Reader, Shown, State};

use crate::act::{Act, Half};
use crate::form::{self, FieldFault, Kind};
use crate::measure::Observation;
use crate::terms::{Sheet, Terms};
use counterpart_record::id::{ChannelId, Entry, MatterId};
use counterpart_record::strict::json::{Object, Value};

/// Why an act is void. The text is a phrase key of a closed list; it is also what is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Void(pub &'static str);

impl Void {
    /// The coded body does not follow the table of its kind.
    pub const BODY: Void = Void("void-body");
    /// The kind belongs to the other half.
    pub const HALF: Void = Void("void-half");
    /// The flow has no such kind.
    pub const KIND: Void = Void("void-kind");
    /// Another act of the same author stands in the same place of the matter, earlier in its log.
    pub const EQUIVOCATION: Void = Void("void-equivocation");
    /// An act of an epoch that its author has closed.
    pub const ORPHANED: Void = Void("void-orphaned");
    /// `seen` is behind that of an earlier act of the same author, or its root is not known.
    pub const SEEN: Void = Void("void-seen");
    /// `re` names an act that is not in the causal past.
    pub const RE: Void = Void("void-re");
    /// More acts of one author than a matter may have.
    pub const LIMIT: Void = Void("void-limit");

    /// The reasons that do not belong to one flow.
    pub const COMMON: &'static [Void] = &[
        Void::BODY,
        Void::HALF,
        Void::KIND,
        Void::EQUIVOCATION,
        Void::ORPHANED,
        Void::SEEN,
        Void::RE,
        Void::LIMIT,
    ];
}

/// The valid acts of both halves in some act's causal past, or all of them.
#[derive(Clone, Copy, Debug)]
pub struct Past<'a> {
    /// Of the opener, in the order of `seq`.
    pub asking: &'a [&'a Act],
    /// Of the other side, in the order of `seq`.
    pub answering: &'a [&'a Act],
}

/// One version of one flow.
#[derive(Debug)]
pub struct Flow {
    name: &'static str,
    version: u32,
    rules: &'static str,
    kinds: &'static [Kind],
    stages: &'static [&'static str],
    voids: &'static [Void],
    order: fn(Past<'_>, &Act) -> Result<(), Void>,
    answers: fn(Past<'_>, &Terms, Half, &str) -> Vec<Entry>,
    fold: fn(Past<'_>, &Terms, u64) -> State,
    observe: fn(Past<'_>, &Terms) -> Vec<Observation>,
    live: Option<&'static ring::Live>,
}

/// Every flow and version that this node knows.
pub fn flows() -> &'static [&'static Flow] {
    static FLOWS: &[&Flow] = &[
        &assistance::FLOW,
        &consultation::FLOW,
        &needs::FLOW,
        &bounce::FLOW,
        &reckoning::FLOW,
        &accord::FLOW,
        &hotline::call::FLOW,
        &hotline::line::FLOW,
        &hotline::surge::FLOW,
    ];
    FLOWS
}

/// The flow of a new matter for which none is named.
pub fn usual() -> &'static Flow {
    &assistance::FLOW
}

/// The flow in which two sides agree the terms of their channel.
pub fn agreeing() -> &'static Flow {
    &accord::FLOW
}

/// The flow in which a request is shown before it is sent. ASK-5
pub fn drafting() -> &'static Flow {
    &consultation::FLOW
}

/// The act of its author that ends a matter of [`drafting`] when the request came of it: its kind
/// and what it says. ASK-5
pub fn submitted() -> (&'static str, Object) {
    consultation::submitted()
}

/// The proposals of a matter of [`agreeing`] that were accepted, each with the act that accepted
/// it, in the order in which the answering side did.
pub fn accepted<'a>(past: Past<'a>) -> Vec<(&'a Act, &'a Act)> {
    accord::accepted(past)
}

/// The proposal in a matter of [`agreeing`] that waits for a decision, if there is one.
pub fn proposed<'a>(past: Past<'a>) -> Option<&'a Act> {
    accord::open(past)
}

/// The sheet of a proposal.
pub fn sheet(proposal: &Act) -> Option<Sheet> {
    accord::sheet(proposal)
}

/// The flow whose matters an act of this kind opens.
pub fn opened_by(kind: &str) -> Option<&'static Flow> {
    flows().iter().find(|flow| flow.kind(kind).is_some_and(|kind| kind.opens)).copied()
}

/// The flow in which each side publishes what it needs in a request.
pub fn publishing() -> &'static Flow {
    &needs::FLOW
}

/// What an opening act lacks by the terms in force, by its instrument and by what its receiver
/// published, all at once, besides what its form lacks anyway. `given` is the form as
/// [`form::plain`] reads it; `published` are the fields of the receiver's newest act of
/// [`publishing`]; `terms` those in force, with the time of signing in seconds (UTC). Advice to the
/// sender, never a verdict: the act is valid without.
pub fn lacks(
    kind: &Kind,
    given: &Object,
    published: &[(String, Value)],
    terms: (&Terms, u64),
) -> Vec<FieldFault> {
    let asks = usual().kinds().iter().any(|one| one.opens && std::ptr::eq(one, kind));
    if asks { needs::lacks(given, published, terms) } else { Vec::new() }
}

/// How much form goes with a request for a measure on an instrument, as a word that a side
/// publishes, and whose word it is: `peer`, or the instrument's. ASK-21
pub fn formality<'a>(
    request: (&'a str, &str),
    published: &'a [(String, Value)],
) -> Option<(&'a str, &'a str)> {
    needs::formality(request, published)
}

/// The flow that `rules` names, for example `assistance/1`. `None` is an unknown flow or version:
/// the act is kept and held, so that an upgrade never changes history.
pub fn flow(rules: &str) -> Option<&'static Flow> {
    flows().iter().find(|flow| flow.rules == rules).copied()
}

impl Flow {
    /// The name, for example `assistance`.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The version, from 1.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// Name and version as an act carries them: `assistance/1`.
    pub fn rules(&self) -> &'static str {
        self.rules
    }

    /// The nonce of the one matter that each side may open in this flow; `None` where it may open
    /// as many as it likes. CLK-22.
    pub fn lone(&self) -> Option<[u8; 16]> {
        let lone = [(&accord::FLOW, accord::NONCE), (&needs::FLOW, needs::NONCE)];
        lone.iter().find(|(flow, _)| flow.name == self.name).map(|(_, nonce)| *nonce)
    }

    /// Whether acts of this kind are written only after something went wrong between two nodes:
    /// bytes that could not be taken, figures that differ. Two honest nodes whose programs agree
    /// never write one.
    pub fn is_aftermath(&self, kind: &str) -> bool {
        let aftermath =
            [(&bounce::FLOW, bounce::AFTERMATH), (&reckoning::FLOW, reckoning::AFTERMATH)];
        aftermath.iter().any(|(flow, name)| flow.name == self.name && *name == kind)
    }

    /// Every kind of act.
    pub fn kinds(&self) -> &'static [Kind] {
        self.kinds
    }

    /// The kind of this name. `None` is an unknown kind: the act is kept and held.
    pub fn kind(&self, name: &str) -> Option<&'static Kind> {
        self.kinds.iter().find(|kind| kind.name == name)
    }

    /// Whether an act of this kind opens a matter of this flow.
    pub fn opens(&self, kind: &str) -> bool {
        self.kind(kind).is_some_and(|kind| kind.opens)
    }

    /// Every stage that a state of this flow can have.
    pub fn stages(&self) -> &'static [&'static str] {
        self.stages
    }

    /// Every reason of this flow for an act to be void, besides [`Void::COMMON`].
    pub fn voids(&self) -> &'static [Void] {
        self.voids
    }

    /// Whether `next` is valid after the acts in its causal past. `asking` and `answering` are the
    /// valid acts of each half in that past, in the order of `seq`. Neither times nor `held_at` nor
    /// disclosures are read.
    pub fn permitted(&self, asking: &[&Act], answering: &[&Act], next: &Act) -> Result<(), Void> {
        let kind = self.kind(&next.kind).ok_or(Void::KIND)?;
        if !kind.who.includes(next.half) {
            return Err(Void::HALF);
        }
        form::check_coded(kind, &next.body).map_err(|_| Void::BODY)?;
        let past = Past { asking, answering };
        (self.order)(past, next)?;
        let live = self.live.and_then(|live| (live.lacks)(past, next.half, kind.name, &next.body));
        live.map_or(Ok(()), |(_, void)| Err(void))
    }

    /// What a person sees. Both halves are given whole, in the order of `seq`; `terms` are those
    /// that the opening act names; `as_of` is in seconds (UTC).
    pub fn state(&self, past: Past<'_>, terms: &Terms, as_of: u64) -> State {
        (self.fold)(past, terms, as_of)
    }

    /// What figures count of a matter. Both halves are given as far as both logs hold them, in the
    /// order of `seq`. It does not depend on the time at which figures are asked for.
    pub fn observe(&self, past: Past<'_>, terms: &Terms) -> Vec<Observation> {
        (self.observe)(past, terms)
    }

    /// Whether its matters do something by themselves, so that the running node watches them.
    pub fn is_live(&self) -> bool {
        self.live.is_some()
    }

    /// What rings now at each of the two sides, at most one ring for each.
    pub fn rings(&self, past: Past<'_>, terms: &Terms, as_of: u64) -> Vec<Ring> {
        self.live.map_or(Vec::new(), |live| (live.rings)(past, terms, as_of))
    }

    /// What an act of this kind by this half answers when its author names nothing: the open
    /// questions for a supplement, the offer for an acceptance, what rings for an acknowledgement.
    pub fn answers(&self, past: Past<'_>, terms: &Terms, half: Half, kind: &str) -> Vec<Entry> {
        (self.answers)(past, terms, half, kind)
    }

    /// The act that the node of this half makes now by itself, without a person: its kind. It has
    /// an empty body.
    pub fn automatic(&self, past: Past<'_>, half: Half) -> Option<&'static str> {
        self.live.and_then(|live| (live.automatic)(past, half))
    }

    /// Whether an act goes out at once, also to a peer that could not be reached a moment ago.
    pub fn presses(&self, kind: &str, body: &Object) -> bool {
        self.live.is_some_and(|live| (live.presses)(kind, body))
    }

    /// The code that two people on a telephone compare, if matters of this flow have one.
    pub fn spoken(&self, channel: &ChannelId, matter: &MatterId, first: &Entry) -> Option<String> {
        let spoken = self.live.is_some_and(|live| live.spoken);
        spoken.then(|| hotline::call_code(channel, matter, first))
    }

    /// What a matter of this flow adds to the review of a line.
    pub fn line_item(&self, past: Past<'_>, terms: &Terms, as_of: u64) -> Option<LineItem> {
        self.live.and_then(|live| (live.item)(past, terms, as_of))
    }

    /// The kinds of act that `half` may write now. An act of such a kind can still be void for what
    /// its body says, for example a supplement that names no question.
    pub fn open_kinds(
        &self,
        half: Half,
        asking: &[&Act],
        answering: &[&Act],
    ) -> Vec<&'static Kind> {
        let past = Past { asking, answering };
        self.kinds.iter().filter(|kind| self.barred(past, half, kind).is_none()).collect()
    }

    /// Why `half` may write no act of this kind now, whatever it says, if it may not.
    pub fn barred(&self, past: Past<'_>, half: Half, kind: &Kind) -> Option<Void> {
        if !kind.who.includes(half) {
            return Some(Void::HALF);
        }
        let probe = Act {
            entry: Entry([0; 32]),
            half,
            kind: kind.name.to_owned(),
            body: Object::default(),
            // No terms decide what may be written.
            re: self.answers(past, Terms::usual(), half, kind.name),
            logged_at: 0,
            held_at: None,
        };
        (self.order)(past, &probe).err()
    }
}

/// For a flow of which figures count nothing.
fn unobserved(_past: Past<'_>, _terms: &Terms) -> Vec<Observation> {
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{PROFILES, Sort as ClockSort};
    use crate::form::{Field, Sort, Who};
    use crate::say::{Lang, known};
    use crate::terms::SHARING;

    #[test]
    fn flows_are_found_by_their_exact_name() {
        for flow in flows() {
            assert_eq!(flow.rules(), format!("{}/{}", flow.name(), flow.version()));
            assert!(std::ptr::eq(super::flow(flow.rules()).unwrap(), *flow));
            let opening: Vec<Who> =
                flow.kinds().iter().filter(|kind| kind.opens).map(|kind| kind.who).collect();
            // Whoever opens a matter is its asking half.
            assert!(!opening.is_empty() && opening.iter().all(|who| *who == Who::Asking));
        }
        for unknown in ["", "assistance", "assistance/01", "assistance/2", "assistance/1 ", "/1"] {
            assert!(flow(unknown).is_none(), "{unknown}");
        }
    }

    #[test]
    fn a_matter_is_opened_by_a_kind_that_names_its_flow() {
        for flow in flows() {
            let opening = flow.kinds().iter().find(|kind| kind.opens).unwrap();
            assert!(std::ptr::eq(opened_by(opening.name).unwrap(), *flow), "{}", opening.name);
        }
        assert!(opened_by("acknowledge").is_none() && opened_by("").is_none());
    }

    #[test]
    fn what_only_follows_a_fault_is_a_kind_of_its_flow_and_never_opens_a_usual_matter() {
        let all =
            flows().iter().flat_map(|flow| flow.kinds().iter().map(move |kind| (*flow, kind)));
        let aftermath = all.filter(|(flow, kind)| flow.is_aftermath(kind.name));
        let names: Vec<(&str, &str)> =
            aftermath.map(|(flow, kind)| (flow.name(), kind.name)).collect();
        assert_eq!(names, [("bounce", "refused"), ("reckoning", "name-lines")]);
        assert!(!usual().is_aftermath("refused"));
    }

    #[test]
    fn a_kind_belongs_to_one_half_or_to_either() {
        let halves = [Half::Asking, Half::Answering];
        let of = |who: Who| halves.map(|half| who.includes(half));
        assert_eq!(of(Who::Asking), [true, false]);
        assert_eq!(of(Who::Answering), [false, true]);
        assert_eq!(of(Who::Either), [true, true]);
    }

    fn field_keys(prefix: &str, fields: &[Field], keys: &mut Vec<String>) {
        for field in fields {
            keys.push(format!("field-{prefix}{}", field.name));
            match field.sort {
                Sort::Choice(words) | Sort::Named(words) => {
                    keys.extend(words.iter().map(|word| format!("choice-{}-{word}", field.name)));
                }
                Sort::Group(members) | Sort::Rows(members) => {
                    field_keys(&format!("{prefix}{}-", field.name), members, keys);
                }
                _ => {}
            }
        }
    }

    #[test]
    fn every_word_of_every_flow_has_a_phrase() {
        let mut keys: Vec<String> = Void::COMMON.iter().map(|void| void.0.to_owned()).collect();
        for flow in flows() {
            keys.push(format!("flow-{}", flow.name()));
            keys.extend(flow.stages().iter().map(|stage| (*stage).to_owned()));
            keys.extend(flow.voids().iter().map(|void| void.0.to_owned()));
            for kind in flow.kinds() {
                keys.push(format!("kind-{}", kind.name));
                field_keys("", kind.fields, &mut keys);
            }
        }
        keys.extend(PROFILES.iter().map(|profile| format!("clock-{}", profile.id)));
        keys.extend(ClockSort::ALL.iter().map(|sort| format!("clock-sort-{}", sort.name())));
        keys.extend(SHARING.iter().map(|word| format!("terms-sharing-{word}")));
        for half in [Half::Asking, Half::Answering] {
            keys.push(format!("half-{}", half.name()));
        }
        for key in keys {
            for lang in Lang::ALL {
                assert!(known(lang, &key), "{key} in {lang:?}");
            }
        }
    }
}
