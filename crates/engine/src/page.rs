//! One of our statements for somebody without a node: the page to read, and beside it what proves
//! it to whoever knows our fingerprint. COR-7.

use crate::matter::Verdict;
use crate::node::Node;
use crate::stored::reread;
use crate::tree::Rows;
use counterpart_record::fault::{Code, Result};
use counterpart_record::head::Head;
use counterpart_record::id::{Entry, MatterId, PartyId};
use counterpart_record::keys::Role;
use counterpart_record::log::prove_inclusion;
use counterpart_record::receipt;
use counterpart_rules::apart::{DESCRIBED, Named, Page};
use counterpart_store::{ActRow, Owner};

/// A file of the folder, by its name.
pub type Leaf = (String, Vec<u8>);

/// The names and numbers of somebody.
type Told = (Vec<(String, String)>, Vec<String>);

impl Node {
    /// The folder of one act of ours: the newest of a matter, or the one named.
    /// [`Code::NotPermitted`] for what a peer said, or a correspondent: that is not ours to hand
    /// out as ours.
    pub fn page(&self, id: &MatterId, entry: Option<Entry>) -> Result<Vec<Leaf>> {
        let view = self.matter(id)?;
        let ours = |act: &&crate::view::ActView| act.mine && act.verdict == Verdict::Valid;
        let act = match entry {
            Some(entry) => view.acts.iter().filter(ours).find(|act| act.entry == entry),
            None => view.acts.iter().rfind(ours),
        };
        let act = act.ok_or_else(|| Code::NotPermitted.at("no act of ours"))?;
        let at = self.channel_of(&view.peer, view.ring)?;
        let number = self.channels[at].row.number;
        let rows = self.store.acts(number, act.own_index, act.own_index + 1, usize::MAX, false)?;
        let row = rows.first().ok_or_else(|| Code::StoreDamaged.at("act"))?;
        let mut files = self.proven(at, row, "")?;
        let own = self.credentials_of(&self.me).max_by_key(|(credential, _)| credential.version);
        let (from, _) = own.ok_or_else(|| Code::Internal.at("own credential"))?;
        let to = self.addressed(at, &view.peer, &mut files)?;
        let act = reread(row)?;
        let from = Named { names: &from.desk.names, callback: &from.desk.callback };
        let to = Named { names: &to.0, callback: &to.1 };
        let page = Page { act: &act, from, to };
        files.push(("page.txt".to_owned(), page.whole().into_bytes()));
        for (credential, entry) in self.credentials_of(&self.me) {
            let bytes = self.control_bytes(&entry).unwrap_or_default().to_vec();
            files.push((format!("credential-{}.cose", credential.version), bytes));
        }
        Ok(files)
    }

    /// The names and numbers of whom a page is for; a correspondent's as our own statement has
    /// them, which goes along.
    fn addressed(&self, at: usize, peer: &PartyId, files: &mut Vec<Leaf>) -> Result<Told> {
        if let Some(who) = self.correspondent(peer) {
            let rows = self.store.controls_in(self.channels[at].row.number)?;
            if let Some(row) = rows.iter().rfind(|row| row.verdict == DESCRIBED) {
                files.extend(self.proven(at, row, "to-")?);
            }
            return Ok((who.names.clone(), who.callback.clone()));
        }
        let newest = self.credentials_of(peer).max_by_key(|(credential, _)| credential.version);
        let (credential, entry) = newest.ok_or_else(|| Code::PeerUnknown.at(peer.short()))?;
        let bytes = self.control_bytes(&entry).unwrap_or_default().to_vec();
        files.push(("to-credential.cose".to_owned(), bytes));
        Ok((credential.desk.names.clone(), credential.desk.callback.clone()))
    }

    /// A statement of ours with its disclosures, the receipt of our log, and the checkpoint that it
    /// rests on.
    fn proven(&self, at: usize, row: &ActRow, prefix: &str) -> Result<Vec<Leaf>> {
        let (channel, store) = (&self.channels[at], self.store.as_ref());
        let number = channel.row.number;
        let head = store.head_over(number, Owner::Own, row.index)?;
        let head = Head::parse(&head.ok_or_else(|| Code::StoreDamaged.at("leaf without head"))?)?;
        let rows = Rows { store, channel: number, owner: Owner::Own };
        let path = prove_inclusion(&rows, row.index, head.size)?;
        let ring = channel.own.book.at(head.size - 1).ring(channel.ring);
        let log = channel.own.log_at(head.size);
        let key = ring.key(Role::Log);
        let receipt = receipt::build(&head, &log, &key.thumbprint(), row.index, &path);
        let kid = counterpart_record::statement::Unverified::parse(&row.statement)?.header().kid;
        let rings = self.credentials_of(&self.me).map(|(one, _)| one.ring(channel.ring));
        let signed =
            rings.map(|ring| ring.key(Role::Statement)).find(|key| key.thumbprint() == kid);
        let signed = signed.ok_or_else(|| Code::KidUnknown.at(kid.short()))?;
        let beside = row.disclosures.replace('~', "\n");
        let [ed25519, ml_dsa] = log.verifiers(ring).map(|one| one.to_vkey());
        let files: [(&str, Vec<u8>); 8] = [
            ("statement.cose", row.statement.clone()),
            ("disclosures.txt", beside.into_bytes()),
            ("statement-key.pem", signed.to_pem().into_bytes()),
            ("receipt.cose", receipt),
            ("checkpoint.txt", head.note(&log, ring).into_bytes()),
            ("log-key.pem", key.to_pem().into_bytes()),
            ("log-ed25519.vkey", ed25519.into_bytes()),
            ("log-ml-dsa.vkey", ml_dsa.into_bytes()),
        ];
        let named = files.into_iter().map(|(name, bytes)| (format!("{prefix}{name}"), bytes));
        Ok(named.collect())
    }
}
