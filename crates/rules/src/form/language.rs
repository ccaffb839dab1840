//! Languages by their tags (BCP 47), and in which language a text is, where nobody said so.

use unic_langid::LanguageIdentifier;

/// The languages that have a tag of two letters (ISO 639-1); there will be no more of them, since
/// what has a tag of three letters keeps it (RFC 5646, section 2.2.1).
const OF_TWO_LETTERS: &str = "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca \
    ce ch co cr cs cu cv cy da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu \
    gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko \
    kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl \
    nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg sh si sk sl sm \
    sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa \
    wo xh yi yo za zh zu";

/// Whether `tag` names a language as BCP 47 does: `en`, `zh-CN`, `yue`. A country is none (`cn`,
/// `jp`), and a name is none (`English`): tags of four letters and more were never given out.
pub fn is_language(tag: &str) -> bool {
    let formed = tag.len() <= 35 && !tag.contains('_') && tag.parse::<LanguageIdentifier>().is_ok();
    let first = tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
    formed && (first.len() == 3 || OF_TWO_LETTERS.split(' ').any(|known| known == first))
}

/// The tags of a list as a person writes it, with the marks of any keyboard between them.
pub(super) fn listed(text: &str) -> impl Iterator<Item = &str> {
    let between = |c: char| c.is_whitespace() || ",;/，；、／".contains(c);
    text.split(between).filter(|tag| !tag.is_empty())
}

/// Whether two language tags name one language: `zh` and `zh-CN`, in either order, but not `zh-TW`
/// and `zh-CN`.
pub fn same_language(one: &str, other: &str) -> bool {
    let begins = |long: &str, short: &str| {
        let parts = long.split_at_checked(short.len());
        parts.is_some_and(|(start, rest)| {
            start.eq_ignore_ascii_case(short) && (rest.is_empty() || rest.starts_with('-'))
        })
    };
    begins(one, other) || begins(other, one)
}

/// The language in which a text is signed whose author named none: `usual`, that of the author's
/// screen, unless the script says plainly that it cannot be. Nothing finer is guessed: `zh` names
/// no region, of Latin letters only that they are not Chinese, and of any other script that neither
/// screen of this program is written in it: then the tag is `und`, undetermined (RFC 5646, 4.1).
pub fn assumed<'a>(usual: &'a str, text: &str) -> &'a str {
    // Most texts, and the longest.
    if text.is_ascii() && !same_language(usual, "zh") {
        return usual;
    }
    let count = |of: fn(&char) -> bool| text.chars().filter(of).count();
    let han = count(|c| matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'));
    // Without the signs that other languages borrow: the dot within a foreign name, and =.
    let kana = count(|c| matches!(c, '\u{3041}'..='\u{309f}' | '\u{30a1}'..='\u{30fa}'));
    let hangul = count(|c| matches!(c, '\u{ac00}'..='\u{d7a3}'));
    let latin = |word: &&str| word.chars().any(|c| c.is_ascii_alphabetic()) && word.is_ascii();
    let words = text.split_whitespace().filter(latin).count();
    let written_in_han = ["zh", "ja", "ko", "yue"].iter().any(|tag| same_language(usual, tag));
    // A name or a word in another script makes no text of that script: a majority does. Where the
    // screen says nothing of Chinese, one kana for four Han does, since Japanese has many more Han
    // than Chinese has kana.
    let japanese = if written_in_han { kana > han } else { 4 * kana >= han };
    if kana + hangul + han > words {
        let other = |tag| !same_language(usual, tag);
        return if kana > hangul && japanese && other("ja") {
            "ja"
        } else if hangul > kana && hangul > han && other("ko") {
            "ko"
        } else if han > kana + hangul && !written_in_han {
            "zh"
        } else {
            usual
        };
    }
    let latin = count(|c| {
        let accented = matches!(c, '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}');
        c.is_ascii_alphabetic() || accented || matches!(c, '\u{ff21}'..='\u{ff5a}')
    });
    let letters = count(|c| c.is_alphabetic());
    let others = letters.saturating_sub(latin + han + kana + hangul);
    let of_ours = ["en", "zh"].iter().any(|tag| same_language(usual, tag));
    if of_ours && 2 * others > letters {
        return "und";
    }
    // A name or a number in a Chinese text is no English text; a sentence is.
    let english = kana + hangul + han == 0 && words >= 3 && same_language(usual, "zh");
    if english { "en" } else { usual }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_that_of_a_language() {
        for tag in ["en", "zh-CN", "zh-Hans-CN", "yue", "EN", "pt-BR", "und"] {
            assert!(is_language(tag), "{tag}");
        }
        for none in ["", "English", "cn", "jp", "en_GB", "of", "death", "imposed.", "中文", "e"] {
            assert!(!is_language(none), "{none}");
        }
    }

    #[test]
    fn a_list_is_parted_by_the_marks_of_any_keyboard() {
        for text in ["en, zh-CN", "en、zh-CN", "en，zh-CN", "en/zh-CN", " en; zh-CN ", "en　zh-CN"]
        {
            assert_eq!(listed(text).collect::<Vec<_>>(), ["en", "zh-CN"], "{text}");
        }
    }

    #[test]
    fn the_script_speaks_only_where_it_is_plain() {
        for (usual, text, expected) in [
            ("en", "We are checking.", "en"),
            ("en", "正在核实。", "zh"),
            ("en", "IP 192.0.2.7 属于阿卡迪亚电信。", "zh"),
            ("en", "Somebody wrote 正在核实 in the chat.", "en"),
            ("en", "確認しています。", "ja"),
            ("en", "확인 중입니다.", "ko"),
            ("en", "Проверяем.", "und"),
            ("zh-CN", "Здравствуйте", "und"),
            ("en", "نتحقق من ذلك.", "und"),
            ("ru", "Проверяем.", "ru"),
            ("en", "The name was Проверяем, then another.", "en"),
            ("en", "Café Müller, Straße 5", "en"),
            ("zh-CN", "正在核实。", "zh-CN"),
            ("zh-CN", "UTC+8", "zh-CN"),
            ("zh-CN", "该网站名为の，由让・保罗经营。", "zh-CN"),
            ("zh-CN", "账号さくら于今晚注销。", "zh-CN"),
            ("zh-CN", "用户金（김）已离境。", "zh-CN"),
            ("zh-CN", "確認しています。", "ja"),
            ("zh-CN", "확인 중입니다.", "ko"),
            ("en", "让・保罗的账号由本局查封。", "zh"),
            ("en", "该网站名为の，由本局查封。", "zh"),
            ("en", "東京都警察本部の捜査報告書を送付する。", "ja"),
            ("en", "用户金（김）已离境。", "zh"),
            ("zh-CN", "We are checking.", "en"),
            ("zh-TW", "正在核實。", "zh-TW"),
            ("de", "192.0.2.7", "de"),
        ] {
            assert_eq!(assumed(usual, text), expected, "{usual}: {text}");
        }
    }
}
