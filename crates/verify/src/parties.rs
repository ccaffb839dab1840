//! The two parties of a dossier: their credentials, proven by the root keys inside them and by the
//! fingerprints that the person gives; and which keys were in force where.

use crate::report::Finding;
use crate::shelf::Shelf;
use counterpart_record::dossier::index::Index;
use counterpart_record::fault::Code;
use counterpart_record::hash::Hash;
use counterpart_record::head::LogId;
use counterpart_record::id::{ChannelId, Entry, PartyId};
use counterpart_record::keys::{PublicRing, Ring};
use counterpart_record::party::{Control, Credential, Epoch, KeyBook, RootPublic};

/// A root-signed statement that holds.
pub(crate) struct Proven {
    /// Its place in the index.
    pub place: usize,
    pub control: Control,
}

/// One of the two.
pub(crate) struct Side {
    pub party: PartyId,
    /// By version, at least one, with their place in the index.
    pub credentials: Vec<(usize, Credential)>,
}

impl Side {
    pub fn newest(&self) -> &Credential {
        &self.credentials[self.credentials.len() - 1].1
    }

    pub fn rings(&self, ring: Ring) -> impl Iterator<Item = &PublicRing> {
        // The newest first: most of a dossier is signed with it.
        self.credentials.iter().rev().map(move |(_, credential)| credential.ring(ring))
    }
}

/// Both, and everything root-signed.
pub(crate) struct Parties {
    pub sides: [Side; 2],
    pub ring: Ring,
    pub controls: Vec<Proven>,
}

impl Parties {
    /// Reads the credentials. Stops at the first thing that is wrong: nothing in the dossier can
    /// be trusted more than these. DOS-8, DOS-9.
    pub fn read(
        index: &Index,
        shelf: &Shelf<'_>,
        fingerprints: &[String],
    ) -> Result<Parties, Vec<Finding>> {
        let controls = prove(index, shelf)?;
        let mut sides: Vec<Side> = Vec::new();
        for Proven { place, control } in &controls {
            if let Control::Credential(credential) = control {
                let credential = (*place, (**credential).clone());
                match sides.iter_mut().find(|side| side.party == credential.1.party) {
                    // Each epoch of a log begins with the credential again; it is one all the same.
                    Some(side) if side.credentials.iter().any(|(_, c)| *c == credential.1) => {}
                    Some(side) => side.credentials.push(credential),
                    None => {
                        sides.push(Side {
                            party: credential.1.party,
                            credentials: vec![credential],
                        });
                    }
                }
            }
        }
        let count = sides.len();
        let Ok(mut sides) = <[Side; 2]>::try_from(sides) else {
            let what = format!("data/credentials: credentials of {count} parties, not of two");
            return Err(vec![Code::PartyWrong.at(what).into()]);
        };
        for side in &mut sides {
            side.credentials.sort_by_key(|(_, credential)| credential.version);
            // Whoever restored a backup did not know which version it had made since. DOS-22
            let party = side.party;
            let ended = controls.iter().any(
                |proven| matches!(&proven.control, Control::Epoch(epoch) if epoch.by == party),
            );
            let mut pairs = side.credentials.windows(2);
            if let Some(pair) = pairs.find(|p| p[0].1.version == p[1].1.version && !ended) {
                let fault = Code::CredentialOrder.at(&*index.credentials[pair[1].0].file);
                return Err(vec![Finding { fault, of: Some(side.party) }]);
            }
        }
        confirm(&sides, fingerprints)?;
        let [a, b] = &sides;
        if index.channel != ChannelId::between(&a.party, &b.party, index.drill) {
            return Err(vec![Code::ChannelWrong.at("data/index.json").into()]);
        }
        Ok(Parties { sides, ring: Ring::from_drill(index.drill), controls })
    }

    pub fn side(&self, party: &PartyId) -> Option<&Side> {
        self.sides.iter().find(|side| side.party == *party)
    }

    pub fn peer_of(&self, party: &PartyId) -> Option<&Side> {
        self.sides.iter().find(|side| side.party != *party)
    }

    /// Which keys of the owner count at which index of one log: the credential with which the log
    /// begins, and from its place in the log on each one that follows. `places` are the indices
    /// of root-signed statements in this log. DOS-10.
    pub fn book(&self, log: &LogId, places: &[(usize, u64)]) -> Result<KeyBook, Finding> {
        let finding = |fault| Finding { fault, of: Some(log.owner) };
        let Some(side) = self.side(&log.owner) else {
            return Err(finding(Code::PartyWrong.at(log.origin())));
        };
        let place = |at: usize| places.iter().find(|(control, _)| *control == at).map(|(_, i)| *i);
        let first = side.credentials.iter().find(|(at, _)| place(*at) == Some(0));
        let (first, base) = first.unwrap_or(&side.credentials[0]);
        let mut book = KeyBook::new(base.clone());
        for (at, credential) in &side.credentials {
            if let (Some(index), true) = (place(*at), at != first) {
                book.rotate(index, credential.clone()).map_err(finding)?;
            }
        }
        Ok(book)
    }

    /// Where root-signed statements lie in a log, those in epochs before it that it keeps among
    /// them. DOS-22.
    pub fn places(&self, log: LogId, places: &[(LogId, usize, u64)]) -> Vec<(usize, u64)> {
        let (mut log, mut kept) = (log, u64::MAX);
        let mut found: Vec<(usize, u64)> = Vec::new();
        loop {
            let here = places.iter().filter(|(other, _, index)| *other == log && *index < kept);
            found.extend(here.map(|(_, at, index)| (*at, *index)));
            let before = self.epochs(&log.owner).find_map(|epoch| {
                let old = LogId::parse(&epoch.old_origin).ok()?;
                let follows = epoch.epoch == log.epoch && old.epoch < log.epoch;
                (follows && (old.owner, old.channel) == (log.owner, log.channel))
                    .then_some((old, epoch.kept))
            });
            let Some((old, most)) = before else { return found };
            (log, kept) = (old, kept.min(most));
        }
    }

    /// The least that an epoch statement of this party on this channel keeps of the log before it.
    pub fn kept(&self, party: &PartyId) -> Option<u64> {
        self.epochs(party).map(|epoch| epoch.kept).min()
    }

    fn epochs(&self, party: &PartyId) -> impl Iterator<Item = &Epoch> {
        let party = *party;
        self.controls.iter().filter_map(move |proven| match &proven.control {
            Control::Epoch(epoch) if epoch.by == party => Some(epoch),
            _ => None,
        })
    }

    /// Credentials of which the dossier does not show from where they count.
    pub fn unplaced(&self, places: &[(LogId, usize, u64)]) -> Vec<usize> {
        let later = self.sides.iter().flat_map(|side| {
            side.credentials[1..].iter().filter(|(at, _)| {
                !places.iter().any(|(log, control, _)| control == at && log.owner == side.party)
            })
        });
        later.map(|(at, _)| *at).collect()
    }

    /// Whether `by` has accepted the other. What was compared is the fingerprint of the root pair,
    /// which every credential of that party gives alike; the one that was held then may be older
    /// than all that the dossier has. REC-56
    pub fn accredited(&self, by: &PartyId) -> bool {
        self.controls.iter().any(|proven| {
            matches!(&proven.control, Control::Accreditation(a)
                if a.by == *by && a.peer != *by && self.side(&a.peer).is_some())
        })
    }
}

/// Each root-signed statement: credentials by the root pair inside them, the others by the root
/// pair of the party that the index names.
fn prove(index: &Index, shelf: &Shelf<'_>) -> Result<Vec<Proven>, Vec<Finding>> {
    let mut roots: Vec<RootPublic> = Vec::new();
    let mut controls = Vec::new();
    let mut findings = Vec::new();
    let mut waiting = Vec::new();
    for (place, listed) in index.credentials.iter().enumerate() {
        let finding = |fault: counterpart_record::fault::Fault| Finding {
            fault: fault.within(&listed.file),
            of: Some(listed.party),
        };
        let bytes = shelf.file(&listed.file).and_then(|file| file.bytes());
        let bytes = bytes.map_err(|fault| vec![fault.into()])?;
        match Control::verify(bytes, None) {
            Ok(Control::Credential(credential)) if credential.party == listed.party => {
                if !roots.contains(&credential.root) {
                    roots.push(credential.root.clone());
                }
                controls.push(Proven { place, control: Control::Credential(credential) });
            }
            Ok(_) => findings.push(finding(Code::IssuerWrong.at("not the party in the index"))),
            // Not a credential: it waits until the roots are known.
            Err(fault) if fault.code == Code::PartyWrong => {
                waiting.push((place, bytes, finding(fault)))
            }
            Err(fault) => findings.push(finding(fault)),
        }
    }
    for (place, bytes, unknown) in waiting {
        let listed = &index.credentials[place];
        let root = roots.iter().find(|root| root.party() == listed.party);
        match root.map(|root| Control::verify(bytes, Some(root))) {
            Some(Ok(control)) => controls.push(Proven { place, control }),
            Some(Err(fault)) => {
                findings.push(Finding { fault: fault.within(&listed.file), of: Some(listed.party) })
            }
            None => findings.push(unknown),
        }
    }
    if findings.is_empty() { Ok(controls) } else { Err(findings) }
}

/// A fingerprint without what people put between the groups.
pub(crate) fn digits(fingerprint: &str) -> String {
    fingerprint.chars().filter(|c| !c.is_whitespace() && !"-.,".contains(*c)).collect()
}

/// Each party has one of the fingerprints that the person was told. DOS-8.
fn confirm(sides: &[Side; 2], fingerprints: &[String]) -> Result<(), Vec<Finding>> {
    let given: Vec<String> = fingerprints.iter().map(|text| digits(text)).collect();
    let strange = sides.iter().filter(|side| !given.contains(&digits(&side.party.fingerprint())));
    let findings: Vec<Finding> = strange
        .map(|side| Finding {
            fault: Code::FingerprintDiffers.at(side.party.fingerprint()),
            of: Some(side.party),
        })
        .collect();
    if findings.is_empty() { Ok(()) } else { Err(findings) }
}

/// The entries of the root-signed statements, in the order of the index.
pub(crate) fn entries(index: &Index, shelf: &Shelf<'_>) -> Result<Vec<Entry>, Vec<Finding>> {
    let hash = |path: &str| -> Result<Hash, Vec<Finding>> {
        shelf.file(path).map(|file| file.hash).map_err(|fault| vec![fault.into()])
    };
    index.credentials.iter().map(|listed| hash(&listed.file).map(Entry)).collect()
}
