//! Hauling: sealed bytes of attachments from one side to the other, a piece at a time. Here is what
//! is decided on both sides of it: what is asked for next, what of what came is kept, who may have
//! what, what is noted. It reads and writes the sealed bytes and knows no network, no clock and no
//! thread: whoever carries the pieces calls it, and may lose, double and damage them.
//!
//! The record is asked and told by [`Node::admit`] and [`Node::note_hauled`] alone, so that the
//! bytes can be hashed and written away from the thread that owns it.

use crate::node::Node;
use counterpart_record::attachment::Layout;
use counterpart_record::fault::{Code, Result};
use counterpart_record::hash::Hash;
use counterpart_record::id::{PartyId, hex};
use counterpart_store::{Blobs, Presence, Taking};
use std::collections::HashMap;

/// Attachments that one side asks for or offers in one round: a peer that names much and has none
/// of it is not asked for all of it at once.
pub const ROUND: usize = 64;
/// What a peer did not have, or had in a wrong form, is asked for again after this long, in ms.
pub const AGAIN_MS: u64 = 60_000;

/// What a peer wants of sealed bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Bytes `from..to` of ours.
    Read {
        /// The first.
        from: u64,
        /// Behind the last.
        to: u64,
    },
    /// How much we hold of the peer's.
    Held,
    /// Bytes of the peer's, from here on.
    Write {
        /// The first.
        from: u64,
        /// The bytes.
        bytes: Vec<u8>,
    },
    /// The peer says that it has all of ours.
    Taken,
}

/// What it gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Bytes from `from` on, of so many in all.
    Bytes {
        /// The first.
        from: u64,
        /// All that there are.
        size: u64,
        /// The bytes.
        bytes: Vec<u8>,
    },
    /// How many bytes are held, from the beginning.
    Held(u64),
    /// Noted.
    Noted,
}

/// What the record is told after a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// All of it is here and has its name.
    Here,
    /// The peer has all of it.
    Taken,
    /// What came did not hold; or (none) did, after it had not.
    Trouble(Option<Code>),
}

impl Node {
    /// The size of the sealed bytes that a peer asks about. [`Code::AttachmentMissing`] for all
    /// that it shall not know of. To be asked with every piece, so that what is erased ends here.
    /// ATT-8.
    pub fn admit(&mut self, peer: &PartyId, root: &Hash, ask: &Ask) -> Result<u64> {
        let size = match ask {
            Ask::Read { .. } | Ask::Taken => self.may_fetch(peer, root)?,
            Ask::Held | Ask::Write { .. } => self.may_offer(peer, root)?,
        };
        size.ok_or_else(|| Code::AttachmentMissing.at(hex(&root[..4])))
    }

    /// Notes what came of a step. What was erased while it was under way is taken away again.
    /// ATT-10.
    pub fn note_hauled(&mut self, peer: &PartyId, root: &Hash, note: Note) -> Result<()> {
        match note {
            Note::Here => {
                self.note_here(peer, root);
                self.forget(peer, [*root])
            }
            Note::Taken => self.note_taken(peer, root),
            Note::Trouble(code) => {
                self.note_trouble(*root, code);
                Ok(())
            }
        }
    }
}

/// Which of what is missing or owed has its turn, and which has to wait.
#[derive(Debug, Default)]
pub struct Patience {
    later: HashMap<Hash, u64>,
}

impl Patience {
    /// Those of `all` that are not to wait, in their order. `now_ms` is of a clock that never goes
    /// back.
    pub fn ready(&mut self, all: Vec<(Hash, u64)>, now_ms: u64) -> Vec<(Hash, u64)> {
        self.later.retain(|_, at| *at > now_ms);
        all.into_iter().filter(|(root, _)| !self.later.contains_key(root)).take(ROUND).collect()
    }

    /// How fetching one of them ended, for [`Node::note_hauled`]. One that is not there or not
    /// right keeps no other back: only a fault of the carrier comes back as one.
    pub fn fetched(
        &mut self,
        outcome: Result<()>,
        root: Hash,
        now_ms: u64,
    ) -> Result<Option<Note>> {
        let code = outcome.as_ref().err().map(|fault| fault.code);
        self.offered(outcome, root, now_ms)?;
        let wrong = code.filter(|code| *code == Code::AttachmentWrong);
        Ok(wrong.map(|code| Note::Trouble(Some(code))))
    }

    /// How offering one of them ended. That the peer could not use what came says nothing of ours.
    pub fn offered(&mut self, outcome: Result<()>, root: Hash, now_ms: u64) -> Result<()> {
        let Err(fault) = outcome else { return Ok(()) };
        match fault.code {
            Code::AttachmentMissing | Code::AttachmentWrong | Code::Busy => {
                self.later.insert(root, now_ms + AGAIN_MS);
                Ok(())
            }
            _ => Err(fault),
        }
    }
}

/// One attachment that we fetch.
#[derive(Debug)]
pub struct Fetch {
    taking: Taking,
}

/// How a fetch begins.
#[derive(Debug)]
pub enum Begun {
    /// There is nothing to fetch: somebody brought it by hand.
    Here,
    /// It is coming in by another way just now.
    Elsewhere,
    /// It goes on where it ended the last time. ATT-7.
    Comes(Box<Fetch>),
}

impl Fetch {
    /// Begins, or goes on. Reads and hashes what is here.
    pub fn begin(blobs: &Blobs, root: &Hash, size: u64) -> Result<Begun> {
        if blobs.presence(root, size) == Presence::Whole {
            return Ok(Begun::Here);
        }
        let taking = blobs.take(root, size)?;
        Ok(taking.map_or(Begun::Elsewhere, |taking| Begun::Comes(Box::new(Fetch { taking }))))
    }

    /// The bytes to ask for next, `from..to`, of about `piece` bytes; `None` when all are here.
    pub fn wants(&self, piece: u64) -> Option<(u64, u64)> {
        let taking = &self.taking;
        (taking.have() < taking.size()).then(|| (taking.have(), taking.next(piece)))
    }

    /// Takes what came for [`Fetch::wants`]. Gives how many bytes were kept.
    /// [`Code::AttachmentWrong`] if something of it did not hold: what came before that is kept.
    /// ATT-4.
    pub fn came(&mut self, bytes: &[u8]) -> Result<u64> {
        let before = self.taking.have();
        self.taking.push(bytes)?;
        match self.taking.have() - before {
            0 => Err(Code::AttachmentWrong.at("too few bytes")),
            kept => Ok(kept),
        }
    }

    /// Gives it its name when all of it is here; then [`Note::Here`] is to be noted. A crash before
    /// that: the next look finds it.
    pub fn finish(&mut self) -> Result<()> {
        if self.taking.finish()? { Ok(()) } else { Err(Code::Internal.at("pieces are missing")) }
    }
}

/// One attachment that we offer to a peer that cannot call us.
#[derive(Debug)]
pub struct Offer {
    layout: Layout,
    held: u64,
}

impl Offer {
    /// The peer holds so many bytes of it, as it answered to [`Ask::Held`].
    pub fn new(size: u64, held: u64) -> Result<Offer> {
        Ok(Offer { layout: Layout::of_sealed(size)?, held })
    }

    /// The bytes to give next, `from..to`: the list, then as many whole chunks as fit into a piece;
    /// `None` when the peer has all of them, and [`Note::Taken`] is to be noted.
    pub fn next(&self, piece: u64) -> Option<(u64, u64)> {
        let (held, list) = (self.held, self.layout.list());
        // The peer may say any number.
        if held >= self.layout.sealed() {
            return None;
        }
        let to = if held < list { list } else { self.layout.whole(held + piece).0 };
        Some((held, to))
    }

    /// What the peer says it holds now. [`Code::Busy`] if that is no more than before: nothing is
    /// wrong with ours, and it is offered again later.
    pub fn held(&mut self, now: u64) -> Result<()> {
        if now <= self.held {
            return Err(Code::Busy.at("the peer holds no more than before"));
        }
        self.held = now;
        Ok(())
    }
}

/// What one peer has in hand at our door: one piece at a time, and what it offers kept open from
/// piece to piece, so that what is on the disk is checked again once and not with every piece.
#[derive(Debug, Default)]
pub struct Hand {
    open: Option<(Hash, Taking)>,
}

/// What came of one ask.
#[derive(Debug)]
pub struct Answered {
    /// For the peer.
    pub reply: Result<Reply>,
    /// For the record, before the peer is told.
    pub note: Option<Note>,
    /// What was here was hashed again: a peer that goes from one to the other makes us do that.
    pub reopened: bool,
    /// Bytes that were kept.
    pub kept: u64,
}

impl Hand {
    /// Answers an ask about sealed bytes of this size, which [`Node::admit`] has just said.
    pub fn answer(&mut self, blobs: &Blobs, root: &Hash, size: u64, ask: Ask) -> Answered {
        let mut out = Answered { reply: Ok(Reply::Noted), note: None, reopened: false, kept: 0 };
        out.reply = match ask {
            Ask::Read { from, to } => read(blobs, root, (from, to.min(size)), size),
            Ask::Taken => {
                out.note = Some(Note::Taken);
                Ok(Reply::Noted)
            }
            // Here by another way, or erased for one act and named by another.
            _ if blobs.presence(root, size) == Presence::Whole => Ok(Reply::Held(size)),
            Ask::Held => self.take(blobs, root, size, &mut out).map(|taking| {
                let held = taking.have();
                self.open = Some((*root, taking));
                Reply::Held(held)
            }),
            Ask::Write { from, bytes } => {
                let taking = self.take(blobs, root, size, &mut out);
                taking.and_then(|taking| self.write((root, taking), from, &bytes, &mut out))
            }
        };
        out
    }

    fn write(
        &mut self,
        (root, mut taking): (&Hash, Taking),
        from: u64,
        bytes: &[u8],
        out: &mut Answered,
    ) -> Result<Reply> {
        let before = taking.have();
        if before != from {
            // It came twice or late: the peer learns where we stand.
            self.open = Some((*root, taking));
            return Ok(Reply::Held(before));
        }
        let outcome = taking.push(bytes);
        let held = taking.have();
        out.kept = held - before;
        let code = outcome.as_ref().err().map(|fault| fault.code);
        out.note = Some(Note::Trouble(code.filter(|code| *code == Code::AttachmentWrong)));
        if held < taking.size() {
            // What was good stays open, whatever came behind it.
            self.open = Some((*root, taking));
            return outcome.map(|()| Reply::Held(held));
        }
        taking.finish()?;
        out.note = Some(Note::Here);
        Ok(Reply::Held(held))
    }

    /// Takes what is coming in hand; [`Code::Busy`] while our own call to this peer has it.
    fn take(
        &mut self,
        blobs: &Blobs,
        root: &Hash,
        size: u64,
        out: &mut Answered,
    ) -> Result<Taking> {
        if let Some((open, taking)) = self.open.take()
            && open == *root
        {
            return Ok(taking);
        }
        out.reopened = true;
        blobs.take(root, size)?.ok_or_else(|| Code::Busy.at("attachment"))
    }
}

fn read(blobs: &Blobs, root: &Hash, (from, to): (u64, u64), size: u64) -> Result<Reply> {
    if from >= to {
        return Err(Code::ArgumentWrong.at("range"));
    }
    Ok(Reply::Bytes { from, size, bytes: blobs.read(root, from, to)? })
}
