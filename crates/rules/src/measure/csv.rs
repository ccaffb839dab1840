//! Figures as a table for other programs (RFC 4180): one line per number, so that a new count is a
//! new line and never a new column.

use super::figures::{Cell, Figures, Key, Timing};
use std::fmt::Write as _;

/// All figures as CSV, with a header line.
pub fn csv(figures: &Figures) -> String {
    let mut out = String::from("sort,asked_by,asked,stream,kind,figure,value\r\n");
    for (key, cell) in &figures.cells {
        let parties = &figures.frame.parties;
        let kind = key.kind.as_ref().map_or("", |(_, kind)| kind);
        let (by, asked) = (parties[key.by].to_string(), parties[1 - key.by].to_string());
        let columns = [key.sort, &by, &asked, key.stream.as_deref().unwrap_or(""), kind];
        let head = columns.map(field).join(",");
        for (name, value) in numbers(key, cell) {
            let _ = write!(out, "{head},{},{value}\r\n", field(&name));
        }
    }
    out
}

/// Every number of a row under a name of its own.
fn numbers(_key: &Key, cell: &Cell) -> Vec<(String, u64)> {
    let mut out: Vec<(String, u64)> =
        cell.counts.iter().map(|(name, many)| ((*name).to_owned(), *many)).collect();
    for (list, words) in &cell.words {
        out.extend(words.iter().map(|(word, many)| (format!("{list}/{word}"), *many)));
    }
    for (profile, ends) in &cell.terms {
        for (name, Timing { in_time, late, contested }) in ends {
            let each = [("in_time", in_time), ("late", late), ("contested", contested)];
            out.extend(each.map(|(how, many)| (format!("{profile}/{name}/{how}"), *many)));
        }
    }
    let (many, asking, asked) = cell.pauses;
    out.push(("pauses".to_owned(), many));
    out.push(("pauses/seconds_by_asking_clock".to_owned(), asking));
    out.push(("pauses/seconds_by_asked_clock".to_owned(), asked));
    for (name, curves) in &cell.waits {
        for (clock, curve) in ["by_asking_clock", "by_asked_clock"].iter().zip(curves) {
            let head = format!("{name}/{clock}");
            out.push((format!("{head}/observed"), curve.observed));
            out.push((format!("{head}/reached"), curve.reached));
            let names = ["lower_quartile", "median", "upper_quartile"];
            let quartiles = names.iter().zip(curve.quartiles());
            // A quartile that is not reached has no line: no number stands for it.
            out.extend(quartiles.filter_map(|(name, at)| Some((format!("{head}/{name}"), at?))));
        }
    }
    out
}

/// A field as RFC 4180 wants it. What a peer named cannot begin a formula in a spreadsheet.
fn field(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if formula { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\r', '\n']) {
        return format!("\"{}\"", text.replace('"', "\"\""));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_peer_named_stays_in_its_field() {
        assert_eq!(field("cybercrime"), "cybercrime");
        assert_eq!(field("a,\"b\""), "\"a,\"\"b\"\"\"");
        assert_eq!(field("=SUM(A1)"), "'=SUM(A1)");
    }
}
