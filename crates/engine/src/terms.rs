//! The terms of a channel for a person: what is in force, what either side proposes, and the acts
//! that propose, accept and decline.

use crate::draft::{Draft, Target};
use crate::node::Node;
use counterpart_record::fault::{Code, Result};
use counterpart_record::hash::Hash;
use counterpart_record::id::{Entry, MatterId, PartyId};
use counterpart_record::keys::Ring;
use counterpart_record::strict::json::{Object, Value};
use counterpart_rules::flow::{self, Past};
use counterpart_rules::terms::{STREAMS, Sheet, Terms, shape};

/// How the terms of a channel stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The id of what is in force; zeros before any.
    pub in_force: Hash,
    /// Its sheet.
    pub sheet: Option<Object>,
    /// What we propose and the peer has not decided.
    pub ours: Option<Proposal>,
    /// What the peer proposes and we have not decided.
    pub theirs: Option<Proposal>,
}

/// A proposal that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// The act.
    pub entry: Entry,
    /// Its matter.
    pub matter: MatterId,
    /// The sheet.
    pub sheet: Object,
    /// Its id.
    pub id: Hash,
    /// What this program cannot follow; nothing, if it may be accepted.
    pub doubts: Vec<String>,
}

impl Node {
    /// How the terms of the channel with a peer stand.
    pub fn terms(&self, peer: &PartyId, ring: Ring) -> Result<Standing> {
        let channel = &self.channels[self.channel_at(peer, ring)?];
        let in_force = channel.agreed.in_force();
        let mut found = Standing { in_force, sheet: None, ours: None, theirs: None };
        for (at, id) in channel.agreeing().into_iter().enumerate() {
            let Some(id) = id else { continue };
            let matter = channel.read_matter(&id, self.store.as_ref())?;
            if matter.flow().is_none_or(|flow| flow.lone().is_none()) {
                continue;
            }
            let (asking, answering) = matter.valid();
            let past = Past { asking: &asking, answering: &answering };
            for (proposal, _) in flow::accepted(past) {
                if flow::sheet(proposal).is_some_and(|sheet| sheet.id == in_force) {
                    found.sheet = sheet_of(&proposal.body).cloned();
                }
            }
            let open = flow::proposed(past).and_then(|act| {
                let (read, sheet) = (flow::sheet(act)?, sheet_of(&act.body)?.clone());
                let doubts = read.doubts([&self.me, peer]);
                Some(Proposal { entry: act.entry, matter: id, sheet, id: read.id, doubts })
            });
            if at == 0 { found.ours = open } else { found.theirs = open }
        }
        Ok(found)
    }

    /// What holds in a matter that we would open now: the terms in force, or those as shipped where
    /// none were agreed and where there is nobody to agree with.
    pub fn terms_now(&self, peer: &PartyId, ring: Ring) -> Result<&Terms> {
        if self.correspondent(peer).is_some() {
            return Ok(Terms::usual());
        }
        let channel = &self.channels[self.channel_at(peer, ring)?];
        Ok(channel.agreed.terms(&channel.agreed.in_force(), true))
    }

    /// The lines of work in which we may open a matter: those that were agreed; where none was,
    /// those as shipped and what either credential names. ASK-8.
    pub fn streams(&self, peer: &PartyId, ring: Ring) -> Result<Vec<String>> {
        let agreed: Vec<String> =
            self.terms_now(peer, ring)?.streams().map(str::to_owned).collect();
        if !agreed.is_empty() {
            return Ok(agreed);
        }
        let mut all: Vec<String> = STREAMS.iter().map(|name| (*name).to_owned()).collect();
        let theirs = self.peer(peer).map(|peer| peer.credential.desk.streams);
        for name in self.credential()?.desk.streams.iter().chain(theirs.iter().flatten()) {
            if !all.contains(name) {
                all.push(name.clone());
            }
        }
        Ok(all)
    }

    /// Our proposal. [`Code::TermsUnfit`] names every place that is wrong and every name that this
    /// program does not know.
    pub fn propose_terms(
        &self,
        peer: &PartyId,
        ring: Ring,
        sheet: Object,
        disclosed: Vec<(String, Value)>,
    ) -> Result<Draft> {
        let mut wrong = shape(&sheet);
        if let Some(read) = Sheet::read(&sheet) {
            wrong = read.doubts([&self.me, peer]);
        }
        if !wrong.is_empty() {
            return Err(Code::TermsUnfit.at(wrong.join(", ")));
        }
        let flow = flow::agreeing();
        let opening = flow.kinds().iter().find(|kind| kind.opens);
        Ok(Draft {
            peer: *peer,
            ring,
            target: Target::New { stream: "terms".to_owned() },
            rules: flow.rules().to_owned(),
            kind: opening.map_or_else(String::new, |kind| kind.name.to_owned()),
            body: Object::default().with("sheet", sheet),
            disclosed,
            re: Vec::new(),
        })
    }

    /// Our decision on what the peer proposes, as an act of this kind. Accepting what this program
    /// cannot follow is [`Code::TermsUnfit`]: the two sides would compute different times.
    pub fn decide_terms(
        &self,
        peer: &PartyId,
        ring: Ring,
        kind: &str,
        accepts: bool,
        disclosed: Vec<(String, Value)>,
    ) -> Result<Draft> {
        let waiting = self.terms(peer, ring)?.theirs;
        let proposal = waiting.ok_or_else(|| Code::TermsNone.at(peer.short()))?;
        if accepts && !proposal.doubts.is_empty() {
            return Err(Code::TermsUnfit.at(proposal.doubts.join(", ")));
        }
        Ok(Draft {
            peer: *peer,
            ring,
            target: Target::Matter(proposal.matter),
            rules: flow::agreeing().rules().to_owned(),
            kind: kind.to_owned(),
            body: Object::default(),
            disclosed,
            re: vec![proposal.entry],
        })
    }
}

/// The sheet in the body of a proposal.
pub(crate) fn sheet_of(body: &Object) -> Option<&Object> {
    body.get("sheet").and_then(Value::as_object)
}
