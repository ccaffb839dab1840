//! A dossier's statements in a second, against strict Ed25519 verification alone, ours and that of
//! ed25519-dalek: the same number of threads, in turns, so that a busy machine weighs on all alike.

use super::figures::Figure;
use super::{limit, opening};
use crate::seam::{SystemRandom, now};
use counterpart_record::disclose::Disclosure;
use counterpart_record::dossier::{Dossier, Held, Item, SignedHead};
use counterpart_record::fault::{Code, Result};
use counterpart_record::head::{Cosignature, Head, LogId};
use counterpart_record::id::{ChannelId, Entry, MatterId, PartyId};
use counterpart_record::key::Random as _;
use counterpart_record::keys::{Keys as _, Ring, Role, RootKeys, SoftKeys};
use counterpart_record::log::{Tree, prove_consistency, prove_inclusion};
use counterpart_record::party::{Accreditation, Control, Credential, Desk};
use counterpart_record::payload::{Open, Payload, Seen};
use counterpart_record::receipt;
use counterpart_record::statement::{self, Header};
use counterpart_rules::flow::usual;
use std::time::{Duration, Instant};

/// Statements in the dossier.
const STATEMENTS: usize = 2_000;
/// Statements under one head, as a busy node has them.
const BATCH: usize = 256;
/// How often limit and check take turns.
const TURNS: usize = 9;
/// How long a turn of a limit takes.
const SPAN: Duration = Duration::from_millis(120);
/// Disclosures beside each statement, and the name of the figure.
const SORTS: [(&str, usize); 3] =
    [("verify.dossier", 1), ("verify.dossier.bare", 0), ("verify.dossier.ten", 10)];
/// A disclosed text.
const TEXT: &str = "The account was used from this address at the time stated below.";

/// One matter with many acts of one side, logged and cosigned by both, exported and checked.
pub fn measure(figures: &mut Vec<Figure>) -> Result<()> {
    for (name, disclosures) in SORTS {
        let world = World::new()?;
        let dossier = world.dossier(disclosures)?;
        let (count, bytes) = (dossier.statements.len(), dossier.statements[0].statement.len());
        let files = dossier.files()?;
        let fingerprints = [world.a.party.fingerprint(), world.b.party.fingerprint()];
        let (mut rates, mut limits, mut dalek) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..TURNS {
            limits.push(limit::strict_verify(bytes, SPAN)?.per_second);
            dalek.push(limit::strict_dalek(bytes, SPAN)?.per_second);
            let began = Instant::now();
            let report = counterpart_verify::dossier::check(&files, &fingerprints, limit::cores());
            if !report.is_valid() || !report.unchecked.is_empty() {
                return Err(Code::Internal.at("bench dossier is not valid"));
            }
            rates.push(count as f64 / began.elapsed().as_secs_f64());
        }
        let rate = limit::median(&mut rates);
        let own = ("strict Ed25519 verification alone", limit::median(&mut limits));
        figures.push(Figure::rate(name, "statements/s", rate, own));
        let dalek = ("the same by ed25519-dalek", limit::median(&mut dalek));
        figures.push(Figure::rate(format!("{name}.dalek"), "statements/s", rate, dalek));
    }
    Ok(())
}

struct Party {
    root: RootKeys,
    keys: SoftKeys,
    party: PartyId,
    credential: Vec<u8>,
}

impl Party {
    fn new(name: &str) -> Result<Party> {
        let root = RootKeys::from_seeds(&crate::keyfile::RootSeeds::fresh(&SystemRandom).0)?;
        let keys = SoftKeys::new(&SoftKeys::fresh_seeds(&SystemRandom), &[])?;
        let desk = Desk { names: vec![("en".into(), name.into())], ..Desk::default() };
        let credential = Credential::new(&root, &keys, 1, desk, now());
        let party = credential.party;
        let credential = Control::Credential(Box::new(credential)).sign(&root)?;
        Ok(Party { root, keys, party, credential })
    }

    fn accredits(&self, peer: &Party) -> Result<Vec<u8>> {
        let accreditation = Accreditation {
            by: self.party,
            peer: peer.party,
            credential: Entry::of(&peer.credential),
            compared: "in-person".into(),
            issued_at: now(),
        };
        Control::Accreditation(accreditation).sign(&self.root)
    }
}

struct World {
    a: Party,
    b: Party,
    channel: ChannelId,
}

impl World {
    fn new() -> Result<World> {
        let (a, b) = (Party::new("Arcadia")?, Party::new("Borealis")?);
        let channel = ChannelId::between(&a.party, &b.party, false);
        Ok(World { a, b, channel })
    }

    fn dossier(&self, disclosures: usize) -> Result<Dossier> {
        let mut dossier = Dossier {
            channel: self.channel,
            drill: false,
            matters: vec![MatterId::of(&self.channel, &self.a.party, &[1; 16])],
            statements: Vec::with_capacity(STATEMENTS),
            checkpoints: Vec::new(),
            credentials: Vec::new(),
            control_receipts: Vec::new(),
            beside: Vec::new(),
            summaries: Vec::new(),
            as_of: now(),
        };
        for (own, peer) in [(&self.a, &self.b), (&self.b, &self.a)] {
            dossier.credentials.push((own.party, own.credential.clone()));
            dossier.credentials.push((own.party, own.accredits(peer)?));
        }
        for _ in 0..STATEMENTS {
            let act = self.act(&dossier, disclosures)?;
            dossier.statements.push(act);
        }
        self.log(&self.a, &self.b, &mut dossier)?;
        self.log(&self.b, &self.a, &mut dossier)?;
        Ok(dossier)
    }

    /// The next act of the one side.
    fn act(&self, dossier: &Dossier, disclosures: usize) -> Result<Item> {
        let texts = (0..disclosures).map(|i| {
            let mut salt = [0; 16];
            SystemRandom.fill(&mut salt);
            Disclosure::new(&salt, &format!("text_{i}"), TEXT.into())
        });
        let disclosures: Vec<Disclosure> = texts.collect();
        let before = dossier.statements.last().map(|item| Entry::of(&item.statement));
        let open = Open { nonce: [1; 16], terms: [0; 32], stream: "cybercrime".into() };
        let payload = Payload {
            kind: if before.is_none() { "request".into() } else { "remind".into() },
            rules: usual().rules().to_owned(),
            epoch: 1,
            seq: dossier.statements.len() as u64 + 1,
            prev: before,
            seen: Seen::default(),
            re: Vec::new(),
            drill: false,
            open: before.is_none().then_some(open),
            body: opening(),
            sd: disclosures.iter().map(Disclosure::digest).collect(),
            late: None,
        };
        let key = self.a.keys.public(Ring::Live).key(Role::Statement).clone();
        let header = Header {
            kid: key.thumbprint(),
            issuer: self.a.party,
            audience: self.b.party,
            channel: self.channel,
            matter: dossier.matters[0],
            issued_at: now(),
        };
        let signed = statement::sign(&header, &payload, disclosures, &self.a.keys)?;
        Ok(Item {
            statement: signed.bytes,
            issuer: self.a.party,
            key,
            disclosures: signed.disclosures.into_iter().map(|d| d.text).collect(),
            receipts: Vec::new(),
        })
    }

    /// One log: its two first leaves, the acts, a cosigned head for each batch, and receipts.
    fn log(&self, own: &Party, peer: &Party, dossier: &mut Dossier) -> Result<()> {
        let log = LogId { channel: self.channel, owner: own.party, epoch: 1 };
        let controls = dossier.credentials.iter().filter(|(party, _)| *party == own.party);
        let controls = controls.map(|(_, bytes)| Entry::of(bytes));
        let acts = dossier.statements.iter().map(|item| Entry::of(&item.statement));
        let entries: Vec<Entry> = controls.chain(acts).collect();
        let tree = Tree::of(entries.iter().map(Entry::leaf));
        let ring = own.keys.public(Ring::Live);
        let key = ring.key(Role::Log);
        let mut from = 0;
        while from < entries.len() as u64 {
            let size = tree.size().min(from + BATCH as u64);
            let root = tree.root_at(size)?;
            let head = Head::sign(&log, (from, size), root, now(), Ring::Live, &own.keys)?;
            let at = (size, root);
            let cosigned = Cosignature::sign(&log, at, &peer.party, now(), Ring::Live, &peer.keys)?;
            let lines = cosigned.lines(&peer.party, peer.keys.public(Ring::Live));
            let next = (size + BATCH as u64).min(tree.size());
            let extended = prove_consistency(&tree, size, next)?;
            let extended = (next > size).then_some(extended);
            let note = head.note(&log, ring) + &lines;
            for index in from.max(2)..size {
                let path = prove_inclusion(&tree, index, size)?;
                dossier.statements[index as usize - 2].receipts.push(Held {
                    party: own.party,
                    receipt: receipt::build(&head, &log, &key.thumbprint(), index, &path),
                    log_key: key.clone(),
                    checkpoint: dossier.checkpoints.len(),
                });
            }
            dossier.checkpoints.push(SignedHead { log, head, note, vkeys: Vec::new(), extended });
            from = size;
        }
        Ok(())
    }
}
