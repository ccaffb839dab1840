//! What was met together: each kind of act with each kind of fault, each clock with each fate. A
//! cell counts histories. What cannot happen is named with its reason, and everything else must.

use crate::plot::Focus;
use crate::trouble::{Fate, Group, Tally, Trouble};
use counterpart_rules::act::Half;
use counterpart_rules::clock::{
    PROFILES, PauseRule, Profile, Sort, Start, Timer, Verdict, profile,
};
use counterpart_rules::flow;

/// The fates of a clock as it stands; `extended` says of each half, the asking
/// one first, whether an act of it asked for an extension or took one.
pub fn fates(timer: &Timer, extended: [bool; 2]) -> Vec<Fate> {
    let mut out = Vec::new();
    let mut add = |holds: bool, fate: Fate| out.extend(holds.then_some(fate));
    add(timer.runs() && !timer.overdue && !timer.paused, Fate::Running);
    add(timer.level > 0, Fate::Warned);
    add(timer.paused, Fate::Standing);
    add(!timer.paused && timer.stood.iter().any(|(_, seconds)| *seconds > 0), Fate::Moved);
    let known = profile(timer.profile).and_then(prolonged_by);
    let asked = known.map(|half| usize::from(half == Half::Answering));
    add(asked.is_some_and(|half| extended[half]), Fate::Extended);
    add(timer.overdue, Fate::Overdue);
    add(timer.verdict == Some(Verdict::InTime), Fate::InTime);
    add(matches!(timer.verdict, Some(Verdict::Late(_))), Fate::Late);
    add(timer.verdict == Some(Verdict::Contested), Fate::Contested);
    add(timer.sort == Sort::MinimumHold && !timer.runs(), Fate::Kept);
    out
}

/// The half that can ask for a clock to last longer. CLK-6, CLK-37
fn prolonged_by(profile: &Profile) -> Option<Half> {
    let renewed = (profile.sort == Sort::MinimumHold).then_some(Half::Asking);
    renewed.or(profile.extension.map(|known| known.asked_by))
}

/// Why a clock never runs in a matter, if it does not.
fn never_runs(id: &str) -> Option<&'static str> {
    let known = profile(id)?;
    match known.start {
        _ if !known.runs => Some("nothing in a matter starts it, and no terms can set it"),
        // `tests/duties.rs` plays years.
        Start::Year => Some("no history lasts into another year"),
        _ => None,
    }
}

/// Why a clock cannot come to a fate, if it cannot.
fn never(profile: &Profile, fate: Fate) -> Option<&'static str> {
    let holds = profile.sort == Sort::MinimumHold;
    match fate {
        Fate::Standing | Fate::Moved if profile.pause == PauseRule::Never => {
            Some("nothing stops it")
        }
        Fate::Extended if prolonged_by(profile).is_none() => Some("it knows no extension"),
        Fate::Overdue | Fate::InTime | Fate::Late | Fate::Contested if holds => {
            Some("a hold is kept, not met")
        }
        Fate::Kept if !holds => Some("no hold"),
        _ => None,
    }
}

/// The kinds of act that are played, by flow and name. Lines are named only where figures differ,
/// which they must not; a test of its own has that.
pub fn kinds() -> Vec<(&'static str, &'static str)> {
    let kinds = flow::flows()
        .iter()
        .flat_map(|flow| flow.kinds().iter().map(move |kind| (flow.name(), kind.name)));
    kinds.filter(|(_, kind)| *kind != "name-lines").collect()
}

impl Tally {
    /// Cells that could have been met and were not, each by name and with what to play for it: acts
    /// with faults, clocks with fates.
    pub fn unmet(&self) -> [Vec<(String, Focus)>; 2] {
        let mut acts = Vec::new();
        for (flow, kind) in kinds() {
            for trouble in Trouble::ALL {
                if !self.met.contains_key(&(flow, kind, *trouble)) {
                    let name = format!("{flow} {kind} x {}", trouble.name());
                    let focus = Focus { kind: Some(kind), trouble: Some(*trouble), clock: None };
                    acts.push((name, focus));
                }
            }
        }
        let mut clocks = Vec::new();
        for profile in PROFILES.iter().filter(|profile| never_runs(profile.id).is_none()) {
            for fate in Fate::ALL.iter().filter(|fate| never(profile, **fate).is_none()) {
                if !self.fates.contains_key(&(profile.id, *fate)) {
                    let name = format!("{} {}", profile.id, fate.name());
                    clocks.push((name, Focus { clock: Some(profile.id), ..Focus::default() }));
                }
            }
        }
        [acts, clocks]
    }

    /// Both tables as text: a row for each kind of act with a column for each group of faults, and
    /// a row for each clock with a column for each fate. A dot is a cell that cannot be.
    pub fn tables(&self) -> Vec<String> {
        let mut out =
            vec!["Acts that met a fault: kinds of fault met, of all; fewest histories".into()];
        let groups = [Group::Network, Group::Process, Group::Disk, Group::Clock, Group::Peer];
        let heads = groups.map(|group| format!("{:>14}", format!("{group:?}")));
        out.push(format!("  {:<32}{}", "", heads.concat()));
        for (flow, kind) in kinds() {
            let cells = groups.map(|group| {
                let of = Trouble::ALL.iter().filter(|trouble| trouble.group() == group);
                let counts: Vec<u64> = of
                    .map(|trouble| self.met.get(&(flow, kind, *trouble)).copied().unwrap_or(0))
                    .collect();
                let met = counts.iter().filter(|count| **count > 0).count();
                let least = counts.iter().min().copied().unwrap_or(0);
                format!("{:>14}", format!("{met}/{} ({least})", counts.len()))
            });
            out.push(format!("  {:<32}{}", format!("{flow} {kind}"), cells.concat()));
        }
        out.push("Clocks and what became of them: histories".into());
        let heads = Fate::ALL.iter().map(|fate| format!("{:>10}", fate.name()));
        out.push(format!("  {:<18}{}", "", heads.collect::<String>()));
        for profile in PROFILES.iter().filter(|profile| never_runs(profile.id).is_none()) {
            let cells = Fate::ALL.iter().map(|fate| {
                let count = self.fates.get(&(profile.id, *fate)).copied();
                let shown = match never(profile, *fate) {
                    Some(_) if count.is_none() => ".".to_owned(),
                    _ => count.unwrap_or(0).to_string(),
                };
                format!("{shown:>10}")
            });
            out.push(format!("  {:<18}{}", profile.id, cells.collect::<String>()));
        }
        let idle = PROFILES.iter().filter_map(|one| Some((one.id, never_runs(one.id)?)));
        out.extend(idle.map(|(id, why)| format!("  {id:<18} never runs: {why}")));
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_run_has_met_nothing_and_says_so() {
        let names = |cells: Vec<(String, Focus)>| cells.into_iter().map(|cell| cell.0).collect();
        let [acts, clocks]: [Vec<String>; 2] = Tally::default().unmet().map(names);
        assert_eq!(acts.len(), kinds().len() * Trouble::ALL.len());
        assert!(acts.contains(&"call acknowledge x killed".to_owned()));
        assert!(clocks.contains(&"P-ASKED contested".to_owned()));
        assert!(!clocks.contains(&"P-HELD late".to_owned()), "a hold is kept, not met");
        assert!(clocks.iter().all(|cell| !cell.starts_with("P-STAT")), "its years are longer");
    }

    #[test]
    fn what_never_runs_is_known_to_the_rules() {
        let idle = PROFILES.iter().filter(|profile| never_runs(profile.id).is_some());
        assert_eq!(idle.count(), 4);
    }
}
