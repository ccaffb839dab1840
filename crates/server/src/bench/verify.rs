//! A dossier's statements in a second, against strict Ed25519 verification alone.

use super::figures::Figure;
use super::{limit, opening};
use crate::seam::{SystemRandom, now};
use counterpart_engine::node::Seams;
use counterpart_engine::seam::{Clock, Inline};
use counterpart_engine::{Draft, Node, Target};
use counterpart_record::fault::{Code, Result};
use counterpart_record::id::{Entry, PartyId};
use counterpart_record::keys::{Ring, RootKeys, SoftKeys};
use counterpart_record::party::{Accreditation, Control, Credential, Desk};
use counterpart_record::strict::json::{Object, Value};
use counterpart_rules::flow::usual;
use counterpart_store::Sqlite;
use std::sync::Arc;
use std::time::Instant;

/// Statements in the dossier.
const STATEMENTS: usize = 2_000;

struct Now;

impl Clock for Now {
    fn now(&self, _ring: Ring) -> u64 {
        now()
    }
}

struct Party {
    root: RootKeys,
    node: Node,
    credential: Vec<u8>,
}

impl Party {
    fn new(name: &str) -> Result<Party> {
        let root = RootKeys::from_seeds(&crate::keyfile::RootSeeds::fresh(&SystemRandom).0)?;
        let keys = Arc::new(SoftKeys::new(&SoftKeys::fresh_seeds(&SystemRandom), &[])?);
        let desk = Desk { names: vec![("en".into(), name.into())], ..Desk::default() };
        let credential = Credential::new(&root, keys.as_ref(), 1, desk, now());
        let credential = Control::Credential(Box::new(credential)).sign(&root)?;
        let seams = Seams {
            keys,
            clock: Arc::new(Now),
            random: Arc::new(SystemRandom),
            crew: Arc::new(Inline),
        };
        let node = Node::found(Box::new(Sqlite::in_memory()?), &credential, seams)?;
        Ok(Party { root, node, credential })
    }

    fn enrol(&mut self, peer: PartyId, credential: &[u8]) -> Result<()> {
        self.node.import_credential(credential)?;
        let accreditation = Control::Accreditation(Accreditation {
            by: self.node.party(),
            peer,
            credential: Entry::of(credential),
            compared: "in-person".into(),
            issued_at: now(),
        });
        self.node.adopt(&accreditation.sign(&self.root)?).map(|_| ())
    }
}

/// One matter with many reminders, exported and checked.
pub fn measure(figures: &mut Vec<Figure>) -> Result<()> {
    let (mut a, mut b) = (Party::new("Arcadia")?, Party::new("Borealis")?);
    let (a_id, b_id) = (a.node.party(), b.node.party());
    let (a_credential, b_credential) = (a.credential.clone(), b.credential.clone());
    a.enrol(b_id, &b_credential)?;
    b.enrol(a_id, &a_credential)?;
    let matter = write(&mut a.node, draft(b_id, None))?;
    for _ in 1..STATEMENTS / 256 + 1 {
        for _ in 0..256 {
            a.node.submit(draft(b_id, Some(matter)))?;
        }
        a.node.ledger()?;
    }
    while let Some(parcel) = a.node.outgoing(&b_id, Ring::Live, false)? {
        let (_, answer) = b.node.respond(&parcel)?;
        a.node.incoming(&answer.ok_or_else(|| Code::Internal.at("no answer"))?)?;
    }
    let dossier = a.node.dossier(&matter)?;
    let (count, bytes) = (dossier.statements.len(), dossier.statements[0].statement.len());
    let files = dossier.files()?;
    let fingerprints = [a_id.fingerprint(), b_id.fingerprint()];
    let mut rates = Vec::new();
    for _ in 0..5 {
        let began = Instant::now();
        let report = counterpart_verify::dossier::check(&files, &fingerprints, limit::cores());
        if !report.is_valid() {
            return Err(Code::Internal.at("bench dossier is not valid"));
        }
        rates.push(count as f64 / began.elapsed().as_secs_f64());
    }
    let strict = limit::strict_verify(bytes)?;
    let rate = limit::median(&mut rates);
    let limit = ("strict Ed25519 verification alone", strict.per_second);
    figures.push(Figure::rate("verify.dossier", "statements/s", rate, limit));
    Ok(())
}

fn write(node: &mut Node, draft: Draft) -> Result<counterpart_record::id::MatterId> {
    node.submit(draft)?;
    let logged = node.ledger()?.pop().ok_or_else(|| Code::Internal.at("ledger"))?;
    Ok(logged.1?.matter)
}

fn draft(peer: PartyId, matter: Option<counterpart_record::id::MatterId>) -> Draft {
    let text = Object::default().with("lang", "en").with("text", "again");
    let (target, kind, body) = match matter {
        None => (Target::New { stream: "cybercrime".into() }, "request", opening()),
        Some(matter) => (Target::Matter(matter), "remind", Object::default()),
    };
    Draft {
        peer,
        ring: Ring::Live,
        target,
        rules: usual().rules().to_owned(),
        kind: kind.to_owned(),
        body,
        disclosed: vec![("text".to_owned(), Value::Object(text))],
        re: Vec::new(),
    }
}
