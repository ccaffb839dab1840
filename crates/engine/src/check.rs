//! Steps 4 to 6 of the receiver: what a statement that a head commits to must pass before it is
//! registered. Changes nothing, and may run on many hands.

use crate::channel::{Channel, read_control};
use crate::seam::Crew;
use counterpart_record::disclose::{self, Disclosure};
use counterpart_record::fault::{Code, Fault};
use counterpart_record::id::{Entry, PartyId};
use counterpart_record::parcel::Carried;
use counterpart_record::party::{Control, KeyBook};
use counterpart_record::statement::{Unverified, Verified};
use std::sync::Mutex;

/// One leaf of the peer's log whose statement can be placed now.
pub enum Item<'a> {
    /// Our own act, at this index of our log.
    Ours(u64),
    /// The peer's, which came before the peer lost it with the end of an epoch.
    Again(u64),
    /// Our own, lost and carried back.
    Back(&'a Carried),
    /// The peer's, carried in the parcel.
    Theirs(&'a Carried),
}

/// A carried statement that passed steps 4 to 6.
pub enum Checked {
    /// An act.
    Act(Box<Verified>),
    /// A root-signed statement.
    Control(Box<Control>),
}

/// Passed, or why not.
pub type Judged = Result<Checked, Fault>;

/// The CBOR tag of COSE_Sign, which only root-signed statements have.
pub fn is_control(carried: &Carried) -> bool {
    carried.statement.starts_with(&[0xd8, 98])
}

/// What lies beside our own statements that the peer gives back: some may be gone, since it erased
/// them, but none may be strange. Looked at before anything is registered, since a fault of the
/// peer's is never one of ours. REC-16, REC-42.
pub fn check_back(items: &[Item<'_>]) -> Result<(), Fault> {
    for item in items {
        let Item::Back(carried) = item else { continue };
        if is_control(carried) {
            bare(carried)?;
            continue;
        }
        let disclosures = Disclosure::parse_all(&carried.disclosures)?;
        let act = Unverified::parse(&carried.statement)?.reread(disclosures)?;
        disclose::check(&act.payload.sd, &act.disclosures, false)?;
    }
    Ok(())
}

/// Steps 4 to 6, many at once. Root-signed statements change which keys count for what lies
/// behind them, so the run is cut there.
pub fn check_all(
    channel: &Channel,
    me: &PartyId,
    crew: &dyn Crew,
    items: &[Item<'_>],
) -> Vec<Option<Judged>> {
    let mut book = channel.peer.book.clone();
    let results: Vec<Mutex<Option<Judged>>> = items.iter().map(|_| Mutex::new(None)).collect();
    let mut from = 0;
    while from < items.len() {
        let control = items[from..].iter().position(|item| match item {
            Item::Theirs(carried) => is_control(carried),
            Item::Ours(_) | Item::Again(_) | Item::Back(_) => false,
        });
        let to = control.map_or(items.len(), |at| from + at);
        crew.run(to - from, &|i| {
            if let Item::Theirs(carried) = &items[from + i] {
                let index = channel.row.held + (from + i) as u64;
                let judged = check_act(channel, me, carried, index, &book);
                put(&results[from + i], judged);
            }
        });
        if let Some(Item::Theirs(carried)) = items.get(to) {
            let index = channel.row.held + to as u64;
            put(&results[to], check_control(channel, carried, index, &mut book));
        }
        from = to + 1;
    }
    let out = results.into_iter().map(|slot| slot.into_inner());
    out.map(|slot| slot.unwrap_or_default()).collect()
}

fn put(slot: &Mutex<Option<Judged>>, judged: Judged) {
    if let Ok(mut slot) = slot.lock() {
        *slot = Some(judged);
    }
}

pub fn check_act(
    channel: &Channel,
    me: &PartyId,
    carried: &Carried,
    index: u64,
    book: &KeyBook,
) -> Judged {
    let unverified = Unverified::parse(&carried.statement)?;
    let header = unverified.header();
    if header.issuer != channel.row.peer {
        return Err(Code::IssuerWrong.at(""));
    }
    // What we had registered before a backup of our own lost it was verified then, under the key in
    // force: our own head over exactly these bytes says so. REC-46.
    let proven = channel.proven(&unverified.entry()).is_some();
    let disclosures = Disclosure::parse_all(&carried.disclosures)?;
    // What an epoch of our own log held before a backup was restored came with all of them; its
    // author may have erased them since, and cannot send them again. REC-16, REC-42.
    let held_once = channel.own.line.spots.contains_key(&unverified.entry());
    let all = !held_once && !crate::planted::is("disclosures-loose");
    let verified = if proven {
        unverified.reread(disclosures)?
    } else {
        let key = book.statement_key(channel.ring, &header.kid, index)?;
        unverified.verify(key, disclosures, all)?
    };
    let row = &channel.row;
    // An act of an epoch before is judged, not refused.
    let epoch = channel.peer.epoch_at(index).min(verified.payload.epoch);
    verified.belongs(&row.peer, me, row.drill, epoch)?;
    Ok(Checked::Act(Box::new(verified)))
}

/// Nothing lies beside a root-signed statement.
fn bare(carried: &Carried) -> Result<(), Fault> {
    let bare = carried.disclosures.is_empty();
    if bare { Ok(()) } else { Err(Code::DisclosureWrong.at("beside a root-signed statement")) }
}

fn check_control(channel: &Channel, carried: &Carried, index: u64, book: &mut KeyBook) -> Judged {
    let control = read_control(&carried.statement, &channel.peer.book.newest().root)?;
    bare(carried)?;
    match &control {
        // One of an epoch that ended counts nowhere in the log of today.
        Control::Credential(_)
            if channel.peer.line.spots.contains_key(&Entry::of(&carried.statement)) => {}
        Control::Credential(credential) => book.rotate(index, (**credential).clone())?,
        Control::Revocation(revocation) => {
            book.revoke(revocation.kid, revocation.suspected_since);
        }
        Control::Accreditation(_) | Control::Epoch(_) => {}
    }
    Ok(Checked::Control(Box::new(control)))
}
