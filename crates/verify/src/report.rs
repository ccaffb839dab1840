//! What a check found: as data, as JSON and in plain sentences.

use counterpart_record::fault::{Code, Fault};
use counterpart_record::id::{ChannelId, Entry, MatterId, PartyId};
use counterpart_record::party::Credential;
use counterpart_record::strict::json::{Object, Value};
use counterpart_rules::clock;
use counterpart_rules::flow::flow;
use counterpart_rules::form;
use counterpart_rules::say::{self, Lang, Say};
use counterpart_rules::summary::{self, Page};

/// The result of one check.
#[derive(Clone, Debug)]
pub struct Report {
    /// What was checked.
    pub about: About,
    /// What is wrong; empty if everything that was checked holds.
    pub findings: Vec<Finding>,
    /// What could not be checked, or does not show: it is not wrong, but a reader should know.
    pub unchecked: Vec<Say>,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Code and place.
    pub fault: Fault,
    /// The party whose bytes show it, if it is one party's and not the bag's.
    pub of: Option<PartyId>,
}

impl From<Fault> for Finding {
    fn from(fault: Fault) -> Finding {
        Finding { fault, of: None }
    }
}

/// What was checked.
#[derive(Clone, Debug)]
pub enum About {
    /// A dossier.
    Dossier(Box<Contents>),
    /// Anything smaller: its kind, sentences for a person and facts for a machine.
    Single(&'static str, Vec<Say>, Object),
}

/// What a dossier says, as far as it was read.
#[derive(Clone, Debug, Default)]
pub struct Contents {
    /// The channel.
    pub channel: Option<ChannelId>,
    /// Whether it is an exercise.
    pub drill: bool,
    /// The two parties, by their newest credential.
    pub parties: Vec<Credential>,
    /// Files in the bag and signed heads in the dossier.
    pub files: usize,
    /// Heads whose signatures hold.
    pub heads: usize,
    /// The acts whose signature and form hold, in the order of the dossier.
    pub acts: Vec<Act>,
    /// The summaries that say what the acts say.
    pub summaries: Vec<Summary>,
}

/// A summary that was made again from the acts and compared. DOS-20.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Its file, in the bag.
    pub file: String,
    /// Whether whoever exported says more in it, below its line, which nothing proves.
    pub more: bool,
}

/// One act.
#[derive(Clone, Debug)]
pub struct Act {
    /// Its place in the dossier, from 1.
    pub number: usize,
    /// Its entry.
    pub entry: Entry,
    /// Who wrote it.
    pub author: PartyId,
    /// To whom.
    pub audience: PartyId,
    /// In which matter.
    pub matter: MatterId,
    /// The flow and version whose rules it follows.
    pub rules: String,
    /// Which kind of act.
    pub kind: String,
    /// Its coded fields, as signed.
    pub body: Object,
    /// The disclosures that are there, as signed: name and value.
    pub disclosed: Vec<(String, Value)>,
    /// What holds of each of its attachments, in its order.
    pub attachments: Vec<Attachment>,
    /// Its place among the author's acts in the matter.
    pub seq: u64,
    /// Epoch of the author's log.
    pub epoch: u64,
    /// The author's act before it.
    pub prev: Option<Entry>,
    /// When it was signed, by the author's clock, in POSIX seconds.
    pub signed_at: u64,
    /// Index and time in the author's own log.
    pub own: Option<(u64, u64)>,
    /// Index and time in the other party's log.
    pub peer: Option<(u64, u64)>,
    /// Disclosures that the act was signed with.
    pub digests: usize,
    /// Since when misuse of its key is suspected, if it was logged no earlier. DOS-18.
    pub contested: Option<u64>,
}

/// What a dossier shows of an attachment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attachment {
    /// The sealed bytes are those that the act names, and the content is the one promised.
    Opened,
    /// The sealed bytes are those that the act names; what opens them is not there.
    Sealed,
    /// It is not in the dossier.
    Absent,
}

impl Attachment {
    /// The word in phrase keys and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Attachment::Opened => "opened",
            Attachment::Sealed => "sealed",
            Attachment::Absent => "absent",
        }
    }
}

impl Report {
    /// A report on something smaller than a dossier.
    pub fn single(kind: &'static str) -> Report {
        Report {
            about: About::Single(kind, Vec::new(), Object::default()),
            findings: Vec::new(),
            unchecked: Vec::new(),
        }
    }

    /// Adds a sentence and facts.
    pub fn tell(&mut self, sentence: Say, more: Object) {
        if let About::Single(_, sentences, facts) = &mut self.about {
            sentences.push(sentence);
            facts.0.extend(more.0);
        }
    }

    /// Whether nothing is wrong.
    pub fn is_valid(&self) -> bool {
        self.findings.is_empty()
    }

    /// The report for a machine; the sentences in it are in `lang`.
    pub fn to_json(&self, lang: Lang) -> Object {
        let findings = self.findings.iter().map(|finding| {
            let (what, advice) = told(lang, &finding.fault);
            let party = finding.of.map_or(Value::Null, |party| party.to_string().into());
            Object::default()
                .with("code", finding.fault.code.name())
                .with("urn", finding.fault.code.urn())
                .with("at", finding.fault.at.as_str())
                .with("party", party)
                .with("what", what)
                .with("do", advice)
        });
        let unchecked = self.unchecked.iter().map(|sentence| say::render(lang, sentence));
        let (about, facts) = match &self.about {
            About::Dossier(contents) => ("dossier", contents.to_json()),
            About::Single(kind, _, facts) => (*kind, facts.clone()),
        };
        Object::default()
            .with("valid", self.is_valid())
            .with("about", about)
            .with("facts", facts)
            .with("faults", findings.collect::<Vec<_>>())
            .with("unchecked", unchecked.collect::<Vec<_>>())
    }

    /// The report for a person: who, what, when, what could not be checked, what is wrong.
    pub fn to_text(&self, lang: Lang) -> String {
        let mut lines = Vec::new();
        match &self.about {
            About::Dossier(contents) => contents.tell(lang, &mut lines),
            About::Single(_, sentences, _) => {
                lines.extend(sentences.iter().map(|sentence| say::render(lang, sentence)));
            }
        }
        let plain = |key: &str| say::render(lang, &Say::of(key));
        if !self.unchecked.is_empty() {
            lines.push(String::new());
            lines.push(plain("verify-unchecked"));
            lines.extend(self.unchecked.iter().map(|s| format!("  - {}", say::render(lang, s))));
        }
        if !self.findings.is_empty() {
            lines.push(String::new());
            lines.push(plain("verify-wrong"));
        }
        for Finding { fault, of } in &self.findings {
            let (what, advice) = told(lang, fault);
            lines.push(format!("  - {what} [{}]", fault.code.name()));
            if let Some(party) = of {
                let name = self.name(party, lang);
                let say = Say::of("verify-wrong-party").with("party", name);
                lines.push(format!("    {}", say::render(lang, &say)));
            }
            lines.push(format!("    {advice}"));
        }
        lines.push(String::new());
        lines.push(match (self.is_valid(), self.unchecked.is_empty()) {
            (true, true) => plain("verify-valid"),
            (true, false) => plain("verify-valid-but"),
            (false, _) => {
                let count = self.findings.len().to_string();
                say::render(lang, &Say::of("verify-not-valid").with("count", count))
            }
        });
        lines.push(String::new());
        lines.join("\n")
    }

    fn name(&self, party: &PartyId, lang: Lang) -> String {
        match &self.about {
            About::Dossier(contents) => contents.name(party, lang),
            About::Single(..) => party.short(),
        }
    }
}

/// Some codes are one thing to a machine and several to a person: the name of the phrase, and the
/// place that it names.
fn shape(fault: &Fault) -> (&'static str, &str) {
    let at = fault.at.as_str();
    let bag = [("digest differs", "altered"), ("cut short", "cut")];
    let words = [
        ("--fingerprint: ", "fingerprints"),
        ("not a command: ", "command"),
        ("not a folder: ", "folder"),
        ("no dossier: ", "no-dossier"),
        ("a dossier inside: ", "inside"),
    ];
    match fault.code {
        Code::BagWrong | Code::PathOutside if left_behind(at) => {
            ("left-behind", at.trim_end_matches(": not in the manifest"))
        }
        Code::BagWrong if at.ends_with("not in the manifest") => {
            ("strange", at.trim_end_matches(": not in the manifest"))
        }
        Code::BagWrong => match bag.iter().find(|(end, _)| at.ends_with(end)) {
            Some((end, name)) => (*name, at.trim_end_matches(end).trim_end_matches(": ")),
            None => (fault.code.name(), at),
        },
        Code::ArgumentWrong => match words.iter().find(|(start, _)| at.starts_with(start)) {
            Some((start, name)) => (*name, at.trim_start_matches(start)),
            None => (fault.code.name(), at),
        },
        code => (code.name(), at),
    }
}

/// A file that a desktop leaves in every folder that it shows or copies.
fn left_behind(at: &str) -> bool {
    let path = at.split(": ").next().unwrap_or(at);
    let name = path.rsplit('/').next().unwrap_or(path);
    let known = ["thumbs.db", "desktop.ini", ".directory", ".ds_store"];
    known.contains(&name.to_lowercase().as_str()) || name.starts_with("._")
}

/// What happened and what to do, in the words of somebody who reads a dossier where the common
/// ones speak to a node.
pub(crate) fn told(lang: Lang, fault: &Fault) -> (String, String) {
    let (what, advice) = say::fault(lang, fault);
    let (name, at) = shape(fault);
    let own = |key: String, common: String| {
        let known = say::known(lang, &key) && !at.is_empty();
        if known { say::render(lang, &Say::of(key).with("at", at)) } else { common }
    };
    (own(format!("verify-fault-{name}"), what), own(format!("verify-fault-{name}-do"), advice))
}

impl Contents {
    fn name(&self, party: &PartyId, lang: Lang) -> String {
        let known = self.parties.iter().find(|credential| credential.party == *party);
        known.map_or_else(|| party.short(), |credential| credential.name(lang.tag()).to_owned())
    }

    fn tell(&self, lang: Lang, lines: &mut Vec<String>) {
        let Some(channel) = self.channel else { return };
        let key = if self.drill { "verify-channel-drill" } else { "verify-channel-live" };
        let acts = self.acts.len().to_string();
        let say = Say::of(key).with("channel", channel.short()).with("acts", acts);
        let say = say.with("files", self.files.to_string()).with("heads", self.heads.to_string());
        lines.push(say::render(lang, &say));
        for credential in &self.parties {
            let say = Say::of("verify-party")
                .with("name", credential.name(lang.tag()))
                .with("fingerprint", credential.party.fingerprint());
            lines.push(say::render(lang, &say));
        }
        for act in &self.acts {
            lines.push(String::new());
            self.tell_act(act, lang, lines);
        }
        if !self.summaries.is_empty() {
            lines.push(String::new());
        }
        for summary in &self.summaries {
            let key = if summary.more { "verify-summary-more" } else { "verify-summary" };
            lines.push(say::render(lang, &Say::of(key).with("file", summary.file.as_str())));
        }
    }

    /// What the dossier proves, for the page that people read first. DOS-20.
    pub fn page(&self) -> Page<'_> {
        let acts = self.acts.iter().map(|act| summary::Act {
            matter: act.matter,
            author: act.author,
            audience: act.audience,
            rules: &act.rules,
            kind: &act.kind,
            body: &act.body,
            disclosed: &act.disclosed,
            logged_at: act.own.map(|(_, time)| time),
            held: act.peer.is_some(),
            contested: act.contested,
        });
        Page { drill: self.drill, parties: &self.parties, acts: acts.collect() }
    }

    fn tell_act(&self, act: &Act, lang: Lang, lines: &mut Vec<String>) {
        // A kind that this version does not know is named as its author named it.
        let phrase = format!("kind-{}", act.kind);
        let known = say::known(lang, &phrase);
        let kind = if known { say::render(lang, &Say::of(phrase)) } else { act.kind.clone() };
        let (author, audience) = (self.name(&act.author, lang), self.name(&act.audience, lang));
        let time = |seconds: u64| clock::shown(seconds);
        let mut say = |say: Say| lines.push(say::render(lang, &say));
        say(Say::of("verify-act")
            .with("number", act.number.to_string())
            .with("author", author.as_str())
            .with("audience", audience.as_str())
            .with("kind", kind)
            .with("seq", act.seq.to_string())
            .with("matter", act.matter.to_string())
            .with("time", time(act.signed_at)));
        match (act.own, act.peer) {
            (Some((_, own)), Some((_, peer))) => say(Say::of("verify-act-both")
                .with("author", author)
                .with("own", time(own))
                .with("audience", audience)
                .with("peer", time(peer))),
            (Some((_, own)), None) => say(Say::of("verify-act-author")
                .with("author", author)
                .with("own", time(own))
                .with("audience", audience)),
            (None, _) => say(Say::of("verify-act-unplaced")),
        }
        if act.digests > 0 {
            let (shown, digests) = (act.disclosed.len(), act.digests.to_string());
            let key = if shown == act.digests { "verify-act-whole" } else { "verify-act-part" };
            say(Say::of(key).with("shown", shown.to_string()).with("digests", digests));
        }
        if act.contested.is_some() {
            say(Say::of("verify-act-contested"));
        }
        let known = flow(&act.rules).and_then(|flow| flow.kind(&act.kind));
        let coded = act.body.0.iter().map(|(name, value)| (name, value));
        let disclosed = act.disclosed.iter().map(|(name, value)| (name, value));
        for (name, value) in coded.chain(disclosed) {
            for (label, text) in form::tell(lang, known, name, value) {
                lines.push(format!("    {label}: {text}"));
            }
        }
        for (attachment, number) in act.attachments.iter().zip(1..) {
            let say = Say::of(format!("verify-attachment-{}", attachment.name()));
            let say = say.with("number", number.to_string());
            lines.push(format!("    {}", say::render(lang, &say)));
        }
    }

    fn to_json(&self) -> Object {
        let place = |place: Option<(u64, u64)>| match place {
            None => Value::Null,
            Some((index, time)) => Object::default().with("index", index).with("time", time).into(),
        };
        let acts = self.acts.iter().map(|act| {
            Object::default()
                .with("number", act.number as u64)
                .with("entry", act.entry.to_string())
                .with("author", act.author.to_string())
                .with("audience", act.audience.to_string())
                .with("matter", act.matter.to_string())
                .with("kind", act.kind.as_str())
                .with("seq", act.seq)
                .with("signed_at", act.signed_at)
                .with("own_log", place(act.own))
                .with("peer_log", place(act.peer))
                .with("rules", act.rules.as_str())
                .with("body", act.body.clone())
                .with("disclosed", Object(act.disclosed.clone()))
                .with("disclosures", act.disclosed.len() as u64)
                .with("digests", act.digests as u64)
                .with("contested", act.contested.is_some())
                .with("attachments", act.attachments.iter().map(|a| a.name()).collect::<Vec<_>>())
        });
        let parties = self.parties.iter().map(|credential| {
            let mut names = Object::default();
            for (tag, name) in &credential.desk.names {
                names.set(tag, name.as_str());
            }
            Object::default()
                .with("party", credential.party.to_string())
                .with("names", names)
                .with("fingerprint", credential.party.fingerprint())
                .with("credential_version", credential.version)
        });
        let summaries = self.summaries.iter().map(|summary| {
            Object::default().with("file", summary.file.as_str()).with("more", summary.more)
        });
        let channel = self.channel.map_or(Value::Null, |channel| channel.to_string().into());
        Object::default()
            .with("channel", channel)
            .with("drill", self.drill)
            .with("files", self.files as u64)
            .with("heads", self.heads as u64)
            .with("parties", parties.collect::<Vec<_>>())
            .with("acts", acts.collect::<Vec<_>>())
            .with("summaries", summaries.collect::<Vec<_>>())
    }
}
