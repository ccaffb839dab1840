//! The page that a person reads first in a dossier. What stands above its line is made from what
//! the dossier proves and from nothing else: whoever exports makes it, and whoever verifies makes
//! it again and compares (DOS-20). What stands below is the word of whoever exported.

use crate::clock;
use crate::flow::flow;
use crate::form::{Field, Kind, Sort, tell};
use crate::say::{Lang, Say, face, known, labelled, render};
use crate::terms::{self, Sheet};
use counterpart_record::id::{MatterId, PartyId};
use counterpart_record::party::Credential;
use counterpart_record::strict::json::{Object, Value};

/// How the line begins that ends what is proven; the version of the words follows.
const LINE: &str = "===== counterpart ";
/// That line, as this program writes it: another version may say the same thing otherwise.
const WRITTEN: &str = concat!("===== counterpart ", env!("CARGO_PKG_VERSION"), " =====");

/// What a dossier proves of its acts.
#[derive(Clone, Debug)]
pub struct Page<'a> {
    /// Whether it is an exercise.
    pub drill: bool,
    /// The newest credential of each party in the dossier.
    pub parties: &'a [Credential],
    /// The acts, in the order of the dossier.
    pub acts: Vec<Act<'a>>,
}

/// What a dossier proves of one act.
#[derive(Clone, Debug)]
pub struct Act<'a> {
    /// In which matter.
    pub matter: MatterId,
    /// Who wrote it.
    pub author: PartyId,
    /// To whom.
    pub audience: PartyId,
    /// The flow and version whose rules it follows.
    pub rules: &'a str,
    /// Which kind of act.
    pub kind: &'a str,
    /// Its coded fields, as signed.
    pub body: &'a Object,
    /// The disclosures that are there, as signed: name and value.
    pub disclosed: &'a [(String, Value)],
    /// Since when its author's log has it, in seconds (UTC); none without a receipt.
    pub logged_at: Option<u64>,
    /// Whether the other party's log has it.
    pub held: bool,
    /// Since when its author suspects misuse of the key, if it was logged no earlier. DOS-18
    pub contested: Option<u64>,
}

/// What a summary is, held against what its dossier proves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Compared {
    /// It says down to its line what the dossier proves; whether something stands below.
    Same {
        /// Whether whoever exported says more below the line.
        more: bool,
    },
    /// It says something else.
    Differs,
    /// It is in the words of this other version of the program, and cannot be compared.
    OtherWords(String),
}

impl Page<'_> {
    /// The page down to its line, which is the last of it.
    pub fn proven(&self, lang: Lang) -> String {
        let mut lines = Vec::new();
        let mut matter = None;
        for (act, number) in self.acts.iter().zip(1..) {
            if matter != Some(act.matter) {
                self.begin(lang, act, matter.is_none(), &mut lines);
                matter = Some(act.matter);
            }
            self.act(lang, act, number, &mut lines);
        }
        lines.push(String::new());
        lines.push(WRITTEN.to_owned());
        lines.join("\n") + "\n"
    }

    /// A summary against this page. DOS-20
    pub fn compare(&self, lang: Lang, text: &str) -> Compared {
        let line = text.lines().find(|line| line.starts_with(LINE));
        if let Some(other) = line.filter(|line| *line != WRITTEN).and_then(version) {
            return Compared::OtherWords(other.to_owned());
        }
        match text.strip_prefix(&self.proven(lang)) {
            Some(rest) => Compared::Same { more: !rest.trim().is_empty() },
            None => Compared::Differs,
        }
    }

    /// The name of a party in a language, or the first digits of its id.
    fn name(&self, party: &PartyId, lang: Lang) -> String {
        let found = self.parties.iter().find(|credential| credential.party == *party);
        found.map_or_else(|| party.short(), |credential| credential.name(lang.tag()).to_owned())
    }

    fn begin(&self, lang: Lang, first: &Act<'_>, top: bool, lines: &mut Vec<String>) {
        if !top {
            lines.push(String::new());
        }
        let (asks, answers) = (self.name(&first.author, lang), self.name(&first.audience, lang));
        let between = Say::of("summary-between").with("asks", asks).with("answers", answers);
        let title = Say::of("summary-title").with("matter", first.matter.to_string());
        lines.extend([title, between].map(|say| render(lang, &say)));
        if self.drill {
            lines.push(render(lang, &Say::of("summary-drill")));
        }
        // Where somebody is asked for something, both stand with the numbers of their desks. ASK-22
        if first.body.get("measure").is_some() {
            for (asks, party) in [(true, &first.author), (false, &first.audience)] {
                let known = self.parties.iter().find(|credential| credential.party == *party);
                let numbers = known.map_or(&[][..], |credential| &credential.desk.callback);
                lines.push(face(lang, asks, &self.name(party, lang), numbers));
            }
        }
        if top {
            lines.push(render(lang, &Say::of("summary-proof")));
        }
        lines.push(String::new());
    }

    fn act(&self, lang: Lang, act: &Act<'_>, number: usize, lines: &mut Vec<String>) {
        let say = |say: Say| render(lang, &say);
        let phrase = format!("kind-{}", act.kind);
        // A kind that this version does not know is named as its author named it.
        let kind = if known(lang, &phrase) { say(Say::of(phrase)) } else { act.kind.to_owned() };
        let rung = if act.held { "rung-held" } else { "rung-logged" };
        let at = act.logged_at.map_or_else(|| "-".to_owned(), clock::shown);
        let line = Say::of("summary-act")
            .with("number", number.to_string())
            .with("at", at)
            .with("author", self.name(&act.author, lang))
            .with("kind", kind)
            .with("rung", say(Say::of(rung)));
        lines.push(say(line));
        if let Some(since) = act.contested {
            let line = Say::of("summary-contested").with("since", clock::shown(since));
            lines.push(format!("    {}", say(line)));
        }
        let kind = flow(act.rules).and_then(|flow| flow.kind(act.kind));
        let disclosed = act.disclosed.iter().map(|(name, value)| (name, value));
        // What opens an attachment is no word for a page.
        let opens = |name: &str| kind.is_some_and(|kind| kind.is_attachment(name));
        let disclosed = disclosed.filter(|(name, _)| !opens(name));
        for (name, value) in act.body.0.iter().map(|(name, value)| (name, value)).chain(disclosed) {
            let told = self.field(lang, kind, name, value);
            let told = told.iter().map(|(label, text)| labelled(lang, label, text));
            lines.extend(told.map(|line| format!("    {line}")));
        }
    }

    fn field(
        &self,
        lang: Lang,
        kind: Option<&Kind>,
        name: &str,
        value: &Value,
    ) -> Vec<(String, String)> {
        match (kind.and_then(|kind| kind.field(name)), value.as_object()) {
            (Some(Field { sort: Sort::Sheet(_), .. }), Some(sheet)) => {
                let sheet = Sheet::read(sheet);
                let name = |party: &PartyId| self.name(party, lang);
                sheet.map_or(Vec::new(), |sheet| terms::told(lang, &sheet, &name))
            }
            _ => tell(lang, kind, name, value),
        }
    }
}

/// The version of the words in the line of a summary, if it is one that a release can have.
fn version(line: &str) -> Option<&str> {
    let version = line.strip_prefix(LINE)?.strip_suffix(" =====")?;
    let plain = |c: char| c.is_ascii_alphanumeric() || ".-+".contains(c);
    let good = (1..=30).contains(&version.len()) && version.chars().all(plain);
    good.then_some(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page<'a>(body: &'a Object, disclosed: &'a [(String, Value)]) -> Page<'a> {
        let act = Act {
            matter: MatterId([7; 16]),
            author: PartyId([1; 32]),
            audience: PartyId([2; 32]),
            rules: "assistance/1",
            kind: "remind",
            body,
            disclosed,
            logged_at: Some(1_790_000_000),
            held: true,
            contested: None,
        };
        Page { drill: true, parties: &[], acts: vec![act] }
    }

    /// DOS-20
    #[test]
    fn a_summary_is_compared_down_to_its_line() {
        let (body, words) = (Object::default(), [("text".to_owned(), Value::from("Please."))]);
        let page = page(&body, &words);
        for lang in Lang::ALL {
            let text = page.proven(lang);
            assert!(text.contains("Please.") && text.contains("07070707"), "{text}");
            assert_eq!(page.compare(lang, &text), Compared::Same { more: false });
            let more = format!("{text}\nIt is open.\n");
            assert_eq!(page.compare(lang, &more), Compared::Same { more: true });
            for forged in [
                text.replace("Please.", "Refuse."),
                text.replace("Please.", "Please.\n    Or not."),
                text.replace(WRITTEN, ""),
                text.replace(WRITTEN, "===== counterpart \u{1b}[2J ====="),
                format!("Withdrawn.\n{text}"),
                String::new(),
            ] {
                assert_eq!(page.compare(lang, &forged), Compared::Differs, "{forged}");
            }
            let other = text.replace(WRITTEN, "===== counterpart 9.9.1 =====");
            assert_eq!(page.compare(lang, &other), Compared::OtherWords("9.9.1".to_owned()));
        }
    }

    #[test]
    fn no_word_of_a_party_stands_where_the_line_does() {
        let words = [("text".to_owned(), Value::from(format!("a\n{WRITTEN}\nb")))];
        let text = page(&Object::default(), &words).proven(Lang::En);
        assert_eq!(text.lines().filter(|line| line.starts_with(LINE)).count(), 1, "{text}");
    }
}
