//! The place of a fault in words. It is raised in English, without a language at hand; here it is
//! found again by what it says and put into the reader's.

use super::{Lang, Say, known, list, render, sources};
use std::sync::OnceLock;

/// More parts than any place has that this program raises: what is longer came from outside.
const PARTS: usize = 16;
/// How deep a detail may stand in a detail.
const DEPTH: usize = 3;
/// Keys of sentences that a place may name: why an act does not count, or how figures stand.
const RULES: [&str; 4] = ["void-", "held-", "figures-", "entered-"];

/// A place as a person reads it. It is made of names, paths and numbers, which stay, of details,
/// which are phrases, and of the rule that was broken, by its key; colons part them.
pub fn placed(lang: Lang, place: &str) -> String {
    told(lang, place, DEPTH).unwrap_or_else(|| place.to_owned())
}

/// `None` if nothing in it is a phrase.
fn told(lang: Lang, place: &str, depth: usize) -> Option<String> {
    let parts: Vec<&str> = place.split(": ").collect();
    if parts.len() > PARTS || depth == 0 {
        return None;
    }
    let (mut said, mut found, mut at) = (Vec::new(), false, 0);
    while at < parts.len() {
        // The longest first: a detail may have a colon of its own.
        let ends = (at + 1..=parts.len()).rev();
        let whole = |end: usize| phrase(lang, &parts[at..end].join(": "), depth);
        let next = parts.get(at + 1).copied();
        match ends.into_iter().find_map(|end| Some((end, whole(end)?))) {
            Some((end, text)) => {
                said.push(text);
                (at, found) = (end, true);
            }
            None => {
                let kind = format!("kind-{}", parts[at]);
                let of_rule = next.is_some_and(|next| rule(lang, next).is_some());
                let text = match of_rule && known(lang, &kind) {
                    true => Some(render(lang, &Say::of(kind))),
                    false => items(lang, parts[at], depth),
                };
                found |= text.is_some();
                said.push(text.unwrap_or_else(|| parts[at].to_owned()));
                at += 1;
            }
        }
    }
    // What stays as it was keeps its marks.
    let colon = if lang == Lang::ZhCn { "：" } else { ": " };
    found.then(|| said.join(colon))
}

/// Several things in one part, of which some are phrases.
fn items(lang: Lang, part: &str, depth: usize) -> Option<String> {
    let each: Vec<&str> = part.split(", ").collect();
    let told: Vec<Option<String>> = each.iter().map(|one| phrase(lang, one, depth)).collect();
    if told.iter().all(Option::is_none) {
        return None;
    }
    let said = each.iter().zip(told).map(|(one, told)| told.unwrap_or_else(|| (*one).to_owned()));
    Some(list(lang, &said.collect::<Vec<_>>()))
}

fn phrase(lang: Lang, part: &str, depth: usize) -> Option<String> {
    rule(lang, part).or_else(|| field(lang, part)).or_else(|| {
        let mut say = detail(part)?;
        for (_, value) in &mut say.args {
            if let Some(inner) = told(lang, value, depth - 1) {
                *value = inner;
            }
        }
        Some(render(lang, &say))
    })
}

/// The sentence of a rule.
fn rule(lang: Lang, part: &str) -> Option<String> {
    let key = RULES.iter().any(|start| part.starts_with(start)) && known(lang, part);
    key.then(|| render(lang, &Say::of(part)).trim_end_matches(['.', '。']).to_owned())
}

/// A field with what is wrong with it: `facts (missing)`.
fn field(lang: Lang, part: &str) -> Option<String> {
    let (name, word) = part.strip_suffix(')')?.split_once(" (")?;
    let key = format!("wrong-{word}");
    if name.contains(' ') || !known(lang, &key) {
        return None;
    }
    let wrong = render(lang, &Say::of(key));
    Some(render(lang, &Say::of("wrong-of").with("field", name).with("wrong", wrong)))
}

/// A phrase in English, cut where its variables stand.
struct Shape {
    key: &'static str,
    /// What stands before the first variable.
    first: String,
    /// Each variable and what stands behind it.
    rest: Vec<(char, String)>,
    /// How much of it is its own words.
    words: usize,
}

impl Shape {
    fn of(key: &'static str) -> Shape {
        // Signs that no text of ours has hold the places of the variables.
        let marks = [('a', '\u{1}'), ('b', '\u{2}'), ('c', '\u{3}')];
        let say = marks
            .iter()
            .fold(Say::of(key), |say, (name, mark)| say.with(&name.to_string(), mark.to_string()));
        let text = render(Lang::En, &say);
        let mut shape = Shape { key, first: String::new(), rest: Vec::new(), words: 0 };
        for c in text.chars() {
            match (marks.iter().find(|(_, mark)| *mark == c), shape.rest.last_mut()) {
                (Some((name, _)), _) => shape.rest.push((*name, String::new())),
                (None, Some((_, behind))) => behind.push(c),
                (None, None) => shape.first.push(c),
            }
        }
        shape.words = text.len() - shape.rest.len();
        shape
    }

    /// The phrase with what stands in this text for its variables, if the text is of this shape.
    fn fits(&self, text: &str) -> Option<Say> {
        let mut left = text.strip_prefix(&*self.first)?;
        let mut say = Say::of(self.key);
        for (at, (name, behind)) in self.rest.iter().enumerate() {
            let end = match at + 1 == self.rest.len() {
                true => left.strip_suffix(&**behind)?.len(),
                false => left.find(&**behind)?,
            };
            // What stands before a colon is a part of its own, and a field that has its label has
            // its words already.
            if end == 0 || left[..end].contains(": ") || left.starts_with("= ") {
                return None;
            }
            say = say.with(&name.to_string(), &left[..end]);
            left = &left[end + behind.len()..];
        }
        left.is_empty().then_some(say)
    }
}

/// The phrase that a detail is in English, with what stands in it. The one with the most words of
/// its own wins.
fn detail(part: &str) -> Option<Say> {
    static SHAPES: OnceLock<Vec<Shape>> = OnceLock::new();
    let shapes = SHAPES.get_or_init(|| {
        let lines = sources(Lang::En).iter().flat_map(|source| source.lines());
        let keys = lines.filter_map(|line| line.split(" = ").next());
        let mut shapes: Vec<Shape> =
            keys.filter(|key| key.starts_with("detail-")).map(Shape::of).collect();
        shapes.sort_by_key(|shape| std::cmp::Reverse(shape.words));
        shapes
    });
    shapes.iter().find_map(|shape| shape.fits(part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::say::fault;
    use counterpart_record::fault::Code;

    #[test]
    fn sentences_in_a_place_are_in_the_readers_language_and_names_stay() {
        let told = |lang, at: &str| fault(lang, &Code::ArgumentWrong.at(at)).0;
        let digits = "a matter is named by at least four of its digits";
        assert!(told(Lang::En, digits).contains(digits));
        assert!(told(Lang::ZhCn, digits).contains("至少前四位"));
        let version = fault(Lang::ZhCn, &Code::ParcelMalformed.at("not a parcel of version 1")).0;
        assert!(version.contains("版本 1") && !version.contains("parcel"), "{version}");
        let file = told(Lang::ZhCn, "notes.txt: not a file");
        assert!(file.contains("notes.txt：不是文件"), "{file}");
        assert!(told(Lang::ZhCn, "/srv/a: b").contains("/srv/a: b"));
        // The rule that was broken is told by its sentence, wherever it was met.
        for lang in Lang::ALL {
            let said = fault(lang, &Code::NotPermitted.at("void-one-sided")).0;
            assert!(!said.contains("void-one-sided"), "{said}");
        }
    }

    #[test]
    fn details_with_colons_lists_and_details_inside_are_found() {
        let zh = |at: &str| placed(Lang::ZhCn, at);
        assert_eq!(zh("more than one peer: name one"), "有多个对方，请指明其一");
        assert_eq!(zh("none was named; there is fraud, theft"), "未指明；现有 fraud, theft");
        assert_eq!(zh("\"x\"; there is fraud"), "\"x\"；现有 fraud");
        let file = zh("nofile.json: No such file or directory (os error 2)");
        assert_eq!(file, "nofile.json：没有这个文件或文件夹");
        assert_eq!(zh("a: it broke (os error 77)"), "a：系统错误 77（it broke）");
        assert_eq!(zh("52428801 bytes; from 1 to 52428800"), "52428801 字节，应为 1 至 52428800");
        let fields = zh("facts (missing), persons.victim (twice)");
        assert!(fields.contains('（') && !fields.contains("missing"), "{fields}");
        let labelled = "instrument = 法律依据文件（缺少）";
        assert_eq!(zh(labelled), labelled);
        assert!(!zh("answer: void-one-sided").contains("answer"));
        assert_eq!(zh("data/x.cose: path does not lead to the root").split('：').count(), 2);
        // English stays as it was raised, and so does what nobody here said.
        assert_eq!(placed(Lang::En, "root key: wrong length"), "root key: wrong length");
        assert_eq!(zh("Ministry of Justice"), "Ministry of Justice");
        let long = "a: ".repeat(40);
        assert_eq!(zh(&long), long);
    }

    #[test]
    fn every_detail_is_found_by_its_own_words() {
        let lines = sources(Lang::En).iter().flat_map(|source| source.lines());
        let keys = lines.filter_map(|line| line.split(" = ").next());
        let keys: Vec<&str> = keys.filter(|key| key.starts_with("detail-")).collect();
        assert!(keys.len() > 300);
        for key in keys {
            let say = ["a", "b", "c"].iter().fold(Say::of(key), |say, name| say.with(name, "x7"));
            let (en, zh) = (render(Lang::En, &say), render(Lang::ZhCn, &say));
            assert_eq!(placed(Lang::ZhCn, &en), zh, "{key}");
            assert_eq!(placed(Lang::En, &en), en, "{key}");
        }
    }
}
