//! The matters that do something by themselves: calls that ring, tests that a machine answers,
//! streams that are raised for a time. Kept apart, so that a tick costs what they cost and not
//! what the whole record does.

use counterpart_record::hash::Hash;
use counterpart_record::id::MatterId;
use counterpart_record::strict::json::Value;
use counterpart_rules::act::{Act, Half};
use counterpart_rules::flow::{Flow, Past};
use counterpart_rules::form::Sort;
use std::collections::{BTreeMap, BTreeSet};

/// What was read of a matter.
pub struct Seen {
    /// The sizes of the two logs when it was read; another size may mean another act or head.
    pub sizes: (u64, u64),
    /// Its flow.
    pub flow: &'static Flow,
    /// Whether we opened it.
    pub mine: bool,
    /// Its line of work.
    pub stream: String,
    /// The id of the terms that its opening act names.
    pub terms: Hash,
    /// The valid acts of the opener.
    pub asking: Vec<Act>,
    /// The valid acts of the other side.
    pub answering: Vec<Act>,
}

impl Seen {
    /// Does something with both halves.
    pub fn with<T>(&self, of: impl FnOnce(Past<'_>) -> T) -> T {
        let (asking, answering): (Vec<&Act>, Vec<&Act>) =
            (self.asking.iter().collect(), self.answering.iter().collect());
        of(Past { asking: &asking, answering: &answering })
    }

    /// The matters that its opening act says it is about.
    pub fn about(&self) -> Vec<MatterId> {
        let Some(first) = self.asking.first() else { return Vec::new() };
        let fields = self.flow.kind(&first.kind).map_or(&[][..], |kind| kind.fields);
        let of = fields.iter().filter(|field| matches!(field.sort, Sort::Matters(_)));
        let lists = of.filter_map(|field| first.body.get(field.name)?.as_array());
        let ids = lists.flatten().filter_map(Value::as_str);
        ids.filter_map(|id| MatterId::parse(id).ok()).collect()
    }

    /// Which half is ours.
    pub fn half(&self) -> Half {
        if self.mine { Half::Asking } else { Half::Answering }
    }
}

/// A matter that is not over.
pub struct Open {
    /// Which.
    pub matter: MatterId,
    /// As it was read last; none before the first time.
    pub seen: Option<Seen>,
}

/// All watched matters, by the place of their channel.
#[derive(Default)]
pub struct Watch {
    /// Every one that there ever was.
    pub all: BTreeSet<(usize, MatterId)>,
    /// Those that are not over, in the order in which they came.
    pub open: BTreeMap<usize, Vec<Open>>,
    /// By a matter: the watched matters that were opened about it.
    pub about: BTreeMap<MatterId, BTreeSet<MatterId>>,
    /// When we last compared figures with each peer, in seconds (UTC).
    pub reckoned: BTreeMap<usize, u64>,
    /// When we last tested each line, in seconds (UTC).
    pub tested: BTreeMap<usize, u64>,
}

impl Watch {
    /// Something was written in a matter.
    pub fn note(&mut self, at: usize, matter: MatterId) {
        self.all.insert((at, matter));
        let open = self.open.entry(at).or_default();
        // One that is there already is read again because the log has grown.
        if !open.iter().any(|open| open.matter == matter) {
            open.push(Open { matter, seen: None });
        }
    }
}
