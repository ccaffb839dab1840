//! A story under the noise: each history has one matter whose two halves follow a plot, so that
//! acts which only much before them makes possible meet every kind of fault, too. What is written
//! by chance may cross it at any time.

use crate::cast::Seeded;
use crate::trouble::Trouble;
use counterpart_record::id::MatterId;
use counterpart_record::keys::Ring;
use counterpart_rules::act::Half;

/// Who writes (`>` the opener, `<` the other side) and what.
const PLOTS: &[&str] = &[
    "> request < acknowledge < take-up < warn > go-on < preserve > renew < preserve",
    "> request < preserve > lodge-formal < appraise-request < release > close-request",
    "> request < recognise < status < offer > accept-conditions < answer > appraise",
    "> request < answer > ask-consent < consent > account-for-use > appraise > close-request",
    "> request < examine < postpone > remind > escalate < answer",
    "> request < acknowledge < status > withdraw",
    "> request < ask > supplement < intend-to-refuse > supplement < refuse < appraise-request",
    "> request < offer > decline-conditions > close-request",
    "> request < acknowledge < ask > supplement < transfer > remind",
    "> show-draft < comment > redraft < comment > drop-draft",
    "> raise < acknowledge < say > say < hand-over < close > close",
    "> line-test < person-answer",
    "> surge-propose < surge-agree > surge-end",
    "> surge-propose < surge-decline",
    "> propose-terms < decline-terms > propose-terms < accept-terms",
    "> publish-needs > publish-needs",
    "> request < status < preserve > renew < preserve < status > let-go < release",
];

/// Terms first, in some histories, so that their clocks run short.
const PROLOGUE: &str = "> propose-terms < accept-terms";

/// The matter of the story.
pub struct Plot {
    /// The opener and the other side.
    pub pair: [usize; 2],
    /// On which ring.
    pub ring: Ring,
    /// What is still to be written.
    pub rest: Vec<(Half, &'static str)>,
    /// How many of them belong to the prologue.
    pub before: usize,
    /// The matter, once it is open.
    pub matter: Option<MatterId>,
}

/// What a history is played for, so that it is met sooner than by chance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Focus {
    /// A kind of act: a plot that has it is played.
    pub kind: Option<&'static str>,
    /// A kind of fault: it happens, and more often.
    pub trouble: Option<Trouble>,
    /// A clock: requests and calls are such that it runs.
    pub clock: Option<&'static str>,
}

impl Plot {
    /// The plot of a seed. It takes nothing from the chance of the world.
    pub fn of(seed: u64, seats: usize, focus: Focus) -> Plot {
        let chance = Seeded::new(seed ^ 0x706c_6f74);
        let from = chance.below(seats as u64) as usize;
        let to = (from + 1 + chance.below(seats as u64 - 1) as usize) % seats;
        let ring = Ring::from_drill(chance.chance(25));
        // The interval between tests runs only where terms name it.
        let terms = chance.chance(40) || focus.clock == Some("P-PING");
        let before = if terms { steps(PROLOGUE) } else { Vec::new() };
        // In turn, so that a few hundred seeds play each of them often.
        let fit: Vec<&str> = PLOTS.iter().copied().filter(|plot| fits(plot, focus)).collect();
        let main = steps(fit.get(seed as usize % fit.len().max(1)).unwrap_or(&PLOTS[0]));
        let count = before.len();
        let rest = before.into_iter().chain(main).collect();
        Plot { pair: [from, to], ring, rest, before: count, matter: None }
    }
}

/// Whether a plot can show what a history is played for; all can, if it names no kind of them.
fn fits(plot: &'static str, focus: Focus) -> bool {
    let has = |kind: &str| plot.split(' ').any(|word| word == kind);
    let known = |kind: &&str| PLOTS.iter().any(|plot| plot.split(' ').any(|word| word == *kind));
    let of_clock = match focus.clock {
        Some(id) if id.starts_with("P-CALL") => has("raise"),
        Some(id) if id.starts_with("P-LINE") || id == "P-PING" => has("line-test"),
        Some("P-REVIEW") => has("postpone"),
        Some("P-FORMAL") => has("lodge-formal"),
        Some("P-REPLY") => has("ask") || has("offer"),
        Some("P-HELD" | "P-BUD-29" | "P-UN-42" | "P-BUD-16") => has("preserve"),
        Some(_) => has("request"),
        None => true,
    };
    of_clock && focus.kind.filter(known).is_none_or(has)
}

/// Its acts, each with the half whose author writes it.
fn steps(plot: &'static str) -> Vec<(Half, &'static str)> {
    let words: Vec<&str> = plot.split(' ').collect();
    let half = |mark: &str| if mark == ">" { Half::Asking } else { Half::Answering };
    words.chunks(2).map(|pair| (half(pair[0]), pair[1])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use counterpart_rules::flow::flows;
    use std::collections::BTreeSet;

    #[test]
    fn the_plots_name_every_kind_that_a_person_writes() {
        let played: BTreeSet<&str> =
            PLOTS.iter().flat_map(|plot| steps(plot)).map(|s| s.1).collect();
        let kinds = flows().iter().flat_map(|flow| flow.kinds().iter().map(|kind| kind.name));
        let by_program = ["refused", "erased", "state-figures", "compare-figures", "name-lines"];
        let missing: Vec<&str> = kinds
            .filter(|kind| !played.contains(kind) && !by_program.contains(kind))
            .filter(|kind| *kind != "machine-answer")
            .collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn a_history_for_a_kind_or_a_clock_has_a_plot_with_it() {
        let names =
            |focus| Plot::of(7, 3, focus).rest.into_iter().map(|step| step.1).collect::<Vec<_>>();
        for kind in ["refuse", "consent", "surge-decline", "hand-over"] {
            assert!(
                names(Focus { kind: Some(kind), ..Focus::default() }).contains(&kind),
                "{kind}"
            );
        }
        let line = names(Focus { clock: Some("P-LINE-PERS"), ..Focus::default() });
        assert!(line.contains(&"person-answer"), "{line:?}");
    }

    #[test]
    fn a_seed_has_one_plot_and_each_plot_its_seeds() {
        for seed in 0..PLOTS.len() as u64 {
            let plot = || Plot::of(seed, 3, Focus::default());
            let (one, other) = (plot(), plot());
            assert_eq!((one.pair, &one.rest), (other.pair, &other.rest));
            assert!(one.pair[0] != one.pair[1] && one.rest.ends_with(&steps(PLOTS[seed as usize])));
        }
    }
}
