//! The statements of a dossier: each by itself, then the chain that an author's acts in a matter
//! form.

use crate::beside;
use crate::heads::{Hand, Heads};
use crate::parties::Parties;
use crate::report::{Act, Attachment, Finding};
use crate::shelf::Shelf;
use counterpart_record::disclose::{self, Disclosure};
use counterpart_record::dossier::index::{Index, Listed};
use counterpart_record::fault::{Code, Fault, Result};
use counterpart_record::hash::Hash;
use counterpart_record::head::LogId;
use counterpart_record::id::{Kid, MatterId, PartyId};
use counterpart_record::key::VerifyKey;
use counterpart_record::keys::Role;
use counterpart_record::limits;
use counterpart_record::party::{Control, KeyBook};
use counterpart_record::payload::{Payload, Seen};
use counterpart_record::receipt::Receipt;
use counterpart_record::statement::Unverified;
use counterpart_record::strict::json::Value;
use std::collections::{BTreeMap, HashMap};

/// All that the check of one statement needs.
pub(crate) struct Desk<'a> {
    pub index: &'a Index<'a>,
    pub shelf: &'a Shelf<'a>,
    pub parties: &'a Parties,
    pub heads: &'a Heads<'a>,
    pub keys: &'a HashMap<&'a str, Result<VerifyKey>>,
    pub books: &'a HashMap<LogId, KeyBook>,
    pub roots: &'a HashMap<(PartyId, u64), Vec<Hash>>,
    pub revoked: &'a [Revoked],
}

/// A revocation and where it lies in the log of the other party, if the dossier shows it.
pub(crate) struct Revoked {
    pub by: PartyId,
    pub kid: Kid,
    pub since: u64,
    pub at: Option<u64>,
}

/// The revocations among the root-signed statements.
pub(crate) fn revoked(parties: &Parties, places: &[(LogId, usize, u64)]) -> Vec<Revoked> {
    let revocations = parties.controls.iter().filter_map(|proven| match &proven.control {
        Control::Revocation(revocation) => Some((proven.place, revocation)),
        _ => None,
    });
    let reached = |place: usize, by: PartyId| {
        places.iter().find(|(log, at, _)| *at == place && log.owner != by).map(|(_, _, i)| *i)
    };
    revocations
        .map(|(place, r)| Revoked {
            by: r.by,
            kid: r.kid,
            since: r.suspected_since,
            at: reached(place, r.by),
        })
        .collect()
}

/// Checks one statement. `Ok((act, false))` if it could be read but one of its receipts could not
/// be checked. DOS-13, DOS-16.
pub(crate) fn check(
    desk: &Desk<'_>,
    place: usize,
    hand: &mut Hand,
) -> std::result::Result<(Act, bool), Finding> {
    let listed = &desk.index.statements[place];
    act(desk, listed, place + 1, hand).map_err(|fault| {
        // What a receipt shows wrong names its own file already.
        let inside = fault.at.starts_with("receipts/") || fault.at.starts_with("data/");
        let fault = if inside { fault } else { fault.within(listed.file.as_ref()) };
        Finding { fault, of: Some(listed.issuer) }
    })
}

fn act(
    desk: &Desk<'_>,
    listed: &Listed<'_>,
    number: usize,
    hand: &mut Hand,
) -> Result<(Act, bool)> {
    let file = desk.shelf.file_near(&listed.file, &mut hand.statements)?;
    // The bag has hashed the file already, and the entry is that same hash.
    if file.hash != listed.entry.0 {
        return Err(Code::StructureWrong.at("leaf_entry_hex is not the SHA-256 of the file"));
    }
    let unverified = Unverified::parse_hashed(file.bytes()?, listed.entry)?;
    let header = unverified.header().clone();
    if header.issuer != listed.issuer {
        return Err(Code::IssuerWrong.at("not the issuer in the index"));
    }
    if header.kid != listed.kid {
        return Err(Code::KidUnknown.at("not the kid in the index"));
    }
    let (Some(author), Some(peer)) =
        (desk.parties.side(&header.issuer), desk.parties.peer_of(&header.issuer))
    else {
        return Err(Code::IssuerWrong.at("not one of the two parties"));
    };
    let (own, theirs, whole) = receipts(desk, listed, &author.party, hand)?;
    let own_log = match &own {
        Some(receipt) => receipt.log,
        // DOS-16: without the author's log there is no saying which key was in force.
        None if whole => return Err(Code::ReceiptWrong.at("no receipt of the author's own log")),
        None => LogId { channel: header.channel, owner: author.party, epoch: 1 },
    };
    let credential = match (&own, desk.books.get(&own_log)) {
        (Some(receipt), Some(book)) => book.at(receipt.index),
        _ => author.newest(),
    };
    let key = credential.ring(desk.parties.ring).key(Role::Statement);
    match desk.keys.get(&*listed.key_file) {
        Some(Ok(file)) if file == key => {}
        Some(Err(fault)) => return Err(fault.clone()),
        _ => return Err(Code::KidUnknown.at(header.kid.short())),
    }
    let verified = unverified.verify(key, Vec::new(), false)?;
    let epoch = if own.is_some() { own_log.epoch } else { verified.payload.epoch };
    verified.belongs(&author.party, &peer.party, desk.index.drill, epoch)?;
    let (disclosed, attachments) = beside_it(desk, listed, &verified.payload, hand)?;
    seen(desk, &verified.payload.seen, &peer.party)?;
    let (own, peers) = (place(&own), place(&theirs));
    let contested = suspicion(desk.revoked, &author.party, &header.kid, own, peers)?;
    let act = Act {
        number,
        entry: listed.entry,
        author: header.issuer,
        audience: header.audience,
        matter: header.matter,
        rules: verified.payload.rules,
        kind: verified.payload.kind,
        body: verified.payload.body,
        disclosed,
        attachments,
        seq: verified.payload.seq,
        epoch: verified.payload.epoch,
        prev: verified.payload.prev,
        signed_at: header.issued_at,
        own,
        peer: peers,
        digests: verified.payload.sd.len(),
        contested,
    };
    Ok((act, whole))
}

/// Names and values.
type Disclosed = Vec<(String, Value)>;

/// What stands beside a statement: its disclosures, and what holds of its attachments.
fn beside_it(
    desk: &Desk<'_>,
    listed: &Listed<'_>,
    payload: &Payload,
    hand: &mut Hand,
) -> Result<(Disclosed, Vec<Attachment>)> {
    let disclosed = disclosures(desk, listed, &payload.sd, hand)?;
    let attachments = beside::check(desk.shelf, payload, &disclosed)?;
    Ok((disclosed, attachments))
}

/// Where a receipt says that an act lies, and since when.
fn place(receipt: &Option<Receipt>) -> Option<(u64, u64)> {
    receipt.as_ref().map(|receipt| (receipt.index, receipt.time))
}

/// The receipts of the author's log and of the other one, and whether each could be checked.
/// DOS-15.
fn receipts(
    desk: &Desk<'_>,
    listed: &Listed<'_>,
    author: &PartyId,
    hand: &mut Hand,
) -> Result<(Option<Receipt>, Option<Receipt>, bool)> {
    let (mut own, mut theirs, mut whole) = (None, None, true);
    for receipt in &listed.receipts {
        let found = desk.heads.receipt(receipt, &listed.entry, desk.shelf, desk.keys, hand)?;
        let side = if receipt.party == *author { &mut own } else { &mut theirs };
        match (found, &side) {
            (None, _) => whole = false,
            (Some(found), None) => *side = Some(found),
            // An entry lies once in a log; a second receipt would make it two.
            (Some(_), Some(_)) => return Err(Code::ReceiptWrong.at("two receipts of one log")),
        }
    }
    Ok((own, theirs, whole))
}

/// Each disclosure stands in `_sd`, once and under its own name; some may be missing. Gives names
/// and values. DOS-6, DOS-14.
fn disclosures(
    desk: &Desk<'_>,
    listed: &Listed<'_>,
    digests: &[Hash],
    hand: &mut Hand,
) -> Result<Vec<(String, Value)>> {
    let Some(path) = listed.disclosures.as_deref() else { return Ok(Vec::new()) };
    let file = desk.shelf.file_near(path, &mut hand.disclosures)?;
    let wrong = |what: &str| Code::DisclosureWrong.at(format!("data/{path}: {what}"));
    let text = std::str::from_utf8(file.bytes()?).map_err(|_| wrong("not UTF-8"))?;
    let text = text.strip_suffix('\n').ok_or_else(|| wrong("no line, or one without end"))?;
    // Before any of them is read: a statement has no more digests than this.
    if text.bytes().filter(|byte| *byte == b'\n').count() >= limits::DISCLOSURES {
        return Err(Code::TooLarge.at(format!("data/{path}: disclosures")));
    }
    let texts: Result<Vec<Disclosure>> = text.split('\n').map(Disclosure::parse).collect();
    let disclosures = texts.map_err(|fault| wrong(&fault.at))?;
    disclose::check(digests, &disclosures, false).map_err(|fault| wrong(&fault.at))?;
    Ok(disclosures.into_iter().map(|each| (each.name, each.value)).collect())
}

/// What the author says it has seen of the other log is not against a head in the dossier.
fn seen(desk: &Desk<'_>, seen: &Seen, peer: &PartyId) -> Result<()> {
    // Behind where a log ended and went on, one size may have two roots.
    if desk.parties.kept(peer).is_some_and(|kept| seen.size > kept) {
        return Ok(());
    }
    match desk.roots.get(&(*peer, seen.size)) {
        Some(roots) if !roots.contains(&seen.root) => Err(Code::RootDiffers.at("seen")),
        _ => Ok(()),
    }
}

/// Whether an act stands under suspicion because its key was revoked. What the receiver held
/// before the revocation reached it stays, and is contested if misuse was suspected by then; what
/// came after is refused. Gives the time from which misuse is suspected. DOS-18.
fn suspicion(
    revoked: &[Revoked],
    author: &PartyId,
    kid: &Kid,
    own: Option<(u64, u64)>,
    peer: Option<(u64, u64)>,
) -> Result<Option<u64>> {
    // One may be revoked again since an earlier time: that counts, and the first that was held.
    let of_key = || revoked.iter().filter(|r| r.by == *author && r.kid == *kid);
    let Some(since) = of_key().map(|r| r.since).min() else {
        return Ok(None);
    };
    match (of_key().filter_map(|r| r.at).min(), peer) {
        (Some(reached), Some((held, _))) if held > reached => Err(Code::KeyRevoked.at(kid.short())),
        (Some(_), Some(_)) | (None, _) | (_, None) => {
            Ok(own.or(peer).is_none_or(|(_, time)| time >= since).then_some(since))
        }
    }
}

/// Whether each author's acts in each matter follow one another from the first on, and lie in the
/// author's log in that order. DOS-17.
pub(crate) fn chains(acts: &[Act], index: &Index<'_>) -> Vec<Finding> {
    let mut halves: BTreeMap<(MatterId, PartyId), Vec<&Act>> = BTreeMap::new();
    for act in acts {
        halves.entry((act.matter, act.author)).or_default().push(act);
    }
    let mut findings: Vec<Finding> = Vec::new();
    let empty = |matter: &&MatterId| !halves.keys().any(|(other, _)| other == *matter);
    for matter in index.matters.iter().filter(empty) {
        let fault = Code::StructureWrong.at(format!("data/index.json: no act of matter {matter}"));
        findings.push(fault.into());
    }
    for ((matter, author), mut half) in halves {
        half.sort_by_key(|act| act.seq);
        let mut before: Option<&Act> = None;
        for act in half {
            if let Err(fault) = follows(before, act) {
                let file = &index.statements[act.number - 1].file;
                findings.push(Finding { fault: fault.within(file), of: Some(author) });
            }
            before = Some(act);
        }
        if !index.matters.contains(&matter) {
            let fault = Code::StructureWrong.at(format!("data/index.json: matter {matter}"));
            findings.push(fault.into());
        }
    }
    findings
}

fn follows(before: Option<&Act>, act: &Act) -> std::result::Result<(), Fault> {
    let place = |act: &Act| act.own.map(|(index, _)| (act.epoch, index));
    let (seq, entry) = before.map_or((0, None), |before| (before.seq, Some(before.entry)));
    let later = match (before.and_then(place), place(act)) {
        (Some(earlier), Some(later)) => earlier < later,
        _ => true,
    };
    if act.seq == seq {
        return Err(Code::PayloadWrong.at(format!("seq {seq} twice")));
    }
    if act.seq != seq + 1 {
        return Err(Code::EntriesMissing.at(format!("seq {} after {seq}", act.seq)));
    }
    if act.prev != entry {
        return Err(Code::PayloadWrong.at("prev is not the act before it"));
    }
    if later { Ok(()) } else { Err(Code::HeadOrder.at("lies before the act that it follows")) }
}
