//! Two houses, their disks and what they must agree on.

use counterpart_engine::{Draft, Logged, Node};
use counterpart_record::fault::Result;
use counterpart_record::id::MatterId;
use counterpart_record::keys::{Keys as _, Ring, SoftKeys};
use counterpart_record::party::{Control, Credential};
use counterpart_store::Store as _;
use counterpart_testbed::cast::{Party, TestClock};
use counterpart_testbed::disk::{Disk, Write};
use counterpart_testbed::restore::{end_epochs, end_some, restored};
use std::sync::Arc;

pub const RING: Ring = Ring::Live;

/// The acts of a dispute, Borealis's first.
pub const ALL: [&str; 5] = ["acknowledge", "ask", "request", "remind", "remind"];

pub struct House {
    pub party: Party,
    pub disk: Disk,
    pub node: Node,
    pub last: u64,
}

pub struct Two {
    pub a: House,
    pub b: House,
    pub clock: Arc<TestClock>,
}

pub fn two() -> Two {
    let mut two = strangers();
    two.quiet();
    two
}

/// Nobody knows anybody yet.
pub fn founded() -> Two {
    let clock = TestClock::new();
    let house = |name, seed| {
        let party = Party::new(name, seed, clock.clone()).unwrap();
        let disk = Disk::new().unwrap();
        let node = party.found(Box::new(disk.clone())).unwrap();
        House { party, disk, node, last: 1 }
    };
    Two { a: house("Arcadia", 1), b: house("Borealis", 2), clock }
}

/// They know each other's keys, and neither has sent anything.
pub fn strangers() -> Two {
    let mut two = founded();
    two.a.party.enrol(&mut two.a.node, &two.b.party).unwrap();
    two.b.party.enrol(&mut two.b.node, &two.a.party).unwrap();
    two
}

pub fn act(node: &mut Node, draft: Draft) -> Result<Logged> {
    node.submit(draft)?;
    node.ledger()?.pop().unwrap().1
}

/// The second credential of a party, with new keys, signed.
pub fn newer(party: &Party) -> (Vec<u8>, Arc<SoftKeys>) {
    let Control::Credential(held) = Control::verify(&party.credential, None).unwrap() else {
        panic!("not a credential");
    };
    let seeds = SoftKeys::fresh_seeds(party.random.as_ref());
    let keys = Arc::new(SoftKeys::new(&seeds, &party.sealing).unwrap());
    let credential = Credential {
        version: 2,
        live: keys.public(Ring::Live).clone(),
        drill: keys.public(Ring::Drill).clone(),
        ..*held
    };
    let signed = Control::Credential(Box::new(credential)).sign(&party.root).unwrap();
    (signed, keys)
}

/// A disk dies, a backup is put back, and every log goes on.
pub fn put_back(house: &mut House, backup: &[Write]) {
    let (disk, node) = restored(backup, &house.party).unwrap();
    (house.disk, house.node) = (disk, node);
    end_epochs(&mut house.node, &house.party, &mut house.last).unwrap();
}

/// A push and its answer.
pub fn push(from: &mut Node, to: &mut Node) {
    let Some(parcel) = from.outgoing(&to.party(), RING, false).unwrap() else { return };
    let (_, reply) = to.respond(&parcel).unwrap();
    if let Some(reply) = reply {
        from.incoming(&reply).unwrap();
    }
}

impl House {
    /// The process ends and begins again.
    pub fn restart(&mut self) {
        self.node = Node::load(Box::new(self.disk.clone()), self.party.seams()).unwrap();
    }

    /// Ends so many of its logs, as a restore does that is killed then.
    pub fn end_some(&mut self, most: usize) {
        end_some(&mut self.node, &self.party, &mut self.last, most).unwrap();
    }
}

impl Two {
    /// Both processes begin again.
    pub fn restart(&mut self) {
        self.a.restart();
        self.b.restart();
    }

    pub fn quiet(&mut self) {
        for _ in 0..6 {
            push(&mut self.a.node, &mut self.b.node);
            push(&mut self.b.node, &mut self.a.node);
            self.clock.move_by(60);
        }
    }

    /// Both sides hold the same acts with the same verdicts, both stores pass their own check,
    /// nobody is named, and a stranger believes the dossier of either side.
    pub fn agree(&self, matter: &MatterId) -> Vec<(String, String)> {
        let prints = [self.a.party.id.fingerprint(), self.b.party.id.fingerprint()];
        let mut views = Vec::new();
        for house in [&self.a, &self.b] {
            assert_eq!(house.node.fsck().unwrap().faults, []);
            assert_eq!(house.disk.proofs().unwrap(), Vec::<Vec<u8>>::new());
            let view = house.node.matter(matter).unwrap();
            let files = house.node.dossier(matter).unwrap().files().unwrap();
            let report = counterpart_verify::dossier::check(&files, &prints, 1);
            assert!(report.is_valid(), "{:?}", report.findings);
            let mut acts: Vec<_> = view.acts.iter().collect();
            acts.sort_by_key(|act| (act.mine == view.mine, act.seq, act.entry.0));
            let facts = acts.iter().map(|act| {
                (
                    act.entry,
                    act.kind.clone(),
                    act.verdict.text(),
                    act.logged_at,
                    act.held_at,
                    act.rung,
                )
            });
            views.push((facts.collect::<Vec<_>>(), view.state.map(|state| state.stage)));
        }
        assert_eq!(views[0], views[1]);
        views[0].0.iter().map(|fact| (fact.1.clone(), fact.2.clone())).collect()
    }

    /// Arcadia's disk dies; the backup is put back.
    pub fn restore(&mut self, backup: &[Write]) {
        let (disk, node) = restored(backup, &self.a.party).unwrap();
        (self.a.disk, self.a.node) = (disk, node);
    }
}

pub fn valid(kinds: &[&str]) -> Vec<(String, String)> {
    kinds.iter().map(|kind| ((*kind).to_owned(), "valid".to_owned())).collect()
}

/// A store that holds what it says, and nobody is named.
pub fn whole(house: &mut House) {
    assert_eq!(house.node.fsck().unwrap().faults, []);
    assert_eq!(house.node.rebuild().unwrap().differed, 0);
    assert_eq!(house.disk.proofs().unwrap(), Vec::<Vec<u8>>::new());
}
