//! The exchange as a model: two parties, what survives a crash, what is on the way, and every order
//! in which it can happen. Small enough to be searched to its end, where the simulation only
//! samples.
//!
//! It is written from docs/spec and not from the engine, so that one does not repeat the mistakes
//! of the other. Keys, bytes and clocks are left out: a log is the list of what it commits to, and
//! a head is its length. A message that was sent stays deliverable until it is dropped, so every
//! loss, doubling, delay and reordering is among the orders.

mod explore;
mod judge;
mod step;

pub use explore::{Found, Report, explore};
pub use step::Step;

use std::collections::BTreeMap;

/// Which party.
pub type Party = u8;

/// One act of a party in the one matter that the model has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Act {
    /// Who signed it.
    pub author: Party,
    /// In which epoch of the author's log.
    pub epoch: u8,
    /// Its place in the author's half, from 1.
    pub seq: u8,
    /// What it says: two acts in one place differ in it.
    pub words: u8,
}

/// What a log commits to at one index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Leaf {
    /// An act, own or foreign.
    Act(Act),
    /// The statement that began an epoch; the leaves before it were kept. REC-41.
    Epoch(u8),
}

/// What a node keeps.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Kept {
    /// Epoch of the own log.
    pub epoch: u8,
    /// The own log.
    pub log: Vec<Leaf>,
    /// The peer's log as far as its heads were checked.
    pub mirror: Vec<Leaf>,
    /// Epoch of the peer's log.
    pub mirror_epoch: u8,
    /// How much of the mirror is registered, statements and all.
    pub held: u8,
    /// How much of the own log the peer says it holds.
    pub peer_held: u8,
    /// Restored, and the peer has not named the new epoch yet. REC-42.
    pub unheard: bool,
    /// Own acts of ended epochs that the peer gave back, with its word that they had come. REC-46.
    pub back: Vec<Act>,
    /// A proof against the peer.
    pub proof: bool,
}

/// A node: one process on one disk. Two nodes of one party are a party that plays two stories.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Node {
    /// Whose keys it has.
    pub party: Party,
    /// What survives.
    pub disk: Kept,
    /// What it works on; differs from the disk only under a planted bug.
    pub memory: Kept,
    /// A copy of the disk, made at some time.
    pub backup: Option<Box<Kept>>,
}

/// A parcel on its way.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Message {
    /// Who sent it.
    pub from: Party,
    /// Epoch of the sender's log.
    pub epoch: u8,
    /// The sender's log up to its newest head.
    pub log: Vec<Leaf>,
    /// The index of the one statement that is carried: a parcel has room for few, a head for all.
    pub carried: u8,
    /// How much of the recipient's log the sender holds.
    pub held: u8,
    /// The epoch of the recipient's log that the sender knows.
    pub names: u8,
    /// Acts of ended epochs of the sender, with the recipient's own word on each. REC-46.
    pub shown: Vec<Act>,
}

/// A party's signed word, received by the other, that its log holds an act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Receipt {
    /// Whose log.
    pub by: Party,
    /// Epoch of that log.
    pub epoch: u8,
    /// Which act.
    pub act: Act,
}

/// One state of the world.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct World {
    /// The nodes.
    pub nodes: Vec<Node>,
    /// What is on its way, each once, in order.
    pub mail: Vec<Message>,
    /// The longest log under a published head, by party and epoch.
    pub published: BTreeMap<(Party, u8), Vec<Leaf>>,
    /// A party published two heads of one epoch that do not extend each other.
    pub split: [bool; 2],
    /// Every receipt that was received.
    pub receipts: Vec<Receipt>,
    /// Acts that were signed.
    pub signed: Vec<Act>,
    /// The greatest epoch that lies beside the root keys.
    pub epochs: [u8; 2],
    /// Restores so far.
    pub restores: u8,
    /// Crashes so far.
    pub crashes: u8,
}

/// How far the search goes.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Acts of each party.
    pub acts: [u8; 2],
    /// Messages on their way at once.
    pub mail: usize,
    /// Restored backups.
    pub restores: u8,
    /// Crashes that matter.
    pub crashes: u8,
    /// The second party runs two nodes on one key.
    pub twins: bool,
    /// A bug in the rules, which the search must find.
    pub bug: Option<Bug>,
}

/// Bugs that can be put into the rules: a search that finds nothing proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// A restored backup goes on in the same log.
    SameEpoch,
    /// A restored node speaks in an old matter before the peer has answered.
    SpeaksUnheard,
    /// A parcel is answered before it is on disk.
    AnswersFirst,
    /// What is held is registered again.
    RegistersTwice,
    /// What lies behind a gap is registered.
    SkipsGap,
    /// Heads that do not extend the mirror replace it.
    TakesAnyHead,
    /// A head that is the beginning of the mirror replaces it.
    RollsBack,
    /// A bag of an epoch that has ended is registered.
    TakesOldBag,
    /// What the peer holds of ours and we lost is not taken back.
    ForgetsLost,
    /// What the peer gave back is not shown to it when it has lost it in turn.
    ShowsNothing,
    /// Heads that exclude each other are refused, and forgotten.
    KeepsNoProof,
}

impl Bug {
    /// All of them.
    pub const ALL: [Bug; 11] = [
        Bug::SameEpoch,
        Bug::SpeaksUnheard,
        Bug::AnswersFirst,
        Bug::RegistersTwice,
        Bug::SkipsGap,
        Bug::TakesAnyHead,
        Bug::RollsBack,
        Bug::TakesOldBag,
        Bug::ForgetsLost,
        Bug::ShowsNothing,
        Bug::KeepsNoProof,
    ];
}

impl Bug {
    /// Bounds within which it shows.
    pub fn bounds(self) -> Bounds {
        let (acts, mail, restores, crashes, twins) = match self {
            Bug::SameEpoch => ([2, 0], 2, 1, 0, false),
            Bug::SpeaksUnheard => ([2, 0], 1, 1, 0, false),
            Bug::AnswersFirst => ([1, 0], 1, 0, 1, false),
            Bug::RegistersTwice => ([1, 0], 2, 0, 0, false),
            Bug::SkipsGap => ([2, 0], 1, 0, 0, false),
            Bug::TakesAnyHead | Bug::KeepsNoProof => ([0, 2], 2, 0, 0, true),
            Bug::RollsBack => ([2, 0], 2, 0, 0, false),
            Bug::TakesOldBag => ([2, 0], 2, 1, 0, false),
            Bug::ForgetsLost => ([1, 0], 1, 1, 0, false),
            Bug::ShowsNothing => ([1, 0], 1, 2, 0, false),
        };
        Bounds { acts, mail, restores, crashes, twins, bug: None }
    }
}

impl Bounds {
    /// What is searched to its end, with a name for each.
    pub const ALL: [(&str, Bounds); 5] = [
        ("two parties, lossy mail", Bounds { acts: [2, 2], ..Bounds::LEAST }),
        ("a backup is restored", Bounds { restores: 1, ..Bounds::LEAST }),
        ("backups are restored twice", Bounds { mail: 1, restores: 2, ..Bounds::LEAST }),
        (
            "backups are restored three times",
            Bounds { acts: [1, 0], mail: 1, restores: 3, ..Bounds::LEAST },
        ),
        ("a party plays two stories", Bounds { acts: [0, 2], twins: true, ..Bounds::LEAST }),
    ];
    /// One act each, two messages at once.
    pub const LEAST: Bounds =
        Bounds { acts: [1, 1], mail: 2, restores: 0, crashes: 0, twins: false, bug: None };
}

impl World {
    /// Two parties that accredited each other and said nothing yet.
    pub fn new(bounds: &Bounds) -> World {
        let kept = Kept { epoch: 1, mirror_epoch: 1, ..Kept::default() };
        let node = |party| Node { party, disk: kept.clone(), memory: kept.clone(), backup: None };
        let mut nodes = vec![node(0), node(1)];
        if bounds.twins {
            nodes.push(node(1));
        }
        World {
            nodes,
            mail: Vec::new(),
            published: BTreeMap::new(),
            split: [false; 2],
            receipts: Vec::new(),
            signed: Vec::new(),
            epochs: [1; 2],
            restores: 0,
            crashes: 0,
        }
    }
}

impl Kept {
    /// Whether the own log registers an act.
    pub fn registers(&self, act: &Act) -> bool {
        self.log.contains(&Leaf::Act(*act))
    }

    /// Acts in the own log.
    pub fn acts(&self) -> impl Iterator<Item = &Act> {
        self.log.iter().filter_map(|leaf| match leaf {
            Leaf::Act(act) => Some(act),
            Leaf::Epoch(_) => None,
        })
    }
}
