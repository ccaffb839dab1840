//! Who is enrolled is a party, whichever of its credentials was at hand; and new keys after a loss,
//! under a version that older ones had. REC-56, decision 0021.

use super::stage::{House, RING, Two, act, founded, put_back, two, valid, whole};
use counterpart_engine::Node;
use counterpart_record::fault::Code;
use counterpart_record::keys::{Keys as _, Ring, SoftKeys};
use counterpart_record::party::{Control, Credential};
use counterpart_testbed::cast::{Party, further, request};
use counterpart_testbed::disk::Disk;
use counterpart_testbed::restore::{end_epochs, restored};
use std::sync::Arc;
use zeroize::Zeroizing;

/// The next credential: with new keys, or with what is said of the desk alone.
fn rotate(house: &mut House, settings: bool) {
    let party = &mut house.party;
    let mut credential = Credential::clone(house.node.credential().unwrap());
    credential.version += 1;
    if !settings {
        let seeds = SoftKeys::fresh_seeds(party.random.as_ref());
        let keys = Arc::new(SoftKeys::new(&seeds, &party.sealing).unwrap());
        party.sealing.extend(seeds.iter().map(|ring| Zeroizing::new(ring[6])));
        credential.live = keys.public(Ring::Live).clone();
        credential.drill = keys.public(Ring::Drill).clone();
        party.keys = keys.clone();
        house.node.rekey(keys);
    }
    party.credential = Control::Credential(Box::new(credential)).sign(&party.root).unwrap();
    house.node.adopt(&party.credential).unwrap();
}

/// They work together, also after both have started anew, and both stores pass their own check.
fn lasts(two: &mut Two) {
    work(two);
    two.restart();
    work(two);
    whole(&mut two.a);
    whole(&mut two.b);
}

fn version(node: &Node, of: &Party) -> u64 {
    node.peer(&of.id).unwrap().credential.version
}

/// Both ask and are answered, and a stranger believes either dossier and misses nothing in it.
fn work(two: &mut Two) {
    let (a, b) = (two.a.party.id, two.b.party.id);
    let asked = act(&mut two.a.node, request(b, RING)).unwrap().matter;
    let back = act(&mut two.b.node, request(a, RING)).unwrap().matter;
    two.quiet();
    act(&mut two.b.node, further(a, RING, asked, "acknowledge")).unwrap();
    act(&mut two.a.node, further(b, RING, back, "acknowledge")).unwrap();
    two.quiet();
    for matter in [asked, back] {
        assert_eq!(two.agree(&matter), valid(&["acknowledge", "request"]));
        let prints = [a.fingerprint(), b.fingerprint()];
        for node in [&two.a.node, &two.b.node] {
            let files = node.dossier(&matter).unwrap().files().unwrap();
            let mut report = counterpart_verify::dossier::check(&files, &prints, 1);
            // Of an epoch that ended the last head may be without (DOS-22).
            report.unchecked.retain(|say| say.key != "verify-unchecked-cosigned");
            assert_eq!(report.unchecked, []);
        }
    }
    let of = |peer: &Party| Control::verify(&peer.credential, None).unwrap();
    for (node, peer) in [(&two.a.node, &two.b.party), (&two.b.node, &two.a.party)] {
        let Control::Credential(newest) = of(peer) else { panic!() };
        assert_eq!(version(node, peer), newest.version);
    }
}

/// REC-56: Borealis rotates before it accredits Arcadia, which has the file of before: its log
/// begins with the third credential, and Arcadia accredited the first.
#[test]
fn a_credential_that_was_out_of_date_when_it_was_accredited_enrols_its_party() {
    for (rotations, settings) in [(1, false), (2, false), (5, false), (2, true), (3, true)] {
        let mut two = founded();
        let exported = two.b.party.clone();
        for _ in 0..rotations {
            rotate(&mut two.b, settings);
        }
        two.a.party.enrol(&mut two.a.node, &exported).unwrap();
        two.b.party.enrol(&mut two.b.node, &two.a.party).unwrap();
        // The answer to the first parcel is sealed to what the one who asks has by now.
        work(&mut two);
        rotate(&mut two.b, settings);
        rotate(&mut two.a, false);
        lasts(&mut two);
    }
}

/// REC-56: and it accredits Arcadia before it rotates, and gives the newer file away: its log
/// begins with the first credential, and Arcadia accredited the third.
#[test]
fn a_log_that_was_begun_before_the_accredited_credential_was_made_is_taken_as_well() {
    for settings in [false, true] {
        let mut two = founded();
        two.b.party.enrol(&mut two.b.node, &two.a.party).unwrap();
        rotate(&mut two.b, settings);
        rotate(&mut two.b, settings);
        two.a.party.enrol(&mut two.a.node, &two.b.party).unwrap();
        rotate(&mut two.b, settings);
        lasts(&mut two);
    }
}

/// REC-56: whoever has the keys of before alone does not begin a log with somebody who was told of
/// the new ones.
#[test]
fn whoever_has_older_keys_than_those_accredited_begins_no_log() {
    let mut two = founded();
    let (a, b) = (two.a.party.id, two.b.party.id);
    two.b.party.enrol(&mut two.b.node, &two.a.party).unwrap();
    let (stolen, keys) = (Disk::written(&two.b.disk.journal()).unwrap(), two.b.party.seams());
    let mut thief = Node::load(Box::new(stolen), keys).unwrap();
    rotate(&mut two.b, false);
    two.a.party.enrol(&mut two.a.node, &two.b.party).unwrap();
    act(&mut thief, request(a, RING)).unwrap();
    let parcel = thief.outgoing(&a, RING, false).unwrap().unwrap();
    let fault = two.a.node.incoming(&parcel).unwrap_err();
    assert_eq!(fault.code, Code::LogBegunOlder);
    // With the newer credential in his hands, but not its keys, he comes no further.
    let standing = two.a.node.standing();
    thief.adopt(&two.b.party.credential).unwrap();
    act(&mut thief, request(a, RING)).unwrap();
    let parcel = thief.outgoing(&a, RING, false).unwrap().unwrap();
    assert!(two.a.node.incoming(&parcel).is_err());
    assert_eq!(two.a.node.standing(), standing);
    work(&mut two);
    assert_eq!(two.a.node.peer(&b).unwrap().credential.version, 2);
    whole(&mut two.a);
}

/// Decision 0021: what is sealed by a credential that came as a file opens where the keys of the
/// one accredited are gone.
#[test]
fn parcels_are_sealed_to_the_newest_credential_that_is_held() {
    let mut two = founded();
    let exported = two.b.party.clone();
    two.b.party.sealing.clear();
    rotate(&mut two.b, false);
    two.a.party.enrol(&mut two.a.node, &exported).unwrap();
    two.b.party.enrol(&mut two.b.node, &two.a.party).unwrap();
    let b = two.b.party.id;
    let parcel = two.a.node.outgoing(&b, RING, true).unwrap().unwrap();
    let fault = two.b.node.incoming(&parcel).unwrap_err();
    assert_eq!(fault.code, Code::ParcelNotForUs);
    two.a.node.import_credential(&two.b.party.credential).unwrap();
    work(&mut two);
}

/// Borealis loses its disk and three rotations with it, goes on from the backup, and makes new keys
/// under a version that Arcadia knows already.
#[test]
fn keys_made_after_a_loss_count_although_their_version_was_given_before() {
    let mut two = two();
    let before = two.b.party.clone();
    let backup = two.b.disk.journal();
    for _ in 0..3 {
        rotate(&mut two.b, false);
    }
    work(&mut two);
    assert_eq!(version(&two.a.node, &two.b.party), 4);
    two.b.party = before;
    put_back(&mut two.b, &backup);
    two.quiet();
    // Of what was given away and lost nothing is in force.
    work(&mut two);
    for expected in [2, 3] {
        rotate(&mut two.b, false);
        let file = two.b.party.credential.clone();
        two.a.node.import_credential(&file).unwrap();
        assert_eq!(version(&two.a.node, &two.b.party), expected);
        work(&mut two);
    }
    // And the other way round: Arcadia loses what it heard of them.
    let backup = two.a.disk.journal();
    rotate(&mut two.b, false);
    rotate(&mut two.b, false);
    work(&mut two);
    let (disk, node) = restored(&backup, &two.a.party).unwrap();
    (two.a.disk, two.a.node) = (disk, node);
    end_epochs(&mut two.a.node, &two.a.party, &mut two.a.last).unwrap();
    two.quiet();
    work(&mut two);
    whole(&mut two.a);
    whole(&mut two.b);
}
