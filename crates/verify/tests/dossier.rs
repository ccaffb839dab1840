//! Whole dossiers, and everything that can be done to them.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the verdict")]

#[path = "dossier/world.rs"]
mod world;

use counterpart_record::dossier::SignedHead;
use counterpart_record::dossier::extension::Extension;
use counterpart_record::fault::Code;
use counterpart_record::head::Head;
use counterpart_record::id::{ChannelId, Entry};
use counterpart_record::keys::{Keys as _, Ring, Role};
use counterpart_record::party::{Control, RootPublic};
use counterpart_rules::say::Lang;
use counterpart_verify::dossier::check;
use counterpart_verify::report::{About, Contents, Report};
use world::{A, B, Files, World, repack};

fn checked(world: &World) -> Report {
    check(&world.files(), &world.fingerprints(), 2)
}

fn codes(report: &Report) -> Vec<Code> {
    report.findings.iter().map(|finding| finding.fault.code).collect()
}

fn contents(report: &Report) -> &Contents {
    match &report.about {
        About::Dossier(contents) => contents,
        About::Single(kind, ..) => panic!("{kind}"),
    }
}

/// Refused, for this reason, with the sentence of the fault in both languages.
fn refused(world: &World, code: Code) {
    let report = checked(world);
    assert!(codes(&report).contains(&code), "{code:?} in {:?}", report.findings);
    for lang in Lang::ALL {
        assert!(report.to_text(lang).contains(code.name()));
    }
}

#[test]
fn a_whole_dossier_holds_and_says_who_what_and_when() {
    let world = World::with_a_matter();
    let report = checked(&world);
    assert_eq!(report.findings, []);
    assert_eq!(report.unchecked, []);
    let contents = contents(&report);
    assert_eq!(contents.acts.len(), 5);
    let both = contents.acts.iter().filter(|act| act.own.is_some() && act.peer.is_some());
    assert_eq!(both.count(), 4);
    let remind = &contents.acts[4];
    assert_eq!((remind.kind.as_str(), remind.peer), ("remind", None));
    let english = report.to_text(Lang::En);
    for phrase in [
        "EXERCISE",
        "Arcadia to Borealis: Request",
        "Held by both",
        "Held by its author only",
        "All 2 disclosed fields",
        "VALID. Everything",
        &world.fingerprints()[0],
    ] {
        assert!(english.contains(phrase), "{phrase} in {english}");
    }
    let chinese = report.to_text(Lang::ZhCn);
    for phrase in ["阿卡迪亚 致 北境", "双方均已持有", "有效"] {
        assert!(chinese.contains(phrase), "{phrase} in {chinese}");
    }
    for thread in 1..4 {
        let again = check(&world.files(), &world.fingerprints(), thread);
        assert_eq!(again.to_text(Lang::En), english);
    }
}

#[test]
fn dos_7_the_same_contents_give_the_same_bytes() {
    let world = World::with_a_matter();
    let mut again = world.joined();
    assert!(world.joined().files().unwrap() == again.files().unwrap());
    // With what follows from them, too.
    let of =
        |tag: &str| String::from_utf8(world.files()[&format!("data/summary.{tag}.txt")].clone());
    again.summaries = ["en", "zh-CN"].map(|tag| (tag.to_owned(), of(tag).unwrap())).into();
    assert!(world.files() == again.files().unwrap());
}

#[test]
fn dos_1_dos_2_every_altered_and_every_missing_file_is_named() {
    let world = World::with_a_matter();
    let good = world.files();
    let fingerprints = world.fingerprints();
    for path in good.keys() {
        let mut altered = good.clone();
        let bytes = altered.get_mut(path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        let report = check(&altered, &fingerprints, 2);
        assert!(!report.is_valid(), "{path}");
        if path.starts_with("data/") {
            assert!(report.findings.iter().all(|f| f.fault.code == Code::BagWrong));
            assert!(report.to_text(Lang::En).contains("altered or damaged"), "{path}");
            assert!(report.to_text(Lang::En).contains(path), "{path}");
        }
        let mut missing = good.clone();
        missing.remove(path);
        let report = check(&missing, &fingerprints, 2);
        assert!(codes(&report).contains(&Code::FileMissing), "{path}");
        assert!(report.to_text(Lang::En).contains(path), "{path}");
    }
}

#[test]
fn dos_20_an_attacker_who_repairs_the_bag_is_refused_on_every_file_that_proves_something() {
    let world = World::with_a_matter();
    let good = world.files();
    let mut again = good.clone();
    repack(&mut again);
    assert_eq!(again, good);
    for (path, bytes) in good.iter().filter(|(path, _)| path.starts_with("data/")) {
        // What stands below the line of a summary is for reading; DOS-20 says so.
        let summary = path.starts_with("data/summary.");
        let below = b"It is open.\n".len();
        let end = if summary { bytes.len() - below } else { bytes.len() };
        let follows = summary || path.starts_with("data/vkeys/");
        let step = (bytes.len() / 12).max(1);
        for at in (0..bytes.len()).step_by(step).chain([bytes.len() - 1]) {
            let mut altered = good.clone();
            altered.get_mut(path).unwrap()[at] ^= 1;
            // White space around JSON and PEM carries nothing.
            let blank = bytes[at].is_ascii_whitespace() || (bytes[at] ^ 1).is_ascii_whitespace();
            repack(&mut altered);
            let report = check(&altered, &world.fingerprints(), 1);
            let other_words = summary && !report.unchecked.is_empty();
            let proves = at < end && !other_words;
            assert!(report.is_valid() != proves || blank, "{path} byte {at}");
        }
        let mut missing = good.clone();
        missing.remove(path);
        repack(&mut missing);
        let report = check(&missing, &world.fingerprints(), 1);
        assert_eq!(report.is_valid(), follows, "{path}");
    }
}

/// DOS-20: a summary that was altered, and a bag that was made right again.
#[test]
fn dos_20_a_summary_that_says_otherwise_is_found_and_one_that_cannot_be_compared_is_named() {
    let world = World::with_a_matter();
    let altered = |path: &str, change: &dyn Fn(String) -> String| {
        let mut files = world.files();
        let text = String::from_utf8(files.remove("data/summary.en.txt").unwrap()).unwrap();
        files.insert(path.to_owned(), change(text).into_bytes());
        repack(&mut files);
        check(&files, &world.fingerprints(), 2)
    };
    let forged = altered("data/summary.en.txt", &|text| text.replacen("Reminder", "Refusal", 1));
    assert_eq!(codes(&forged), [Code::SummaryDiffers]);
    assert!(forged.to_text(Lang::En).contains("Believe the acts"));
    // Below the line stands what nobody signed, and the report says that it was not checked.
    let more = altered("data/summary.en.txt", &|text| text + "It was refused.\n");
    assert_eq!((codes(&more), more.unchecked.len()), (vec![], 0));
    let text = more.to_text(Lang::En);
    assert!(text.contains("data/summary.en.txt says above its line"), "{text}");
    assert!(more.to_text(Lang::ZhCn).contains("未经核验"));
    let bare = altered("data/summary.en.txt", &|text| text.replace("It is open.\n", ""));
    assert!(bare.to_text(Lang::En).contains("data/summary.en.txt says what the acts say"));
    // Other words and other languages are named, and not taken for what they say.
    let version = |text: String| text.replace("counterpart 0.1.0 =", "counterpart 7.0.0 =");
    let other = altered("data/summary.en.txt", &version);
    assert_eq!(
        (codes(&other), other.unchecked[0].key.as_str()),
        (vec![], "verify-unchecked-words")
    );
    let french = altered("data/summary.fr.txt", &|text| text);
    assert_eq!(french.unchecked[0].key, "verify-unchecked-language");
}

/// DOS-24: the keys beside a checkpoint are those that signed it.
#[test]
fn dos_24_a_verifier_key_that_did_not_sign_the_checkpoint_is_refused() {
    let world = World::with_a_matter();
    let good = world.files();
    let keys: Vec<&String> = good.keys().filter(|path| path.starts_with("data/vkeys/")).collect();
    assert_eq!(keys.len(), world.dossier.checkpoints.len());
    let first = keys[0];
    // Those of a head of the other log.
    let other = keys.iter().find(|path| good[**path] != good[first]).unwrap();
    let mut files = good.clone();
    files.insert(first.clone(), good[*other].clone());
    repack(&mut files);
    let report = check(&files, &world.fingerprints(), 2);
    assert_eq!(codes(&report), [Code::KidUnknown]);
    assert!(report.findings[0].fault.at.starts_with(first.as_str()));
    let report = check(&good, &world.fingerprints(), 2);
    assert_eq!(report.findings, []);
}

#[test]
fn dos_5_a_file_that_the_index_does_not_name_is_refused() {
    let world = World::with_a_matter();
    let mut files = world.files();
    files.insert("data/statements/000099.cose".into(), b"x".to_vec());
    let report = check(&files, &world.fingerprints(), 1);
    assert_eq!(codes(&report), [Code::BagWrong]);
    repack(&mut files);
    let report = check(&files, &world.fingerprints(), 1);
    assert_eq!(codes(&report), [Code::BagWrong]);
    assert!(report.findings[0].fault.at.contains("000099"));
}

#[test]
fn dos_8_dos_9_only_the_two_whose_fingerprints_were_given() {
    let world = World::with_a_matter();
    let files = world.files();
    let mut wrong = world.fingerprints();
    wrong[1] = wrong[0].clone();
    let report = check(&files, &wrong, 1);
    assert_eq!(codes(&report), [Code::FingerprintDiffers]);
    assert_eq!(report.findings[0].of, Some(world.sides[B].party));
    assert!(report.to_text(Lang::En).contains("not one of those that you gave"));
    let close: Vec<String> = world.fingerprints().iter().map(|f| f.replace(' ', "")).collect();
    assert!(check(&files, &close, 1).is_valid());

    let mut third = World::with_a_matter();
    let (root, keys) = (world::root(120), world::keys(70));
    let stranger = world::credential(&root, &keys, 1, ["Cimmeria", "基米里"]);
    let party = stranger.party;
    let bytes = Control::Credential(Box::new(stranger)).sign(&root).unwrap();
    third.dossier.credentials.push((party, bytes));
    refused(&third, Code::PartyWrong);

    let mut lost = World::with_a_matter();
    lost.dossier.credentials.remove(0);
    refused(&lost, Code::PartyWrong);
    let mut lied = World::with_a_matter();
    lied.dossier.credentials[1].0 = lied.sides[A].party;
    refused(&lied, Code::IssuerWrong);
    let mut live = World::with_a_matter();
    live.dossier.drill = false;
    refused(&live, Code::ChannelWrong);
    let mut other = World::with_a_matter();
    other.dossier.channel = ChannelId([7; 32]);
    refused(&other, Code::ChannelWrong);
}

#[test]
fn dos_10_keys_count_from_where_their_credential_lies() {
    let mut world = World::with_a_matter();
    let matter = world.dossier.matters[0];
    let old = world.sides[A].keys.public(Ring::Drill).key(Role::Statement).clone();
    world.rotate(A, 130);
    let rotated = world.dossier.clone();
    world.act(A, matter, "remind", 0);
    world.append(A, world.last());
    world.append(B, world.last());
    world.seal(A);
    world.seal(B);
    world.receipts_of_last();
    let report = checked(&world);
    assert_eq!((report.findings.as_slice(), report.unchecked.as_slice()), (&[][..], &[][..]));

    // Without the receipt of the new credential nothing shows from where it counts.
    let mut blind = World { dossier: world.dossier.clone(), ..World::with_a_matter() };
    blind.dossier.control_receipts.clear();
    refused(&blind, Code::KidUnknown);
    assert!(checked(&blind).unchecked.iter().any(|say| say.key == "verify-unchecked-placed"));

    // A credential may be there twice, but not two of one version.
    let mut doubled = World::with_a_matter();
    doubled.dossier.credentials.push(doubled.dossier.credentials[0].clone());
    assert!(checked(&doubled).is_valid());
    let mut forked = World::with_a_matter();
    forked.sides[A].credential.version = 0;
    forked.rotate(A, 130);
    refused(&forked, Code::CredentialOrder);

    // The old key signs once more after the rotation.
    let mut late = World::with_a_matter();
    late.rotate(A, 130);
    assert_eq!(late.dossier.credentials.len(), rotated.credentials.len());
    let fresh = std::mem::replace(&mut late.sides[A].keys, world::keys(10));
    assert_eq!(*late.sides[A].keys.public(Ring::Drill).key(Role::Statement), old);
    late.act(A, matter, "remind", 0);
    late.sides[A].keys = fresh;
    late.append(A, late.last());
    late.seal(A);
    late.receipts_of_last();
    refused(&late, Code::KidUnknown);

    // A version is left out.
    let mut skipped = World::with_a_matter();
    skipped.sides[A].credential.version = 2;
    skipped.rotate(A, 130);
    refused(&skipped, Code::CredentialOrder);
}

#[test]
fn dos_11_checkpoints_carry_both_lines_and_good_cosignatures() {
    let mut alone = World::with_a_matter();
    let head = alone.dossier.checkpoints[2].head.clone();
    alone.dossier.checkpoints[2] = alone.signed(A, &head, false);
    // A later head of the log is cosigned, and this one is shown to grow into it.
    assert_eq!((codes(&checked(&alone)), checked(&alone).unchecked), (vec![], vec![]));
    let of_a = |signed: &SignedHead| signed.log == alone.sides[A].log;
    let last = alone.dossier.checkpoints.iter().rposition(of_a).unwrap();
    let head = alone.dossier.checkpoints[last].head.clone();
    alone.dossier.checkpoints[last] = alone.signed(A, &head, false);
    let report = checked(&alone);
    assert!(report.is_valid());
    assert_eq!(report.unchecked.len(), 1);
    assert_eq!(report.unchecked[0].key, "verify-unchecked-cosigned");
    assert!(report.to_text(Lang::En).contains("VALID in all that was checked"));

    let mut half = World::with_a_matter();
    let note = half.dossier.checkpoints[2].note.clone();
    let lines: Vec<&str> = note.lines().collect();
    for gone in 4..lines.len() {
        let kept = lines.iter().enumerate().filter(|(i, _)| *i != gone);
        half.dossier.checkpoints[2].note = kept.map(|(_, line)| format!("{line}\n")).collect();
        refused(&half, Code::SignatureWrong);
    }
    half.dossier.checkpoints[2].note = note.replacen("\n\n", "\nextension\n\n", 1);
    refused(&half, Code::NoteMalformed);
    half.dossier.checkpoints[2].note = note;
    half.dossier.checkpoints[2].head.size += 1;
    refused(&half, Code::OriginWrong);
}

#[test]
fn dos_12_heads_of_one_log_agree() {
    let mut world = World::with_a_matter();
    let side = &world.sides[A];
    let (newest, _) = side.heads.last().unwrap().clone();
    let sign = |range, root, time| {
        Head::sign(&side.log, range, root, time, Ring::Drill, &side.keys).unwrap()
    };
    let forked = sign((newest.prev_size, newest.size), [9; 32], newest.time);
    let forked = world.signed(A, &forked, true);
    let good = world.dossier.checkpoints.clone();
    world.dossier.checkpoints.push(forked);
    refused(&world, Code::RootDiffers);
    world.dossier.checkpoints = good.clone();
    let back = sign_again(&world, newest.size + 1, newest.time - 1);
    world.dossier.checkpoints.push(world.signed(A, &back, true));
    refused(&world, Code::TimeBack);
}

#[test]
fn dos_12_no_leaf_has_two_official_heads() {
    let mut world = World::with_a_matter();
    let side = &world.sides[A];
    // The owner signs its newest state again, over a range that begins before the last head.
    let (newest, key) = side.heads.last().unwrap().clone();
    let entry = *side.entries.last().unwrap();
    let (range, time) = ((newest.prev_size - 2, newest.size), newest.time);
    let wide = Head::sign(&side.log, range, newest.root, time, Ring::Drill, &side.keys).unwrap();
    let signed = world.signed(A, &wide, true);
    let place = world.dossier.checkpoints.len() - 1;
    let last = world.dossier.checkpoints.iter().rposition(|s| s.head == newest).unwrap();
    assert!(last <= place);
    world.dossier.checkpoints[last] = signed;
    world.sides[A].heads.pop();
    world.sides[A].heads.push((wide.clone(), key));
    let index = world.sides[A].entries.iter().position(|e| *e == entry).unwrap() as u64;
    let held = world.held_under(A, index, &wide);
    world.dossier.statements.last_mut().unwrap().receipts = vec![held];
    refused(&world, Code::HeadOrder);
}

/// What is wrong once one file of the proofs was changed and the bag made right again.
fn with_extension(world: &World, path: &str, change: impl Fn(&mut Extension)) -> Vec<Code> {
    let mut files = world.files();
    let mut extension = Extension::parse(&files[path]).unwrap();
    change(&mut extension);
    files.insert(path.to_owned(), extension.to_text().into_bytes());
    repack(&mut files);
    codes(&check(&files, &world.fingerprints(), 1))
}

#[test]
fn dos_21_every_head_is_shown_to_grow_into_the_next() {
    let world = World::with_a_matter();
    let files = world.files();
    let proofs: Vec<&String> =
        files.keys().filter(|path| path.starts_with("data/extensions/")).collect();
    assert_eq!(proofs.len(), world.dossier.checkpoints.len() - 2, "all but the last of each log");
    for path in &proofs {
        assert_eq!(with_extension(&world, path, |_| ()), []);
        for (what, change) in [
            ("path", &(|e: &mut Extension| e.path[0][3] ^= 1) as &dyn Fn(&mut Extension)),
            ("longer", &|e| e.path.push([0; 32])),
            ("shorter", &|e| e.path.truncate(e.path.len() - 1)),
            ("old root", &|e| e.old.1[0] ^= 1),
            ("new root", &|e| e.new.1[0] ^= 1),
            ("old size", &|e| e.old.0 -= 1),
            ("new size", &|e| e.new.0 += 1),
            ("itself", &|e| (e.new, e.path) = (e.old, Vec::new())),
        ] {
            assert_eq!(with_extension(&world, path, change), [Code::ProofWrong], "{path} {what}");
        }
    }
    // A proof that is good, but of two other heads.
    let mut moved = files.clone();
    moved.insert(proofs[0].clone(), files[proofs[2]].clone());
    repack(&mut moved);
    assert_eq!(codes(&check(&moved, &world.fingerprints(), 1)), [Code::ProofWrong]);

    let mut missing = World { dossier: world.joined(), ..World::with_a_matter() };
    missing.dossier.checkpoints[0].extended = None;
    let report = check(&missing.dossier.files().unwrap(), &world.fingerprints(), 1);
    assert_eq!(codes(&report), [Code::ProofWrong]);
    assert!(report.findings[0].fault.at.contains("checkpoints/0001.txt"));
}

#[test]
fn dos_21_two_trees_of_one_log_do_not_pass_even_if_both_heads_are_cosigned() {
    let mut world = World::with_a_matter();
    let side = &world.sides[A];
    let (newest, _) = side.heads.last().unwrap().clone();
    let range = (newest.size, newest.size + 3);
    let time = newest.time + 1;
    let other = Head::sign(&side.log, range, [8; 32], time, Ring::Drill, &side.keys).unwrap();
    world.dossier.checkpoints.push(world.signed(A, &other, true));
    assert_eq!(codes(&checked(&world)), [Code::ProofWrong]);
}

fn sign_again(world: &World, size: u64, time: u64) -> Head {
    let side = &world.sides[A];
    Head::sign(&side.log, (size - 1, size), [8; 32], time, Ring::Drill, &side.keys).unwrap()
}

#[test]
fn dos_13_dos_14_statements_and_disclosures() {
    let mut erased = World::with_a_matter();
    erased.dossier.statements[0].disclosures.remove(0);
    let report = checked(&erased);
    assert!(report.is_valid());
    assert!(report.to_text(Lang::En).contains("1 of 2 disclosed fields"));

    let mut swapped = World::with_a_matter();
    let foreign = swapped.dossier.statements[1].disclosures[0].clone();
    swapped.dossier.statements[0].disclosures[0] = foreign;
    refused(&swapped, Code::DisclosureWrong);
    let mut doubled = World::with_a_matter();
    let first = doubled.dossier.statements[0].disclosures[0].clone();
    doubled.dossier.statements[0].disclosures[1] = first;
    refused(&doubled, Code::DisclosureWrong);

    let mut wrong_key = World::with_a_matter();
    wrong_key.dossier.statements[0].key = wrong_key.dossier.statements[1].key.clone();
    refused(&wrong_key, Code::KidUnknown);
    let mut wrong_issuer = World::with_a_matter();
    wrong_issuer.dossier.statements[0].issuer = wrong_issuer.sides[B].party;
    refused(&wrong_issuer, Code::IssuerWrong);
}

#[test]
fn dos_6_a_disclosure_file_has_one_text_a_line_and_nothing_else() {
    let world = World::with_a_matter();
    let mut files = world.files();
    let path = "data/disclosures/000001.txt";
    let good = std::mem::take(files.get_mut(path).unwrap());
    let texts = world.dossier.statements[0].disclosures.join("\n") + "\n";
    assert_eq!(good, texts.as_bytes());
    let doubled = texts.replacen('\n', "\n\n", 1);
    for bad in [texts.clone() + "\n", texts.trim_end().into(), "\n".into(), "".into(), doubled] {
        files.insert(path.into(), bad.clone().into_bytes());
        repack(&mut files);
        let report = check(&files, &world.fingerprints(), 1);
        assert!(codes(&report).contains(&Code::DisclosureWrong), "{bad:?}");
    }
    let many = texts.lines().next().unwrap().to_owned() + "\n";
    files.insert(path.into(), many.repeat(65).into_bytes());
    repack(&mut files);
    let report = check(&files, &world.fingerprints(), 1);
    assert!(codes(&report).contains(&Code::TooLarge));
    // One line less is a disclosure that was erased, and nothing else changes; but a summary that
    // still tells it says what is not proven any more. DOS-20
    let kept = texts.split_once('\n').unwrap().1;
    files.insert(path.into(), kept.into());
    repack(&mut files);
    let told = check(&files, &world.fingerprints(), 1);
    assert_eq!(codes(&told), [Code::SummaryDiffers, Code::SummaryDiffers]);
    files.retain(|path, _| !path.starts_with("data/summary."));
    repack(&mut files);
    assert!(check(&files, &world.fingerprints(), 1).is_valid());
}

#[test]
fn dos_15_dos_16_receipts_rest_on_their_heads() {
    let mut silent = World::with_a_matter();
    silent.dossier.statements[0].receipts.truncate(1);
    assert!(checked(&silent).is_valid());
    silent.dossier.statements[0].receipts.clear();
    refused(&silent, Code::ReceiptWrong);

    let mut moved = World::with_a_matter();
    moved.dossier.statements[0].receipts[0].checkpoint = 0;
    refused(&moved, Code::ReceiptWrong);
    let mut other_log = World::with_a_matter();
    other_log.dossier.statements[0].receipts[0].party = other_log.sides[B].party;
    refused(&other_log, Code::IssuerWrong);
    let mut other_key = World::with_a_matter();
    let key = other_key.dossier.statements[0].receipts[1].log_key.clone();
    other_key.dossier.statements[0].receipts[0].log_key = key;
    refused(&other_key, Code::KidUnknown);
    let mut doubled = World::with_a_matter();
    let first = doubled.dossier.statements[0].receipts[0].clone();
    doubled.dossier.statements[0].receipts.push(first);
    refused(&doubled, Code::ReceiptWrong);

    // A receipt of the newest head for a leaf that an older one is official for.
    let mut restated = World::with_a_matter();
    let entry = Entry::of(&restated.dossier.statements[0].statement);
    let index = restated.sides[A].entries.iter().position(|e| *e == entry).unwrap() as u64;
    let (newest, _) = restated.sides[A].heads.last().unwrap().clone();
    let held = restated.held_under(A, index, &newest);
    restated.dossier.statements[0].receipts[0] = held;
    refused(&restated, Code::ReceiptWrong);
    // The same while it is the only receipt of that head, so that nothing is known of it.
    restated.dossier.statements.pop();
    refused(&restated, Code::ReceiptWrong);

    // Two statements exchange their receipts.
    let mut exchanged = World::with_a_matter();
    let first = exchanged.dossier.statements[1].receipts.clone();
    exchanged.dossier.statements[1].receipts = exchanged.dossier.statements[2].receipts.clone();
    exchanged.dossier.statements[2].receipts = first;
    refused(&exchanged, Code::SignatureWrong);
}

#[test]
fn dos_17_no_act_is_left_out_doubled_or_of_another_matter() {
    let mut hole = World::with_a_matter();
    hole.dossier.statements.remove(3);
    refused(&hole, Code::EntriesMissing);
    assert!(checked(&hole).to_text(Lang::En).contains("An act of this author is left out"));
    let mut first = World::with_a_matter();
    first.dossier.statements.remove(0);
    refused(&first, Code::EntriesMissing);
    let mut twice = World::with_a_matter();
    let act = twice.dossier.statements[0].clone();
    twice.dossier.statements.push(act);
    refused(&twice, Code::PayloadWrong);
    let mut unknown = World::with_a_matter();
    unknown.dossier.matters.clear();
    refused(&unknown, Code::StructureWrong);
    let mut more = World::with_a_matter();
    more.matter(2);
    refused(&more, Code::StructureWrong);
}

#[test]
fn dos_18_a_revocation_contests_what_was_held_and_refuses_what_came_after() {
    let mut world = World::with_a_matter();
    let matter = world.dossier.matters[0];
    let key = world.sides[A].keys.public(Ring::Drill).key(Role::Statement).clone();
    let since = world.clock - 300;
    world.revoke(A, &key, since);
    let report = checked(&world);
    assert_eq!(report.findings, []);
    let contested: Vec<bool> =
        contents(&report).acts.iter().map(|act| act.contested.is_some()).collect();
    assert_eq!(contested[1..3], [false; 2], "acts of the other party");
    assert!(!contested[0] && contested[4], "{contested:?}");
    assert!(report.to_text(Lang::En).contains("Contested"));

    world.act(A, matter, "remind", 0);
    world.append(A, world.last());
    world.append(B, world.last());
    world.seal(A);
    world.seal(B);
    world.receipts_of_last();
    // Act 5 is held by its author alone; the new one names it as its predecessor all the same.
    refused(&world, Code::KeyRevoked);
}

#[test]
fn what_an_act_has_seen_is_a_head_of_the_other_log() {
    let mut world = World::new();
    let matter = world.matter(1);
    let (mut head, key) = world.sides[B].heads.pop().unwrap();
    let honest = head.clone();
    head.root = [9; 32];
    world.sides[B].heads.push((head, key.clone()));
    world.act(A, matter, "request", 0);
    world.sides[B].heads = vec![(honest, key)];
    world.append(A, world.last());
    world.seal(A);
    world.receipts();
    refused(&world, Code::RootDiffers);
}

#[test]
fn dos_19_what_is_missing_but_not_wrong_is_said() {
    let mut world = World::with_a_matter();
    let public = RootPublic::of(&world.sides[A].root);
    world.dossier.credentials.retain(|(_, bytes)| {
        !matches!(Control::verify(bytes, Some(&public)), Ok(Control::Accreditation(_)))
    });
    let report = checked(&world);
    assert!(report.is_valid());
    assert_eq!(report.unchecked[0].key, "verify-unchecked-accredited");
}

#[test]
fn garbage_is_refused_and_never_panics() {
    let world = World::with_a_matter();
    let good = world.files();
    let mut seed = 7u64;
    let mut next = move || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize
    };
    let paths: Vec<&String> = good.keys().filter(|path| path.starts_with("data/")).collect();
    for _ in 0..150 {
        let path = paths[next() % paths.len()];
        let mut files: Files = good.clone();
        let bytes = files.get_mut(path).unwrap();
        match next() % 3 {
            0 => bytes.truncate(next() % bytes.len().max(1)),
            1 => bytes.extend_from_slice(&good[paths[next() % paths.len()]]),
            _ => {
                let at = next() % bytes.len();
                bytes[at] = next() as u8;
            }
        }
        let changed = files[path] != good[path] && !path.starts_with("data/summary.");
        repack(&mut files);
        let report = check(&files, &world.fingerprints(), 2);
        let blank = path.ends_with(".pem") || path.ends_with(".json");
        assert!(!report.is_valid() || !changed || blank, "{path}");
    }
    assert!(!check(&Files::new(), &world.fingerprints(), 2).is_valid());
}
