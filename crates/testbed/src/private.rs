//! What stays here, in histories: notes, owners and tasks on matters of both sorts, while processes
//! die, the file fails and backups are put back. Spec: docs/spec/home.md.

use crate::room::{Fails, Kept, MARK, Private};
use crate::world::{Backup, SEATS, World};
use counterpart_engine::{Erased, Node};
use counterpart_record::disclose::Disclosure;
use counterpart_record::fault::{Code, Result};
use counterpart_record::id::MatterId;
use counterpart_record::keys::Ring;
use counterpart_record::statement::Unverified;
use counterpart_rules::flow;
use counterpart_store::{Owner, Store as _, Task};
use std::collections::BTreeSet;

/// How many bytes of the longest notes are of no meaning, so that pages of the file fill and split.
const FILL: u64 = 1_500;

/// Sometimes somebody writes a note, says who looks after a matter, sets or does a task.
pub fn act(world: &mut World) {
    if world.private == Private::Without || !world.indoors.chance(60) {
        return;
    }
    let seat = world.indoors.below(SEATS as u64) as usize;
    if !world.honest(seat) || !world.awake(seat) {
        return;
    }
    let done = match world.indoors.below(100) {
        0..4 => alone(world, seat),
        _ => write(world, seat),
    };
    if let Err(fault) = done {
        world.fail(format!("{}: at home: {fault}", world.name(seat)));
    }
}

fn write(world: &mut World, seat: usize) -> Result<()> {
    let Some((matter, ring)) = matter(world, seat)? else { return Ok(()) };
    let count = world.seats[seat].room.written.len();
    let fill = "-".repeat(world.indoors.below(FILL) as usize);
    let text = format!("{MARK}{}:{count};{fill}", world.name(seat));
    let now = world.seats[seat].node.as_ref().map_or(0, |node| node.now(ring));
    let due = world.indoors.chance(70).then(|| now + 1 + world.indoors.below(12 * 86_400));
    let roll = world.indoors.below(100);
    let other = match roll {
        45..55 => self::matter(world, seat)?.map(|(other, _)| other),
        _ => None,
    };
    let other = other.filter(|other| *other != matter);
    let kept = world.seats[seat].room.kept.clone();
    let open = kept.leaves.get(&matter).and_then(|leaf| {
        leaf.tasks.iter().find(|(_, (.., done))| !done).map(|(text, _)| text.clone())
    });
    let fails = world.private == Private::Troubled && world.indoors.chance(8);
    if fails {
        let after = world.indoors.chance(50);
        world.seats[seat].room.arm(if after { Fails::After } else { Fails::Before });
    }
    let room = &mut world.seats[seat].room;
    room.written.push((matter, text.clone()));
    let Some(node) = world.seats[seat].node.as_mut() else { return Ok(()) };
    let home = node.home_mut();
    let (after, done) = match (roll, home, open, other) {
        (_, Err(fault), ..) => (kept.clone(), Err(fault)),
        (0..15, Ok(home), ..) => (
            kept.with(&matter, |leaf| leaf.owner = Some(text.clone())),
            home.set_owner(&matter, Some(&text)),
        ),
        (15..20, Ok(home), ..) => {
            (kept.with(&matter, |leaf| leaf.owner = None), home.set_owner(&matter, None))
        }
        (20..45, Ok(home), None, _) => {
            let (drill, text) = (ring.is_drill(), text.clone());
            let state = (drill, due, false);
            let after = kept.with(&matter, |leaf| {
                leaf.tasks.insert(text.clone(), state);
            });
            let task = Task { number: 0, matter, drill, text, made_at: now, due, done_at: None };
            (after, home.add_task(&task).map(|_| ()))
        }
        (20..45, Ok(home), Some(open), _) => {
            let tasks = home.tasks(Some(&matter), false)?;
            let number = tasks.iter().find(|task| task.text == open).map_or(0, |task| task.number);
            let after = kept.with(&matter, |leaf| {
                leaf.tasks.entry(open).and_modify(|(.., done)| *done = true);
            });
            (after, home.finish_task(number, now).map(|_| ()))
        }
        (45..55, Ok(home), _, Some(other)) => {
            let mut after = kept.clone();
            after.same.extend([(matter, other), (other, matter)]);
            (after, home.link(&matter, &other))
        }
        (_, Ok(home), ..) => (
            kept.with(&matter, |leaf| leaf.notes.push(text.clone())),
            home.add_note(&matter, now, "", &text).map(|_| ()),
        ),
    };
    settle(world, seat, done, [kept, after])
}

/// A write was done, or it was not: never by half.
fn settle(world: &mut World, seat: usize, done: Result<()>, ways: [Kept; 2]) -> Result<()> {
    let fired = world.seats[seat].room.calm();
    let unreadable = world.seats[seat].node.as_ref().is_some_and(|node| node.home().is_err());
    let [before, after] = ways;
    match done {
        Ok(()) => {
            world.tally.add("written at home", 1);
            world.seats[seat].room.kept = after;
            Ok(())
        }
        Err(_) if fired || unreadable => {
            world.tally.add("writes at home that failed", 1);
            found(world, seat, &[before, after])
        }
        Err(fault) => Err(fault),
    }
}

/// The file is in one of these ways, and stays so.
fn found(world: &mut World, seat: usize, ways: &[Kept]) -> Result<()> {
    let (gone, is) = (erased(world, seat)?, world.seats[seat].room.read()?);
    match ways.iter().find(|way| way.without(&gone) == is.without(&gone)) {
        Some(way) => world.seats[seat].room.kept = way.clone(),
        None => world.fail(format!("{}: something at home is half done", world.name(seat))),
    }
    Ok(())
}

/// A matter that a seat knows and that its record does not call erased, and its ring.
fn matter(world: &World, seat: usize) -> Result<Option<(MatterId, Ring)>> {
    let Some(node) = world.seats[seat].node.as_ref() else { return Ok(None) };
    let between = world.matters.iter().filter(|(a, b, ..)| [*a, *b].contains(&seat));
    let mut all: Vec<MatterId> = between.map(|(.., id)| *id).collect();
    // Mostly one of the newest, or one by hand: there are fewer of those.
    let skip = if world.indoors.chance(70) { all.len().saturating_sub(4) } else { 0 };
    all.drain(..skip);
    all.extend(world.seats[seat].by_hand.iter().map(|(_, id)| *id));
    if all.is_empty() {
        return Ok(None);
    }
    let one = all[world.indoors.below(all.len() as u64) as usize];
    match node.place_of(&one) {
        Ok((_, ring)) if !erased(world, seat)?.contains(&one) => Ok(Some((one, ring))),
        Ok(_) => Ok(None),
        Err(fault) if fault.code == Code::MatterUnknown => Ok(None),
        Err(fault) => Err(fault),
    }
}

/// The matters that the record of a seat says it erased.
fn erased(world: &World, seat: usize) -> Result<BTreeSet<MatterId>> {
    let (disk, mut all) = (&world.seats[seat].disk, BTreeSet::new());
    for row in disk.load()?.channels {
        for index in disk.own_erasures(row.number, 0)? {
            for act in disk.acts(row.number, index, index + 1, usize::MAX, true)? {
                let payload = Unverified::parse(&act.statement)?.reread(Vec::new())?.payload;
                let said = flow::erased_matter((&payload.rules, &payload.kind), &payload.body);
                all.extend(said.filter(|_| act.verdict == "valid"));
            }
        }
    }
    Ok(all)
}

/// The file is lost and put back from a backup, and the record is not. HOM-5.
fn alone(world: &mut World, seat: usize) -> Result<()> {
    let backups = &world.seats[seat].backups;
    let which = world.indoors.below(backups.len().max(1) as u64) as usize;
    let Some(Backup { home: Some((bytes, kept)), .. }) = backups.get(which).cloned() else {
        return Ok(());
    };
    let Some(mut node) = world.seats[seat].node.take() else { return Ok(()) };
    node.furnish(Err(Code::HomeUnreadable.at("home.db")));
    world.seats[seat].room.put_back(&bytes, &kept)?;
    let mut home = world.seats[seat].room.open()?;
    home.unset_erased()?;
    node.furnish(Ok(home));
    let forgotten = node.forget_erased_at_home();
    world.seats[seat].node = Some(node);
    world.tally.add("homes put back alone", 1);
    world.tally.add("things that went again", forgotten?);
    found(world, seat, &[kept])
}

impl World {
    /// Somebody writes a note about a matter.
    pub(crate) fn note_at_home(&mut self, seat: usize, (matter, ring): (MatterId, Ring)) {
        let gone = erased(self, seat).is_ok_and(|gone| gone.contains(&matter));
        if self.private == Private::Without || gone {
            return;
        }
        let count = self.seats[seat].room.written.len();
        let text = format!("{MARK}{}:{count};", self.name(seat));
        let room = &mut self.seats[seat].room;
        room.written.push((matter, text.clone()));
        let ways =
            [room.kept.clone(), room.kept.with(&matter, |leaf| leaf.notes.push(text.clone()))];
        let Some(node) = self.seats[seat].node.as_mut() else { return };
        let now = node.now(ring);
        let home = node.home_mut();
        let done = home.and_then(|home| home.add_note(&matter, now, "", &text)).map(|_| ());
        if let Err(fault) = settle(self, seat, done, ways) {
            self.fail(format!("{}: at home: {fault}", self.name(seat)));
        }
    }

    /// A process begins: it reads what stays here, or cannot.
    pub(crate) fn furnish(&mut self, seat: usize, node: &mut Node) {
        if self.private == Private::Without || !self.honest(seat) {
            return;
        }
        let room = &mut self.seats[seat].room;
        room.troubled = false;
        let troubled = self.private == Private::Troubled && !self.enabled.is_empty();
        if troubled && self.indoors.chance(8) {
            self.tally.add("homes that could not be read", 1);
            let home = room.open();
            return node.furnish(home.and(Err(Code::HomeUnreadable.at("home.db"))));
        }
        node.furnish(room.open());
        match node.forget_erased_at_home() {
            Ok(count) => self.tally.add("things that went again", count),
            Err(fault) => self.fail(format!("{}: at home: {fault}", self.name(seat))),
        }
    }

    /// Nothing fails any more. What could not be read or written is looked at by a process that
    /// begins; one that ran all the time has kept up by itself.
    pub(crate) fn furnish_again(&mut self, seat: usize) {
        self.seats[seat].room.calm();
        let Some(mut node) = self.seats[seat].node.take() else { return };
        if self.seats[seat].room.troubled || node.home().is_err() {
            self.furnish(seat, &mut node);
        }
        self.seats[seat].node = Some(node);
    }

    /// Erases a matter at a seat. `None` where what stays here cannot be taken away: then nothing
    /// was erased. HOM-4.
    pub(crate) fn erase(&mut self, seat: usize, matter: &MatterId) -> Option<Result<Erased>> {
        if self.private == Private::Without || !self.honest(seat) {
            return self.seats[seat].node.as_mut().map(|node| node.erase(matter));
        }
        let fails = self.private == Private::Troubled && self.indoors.chance(10);
        if fails && !self.enabled.is_empty() {
            let after = self.indoors.chance(50);
            self.seats[seat].room.arm(if after { Fails::After } else { Fails::Before });
        }
        let unreadable = self.seats[seat].node.as_ref()?.home().is_err();
        let before = (fails || unreadable).then(|| self.record_of(seat));
        let result = self.seats[seat].node.as_mut()?.erase(matter);
        let fired = self.seats[seat].room.calm();
        let kept = self.seats[seat].room.kept.clone();
        let without = kept.without(&BTreeSet::from([*matter]));
        let left = match &result {
            Ok(_) => {
                if unreadable {
                    self.fail(format!("{} erased without its home", self.name(seat)));
                }
                let count = kept.leaves.contains_key(matter);
                self.tally.add("matters erased with what stays here", u64::from(count));
                found(self, seat, &[without])
            }
            // What is refused before it begins touches nothing.
            Err(fault) if fault.code == Code::NotPermitted => Ok(()),
            Err(_) => found(self, seat, &[kept, without]),
        };
        if let Err(fault) = left {
            self.fail(format!("{}: at home: {fault}", self.name(seat)));
        }
        let kept_from = unreadable || fired;
        match result {
            Err(fault) if matches!(fault.code, Code::HomeUnreadable | Code::Io) && kept_from => {
                if before.is_none_or(|before| self.record_of(seat) != before) {
                    self.fail(format!("{} erased, and not at home", self.name(seat)));
                }
                self.tally.add("erasures that what stays here kept back", 1);
                None
            }
            result => Some(result),
        }
    }

    /// How much a record has: leaves of own logs, and bytes of text.
    fn record_of(&self, seat: usize) -> (u64, usize) {
        let disk = &self.seats[seat].disk;
        let channels = disk.load().map(|loaded| loaded.channels).unwrap_or_default();
        let leaves = |number| disk.size(number, Owner::Own).unwrap_or(0);
        let texts = |number| disk.acts(number, 0, 1 << 40, usize::MAX, false).unwrap_or_default();
        let texts = |number| texts(number).iter().map(|act| act.disclosures.len()).sum::<usize>();
        let each = channels.iter().map(|row| (leaves(row.number), texts(row.number)));
        each.fold((0, 0), |all, one| (all.0 + one.0, all.1 + one.1))
    }
}

/// Whether bytes hold anything that stays here.
pub fn leaks(bytes: &[u8]) -> bool {
    let first = MARK.as_bytes()[0];
    let starts = bytes.iter().enumerate().filter(|(_, byte)| **byte == first);
    starts.into_iter().any(|(at, _)| bytes[at..].starts_with(MARK.as_bytes()))
}

/// At the end: what was written is there, what was erased left nothing, and no word of it is in the
/// record, which alone travels. HOM-1, HOM-3, HOM-4.
pub fn judge(world: &mut World, seat: usize) -> Result<()> {
    if world.private == Private::Without {
        return Ok(());
    }
    let name = world.name(seat);
    let mut wrong = Vec::new();
    let disk = world.seats[seat].disk.clone();
    for row in disk.load()?.channels {
        for act in disk.acts(row.number, 0, 1 << 40, usize::MAX, true)? {
            if leaks(&act.statement) || tells(&act.disclosures)? {
                wrong.push(format!("leaf {} has what stays here", act.index));
            }
        }
    }
    let gone = erased(world, seat)?;
    let room = &world.seats[seat].room;
    let Some(node) = world.seats[seat].node.as_ref() else { return Ok(()) };
    let is = Kept::read(node.home()?)?;
    if is != is.without(&gone) {
        wrong.push("what was erased is still at home".to_owned());
    }
    if is.without(&gone) != room.kept.without(&gone) {
        wrong.push("what is kept at home is not what was written".to_owned());
    }
    let bytes = room.bytes()?;
    let bytes = String::from_utf8_lossy(&bytes);
    let mut overwritten = 0;
    for (matter, text) in room.written.iter().filter(|(matter, _)| gone.contains(matter)) {
        let word = text.split(';').next().unwrap_or(text);
        if bytes.contains(&format!("{word};")) {
            wrong.push(format!("bytes of {} are left at home: {word}", matter.short()));
        }
        overwritten += 1;
    }
    wrong.extend(tasks(node, &is, world.seats[seat].restores > 0)?);
    wrong.into_iter().for_each(|what| world.fail(format!("{name}: {what}")));
    world.tally.add("words at home that were overwritten", overwritten);
    world.tally.add("matters with what stays here", is.leaves.len() as u64);
    Ok(())
}

/// Whether a disclosure says it, which lies encoded in the record; the texts of a person are
/// objects with their language.
fn tells(disclosures: &str) -> Result<bool> {
    let all = Disclosure::parse_all(disclosures)?;
    Ok(all.iter().any(|one| one.value.to_text().contains(MARK)))
}

/// Every open task is in the list of all, in order of time, and its matter has the ring whose
/// calendar counts. HOM-3.
fn tasks(node: &Node, kept: &Kept, restored: bool) -> Result<Vec<String>> {
    let open = node.home()?.tasks(None, false)?;
    let mut wrong = Vec::new();
    let of = |leaf: &crate::room::Leaf| leaf.tasks.values().filter(|(.., done)| !done).count();
    if open.len() != kept.leaves.values().map(of).sum::<usize>() {
        wrong.push("a task is not in the list of all".to_owned());
    }
    if !open.is_sorted_by_key(|task| (task.due.is_none(), task.due)) {
        wrong.push("tasks are not in the order of their times".to_owned());
    }
    for task in open {
        match node.place_of(&task.matter) {
            Ok((_, ring)) if ring.is_drill() == task.drill => {}
            Err(fault) if fault.code == Code::MatterUnknown && restored => {}
            _ => wrong.push(format!("task {} is of no matter of its ring", task.number)),
        }
    }
    Ok(wrong)
}
