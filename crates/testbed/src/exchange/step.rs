//! What can happen next.

use super::{Act, Bounds, Bug, Kept, Leaf, Message, Party, Receipt, World};

/// One thing that happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A node signs an act and commits it.
    Submit(usize),
    /// A node sends what its peer may lack.
    Send(usize),
    /// A message reaches a node; it stays deliverable.
    Deliver(usize, usize),
    /// A message is lost for good.
    Drop(usize),
    /// A copy of the disk is made.
    Backup(usize),
    /// The disk dies and the copy is put back.
    Restore(usize),
    /// The process ends and starts again from its disk.
    Crash(usize),
    /// Memory reaches the disk, where a bug let them differ.
    Commit(usize),
}

/// Everything that can happen in a world.
pub fn steps(world: &World, bounds: &Bounds) -> Vec<Step> {
    let mut steps = Vec::new();
    for (at, node) in world.nodes.iter().enumerate() {
        let party = usize::from(node.party);
        let said = world.signed.iter().filter(|act| act.author == node.party).count();
        let silent = node.memory.unheard && bounds.bug != Some(Bug::SpeaksUnheard);
        if said < usize::from(bounds.acts[party]) && !silent {
            steps.push(Step::Submit(at));
        }
        if world.mail.len() < bounds.mail
            && !world.mail.contains(&message(node.party, node.shown()))
        {
            steps.push(Step::Send(at));
        }
        let theirs = world.mail.iter().enumerate().filter(|(_, mail)| mail.from != node.party);
        steps.extend(theirs.map(|(mail, _)| Step::Deliver(mail, at)));
        if world.restores < bounds.restores {
            match &node.backup {
                None => steps.push(Step::Backup(at)),
                Some(_) => steps.push(Step::Restore(at)),
            }
        }
        if node.memory != node.disk {
            steps.push(Step::Commit(at));
            if world.crashes < bounds.crashes {
                steps.push(Step::Crash(at));
            }
        }
    }
    steps.extend((0..world.mail.len()).map(Step::Drop));
    steps
}

/// The world after a step.
pub fn after(world: &World, step: Step, bug: Option<Bug>) -> World {
    let mut next = world.clone();
    match step {
        Step::Submit(at) => next.submit(at),
        Step::Send(at) => next.send(at),
        Step::Deliver(mail, at) => next.deliver(mail, at, bug),
        Step::Drop(mail) => drop(next.mail.remove(mail)),
        Step::Backup(at) => {
            let node = &mut next.nodes[at];
            node.backup = Some(Box::new(node.disk.clone()));
        }
        Step::Restore(at) => next.restore(at, bug),
        Step::Crash(at) => {
            next.crashes += 1;
            next.nodes[at].memory = next.nodes[at].disk.clone();
        }
        Step::Commit(at) => next.nodes[at].disk = next.nodes[at].memory.clone(),
    }
    next
}

fn message(from: Party, kept: &Kept) -> Message {
    Message {
        from,
        epoch: kept.epoch,
        log: kept.log.clone(),
        carried: kept.peer_held,
        held: kept.held,
        names: kept.mirror_epoch,
        shown: kept.back.clone(),
    }
}

impl super::Node {
    /// What it speaks from.
    fn shown(&self) -> &Kept {
        &self.memory
    }
}

impl World {
    fn submit(&mut self, at: usize) {
        let node = &mut self.nodes[at];
        let own = node.memory.acts().filter(|act| act.author == node.party);
        let seq = own.map(|act| act.seq).max().unwrap_or(0) + 1;
        let words = self.signed.len() as u8;
        let act = Act { author: node.party, epoch: node.memory.epoch, seq, words };
        node.memory.log.push(Leaf::Act(act));
        node.disk = node.memory.clone();
        self.signed.push(act);
    }

    fn send(&mut self, at: usize) {
        let (party, kept) = (self.nodes[at].party, self.nodes[at].shown());
        let message = message(party, kept);
        let longest = self.published.entry((party, message.epoch)).or_default();
        if !extends(&message.log, longest) && !extends(longest, &message.log) {
            self.split[usize::from(party)] = true;
        }
        if message.log.len() > longest.len() {
            longest.clone_from(&message.log);
        }
        if let Err(place) = self.mail.binary_search(&message) {
            self.mail.insert(place, message);
        }
    }

    /// A restored log ends where the backup ends, and goes on as a new one. REC-41, REC-43.
    fn restore(&mut self, at: usize, bug: Option<Bug>) {
        self.restores += 1;
        let node = &mut self.nodes[at];
        let Some(backup) = node.backup.take() else { return };
        node.memory = *backup;
        if bug != Some(Bug::SameEpoch) {
            let number = &mut self.epochs[usize::from(node.party)];
            *number += 1;
            node.memory.epoch = *number;
            node.memory.log.push(Leaf::Epoch(*number));
            node.memory.unheard = true;
        }
        node.disk = node.memory.clone();
    }

    /// The receiver's steps (docs/spec/receive.md, epoch.md), as far as the model has them.
    fn deliver(&mut self, mail: usize, at: usize, bug: Option<Bug>) {
        let message = self.mail[mail].clone();
        let party = self.nodes[at].party;
        let kept = &mut self.nodes[at].memory;
        if !kept.take_epoch(&message, bug) || !kept.take_head(&message, bug) {
            self.settle(at, None);
            return;
        }
        for leaf in &message.log {
            if let Leaf::Act(act) = leaf
                && act.author == party
            {
                let receipt = Receipt { by: message.from, epoch: message.epoch, act: *act };
                if let Err(place) = self.receipts.binary_search(&receipt) {
                    self.receipts.insert(place, receipt);
                }
            }
        }
        let kept = &mut self.nodes[at].memory;
        if message.names == kept.epoch {
            kept.peer_held = message.held;
            kept.place(party, &message, bug);
            kept.unheard = false;
        }
        self.settle(at, bug);
    }

    fn settle(&mut self, at: usize, bug: Option<Bug>) {
        if bug != Some(Bug::AnswersFirst) {
            self.nodes[at].disk = self.nodes[at].memory.clone();
        }
    }
}

/// Whether `log` begins with `first`.
pub fn extends(log: &[Leaf], first: &[Leaf]) -> bool {
    log.starts_with(first)
}

impl Kept {
    /// Whether the message is of the epoch that is mirrored, after what it brings of a new one.
    fn take_epoch(&mut self, message: &Message, bug: Option<Bug>) -> bool {
        if message.epoch < self.mirror_epoch {
            if bug == Some(Bug::TakesOldBag) {
                self.take_old(message);
            }
            return false;
        }
        // Every epoch that the mirror has missed, in its order: each keeps what it says it keeps.
        for (keeps, leaf) in message.log.iter().enumerate() {
            let Leaf::Epoch(number) = *leaf else { continue };
            if number <= self.mirror_epoch {
                continue;
            }
            let common = keeps.min(self.mirror.len());
            if message.log[..common] != self.mirror[..common] {
                return false;
            }
            self.mirror.truncate(keeps);
            self.held = self.held.min(keeps as u8);
            self.mirror_epoch = number;
        }
        true
    }

    /// The bug: statements of a log that has ended are registered all the same.
    fn take_old(&mut self, message: &Message) {
        for leaf in &message.log {
            if let Leaf::Act(act) = leaf
                && act.author == message.from
                && !self.registers(act)
            {
                self.log.push(*leaf);
            }
        }
    }

    /// REC-33: a longer log must extend the mirror, a shorter one must be its beginning.
    fn take_head(&mut self, message: &Message, bug: Option<Bug>) -> bool {
        let (longer, shorter) = if message.log.len() > self.mirror.len() {
            (&message.log, &self.mirror)
        } else {
            (&self.mirror, &message.log)
        };
        if !extends(longer, shorter) {
            if bug == Some(Bug::TakesAnyHead) {
                self.mirror.clone_from(&message.log);
                return true;
            }
            self.proof = bug != Some(Bug::KeepsNoProof);
            return false;
        }
        if message.log.len() > self.mirror.len() || bug == Some(Bug::RollsBack) {
            self.mirror.clone_from(&message.log);
        }
        true
    }

    /// An act of an epoch that had ended before this leaf of the peer's log, and that we do not
    /// hold, is void unless it is shown to have come before. REC-46.
    fn is_orphan(&self, act: &Act, message: &Message, bug: Option<Bug>) -> bool {
        let before = self.mirror[..usize::from(self.held)].iter().rev();
        let epoch = before.copied().find_map(|leaf| match leaf {
            Leaf::Epoch(number) => Some(number),
            Leaf::Act(_) => None,
        });
        let shown = bug != Some(Bug::ShowsNothing) && message.shown.contains(act);
        epoch.is_some_and(|epoch| act.epoch < epoch) && !shown
    }

    /// REC-34: in the order of the peer's log, up to the first statement that is missing.
    fn place(&mut self, me: Party, message: &Message, bug: Option<Bug>) {
        if bug == Some(Bug::RegistersTwice) {
            self.held = self.held.min(message.carried);
        }
        while let Some(leaf) = self.mirror.get(usize::from(self.held)).copied() {
            let index = usize::from(self.held);
            let carried = usize::from(message.carried) == index;
            match leaf {
                Leaf::Epoch(_) => {}
                Leaf::Act(act) if act.author == me => {
                    // What we lost and the peer registered comes back. REC-42.
                    if !self.registers(&act) && bug != Some(Bug::ForgetsLost) {
                        self.log.push(leaf);
                        self.back.push(act);
                    }
                }
                Leaf::Act(act) if self.registers(&act) && bug != Some(Bug::RegistersTwice) => {}
                Leaf::Act(act) if carried && self.is_orphan(&act, message, bug) => {}
                Leaf::Act(_) if carried => self.log.push(leaf),
                Leaf::Act(_) if bug == Some(Bug::SkipsGap) => {}
                Leaf::Act(_) => return,
            }
            self.held += 1;
        }
    }
}
