//! A page: one statement of a party as somebody without a node was given it. The credentials in the
//! folder are proven by the fingerprint, the statement by the credentials, and the page by making
//! it again. COR-7.

use crate::parties::digits;
use crate::report::Report;
use crate::single::rests_on;
use counterpart_record::disclose::Disclosure;
use counterpart_record::fault::{Code, Fault, Result};
use counterpart_record::id::PartyId;
use counterpart_record::keys::{Ring, Role};
use counterpart_record::party::{Control, Credential};
use counterpart_record::receipt::{self, Receipt};
use counterpart_record::statement::{Unverified, Verified};
use counterpart_record::strict::json::Object;
use counterpart_rules::apart::{Correspondent, DESCRIBED, Named, Page, RULES};
use counterpart_rules::clock;
use counterpart_rules::say::Say;
use std::collections::BTreeMap;

type Files = BTreeMap<String, Vec<u8>>;

/// Checks a folder with nothing but the fingerprint of its author.
pub fn check(files: &Files, fingerprint: &str) -> Report {
    let mut report = Report::single("page");
    match told(files, fingerprint) {
        Ok(told) => {
            told.into_iter().for_each(|(sentence, facts)| report.tell(sentence, facts));
            report.unchecked = vec![Say::of("verify-unchecked-page")];
        }
        Err(fault) => report.findings.push(fault.into()),
    }
    report
}

fn told(files: &Files, fingerprint: &str) -> Result<Vec<(Say, Object)>> {
    let credentials = credentials(files, fingerprint)?;
    let newest = credentials.iter().max_by_key(|credential| credential.version);
    let newest = newest.ok_or_else(|| Code::FileMissing.at("credential-1.cose"))?;
    let party = newest.party;
    let (act, receipt) = proven(files, &credentials, "")?;
    let (header, payload) = (&act.header, &act.payload);
    let (to, one_sided) = addressed(files, &credentials, &act)?;
    belongs(&act, &party, one_sided)?;
    let from = Named { names: &newest.desk.names, callback: &newest.desk.callback };
    let to = Named { names: &to.0, callback: &to.1 };
    let page = Page { act: &act, from, to };
    if file(files, "page.txt")? != page.whole().as_bytes() {
        return Err(Code::PageDiffers.at("page.txt"));
    }
    let sentence = Say::of("verify-page")
        .with("name", newest.name("en"))
        .with("kind", payload.kind.as_str())
        .with("rules", payload.rules.as_str())
        .with("matter", header.matter.to_string())
        .with("time", clock::shown(header.issued_at));
    let facts = Object::default()
        .with("entry", act.entry.to_string())
        .with("author", party.to_string())
        .with("audience", header.audience.to_string())
        .with("matter", header.matter.to_string())
        .with("kind", payload.kind.as_str())
        .with("one_sided", one_sided)
        .with("index", receipt.index)
        .with("time", receipt.time);
    let logged = Say::of("verify-receipt")
        .with("party", party.to_string())
        .with("index", receipt.index.to_string())
        .with("size", receipt.size.to_string())
        .with("time", clock::shown(receipt.time));
    Ok(vec![(sentence, facts), (logged, Object::default())])
}

fn file<'a>(files: &'a Files, name: &str) -> Result<&'a [u8]> {
    files.get(name).map(Vec::as_slice).ok_or_else(|| Code::FileMissing.at(name))
}

/// The credentials in the folder: all of one party, and of the one whose fingerprint is given.
fn credentials(files: &Files, fingerprint: &str) -> Result<Vec<Credential>> {
    let mut found = Vec::new();
    for (name, bytes) in files.iter().filter(|(name, _)| name.starts_with("credential-")) {
        let control = Control::verify(bytes, None).map_err(|fault| fault.within(name))?;
        let Control::Credential(credential) = control else {
            return Err(Code::StructureWrong.at(name.as_str()));
        };
        if digits(&credential.party.fingerprint()) != digits(fingerprint) {
            return Err(Code::FingerprintDiffers.at(name.as_str()));
        }
        found.push(*credential);
    }
    Ok(found)
}

/// A statement under one of the keys of the credentials, with its receipt and checkpoint.
fn proven(files: &Files, credentials: &[Credential], prefix: &str) -> Result<(Verified, Receipt)> {
    let named = |name: &str| format!("{prefix}{name}");
    let within = |name: &'static str| {
        let name = named(name);
        move |fault: Fault| fault.within(&name)
    };
    let bytes = file(files, &named("statement.cose"))?;
    let unverified = Unverified::parse(bytes).map_err(within("statement.cose"))?;
    let kid = unverified.header().kid;
    let rings = || {
        let each = |ring| move |credential: &'_ Credential| (ring, credential.ring(ring).clone());
        Ring::ALL.into_iter().flat_map(move |ring| credentials.iter().map(each(ring)))
    };
    let signed = rings().find(|(_, keys)| keys.key(Role::Statement).thumbprint() == kid);
    let (ring, keys) = signed.ok_or_else(|| Code::KidUnknown.at(named("statement.cose")))?;
    let text = String::from_utf8(file(files, &named("disclosures.txt"))?.to_vec());
    let text = text.map_err(|_| Code::DisclosureWrong.at(named("disclosures.txt")))?;
    let beside = text.lines().map(Disclosure::parse).collect::<Result<Vec<_>>>();
    let beside = beside.map_err(within("disclosures.txt"))?;
    let key = keys.key(Role::Statement);
    let act = unverified.verify(key, beside, false).map_err(within("statement.cose"))?;
    if act.payload.drill != ring.is_drill() {
        return Err(Code::DrillDiffers.at(named("statement.cose")));
    }
    let bytes = file(files, &named("receipt.cose"))?;
    let mut last = Code::KidUnknown.at(named("receipt.cose"));
    for (_, keys) in rings().filter(|(other, _)| *other == ring) {
        let read = receipt::verify(bytes, keys.key(Role::Log), &act.entry);
        match read {
            Ok(receipt) => {
                let note = file(files, &named("checkpoint.txt"))?;
                rests_on(&receipt, note, &receipt.log.verifiers(&keys))
                    .map_err(within("checkpoint.txt"))?;
                let log = &receipt.log;
                if (log.channel, log.owner) != (act.header.channel, act.header.issuer) {
                    return Err(Code::OriginWrong.at(named("receipt.cose")));
                }
                return Ok((act, receipt));
            }
            Err(fault) if fault.code == Code::KidUnknown => {}
            Err(fault) => last = fault.within(&named("receipt.cose")),
        }
    }
    Err(last)
}

/// It lies where its author says: on a channel of two, or in a one-sided log. COR-1.
fn belongs(act: &Verified, author: &PartyId, one_sided: bool) -> Result<()> {
    let (to, drill, epoch) = (&act.header.audience, act.payload.drill, act.payload.epoch);
    match one_sided {
        true => act.belongs_apart(author, to, drill, epoch),
        false => act.belongs(author, to, drill, epoch),
    }
}

/// The names and numbers of somebody.
type Told = (Vec<(String, String)>, Vec<String>);

/// Whom it is for: by their own credential, or, for somebody without a node, by the
/// author's statement; and whether it is the latter.
fn addressed(files: &Files, credentials: &[Credential], act: &Verified) -> Result<(Told, bool)> {
    let wrong = |name: &str| Code::AudienceWrong.at(name);
    if let Some(bytes) = files.get("to-credential.cose") {
        let control = Control::verify(bytes, None);
        let control = control.map_err(|fault| fault.within("to-credential.cose"))?;
        return match control {
            Control::Credential(to) if to.party == act.header.audience => {
                Ok(((to.desk.names, to.desk.callback), false))
            }
            _ => Err(wrong("to-credential.cose")),
        };
    }
    let (said, _) = proven(files, credentials, "to-")?;
    belongs(&said, &act.header.issuer, true)?;
    let (rules, kind) = (said.payload.rules.as_str(), said.payload.kind.as_str());
    if (rules, kind, said.header.audience) != (RULES, DESCRIBED, act.header.audience) {
        return Err(wrong("to-statement.cose"));
    }
    let who = said.disclosures.iter().find(|one| one.name == DESCRIBED);
    let who =
        who.and_then(|one| one.value.as_object()).ok_or_else(|| wrong("to-statement.cose"))?;
    let who = Correspondent::read(who)?;
    Ok(((who.names, who.callback), true))
}
