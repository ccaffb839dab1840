//! The hand of a hostile party: it has real keys and writes whatever it likes over them.

use crate::cast::{Party, body};
use crate::disk::Disk;
use crate::trouble::Trouble;
use counterpart_record::cose;
use counterpart_record::disclose::Disclosure;
use counterpart_record::fault::{Code, Result};
use counterpart_record::head::{Head, LogId};
use counterpart_record::id::{ChannelId, Entry, MatterId, PartyId};
use counterpart_record::key::Random as _;
use counterpart_record::keys::{Keys as _, Ring, Role};
use counterpart_record::log::{Frontier, empty_root};
use counterpart_record::parcel::{self, Address, Carried, Closed, Contents, Epochs};
use counterpart_record::payload::{Open, Payload, Seen};
use counterpart_record::statement::{self, Header};
use counterpart_record::strict::cbor::{Reader, Writer};
use counterpart_record::strict::json::{Object, Value};
use counterpart_store::{ActRow, ChannelRow, Owner, Store as _};

/// What every log and every matter can hold at the most in a history.
const ALL: u64 = 1 << 40;

/// The row of a channel on a disk.
pub fn channel_row(disk: &Disk, peer: &PartyId, ring: Ring) -> Result<ChannelRow> {
    let rows = disk.load()?.channels;
    let found = rows.into_iter().find(|row| row.peer == *peer && row.drill == ring.is_drill());
    found.ok_or_else(|| Code::NotAccredited.at("no such channel"))
}

/// A log that goes on from a true one, as its owner's keys allow and its node never would.
pub struct Forge {
    me: Party,
    victim: PartyId,
    ring: Ring,
    channel: ChannelId,
    entries: Vec<Entry>,
    heads: Vec<Head>,
    acts: Vec<(u64, Carried)>,
    held: u64,
}

impl Forge {
    /// Goes on from what the hostile party's own disk holds.
    pub fn over(disk: &Disk, me: &Party, victim: PartyId, ring: Ring) -> Result<Forge> {
        let row = channel_row(disk, &victim, ring)?;
        let heads = disk.heads_after(row.number, Owner::Own, 0, 1 << 30)?;
        let rows = disk.acts(row.number, 0, ALL, usize::MAX, true)?;
        let carried = rows.into_iter().map(|row| {
            let ActRow { index, statement, disclosures, .. } = row;
            (index, Carried { statement, disclosures })
        });
        Ok(Forge {
            me: me.clone(),
            victim,
            ring,
            channel: row.channel,
            entries: disk.entries(row.number, Owner::Own, 0, ALL)?,
            heads: heads.iter().map(|bytes| Head::parse(bytes)).collect::<Result<_>>()?,
            acts: carried.collect(),
            held: row.held,
        })
    }

    /// The log.
    pub fn log(&self) -> LogId {
        LogId { channel: self.channel, owner: self.me.id, epoch: 1 }
    }

    /// An opening act as an honest node would write it, in the matter of this nonce.
    pub fn request(&self, nonce: [u8; 16], words: &str) -> Result<Carried> {
        let open = Open { nonce, terms: [0; 32], stream: "cybercrime".into() };
        let first = Said { kind: "request", seq: 1, prev: None, seen: nothing(), open: Some(open) };
        self.say(&nonce, first, words)
    }

    /// Signs an act.
    pub fn say(&self, nonce: &[u8; 16], said: Said, words: &str) -> Result<Carried> {
        let mut salts = [[0; 16]; 2];
        salts.iter_mut().for_each(|salt| self.me.random.fill(salt));
        let value =
            |text: &str| Value::Object(Object::default().with("lang", "en").with("text", text));
        let disclosures = vec![
            Disclosure::new(&salts[0], "facts", value(words)),
            Disclosure::new(&salts[1], "necessity", value("it is needed")),
        ];
        let payload = Payload {
            kind: said.kind.into(),
            rules: "assistance/1".into(),
            epoch: 1,
            seq: said.seq,
            prev: said.prev,
            seen: said.seen,
            re: Vec::new(),
            drill: self.ring.is_drill(),
            open: said.open,
            body: body(said.kind),
            sd: disclosures.iter().map(Disclosure::digest).collect(),
            late: None,
        };
        let signed = statement::sign(
            &self.header(self.me.id, nonce),
            &payload,
            disclosures,
            self.me.keys.as_ref(),
        )?;
        let disclosures = Disclosure::join(&signed.disclosures);
        Ok(Carried { statement: signed.bytes, disclosures })
    }

    fn header(&self, issuer: PartyId, nonce: &[u8; 16]) -> Header {
        use counterpart_engine::seam::Clock as _;
        Header {
            kid: self.me.keys.public(self.ring).key(Role::Statement).thumbprint(),
            issuer,
            audience: self.victim,
            channel: self.channel,
            matter: MatterId::of(&self.channel, &self.me.id, nonce),
            issued_at: self.me.clock.now(self.ring),
        }
    }

    /// An act with one poison in it.
    pub fn poison(&self, nonce: [u8; 16], trouble: Trouble, third: PartyId) -> Result<Carried> {
        let mut act = self.request(nonce, "words of a person")?;
        let mut beside = Disclosure::parse_all(&act.disclosures)?;
        match trouble {
            Trouble::DisclosureMissing => drop(beside.pop()),
            Trouble::DisclosureDoubled => beside[1] = beside[0].clone(),
            Trouble::DisclosureRenamed => {
                beside[0] = Disclosure::new(&[7; 16], "offence_text", beside[0].value.clone());
            }
            Trouble::EscapedKey => {
                let twice =
                    |text: &str| text.replacen("\"kind\"", "\"k\\u0069nd\":\"refuse\",\"kind\"", 1);
                act.statement = self.resign(&act.statement, twice)?;
            }
            Trouble::ForeignIssuer => {
                let (from, to) = (self.me.id.urn(), third.urn());
                act.statement = self.reissue(&act.statement, &from, &to)?;
            }
            // A point of small order as R, and zero as S.
            _ => {
                let end = act.statement.len();
                act.statement[end - 64..].fill(0);
                act.statement[end - 64] = 1;
            }
        }
        act.disclosures = Disclosure::join(&beside);
        Ok(act)
    }

    /// The same statement with another payload, signed with the same key.
    pub fn resign(&self, bytes: &[u8], edit: impl Fn(&str) -> String) -> Result<Vec<u8>> {
        let (protected, payload) = parts(bytes)?;
        let text = String::from_utf8_lossy(&payload).into_owned();
        self.close(&protected, edit(&text).as_bytes())
    }

    fn reissue(&self, bytes: &[u8], from: &str, to: &str) -> Result<Vec<u8>> {
        let (mut protected, payload) = parts(bytes)?;
        let found = protected.windows(from.len()).position(|window| window == from.as_bytes());
        let at = found.ok_or_else(|| Code::Internal.at("issuer"))?;
        protected[at..at + to.len()].copy_from_slice(to.as_bytes());
        self.close(&protected, &payload)
    }

    fn close(&self, protected: &[u8], payload: &[u8]) -> Result<Vec<u8>> {
        let message = cose::sign1_bytes(protected, b"", payload);
        let signature = self.me.keys.sign(self.ring, Role::Statement, &message)?;
        let mut writer = Writer::new();
        writer.tag(cose::TAG_SIGN1).array(4).bytes(protected).map(0).bytes(payload);
        writer.bytes(&signature);
        Ok(writer.finish())
    }

    /// Commits to these statements with one head.
    pub fn commit(&mut self, acts: Vec<Carried>, time: u64) -> Result<()> {
        let before = self.size();
        for act in acts {
            let entry = Entry::of(&act.statement);
            self.acts.push((self.size(), act));
            self.entries.push(entry);
        }
        let time = time.max(self.heads.last().map_or(0, |head| head.time));
        let root = Frontier::of(self.entries.iter().map(Entry::leaf)).root();
        let head = self.head((before, self.size()), root, time)?;
        self.heads.push(head);
        Ok(())
    }

    /// Commits with one head to so many leaves that are no statement of anybody.
    pub fn commit_to_nothing(&mut self, count: u64, time: u64) -> Result<()> {
        let before = self.size();
        for index in before..before + count {
            self.entries.push(Entry::of(&index.to_be_bytes()));
        }
        let root = Frontier::of(self.entries.iter().map(Entry::leaf)).root();
        let head = self.head((before, self.size()), root, time)?;
        self.heads.push(head);
        Ok(())
    }

    /// Signs any head of this log.
    pub fn head(&self, sizes: (u64, u64), root: [u8; 32], time: u64) -> Result<Head> {
        Head::sign(&self.log(), sizes, root, time, self.ring, self.me.keys.as_ref())
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.entries.len() as u64
    }

    /// What an honest parcel over this log would hold for a peer with that disk.
    pub fn contents(&self, victim: &Disk) -> Result<Contents> {
        let row = channel_row(victim, &self.me.id, self.ring)?;
        let mirrored = victim.size(row.number, Owner::Peer)?;
        let from = row.held.min(self.size());
        let heads = self.heads.iter().filter(|head| head.size > mirrored);
        let acts = self.acts.iter().filter(|(index, _)| *index >= from);
        Ok(Contents {
            heads: heads.cloned().collect(),
            epoch: 1,
            from,
            entries: self.entries[from as usize..].to_vec(),
            acts: acts.map(|(_, act)| act.clone()).collect(),
            cosignature: None,
            held: self.held,
            yours: None,
            // It has heard of every epoch of its victim, and never lies about what was lost.
            epochs: Epochs { held: row.epoch, ..Epochs::default() },
        })
    }

    /// Seals contents for the victim.
    pub fn seal(&self, contents: &Contents, victim: &Party) -> Result<Vec<u8>> {
        seal(contents, &self.me, victim, self.ring)
    }

    /// The parcel for a victim with that disk.
    pub fn parcel(&self, victim: &Party, disk: &Disk) -> Result<Vec<u8>> {
        self.seal(&self.contents(disk)?, victim)
    }
}

/// What a forged act says.
pub struct Said {
    /// Its kind.
    pub kind: &'static str,
    /// Its place.
    pub seq: u64,
    /// What it follows.
    pub prev: Option<Entry>,
    /// What it claims to have seen.
    pub seen: Seen,
    /// What opens the matter.
    pub open: Option<Open>,
}

/// Nothing seen.
pub fn nothing() -> Seen {
    Seen { size: 0, root: empty_root() }
}

fn parts(bytes: &[u8]) -> Result<(Vec<u8>, Vec<u8>)> {
    let mut reader = Reader::new(bytes);
    reader.tag()?;
    reader.array()?;
    let protected = reader.bytes()?.to_vec();
    reader.map()?;
    Ok((protected, reader.bytes()?.to_vec()))
}

fn seal(contents: &Contents, from: &Party, to: &Party, ring: Ring) -> Result<Vec<u8>> {
    let channel = ChannelId::between(&from.id, &to.id, ring.is_drill());
    let address = Address { sender: from.id, recipient: to.id, channel };
    parcel::seal(&address, to.keys.public(ring), contents, from.random.as_ref())
}

/// Opens a parcel of a hostile sender with its recipient's keys, which the simulation has, changes
/// it and seals it again.
pub fn tamper(
    bytes: &[u8],
    from: &Party,
    to: &Party,
    ring: Ring,
    edit: impl FnOnce(&mut Contents),
) -> Result<Vec<u8>> {
    let mut contents = Closed::parse(bytes)?.open(ring, to.keys.as_ref())?;
    edit(&mut contents);
    seal(&contents, from, to, ring)
}
