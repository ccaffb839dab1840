//! Checks everything again from raw bytes: pages, leaves, roots, heads, signatures, disclosures and
//! verdicts. Believes nothing that was computed before.

use crate::attest::timely;
use crate::channel::{Channel, known};
use crate::entered::apart;
use crate::matter::{Matter, ORPHANED};
use crate::node::Node;
use crate::stored::reread;
use counterpart_record::disclose::Disclosure;
use counterpart_record::fault::{Code, Fault, Result};
use counterpart_record::head::{Head, LogId};
use counterpart_record::id::{Entry, MatterId};
use counterpart_record::log::Frontier;
use counterpart_record::party::{Control, Credential};
use counterpart_record::statement::Unverified;
use counterpart_rules::apart::DESCRIBED;
use counterpart_store::{ActRow, Owner};
use std::collections::{BTreeMap, BTreeSet};

/// What was checked and what was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Leaves of both logs of all channels.
    pub leaves: u64,
    /// Heads of both logs of all channels.
    pub heads: u64,
    /// Statements.
    pub statements: u64,
    /// What is wrong, with the place.
    pub faults: Vec<Fault>,
}

/// What a fold from nothing says of a channel.
pub(crate) struct Judged {
    /// How many acts.
    pub count: u64,
    /// Those whose kept verdict is another: own index and the right one.
    pub wrong: Vec<(u64, String)>,
    /// Matters that do something by themselves and are not among those watched.
    pub unwatched: Vec<MatterId>,
}

/// Rows read at once, in bytes.
const STEP: usize = 4 * 1024 * 1024;

impl Node {
    /// Checks the whole store. Only a store that cannot be read at all is an error by itself.
    pub fn fsck(&self) -> Result<Checked> {
        let mut checked = Checked::default();
        if let Err(fault) = self.store.check() {
            checked.faults.push(fault);
        }
        self.check_list(&mut checked.faults)?;
        for channel in &self.channels {
            self.check_logs(channel, &mut checked)?;
            self.check_acts(channel, &mut checked)?;
        }
        Ok(checked)
    }

    /// Both logs of a channel, and what was said about them.
    pub(crate) fn check_logs(&self, channel: &Channel, out: &mut Checked) -> Result<()> {
        for owner in [Owner::Own, Owner::Peer] {
            self.check_log(channel, owner, out)?;
            self.check_closed(channel, owner, out)?;
            self.check_cosignatures(channel, owner, &mut out.faults)?;
        }
        Ok(())
    }

    /// Every head of a log over the leaves that the store holds.
    fn check_log(&self, channel: &Channel, owner: Owner, out: &mut Checked) -> Result<()> {
        let number = channel.row.number;
        let side = channel.side(owner);
        let place = |size: u64| format!("{}, size {size}", side.log.origin());
        let mut frontier = Frontier::new();
        let (mut last_size, mut last_time) = (0, 0);
        for bytes in self.store.heads_after(number, owner, 0, usize::MAX >> 1)? {
            let head = Head::parse(&bytes)?;
            let entries = self.store.entries(number, owner, frontier.size(), head.size)?;
            if !gives(&mut frontier, entries.iter(), &head) {
                out.faults.push(Code::StoreDamaged.at(place(head.size)));
                return Ok(());
            }
            if head.prev_size != last_size || head.time < last_time {
                out.faults.push(Code::HeadOrder.at(place(head.size)));
            }
            let keys = side.book.at(head.size - 1).ring(channel.ring);
            if let Err(fault) = head.verify(&side.log_at(head.size), keys) {
                out.faults.push(fault.within(&place(head.size)));
            }
            (last_size, last_time) = (head.size, head.time);
            out.heads += 1;
        }
        out.leaves += frontier.size();
        if self.store.size(number, owner)? != frontier.size() {
            out.faults.push(Code::StoreDamaged.at(place(frontier.size())));
        }
        Ok(())
    }

    /// Every head of the epochs of a log that ended, over the leaves that were kept of each and
    /// those that stand aside.
    fn check_closed(&self, channel: &Channel, owner: Owner, out: &mut Checked) -> Result<()> {
        let number = channel.row.number;
        let (side, by, other) = match owner {
            Owner::Own => (&channel.own, &channel.row.peer, Owner::Peer),
            Owner::Peer => (&channel.peer, &self.me, Owner::Own),
        };
        let signers = |owner| self.credentials_in(channel, owner);
        let (signers, cosigners) = (signers(owner)?, signers(other)?);
        // Until the peer has given everything back, keys may be among what was lost: heads under
        // keys that are not here were verified with those that came beside them, and are again when
        // these lie in our log.
        let coming = channel.unheard;
        for (epoch, tail) in side.line.tails() {
            let log = LogId { epoch: *epoch, ..side.log };
            let place = |size: u64| format!("{}, size {size}", log.origin());
            let here = side.line.leaves(*epoch, tail.size(), side.frontier.size());
            let here = here.filter(|_| tail.from == side.line.aside_from(*epoch));
            let Some((from, rest)) = here else {
                out.faults.push(Code::StoreDamaged.at(place(tail.from)));
                return Ok(());
            };
            let mut leaves = self.store.entries(number, owner, 0, from)?;
            leaves.extend(rest);
            let mut frontier = Frontier::new();
            let mut rest = leaves.iter();
            for head in &tail.heads {
                let new = head.size.saturating_sub(frontier.size());
                if !gives(&mut frontier, rest.by_ref().take(new as usize), head) {
                    out.faults.push(Code::StoreDamaged.at(place(head.size)));
                    break;
                }
                let good = |one: &Credential| head.verify(&log, one.ring(channel.ring)).is_ok();
                let under = |one: &Credential| head.is_under(&log, one.ring(channel.ring));
                let known = !coming || signers.iter().any(under);
                if known && !signers.iter().any(good) {
                    out.faults.push(Code::SignatureWrong.at(place(head.size)));
                }
                out.heads += 1;
            }
            let Some(word) = &tail.cosigned else { continue };
            let on = |head: &Head| (head.size, head.root) == (word.size, word.root);
            let good = |one: &Credential| word.verify(&log, by, one.ring(channel.ring)).is_ok();
            let signed = coming || cosigners.iter().any(good);
            if !signed || !tail.heads.iter().any(on) {
                let what = format!("cosignature, {}", place(word.size));
                out.faults.push(Code::SignatureWrong.at(what));
            }
        }
        Ok(())
    }

    /// Every statement in our log of a channel, and the verdicts by a fold from nothing.
    fn check_acts(&self, channel: &Channel, out: &mut Checked) -> Result<()> {
        let number = channel.row.number;
        let judged = self.judged(channel, out)?;
        for (index, _) in judged.wrong {
            let what = format!("verdict of leaf {index} of channel {number}");
            out.faults.push(Code::StoreDamaged.at(what));
        }
        for id in judged.unwatched {
            let what = format!("matter {} is not among those watched", id.short());
            out.faults.push(Code::StoreDamaged.at(what));
        }
        Ok(())
    }

    /// Judges every act of a channel again. Statements that do not hold go into `out`.
    pub(crate) fn judged(&self, channel: &Channel, out: &mut Checked) -> Result<Judged> {
        let number = channel.row.number;
        let size = self.store.size(number, Owner::Own)?;
        let mut matters: BTreeMap<MatterId, Matter> = BTreeMap::new();
        let mut stored: Vec<(MatterId, u64, String)> = Vec::new();
        let mut wrong = Vec::new();
        let (mut from, mut peer_seen, mut turned) = (0, (0, 0), 0);
        let times = self.times(channel)?;
        while from < size {
            let rows = self.store.acts(number, from, size, STEP, false)?;
            let Some(last) = rows.last() else { break };
            from = last.index + 1;
            for row in &rows {
                out.statements += 1;
                let place = format!("leaf {} of channel {number}", row.index);
                if let Err(fault) = self.check_row(channel, row) {
                    out.faults.push(fault.within(&place));
                    continue;
                }
                if !timely(&times, row) {
                    out.faults.push(Code::StoreDamaged.at(format!("time of {place}")));
                }
                let Some(id) = row.matter else {
                    // What its author had seen, it may have lost with the end of an epoch.
                    let epoch = epoch_of(channel, row)?;
                    if epoch > turned {
                        (turned, peer_seen) = (epoch, (0, 0));
                    }
                    continue;
                };
                let act = reread(row)?;
                let matter = matters.entry(id).or_default();
                let opens = act.payload.open.is_some();
                // After its author's next epoch had come: without a proof it is nobody's. REC-46.
                let late = !row.mine && act.payload.epoch < turned;
                if is_orphan(channel, row, act.payload.epoch, late) {
                    if row.verdict != ORPHANED {
                        wrong.push((row.index, ORPHANED.to_owned()));
                    }
                    continue;
                }
                stored.push((id, row.index, row.verdict.clone()));
                if channel.one_sided {
                    let place = (row.index, row.logged_at);
                    let one = apart(&act.payload, row.entry, place, matter)?;
                    matter.add(one.known, one.mine);
                    continue;
                }
                let sight = channel.sight(self.store.as_ref(), row.mine, &act.payload.seen)?;
                let mut known = known(&act, matter.half_of(row.mine, opens), row, sight);
                if !row.mine {
                    let ours = channel.spot_of_ours(self.store.as_ref(), &act.payload.seen)?;
                    known.seen_good = ours.is_some() && (late || sight >= peer_seen);
                    peer_seen = if late { peer_seen } else { peer_seen.max(sight) };
                }
                matter.add(known, row.mine);
            }
        }
        let count = stored.len() as u64;
        for (id, index, verdict) in stored {
            let again = matters.get(&id).and_then(|matter| matter.verdict_at(index));
            let again = again.map(crate::Verdict::text).unwrap_or_default();
            if again != verdict {
                wrong.push((index, again));
            }
        }
        Ok(Judged { count, wrong, unwatched: self.unwatched(number, &matters)? })
    }

    /// A call that the node forgot at its next start would ring nobody.
    fn unwatched(
        &self,
        number: u32,
        matters: &BTreeMap<MatterId, Matter>,
    ) -> Result<Vec<MatterId>> {
        let watched: BTreeSet<(u32, MatterId)> = self.store.watched()?.into_iter().collect();
        let live = matters.iter().filter(|(_, matter)| matter.is_live()).map(|(id, _)| *id);
        Ok(live.filter(|id| !watched.contains(&(number, *id))).collect())
    }

    fn check_row(&self, channel: &Channel, row: &ActRow) -> Result<()> {
        if Entry::of(&row.statement) != row.entry {
            return Err(Code::StoreDamaged.at("statement is not that of its leaf"));
        }
        let side = if row.mine { &channel.own } else { &channel.peer };
        if row.matter.is_none() && row.verdict != DESCRIBED {
            let root = &side.book.newest().root;
            return crate::channel::read_control(&row.statement, root).map(|_| ());
        }
        let unverified = Unverified::parse(&row.statement)?;
        // A key that was revoked later verified when the act came: what was receipted stays.
        let role = counterpart_record::keys::Role::Statement;
        let key = side.book.at(row.author_index).ring(channel.ring).key(role);
        let aside = side.line.spots.contains_key(&row.entry);
        let act = if aside && key.thumbprint() != unverified.header().kid {
            // Signed with a key that lies in an epoch that ended; a head of that epoch has it.
            unverified.reread(Disclosure::parse_all(&row.disclosures)?)?
        } else {
            unverified.verify(key, Disclosure::parse_all(&row.disclosures)?, false)?
        };
        let (author, reader) =
            if row.mine { (&self.me, &channel.row.peer) } else { (&channel.row.peer, &self.me) };
        let epoch = act.payload.epoch;
        // In an epoch that ended, today's leaf of that index may be of an older one.
        let lies = side.line.spots.get(&row.entry) == Some(&(epoch, row.author_index));
        let epoch = if lies { epoch } else { side.epoch_at(row.author_index).min(epoch) };
        if channel.one_sided {
            return act.belongs_apart(author, reader, channel.row.drill, epoch);
        }
        act.belongs(author, reader, channel.row.drill, epoch)
    }
}

/// Whether an act is of an epoch that had ended before it came. What was decided so stays so, even
/// where a proof came later.
fn is_orphan(channel: &Channel, row: &ActRow, epoch: u64, late: bool) -> bool {
    let side = if row.mine { &channel.own } else { &channel.peer };
    // What came after an epoch that does not have it. REC-48.
    let passed = side.line.without((epoch, row.author_index)).next().is_some();
    if passed && row.verdict == ORPHANED {
        return true;
    }
    if late {
        let proven = channel.proven(&row.entry) == Some((epoch, row.author_index));
        // The log may have gone back to the epoch that it lay in.
        let again = side.epoch_at(row.author_index) == epoch;
        return row.verdict == ORPHANED || !(proven || again);
    }
    let aside = row.regained || side.line.came.contains_key(&row.entry);
    !aside && epoch < side.epoch_at(row.author_index)
}

/// The epoch that a root-signed statement of the peer begins; 0 if it begins none.
fn epoch_of(channel: &Channel, row: &ActRow) -> Result<u64> {
    if row.mine || row.verdict != "epoch" {
        return Ok(0);
    }
    let control = crate::channel::read_control(&row.statement, &channel.peer.book.newest().root)?;
    Ok(if let Control::Epoch(epoch) = control { epoch.epoch } else { 0 })
}

/// Whether a log that grows by these leaves has the size and root of a head.
fn gives<'a>(
    frontier: &mut Frontier,
    leaves: impl Iterator<Item = &'a Entry>,
    head: &Head,
) -> bool {
    leaves.for_each(|entry| frontier.append(entry.leaf()));
    (frontier.size(), frontier.root()) == (head.size, head.root)
}
