//! Two parties whose disks can be copied, edited and put back.

use base64ct::{Base64UrlUnpadded, Encoding as _};
use counterpart_engine::{Draft, Logged, Node};
use counterpart_record::cose;
use counterpart_record::fault::Result;
use counterpart_record::id::PartyId;
use counterpart_record::inconsistency::Proof;
use counterpart_record::keys::{Keys as _, Ring, Role, SoftKeys};
use counterpart_record::parcel::Carried;
use counterpart_record::party::{Control, Credential};
use counterpart_record::strict::cbor::{Reader, Writer};
use counterpart_store::{Owner, Store as _};
use counterpart_testbed::cast::{Party, TestClock};
use counterpart_testbed::disk::Disk;
use counterpart_testbed::forge::channel_row;
use std::sync::Arc;

pub const RING: Ring = Ring::Live;

pub struct Stage {
    pub a: Party,
    pub b: Party,
    pub disk_a: Disk,
    pub disk_b: Disk,
    pub at_a: Node,
    pub at_b: Node,
    clock: Arc<TestClock>,
}

/// One act, in one commit.
pub fn act(node: &mut Node, draft: Draft) -> Result<Logged> {
    node.submit(draft)?;
    node.ledger()?.pop().unwrap().1
}

impl Stage {
    pub fn new() -> Stage {
        let clock = TestClock::new();
        let a = Party::new("Arcadia", 1, clock.clone()).unwrap();
        let b = Party::new("Borealis", 2, clock.clone()).unwrap();
        let (disk_a, disk_b) = (Disk::new().unwrap(), Disk::new().unwrap());
        let mut at_a = a.found(Box::new(disk_a.clone())).unwrap();
        let mut at_b = b.found(Box::new(disk_b.clone())).unwrap();
        a.enrol(&mut at_a, &b).unwrap();
        b.enrol(&mut at_b, &a).unwrap();
        let mut stage = Stage { a, b, disk_a, disk_b, at_a, at_b, clock };
        stage.quiet();
        stage
    }

    pub fn pass(&self, seconds: i64) {
        self.clock.move_by(seconds);
    }

    pub fn sync_a_to_b(&mut self) {
        exchange(&mut self.at_a, &mut self.at_b);
    }

    /// Parcels both ways until neither has anything to say.
    pub fn quiet(&mut self) {
        for _ in 0..4 {
            exchange(&mut self.at_a, &mut self.at_b);
            exchange(&mut self.at_b, &mut self.at_a);
        }
    }

    pub fn restart_a(&mut self, disk: Disk) {
        self.disk_a = disk;
        self.at_a = Node::load(Box::new(self.disk_a.clone()), self.a.seams()).unwrap();
    }

    pub fn restart_b(&mut self) {
        self.at_b = Node::load(Box::new(self.disk_b.clone()), self.b.seams()).unwrap();
    }

    pub fn own_size_b(&self) -> u64 {
        let row = channel_row(&self.disk_b, &self.a.id, RING).unwrap();
        self.disk_b.size(row.number, Owner::Own).unwrap()
    }

    pub fn named_by_a(&self) -> Vec<PartyId> {
        named(&self.disk_a)
    }

    pub fn named_by_b(&self) -> Vec<PartyId> {
        named(&self.disk_b)
    }
}

fn exchange(from: &mut Node, to: &mut Node) {
    let Some(parcel) = from.outgoing(&to.party(), RING, false).unwrap() else { return };
    let (_, reply) = to.respond(&parcel).unwrap();
    if let Some(reply) = reply {
        from.incoming(&reply).unwrap();
    }
}

fn named(disk: &Disk) -> Vec<PartyId> {
    let proofs = disk.proofs().unwrap();
    proofs.iter().map(|bytes| Proof::parse(bytes).unwrap().verify().unwrap()).collect()
}

/// A newer credential of a party, with fresh keys; parcels sealed to the old ones still open.
pub fn newer_credential(party: &Party, version: u64) -> (Vec<u8>, Arc<SoftKeys>) {
    let seeds = SoftKeys::fresh_seeds(party.random.as_ref());
    let keys = Arc::new(SoftKeys::new(&seeds, &[]).unwrap());
    let credential = Credential {
        version,
        live: keys.public(Ring::Live).clone(),
        drill: keys.public(Ring::Drill).clone(),
        ..first_credential(party)
    };
    (Control::Credential(Box::new(credential)).sign(&party.root).unwrap(), keys)
}

fn first_credential(party: &Party) -> Credential {
    match Control::verify(&party.credential, None).unwrap() {
        Control::Credential(credential) => *credential,
        other => panic!("{other:?}"),
    }
}

/// A newer credential whose statement key is a point of small order, signed by both root keys.
pub fn weak_credential(party: &Party) -> Carried {
    let (bytes, keys) = newer_credential(party, 2);
    let mut reader = Reader::new(&bytes);
    reader.tag().unwrap();
    reader.array().unwrap();
    let protected = reader.bytes().unwrap().to_vec();
    reader.map().unwrap();
    let payload = String::from_utf8(reader.bytes().unwrap().to_vec()).unwrap();
    let good = keys.public(Ring::Live).key(Role::Statement).as_bytes();
    let mut weak = [0; 32];
    weak[0] = 1;
    let [good, weak] = [good, &weak[..]].map(Base64UrlUnpadded::encode_string);
    assert!(payload.contains(&good));
    let payload = payload.replace(&good, &weak).into_bytes();
    let mut writer = Writer::new();
    writer.tag(cose::TAG_SIGN).array(4).bytes(&protected).map(0).bytes(&payload).array(2);
    for key in [&party.root.ed25519, &party.root.ml_dsa] {
        let mut header = Writer::new();
        header.map(2).int(1).int(key.public().algorithm().cose());
        header.int(4).bytes(&key.public().thumbprint().0);
        let header = header.finish();
        let message = cose::sign_bytes(&protected, &header, b"", &payload);
        writer.array(3).bytes(&header).map(0).bytes(&key.sign(&message).unwrap());
    }
    Carried { statement: writer.finish(), disclosures: String::new() }
}
