//! The cast: parties with real keys made from a seed, a clock that the test moves, and drafts that
//! fit the rules.

use counterpart_engine::node::Seams;
use counterpart_engine::seam::{Clock, Inline};
use counterpart_engine::{Draft, Node, Target};
use counterpart_record::fault::Result;
use counterpart_record::id::{Entry, MatterId, PartyId};
use counterpart_record::key::Random;
use counterpart_record::keys::{Ring, RootKeys, SoftKeys};
use counterpart_record::party::{Accreditation, Control, Credential, Desk};
use counterpart_record::strict::json::{Object, Value, parse_object};
use counterpart_store::{Sqlite, Store};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use zeroize::Zeroizing;

/// When every history begins: 1 June 2026, 00:00 UTC.
pub const START: u64 = 1_780_272_000;

/// A clock that stands until it is moved.
pub struct TestClock(AtomicU64);

impl TestClock {
    /// At [`START`].
    pub fn new() -> Arc<TestClock> {
        Arc::new(TestClock(START.into()))
    }

    /// Forward or back, in seconds.
    pub fn move_by(&self, seconds: i64) {
        let now = self.0.load(Ordering::Relaxed);
        self.0.store(now.saturating_add_signed(seconds), Ordering::Relaxed);
    }
}

impl Clock for TestClock {
    fn now(&self, _ring: Ring) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Randomness from a seed: SHA-256 over a counter. The same seed gives the same history.
pub struct Seeded {
    seed: u64,
    counter: AtomicU64,
}

impl Seeded {
    /// From a seed.
    pub fn new(seed: u64) -> Arc<Seeded> {
        Arc::new(Seeded { seed, counter: 0.into() })
    }

    /// A number below `bound`.
    pub fn below(&self, bound: u64) -> u64 {
        let mut bytes = [0; 8];
        self.fill(&mut bytes);
        u64::from_le_bytes(bytes) % bound.max(1)
    }

    /// Whether something of this many chances in a hundred happens.
    pub fn chance(&self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

impl Random for Seeded {
    fn fill(&self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(32) {
            let count = self.counter.fetch_add(1, Ordering::Relaxed);
            let parts = [&self.seed.to_be_bytes()[..], &count.to_be_bytes()];
            let block = counterpart_record::hash::sha256(&parts);
            chunk.copy_from_slice(&block[..chunk.len()]);
        }
    }
}

/// A party: root, keys, clock and credential. Its node is made from these and a store.
#[derive(Clone)]
pub struct Party {
    /// Its name.
    pub name: &'static str,
    /// Its root pair, off line in real life.
    pub root: Arc<RootKeys>,
    /// Its node's keys.
    pub keys: Arc<SoftKeys>,
    /// The seeds of its first sealing keys, live and drill: parcels to them open after a rotation.
    pub sealing: Vec<Zeroizing<[u8; 32]>>,
    /// Its clock.
    pub clock: Arc<TestClock>,
    /// Its randomness.
    pub random: Arc<Seeded>,
    /// Its first credential.
    pub credential: Vec<u8>,
    /// Its id.
    pub id: PartyId,
}

impl Party {
    /// Made from a seed.
    pub fn new(name: &'static str, seed: u64, clock: Arc<TestClock>) -> Result<Party> {
        let random = Seeded::new(seed ^ u64::from(name.as_bytes()[0]) << 56);
        let mut seeds = Zeroizing::new([[0; 32]; 2]);
        seeds.iter_mut().for_each(|seed| random.fill(seed));
        let root = RootKeys::from_seeds(&seeds)?;
        let seeds = SoftKeys::fresh_seeds(random.as_ref());
        let sealing = seeds.iter().map(|ring| Zeroizing::new(ring[6])).collect();
        let keys = SoftKeys::new(&seeds, &[])?;
        let desk = Desk { names: vec![("en".into(), name.into())], ..Desk::default() };
        let credential = Credential::new(&root, &keys, 1, desk, START);
        let id = credential.party;
        let credential = Control::Credential(Box::new(credential)).sign(&root)?;
        let (root, keys) = (Arc::new(root), Arc::new(keys));
        Ok(Party { name, root, keys, sealing, clock, random, credential, id })
    }

    /// The same party in another history: same keys and credential, its own clock and randomness.
    pub fn again(&self, seed: u64) -> Party {
        let random = Seeded::new(seed ^ u64::from(self.name.as_bytes()[0]) << 56);
        Party { clock: TestClock::new(), random, ..self.clone() }
    }

    /// The seams of its node.
    pub fn seams(&self) -> Seams {
        Seams {
            keys: self.keys.clone(),
            clock: self.clock.clone(),
            random: self.random.clone(),
            crew: Arc::new(Inline),
        }
    }

    /// A node founded in a store.
    pub fn found(&self, store: Box<dyn Store>) -> Result<Node> {
        Node::found(store, &self.credential, self.seams())
    }

    /// A node founded in memory.
    pub fn in_memory(&self) -> Result<Node> {
        self.found(Box::new(Sqlite::in_memory()?))
    }

    /// Its accreditation of another party.
    pub fn accredits(&self, peer: &Party) -> Result<Vec<u8>> {
        Control::Accreditation(Accreditation {
            by: self.id,
            peer: peer.id,
            credential: Entry::of(&peer.credential),
            compared: "voice".into(),
            issued_at: self.clock.now(Ring::Live),
        })
        .sign(&self.root)
    }

    /// Imports and accredits another party.
    pub fn enrol(&self, node: &mut Node, peer: &Party) -> Result<()> {
        node.import_credential(&peer.credential)?;
        node.adopt(&self.accredits(peer)?).map(|_| ())
    }

    /// Its own node and that of a peer, each on a store that is new, which accredited each other.
    pub fn meets(&self, peer: &Party, stores: [Box<dyn Store>; 2]) -> Result<(Node, Node)> {
        let [own, other] = stores;
        let (mut here, mut there) = (self.found(own)?, peer.found(other)?);
        self.enrol(&mut here, peer)?;
        peer.enrol(&mut there, self)?;
        Ok((here, there))
    }
}

/// A new store that is gone with its node.
pub fn memory() -> Result<Box<dyn Store>> {
    Ok(Box::new(Sqlite::in_memory()?))
}

const REQUEST: &str = r#"{"type":"new","measure":"preservation","instrument":"hanoi",
    "urgency":"urgent","offence":"illegal-access","max_penalty":"P5Y",
    "purpose":"investigation","persons":{"suspect":1},"assured":"none"}"#;

/// The coded body of an act that the rules accept, by its kind.
pub fn body(kind: &str) -> Object {
    let text = match kind {
        "request" => REQUEST,
        "renew" => r#"{"until":1790000000}"#,
        "let-go" => r#"{"reason":"no-longer-needed"}"#,
        "take-up" => r#"{"at_hand":false}"#,
        "lodge-formal" => r#"{"lodged_on":"2026-06-14"}"#,
        "account-for-use" => r#"{"used":"lead"}"#,
        "escalate" => r#"{"escalated_for":"overdue"}"#,
        "appraise" => r#"{"worth":"partial","timely":"late","as_evidence":"not-known"}"#,
        "ask-consent" => r#"{"consent_for":"evidence"}"#,
        "withdraw" => r#"{"reason":"no-longer-needed"}"#,
        "recognise" => r#"{"recognised":"whole"}"#,
        "ask" => r#"{"about":"period"}"#,
        "warn" => r#"{"danger":"would-alert"}"#,
        "status" => r#"{"progress":"queued"}"#,
        "postpone" => r#"{"postponed_for":"own-investigation","review_on":"2026-09-01"}"#,
        "transfer" => r#"{"goes_on":"here"}"#,
        "preserve" => PRESERVED,
        "release" => r#"{"released_at":1785000000,"released_for":"asked"}"#,
        "intend-to-refuse" => r#"{"ground":"dual-criminality","supplement_by":1785000000}"#,
        "refuse" => r#"{"ground":"no-reason-given"}"#,
        "offer" => r#"{"extent":"full","condition":{"no_onward_transfer":true}}"#,
        "answer" => r#"{"extent":"full","final":true}"#,
        "consent" => r#"{"consented":"given"}"#,
        "appraise-request" => r#"{"quality":"vague"}"#,
        "show-draft" | "redraft" => r#"{"measure":"content"}"#,
        "drop-draft" => r#"{"dropped_for":"submitted"}"#,
        "publish-needs" => r#"{"formality":"formal-follows"}"#,
        "comment" => r#"{"prospect":"something-missing"}"#,
        _ => "{}",
    };
    parse_object(text.as_bytes()).unwrap_or_default()
}

const PRESERVED: &str = r#"{"effected_at":1780272000,"holds_until":1785456000,
    "custodian_class":"platform","secured":"all","final":false}"#;

/// A draft with the body of its kind and one disclosed text.
pub fn draft(peer: PartyId, ring: Ring, target: Target, kind: &str, re: Vec<Entry>) -> Draft {
    let text = Object::default().with("lang", "en").with("text", "words of a person");
    Draft {
        peer,
        ring,
        target,
        rules: "assistance/1".into(),
        kind: kind.into(),
        body: body(kind),
        disclosed: vec![("text".into(), Value::Object(text))],
        re,
    }
}

/// A request in a new matter.
pub fn request(peer: PartyId, ring: Ring) -> Draft {
    draft(peer, ring, Target::New { stream: "cybercrime".into() }, "request", Vec::new())
}

/// A further act in a matter.
pub fn further(peer: PartyId, ring: Ring, matter: MatterId, kind: &str) -> Draft {
    draft(peer, ring, Target::Matter(matter), kind, Vec::new())
}
