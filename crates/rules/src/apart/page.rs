//! The readable page of one of our statements, for somebody who has no node. It is made of what was
//! signed and of nothing else, so that whoever has the statement can make it again and compare.
//! COR-7.

use crate::clock;
use crate::flow::{flow, usual};
use crate::form::tell;
use crate::say::{Lang, Say, face, labelled, render};
use counterpart_record::disclose::Disclosure;
use counterpart_record::statement::Verified;

/// What stands on a page.
pub struct Page<'a> {
    /// The statement with what lies beside it.
    pub act: &'a Verified,
    /// Its author.
    pub from: Named<'a>,
    /// Whom it is for.
    pub to: Named<'a>,
}

/// Who somebody is, as a page has it.
#[derive(Clone, Copy)]
pub struct Named<'a> {
    /// The names, by language tag.
    pub names: &'a [(String, String)],
    /// The numbers to call back.
    pub callback: &'a [String],
}

impl Page<'_> {
    /// The page in one language.
    pub fn text(&self, lang: Lang) -> String {
        let say = |say: Say| render(lang, &say);
        let (header, payload) = (&self.act.header, &self.act.payload);
        let kind = flow(&payload.rules).and_then(|flow| flow.kind(&payload.kind));
        let named = kind.map(|kind| say(Say::of(format!("kind-{}", kind.name))));
        let named = named.unwrap_or_else(|| payload.kind.clone());
        let mut lines = vec![
            named,
            String::new(),
            say(Say::of("page-from").with("name", name(self.from.names, lang))),
            say(Say::of("page-to").with("name", name(self.to.names, lang))),
            say(Say::of("page-matter").with("matter", header.matter.to_string())),
            say(Say::of("page-signed").with("at", clock::shown(header.issued_at))),
        ];
        if payload.drill {
            lines.push(say(Say::of("summary-drill")));
        }
        lines.push(String::new());
        // ASK-22: whoever asks is the author of the page.
        if payload.rules == usual().rules() && usual().opens(&payload.kind) {
            for (asks, who) in [(true, self.from), (false, self.to)] {
                lines.push(face(lang, asks, &name(who.names, lang), who.callback));
            }
        }
        let disclosed =
            self.act.disclosures.iter().map(|Disclosure { name, value, .. }| (name, value));
        for (name, value) in
            payload.body.0.iter().map(|(name, value)| (name, value)).chain(disclosed)
        {
            let told = tell(lang, kind, name, value);
            lines.extend(told.iter().map(|(label, text)| labelled(lang, label, text)));
        }
        for entry in &payload.re {
            lines.push(say(Say::of("page-answers").with("entry", entry.to_string())));
        }
        lines.push(String::new());
        lines.push(say(Say::of("page-entry").with("entry", self.act.entry.to_string())));
        lines.push(say(Say::of("page-fingerprint")));
        // Two lines of six groups, as they are read aloud.
        let print = header.issuer.fingerprint();
        let groups: Vec<&str> = print.split(' ').collect();
        lines.extend(groups.chunks(6).map(|half| format!("    {}", half.join(" "))));
        lines.push(say(Say::of("page-check")));
        lines.join("\n") + "\n"
    }

    /// The whole page: every language, one after the other.
    pub fn whole(&self) -> String {
        Lang::ALL.map(|lang| self.text(lang)).join("\n————————————————————————————————\n\n")
    }
}

/// The name in this language, else the first one, on one line.
fn name(names: &[(String, String)], lang: Lang) -> String {
    let own = names.iter().find(|(tag, _)| Lang::from_tag(tag) == lang);
    let name = own.or(names.first()).map_or("", |(_, name)| name);
    name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
