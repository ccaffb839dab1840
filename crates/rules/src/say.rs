//! Everything that a person reads, in English and in simplified Chinese (Project Fluent).
//!
//! Rules return a [`Say`]: a key and its arguments. Desk, CLI, verifier and dossier render it here,
//! so one fact is worded in one place. Phrases lie in `say/*.ftl` (common words and all faults) and
//! in each flow's folder.

use crate::clock;
use counterpart_record::fault::Fault;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use std::borrow::Borrow;
use std::sync::OnceLock;

mod detail;
mod local;

pub use detail::placed;
pub use local::{Places, now_at};

/// A language that every fixed phrase exists in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lang {
    /// English.
    En,
    /// Chinese in simplified characters.
    ZhCn,
}

impl Lang {
    /// Both, in the order in which they are printed side by side.
    pub const ALL: [Lang; 2] = [Lang::En, Lang::ZhCn];

    /// The language nearest to a BCP 47 tag or a POSIX locale: `zh-CN`, `zh_CN.UTF-8`, `en_GB`.
    /// English for everything that is not Chinese, `C` and `POSIX` among them.
    pub fn from_tag(tag: &str) -> Lang {
        let language = tag.trim().split(['-', '_', '.', '@']).next().unwrap_or_default();
        if language.eq_ignore_ascii_case("zh") { Lang::ZhCn } else { Lang::En }
    }

    /// The BCP 47 tag.
    pub fn tag(self) -> &'static str {
        match self {
            Lang::En => "en",
            Lang::ZhCn => "zh-CN",
        }
    }
}

/// A phrase not yet in any language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Say {
    /// The key in the phrase files.
    pub key: String,
    /// The variables of the phrase.
    pub args: Vec<(String, String)>,
}

impl Say {
    /// A phrase without variables.
    pub fn of(key: impl Into<String>) -> Say {
        Say { key: key.into(), args: Vec::new() }
    }

    /// With one more variable.
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Say {
        self.args.push((name.to_owned(), value.into()));
        self
    }
}

/// The sentence. A key that is missing is a bug that a test finds; at run time English stands in,
/// and then the key itself, since a person at a desk is better served by a word than by a crash.
pub fn render(lang: Lang, say: &Say) -> String {
    format(lang, say).or_else(|| format(Lang::En, say)).unwrap_or_else(|| say.key.clone())
}

/// Things one after the other, with the sign between them that the language has for it.
pub fn list(lang: Lang, items: &[impl Borrow<str>]) -> String {
    items.join(if lang == Lang::ZhCn { "、" } else { ", " })
}

/// A label and what it labels, with the colon of the language.
pub fn labelled(lang: Lang, label: &str, text: &str) -> String {
    let colon = if lang == Lang::ZhCn { "：" } else { ": " };
    format!("{label}{colon}{text}")
}

/// One of the two authorities of a request, as it stands on the face of it: who it is, and where it
/// is reached by day and by night, by its credential or, without a node, by our description. ASK-22
pub fn face(lang: Lang, asks: bool, name: &str, numbers: &[String]) -> String {
    let clean = |c: char| if c.is_control() { ' ' } else { c };
    let numbers: Vec<String> =
        numbers.iter().map(|number| number.chars().map(clean).collect()).collect();
    let key = match (asks, numbers.is_empty()) {
        (true, false) => "face-asking",
        (true, true) => "face-asking-bare",
        (false, false) => "face-asked",
        (false, true) => "face-asked-bare",
    };
    let numbers = list(lang, &numbers);
    render(lang, &Say::of(key).with("name", name).with("numbers", numbers))
}

/// A line of work: in words if the language has some, with the name that commands take; else that
/// name alone, since two sides may agree on any.
pub fn stream(lang: Lang, name: &str) -> String {
    let key = format!("stream-{name}");
    if known(lang, &key) { render(lang, &Say::of(key)) } else { name.to_owned() }
}

/// What a clock is for, with the length that is in force where it has one: unit and count as
/// [`clock::Limit::counted`] gives them; or with the year that it is about. A name without a figure
/// is true of every agreement.
pub fn deadline(
    lang: Lang,
    profile: &str,
    length: Option<(&str, u64)>,
    year: Option<u64>,
) -> String {
    let name = render(lang, &Say::of(format!("clock-{profile}")));
    if let Some(year) = year {
        let named = Say::of("clock-of-year").with("name", name).with("year", year.to_string());
        return render(lang, &named);
    }
    let Some((unit, count)) = length else { return name };
    if unit == "at-once" {
        return render(lang, &Say::of("clock-name-at-once").with("name", name));
    }
    let unit = Say::of(format!("clock-unit-{unit}")).with("count", count.to_string());
    let length = render(lang, &unit);
    render(lang, &Say::of("clock-name").with("name", name).with("length", length))
}

/// A word of a list. One that this program has no phrase for is another edition's: it is shown as
/// it is, and as not known here.
pub fn choice(lang: Lang, list: &str, word: &str) -> String {
    let key = format!("choice-{list}-{word}");
    if known(lang, &key) {
        return render(lang, &Say::of(key));
    }
    render(lang, &Say::of("choice-not-known").with("word", word))
}

/// A time for a person; where a record has seconds since 1970 and none are meant, the beginning.
pub fn moment(lang: Lang, seconds: u64) -> String {
    if seconds == 0 { render(lang, &Say::of("time-beginning")) } else { clock::shown(seconds) }
}

/// A size for a person's eye, the same in every language: bytes, whole KiB, or MiB with one digit,
/// never less than it is.
pub fn size(bytes: u64) -> String {
    const KIB: u64 = 1024;
    const MIB: u64 = 1024 * KIB;
    if bytes < KIB {
        format!("{bytes} B")
    } else if bytes < MIB {
        format!("{} KiB", bytes.div_ceil(KIB))
    } else {
        let (unit, name) = if bytes < 1024 * MIB { (MIB, "MiB") } else { (1024 * MIB, "GiB") };
        let tenths = (bytes.saturating_mul(10)).div_ceil(unit);
        format!("{}.{} {name}", tenths / 10, tenths % 10)
    }
}

/// Whether the language has this phrase.
pub fn known(lang: Lang, key: &str) -> bool {
    bundle(lang).has_message(key)
}

/// A fault as a pair: what happened, what to do. The place of the fault is in the sentence.
pub fn fault(lang: Lang, fault: &Fault) -> (String, String) {
    let at = match fault.at.as_str() {
        "" => render(lang, &Say::of("place-unknown")),
        place => placed(lang, place),
    };
    let name = fault.code.name();
    let say = |key: String| render(lang, &Say::of(key).with("at", &at));
    (say(format!("fault-{name}")), say(format!("fault-{name}-do")))
}

/// A length of time: `2 d 3 h 0 min`; below a minute in seconds.
pub fn duration(lang: Lang, seconds: u64) -> String {
    if seconds < 60 {
        return render(lang, &Say::of("duration-seconds").with("seconds", seconds.to_string()));
    }
    let (days, hours, minutes) = clock::parts(seconds);
    let key = match (days, hours, minutes) {
        (0, 0, _) => "duration-minutes",
        (0, _, 0) => "duration-just-hours",
        (0, ..) => "duration-hours",
        (_, 0, 0) => "duration-just-days",
        _ => "duration-days",
    };
    let parts = [("days", days), ("hours", hours), ("minutes", minutes)];
    let say = parts
        .into_iter()
        .fold(Say::of(key), |say, (name, count)| say.with(name, count.to_string()));
    render(lang, &say)
}

type Bundle = FluentBundle<FluentResource>;

/// The phrase files of a language: the common ones, then one per flow.
pub(crate) fn sources(lang: Lang) -> &'static [&'static str] {
    match lang {
        Lang::En => &[
            include_str!("say/en.ftl"),
            include_str!("say/faults.en.ftl"),
            include_str!("say/detail.en.ftl"),
            include_str!("say/verify.en.ftl"),
            include_str!("say/speak.en.ftl"),
            include_str!("say/demo.en.ftl"),
            include_str!("say/cli.en.ftl"),
            include_str!("say/help.en.ftl"),
            include_str!("say/figures.en.ftl"),
            include_str!("say/clock.en.ftl"),
            include_str!("say/net.en.ftl"),
            include_str!("say/home.en.ftl"),
            include_str!("apart/en.ftl"),
            include_str!("say/attach.en.ftl"),
            include_str!("flow/assistance/en.ftl"),
            include_str!("flow/consultation/en.ftl"),
            include_str!("flow/needs/en.ftl"),
            include_str!("flow/bounce/en.ftl"),
            include_str!("flow/reckoning/en.ftl"),
            include_str!("flow/accord/en.ftl"),
            include_str!("flow/hotline/en.ftl"),
        ],
        Lang::ZhCn => &[
            include_str!("say/zh-CN.ftl"),
            include_str!("say/faults.zh-CN.ftl"),
            include_str!("say/detail.zh-CN.ftl"),
            include_str!("say/verify.zh-CN.ftl"),
            include_str!("say/speak.zh-CN.ftl"),
            include_str!("say/demo.zh-CN.ftl"),
            include_str!("say/cli.zh-CN.ftl"),
            include_str!("say/help.zh-CN.ftl"),
            include_str!("say/figures.zh-CN.ftl"),
            include_str!("say/clock.zh-CN.ftl"),
            include_str!("say/net.zh-CN.ftl"),
            include_str!("say/home.zh-CN.ftl"),
            include_str!("apart/zh-CN.ftl"),
            include_str!("say/attach.zh-CN.ftl"),
            include_str!("flow/assistance/zh-CN.ftl"),
            include_str!("flow/consultation/zh-CN.ftl"),
            include_str!("flow/needs/zh-CN.ftl"),
            include_str!("flow/bounce/zh-CN.ftl"),
            include_str!("flow/reckoning/zh-CN.ftl"),
            include_str!("flow/accord/zh-CN.ftl"),
            include_str!("flow/hotline/zh-CN.ftl"),
        ],
    }
}

fn bundle(lang: Lang) -> &'static Bundle {
    static EN: OnceLock<Bundle> = OnceLock::new();
    static ZH_CN: OnceLock<Bundle> = OnceLock::new();
    let place = match lang {
        Lang::En => &EN,
        Lang::ZhCn => &ZH_CN,
    };
    place.get_or_init(|| build(lang))
}

fn build(lang: Lang) -> Bundle {
    // Built from parts that cannot fail; the tests hold that every file parses without a fault.
    let locales = lang.tag().parse().into_iter().collect();
    let mut bundle = Bundle::new_concurrent(locales);
    // Isolation marks (U+2068, U+2069) would end up in files, terminals and copied text.
    bundle.set_use_isolating(false);
    for source in sources(lang) {
        let resource = match FluentResource::try_new((*source).to_owned()) {
            Ok(resource) | Err((resource, _)) => resource,
        };
        bundle.add_resource_overriding(resource);
    }
    bundle
}

fn format(lang: Lang, say: &Say) -> Option<String> {
    let bundle = bundle(lang);
    let pattern = bundle.get_message(&say.key)?.value()?;
    let mut args = FluentArgs::with_capacity(say.args.len());
    for (name, value) in &say.args {
        args.set(name.as_str(), argument(value));
    }
    let mut faults = Vec::new();
    Some(bundle.format_pattern(pattern, Some(&args), &mut faults).into_owned())
}

/// Counts select plural forms; everything else is text, and stays as it was written.
fn argument(value: &str) -> FluentValue<'_> {
    match value.parse::<u32>() {
        Ok(count) if count.to_string() == value => FluentValue::from(count),
        _ => FluentValue::from(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use counterpart_record::fault::Code;
    use std::collections::{BTreeMap, BTreeSet};

    type Phrases = BTreeMap<String, BTreeSet<String>>;

    /// Keys with their variables, read from the files themselves and not through the bundle.
    fn phrases(lang: Lang) -> Phrases {
        let mut out = Phrases::new();
        for line in sources(lang).iter().flat_map(|source| source.lines()) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (key, text) = match line.split_once(" = ").or_else(|| line.split_once(" =")) {
                Some((key, text)) if !line.starts_with(' ') => (key.to_owned(), text),
                _ => (String::new(), line),
            };
            if !key.is_empty() {
                assert!(out.insert(key.clone(), BTreeSet::new()).is_none(), "{key} twice");
            }
            let names = text.split('$').skip(1).map(|rest| {
                rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap()
            });
            let target = match key.as_str() {
                "" => panic!("a phrase is one line: {line}"),
                key => out.get_mut(key).unwrap(),
            };
            target.extend(names.map(str::to_owned));
        }
        out
    }

    #[test]
    fn both_languages_have_the_same_phrases_with_the_same_variables() {
        let (en, zh) = (phrases(Lang::En), phrases(Lang::ZhCn));
        assert!(en.len() > 300);
        for (key, variables) in &en {
            assert_eq!(Some(variables), zh.get(key), "{key} in zh-CN");
        }
        for key in zh.keys() {
            assert!(en.contains_key(key), "{key} only in zh-CN");
        }
    }

    #[test]
    fn every_file_parses_and_every_phrase_renders() {
        for lang in Lang::ALL {
            for source in sources(lang) {
                let parsed = FluentResource::try_new((*source).to_owned());
                assert!(parsed.is_ok(), "{lang:?}: {:?}", parsed.err().map(|(_, e)| e));
            }
            for (key, variables) in phrases(lang) {
                let say = variables.iter().fold(Say::of(&key), |say, name| say.with(name, "x7"));
                let text = render(lang, &say);
                assert!(!text.is_empty() && text != key, "{key}");
                assert!(!text.contains(['{', '}', '$', '\u{2068}']), "{key}: {text}");
                assert!(variables.is_empty() || text.contains("x7"), "{key}: {text}");
            }
        }
    }

    #[test]
    fn every_fault_says_what_happened_and_what_to_do() {
        for code in Code::ALL {
            for lang in Lang::ALL {
                for key in [format!("fault-{}", code.name()), format!("fault-{}-do", code.name())] {
                    assert!(known(lang, &key), "{key} in {lang:?}");
                }
                let (what, then) = fault(lang, &code.at("place-17"));
                assert!(what.contains("place-17"), "{}: {what}", code.name());
                assert_ne!(what, then);
                let (what, _) = fault(lang, &code.at(""));
                assert!(!what.contains("place-17") && !what.contains("{"), "{what}");
            }
        }
    }

    #[test]
    fn no_phrase_for_a_fault_that_does_not_exist() {
        let names: Vec<&str> = Code::ALL.iter().map(|code| code.name()).collect();
        for key in phrases(Lang::En).keys().filter_map(|key| key.strip_prefix("fault-")) {
            assert!(names.contains(&key.strip_suffix("-do").unwrap_or(key)), "fault-{key}");
        }
    }

    #[test]
    fn chinese_is_chinese() {
        for key in phrases(Lang::ZhCn).keys() {
            let text = render(Lang::ZhCn, &Say::of(key));
            let plain = text.chars().filter(|c| ('\u{4e00}'..='\u{9fff}').contains(c)).count();
            // Signs and numbers alone.
            let bare = ["duration-days", "wrong-of"].contains(&key.as_str());
            assert!(plain > 0 || bare, "{key}: {text}");
            let wrong = text.chars().zip(text.chars().skip(1)).find(|(a, b)| {
                ('\u{4e00}'..='\u{9fff}').contains(a) && [',', '.', ';', '?', '!'].contains(b)
            });
            assert_eq!(wrong, None, "half-width punctuation: {key}: {text}");
        }
    }

    /// docs/spec/words.md: what has a word is not called by another.
    #[test]
    fn chinese_keeps_to_one_word_for_one_thing() {
        let others = [
            ("会签", "联署"),
            ("封包", "包裹"),
            ("值班室", "值班台"),
            ("轮换", "已替换"),
            ("保全", "保存方"),
            ("保全", "为本方保存"),
            ("保全期限", "保存期限"),
            ("法律依据文件", "所依据的文书"),
            ("法律依据文件", "此文书"),
        ];
        for key in phrases(Lang::ZhCn).keys() {
            let text = render(Lang::ZhCn, &Say::of(key));
            let other = others.iter().find(|(_, other)| text.contains(other));
            assert_eq!(other, None, "{key}: {text}");
        }
    }

    #[test]
    fn locales_lead_to_a_language() {
        for tag in ["zh", "zh-CN", "zh_CN.UTF-8", "ZH-Hans", "zh_SG@x"] {
            assert_eq!(Lang::from_tag(tag), Lang::ZhCn, "{tag}");
        }
        for tag in ["en", "en_GB", "C", "POSIX", "", "de_DE.UTF-8", "zhx"] {
            assert_eq!(Lang::from_tag(tag), Lang::En, "{tag}");
        }
    }

    #[test]
    fn arguments_stay_as_written() {
        let (what, _) = fault(Lang::En, &Code::Io.at("007"));
        assert!(what.contains("007"), "{what}");
        let (what, _) = fault(Lang::En, &Code::Io.at("{ $at } 3.10"));
        assert!(what.contains("{ $at } 3.10"), "{what}");
        assert_eq!(render(Lang::En, &Say::of("no-such-phrase")), "no-such-phrase");
        assert_eq!(duration(Lang::En, 90_000), "1 d 1 h 0 min");
        assert_eq!(duration(Lang::ZhCn, 120), "2 分钟");
        assert_eq!([duration(Lang::En, 59), duration(Lang::En, 60)], ["59 s", "1 min"]);
    }
}
