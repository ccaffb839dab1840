//! Two authorities that do not exist, their keys, logs and acts: whole dossiers made with the
//! record's own functions.

#![allow(dead_code, reason = "two test programs share it, and each uses its part")]

use counterpart_record::disclose::Disclosure;
use counterpart_record::dossier::{Dossier, Held, Item, SignedHead};
use counterpart_record::hash::sha256;
use counterpart_record::head::{Cosignature, Head, LogId, cosign_verifiers};
use counterpart_record::id::{ChannelId, Entry, MatterId, PartyId, hex};
use counterpart_record::key::VerifyKey;
use counterpart_record::keys::{Keys as _, Ring, Role, RootKeys, SoftKeys};
use counterpart_record::log::{Tree, prove_consistency, prove_inclusion};
use counterpart_record::party::{Accreditation, Control, Credential, Desk, Revocation};
use counterpart_record::payload::{Open, Payload, Seen};
use counterpart_record::receipt;
use counterpart_record::statement::{self, Header};
use counterpart_record::strict::json::Object;
use counterpart_rules::say::Lang;
use counterpart_verify::report::About;
use std::collections::BTreeMap;
use zeroize::Zeroizing;

pub type Files = BTreeMap<String, Vec<u8>>;
pub const A: usize = 0;
pub const B: usize = 1;
const BEGIN: u64 = 1_800_000_000;

pub fn keys(seed: u8) -> SoftKeys {
    let ring = |base: u8| Zeroizing::new(std::array::from_fn(|i| [base + i as u8; 32]));
    SoftKeys::new(&[ring(seed), ring(seed + 10)], &[]).unwrap()
}

pub fn root(seed: u8) -> RootKeys {
    RootKeys::from_seeds(&Zeroizing::new([[seed; 32], [seed + 1; 32]])).unwrap()
}

pub fn credential(root: &RootKeys, keys: &SoftKeys, version: u64, names: [&str; 2]) -> Credential {
    let names = [("en".to_owned(), names[0].to_owned()), ("zh-CN".into(), names[1].into())];
    let desk = Desk { names: names.into(), languages: vec!["en".into()], ..Desk::default() };
    Credential::new(root, keys, version, desk, BEGIN)
}

/// One authority and its log of the channel.
pub struct Side {
    pub root: RootKeys,
    pub keys: SoftKeys,
    pub credential: Credential,
    pub party: PartyId,
    pub log: LogId,
    pub entries: Vec<Entry>,
    pub tree: Tree,
    pub heads: Vec<(Head, VerifyKey)>,
}

pub struct World {
    pub sides: [Side; 2],
    pub channel: ChannelId,
    pub clock: u64,
    pub dossier: Dossier,
}

impl World {
    /// Enrolled, on a drill channel: each log holds its owner's credential and accreditation.
    pub fn new() -> World {
        let (root_a, root_b) = (root(100), root(110));
        let (keys_a, keys_b) = (keys(10), keys(40));
        let a = credential(&root_a, &keys_a, 1, ["Arcadia", "阿卡迪亚"]);
        let b = credential(&root_b, &keys_b, 1, ["Borealis", "北境"]);
        let channel = ChannelId::between(&a.party, &b.party, true);
        let side = |root, keys, credential: Credential| Side {
            party: credential.party,
            log: LogId { channel, owner: credential.party, epoch: 1 },
            root,
            keys,
            credential,
            entries: Vec::new(),
            tree: Tree::default(),
            heads: Vec::new(),
        };
        let dossier = Dossier {
            channel,
            drill: true,
            matters: Vec::new(),
            statements: Vec::new(),
            checkpoints: Vec::new(),
            credentials: Vec::new(),
            control_receipts: Vec::new(),
            beside: Vec::new(),
            summaries: Vec::new(),
            as_of: BEGIN + 86_400,
        };
        let sides = [side(root_a, keys_a, a), side(root_b, keys_b, b)];
        let mut world = World { sides, channel, clock: BEGIN, dossier };
        for own in [A, B] {
            let control = Control::Credential(Box::new(world.sides[own].credential.clone()));
            let entry = world.control(own, &control);
            world.append(own, entry);
        }
        for own in [A, B] {
            let peer = 1 - own;
            let accreditation = Control::Accreditation(Accreditation {
                by: world.sides[own].party,
                peer: world.sides[peer].party,
                credential: world.sides[peer].entries[0],
                compared: "voice".into(),
                issued_at: BEGIN,
            });
            let entry = world.control(own, &accreditation);
            world.append(own, entry);
        }
        world.seal(A);
        world.seal(B);
        world
    }

    /// A request, an acknowledgement, a question, a supplement, and a reminder that only its
    /// author's log holds.
    pub fn with_a_matter() -> World {
        let mut world = World::new();
        let matter = world.matter(1);
        for (author, kind) in
            [(A, "request"), (B, "acknowledge"), (B, "ask"), (A, "supplement"), (A, "remind")]
        {
            world.act(author, matter, kind, 2);
            world.append(author, world.last());
            if kind != "remind" {
                world.append(1 - author, world.last());
            }
            if kind != "acknowledge" {
                world.seal(A);
                world.seal(B);
            }
        }
        world.receipts();
        world
    }

    pub fn matter(&mut self, number: u8) -> MatterId {
        let matter = MatterId::of(&self.channel, &self.sides[A].party, &[number; 16]);
        self.dossier.matters.push(matter);
        matter
    }

    pub fn last(&self) -> Entry {
        Entry::of(&self.dossier.statements.last().unwrap().statement)
    }

    /// Signs a root statement and puts it into the dossier.
    pub fn control(&mut self, by: usize, control: &Control) -> Entry {
        let bytes = control.sign(&self.sides[by].root).unwrap();
        let entry = Entry::of(&bytes);
        self.dossier.credentials.push((self.sides[by].party, bytes));
        entry
    }

    pub fn append(&mut self, log: usize, entry: Entry) {
        self.sides[log].tree.append(entry.leaf());
        self.sides[log].entries.push(entry);
    }

    /// Signs a head of a log over what is new in it and has the peer cosign it.
    pub fn seal(&mut self, owner: usize) {
        self.clock += 60;
        let side = &self.sides[owner];
        let before = side.heads.last().map_or(0, |(head, _)| head.size);
        if side.tree.size() == before {
            return;
        }
        let range = (before, side.tree.size());
        let head =
            Head::sign(&side.log, range, side.tree.root(), self.clock, Ring::Drill, &side.keys);
        let head = head.unwrap();
        let signed = self.signed(owner, &head, true);
        self.dossier.checkpoints.push(signed);
        let key = self.sides[owner].keys.public(Ring::Drill).key(Role::Log).clone();
        self.sides[owner].heads.push((head, key));
    }

    pub fn signed(&self, owner: usize, head: &Head, cosigned: bool) -> SignedHead {
        let (side, peer) = (&self.sides[owner], &self.sides[1 - owner]);
        let ring = side.keys.public(Ring::Drill);
        let (mut note, mut vkeys) =
            (head.note(&side.log, ring), Vec::from(side.log.verifiers(ring)));
        if cosigned {
            let at = (head.size, head.root);
            let by = &peer.party;
            let cosignature =
                Cosignature::sign(&side.log, at, by, head.time, Ring::Drill, &peer.keys).unwrap();
            note += &cosignature.lines(by, peer.keys.public(Ring::Drill));
            vkeys.extend(cosign_verifiers(by, peer.keys.public(Ring::Drill)));
        }
        SignedHead { log: side.log, head: head.clone(), note, vkeys, extended: None }
    }

    /// Signs an act that follows the author's last one in the matter.
    pub fn act(&mut self, author: usize, matter: MatterId, kind: &str, texts: usize) {
        let (side, peer) = (&self.sides[author], &self.sides[1 - author]);
        let mut own = self.dossier.statements.iter().filter(|item| {
            let header = statement::Unverified::parse(&item.statement).unwrap().header().clone();
            header.issuer == side.party && header.matter == matter
        });
        let before = own.next_back();
        let seq = 1 + before.map_or(0, |_| 1 + own.count() as u64);
        let number = self.dossier.statements.len();
        let texts = (0..texts).map(|i| {
            let salt = sha256(&[&number.to_be_bytes(), &i.to_be_bytes()]);
            Disclosure::new(&salt[..16].try_into().unwrap(), &format!("text_{i}"), "words".into())
        });
        let disclosures: Vec<Disclosure> = texts.collect();
        let seen = peer.heads.last().map(|(head, _)| Seen { size: head.size, root: head.root });
        let open = Open { nonce: [1; 16], terms: [0; 32], stream: "cybercrime".into() };
        let payload = Payload {
            kind: kind.into(),
            rules: "assistance/1".into(),
            epoch: 1,
            seq,
            prev: before.map(|item| Entry::of(&item.statement)),
            seen: seen.unwrap_or_default(),
            re: Vec::new(),
            drill: true,
            open: (number == 0).then_some(open),
            body: Object::default().with("urgency", "urgent"),
            sd: disclosures.iter().map(Disclosure::digest).collect(),
            late: None,
        };
        let key = side.keys.public(Ring::Drill).key(Role::Statement).clone();
        let header = Header {
            kid: key.thumbprint(),
            issuer: side.party,
            audience: peer.party,
            channel: self.channel,
            matter,
            issued_at: self.clock,
        };
        let signed = statement::sign(&header, &payload, disclosures, &side.keys).unwrap();
        let issuer = side.party;
        self.dossier.statements.push(Item {
            statement: signed.bytes,
            issuer,
            key,
            disclosures: signed.disclosures.into_iter().map(|d| d.text).collect(),
            receipts: Vec::new(),
        });
    }

    /// Gives every act the receipt of each log that holds it, from its official head.
    pub fn receipts(&mut self) {
        for i in 0..self.dossier.statements.len() {
            let entry = Entry::of(&self.dossier.statements[i].statement);
            self.dossier.statements[i].receipts =
                [A, B].iter().filter_map(|log| self.held(*log, &entry)).collect();
        }
    }

    /// As [`World::receipts`], for the last act alone.
    pub fn receipts_of_last(&mut self) {
        let entry = self.last();
        let held = [A, B].iter().filter_map(|log| self.held(*log, &entry)).collect();
        self.dossier.statements.last_mut().unwrap().receipts = held;
    }

    pub fn held(&self, log: usize, entry: &Entry) -> Option<Held> {
        let side = &self.sides[log];
        let index = side.entries.iter().position(|held| held == entry)? as u64;
        let (head, _) = side.heads.iter().find(|(head, _)| head.covers(index))?;
        Some(self.held_under(log, index, head))
    }

    pub fn held_under(&self, log: usize, index: u64, head: &Head) -> Held {
        let side = &self.sides[log];
        let path = prove_inclusion(&side.tree, index, head.size).unwrap();
        let mut heads = self.dossier.checkpoints.iter();
        let key = side.heads.iter().find(|(other, _)| other == head).unwrap().1.clone();
        Held {
            party: side.party,
            receipt: receipt::build(head, &side.log, &key.thumbprint(), index, &path),
            log_key: key,
            checkpoint: heads.position(|s| s.log == side.log && s.head == *head).unwrap(),
        }
    }

    /// A new credential of a side with fresh keys, logged, sealed and receipted.
    pub fn rotate(&mut self, own: usize, seed: u8) {
        let fresh = keys(seed);
        let side = &mut self.sides[own];
        side.credential = Credential {
            version: side.credential.version + 1,
            live: fresh.public(Ring::Live).clone(),
            drill: fresh.public(Ring::Drill).clone(),
            ..side.credential.clone()
        };
        side.keys = fresh;
        let control = Control::Credential(Box::new(side.credential.clone()));
        self.log_control(own, &control);
    }

    pub fn revoke(&mut self, own: usize, key: &VerifyKey, suspected_since: u64) {
        let by = self.sides[own].party;
        let issued_at = self.clock;
        let kid = key.thumbprint();
        self.log_control(
            own,
            &Control::Revocation(Revocation { by, kid, suspected_since, issued_at }),
        );
    }

    fn log_control(&mut self, own: usize, control: &Control) {
        let entry = self.control(own, control);
        let place = self.dossier.credentials.len() - 1;
        for log in [own, 1 - own] {
            self.append(log, entry);
            self.seal(log);
            let held = self.held(log, &entry).unwrap();
            self.dossier.control_receipts.push((place, held));
        }
    }

    /// The dossier with the proofs between its heads, as far as the trees give them.
    pub fn joined(&self) -> Dossier {
        let mut dossier = self.dossier.clone();
        for at in 0..dossier.checkpoints.len() {
            let Some(next) = dossier.next_head(at) else { continue };
            let [old, new] = [at, next].map(|at| dossier.checkpoints[at].head.size);
            let log = dossier.checkpoints[at].log;
            let side = self.sides.iter().find(|side| side.log == log).unwrap();
            let path = prove_consistency(&side.tree, old, new);
            dossier.checkpoints[at].extended = Some(path.unwrap_or_default());
        }
        dossier
    }

    /// The bag, with the summaries of what it proves and a word of whoever exported below them.
    pub fn files(&self) -> Files {
        let mut dossier = self.joined();
        let bare = dossier.files().unwrap();
        let report = counterpart_verify::dossier::check(&bare, &self.fingerprints(), 1);
        if let About::Dossier(contents) = &report.about {
            let page = contents.page();
            let text = |lang: Lang| page.proven(lang) + "\nIt is open.\n";
            dossier.summaries = Lang::ALL.map(|lang| (lang.tag().to_owned(), text(lang))).into();
        }
        dossier.files().unwrap()
    }

    pub fn fingerprints(&self) -> Vec<String> {
        self.sides.iter().map(|side| side.party.fingerprint()).collect()
    }
}

/// What an attacker does who has altered files: makes the bag right again.
pub fn repack(files: &mut Files) {
    let lines = |files: &Files, take: &dyn Fn(&str) -> bool| {
        let taken = files.iter().filter(|(path, _)| take(path));
        taken
            .map(|(path, bytes)| format!("{}  {path}\n", hex(&sha256(&[bytes]))))
            .collect::<String>()
    };
    let manifest = lines(files, &|path| path.starts_with("data/"));
    files.insert("manifest-sha256.txt".into(), manifest.into_bytes());
    let tags = lines(files, &|path| !path.starts_with("data/") && !path.starts_with("tagm"));
    files.insert("tagmanifest-sha256.txt".into(), tags.into_bytes());
}
