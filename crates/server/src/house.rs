//! A node's house: founding it, entering it, and changing its keys. What a crash at each moment
//! leaves behind is decided here.

use crate::attach;
use crate::durable;
use crate::durable::io_at;
use crate::folder::{self, Config, Folder};
use crate::keyfile::{Cost, Lock, NodeSeeds, OlderTransport, RootSeeds, TRANSPORTS};
use crate::passphrase;
use crate::seam::{SystemClock, SystemRandom, now};
use crate::token::{self, Place, Token, TokenKeys};
use crate::transport::{self, Secret};
use counterpart_engine::Node;
use counterpart_engine::hearth::Attic;
use counterpart_engine::node::Seams;
use counterpart_engine::seam::Threads;
use counterpart_record::fault::{Code, Result};
use counterpart_record::id::{Kid, PartyId};
use counterpart_record::keys::{Keys, Ring, Role, RootKeys};
use counterpart_record::party::{Control, Credential, RootPublic};
use counterpart_rules::say::{self, Lang, Say};
use counterpart_store::{Home, HomeFile, Sqlite, Store};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A node that this process has opened and that nobody else has.
pub struct House {
    /// Its folder, locked.
    pub folder: Folder,
    /// The node.
    pub node: Node,
    /// Its keys, for the connections that it makes.
    pub keys: Arc<dyn Keys>,
    /// Transport keys of before, by which a peer may still know it. Decision 0019.
    pub older: Vec<Arc<dyn Secret>>,
    /// How many things that stay here went as it was opened, since their matters were erased.
    pub forgotten: u64,
}

/// What a rotation changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renewal {
    /// All keys; the line to peers stays up under the old transport key until they know.
    Keys,
    /// All keys, and nothing of before is used again, whoever is cut off by it.
    Compromised,
    /// What the settings say. The keys stay.
    Settings,
}

/// Makes a new node in `home` and its root keys in `root`; both folders are new or empty. `config`
/// comes last: an interrupted founding leaves nothing that looks like a node. A founding that
/// fails takes away what it had written.
pub fn found(
    home: &Path,
    root: &Path,
    config: &Config,
    node_passphrase: &str,
    root_passphrase: &str,
) -> Result<House> {
    // Everything that can be refused is refused before anything is written.
    config.is_given_well()?;
    apart(home, root)?;
    let folder = Folder::create(home)?;
    folder::create_root(root)?;
    let built = build(&folder, root, config, (node_passphrase, root_passphrase));
    match built {
        Ok((node, keys)) => Ok(House { folder, node, keys, older: Vec::new(), forgotten: 0 }),
        Err(fault) => {
            // We made every one of them, in folders that were empty.
            let files = [folder.record(), folder.home_file()];
            let beside =
                files.iter().flat_map(|file| ["-wal", "-shm"].map(|end| with_end(file, end)));
            let made = [folder.key_file(), folder::root_key(root)];
            made.into_iter()
                .chain(beside)
                .chain(files.clone())
                .for_each(|path| drop(fs::remove_file(path)));
            Err(fault)
        }
    }
}

fn build(
    folder: &Folder,
    root: &Path,
    config: &Config,
    (node_passphrase, root_passphrase): (&str, &str),
) -> Result<(Node, Arc<dyn Keys>)> {
    let root_seeds = RootSeeds::fresh(&SystemRandom);
    root_seeds.create(&folder::root_key(root), &lock(root_passphrase))?;
    let root_keys = root_seeds.keys()?;
    let (seeds, made) = fresh_keys(config, &RootPublic::of(&root_keys).party())?;
    seeds.create(&folder.key_file(), &lock(node_passphrase))?;
    let keys = keys_of(&seeds, token_of(config))?;
    let credential = Credential::new(&root_keys, keys.as_ref(), 1, config.desk.clone(), now());
    let credential = Control::Credential(Box::new(credential)).sign(&root_keys)?;
    let store = Box::new(Sqlite::open(&folder.record(), true)?);
    durable::close_file(&folder.record())?;
    let mut node = Node::found(store, &credential, seams(keys.clone(), folder)?)?;
    let home: Box<dyn Home> = Box::new(HomeFile::create(&folder.home_file(), None)?);
    node.furnish(Ok(home));
    node.keep_blobs(attach::blobs(folder.path()));
    // From here on it is a node.
    folder.write_config(config)?;
    made.keep();
    Ok((node, keys))
}

/// Key pairs made on a token that nothing names yet: destroyed unless they are kept.
struct Made {
    token: Option<Arc<Token>>,
    kids: Vec<Kid>,
}

impl Made {
    fn keep(mut self) {
        self.kids.clear();
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        let token = self.token.iter();
        token.for_each(|token| self.kids.iter().for_each(|kid| drop(token.destroy(kid))));
    }
}

/// Fresh keys: all of them in the file, or on the token that `config` names what it can do.
fn fresh_keys(config: &Config, party: &PartyId) -> Result<(NodeSeeds, Made)> {
    let mut seeds = NodeSeeds::fresh(&SystemRandom);
    let mut made = Made { token: token_of(config), kids: Vec::new() };
    if let Some(token) = made.token.clone() {
        token.look()?;
        for (ring, of) in Ring::ALL.into_iter().zip(&mut seeds.rings) {
            for role in token::ROLES {
                let label =
                    format!("counterpart {} {} {}", party.short(), ring.name(), role.name());
                let key = token.generate(&label)?;
                made.kids.push(key.thumbprint());
                of[role as usize].copy_from_slice(key.as_bytes());
            }
        }
        seeds.on_token = true;
    }
    Ok((seeds, made))
}

/// The keys that a key file stands for. A token is opened when it is first needed.
fn keys_of(seeds: &NodeSeeds, token: Option<Arc<Token>>) -> Result<Arc<dyn Keys>> {
    if !seeds.on_token {
        return Ok(Arc::new(seeds.keys()?));
    }
    Ok(Arc::new(TokenKeys::new(seeds, token)?))
}

/// The token that `config` names.
pub fn token_of(config: &Config) -> Option<Arc<Token>> {
    let place = Place { module: config.pkcs11.clone()?, label: config.pkcs11_token.clone()? };
    let (file, lang) = (config.pkcs11_pin_file.clone(), config.lang.unwrap_or(Lang::En));
    let prompt = say::render(lang, &Say::of("cli-ask-pin").with("label", place.label.clone()));
    let ask = move || passphrase::pin(file.as_deref(), &prompt);
    Some(Arc::new(Token::new(place, Box::new(ask))))
}

/// Opens the node in `home` in this process. [`Code::FolderNotNode`], [`Code::FolderLocked`],
/// [`Code::PassphraseWrong`], and the faults of a damaged file.
pub fn open(home: &Path, passphrase: &str) -> Result<House> {
    enter(Folder::open(home)?, passphrase)
}

/// Opens the node in a folder that this process has locked.
pub fn enter(folder: Folder, passphrase: &str) -> Result<House> {
    durable::end_superseding(&folder.key_file())?;
    let store = Sqlite::open(&folder.record(), false)?;
    let config = folder.config()?;
    let mut seeds = in_force(&folder, &store, passphrase)?;
    let token = token_of(&config);
    let keys = keys_of(&seeds, token.clone())?;
    let mut node = Node::load(Box::new(store), seams(keys.clone(), &folder)?)?;
    node.furnish_attic(attic(folder.path().to_owned()));
    node.furnish(home(&folder));
    // Before anybody can write there again. One that cannot be read is named where it is needed.
    let forgotten = node.forget_erased_at_home().unwrap_or(0);
    node.set_attachment_quota(config.attachment_quota());
    node.set_periods(config.retain);
    node.keep_blobs(attach::blobs(folder.path()));
    drop_transports(&folder, &mut seeds, &node, passphrase)?;
    let older = transport::older(&seeds.transports, token.as_ref())?;
    Ok(House { folder, node, keys, older, forgotten })
}

/// Transport keys of before that no peer needs any more, or that were revoked, go. WIRE-2
fn drop_transports(
    folder: &Folder,
    seeds: &mut NodeSeeds,
    node: &Node,
    passphrase: &str,
) -> Result<()> {
    if seeds.transports.is_empty() || node.is_restored() {
        return Ok(());
    }
    let needed: Vec<Kid> = node.routes().into_iter().flat_map(|route| route.known_as).collect();
    let mut gone = Vec::new();
    for one in std::mem::take(&mut seeds.transports) {
        let kid = transport::public(&one)?.thumbprint();
        if needed.contains(&kid) {
            seeds.transports.push(one);
        } else {
            gone.push((kid, one.on_token));
        }
    }
    if gone.is_empty() {
        return Ok(());
    }
    // A crash before this line: they are there and shown to nobody. After it: gone for good.
    seeds.replace(&folder.key_file(), &lock(passphrase))?;
    let on_token: Vec<Kid> = gone.into_iter().filter(|(_, on)| *on).map(|(kid, _)| kid).collect();
    destroy(&on_token, token_of(&folder.config()?));
    Ok(())
}

/// Key pairs that nothing names any more go from the token. One that is not there now keeps them,
/// and they serve nobody.
fn destroy(kids: &[Kid], token: Option<Arc<Token>>) {
    let token = token.filter(|_| !kids.is_empty());
    token.iter().for_each(|token| kids.iter().for_each(|kid| drop(token.destroy(kid))));
}

/// What stays here, as it lies in the folder. One that is missing is made anew, and says so; one
/// that is damaged is left as it is, and the node works on without it. HOM-5.
fn home(folder: &Folder) -> Result<Box<dyn Home>> {
    let path = folder.home_file();
    let anew = path.symlink_metadata().is_err();
    let home = if anew { HomeFile::create(&path, Some(now())) } else { HomeFile::open(&path) };
    let home: Box<dyn Home> = Box::new(home?);
    Ok(home)
}

/// Older copies of what stays here, put aside when another one was put back.
fn attic(folder: PathBuf) -> Attic {
    Box::new(move || {
        let before = folder.join(format!("{}.before", folder::HOME_FILE));
        if before.symlink_metadata().is_err() {
            return Ok(Vec::new());
        }
        let copy: Box<dyn Home> = Box::new(HomeFile::open(&before).map_err(|fault| {
            let place = before.display().to_string();
            Code::HomeUnreadable.at(format!("{place}: {}", fault.at))
        })?);
        Ok(vec![copy])
    })
}

/// The root pair of a party, from the folder where it is kept off line.
pub fn root_keys(root: &Path, passphrase: &str) -> Result<RootKeys> {
    RootSeeds::open(&folder::root_key(root), passphrase)?.keys()
}

impl House {
    /// New keys for everything but the root, on the token that `config` names or in the file, and
    /// what `config` now says of the desk: the next version of the credential. Old sealing seeds
    /// are kept, so that parcels under way open, and, unless somebody else may have it, the live
    /// transport key, so that peers hear of the new one. Decision 0019.
    ///
    /// Two files have to change, and a crash may come between them:
    /// 1. `node.key.next` is written. A crash here: the old keys stay; [`enter`] removes it.
    /// 2. The credential is adopted. From this commit on the new keys are in force. A crash here:
    ///    the store names keys that only `node.key.next` holds; [`enter`] puts it in place.
    /// 3. `node.key` is replaced and `node.key.next` removed, both old ones overwritten. A crash
    ///    between: both hold the same.
    pub fn rotate(
        &mut self,
        root: &RootKeys,
        passphrase: &str,
        what: Renewal,
    ) -> Result<Credential> {
        let held = self.node.credential()?.clone();
        if RootPublic::of(root) != held.root {
            return Err(Code::RootMissing.at("what lies there are the root keys of another party"));
        }
        if what == Renewal::Settings {
            return self.restate(root, &held);
        }
        let old = NodeSeeds::open(&self.folder.key_file(), passphrase)?;
        let config = self.folder.config()?;
        let (mut seeds, made) = fresh_keys(&config, &held.party)?;
        seeds.older = old.rings.iter().map(|ring| zeroize::Zeroizing::new(ring[6])).collect();
        seeds.older.extend(old.older.iter().cloned());
        if what == Renewal::Keys {
            let key = zeroize::Zeroizing::new(old.rings[0][Role::Transport as usize]);
            seeds.transports.push(OlderTransport { key, on_token: old.on_token });
            seeds.transports.extend(old.transports.iter().cloned());
            seeds.transports.truncate(TRANSPORTS);
        }
        let next = next_key_file(&self.folder);
        seeds.replace(&next, &lock(passphrase))?;
        let keys = keys_of(&seeds, token_of(&config))?;
        let now = now().max(held.issued_at);
        let desk = config.desk.clone();
        let credential = Credential::new(root, keys.as_ref(), held.version + 1, desk, now);
        let signed = Control::Credential(Box::new(credential.clone())).sign(root)?;
        self.keys = keys.clone();
        self.node.rekey(keys);
        // Whether a commit that fails was made is not known: what it names stays.
        made.keep();
        self.node.adopt(&signed)?;
        put_in_place(&self.folder, &seeds, passphrase)?;
        // A crash before this line, or a token that is lost: they lie there and serve nobody.
        destroy(&replaced(&old, &seeds)?, token_of(&config));
        Ok(credential)
    }

    /// The settings of today under the keys that are in force.
    fn restate(&mut self, root: &RootKeys, held: &Credential) -> Result<Credential> {
        let (desk, now) = (self.folder.config()?.desk, now().max(held.issued_at));
        let credential = Credential::new(root, self.keys.as_ref(), held.version + 1, desk, now);
        let signed = Control::Credential(Box::new(credential.clone())).sign(root)?;
        self.node.adopt(&signed)?;
        Ok(credential)
    }

    /// Destroys the sealing secrets from before the newest rotation, and transport keys of before:
    /// what was recorded on the wire
    /// or lies on a stick can no longer be opened, by us or by whoever takes this machine. Those
    /// that signed went with the rotation itself. Returns how many went. [`Code::KeysAwaited`]
    /// names the peers that may still seal to them, unless `anyway`. RET-1, RET-2.
    pub fn drop_older(&mut self, passphrase: &str, anyway: bool) -> Result<usize> {
        let mut seeds = NodeSeeds::open(&self.folder.key_file(), passphrase)?;
        let count = seeds.older.len();
        if count == 0 {
            return Ok(0);
        }
        let awaited = self.node.without_newest_credential()?;
        if !anyway && !awaited.is_empty() {
            return Err(Code::KeysAwaited.at(awaited.join(", ")));
        }
        seeds.older.clear();
        let transports = std::mem::take(&mut seeds.transports);
        // A crash before this line: all are there. After it: none is.
        seeds.replace(&self.folder.key_file(), &lock(passphrase))?;
        let token = token_of(&self.folder.config()?);
        let on_token = transports.iter().filter(|one| one.on_token);
        let kids = on_token.map(|one| Ok(transport::public(one)?.thumbprint()));
        destroy(&kids.collect::<Result<Vec<_>>>()?, token.clone());
        self.older.clear();
        let keys = keys_of(&seeds, token)?;
        self.keys = keys.clone();
        self.node.rekey(keys);
        Ok(count)
    }
}

/// The keys on a token that a rotation replaced and that are not kept.
fn replaced(old: &NodeSeeds, new: &NodeSeeds) -> Result<Vec<Kid>> {
    let mut kids = Vec::new();
    if old.on_token {
        let public = old.public()?;
        kids.extend(
            public.iter().flat_map(|ring| token::ROLES.map(|role| ring.key(role).thumbprint())),
        );
    }
    for one in old.transports.iter().filter(|one| one.on_token) {
        kids.push(transport::public(one)?.thumbprint());
    }
    for one in new.transports.iter().filter(|one| one.on_token) {
        let kept = transport::public(one)?.thumbprint();
        kids.retain(|kid| *kid != kept);
    }
    Ok(kids)
}

/// Seals the node's keys under a new passphrase, and overwrites the file that the old one opened.
/// Neither the token nor the record is touched: the keys stay what they are.
///
/// A crash before the new file has its name leaves the old one, whole, with the old passphrase;
/// after it the new one opens, and the next start overwrites what is left of the old one. A
/// rotation that was interrupted is ended first. RET-8
pub fn change_passphrase(folder: &Folder, old: &str, new: &str) -> Result<()> {
    durable::end_superseding(&folder.key_file())?;
    let store = Sqlite::open(&folder.record(), false)?;
    let seeds = in_force(folder, &store, old)?;
    seeds.replace(&folder.key_file(), &lock(new))
}

/// The same for the root keys, in the folder where they are kept off line.
pub fn change_root_passphrase(root: &Path, old: &str, new: &str) -> Result<()> {
    let file = folder::root_key(root);
    durable::end_superseding(&file)?;
    RootSeeds::open(&file, old)?.replace(&file, &lock(new))
}

/// The seeds that the newest credential names; a rotation that was interrupted is ended here.
fn in_force(folder: &Folder, store: &dyn Store, passphrase: &str) -> Result<NodeSeeds> {
    let seeds = NodeSeeds::open(&folder.key_file(), passphrase)?;
    let credential = newest(store)?;
    let next = next_key_file(folder);
    if fits(&seeds, &credential)? {
        if next.exists() {
            durable::destroy(&next)?;
        }
        return Ok(seeds);
    }
    if next.exists() {
        let seeds = NodeSeeds::open(&next, passphrase)?;
        if fits(&seeds, &credential)? {
            put_in_place(folder, &seeds, passphrase)?;
            return Ok(seeds);
        }
    }
    let place = folder.key_file().display().to_string();
    Err(Code::KeyFileWrong.at(format!("{place}: not the keys that the credential names")))
}

fn put_in_place(folder: &Folder, seeds: &NodeSeeds, passphrase: &str) -> Result<()> {
    seeds.replace(&folder.key_file(), &lock(passphrase))?;
    durable::destroy(&next_key_file(folder))
}

fn fits(seeds: &NodeSeeds, credential: &Credential) -> Result<bool> {
    let public = seeds.public()?;
    Ok(Ring::ALL.iter().zip(&public).all(|(ring, public)| public == credential.ring(*ring)))
}

/// Our newest credential, as the store has it.
fn newest(store: &dyn Store) -> Result<Credential> {
    let loaded = store.load()?;
    let own = loaded.controls.iter().filter(|row| Some(row.by) == loaded.party);
    let credentials = own.filter_map(|row| match Control::verify(&row.bytes, None) {
        Ok(Control::Credential(credential)) => Some(*credential),
        _ => None,
    });
    let newest = credentials.max_by_key(|credential| credential.version);
    newest.ok_or_else(|| Code::StoreDamaged.at("no credential of our own"))
}

pub(crate) fn seams(keys: Arc<dyn Keys>, folder: &Folder) -> Result<Seams> {
    let clock = Arc::new(SystemClock::of(folder.path())?);
    Ok(Seams { keys, clock, random: Arc::new(SystemRandom), crew: Arc::new(Threads) })
}

fn lock(passphrase: &str) -> Lock<'_> {
    Lock { passphrase, cost: Cost::STANDARD, random: &SystemRandom }
}

/// Root keys inside the node's folder would be on line with it, and the reverse would take the
/// node off line with them.
fn apart(home: &Path, root: &Path) -> Result<()> {
    let absolute = |path: &Path| std::path::absolute(path).map_err(io_at(path));
    let (home, root) = (absolute(home)?, absolute(root)?);
    if root.starts_with(&home) || home.starts_with(&root) {
        return Err(Code::ArgumentWrong.at("--root: one folder lies in the other"));
    }
    Ok(())
}

fn next_key_file(folder: &Folder) -> PathBuf {
    with_end(&folder.key_file(), ".next")
}

fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

#[cfg(test)]
mod tests;
