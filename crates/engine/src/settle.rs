//! What was decided under the root keys goes into the log of each channel that it concerns.

use crate::node::Node;
use counterpart_record::fault::Result;
use counterpart_record::id::{ChannelId, Entry, PartyId};
use counterpart_record::keys::Ring;
use counterpart_record::party::Control;
use counterpart_store::{ActRow, Batch};

impl Node {
    /// Brings every channel up to what was decided: opened for each accredited peer, both of our
    /// first leaves in its log, and every later root-signed statement of ours. Does nothing twice.
    pub fn settle(&mut self) -> Result<()> {
        let peers: Vec<PartyId> =
            self.peers().iter().filter(|p| p.accredited).map(|p| p.credential.party).collect();
        for peer in peers {
            for ring in Ring::ALL {
                let id = ChannelId::between(&self.me, &peer, ring.is_drill());
                if !self.channels.iter().any(|channel| channel.row.channel == id) {
                    self.open(id, peer, ring)?;
                }
            }
        }
        for at in 0..self.channels.len() {
            self.settle_channel(at)?;
        }
        Ok(())
    }

    /// Appends to one channel's log what of our root-signed statements it lacks.
    fn settle_channel(&mut self, at: usize) -> Result<()> {
        let channel = &self.channels[at];
        // What was decided meanwhile is held, and follows when the log has ended and gone on.
        if channel.behind.is_some() {
            return Ok(());
        }
        let peer = channel.row.peer;
        // One that was opened and never begun: a crash came between, and nobody knows of it.
        let never_begun = channel.one_sided && channel.own.frontier.size() == 0;
        if never_begun || channel.own.line.is_spent() {
            return Ok(());
        }
        let mut there: Vec<Entry> = Vec::new();
        for row in self.store.controls_in(channel.row.number)? {
            if row.mine {
                there.push(row.entry);
            }
        }
        let began = channel.own.book.at(0).version;
        let ours = self.controls.iter().filter(|(entry, control, _)| {
            let concerns = match control {
                Control::Accreditation(accreditation) => accreditation.peer == peer,
                // It lies in the log that it opened, as the first leaf that is not kept.
                Control::Epoch(epoch) => {
                    let opened = channel.own.line.closings.iter();
                    opened.clone().any(|closing| closing.epoch == epoch.epoch)
                        && channel.own.line.is_on_way(epoch.epoch)
                        && epoch.old_origin.contains(&channel.row.channel.to_string())
                }
                // What was replaced before the channel was opened never counted in it.
                Control::Credential(credential) => credential.version >= began,
                _ => true,
            };
            control.by() == self.me && concerns && !there.contains(entry)
        });
        let mut missing: Vec<(Entry, Control, Vec<u8>)> = ours.cloned().collect();
        // A log starts with its owner's credential and its accreditation of the peer, and the log
        // of an epoch goes on with the statement that began it. REC-23, REC-41.
        missing.sort_by_key(|(_, control, _)| match control {
            Control::Credential(credential) if credential.version == began => 0,
            Control::Accreditation(_) | Control::Epoch(_) => 1,
            _ => 2,
        });
        if missing.is_empty() {
            return Ok(());
        }
        let from = channel.own.frontier.size();
        let time = self.time_of(at);
        let mut batch = Batch { channel: channel.row.number, ..Batch::default() };
        for ((entry, control, bytes), index) in missing.iter().zip(from..) {
            batch.acts.push(ActRow {
                index,
                entry: *entry,
                mine: true,
                regained: false,
                author_index: index,
                logged_at: time,
                matter: None,
                verdict: control.kind().to_owned(),
                statement: bytes.clone(),
                disclosures: String::new(),
            });
        }
        let controls = missing.iter().zip(from..);
        for ((_, control, _), index) in controls {
            self.channels[at].apply_control(control, true, index)?;
        }
        self.commit(at, batch, time)
    }
}
