use super::*;
use crate::scratch::Scratch;
use counterpart_record::party::Desk;

const PASSPHRASE: &str = "twelve or more";

fn config() -> Config {
    let names = vec![("en".to_owned(), "Arcadia".to_owned())];
    Config { desk: Desk { names, ..Desk::default() }, ..Config::default() }
}

#[test]
fn what_was_founded_opens_again_as_the_same_party() {
    let scratch = Scratch::new("house");
    let (home, root) = (scratch.join("node"), scratch.join("safe"));
    let founded = found(&home, &root, &config(), PASSPHRASE, "another passphrase").unwrap();
    let party = founded.node.party();
    drop(founded);
    let mut house = open(&home, PASSPHRASE).unwrap();
    assert_eq!(house.node.party(), party);
    // The node's passphrase does not open the root, and the root is not in the node's folder.
    assert_eq!(root_keys(&root, PASSPHRASE).err().unwrap().code, Code::PassphraseWrong);
    assert_eq!(root_keys(&home, PASSPHRASE).err().unwrap().code, Code::RootMissing);
    let keys = root_keys(&root, "another passphrase").unwrap();
    let version = house.rotate(&keys, PASSPHRASE, Renewal::Keys).unwrap().version;
    assert_eq!(version, 2);
    drop(house);
    let house = open(&home, PASSPHRASE).unwrap();
    assert_eq!(house.node.credential().unwrap().version, 2);
    let live = house.node.credential().unwrap().ring(Ring::Live).clone();
    assert_eq!(*house.keys.public(Ring::Live), live);
    // Both sealing seeds of before, for parcels under way.
    let seeds = NodeSeeds::open(&house.folder.key_file(), PASSPHRASE).unwrap();
    assert_eq!(seeds.older.len(), 2);
}

#[test]
fn a_founding_that_fails_leaves_no_keys() {
    let scratch = Scratch::new("founding");
    let (home, root) = (scratch.join("node"), scratch.join("safe"));
    fs::create_dir_all(&root).unwrap();
    // The lock of a dead process lies there, so it counts as empty; the keys find a folder in
    // their place.
    fs::create_dir(&home).unwrap();
    fs::write(home.join("lock"), "1\n").unwrap();
    let before = |folder: &Path| fs::read_dir(folder).unwrap().count();
    let wrong = Config::default();
    let fault = found(&home, &root, &wrong, PASSPHRASE, PASSPHRASE).err().unwrap();
    assert_eq!(fault.code, Code::ArgumentWrong);
    assert_eq!((before(&home), before(&root)), (1, 0));
    let inside = home.join("root");
    let fault = found(&home, &inside, &config(), PASSPHRASE, PASSPHRASE).err().unwrap();
    assert_eq!(fault.code, Code::ArgumentWrong);
    assert_eq!((before(&home), before(&root)), (1, 0));
    found(&home, &root, &config(), PASSPHRASE, PASSPHRASE).unwrap();
}
