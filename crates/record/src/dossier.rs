//! A dossier: an export of one matter, or of a whole channel, that anyone verifies off line. A
//! BagIt bag (RFC 8493) of statements, disclosures, receipts, checkpoints and credentials, with an
//! index that names each file once. `docs/spec/dossier.md` has the requirements (DOS-n).
//!
//! Writing is here; reading starts from [`bag::Bag`] and [`index::Index`]. What a dossier proves
//! is the verifier's to say.

pub mod index;
pub mod extension;
pub mod proven;
pub mod bag;

use crate::disclose::Disclosure;
use crate::fault::{Code, Result};
use crate::hash::Hash;
use crate::head::{Head, LogId};
use crate::id::{ChannelId, Entry, MatterId, PartyId, hex};
use crate::key::VerifyKey;
use crate::limits;
use crate::note::Verifier;
use extension::Extension;
use index::{Index, Listed, ListedControl, ListedHead, ListedReceipt, Word};
use std::collections::BTreeMap;

/// What goes into a dossier.
#[derive(Clone, Debug)]
pub struct Dossier {
    /// The channel.
    pub channel: ChannelId,
    /// Whether it is a channel for exercises.
    pub drill: bool,
    /// The matters exported.
    pub matters: Vec<MatterId>,
    /// The statements, in the order in which a person should read them.
    pub statements: Vec<Item>,
    /// The heads that the receipts rest on.
    pub checkpoints: Vec<SignedHead>,
    /// Root-signed statements of both parties: credentials, accreditations, revocations, epochs.
    pub credentials: Vec<(PartyId, Vec<u8>)>,
    /// Where root-signed statements lie in the logs: an index into `credentials` and the receipt.
    /// Needed for every credential after the first of a party and for every revocation.
    pub control_receipts: Vec<(usize, Held)>,
    /// A readable summary per language tag.
    pub summaries: Vec<(String, String)>,
    /// Sealed bytes of attachments, which whoever writes the bag puts beside: they are too large to
    /// be held here. DOS-23.
    pub beside: Vec<Beside>,
    /// POSIX seconds: when it was exported. The only time in the bag's own files.
    pub as_of: u64,
}

/// Sealed bytes of an attachment, as a file of the bag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beside {
    /// The root that an act names.
    pub root: Hash,
    /// Size of the file.
    pub size: u64,
    /// SHA-256 of the file, for the manifest.
    pub sha256: Hash,
}

/// Where the sealed bytes of a root lie, relative to `data/`. DOS-23.
pub fn attachment_file(root: &Hash) -> String {
    format!("attachments/{}", hex(root))
}

/// Where the verifier keys of a checkpoint lie, relative to `data/`: under the name that its own
/// file has. DOS-24.
pub fn vkeys_file(checkpoint: &str) -> String {
    format!("vkeys/{}", checkpoint.rsplit('/').next().unwrap_or(checkpoint))
}

/// That file: C2SP verifier keys, each a line. Empty if there are none.
pub fn vkeys_text(vkeys: &[Verifier]) -> String {
    vkeys.iter().map(|one| one.to_vkey() + "\n").collect()
}

/// One statement with what stands beside it.
#[derive(Clone, Debug)]
pub struct Item {
    /// The COSE_Sign1.
    pub statement: Vec<u8>,
    /// Its author.
    pub issuer: PartyId,
    /// The author's statement key.
    pub key: VerifyKey,
    /// Disclosure texts; fewer than the digests if some were erased.
    pub disclosures: Vec<String>,
    /// Receipts of the logs that hold it.
    pub receipts: Vec<Held>,
}

/// A receipt and what it rests on.
#[derive(Clone, Debug)]
pub struct Held {
    /// Whose log.
    pub party: PartyId,
    /// The RFC 9942 receipt.
    pub receipt: Vec<u8>,
    /// The log's Ed25519 key.
    pub log_key: VerifyKey,
    /// Index into [`Dossier::checkpoints`].
    pub checkpoint: usize,
}

/// A head as a signed note.
#[derive(Clone, Debug)]
pub struct SignedHead {
    /// Whose log.
    pub log: LogId,
    /// The head.
    pub head: Head,
    /// The C2SP note with all its lines: [`Head::note`] and the peer's cosignature lines.
    pub note: String,
    /// By which keys its lines are verified, in the order of the lines. DOS-24.
    pub vkeys: Vec<Verifier>,
    /// The consistency path to the head that [`Dossier::next_head`] gives; none if there is none.
    pub extended: Option<Vec<Hash>>,
}

impl Dossier {
    /// The next head of the same log: the one of the smallest size above that of the head at `at`.
    /// Each head but the last of its log is shown to grow into it. DOS-21.
    pub fn next_head(&self, at: usize) -> Option<usize> {
        let this = self.checkpoints.get(at)?;
        let later = self.checkpoints.iter().enumerate();
        let later = later.filter(|(_, s)| s.log == this.log && s.head.size > this.head.size);
        later.min_by_key(|(_, signed)| signed.head.size).map(|(next, _)| next)
    }

    /// The whole bag, path to bytes, but for what is [`Dossier::beside`]. The same contents give
    /// the same bytes. DOS-1 to DOS-7.
    ///
    /// [`Code::TooLarge`] if there is more of something than a reader accepts, [`Code::Internal`]
    /// if a receipt names a checkpoint that is not there.
    pub fn files(&self) -> Result<BTreeMap<String, Vec<u8>>> {
        let mut payload = Payload::default();
        let mut index = Index {
            channel: self.channel,
            drill: self.drill,
            matters: self.matters.clone(),
            statements: Vec::with_capacity(self.statements.len()),
            checkpoints: Vec::with_capacity(self.checkpoints.len()),
            credentials: Vec::with_capacity(self.credentials.len()),
        };
        for (i, signed) in self.checkpoints.iter().enumerate() {
            let vkeys = vkeys_text(&signed.vkeys);
            if !vkeys.is_empty() {
                payload.put(vkeys_file(&checkpoint_file(i)), vkeys.as_bytes());
            }
            index.checkpoints.push(ListedHead {
                party: signed.log.owner,
                file: payload.put(checkpoint_file(i), signed.note.as_bytes()),
                origin: signed.log.origin().into(),
                size: signed.head.size,
                extended: self.extension(i).map(|extension| {
                    let file = format!("extensions/{:04}.json", i + 1);
                    payload.put(file, extension.to_text().as_bytes())
                }),
            });
        }
        for (i, item) in self.statements.iter().enumerate() {
            index.statements.push(self.item(i + 1, item, &mut payload)?);
        }
        for (i, (party, bytes)) in self.credentials.iter().enumerate() {
            let number = i + 1;
            let receipts = self.control_receipts.iter().filter(|(at, _)| *at == i);
            let receipts = receipts.map(|(_, held)| held).enumerate().map(|(j, held)| {
                let file = format!("receipts/credential-{number:04}-{}.cose", j + 1);
                self.held(file, held, &mut payload)
            });
            index.credentials.push(ListedControl {
                party: *party,
                receipts: receipts.collect::<Result<_>>()?,
                file: payload.put(format!("credentials/{number:04}.cose"), bytes),
            });
        }
        for (tag, text) in &self.summaries {
            payload.put(format!("summary.{tag}.txt"), text.as_bytes());
        }
        payload.put("index.json".to_owned(), index.to_text()?.as_bytes());
        bag::pack(payload.0, &self.beside, &self.channel, self.as_of)
    }

    fn extension(&self, at: usize) -> Option<Extension> {
        let (this, next) = (&self.checkpoints[at], self.next_head(at)?);
        let of = |signed: &SignedHead| (signed.head.size, signed.head.root);
        let (old, new) = (of(this), of(&self.checkpoints[next]));
        Some(Extension { old, new, path: this.extended.clone()? })
    }

    fn item(&self, number: usize, item: &Item, payload: &mut Payload) -> Result<Listed<'static>> {
        if item.disclosures.len() > limits::DISCLOSURES {
            return Err(Code::TooLarge.at(format!("disclosures of statement {number}")));
        }
        let mut lines = String::new();
        for text in &item.disclosures {
            // Nothing that a reader would refuse leaves.
            Disclosure::parse(text)?;
            lines.push_str(text);
            lines.push('\n');
        }
        let file = format!("disclosures/{number:06}.txt");
        let disclosures = (!lines.is_empty()).then(|| payload.put(file, lines.as_bytes()));
        let receipts = item.receipts.iter().enumerate().map(|(j, held)| {
            self.held(format!("receipts/{number:06}-{}.cose", j + 1), held, payload)
        });
        let receipts = receipts.collect::<Result<_>>()?;
        Ok(Listed {
            file: payload.put(format!("statements/{number:06}.cose"), &item.statement),
            entry: Entry::of(&item.statement),
            issuer: item.issuer,
            kid: item.key.thumbprint(),
            key_file: payload.key(&item.key),
            disclosures,
            receipts,
        })
    }

    fn held(
        &self,
        file: String,
        held: &Held,
        payload: &mut Payload,
    ) -> Result<ListedReceipt<'static>> {
        if held.checkpoint >= self.checkpoints.len() {
            return Err(Code::Internal.at("receipt without its checkpoint"));
        }
        Ok(ListedReceipt {
            party: held.party,
            file: payload.put(file, &held.receipt),
            log_key_file: payload.key(&held.log_key),
            checkpoint_file: checkpoint_file(held.checkpoint).into(),
        })
    }
}

fn checkpoint_file(i: usize) -> String {
    format!("checkpoints/{:04}.txt", i + 1)
}

/// Files under `data/`.
#[derive(Default)]
struct Payload(BTreeMap<String, Vec<u8>>);

impl Payload {
    fn put(&mut self, file: String, bytes: &[u8]) -> Word<'static> {
        self.0.insert(file.clone(), bytes.to_vec());
        file.into()
    }

    /// One file per key, named by its thumbprint.
    fn key(&mut self, key: &VerifyKey) -> Word<'static> {
        self.put(format!("keys/{}.pem", key.thumbprint()), key.to_pem().as_bytes())
    }
}
