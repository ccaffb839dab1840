//! A proof of inconsistency as a file: two signed things of one party that cannot both be true.
//! Whoever has the file and the fingerprint of that party needs nobody else's word. REC-55

use crate::parties::digits;
use crate::report::Report;
use counterpart_record::fault::{Code, Result};
use counterpart_record::head::Head;
use counterpart_record::inconsistency::{Inconsistency, Proof};
use counterpart_record::party::Control;
use counterpart_record::strict::json::Object;
use counterpart_rules::clock;
use counterpart_rules::say::Say;

/// Checks a proof with nothing but the fingerprint of the party that it is about.
pub fn check(bytes: &[u8], fingerprint: &str) -> Report {
    let mut report = Report::single("inconsistency");
    match told(bytes, fingerprint) {
        Ok(told) => {
            told.into_iter().for_each(|(sentence, facts)| report.tell(sentence, facts));
            report.unchecked = vec![Say::of("verify-unchecked-inconsistency")];
        }
        Err(fault) => report.findings.push(fault.into()),
    }
    report
}

fn told(bytes: &[u8], fingerprint: &str) -> Result<Vec<(Say, Object)>> {
    let proof = Proof::parse(bytes)?;
    let party = proof.verify()?;
    // A stranger's root pair signs whatever it likes: the party is the one that was meant, or none.
    if digits(&party.fingerprint()) != digits(fingerprint) {
        return Err(Code::FingerprintDiffers.at(party.short()));
    }
    let Control::Credential(credential) = Control::verify(&proof.credential, None)? else {
        return Err(Code::ProofWrong.at("not a credential"));
    };
    let named = Say::of("verify-inconsistency")
        .with("name", credential.name("en"))
        .with("party", party.to_string());
    let facts = Object::default()
        .with("party", party.to_string())
        .with("name", credential.name("en"))
        .with("what", proof.what.name())
        .with("origin", proof.log.origin())
        .with("drill", proof.drill);
    let said = Say::of(format!("verify-inconsistency-{}", proof.what.name()));
    let said = match &proof.what {
        Inconsistency::TwoRoots(a, b)
        | Inconsistency::TwoOfficialHeads(a, b)
        | Inconsistency::Forked(a, b, _) => said
            .with("first", leaves(a))
            .with("second", leaves(b))
            .with("time", clock::shown(a.time))
            .with("later", clock::shown(b.time)),
        Inconsistency::TwoActs(..) => said,
    };
    let log = Say::of("verify-inconsistency-log").with("origin", proof.log.origin());
    Ok(vec![(named, facts), (said, Object::default()), (log, Object::default())])
}

/// The leaves that a head is the official one of: the first and the last.
fn leaves(head: &Head) -> String {
    match head.size.saturating_sub(1) {
        last if last <= head.prev_size => last.to_string(),
        last => format!("{}-{last}", head.prev_size),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use counterpart_record::head::LogId;
    use counterpart_record::id::ChannelId;
    use counterpart_record::keys::{Ring, RingSeeds, RootKeys, SoftKeys};
    use counterpart_record::party::{Credential, Desk};
    use counterpart_rules::say::Lang;
    use zeroize::Zeroizing;

    fn seeds(from: u8) -> RingSeeds {
        let mut seeds = Zeroizing::new([[0; 32]; 7]);
        (from..).zip(seeds.iter_mut()).for_each(|(fill, seed)| seed.fill(fill));
        seeds
    }

    /// A proof that its author made of its own two heads, and its fingerprint.
    fn proof(author: u8) -> (Proof, String) {
        let root = RootKeys::from_seeds(&Zeroizing::new([[author; 32], [author + 1; 32]])).unwrap();
        let keys = SoftKeys::new(&[seeds(author + 2), seeds(author + 10)], &[]).unwrap();
        let names = vec![("en".to_owned(), "Arcadia".to_owned())];
        let desk = Desk { names, ..Desk::default() };
        let credential = Credential::new(&root, &keys, 1, desk, 5);
        let owner = credential.party;
        let log = LogId { channel: ChannelId([1; 32]), owner, epoch: 1 };
        let head = |fill: u8| Head::sign(&log, (2, 5), [fill; 32], 9, Ring::Live, &keys).unwrap();
        let what = Inconsistency::TwoRoots(head(3), head(4));
        let credential = Control::Credential(Box::new(credential)).sign(&root).unwrap();
        (Proof { log, drill: false, credential, what }, owner.fingerprint())
    }

    /// REC-55
    #[test]
    fn a_proof_convicts_the_party_with_that_fingerprint_and_nobody_else() {
        let (proof, print) = proof(20);
        let bytes = proof.encode();
        let good = check(&bytes, &print);
        assert!(good.is_valid());
        for (lang, word) in [(Lang::En, "Two contents"), (Lang::ZhCn, "两种不同内容")] {
            let text = good.to_text(lang);
            assert!(text.contains("Arcadia") && text.contains(word), "{text}");
            // Two heads over the range from 2 to 5, whose last leaf is 4.
            assert!(text.contains("2-4") && !text.contains("2-5"), "{text}");
        }
        // Somebody else's fingerprint: whoever forges one signs with keys of his own.
        let (forged, other) = self::proof(60);
        assert_eq!(check(&bytes, &other).findings[0].fault.code, Code::FingerprintDiffers);
        let code = |proof: &Proof| check(&proof.encode(), &print).findings[0].fault.code;
        assert_eq!(code(&forged), Code::FingerprintDiffers);
        let mixed = Proof { what: forged.what.clone(), ..proof.clone() };
        assert_eq!(code(&mixed), Code::SignatureWrong);
        // What can be true convicts nobody.
        let Inconsistency::TwoRoots(head, _) = &proof.what else { panic!() };
        let same = Inconsistency::TwoRoots(head.clone(), head.clone());
        assert_eq!(code(&Proof { what: same, ..proof.clone() }), Code::ProofWrong);
        // Nor does one of which any byte was changed.
        for at in (0..bytes.len()).step_by(211).chain([0, bytes.len() - 1]) {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert!(!check(&changed, &print).is_valid(), "byte {at}");
        }
        assert!(!check(&bytes[..bytes.len() - 1], &print).is_valid());
    }
}
