//! `data/index.json`: what a dossier holds, each file named once, all paths relative to `data/`.

use super::bag::check_path;
use crate::fault::{Code, Fault, Result};
use crate::id::{ChannelId, Entry, Kid, MatterId, PartyId, unhex};
use crate::limits;
use crate::strict::json::{Object, Value};
use std::borrow::Cow;

const VERSION: i64 = 1;

/// A path, or another word of the index: its own when it is written, lent by the file when read.
pub type Word<'a> = Cow<'a, str>;

/// The index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index<'a> {
    /// The channel.
    pub channel: ChannelId,
    /// Whether it is a channel for exercises.
    pub drill: bool,
    /// The matters exported.
    pub matters: Vec<MatterId>,
    /// The statements.
    pub statements: Vec<Listed<'a>>,
    /// The checkpoints.
    pub checkpoints: Vec<ListedHead<'a>>,
    /// The root-signed statements.
    pub credentials: Vec<ListedControl<'a>>,
}

/// A statement in the index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed<'a> {
    /// The COSE_Sign1.
    pub file: Word<'a>,
    /// SHA-256 of that file: the entry whose leaf hash the logs hold.
    pub entry: Entry,
    /// Its author.
    pub issuer: PartyId,
    /// The author's statement key.
    pub kid: Kid,
    /// That key as PEM.
    pub key_file: Word<'a>,
    /// Its RFC 9901 disclosures, one a line; none if it has none or all were erased.
    pub disclosures: Option<Word<'a>>,
    /// Receipts.
    pub receipts: Vec<ListedReceipt<'a>>,
}

/// A receipt in the index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedReceipt<'a> {
    /// Whose log.
    pub party: PartyId,
    /// The RFC 9942 receipt.
    pub file: Word<'a>,
    /// The log's Ed25519 key as PEM.
    pub log_key_file: Word<'a>,
    /// The checkpoint it rests on.
    pub checkpoint_file: Word<'a>,
}

/// A checkpoint in the index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedHead<'a> {
    /// Whose log.
    pub party: PartyId,
    /// The C2SP signed note.
    pub file: Word<'a>,
    /// Its origin line.
    pub origin: Word<'a>,
    /// Its size.
    pub size: u64,
    /// The proof that the next head of this log in the dossier extends it. The last head of a log
    /// has none.
    pub extended: Option<Word<'a>>,
}

/// A root-signed statement in the index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedControl<'a> {
    /// Who signed it.
    pub party: PartyId,
    /// The COSE_Sign.
    pub file: Word<'a>,
    /// Receipts, if the dossier shows where it lies in the logs.
    pub receipts: Vec<ListedReceipt<'a>>,
}

impl<'a> Index<'a> {
    /// JSON text. [`Code::TooLarge`] if a reader would refuse it.
    pub fn to_text(&self) -> Result<String> {
        let fits = |count: usize, what: &str| {
            if count > limits::ITEMS { Err(Code::TooLarge.at(what)) } else { Ok(()) }
        };
        fits(self.matters.len(), "matters")?;
        fits(self.statements.len(), "statements")?;
        fits(self.checkpoints.len(), "checkpoints")?;
        fits(self.credentials.len(), "credentials")?;
        let statements = self.statements.iter().map(|listed| {
            Object::default()
                .with("file", &*listed.file)
                .with("leaf_entry_hex", listed.entry.to_string())
                .with("issuer", listed.issuer.to_string())
                .with("kid", listed.kid.to_string())
                .with("key_file", &*listed.key_file)
                .with("disclosures", file_or_null(&listed.disclosures))
                .with("receipts", write_receipts(&listed.receipts))
        });
        let checkpoints = self.checkpoints.iter().map(|head| {
            Object::default()
                .with("party", head.party.to_string())
                .with("file", &*head.file)
                .with("origin", &*head.origin)
                .with("size", head.size)
                .with("extended", file_or_null(&head.extended))
        });
        let credentials = self.credentials.iter().map(|control| {
            Object::default()
                .with("party", control.party.to_string())
                .with("file", &*control.file)
                .with("receipts", write_receipts(&control.receipts))
        });
        let object = Object::default()
            .with("version", VERSION)
            .with("channel", self.channel.to_string())
            .with("drill", self.drill)
            .with("matters", self.matters.iter().map(MatterId::to_string).collect::<Vec<_>>())
            .with("statements", statements.collect::<Vec<_>>())
            .with("checkpoints", checkpoints.collect::<Vec<_>>())
            .with("credentials", credentials.collect::<Vec<_>>());
        let mut text = String::with_capacity(256 + 1024 * self.statements.len());
        object.write(&mut text);
        text.push('\n');
        Ok(text)
    }

    /// Reads the one text that [`Index::to_text`] writes: the same members in the same order,
    /// without white space or escapes. Whether the files are there is the bag's to say. DOS-4,
    /// DOS-3: [`Code::StructureWrong`] with the byte offset, [`Code::PathOutside`].
    pub fn parse(bytes: &'a [u8]) -> Result<Index<'a>> {
        let text = std::str::from_utf8(bytes).map_err(|_| wrong("not UTF-8", 0))?;
        let mut text = Text { text, at: 0 };
        text.token("{\"version\":1,\"channel\":\"")?;
        let index = Index {
            channel: ChannelId(text.hex()?),
            drill: text.drill()?,
            matters: text.list("\"matters\":[", |text| {
                text.token("\"")?;
                Ok(MatterId(text.hex()?))
            })?,
            statements: text.list(",\"statements\":[", read_statement)?,
            checkpoints: text.list(",\"checkpoints\":[", read_checkpoint)?,
            credentials: text.list(",\"credentials\":[", |text| {
                text.token("{\"party\":\"")?;
                let party = PartyId(text.hex()?);
                text.token(",\"file\":\"")?;
                let file = text.path()?;
                let receipts = text.list(",\"receipts\":[", read_receipt)?;
                text.token("}")?;
                Ok(ListedControl { party, file, receipts })
            })?,
        };
        text.token("}\n")?;
        if text.at < bytes.len() {
            return Err(wrong("more after the end", text.at));
        }
        Ok(index)
    }
}

fn file_or_null(file: &Option<Word<'_>>) -> Value {
    file.as_deref().map_or(Value::Null, Value::from)
}

fn write_receipts(receipts: &[ListedReceipt<'_>]) -> Vec<Object> {
    let write = |receipt: &ListedReceipt| {
        Object::default()
            .with("party", receipt.party.to_string())
            .with("file", &*receipt.file)
            .with("log_key_file", &*receipt.log_key_file)
            .with("checkpoint_file", &*receipt.checkpoint_file)
    };
    receipts.iter().map(write).collect()
}

fn read_statement<'a>(text: &mut Text<'a>) -> Result<Listed<'a>> {
    text.token("{\"file\":\"")?;
    let file = text.path()?;
    text.token(",\"leaf_entry_hex\":\"")?;
    let entry = Entry(text.hex()?);
    text.token(",\"issuer\":\"")?;
    let issuer = PartyId(text.hex()?);
    text.token(",\"kid\":\"")?;
    let kid = Kid(text.hex()?);
    text.token(",\"key_file\":\"")?;
    let key_file = text.path()?;
    text.token(",\"disclosures\":")?;
    let disclosures = text.path_or_null()?;
    let receipts = text.list(",\"receipts\":[", read_receipt)?;
    text.token("}")?;
    Ok(Listed { file, entry, issuer, kid, key_file, disclosures, receipts })
}

fn read_receipt<'a>(text: &mut Text<'a>) -> Result<ListedReceipt<'a>> {
    text.token("{\"party\":\"")?;
    let party = PartyId(text.hex()?);
    text.token(",\"file\":\"")?;
    let file = text.path()?;
    text.token(",\"log_key_file\":\"")?;
    let log_key_file = text.path()?;
    text.token(",\"checkpoint_file\":\"")?;
    let checkpoint_file = text.path()?;
    text.token("}")?;
    Ok(ListedReceipt { party, file, log_key_file, checkpoint_file })
}

fn read_checkpoint<'a>(text: &mut Text<'a>) -> Result<ListedHead<'a>> {
    text.token("{\"party\":\"")?;
    let party = PartyId(text.hex()?);
    text.token(",\"file\":\"")?;
    let file = text.path()?;
    text.token(",\"origin\":\"")?;
    // An origin is made of the same characters as a path.
    let origin = text.path()?;
    text.token(",\"size\":")?;
    let size = text.number()?;
    text.token(",\"extended\":")?;
    let extended = text.path_or_null()?;
    text.token("}")?;
    Ok(ListedHead { party, file, origin, size, extended })
}

fn wrong(what: &str, at: usize) -> Fault {
    Code::StructureWrong.at(format!("data/index.json: {what} at byte {at}"))
}

/// A cursor over the index. One fixed text needs no general parser, and a dossier of a large
/// channel has megabytes of it.
struct Text<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Text<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn token(&mut self, token: &str) -> Result<()> {
        if !self.rest().starts_with(token) {
            return Err(wrong(&format!("not {token}"), self.at));
        }
        self.at += token.len();
        Ok(())
    }

    /// The rest of a string whose opening quote is read, with its closing one.
    fn string(&mut self) -> Result<&'a str> {
        let rest = self.rest();
        let end = rest.bytes().position(|byte| byte == b'"');
        let text = &rest[..end.ok_or_else(|| wrong("string without end", self.at))?];
        self.at += text.len() + 1;
        Ok(text)
    }

    fn hex<const N: usize>(&mut self) -> Result<[u8; N]> {
        let at = self.at;
        unhex(self.string()?).map_err(|_| wrong("not the hex digits of a name", at))
    }

    fn path(&mut self) -> Result<Word<'a>> {
        let path = self.string()?;
        check_path(path)?;
        Ok(Cow::Borrowed(path))
    }

    fn path_or_null(&mut self) -> Result<Option<Word<'a>>> {
        if self.rest().starts_with("null") {
            self.at += "null".len();
            return Ok(None);
        }
        self.token("\"")?;
        self.path().map(Some)
    }

    fn drill(&mut self) -> Result<bool> {
        self.token(",\"drill\":")?;
        let drill = self.rest().starts_with("true,");
        self.token(if drill { "true," } else { "false," })?;
        Ok(drill)
    }

    fn number(&mut self) -> Result<u64> {
        let digits = self.rest().bytes().take_while(u8::is_ascii_digit).count();
        let text = &self.rest()[..digits];
        let number = text.parse().ok().filter(|number: &u64| number.to_string() == text);
        let number = number.filter(|number| *number <= limits::JSON_INTEGER as u64);
        let number = number.ok_or_else(|| wrong("not a whole number", self.at))?;
        self.at += digits;
        Ok(number)
    }

    fn list<T>(
        &mut self,
        opening: &str,
        mut read: impl FnMut(&mut Text<'a>) -> Result<T>,
    ) -> Result<Vec<T>> {
        self.token(opening)?;
        let mut items = Vec::new();
        while !self.rest().starts_with(']') {
            if !items.is_empty() {
                self.token(",")?;
            }
            items.push(read(self)?);
            if items.len() > limits::ITEMS {
                return Err(Code::TooLarge.at(opening));
            }
        }
        self.token("]")?;
        Ok(items)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Index<'static> {
        let party = PartyId([2; 32]);
        let receipt = ListedReceipt {
            party,
            file: "receipts/000001-1.cose".into(),
            log_key_file: "keys/b.pem".into(),
            checkpoint_file: "checkpoints/0001.txt".into(),
        };
        Index {
            channel: ChannelId([1; 32]),
            drill: true,
            matters: vec![MatterId([3; 16])],
            statements: vec![Listed {
                file: "statements/000001.cose".into(),
                entry: Entry([4; 32]),
                issuer: party,
                kid: Kid([5; 32]),
                key_file: "keys/a.pem".into(),
                disclosures: Some("disclosures/000001.txt".into()),
                receipts: vec![receipt.clone()],
            }],
            checkpoints: vec![ListedHead {
                party,
                file: "checkpoints/0001.txt".into(),
                origin: "counterpart/1/x".into(),
                size: 7,
                extended: None,
            }],
            credentials: vec![ListedControl {
                party,
                file: "credentials/0001.cose".into(),
                receipts: vec![receipt],
            }],
        }
    }

    #[test]
    fn dos_4_what_is_written_is_read_back_and_each_change_of_form_is_refused() {
        let text = sample().to_text().unwrap();
        assert_eq!(Index::parse(text.as_bytes()).unwrap(), sample());
        // What we read by its one form is what any reader of strict JSON reads.
        let object = crate::strict::json::parse_object(text.as_bytes()).unwrap();
        assert_eq!(object.get("statements").unwrap().as_array().unwrap().len(), 1);
        for cut in 0..text.len() {
            assert!(Index::parse(&text.as_bytes()[..cut]).is_err(), "{cut}");
        }
        for (from, to, code) in [
            ("\"version\":1", "\"version\":2", Code::StructureWrong),
            ("\"version\":1", "\"version\":1,\"note\":1", Code::StructureWrong),
            ("\"drill\":true", "\"drill\":1", Code::StructureWrong),
            ("\"drill\":true,", "", Code::StructureWrong),
            ("\"size\":7", "\"size\":-7", Code::StructureWrong),
            ("\"size\":7", "\"size\":7,\"time\":7", Code::StructureWrong),
            (",\"extended\":null", "", Code::StructureWrong),
            ("\"extended\":null", "\"extended\":nul", Code::StructureWrong),
            ("\"extended\":null", "\"extended\":\"/a\"", Code::PathOutside),
            ("\"size\":7", "\"size\":7.0", Code::StructureWrong),
            ("\"size\":7", "\"size\":7,\"size\":7", Code::StructureWrong),
            ("statements/000001.cose", "../000001.cose", Code::PathOutside),
            ("\"keys/b.pem\"", "\"/keys/b.pem\"", Code::PathOutside),
            ("disclosures/000001.txt", "a/./b", Code::PathOutside),
            ("\"disclosures/000001.txt\"", "1", Code::StructureWrong),
            ("\"size\":7", "\"size\":07", Code::StructureWrong),
            ("\"size\":7", "\"size\":9007199254740992", Code::StructureWrong),
            ("\"size\":7", "\"size\": 7", Code::StructureWrong),
            ("0404", "04", Code::StructureWrong),
            ("0505", "05A5", Code::StructureWrong),
            ("keys/a.pem", "keys/\\u0061.pem", Code::PathOutside),
            ("}],\"checkpoints\"", "},],\"checkpoints\"", Code::StructureWrong),
            ("]}\n", "]}\n ", Code::StructureWrong),
            ("]}\n", "]}", Code::StructureWrong),
        ] {
            assert!(text.contains(from), "{from}");
            let fault = Index::parse(text.replacen(from, to, 1).as_bytes()).unwrap_err();
            assert_eq!(fault.code, code, "{to}");
        }
    }

    #[test]
    fn what_a_reader_would_refuse_is_not_written() {
        let many = vec![MatterId([0; 16]); limits::ITEMS + 1];
        let index = Index { matters: many, ..sample() };
        assert_eq!(index.to_text().unwrap_err().code, Code::TooLarge);
    }
}
