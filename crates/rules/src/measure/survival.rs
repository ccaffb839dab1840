//! Waiting times with the method of Kaplan and Meier: whoever still waits is an observation cut off
//! at the time of the figures, and counts among those at risk until then. Leaving the open ones out
//! would make a side look faster the more it leaves unanswered.
//!
//! All arithmetic is exact. The curve is the product of (at risk - events) / at risk; a quartile is
//! the first time at which that product is at most 3/4, 1/2 or 1/4. Two programs that hold the same
//! observations name the same second. FIG-5, FIG-7

use num_bigint::BigUint;

/// One step of a curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// After so many seconds.
    pub after: u64,
    /// How many had waited so long without an end of any kind.
    pub at_risk: u64,
    /// For how many it came now; at least one.
    pub events: u64,
}

/// A curve of waiting times.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Curve {
    /// How many waited.
    pub observed: u64,
    /// For how many it came.
    pub reached: u64,
    /// Where it falls, in order. At risk and events give the curve exactly.
    pub steps: Vec<Step>,
    /// The last moment observed, seconds after the beginning.
    pub last: u64,
}

/// `1.0` in the bounds below: 2^63.
const ONE: u64 = 1 << 63;

impl Curve {
    /// From waits: so many seconds, and whether it came then or was cut off. Where both happen in
    /// the same second, what came came before what was cut off.
    pub fn of(waits: impl IntoIterator<Item = (u64, bool)>) -> Curve {
        let mut waits: Vec<(u64, bool)> = waits.into_iter().collect();
        waits.sort_unstable_by_key(|(after, came)| (*after, !came));
        let mut curve = Curve { observed: waits.len() as u64, ..Curve::default() };
        curve.last = waits.last().map_or(0, |(after, _)| *after);
        for (at, (after, came)) in waits.iter().enumerate() {
            if !came {
                continue;
            }
            curve.reached += 1;
            match curve.steps.last_mut() {
                Some(step) if step.after == *after => step.events += 1,
                _ => {
                    let at_risk = curve.observed - at as u64;
                    curve.steps.push(Step { after: *after, at_risk, events: 1 });
                }
            }
        }
        curve
    }

    /// The time by which it had come for a quarter, for half, for three quarters. `None` where the
    /// curve never falls so far: that is an answer, and no number stands for it.
    pub fn quartiles(&self) -> [Option<u64>; 3] {
        [3, 2, 1].map(|left| self.falls_to(left))
    }

    /// The first time at which at most `quarters` of four still wait.
    fn falls_to(&self, quarters: u64) -> Option<u64> {
        let limit = ONE / 4 * quarters;
        let (mut low, mut high) = (ONE, ONE);
        for (at, step) in self.steps.iter().enumerate() {
            (low, high) = narrowed(low, high, *step);
            // The bounds decide all but a tie or what is as good as one; there the exact product
            // decides.
            if high <= limit || (low <= limit && self.exactly_at_most(at, quarters)) {
                return Some(step.after);
            }
        }
        None
    }

    /// Whether the exact product up to step `at` is at most `quarters` / 4.
    fn exactly_at_most(&self, at: usize, quarters: u64) -> bool {
        let (mut above, mut below) = (vec![4], vec![quarters]);
        // Between two steps with nobody cut off, what is left of one is at risk in the next: such
        // factors cancel, and only the ends of each run are multiplied.
        let mut left = None;
        for step in &self.steps[..=at] {
            if left != Some(step.at_risk) {
                above.extend(left);
                below.push(step.at_risk);
            }
            left = Some(step.at_risk - step.events);
        }
        above.extend(left);
        product(&above) <= product(&below)
    }

    /// The share that still waits after each step, in millionths, rounded down: for drawing.
    pub fn drawn(&self) -> Vec<(u64, u64)> {
        let (mut low, mut high) = (ONE, ONE);
        let each = self.steps.iter().map(|step| {
            (low, high) = narrowed(low, high, *step);
            (step.after, (u128::from(low) * 1_000_000 / u128::from(ONE)) as u64)
        });
        each.collect()
    }
}

/// Bounds on the product after one more step; each multiplication is off by less than one unit.
fn narrowed(low: u64, high: u64, step: Step) -> (u64, u64) {
    let (left, all) = (u128::from(step.at_risk - step.events), u128::from(step.at_risk));
    let low = u128::from(low) * left / all;
    let high = (u128::from(high) * left).div_ceil(all);
    (low as u64, high as u64)
}

/// The product by halves, so that the factors stay of like size.
fn product(factors: &[u64]) -> BigUint {
    match factors {
        [] => BigUint::from(1u32),
        [one] => BigUint::from(*one),
        _ => {
            let (left, right) = factors.split_at(factors.len() / 2);
            product(left) * product(right)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Remission times in weeks of the trial of 6-mercaptopurine (Freireich and others, 1963), as
    /// printed in textbooks of survival analysis; `+` is cut off.
    const TREATED: &str = "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+";
    const PLACEBO: &str = "1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23";

    fn read(text: &str) -> Curve {
        Curve::of(text.split(' ').map(|wait| match wait.strip_suffix('+') {
            Some(cut) => (cut.parse().unwrap(), false),
            None => (wait.parse().unwrap(), true),
        }))
    }

    #[test]
    fn a_published_trial_gives_the_published_curve() {
        let treated = read(TREATED);
        let steps: Vec<_> = treated.steps.iter().map(|s| (s.after, s.at_risk, s.events)).collect();
        let printed =
            [(6, 21, 3), (7, 17, 1), (10, 15, 1), (13, 12, 1), (16, 11, 1), (22, 7, 1), (23, 6, 1)];
        assert_eq!(steps, printed);
        // Printed as 0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448.
        let drawn: Vec<u64> = treated.drawn().iter().map(|(_, share)| share / 1_000).collect();
        assert_eq!(drawn, [857, 806, 752, 690, 627, 537, 448]);
        assert_eq!(treated.quartiles(), [Some(13), Some(23), None]);
        assert_eq!((treated.observed, treated.reached, treated.last), (21, 9, 35));
        assert_eq!(read(PLACEBO).quartiles(), [Some(4), Some(8), Some(12)]);
    }

    #[test]
    fn a_tie_falls_at_its_own_second() {
        // After 5 exactly half still wait, and after 7 exactly a quarter. FIG-7
        assert_eq!(read("3 5 7 9").quartiles(), [Some(3), Some(5), Some(7)]);
        assert_eq!(read("3+ 5 7 9").quartiles(), [Some(5), Some(7), Some(9)]);
        assert_eq!(Curve::of([]).quartiles(), [None; 3]);
        assert_eq!(read("4+ 4+").quartiles(), [None; 3]);
        assert_eq!(read("0").quartiles(), [Some(0); 3]);
    }

    #[test]
    fn whoever_waits_counts_until_now() {
        // The same two answers; without the open ones the median would be 2. FIG-6
        assert_eq!(read("1 2").quartiles()[1], Some(1));
        assert_eq!(read("1 2 50+ 50+ 50+").quartiles()[1], None);
    }

    #[test]
    fn a_hundred_thousand_with_a_tie_in_the_middle() {
        let curve = Curve::of((1..=100_000u64).map(|second| (second, true)));
        assert_eq!(curve.quartiles(), [Some(25_000), Some(50_000), Some(75_000)]);
        let mixed = Curve::of((1..=100_000u64).map(|second| (second, second % 3 != 0)));
        assert!(mixed.quartiles().iter().all(Option::is_some));
    }

    /// The definition, in fractions of big numbers and nothing else.
    fn plainly(curve: &Curve, quarters: u64) -> Option<u64> {
        let (mut left, mut all) = (BigUint::from(4u32), BigUint::from(quarters));
        for step in &curve.steps {
            left *= step.at_risk - step.events;
            all *= step.at_risk;
            if left <= all {
                return Some(step.after);
            }
        }
        None
    }

    proptest! {
        #[test]
        fn bounds_and_cancelling_change_nothing(
            waits in prop::collection::vec((0u64..40, any::<bool>()), 0..60),
        ) {
            let curve = Curve::of(waits.iter().copied());
            let plain = [3, 2, 1].map(|quarters| plainly(&curve, quarters));
            prop_assert_eq!(curve.quartiles(), plain);
            let exact = |at: usize, quarters: u64| {
                let (mut left, mut all) = (BigUint::from(4u32), BigUint::from(quarters));
                for step in &curve.steps[..=at] {
                    left *= step.at_risk - step.events;
                    all *= step.at_risk;
                }
                left <= all
            };
            for at in 0..curve.steps.len() {
                for quarters in 1..4 {
                    prop_assert_eq!(curve.exactly_at_most(at, quarters), exact(at, quarters));
                }
            }
        }

        #[test]
        fn the_order_of_waits_does_not_matter(
            waits in prop::collection::vec((0u64..40, any::<bool>()), 0..60),
        ) {
            let back: Vec<_> = waits.iter().rev().copied().collect();
            prop_assert_eq!(Curve::of(waits), Curve::of(back));
        }
    }
}
