//! Step 2 of the receiver: the heads of a parcel against the mirror, and what convicts whoever
//! signed two that cannot both be true. REC-33.

use crate::bundle::Bundle;
use crate::channel::Channel;
use crate::node::Node;
use crate::tree::grow;
use counterpart_record::fault::{Code, Fault, Result};
use counterpart_record::head::{Head, LogId};
use counterpart_record::id::Entry;
use counterpart_record::inconsistency::{Inconsistency, Proof};
use counterpart_record::limits;
use counterpart_record::log::Frontier;
use counterpart_record::parcel::Contents;
use counterpart_record::party::KeyBook;
use counterpart_store::{Owner, PeakRow};

/// Why a head is not taken, with what can be shown to others of it.
pub(crate) type Objection = (Fault, Option<Box<Inconsistency>>);

/// What new heads add to the mirror.
pub(crate) struct Growth {
    pub heads: Vec<Head>,
    pub entries: Vec<Entry>,
    pub frontier: Frontier,
    pub peaks: Vec<PeakRow>,
}

impl Node {
    /// Step 2: every head in the parcel, against the mirror. REC-33.
    pub(crate) fn heads(
        &self,
        at: usize,
        contents: &Contents,
        count: usize,
        book: &KeyBook,
    ) -> std::result::Result<Growth, Objection> {
        let plain = |fault: Fault| (fault, None);
        let channel = &self.channels[at];
        let mut frontier = channel.peer.frontier.clone();
        let mut last = channel.peer.head.clone();
        let (mut heads, mut peaks) = (Vec::new(), Vec::new());
        let mut taken = frontier.size();
        let furthest = channel.row.held.saturating_add(limits::PARCEL_ENTRIES as u64);
        for head in &contents.heads[..count] {
            let gap = head.prev_size > last.as_ref().map_or(0, |last| last.size);
            if gap && head.size > channel.peer.frontier.size() {
                // Before the signature: its keys may lie in the gap.
                return Err(plain(Code::EntriesMissing.at(format!("below head {}", head.size))));
            }
            let late = head.size <= channel.peer.frontier.size();
            if late && self.is_held(at, head).map_err(plain)? {
                continue;
            }
            if !late && head.size > furthest {
                // REC-47: who keeps the statements back gets no further with leaves.
                return Err(plain(Code::EntriesMissing.at(format!("statements, {}", head.size))));
            }
            let leaves = head.size.saturating_sub(head.prev_size);
            if !late && leaves > limits::HEAD_LEAVES {
                return Err(plain(Code::TooLarge.at(format!("head over {leaves} leaves"))));
            }
            check_signed(channel, head, book, contents).map_err(plain)?;
            if late {
                self.late_head(at, head)?;
                continue;
            }
            let before = last.as_ref().map_or((0, 0), |last| (last.size, last.time));
            if head.prev_size < before.0 {
                let rival = last.clone().filter(|last| last.size > head.prev_size);
                let two =
                    rival.map(|last| Box::new(Inconsistency::TwoOfficialHeads(last, head.clone())));
                return Err((Code::HeadOrder.at("two official heads for one leaf"), two));
            }
            if head.time < before.1 {
                return Err(plain(Code::TimeBack.at(format!("head {}", head.size))));
            }
            let entries = slice(contents, taken, head.size)
                .ok_or_else(|| plain(Code::EntriesMissing.at(format!("from leaf {taken}"))))?;
            peaks.extend(grow(&mut frontier, entries, Owner::Peer));
            if frontier.root() != head.root && !crate::planted::is("cosign-blind") {
                let leaves = (contents.from == 0).then(|| slice(contents, 0, head.size)).flatten();
                let forked = channel.peer.head.clone().zip(leaves).map(|(old, leaves)| {
                    Box::new(Inconsistency::Forked(old, head.clone(), leaves.to_vec()))
                });
                return Err((Code::RootDiffers.at(format!("head {}", head.size)), forked));
            }
            if channel.peer.line.contradicts(head.prev_size, head.size, &head.root) {
                return Err(plain(Code::EpochWrong.at(format!("kept below head {}", head.size))));
            }
            taken = head.size;
            last = Some(head.clone());
            heads.push(head.clone());
        }
        let from = channel.peer.frontier.size();
        let entries = slice(contents, from, taken).unwrap_or_default().to_vec();
        Ok(Growth { heads, entries, frontier, peaks })
    }

    /// Whether a head that we have passed is, to the byte, the one that we hold: that costs no
    /// signature.
    fn is_held(&self, at: usize, head: &Head) -> Result<bool> {
        let Some(last) = head.size.checked_sub(1) else { return Ok(false) };
        let held = self.store.head_over(self.channels[at].row.number, Owner::Peer, last)?;
        Ok(held.is_some_and(|bytes| bytes == head.encode()))
    }

    /// A head that we have passed already: the one we hold, or a proof. A late bag brings these.
    fn late_head(&self, at: usize, head: &Head) -> std::result::Result<(), Objection> {
        let number = self.channels[at].row.number;
        let held = self.store.head_over(number, Owner::Peer, head.size - 1);
        let held = held.and_then(|bytes| bytes.map(|bytes| Head::parse(&bytes)).transpose());
        let Some(held) = held.map_err(|fault| (fault, None))? else {
            return Err((Code::Internal.at("no head over a held leaf"), None));
        };
        let same = (held.prev_size, held.size, held.root, held.time)
            == (head.prev_size, head.size, head.root, head.time);
        if same {
            return Ok(());
        }
        if held.size == head.size && held.root != head.root {
            let fault = Code::RootDiffers.at(format!("head {}", head.size));
            return Err((fault, Some(Box::new(Inconsistency::TwoRoots(held, head.clone())))));
        }
        let fault = Code::HeadOrder.at("two official heads for one leaf");
        Err((fault, Some(Box::new(Inconsistency::TwoOfficialHeads(held, head.clone())))))
    }

    /// Keeps a proof, and nothing else of the parcel.
    pub(crate) fn convict(
        &mut self,
        at: usize,
        what: Inconsistency,
        fault: Fault,
    ) -> Result<Fault> {
        // Under the keys and in the epoch of the place where it happened, whatever came since.
        let size = what.size().unwrap_or_default();
        let epoch = self.channels[at].peer.log_at(size).epoch;
        let proof = self.proof(at, what, size.saturating_sub(1), epoch)?;
        if proof.verify().is_ok() && !crate::planted::is("proof-dropped") {
            let mut batch = self.batch(at);
            batch.proofs.push(proof.encode());
            let time = self.time_of(at);
            self.commit(at, batch, time)?;
        }
        Ok(fault)
    }

    /// A proof under the credential that was in force at an index of the peer's log.
    /// Both things must be of this epoch, or they prove nothing. REC-40.
    pub(crate) fn proof(
        &self,
        at: usize,
        what: Inconsistency,
        index: u64,
        epoch: u64,
    ) -> Result<Proof> {
        let channel = &self.channels[at];
        let credential = channel.peer.book.at(index);
        let mut held = self.credentials_of(&channel.row.peer);
        let entry = held.find(|(other, _)| *other == credential).map(|(_, entry)| entry);
        let bytes = entry.and_then(|entry| self.control_bytes(&entry)).unwrap_or_default();
        Ok(Proof {
            log: LogId { epoch, ..channel.peer.log },
            drill: channel.row.drill,
            credential: bytes.to_vec(),
            what,
        })
    }
}

/// The peer's keys with the newer credentials that this parcel itself carries: a head that covers a
/// rotation is signed with the new keys.
pub(crate) fn expected_book(channel: &Channel, bundle: &Bundle) -> KeyBook {
    let mut book = channel.peer.book.clone();
    let root = channel.peer.book.newest().root.clone();
    for (entry, place, credential) in &bundle.credentials {
        let ended = channel.peer.line.spots.contains_key(entry);
        if credential.root == root && !ended {
            // One that does not follow is refused where it stands, in step 4.
            let _ = book.rotate(*place, (**credential).clone());
        }
    }
    book
}

/// A log that begins with an older credential than the one that was accredited: its owner had begun
/// it before those keys were made. It has to reach that one at once, under its keys, or whoever has
/// the older ones could begin it in the owner's place. REC-56
pub(crate) fn reaches_accredited(
    channel: &Channel,
    contents: &Contents,
    book: &KeyBook,
) -> Result<()> {
    let (first, accredited) = (book.at(0).version, channel.peer.book.at(0).version);
    let begins = channel.row.held == 0 && first < accredited;
    let Some(last) = contents.heads.last().filter(|_| begins) else { return Ok(()) };
    let keys = book.at(last.size.saturating_sub(1));
    if keys.version < accredited {
        let what = format!("{}: {first}, {accredited}", channel.row.peer.short());
        return Err(Code::LogBegunOlder.at(what));
    }
    last.verify(&channel.peer.log_at(last.size), keys.ring(channel.ring))
}

/// Whether its owner signed a head with the keys that were in force at its last leaf.
fn check_signed(channel: &Channel, head: &Head, book: &KeyBook, contents: &Contents) -> Result<()> {
    let keys = book.at(head.size.saturating_sub(1)).ring(channel.ring);
    let signed = head.verify(&channel.peer.log_at(head.size), keys);
    signed.map_err(|fault| {
        let lacking = contents.from > channel.row.held;
        if lacking { keys_missing(contents) } else { fault }
    })
}

/// The keys of a signature may lie in statements that we lack: the peer believes that we hold more
/// than a backup left, or mirrored leaves without them.
pub(crate) fn keys_missing(contents: &Contents) -> Fault {
    Code::EntriesMissing.at(format!("keys below leaf {}", contents.from))
}

/// The entries `from..to` of the sender's log, if the parcel has them all.
fn slice(contents: &Contents, from: u64, to: u64) -> Option<&[Entry]> {
    let start = usize::try_from(from.checked_sub(contents.from)?).ok()?;
    let end = usize::try_from(to.checked_sub(contents.from)?).ok()?;
    contents.entries.get(start..end)
}
