//! A node's house: founding it, entering it, and changing its keys. What a crash at each moment
//! leaves behind is decided here.

use crate::attach;
use crate::durable;
use crate::durable::io_at;
use crate::folder::{self, Config, Folder};
use crate::keyfile::{Cost, Lock, NodeSeeds, RootSeeds};
use crate::passphrase;
use crate::seam::{SystemClock, SystemRandom, now};
use crate::token::{self, Place, Token, TokenKeys};
use counterpart_engine::Node;
use counterpart_engine::node::{Attic, Seams};
use counterpart_engine::seam::Threads;
use counterpart_record::fault::{Code, Result};
use counterpart_record::id::{Kid, PartyId};
use counterpart_record::keys::{Keys, Ring, RootKeys};
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
    Config::parse(&config.to_text())?;
    apart(home, root)?;
    let folder = Folder::create(home)?;
    folder::create_root(root)?;
    let built = build(&folder, root, config, (node_passphrase, root_passphrase));
    match built {
        Ok((node, keys)) => Ok(House { folder, node, keys }),
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
    let keys = keys_of(&seeds, config)?;
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
fn keys_of(seeds: &NodeSeeds, config: &Config) -> Result<Arc<dyn Keys>> {
    if !seeds.on_token {
        return Ok(Arc::new(seeds.keys()?));
    }
    Ok(Arc::new(TokenKeys::new(seeds, token_of(config))?))
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
    let keys = keys_of(&in_force(&folder, &store, passphrase)?, &config)?;
    let mut node = Node::load(Box::new(store), seams(keys.clone(), &folder)?)?;
    node.furnish(home(&folder));
    node.furnish_attic(attic(folder.path().to_owned()));
    node.set_attachment_quota(config.attachment_quota());
    node.set_periods(config.retain);
    node.keep_blobs(attach::blobs(folder.path()));
    Ok(House { folder, node, keys })
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
    /// what `config` now says of the desk: the next
    /// version of the credential. Old sealing seeds are kept, so that parcels under way open.
    ///
    /// Two files have to change, and a crash may come between them:
    /// 1. `node.key.next` is written. A crash here: the old keys stay; [`enter`] removes it.
    /// 2. The credential is adopted. From this commit on the new keys are in force. A crash here:
    ///    the store names keys that only `node.key.next` holds; [`enter`] puts it in place.
    /// 3. `node.key` is replaced and `node.key.next` removed, both old ones overwritten. A crash
    ///    between: both hold the same.
    pub fn rotate(&mut self, root: &RootKeys, passphrase: &str) -> Result<Credential> {
        let held = self.node.credential()?.clone();
        if RootPublic::of(root) != held.root {
            return Err(Code::PartyWrong.at("root keys of another party"));
        }
        let old = NodeSeeds::open(&self.folder.key_file(), passphrase)?;
        let config = self.folder.config()?;
        let (mut seeds, made) = fresh_keys(&config, &held.party)?;
        seeds.older = old.rings.iter().map(|ring| zeroize::Zeroizing::new(ring[6])).collect();
        seeds.older.extend(old.older.iter().cloned());
        let next = next_key_file(&self.folder);
        seeds.replace(&next, &lock(passphrase))?;
        let keys = keys_of(&seeds, &config)?;
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
        if let (true, Some(token)) = (old.on_token, token_of(&config)) {
            let kids =
                old.public()?.map(|ring| token::ROLES.map(|role| ring.key(role).thumbprint()));
            kids.as_flattened().iter().for_each(|kid| drop(token.destroy(kid)));
        }
        Ok(credential)
    }

    /// Destroys the sealing secrets from before the newest rotation: what was recorded on the wire
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
        // A crash before this line: all are there. After it: none is.
        seeds.replace(&self.folder.key_file(), &lock(passphrase))?;
        let keys = keys_of(&seeds, &self.folder.config()?)?;
        self.keys = keys.clone();
        self.node.rekey(keys);
        Ok(count)
    }
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
