//! A disk dies, a backup is put back, and every log ends and goes on as a new one.

use crate::cast::Party;
use crate::disk::{Disk, Write};
use crate::forge::channel_row;
use crate::room::Private;
use crate::trouble::Trouble;
use crate::world::{Backup, Promise, SEATS, World};
use counterpart_engine::view::MatterView;
use counterpart_engine::{Ending, Node};
use counterpart_record::fault::Result;
use counterpart_record::head::Head;
use counterpart_record::id::MatterId;
use counterpart_record::keys::Ring;
use counterpart_record::party::{Control, Epoch};
use counterpart_store::{Owner, Store as _};

/// How many backups of a party are kept.
const BACKUPS: usize = 3;

/// A node on a restored backup, as it is before its logs have ended.
pub fn restored(backup: &[Write], party: &Party) -> Result<(Disk, Node)> {
    let mut disk = Disk::written(backup)?;
    disk.mark_restored(true)?;
    let node = Node::load(Box::new(disk.clone()), party.seams())?;
    Ok((disk, node))
}

/// Ends every log where the backup ends, as the root pair says, and lets the node go on.
///
/// A clock may stand or go back; `last` lies beside the root keys and is the number that was signed
/// last. What the record knows counts as well, as with `counterpart restore`.
pub fn end_epochs(node: &mut Node, party: &Party, last: &mut u64) -> Result<()> {
    end_some(node, party, last, usize::MAX)?;
    node.finish_restore()
}

/// Ends so many of them under a next number, as a restore does that is killed then.
pub fn end_some(node: &mut Node, party: &Party, last: &mut u64, most: usize) -> Result<()> {
    use counterpart_engine::seam::Clock as _;
    let now = party.clock.now(Ring::Live);
    *last = now.max((*last).max(node.last_epoch()) + 1);
    for ending in node.endings().into_iter().take(most) {
        node.adopt(&ends(party, &ending, *last, now)?)?;
    }
    Ok(())
}

/// The statement that a log ends here and goes on under this number.
pub fn ends(party: &Party, ending: &Ending, epoch: u64, issued_at: u64) -> Result<Vec<u8>> {
    let statement = Control::Epoch(Epoch {
        by: party.id,
        old_origin: ending.log.origin(),
        kept: ending.size,
        root: ending.root,
        epoch,
        reason: "restored".into(),
        issued_at,
    });
    statement.sign(&party.root)
}

impl World {
    /// A party's disk is backed up, or dies and is put back from the backup.
    pub(crate) fn restore(&mut self, seat: usize) {
        if !self.honest(seat) {
            return;
        }
        match self.any_backup(seat) {
            Some(backup) if self.chance.chance(75) => {
                self.loses_disk(seat, &backup);
                if self.chance.chance(50) {
                    self.loses_in_turn(seat);
                }
            }
            Some(_) if self.chance.chance(50) => {}
            Some(_) => self.back_up(seat),
            // All on one day, so that each can lose what it gave another back.
            None => (0..SEATS).for_each(|at| self.back_up(at)),
        }
    }

    /// A matter is erased right after a backup, the peer hears of it, and then the disk dies: the
    /// backup brings back what was erased, here and at home, until the peer gives back the act that
    /// says so. REC-44, HOM-4.
    pub(crate) fn loses_erasure(&mut self, seat: usize) {
        if !self.honest(seat) || !self.awake(seat) || !self.enabled.contains(&Trouble::Restored) {
            return;
        }
        let closed = |(a, b, _, id): &&(usize, usize, Ring, MatterId)| {
            let node = self.seats[seat].node.as_ref().filter(|_| [*a, *b].contains(&seat));
            let view = node.and_then(|node| node.matter(id).ok());
            let erasable = |view: &MatterView| {
                let state = view.state.as_ref();
                let held = view.acts.iter().all(|act| !act.mine || act.peer_index.is_some());
                held && state.is_some_and(|state| state.closed)
                    && view.acts.iter().any(|act| act.words() > 0)
            };
            view.is_some_and(|view| erasable(&view))
        };
        let Some((a, b, ring, matter)) = self.matters.iter().rev().find(closed).copied() else {
            return;
        };
        let other = if a == seat { b } else { a };
        self.note_at_home(seat, (matter, ring));
        self.back_up(seat);
        let Some(backup) = self.seats[seat].backups.last().cloned() else { return };
        let before = self.named(seat);
        match self.erase(seat, &matter) {
            Some(Ok(erased)) => {
                self.gone(seat, before);
                let (peer, index) = (self.seats[other].party.id, Some(erased.act.index));
                let promise = Promise { peer, ring, entry: erased.act.entry, index };
                self.seats[seat].promised.push(promise);
            }
            Some(Err(_)) if self.crashed(seat) => return,
            _ => return,
        }
        self.tally.add("erasures that a dead disk lost", 1);
        self.push(seat, other, ring, false);
        self.pass(120);
        self.loses_disk(seat, &backup);
    }

    /// Any of its backups, an older one after a newer one as well. REC-48.
    fn any_backup(&mut self, seat: usize) -> Option<Backup> {
        let count = self.seats[seat].backups.len() as u64;
        let which = if count > 1 { self.chance.below(count) } else { 0 };
        self.seats[seat].backups.get(which as usize).cloned()
    }

    fn loses_disk(&mut self, seat: usize, backup: &Backup) {
        self.hit(Trouble::Restored, seat);
        if let Err(fault) = self.put_back(seat, backup) {
            self.fail(format!("{} is not restored: {fault}", self.name(seat)));
        }
    }

    /// Another gives a party back what it had lost, and then its own disk dies. REC-46.
    fn loses_in_turn(&mut self, seat: usize) {
        let other = (seat + 1 + self.chance.below(SEATS as u64 - 1) as usize) % SEATS;
        for _ in 0..4 {
            for ring in Ring::ALL {
                self.push(seat, other, ring, false);
                self.push(other, seat, ring, false);
            }
            self.pass(120);
        }
        let backup = self.any_backup(other).filter(|_| self.honest(other));
        if let Some(backup) = backup {
            self.loses_disk(other, &backup);
        }
    }

    /// A process that is down may be in the midst of a rotation; a backup comes after it.
    fn back_up(&mut self, seat: usize) {
        if self.seats[seat].node.is_none() {
            return;
        }
        let home = match self.private {
            _ if !self.honest(seat) => None,
            Private::Without => None,
            _ => match self.seats[seat].room.copy() {
                Ok(bytes) => Some((bytes, self.seats[seat].room.kept.clone())),
                Err(fault) => return self.fail(format!("{}: {fault}", self.name(seat))),
            },
        };
        match self.seats[seat].folder.files() {
            Ok(mut files) => {
                // What is still coming in is in no backup.
                files.retain(|(name, _)| !name.contains('.'));
                let writes = self.seats[seat].disk.journal();
                let backups = &mut self.seats[seat].backups;
                // The oldest stays; those between it and the newest come and go.
                if backups.len() == BACKUPS {
                    backups.remove(1);
                }
                backups.push(Backup { writes, files, home });
            }
            Err(fault) => self.fail(format!("{}: {fault}", self.name(seat))),
        }
    }

    fn put_back(&mut self, seat: usize, backup: &Backup) -> Result<()> {
        self.ends(seat);
        let gone = self.seats[seat].blobs.list()?;
        self.seats[seat].folder.put_back(&backup.files)?;
        let kept = self.seats[seat].blobs.list()?;
        for paper in self.papers.iter().filter(|paper| paper.between.0 == seat) {
            let named = (paper.named.root, paper.named.size);
            if gone.contains(&named) && !kept.contains(&named) {
                self.lost.insert((seat, paper.named.root));
            }
        }
        self.seats[seat].disk = Disk::written(&backup.writes)?;
        self.keys_in_force(seat)?;
        let (disk, mut node) = restored(&backup.writes, &self.seats[seat].party)?;
        node.keep_blobs(self.seats[seat].blobs.clone());
        if let Some((bytes, kept)) = &backup.home {
            self.seats[seat].room.put_back(bytes, kept)?;
        }
        self.furnish(seat, &mut node);
        let mut last = self.seats[seat].last_epoch;
        end_epochs(&mut node, &self.seats[seat].party, &mut last)?;
        self.seats[seat].last_epoch = last;
        self.seats[seat].disk = disk;
        self.forget(seat)?;
        self.seats[seat].node = Some(node);
        self.seats[seat].restores += 1;
        Ok(())
    }

    /// What a dead disk took with it is no longer promised, unless an honest peer holds it.
    fn forget(&mut self, seat: usize) -> Result<()> {
        let (new, me) = (self.seats[seat].disk.clone(), self.seats[seat].party.id);
        let mut promised = std::mem::take(&mut self.seats[seat].promised);
        let mut kept = Vec::new();
        for mut promise in promised.drain(..) {
            // A partner without a node may have come after the backup, and nobody else holds it.
            let Ok(row) = channel_row(&new, &promise.peer, promise.ring) else { continue };
            let entries = new.entries(row.number, Owner::Own, 0, 1 << 40)?;
            if entries.contains(&promise.entry) {
                kept.push(promise);
                continue;
            }
            let peer = (0..SEATS).find(|at| self.seats[*at].party.id == promise.peer);
            let Some(peer) = peer.filter(|peer| self.honest(*peer)) else { continue };
            let theirs = &self.seats[peer].disk;
            let row = channel_row(theirs, &me, promise.ring)?;
            if theirs.entries(row.number, Owner::Own, 0, 1 << 40)?.contains(&promise.entry) {
                promise.index = None;
                kept.push(promise);
            }
        }
        self.seats[seat].promised = kept;
        // What only this party held for another that had lost it is gone as well.
        for other in &mut self.seats {
            other.promised.retain(|promise| promise.index.is_some() || promise.peer != me);
        }
        self.poisoned.retain(|(to, ..)| *to != seat);
        self.shown.retain(|(to, _)| *to != seat);
        // What it published in epochs that the backup does not go through is no log of today.
        let mut published = std::mem::take(&mut self.seats[seat].published);
        published.retain(|(number, size, root)| {
            let head = new.head_at(*number, Owner::Own, *size).ok().flatten();
            head.and_then(|bytes| Head::parse(&bytes).ok()).is_some_and(|head| head.root == *root)
        });
        self.seats[seat].published = published;
        Ok(())
    }
}
