//! Erasure: the text of a matter goes, what was said about it stays. Statements hold digests of
//! their disclosures and rules read coded fields alone, so that proofs, states, clocks and figures
//! are what they were. REC-44.

use crate::draft::{Draft, Logged, Target};
use crate::node::Node;
use counterpart_record::fault::{Code, Result};
use counterpart_record::hash::Hash;
use counterpart_record::id::{MatterId, PartyId};
use std::collections::HashSet;

/// What was erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erased {
    /// Which matter.
    pub matter: MatterId,
    /// How many disclosures went.
    pub count: u64,
    /// How many things that stay here went with it: notes, tasks, the owner.
    pub at_home: u64,
    /// How many attachments went with them.
    pub attachments: u64,
    /// The act that says so.
    pub act: Logged,
}

impl Node {
    /// Takes away the text of a closed matter, and logs that it was done: an act `erased` to the
    /// peer of the matter, in the same commit. [`Code::NotPermitted`] while the matter is open or
    /// while the peer does not hold everything of ours in it: it would be sent without its text and
    /// refused. [`Code::Retained`] while somebody holds it or its period runs. What stays here of
    /// the matter goes first: if it cannot be taken away, nothing is erased and nothing says so.
    /// HOM-4.
    pub fn erase(&mut self, matter: &MatterId) -> Result<Erased> {
        self.seams.keys.ready()?;
        let view = self.matter(matter)?;
        if !view.state.as_ref().is_some_and(|state| state.closed) {
            return Err(Code::NotPermitted.at("the matter is open"));
        }
        let mut ours = view.acts.iter().filter(|act| act.mine);
        if !view.one_sided && ours.any(|act| act.peer_index.is_none()) {
            return Err(Code::NotPermitted.at("the peer does not hold all of it yet"));
        }
        let at = self.channel_of(&view.peer, view.ring)?;
        self.erasable(self.channels[at].row.number, matter, view.ring)?;
        let count: usize = view.acts.iter().map(|act| act.words()).sum();
        let (rules, kind, body) = counterpart_rules::flow::erased(matter, count as u64);
        let draft = Draft {
            peer: view.peer,
            ring: view.ring,
            target: Target::New { stream: "node".to_owned() },
            rules: rules.to_owned(),
            kind: kind.to_owned(),
            body,
            disclosed: Vec::new(),
            re: Vec::new(),
        };
        self.channels[at].may_sign()?;
        self.store.scrub(true)?;
        // A crash behind this line: the notes are gone and the text is there; erase it again.
        let older = self.forget_in_attic(matter)?;
        let at_home = older + self.forget_at_home(matter)?;
        let indexes: HashSet<u64> = view.acts.iter().map(|act| act.own_index).collect();
        let mut named = self.store.attachments(self.channels[at].row.number)?;
        named.retain(|row| indexes.contains(&row.index));
        let time = self.time_of(at);
        let mut batch = self.batch(at);
        let act = self.write(at, &mut batch, draft, time)?;
        batch.erased.push((*matter, act.index));
        // A crash before this line: nothing was erased, and nothing says so. After it: both.
        self.commit(at, batch, time)?;
        self.store.scrub(false)?;
        self.shelved(matter);
        // The keys are gone; the sealed bytes follow. ATT-10.
        self.forget(&view.peer, named.iter().map(|row| row.root))?;
        let attachments = named.len() as u64;
        Ok(Erased { matter: *matter, count: count as u64, at_home, attachments, act })
    }

    /// Takes sealed bytes away that acts between us and a peer named, unless an act of ours or
    /// another act of that peer still does. A third party that names them as its own keeps nothing
    /// here: if they are its own, it can give them again. Their keys are gone by then: what a crash
    /// leaves behind says nothing. ATT-10.
    pub(crate) fn forget(
        &self,
        peer: &PartyId,
        roots: impl IntoIterator<Item = Hash>,
    ) -> Result<()> {
        let Some(blobs) = &self.blobs else { return Ok(()) };
        for root in roots {
            if crate::planted::is("erased-bytes-stay") {
                continue;
            }
            let of_peer = |number| self.numbers(peer).any(|other| other == number);
            let rows = self.store.attachment(&root)?;
            if !rows.iter().any(|(number, row)| row.mine || of_peer(*number)) {
                blobs.remove(&root)?;
            }
        }
        Ok(())
    }
}
