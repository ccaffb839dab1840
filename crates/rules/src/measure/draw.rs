//! Figures as a drawing (SVG 1.1): outcomes as bars, waiting times as steps. Light and dark by the
//! reader's setting; signs are told apart by shade and label, not by colour alone, and none alarms.

use super::figures::{Cell, Figures, Key};
use super::survival::Curve;
use crate::clock;
use crate::say::{Lang, Say, duration, render};
use std::fmt::Write as _;

/// Width of the drawing.
const WIDTH: u64 = 880;
/// Left edge of bars and curves.
const LEFT: u64 = 250;
/// Width of bars and curves.
const SPAN: u64 = 590;
/// Height of the plot of a curve.
const PLOT: u64 = 180;
/// Most rows per direction.
const ROWS: usize = 14;

const OUTCOMES: [&str; 7] =
    ["answered", "partly", "refused", "transferred", "declined", "withdrawn", "open"];
const WAITS: [&str; 3] = ["acknowledgement", "answer", "conclusion"];

/// On a narrow screen the drawing shrinks; around it the page has its colour.
const STYLE: &str = "svg{color:#1c2430;font:14px sans-serif;background:#fff;max-width:100%;\
height:auto}.ground{fill:#fff}\
text{fill:#1c2430}.soft{fill:#5b6675;font-size:12px}.axis{stroke:#9aa4b1;fill:none}\
.answered{fill:#1f5fa8}.partly{fill:#5d94cf}.refused{fill:#8a8f98}.withdrawn{fill:#c3c8cf}\
.transferred{fill:#b9a5d6}.declined{fill:#d9cfe8}\
.open{fill:#fff;stroke:#5b6675}.curve{fill:none;stroke-width:2}\
.acknowledgement{stroke:#8a8f98;stroke-dasharray:2 3}.answer{stroke:#1f5fa8}\
.conclusion{stroke:#5d94cf;stroke-dasharray:7 4}\
@media(prefers-color-scheme:dark){svg{background:#14181e}\
.ground{fill:#14181e}text{fill:#e6eaf0}.soft{fill:#9aa4b1}\
.axis{stroke:#5b6675}.answered{fill:#7db3ec}.partly{fill:#4a7fb8}.refused{fill:#8a8f98}\
.withdrawn{fill:#4b525c}.transferred{fill:#7a64a0}.declined{fill:#52456b}\
.open{fill:#14181e;stroke:#9aa4b1}.answer{stroke:#7db3ec}\
.conclusion{stroke:#4a7fb8}}";

/// The drawing. `names` are those of [`super::Frame::parties`] in the language.
pub fn svg(figures: &Figures, names: &[String; 2], lang: Lang) -> String {
    let mut page = Page { lang, at: 40, body: String::new() };
    let frame = &figures.frame;
    page.text(20, 18, "", &page.say("svg-title"));
    let ever = frame.from == 0 && frame.to > frame.as_of;
    let period = Say::of(if ever { "cli-figures-ever" } else { "cli-figures-period" })
        .with("from", clock::shown(frame.from))
        .with("to", clock::shown(frame.to))
        .with("at", clock::shown(frame.as_of));
    page.line(&render(lang, &period));
    if frame.drill {
        page.line(&page.say("summary-drill"));
    }
    for by in 0..2 {
        let rows = figures.cells.iter().filter(|(key, _)| key.by == by && key.sort == "request");
        let rows: Vec<(&Key, &Cell)> = rows.collect();
        if rows.is_empty() {
            continue;
        }
        let title = Say::of("svg-asked").with("by", &names[by]).with("asked", &names[1 - by]);
        page.at += 16;
        page.text(20, 16, "", &render(lang, &title));
        let shown = rows.iter().take(ROWS);
        shown.for_each(|(key, cell)| page.bar(key, cell));
        if rows.len() > ROWS {
            let more = (rows.len() - ROWS).to_string();
            page.line(&render(lang, &Say::of("svg-more").with("count", more)));
        }
        page.legend(&OUTCOMES, "figure-");
        if let Some((_, cell)) = rows.iter().find(|(key, _)| key.stream.is_none()) {
            page.curves(cell);
        }
    }
    let (height, title) = (page.at + 20, escaped(&page.say("svg-title")));
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" \
         viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" xml:lang=\"{}\"><title>{title}</title>\
         <style>{STYLE}</style>\n\
         <rect class=\"ground\" width=\"100%\" height=\"100%\"/>\n{}</svg>\n",
        lang.tag(),
        page.body
    )
}

struct Page {
    lang: Lang,
    /// The next free line.
    at: u64,
    body: String,
}

impl Page {
    fn say(&self, key: &str) -> String {
        render(self.lang, &Say::of(key))
    }

    fn text(&mut self, x: u64, size: u64, class: &str, text: &str) {
        let text = escaped(text);
        let at = self.at;
        let _ = writeln!(
            self.body,
            "<text x=\"{x}\" y=\"{at}\" class=\"{class}\" \
             style=\"font-size:{size}px\">{text}</text>"
        );
        self.at += size + 8;
    }

    /// Small text; what is wider than the drawing goes on below.
    fn line(&mut self, text: &str) {
        for line in wrapped(text, WIDTH - 40) {
            self.text(20, 12, "soft", &line);
        }
    }

    /// One row: its name, and a bar in which each outcome has its share.
    fn bar(&mut self, key: &Key, cell: &Cell) {
        let count = |name: &str| cell.counts.get(name).copied().unwrap_or(0);
        let name = match (&key.stream, &key.kind) {
            (Some(_), Some((list, kind))) => self.say(&format!("choice-{list}-{kind}")),
            (Some(stream), None) => stream.clone(),
            _ => self.say("figure-all"),
        };
        let (y, made) = (self.at - 12, count("made").max(1));
        let colon = if self.lang == Lang::ZhCn { "：" } else { ": " };
        let label = format!("{name}{colon}{}", count("made"));
        // A request withdrawn and answered at once has both shares; the bar is as wide as all.
        let whole = OUTCOMES.iter().map(|name| count(name)).sum::<u64>().max(made);
        let mut before = 0;
        for name in OUTCOMES {
            let many = count(name);
            if many > 0 {
                // From edge to edge, so that what is rounded adds up to the whole.
                let [x, to] = [before, before + many].map(|sum| LEFT + sum * SPAN / whole);
                let what = escaped(&format!("{} {many}", self.say(&format!("figure-{name}"))));
                let wide = (to - x).max(2);
                let _ = writeln!(
                    self.body,
                    "<rect x=\"{x}\" y=\"{y}\" width=\"{wide}\" height=\"16\" class=\"{name}\">\
                     <title>{what}</title></rect>"
                );
                before += many;
            }
        }
        self.text(20, 14, "", &clipped(&label, 30));
    }

    /// What the shades mean.
    fn legend(&mut self, classes: &[&str], prefix: &str) {
        let (mut x, mut y) = (20, self.at - 10);
        for class in classes {
            let text = self.say(&format!("{prefix}{class}"));
            let wide = 16 + width(&text) + 18;
            if x + wide > WIDTH - 20 {
                (x, y) = (20, y + 20);
            }
            let text = escaped(&text);
            let _ = writeln!(
                self.body,
                "<rect x=\"{x}\" y=\"{y}\" width=\"12\" height=\"12\" class=\"{class}\"/>\
                 <text x=\"{}\" y=\"{}\" class=\"soft\">{text}</text>",
                x + 16,
                y + 11
            );
            x += wide;
        }
        self.at = y + 36;
    }

    /// How many still wait, on the clock of the side that was asked.
    fn curves(&mut self, cell: &Cell) {
        let curves = WAITS.iter().filter_map(|name| Some((*name, &cell.waits.get(name)?[1])));
        let curves: Vec<(&str, &Curve)> = curves.filter(|(_, c)| !c.steps.is_empty()).collect();
        let last = curves.iter().map(|(_, curve)| curve.last).max().unwrap_or(0);
        if last == 0 {
            return;
        }
        self.line(&self.say("svg-waiting"));
        let top = self.at;
        for quarter in 0..=4 {
            let y = top + PLOT * quarter / 4;
            let _ = writeln!(
                self.body,
                "<path class=\"axis\" d=\"M{LEFT} {y}h{SPAN}\"/><text x=\"{}\" y=\"{}\" \
                 class=\"soft\">{} %</text>",
                LEFT - 48,
                y + 4,
                100 - 25 * quarter
            );
        }
        for (name, curve) in &curves {
            let path = steps(curve, last, top);
            let _ = writeln!(self.body, "<path class=\"curve {name}\" d=\"{path}\"/>");
        }
        for at in ticks(last) {
            let text = escaped(&duration(self.lang, at));
            let anchor = if at == 0 { "start" } else { "middle" };
            let x = LEFT + along(at, last);
            let (foot, below) = (top + PLOT, top + PLOT + 18);
            let _ = writeln!(
                self.body,
                "<path class=\"axis\" d=\"M{x} {foot}v4\"/><text x=\"{x}\" y=\"{below}\" \
                 class=\"soft\" text-anchor=\"{anchor}\">{text}</text>"
            );
        }
        self.at = top + PLOT + 44;
        for (name, curve) in &curves {
            let reached = |at: Option<u64>| {
                at.map_or_else(|| self.say("figure-not-reached"), |s| duration(self.lang, s))
            };
            let [lower, median, upper] = curve.quartiles().map(reached);
            let text = Say::of("figure-wait")
                .with("what", self.say(&format!("figure-wait-{name}")))
                .with("reached", curve.reached.to_string())
                .with("observed", curve.observed.to_string())
                .with("lower", lower)
                .with("median", median)
                .with("upper", upper);
            let y = self.at - 4;
            let _ = writeln!(self.body, "<path class=\"curve {name}\" d=\"M20 {y}h28\"/>");
            let text = render(self.lang, &text);
            self.text(56, 12, "soft", &text);
        }
    }
}

/// The curve as a path: across until something came, then down.
fn steps(curve: &Curve, last: u64, top: u64) -> String {
    let x = |seconds: u64| LEFT + along(seconds, last);
    let mut path = format!("M{LEFT} {top}");
    for (after, share) in curve.drawn() {
        let _ = write!(path, "H{}V{}", x(after), top + PLOT - share * PLOT / 1_000_000);
    }
    let _ = write!(path, "H{}", x(curve.last));
    path
}

/// How far along the axis a time is.
fn along(seconds: u64, last: u64) -> u64 {
    (u128::from(seconds) * u128::from(SPAN) / u128::from(last.max(1))) as u64
}

/// Times to mark: at most five, each a whole number of the greatest unit that gives enough.
fn ticks(last: u64) -> Vec<u64> {
    const STEPS: [u64; 18] = [
        1, 5, 15, 60, 300, 900, 1_800, 3_600, 7_200, 21_600, 43_200, 86_400, 172_800, 432_000,
        864_000, 2_592_000, 8_640_000, 31_536_000,
    ];
    let fits = |step: &&u64| last / **step <= 4;
    let step = STEPS.iter().find(fits).copied().unwrap_or(last / 4 + 1);
    (0..=4).map(|n| n * step).filter(|at| *at <= last).collect()
}

/// About how wide small text is: a Chinese character takes its whole square.
fn width(text: &str) -> u64 {
    text.chars().map(|c| if c < '\u{2e80}' { 7 } else { 12 }).sum()
}

/// Lines no wider than this, broken at spaces and behind Chinese punctuation.
fn wrapped(text: &str, most: u64) -> Vec<String> {
    let mut lines = vec![String::new()];
    for piece in text.split_inclusive([' ', '，', '。', '；', '：']) {
        if let Some(last) = lines.last_mut() {
            if last.is_empty() || width(last) + width(piece.trim_end()) <= most {
                last.push_str(piece);
            } else {
                lines.push(piece.to_owned());
            }
        }
    }
    lines
}

fn clipped(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 1).chain(['…']).collect()
}

/// Text in XML. What a peer named is text and nothing else.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_has_a_few_marks_at_whole_units() {
        assert_eq!(ticks(3), [0, 1, 2, 3]);
        assert_eq!(ticks(1_814_700), [0, 432_000, 864_000, 1_296_000, 1_728_000]);
        for last in [1, 59, 4_000, 90_000, 400_000_000, u64::MAX / 8] {
            let marks = ticks(last);
            assert!((1..=5).contains(&marks.len()) && marks.iter().all(|at| *at <= last), "{last}");
        }
    }

    #[test]
    fn text_that_is_too_wide_goes_on_below_and_loses_nothing() {
        for text in ["one two three four five six", "一二三，四五六，七八九。", "", "longerthanall"]
        {
            let lines = wrapped(text, 70);
            assert_eq!(lines.concat(), text);
            assert!(lines.iter().all(|line| width(line.trim_end()) <= 70 || !line.contains(' ')));
        }
        assert_eq!(wrapped("one two three", 60).len(), 2);
    }
}
