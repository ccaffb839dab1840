//! The checkpoints of a dossier and the receipts that rest on them. Each head is verified once:
//! its note lines, and the one COSE signature that all of its receipts share.

use crate::parties::Parties;
use crate::report::Finding;
use crate::shelf::Shelf;
use counterpart_record::dossier::index::{Index, ListedHead, ListedReceipt};
use counterpart_record::dossier::proven::Proven;
use counterpart_record::fault::{Code, Fault, Result};
use counterpart_record::hash::Hash;
use counterpart_record::head::{self, Head, LogId};
use counterpart_record::id::{Entry, PartyId};
use counterpart_record::key::VerifyKey;
use counterpart_record::keys::{PublicRing, Role};
use counterpart_record::log::Climb;
use counterpart_record::note::{Note, Verifier};
use counterpart_record::party::KeyBook;
use counterpart_record::receipt::{self, Receipt};
use std::collections::HashMap;

/// A head whose signatures hold.
pub(crate) struct Standing {
    pub log: LogId,
    pub head: Head,
    /// The ring of the owner that signed it.
    ring: PublicRing,
    /// The other party and its ring, if it cosigned.
    cosigner: Option<(PartyId, PublicRing)>,
    /// The signature of its receipts, if one was there and holds.
    proven: Option<Proven>,
}

/// What a thread keeps from one receipt to the next, since those of one head lie together.
#[derive(Default)]
pub(crate) struct Hand {
    /// Where the last statement, disclosures and receipt were in the bag.
    pub statements: usize,
    pub disclosures: usize,
    pub receipts: usize,
    /// The last way up in each log.
    climbs: Vec<(LogId, Climb)>,
}

impl Hand {
    fn climb(&mut self, log: &LogId) -> &mut Climb {
        let at = self.climbs.iter().position(|(other, _)| other == log);
        let at = at.unwrap_or_else(|| {
            self.climbs.push((*log, Climb::default()));
            self.climbs.len() - 1
        });
        &mut self.climbs[at].1
    }
}

/// All heads of a dossier; `None` where one does not hold.
pub(crate) struct Heads<'i> {
    pub standing: Vec<Option<Standing>>,
    by_file: HashMap<&'i str, usize>,
    /// The first receipt that rests on each.
    first: Vec<Option<(&'i ListedReceipt<'i>, Entry)>>,
}

impl<'i> Heads<'i> {
    /// Which receipts rest on which checkpoint; nothing is verified.
    pub fn of(index: &'i Index, controls: &[Entry]) -> Heads<'i> {
        let files = index.checkpoints.iter().enumerate();
        let by_file: HashMap<&str, usize> = files.map(|(i, head)| (&*head.file, i)).collect();
        let mut first = vec![None; index.checkpoints.len()];
        let statements = index.statements.iter().map(|listed| (&listed.receipts, listed.entry));
        let controls = index.credentials.iter().zip(controls);
        let controls = controls.map(|(listed, entry)| (&listed.receipts, *entry));
        for (receipts, entry) in statements.chain(controls) {
            for receipt in receipts {
                if let Some(place) = by_file.get(&*receipt.checkpoint_file) {
                    first[*place].get_or_insert((receipt, entry));
                }
            }
        }
        Heads { standing: Vec::new(), by_file, first }
    }

    /// Verifies one checkpoint. DOS-11.
    pub fn verify(
        &self,
        place: usize,
        index: &Index,
        shelf: &Shelf<'_>,
        parties: &Parties,
    ) -> std::result::Result<Standing, Finding> {
        let listed = &index.checkpoints[place];
        let mut standing = stand(listed, index, shelf, parties).map_err(|fault| Finding {
            fault: fault.within(&listed.file),
            of: Some(listed.party),
        })?;
        // If this receipt is wrong, each receipt of the head is verified in full and named.
        if let Some((receipt, entry)) = &self.first[place]
            && let Ok(file) = shelf.file(&receipt.file)
            && let Ok(bytes) = file.bytes()
            && let Ok(proven) = Proven::first(bytes, standing.key(), entry)
        {
            standing.head.prev_size = proven.receipt.prev_size;
            standing.proven = Some(proven);
        }
        Ok(standing)
    }

    /// Verifies a receipt: `None` if the checkpoint it rests on does not hold, which is then told
    /// of the checkpoint. DOS-15.
    pub fn receipt(
        &self,
        listed: &ListedReceipt,
        entry: &Entry,
        shelf: &Shelf<'_>,
        keys: &HashMap<&str, Result<VerifyKey>>,
        hand: &mut Hand,
    ) -> Result<Option<Receipt>> {
        let file = shelf.file_near(&listed.file, &mut hand.receipts)?;
        let place = self.by_file.get(&*listed.checkpoint_file);
        let place = place.ok_or_else(|| {
            Code::FileMissing.at(format!("{}: no such checkpoint", listed.checkpoint_file))
        })?;
        let Some(Some(standing)) = self.standing.get(*place) else { return Ok(None) };
        let climb = hand.climb(&standing.log);
        let receipt = standing.receipt(file.bytes()?, entry, climb);
        let receipt = receipt.map_err(|fault| fault.within(&listed.file))?;
        if receipt.log.owner != listed.party {
            return Err(Code::IssuerWrong.at(&*listed.file));
        }
        match keys.get(&*listed.log_key_file) {
            Some(Ok(key)) if key == standing.key() => Ok(Some(receipt)),
            Some(Err(fault)) => Err(fault.clone()),
            _ => Err(Code::KidUnknown.at(&*listed.log_key_file)),
        }
    }

    /// Whether the heads of each log agree: one root for one size, no time back, no leaf with two
    /// official heads. DOS-12.
    pub fn agree(&self, index: &Index, books: &HashMap<LogId, KeyBook>) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut order: Vec<(&Standing, &str)> = Vec::new();
        for (standing, listed) in self.standing.iter().zip(&index.checkpoints) {
            order.extend(standing.as_ref().map(|standing| (standing, &*listed.file)));
        }
        order.sort_by_key(|(s, _)| (s.log.owner, s.log.epoch, s.head.size));
        for (standing, file) in &order {
            if books.get(&standing.log).is_some_and(|book| !standing.in_force(book)) {
                let fault = Code::KidUnknown.at(*file);
                findings.push(Finding { fault, of: Some(standing.log.owner) });
            }
        }
        // The newest head before this one of which the range is known.
        let mut ranged: Option<(&Standing, &str)> = None;
        for (place, (after, file)) in order.iter().enumerate() {
            let same_log = |(before, _): &(&Standing, &str)| before.log == after.log;
            let before = place.checked_sub(1).map(|at| order[at]).filter(same_log);
            let known = ranged.filter(same_log).filter(|_| after.proven.is_some());
            let (code, other) = match (before, known) {
                (Some((b, other)), _)
                    if b.head.size == after.head.size && b.head.root != after.head.root =>
                {
                    (Code::RootDiffers, other)
                }
                (Some((b, other)), _) if b.head.time > after.head.time => (Code::TimeBack, other),
                (_, Some((b, other)))
                    if b.head.size != after.head.size && after.head.prev_size < b.head.size =>
                {
                    (Code::HeadOrder, other)
                }
                _ => {
                    ranged = if after.proven.is_some() { Some((after, file)) } else { ranged };
                    continue;
                }
            };
            let fault = code.at(format!("{other}, {file}"));
            findings.push(Finding { fault, of: Some(after.log.owner) });
        }
        findings
    }

    /// Roots by owner and size, one per epoch, to compare with what acts say they have seen.
    pub fn roots(&self) -> HashMap<(PartyId, u64), Vec<Hash>> {
        let mut roots: HashMap<(PartyId, u64), Vec<Hash>> = HashMap::new();
        for standing in self.standing.iter().flatten() {
            let place = roots.entry((standing.log.owner, standing.head.size));
            place.or_default().push(standing.head.root);
        }
        roots
    }
}

impl Standing {
    /// Whether both cosignatures of the other party stand on it.
    pub fn cosigned(&self) -> bool {
        self.cosigner.is_some()
    }

    /// The keys by which its lines were verified, in their order. DOS-24.
    pub fn vkeys(&self) -> Vec<Verifier> {
        let mut vkeys = Vec::from(self.log.verifiers(&self.ring));
        let cosigner = self.cosigner.iter();
        vkeys.extend(cosigner.flat_map(|(by, ring)| head::cosign_verifiers(by, ring)));
        vkeys
    }

    fn key(&self) -> &VerifyKey {
        self.ring.key(Role::Log)
    }

    fn receipt(&self, bytes: &[u8], entry: &Entry, climb: &mut Climb) -> Result<Receipt> {
        let known = self.proven.as_ref();
        if let Some(another) = known.and_then(|proven| proven.another(bytes, entry, climb)) {
            let receipt = another?;
            receipt.rests_on(&self.log, &self.head)?;
            return Ok(receipt);
        }
        let receipt = receipt::verify(bytes, self.key(), entry)?;
        // Without a first receipt that holds, the head's own range is not known.
        let range = self.proven.as_ref().map_or(receipt.prev_size, |_| self.head.prev_size);
        let head = Head { prev_size: range, ..self.head.clone() };
        receipt.rests_on(&self.log, &head)?;
        Ok(receipt)
    }

    /// Whether its keys were in force in its range. A head in which a rotation lies may be signed
    /// with the keys before it or with those after it.
    fn in_force(&self, book: &KeyBook) -> bool {
        let first = self.head.prev_size.saturating_sub(1);
        let last = self.head.size.saturating_sub(1);
        let ring = |at| [&book.at(at).live, &book.at(at).drill];
        ring(first).contains(&&self.ring) || ring(last).contains(&&self.ring)
    }
}

fn stand(
    listed: &ListedHead,
    index: &Index,
    shelf: &Shelf<'_>,
    parties: &Parties,
) -> Result<Standing> {
    let note = Note::parse(shelf.file(&listed.file)?.bytes()?)?;
    let checkpoint = note.checkpoint()?;
    if checkpoint.origin != listed.origin || checkpoint.size != listed.size {
        return Err(Code::OriginWrong.at("not what the index says"));
    }
    // Our heads have no extension lines, which a signature over the text would cover as well.
    if note.text != checkpoint.text() {
        return Err(Code::NoteMalformed.at("extension lines"));
    }
    let log = LogId::parse(&checkpoint.origin)?;
    if log.channel != index.channel || log.owner != listed.party {
        return Err(Code::OriginWrong.at("another channel or another party"));
    }
    let owner = parties.side(&log.owner).ok_or_else(|| Code::PartyWrong.at("owner of the log"))?;
    let peer = parties.peer_of(&log.owner).ok_or_else(|| Code::PartyWrong.at("no peer"))?;
    let (ring, time) = one_of(owner.rings(parties.ring), |ring| {
        let [ed25519, ml_dsa] = log.verifiers(ring);
        note.verify(&ed25519)?;
        note.verify(&ml_dsa)
    })?;
    let name = head::cosigner(&peer.party);
    let mut cosigner = None;
    if note.lines.iter().any(|(by, _, _)| *by == name) {
        let (ring, _) = one_of(peer.rings(parties.ring), |ring| {
            let [ed25519, ml_dsa] = head::cosign_verifiers(&peer.party, ring);
            note.verify(&ed25519)?;
            note.verify(&ml_dsa)
        })
        .map_err(|fault| fault.within("cosignature"))?;
        cosigner = Some((peer.party, ring.clone()));
    }
    // The range before the head is signed in its receipts; the note says nothing of it.
    let head = Head {
        prev_size: 0,
        size: checkpoint.size,
        root: checkpoint.root,
        time,
        ed25519: Vec::new(),
        ml_dsa: Vec::new(),
        receipt: Vec::new(),
    };
    Ok(Standing { log, head, cosigner, ring: ring.clone(), proven: None })
}

/// The first ring that holds, newest first. If none does, the fault of the newest one.
fn one_of<'r, T>(
    rings: impl Iterator<Item = &'r PublicRing>,
    holds: impl Fn(&PublicRing) -> Result<T>,
) -> Result<(&'r PublicRing, T)> {
    let mut newest: Option<Fault> = None;
    for ring in rings {
        match holds(ring) {
            Ok(value) => return Ok((ring, value)),
            Err(fault) => newest = newest.or(Some(fault)),
        }
    }
    Err(newest.unwrap_or_else(|| Code::KidUnknown.at("no keys")))
}
