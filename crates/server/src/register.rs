//! The register of backups: which were made, when, where, and whether their keys are destroyed. It
//! lies in the node's folder and in no backup. A backup ends by its key: whoever destroys the small
//! file has destroyed the large one, wherever copies of it lie. RET-3, RET-4.
//!
//! ```text
//! HOME/backups    counterpart-backups/1
//!                 {"id":"...","made_at":1780272000,"file":"...","forgotten_at":null}   one each
//! ```

use crate::durable;
use counterpart_record::fault::{Code, Fault, Result};
use counterpart_record::strict::json::{self, Object, Value};
use std::path::{Path, PathBuf};

const FILE: &str = "backups";
const MAGIC: &str = "counterpart-backups/1";
/// Where the time of the newest backup stood before there was a register.
const LAST: &str = "backup.last";
/// Room for some ten thousand backups.
const BYTES: usize = 4 * 1024 * 1024;

/// One backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// What its file begins with: 16 hexadecimal digits.
    pub id: String,
    /// When it was made, POSIX seconds. What was erased later is still in it.
    pub made_at: u64,
    /// Where it was written.
    pub file: PathBuf,
    /// When its key was destroyed.
    pub forgotten_at: Option<u64>,
}

/// Every backup that the node in `home` knows of, oldest first. [`Code::ConfigWrong`] if the
/// register cannot be read, [`Code::StoreVersion`] if a later program wrote it.
pub fn list(home: &Path) -> Result<Vec<Kept>> {
    let path = home.join(FILE);
    if !path.exists() {
        return Ok(Vec::new());
    }
    let text = String::from_utf8(durable::read(&path, BYTES)?).map_err(|_| wrong("not UTF-8"))?;
    let mut lines = text.lines();
    match lines.next() {
        Some(MAGIC) => {}
        Some(other) if other.starts_with("counterpart-backups/") => {
            return Err(Code::StoreVersion.at(format!("{other}, this program knows {MAGIC}")));
        }
        _ => return Err(wrong("header")),
    }
    lines.map(|line| one(line).ok_or_else(|| wrong("a line"))).collect()
}

/// Notes a backup, or what became of one that is there.
pub fn note(home: &Path, kept: Kept) -> Result<()> {
    let mut all = list(home)?;
    match all.iter_mut().find(|other| other.id == kept.id) {
        Some(other) => *other = kept,
        None => all.push(kept),
    }
    let mut text = format!("{MAGIC}\n");
    for kept in &all {
        let object = Object::default()
            .with("id", kept.id.as_str())
            .with("made_at", kept.made_at)
            .with("file", kept.file.to_string_lossy().into_owned())
            .with("forgotten_at", kept.forgotten_at.map_or(Value::Null, Value::from));
        text.push_str(&Value::from(object).to_text());
        text.push('\n');
    }
    durable::replace(&home.join(FILE), text.as_bytes())
}

/// When the newest backup was made that can still be restored, in POSIX seconds.
pub fn last(home: &Path) -> Option<u64> {
    if let Ok(all) = list(home)
        && !all.is_empty()
    {
        let still = all.iter().filter(|kept| kept.forgotten_at.is_none());
        return still.map(|kept| kept.made_at).max();
    }
    let text = durable::read(&home.join(LAST), 64).ok()?;
    String::from_utf8(text).ok()?.trim().parse().ok()
}

fn one(line: &str) -> Option<Kept> {
    let object = json::parse_object(line.as_bytes()).ok()?;
    let text = |name: &str| object.get(name).and_then(Value::as_str);
    let time = |name: &str| {
        let number = object.get(name).and_then(Value::as_int);
        number.and_then(|number| u64::try_from(number).ok())
    };
    Some(Kept {
        id: text("id")?.to_owned(),
        made_at: time("made_at")?,
        file: text("file")?.into(),
        forgotten_at: time("forgotten_at"),
    })
}

fn wrong(what: &str) -> Fault {
    Code::ConfigWrong.at(format!("{FILE}: {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn what_was_noted_is_read_back_and_a_forgotten_backup_is_no_backup() {
        let scratch = Scratch::new("register");
        let home = scratch.path();
        assert_eq!((list(home).unwrap(), last(home)), (Vec::new(), None));
        durable::replace(&home.join(LAST), b"41\n").unwrap();
        assert_eq!(last(home), Some(41));
        let kept = |id: &str, made_at| Kept {
            id: id.to_owned(),
            made_at,
            file: "/media/safe/a b\n\"c\"".into(),
            forgotten_at: None,
        };
        let (one, mut two) = (kept("01", 100), kept("02", 200));
        note(home, one.clone()).unwrap();
        note(home, two.clone()).unwrap();
        assert_eq!(last(home), Some(200));
        two.forgotten_at = Some(300);
        note(home, two.clone()).unwrap();
        assert_eq!(list(home).unwrap(), [one, two]);
        assert_eq!(last(home), Some(100));
    }

    #[test]
    fn a_register_of_a_later_format_or_none_is_named() {
        let scratch = Scratch::new("later");
        for (text, code) in [
            ("counterpart-backups/2\n", Code::StoreVersion),
            ("list of backups\n", Code::ConfigWrong),
            ("counterpart-backups/1\n{\"id\":1}\n", Code::ConfigWrong),
        ] {
            durable::replace(&scratch.join(FILE), text.as_bytes()).unwrap();
            assert_eq!(list(scratch.path()).unwrap_err().code, code, "{text}");
        }
    }
}
