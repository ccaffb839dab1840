//! In which language a text is, where nobody said so.

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
/// no region, and of Latin letters only that they are not Chinese.
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
    // A name or a number in a Chinese text is no English text; a sentence is.
    let english = kana + hangul + han == 0 && words >= 3 && same_language(usual, "zh");
    if english { "en" } else { usual }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_speaks_only_where_it_is_plain() {
        for (usual, text, expected) in [
            ("en", "We are checking.", "en"),
            ("en", "正在核实。", "zh"),
            ("en", "IP 192.0.2.7 属于阿卡迪亚电信。", "zh"),
            ("en", "Somebody wrote 正在核实 in the chat.", "en"),
            ("en", "確認しています。", "ja"),
            ("en", "확인 중입니다.", "ko"),
            ("en", "Проверяем.", "en"),
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
