//! Text on a terminal: columns that align in both scripts, and lines that fit.

use std::io::IsTerminal as _;

/// The width of the terminal in columns: `COLUMNS`, else what `stty` says, else 80.
pub fn terminal_width() -> usize {
    let set = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
    let width = set.or_else(asked).unwrap_or(80);
    width.clamp(40, 200)
}

/// There is no portable way to ask without a system call that this program does not make itself.
fn asked() -> Option<usize> {
    if !std::io::stdout().is_terminal() || !std::io::stdin().is_terminal() {
        return None;
    }
    let stty = std::process::Command::new("stty")
        .arg("size")
        .stdin(std::process::Stdio::inherit())
        .output()
        .ok()?;
    let text = String::from_utf8(stty.stdout).ok()?;
    text.split_whitespace().nth(1)?.parse().ok().filter(|width| *width > 0)
}

/// Columns that a text takes: Chinese characters and full-width signs take two.
pub fn width(text: &str) -> usize {
    text.chars().map(columns).sum()
}

fn columns(c: char) -> usize {
    match u32::from(c) {
        0x0300..=0x036f | 0x200b..=0x200f => 0,
        0x1100..=0x115f | 0x2e80..=0x303e | 0x3041..=0xa4cf | 0xac00..=0xd7a3 => 2,
        0xf900..=0xfaff | 0xfe30..=0xfe6f | 0xff00..=0xff60 | 0xffe0..=0xffe6 => 2,
        0x1f300..=0x1faff | 0x20000..=0x3fffd => 2,
        _ => 1,
    }
}

/// The text, filled with spaces to `to` columns.
pub fn pad(text: &str, to: usize) -> String {
    format!("{text}{}", " ".repeat(to.saturating_sub(width(text))))
}

/// The text in lines of at most `to` columns, broken at spaces, between Chinese characters, or
/// where nothing else fits. Line breaks in the text stay.
pub fn wrap(text: &str, to: usize) -> Vec<String> {
    let mut out = Vec::new();
    for line in text.lines() {
        let (mut row, mut used) = (String::new(), 0);
        for word in words(line) {
            let wide = width(word.trim_end());
            if used > 0 && used + wide > to {
                out.push(row.trim_end().to_owned());
                (row, used) = (String::new(), 0);
            }
            for c in word.chars() {
                if used + columns(c) > to && c != ' ' {
                    out.push(row.trim_end().to_owned());
                    (row, used) = (String::new(), 0);
                }
                row.push(c);
                used += columns(c);
            }
        }
        out.push(row.trim_end().to_owned());
    }
    out
}

/// Pieces that are not broken: a word with the spaces after it, or one wide character with the
/// narrow signs after it.
fn words(line: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut from = 0;
    let mut before = None;
    for (at, c) in line.char_indices() {
        let breaks = match before {
            Some(' ') => c != ' ',
            Some(b) => columns(b) == 2 && columns(c) == 2 && !is_closing(c) || starts_wide(b, c),
            None => false,
        };
        if breaks {
            out.push(&line[from..at]);
            from = at;
        }
        before = Some(c);
    }
    out.push(&line[from..]);
    out
}

fn starts_wide(before: char, c: char) -> bool {
    columns(before) == 1 && columns(c) == 2 && !is_closing(c)
}

fn is_closing(c: char) -> bool {
    "，。；：、！？）》」』】”’".contains(c)
}

/// Rows with aligned columns, two spaces apart. A column that is empty in every row is left out.
pub fn table(rows: &[Vec<String>]) -> String {
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let cells = |at: usize| rows.iter().filter_map(move |row| row.get(at));
    let widest = |at: usize| cells(at).map(|cell| width(cell)).max().unwrap_or(0);
    let widths: Vec<usize> = (0..count).map(widest).collect();
    let mut out = String::new();
    for row in rows {
        let filled = row.iter().zip(&widths).filter(|(_, to)| **to > 0);
        let cells = filled.map(|(cell, to)| pad(cell, *to));
        let line = cells.collect::<Vec<_>>().join("  ");
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// Two columns side by side, each block of lines in its own.
pub fn side_by_side(blocks: &[(bool, Vec<String>)], column: usize) -> String {
    let mut out = String::new();
    for (left, lines) in blocks {
        for line in lines {
            let line = if *left { line.clone() } else { format!("{} {line}", pad("", column + 2)) };
            out.push_str(line.trim_end());
            out.push('\n');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_takes_two_columns_and_still_aligns() {
        assert_eq!(width("协助 a"), 6);
        let rows = [vec!["协助".to_owned(), "x".to_owned()], vec!["abcd".into(), "y".into()]];
        assert_eq!(table(&rows), "协助  x\nabcd  y\n");
        let hollow = [vec!["a".to_owned(), String::new(), "b".to_owned()]];
        assert_eq!(table(&hollow), "a  b\n");
    }

    #[test]
    fn no_line_is_wider_than_asked() {
        for text in [
            "a word andaverylongwordthatdoesnotfit at all",
            "请求已经送达，等待值班室签收。reply by 2030-06-14",
            "one\n\ntwo  three",
            "",
        ] {
            for to in [8, 11, 40] {
                let lines = wrap(text, to);
                assert!(lines.iter().all(|line| width(line) <= to), "{to}: {lines:?}");
                let letters = |text: &str| text.split_whitespace().collect::<String>();
                assert_eq!(letters(&lines.join(" ")), letters(text));
            }
        }
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
    }
}
