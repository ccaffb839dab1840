//! A figure, its limit and the ratio of the two.

use counterpart_rules::say::{Lang, Say, placed, render};
use std::fmt::Write as _;

/// One measured figure.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// Which, for example `exchange.256`.
    pub name: String,
    /// Of what the value is a count.
    pub unit: &'static str,
    /// The value.
    pub value: f64,
    /// What the limit is.
    pub limit_of: &'static str,
    /// The limit in the same unit, from the same run.
    pub limit: f64,
    /// How near the value comes to its limit: 1 is at the limit. For times and sizes the limit is
    /// divided by the value, for rates the value by the limit.
    pub ratio: f64,
}

impl Figure {
    /// A rate: more is better.
    pub fn rate(
        name: impl Into<String>,
        unit: &'static str,
        value: f64,
        (limit_of, limit): (&'static str, f64),
    ) -> Figure {
        Figure { name: name.into(), unit, value, limit_of, limit, ratio: value / limit }
    }

    /// A time or a size: less is better.
    pub fn cost(
        name: impl Into<String>,
        unit: &'static str,
        value: f64,
        (limit_of, limit): (&'static str, f64),
    ) -> Figure {
        Figure { name: name.into(), unit, value, limit_of, limit, ratio: limit / value }
    }

    /// One line of a table.
    pub fn line(&self, lang: Lang) -> String {
        let Figure { name, unit, value, limit_of, limit, ratio } = self;
        let say = Say::of("bench-line")
            .with("name", format!("{name:<25}"))
            .with("value", format!("{:>12}", short(*value)))
            .with("unit", format!("{:<22}", placed(lang, unit)))
            .with("ratio", format!("{ratio:>7.2}"))
            .with("limit", format!("{:>12}", short(*limit)))
            .with("of", placed(lang, limit_of));
        render(lang, &say)
    }
}

/// All figures as a JSON array. Our strict JSON has integers alone, so this is written here.
pub fn to_json(figures: &[Figure]) -> String {
    let mut out = String::from("[");
    for (i, figure) in figures.iter().enumerate() {
        let Figure { name, unit, value, limit_of, limit, ratio } = figure;
        let comma = if i > 0 { "," } else { "" };
        let _ = write!(
            out,
            "{comma}\n  {{\"name\":\"{name}\",\"unit\":\"{unit}\",\"value\":{value:.3},\
             \"limit\":{limit:.3},\"limit_of\":\"{limit_of}\",\"ratio\":{ratio:.4}}}"
        );
    }
    out.push_str("\n]");
    out
}

fn short(number: f64) -> String {
    if number >= 100.0 { format!("{number:.0}") } else { format!("{number:.2}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is measured is told in the reader's language; names of figures and units stay.
    #[test]
    fn a_line_is_in_the_language_of_who_reads() {
        let limit = ("two hashes for each leaf", 100.0);
        let rate = Figure::rate("log.append.1000", "leaves/s", 50.0, limit);
        let en = rate.line(Lang::En);
        assert!(en.starts_with("log.append.1000       "), "{en}");
        assert!(en.contains("  50.00 leaves/s ") && en.contains("ratio    0.50"), "{en}");
        assert!(en.ends_with(" 100  (two hashes for each leaf)"), "{en}");
        let zh = rate.line(Lang::ZhCn);
        assert!(zh.contains("片叶子/秒") && zh.contains("每片叶子两次哈希"), "{zh}");
        assert!(!zh.contains("ratio") && !zh.contains("limit"), "{zh}");
    }

    #[test]
    fn one_is_at_the_limit_both_ways() {
        let rate = Figure::rate("a", "acts/s", 50.0, ("what could be", 100.0));
        let cost = Figure::cost("b", "ms", 2.0, ("what must be", 1.0));
        assert_eq!((rate.ratio, cost.ratio), (0.5, 0.5));
        let json = to_json(&[rate, cost]);
        assert!(json.contains("\"ratio\":0.5000"), "{json}");
        assert_eq!(json.matches("\"name\"").count(), 2);
    }
}
