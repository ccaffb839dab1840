//! What either side did in a channel that the clocks of the channel run by: kept in memory, so that
//! a queue that is asked for every few seconds does not read each test of a line again. It follows
//! from acts and heads, and is read anew wherever a log goes on otherwise. CLK-24, CLK-33.

use counterpart_record::id::MatterId;
use counterpart_rules::owed::Deed;
use std::collections::BTreeMap;

/// Up to where a channel was read: the epochs of both logs, and their sizes.
pub type Upto = ((u64, u64), (u64, u64));

/// The deeds of a channel.
#[derive(Default)]
pub struct Deeds {
    upto: Option<Upto>,
    /// By the matter that was opened: whether by us, and what that did.
    by: BTreeMap<MatterId, (bool, Deed)>,
}

impl Deeds {
    /// From where on in both logs there is more to read; `None` if there is not.
    pub fn behind(&mut self, now: Upto) -> Option<(u64, u64)> {
        let (epochs, (own, peer)) = now;
        match self.upto {
            Some(upto) if upto == now => return None,
            Some((known, from)) if known == epochs && from.0 <= own && from.1 <= peer => {
                return Some(from);
            }
            _ => *self = Deeds::default(),
        }
        Some((0, 0))
    }

    /// What a matter comes to, as it was read now.
    pub fn note(&mut self, matter: MatterId, deed: Option<(bool, Deed)>) {
        match deed {
            Some(deed) => self.by.insert(matter, deed),
            None => self.by.remove(&matter),
        };
    }

    /// All of them, read up to here.
    pub fn read(&mut self, upto: Upto) -> Vec<(bool, Deed)> {
        self.upto = Some(upto);
        self.by.values().copied().collect()
    }
}
