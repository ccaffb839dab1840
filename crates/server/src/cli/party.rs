//! Who we are and whom we accept: founding a node, credentials, fingerprints, and what the root
//! keys sign. The root keys come from their own folder and only for as long as one command runs.

use super::args::{Compared, CredentialCommand, Init, Root};
use super::desk::{Answer, Desk, Door, absolute, path_argument, quoted};
use super::operate_args::RotateArgs;
use super::page::table;
use super::value::{Of, short};
use crate::folder::Config;
use crate::house::{self, Renewal};
use crate::speak::plain;
use crate::{durable, seam};
use base64ct::{Base64UrlUnpadded, Encoding as _};
use counterpart_record::fault::{Code, Result};
use counterpart_record::id::{Entry, Kid, PartyId};
use counterpart_record::keys::{Ring, Role};
use counterpart_record::limits;
use counterpart_record::party::{Accreditation, Control, Desk as Contact, Revocation};
use counterpart_record::strict::json::{Object, Value};
use counterpart_rules::clock;
use std::path::{Path, PathBuf};

/// `init`.
pub fn init(desk: &Desk, args: &Init) -> Result<Answer> {
    let name = || desk.typed("cli-ask-name", "--name");
    let name = args.name.clone().map_or_else(name, Ok)?;
    let config = config(args, &name)?;
    // A wrong setting is named before anybody types a passphrase.
    config.is_given_well()?;
    let root = desk.root_folder(&args.root)?;
    let node_passphrase = desk.new_passphrase()?;
    let root_passphrase = desk.new_root_passphrase(&args.root)?;
    let house = house::found(&desk.home, &root, &config, &node_passphrase, &root_passphrase)?;
    let party = house.node.party();
    if desk.json {
        let value = Object::default()
            .with("party", party.to_string())
            .with("fingerprint", party.fingerprint())
            .with("home", desk.home.display().to_string())
            .with("root", root.display().to_string());
        return Ok(Answer::json(&value.into()));
    }
    let shown = house.node.credential()?.name(desk.lang.tag()).to_owned();
    let (home, root) = (desk.home.display().to_string(), root.display().to_string());
    let mut out = vec![
        desk.say_with("cli-init-made", &[("name", &shown), ("home", &home)]),
        desk.say_with("cli-init-root", &[("root", &root)]),
    ];
    if config.listen.is_some() && config.desk.endpoints.is_empty() {
        out.push(desk.say("cli-init-no-endpoint"));
    }
    out.push(String::new());
    out.push(desk.say("cli-fingerprint-own"));
    out.push(groups(desk, &party.fingerprint()));
    let file = format!("{}.credential", word(&name));
    let export = format!("credential export {file}");
    let steps = next(desk, &[&export, "credential import THEIR-FILE"]);
    Ok(Answer::done(out.join("\n") + &steps))
}

fn config(args: &Init, name: &str) -> Result<Config> {
    let mut names = vec![("en".to_owned(), name.to_owned())];
    names.extend(args.name_zh.clone().map(|name| ("zh-CN".to_owned(), name)));
    let languages = names.iter().map(|(tag, _)| tag.clone()).collect();
    let mut endpoints = args.endpoint.clone();
    // An address that is one machine's own is where peers reach it; "all addresses" is nowhere.
    let reached = args.listen.filter(|listen| !listen.ip().is_unspecified() && listen.port() > 0);
    if endpoints.is_empty() {
        endpoints.extend(reached.map(|listen| listen.to_string()));
    }
    let mut streams = args.stream.clone();
    if streams.is_empty() {
        streams.push("cybercrime".to_owned());
    }
    let callback = args.callback.clone();
    let desk = Contact { names, callback, endpoints, languages, streams };
    let path = |path: &Option<PathBuf>| path.as_deref().map(absolute).transpose();
    Ok(Config {
        desk,
        listen: args.listen,
        pkcs11: path(&args.token.pkcs11)?,
        pkcs11_token: args.token.token.clone(),
        pkcs11_pin_file: path(&args.token.pin_file)?,
        ..Config::default()
    })
}

/// A name as the beginning of a file name.
fn word(name: &str) -> String {
    let kept = name.chars().filter(char::is_ascii_alphanumeric).take(20).collect::<String>();
    if kept.is_empty() { "own".to_owned() } else { kept.to_lowercase() }
}

/// `credential`.
pub fn credential(desk: &Desk, what: &CredentialCommand) -> Result<Answer> {
    match what {
        CredentialCommand::Show { peer } => {
            desk.tell("credential.show", peer_args(peer.as_deref()), |shown| described(desk, shown))
        }
        CredentialCommand::Keys { peer } => {
            desk.tell("credential.keys", peer_args(peer.as_deref()), |shown| keys(desk, shown))
        }
        CredentialCommand::Export { file } => export(desk, file),
        CredentialCommand::Import { file } => import(desk, file),
    }
}

fn peer_args(peer: Option<&str>) -> Object {
    let args = Object::default();
    peer.map_or(args.clone(), |peer| args.with("peer", peer))
}

fn described(desk: &Desk, shown: Of<'_>) -> String {
    let list = |name: &str| plain(&shown.texts(name).join(", "));
    let issued = clock::shown(shown.count("issued_at"));
    let mut rows = vec![
        vec![desk.say("cli-credential-party"), shown.text("party").to_owned()],
        vec![desk.say("cli-credential-version"), shown.count("version").to_string()],
        vec![desk.say("cli-credential-issued"), issued],
        vec![desk.say("cli-credential-callback"), list("callback")],
        vec![desk.say("cli-credential-endpoints"), list("endpoints")],
        vec![desk.say("cli-credential-languages"), list("languages")],
        vec![desk.say("cli-credential-streams"), list("streams")],
        vec![desk.say("cli-credential-fingerprint"), shown.text("fingerprint").to_owned()],
    ];
    for (ring, key) in [("live", "cli-credential-key"), ("drill", "cli-credential-drill-key")] {
        for (role, kid) in shown.of("keys").of(ring).members() {
            let label = desk.say_with(key, &[("role", &role_of(desk, role))]);
            rows.push(vec![label, kid.as_str().unwrap_or_default().to_owned()]);
        }
    }
    rows.retain(|row| !row[1].is_empty());
    format!("{}\n\n{}", desk.name(shown.of("names")), table(&rows))
}

/// The keys of every credential, by version; one that has none but those of a newer one is left
/// out.
fn keys(desk: &Desk, shown: Of<'_>) -> String {
    let mut out = format!("{}\n", desk.name(shown.of("names")));
    for credential in shown.list("credentials").iter().map(Of::value) {
        let rows = credential.list("keys").iter().map(Of::value).map(|key| {
            let label = if key.text("ring") == "drill" {
                "cli-credential-drill-key"
            } else {
                "cli-credential-key"
            };
            let state = match (key.number("revoked"), key.flag("in_force")) {
                (Some(at), _) => desk.say_with("cli-key-revoked", &[("since", &clock::shown(at))]),
                (None, true) => desk.say("cli-key-in-force"),
                (None, false) => desk.say("cli-key-replaced"),
            };
            let label = desk.say_with(label, &[("role", &role_of(desk, key.text("role")))]);
            vec![format!("  {label}"), key.text("kid").to_owned(), state]
        });
        let rows: Vec<Vec<String>> = rows.collect();
        if rows.is_empty() {
            continue;
        }
        let (version, at) = (credential.count("version"), credential.count("issued_at"));
        let args = [("version", &*version.to_string()), ("at", &*clock::shown(at))];
        out.push_str(&format!("\n{}\n{}", desk.say_with("cli-keys-version", &args), table(&rows)));
    }
    out
}

fn export(desk: &Desk, file: &Path) -> Result<Answer> {
    let file = absolute(file)?;
    let value = desk.door()?.call("credential.show", Object::default())?;
    let shown = Of::value(&value);
    let bytes = decoded(shown)?;
    durable::create(&file, &bytes)?;
    let place = file.display().to_string();
    if desk.json {
        let value = Object::default().with("file", place).with("bytes", bytes.len() as u64);
        return Ok(Answer::json(&value.into()));
    }
    let said = desk.say_with("cli-exported", &[("file", &place)]);
    let steps = next(desk, &["credential import THEIR-FILE"]);
    Ok(Answer::done(format!("{said}\n{steps}")))
}

fn decoded(shown: Of<'_>) -> Result<Vec<u8>> {
    let bytes = Base64UrlUnpadded::decode_vec(shown.text("bytes"));
    bytes.map_err(|_| Code::Internal.at("credential.show: bytes"))
}

fn import(desk: &Desk, file: &Path) -> Result<Answer> {
    let bytes = durable::read_named(&absolute(file)?, limits::CONTROL_BYTES)?;
    let args = Object::default().with("bytes", Base64UrlUnpadded::encode_string(&bytes));
    desk.tell("credential.import", args, |taken| {
        let name = desk.name(taken.of("names"));
        let version = taken.count("version").to_string();
        let mut said = desk.say_with("cli-imported", &[("name", &name), ("version", &version)]);
        if taken.flag("shared_name") {
            said = format!("{said}\n{}", desk.say("cli-imported-shared"));
        }
        if taken.flag("accredited") {
            return format!("{said}\n");
        }
        let handle = desk.handle(taken.of("names"), taken.text("party"));
        let not_yet = desk.say("cli-imported-not-yet");
        format!("{said}\n{not_yet}\n{}", next(desk, &[&format!("fingerprint {handle}")]))
    })
}

/// `fingerprint`.
pub fn fingerprint(desk: &Desk, peer: Option<&str>) -> Result<Answer> {
    let value = desk.door()?.call("credential.show", peer_args(peer))?;
    let shown = Of::value(&value);
    let (party, print) = (shown.text("party"), shown.text("fingerprint"));
    if desk.json {
        let names = shown.get("names").cloned().unwrap_or(Value::Null);
        let out = Object::default().with("party", party).with("names", names);
        return Ok(Answer::json(&out.with("fingerprint", print).into()));
    }
    let name = desk.name(shown.of("names"));
    let mut out = vec![match peer {
        None => desk.say_with("cli-fingerprint-of-own", &[("name", &name)]),
        Some(_) => desk.say_with("cli-fingerprint-of-peer", &[("name", &name)]),
    }];
    out.push(groups(desk, print));
    match peer {
        None => out.push(desk.say("cli-fingerprint-read")),
        Some(_) => {
            out.push(desk.say("cli-fingerprint-listen"));
            let handle = desk.handle(shown.of("names"), party);
            let command = format!("accredit {handle} --compared voice");
            out.push(next(desk, &[&command]).trim_end().to_owned());
        }
    }
    Ok(Answer::done(out.join("\n") + "\n"))
}

/// Twelve groups in two halves of six, each group with its number, so that two people do not lose
/// the place.
fn groups(desk: &Desk, print: &str) -> String {
    let groups: Vec<&str> = print.split(' ').collect();
    let mut out = String::from("\n");
    let halves = ["cli-fingerprint-first-half", "cli-fingerprint-second-half"];
    for (half, key) in halves.iter().enumerate() {
        out.push_str(&format!("  {}\n", desk.say(key)));
        for row in 0..2 {
            let from = half * 6 + row * 3;
            let cells = groups.iter().enumerate().skip(from).take(3);
            let cells = cells.map(|(at, group)| format!("{:>2}. {}", at + 1, spaced(group)));
            out.push_str(&format!("    {}\n", cells.collect::<Vec<_>>().join("     ")));
        }
        if half == 0 {
            out.push('\n');
        }
    }
    out
}

fn spaced(group: &str) -> String {
    group.chars().map(String::from).collect::<Vec<_>>().join(" ")
}

/// A backup as a next command: into a file of today's name.
pub fn backup_step() -> String {
    let today = clock::shown(seam::now());
    format!("backup backup-{}", today.split(' ').next().unwrap_or_default())
}

/// `accredit`.
pub fn accredit(
    desk: &Desk,
    peer: &str,
    fingerprint: Option<&str>,
    compared: Compared,
    root: &Root,
) -> Result<Answer> {
    let typed = || desk.typed("cli-ask-fingerprint", "--fingerprint");
    let fingerprint = fingerprint.map_or_else(typed, |given| Ok(given.to_owned()))?;
    let heard: String = fingerprint.chars().filter(|c| !c.is_whitespace()).collect();
    if heard.len() != 60 || !heard.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Code::ArgumentWrong.at("--fingerprint: not twelve groups of five digits"));
    }
    let mut door = desk.door()?;
    let own = door.call("credential.show", Object::default())?;
    let theirs = door.call("credential.show", peer_args(Some(peer)))?;
    let (own, theirs) = (Of::value(&own), Of::value(&theirs));
    let name = desk.name(theirs.of("names"));
    let expected: String = theirs.text("fingerprint").split(' ').collect();
    if heard != expected {
        // Which group differs is told; what it should be is not, or people would "correct" it.
        let differs = |at: &usize| heard[at * 5..at * 5 + 5] != expected[at * 5..at * 5 + 5];
        let wrong: Vec<String> = (0..12).filter(differs).map(|at| (at + 1).to_string()).collect();
        let place = format!("{name}: group {}", wrong.join(", "));
        return Err(Code::FingerprintDiffers.at(place));
    }
    let (by, party) = (PartyId::parse(own.text("party"))?, PartyId::parse(theirs.text("party"))?);
    let accreditation = Control::Accreditation(Accreditation {
        by,
        peer: party,
        credential: Entry::parse(theirs.text("entry"))?,
        compared: compared.word().to_owned(),
        issued_at: seam::now(),
    });
    let value = adopt(desk, &mut door, root, &accreditation)?;
    if desk.json {
        return Ok(Answer::json(&value));
    }
    let handle = desk.handle(theirs.of("names"), theirs.text("party"));
    let said = desk.say_with("cli-accredited", &[("name", &name)]);
    let mut steps = vec![format!("pouch pack {handle} to-{handle}")];
    if !door.is_running() {
        steps.insert(0, "serve".to_owned());
    }
    let steps: Vec<&str> = steps.iter().map(String::as_str).collect();
    Ok(Answer::done(format!("{said}\n{}", next(desk, &steps))))
}

/// Signs with the root keys and hands the bytes to the node. REC-8.
fn adopt(desk: &Desk, door: &mut Door, root: &Root, control: &Control) -> Result<Value> {
    let keys = desk.root_keys(root)?;
    let bytes = control.sign(&keys)?;
    drop(keys);
    door.call("adopt", Object::default().with("bytes", Base64UrlUnpadded::encode_string(&bytes)))
}

/// `rotate`.
pub fn rotate(desk: &Desk, args: &RotateArgs) -> Result<Answer> {
    let folder = crate::folder::Folder::open(&desk.home)?;
    let passphrase = desk.passphrase()?;
    let mut house = house::enter(folder, &passphrase)?;
    if args.drop_older {
        let count = house.drop_older(&passphrase, args.anyway)? as u64;
        if desk.json {
            return Ok(Answer::json(&Object::default().with("dropped", count).into()));
        }
        let key = if count == 0 { "cli-dropped-none" } else { "cli-dropped" };
        let said = desk.say_with(key, &[("count", &count.to_string())]);
        return Ok(Answer::done(format!("{said}\n")));
    }
    let what = match (args.settings_only, args.compromised) {
        (true, _) => Renewal::Settings,
        (_, true) => Renewal::Compromised,
        _ => Renewal::Keys,
    };
    let before = house.node.credential()?.ring(Ring::Live).key(Role::Transport).thumbprint();
    let credential = house.rotate(&desk.root_keys(&args.root)?, &passphrase, what)?;
    if desk.json {
        let value = Object::default()
            .with("party", credential.party.to_string())
            .with("version", credential.version)
            .with("issued_at", credential.issued_at);
        return Ok(Answer::json(&value.into()));
    }
    let version = credential.version.to_string();
    let key = match what {
        Renewal::Keys => "cli-rotated",
        Renewal::Compromised => "cli-rotated-compromised",
        Renewal::Settings => "cli-rotated-settings",
    };
    let said = desk.say_with(key, &[("version", &version)]);
    let file = format!("{}.credential", word(credential.name("en")));
    let export = format!("credential export {file}");
    let revoke = format!("revoke {before} --since TIME");
    let steps = match what {
        Renewal::Keys => next(desk, &[&backup_step(), &export, "rotate --drop-older"]),
        // Each of the old keys could sign or answer for us: all of them are listed, to be revoked.
        Renewal::Compromised => next(desk, &[&export, &revoke, "credential keys", &backup_step()]),
        Renewal::Settings => next(desk, &["serve"]),
    };
    Ok(Answer::done(format!("{said}\n{steps}")))
}

/// `revoke`.
pub fn revoke(desk: &Desk, kid: &str, since: &str, root: &Root) -> Result<Answer> {
    let id = Kid::parse(kid).map_err(|fault| fault.within("KID"))?;
    let now = seam::now();
    let since = clock::instant(since).or_else(|| since.parse().ok()).filter(|since| *since <= now);
    let since = since.ok_or_else(|| Code::ArgumentWrong.at("--since: no time in the past"))?;
    let mut door = desk.door()?;
    let own = door.call("credential.show", Object::default())?;
    let own = Of::value(&own);
    for ring in ["live", "drill"] {
        let mut keys = own.of("keys").of(ring).members().iter();
        if keys.any(|(_, held)| held.as_str() == Some(kid)) {
            // Revoked while in force it would silence the node.
            return Err(Code::KeyInForce.at(format!("{ring}, {}", id.short())));
        }
    }
    let by = PartyId::parse(own.text("party"))?;
    let revocation = Revocation { by, kid: id, suspected_since: since, issued_at: now };
    let value = adopt(desk, &mut door, root, &Control::Revocation(revocation))?;
    if desk.json {
        return Ok(Answer::json(&value));
    }
    let said =
        desk.say_with("cli-revoked", &[("kid", short(kid)), ("since", &clock::shown(since))]);
    Ok(Answer::done(format!("{said}\n")))
}

/// What a key is for, in words.
fn role_of(desk: &Desk, role: &str) -> String {
    desk.say(&format!("key-role-{role}"))
}

/// The next commands, each on its own line, ready to copy.
pub fn next(desk: &Desk, commands: &[&str]) -> String {
    let mut out = format!("\n{}\n", desk.say("cli-next"));
    for command in commands {
        out.push_str(&format!("  {} {command}\n", desk.me));
    }
    out
}

/// A file or folder as the argument of a next command.
pub fn file_word(path: &Path) -> Result<String> {
    Ok(quoted(&path_argument(path)?))
}
