//! The clocks of a request: which of them run, from what on, what moves and what ends them.
//!
//! Three sources set them: the request itself (`reply_by`, `formal_by`), what the other side writes
//! (a hold, a question to be answered by a time, a review), and the profiles of the instrument. The
//! instrument's data differ between editions of this program; so do these clocks, never a verdict.

use super::between::Both;
use super::meant::{by_instrument, fits, presses};
use crate::act::{Act, Half};
use crate::clock::{End, Expiry, Pause, PauseRule, Profile, Sort, Start, Stop, Timer, Verdict};
use crate::instrument::instrument;
use crate::terms::Terms;

/// Every clock of the matter, in a fixed order. None runs before the side that must act holds what
/// starts it (CLK-4), and a withdrawal leaves nothing due but what is still kept.
pub(super) fn timers(both: &Both<'_>, terms: &Terms, as_of: u64) -> Vec<Timer> {
    let Some(run) = Run::of(both, terms, as_of) else {
        return Vec::new();
    };
    let mut timers = Vec::new();
    if both.asked.ended().is_none() || both.answered.conclusion.is_some() {
        timers.extend(run.asked_for());
        timers.extend(run.by_instrument());
        timers.extend(run.at_once());
        timers.extend(run.replies());
        timers.extend(run.review());
        timers.extend(run.formal());
    }
    timers.extend(run.hold());
    timers
}

/// The profile by which data is held for a request: that of its instrument, else what the holder
/// says.
fn hold_profile<'a>(request: &Act, terms: &'a Terms) -> Option<&'a Profile> {
    let named = request.word("instrument").and_then(instrument);
    let profiles = named.map_or(&[][..], |named| named.profiles).iter();
    let mut holds = profiles.filter_map(|id| terms.profile(id));
    holds.find(|profile| profile.sort == Sort::MinimumHold).or_else(|| terms.profile("P-HELD"))
}

/// Until when data that was secured at `from` is held at the least, in seconds (UTC); none where
/// nothing but the holder's word says so.
pub(in crate::flow) fn least_hold(request: &Act, terms: &Terms, from: u64) -> Option<u64> {
    // What is kept by order is kept for so long from the receipt of the order.
    let ordered = terms.profile("P-EPO-PR").filter(|one| by_instrument(request, one.id));
    let ordered = ordered.zip(request.held_at);
    let ordered = ordered.and_then(|(one, held)| terms.limit(one, Half::Answering, held));
    ordered.or_else(|| terms.limit(hold_profile(request, terms)?, Half::Answering, from))
}

/// When the newest hold ends at the earliest, in seconds (UTC). CLK-6
pub(super) fn hold_end(both: &Both<'_>, terms: &Terms) -> Option<u64> {
    let start = both.answered.holding().first()?.instant("effected_at")?;
    let least = least_hold(both.asked.request?, terms, start);
    both.answered.promised().max(least)
}

/// A request that the other side holds.
pub(super) struct Run<'a> {
    pub both: &'a Both<'a>,
    pub request: &'a Act,
    pub terms: &'a Terms,
    /// When the other side came to hold the request.
    held: u64,
    as_of: u64,
    /// The stretches for which the answering side waited for a word of the opener.
    pub stops: Vec<Stop>,
}

impl<'a> Run<'a> {
    pub fn of(both: &'a Both<'a>, terms: &'a Terms, as_of: u64) -> Option<Run<'a>> {
        let request = both.asked.request?;
        // Whoever has written in the matter holds the request, whatever the heads say so far.
        let wrote = (!both.answered.silent()).then_some(request.logged_at);
        let held = request.held_at.or(wrote)?;
        let stops = both.asked_back().into_iter().map(|(from, to)| {
            let to = to.map(|act| act.logged_at);
            Stop { by: Half::Answering, pause: Pause { from: from.logged_at, to } }
        });
        Some(Run { both, request, terms, held, as_of, stops: stops.collect() })
    }

    /// A clock of this profile from `start` to `limit`, ended by `end`.
    fn timer(
        &self,
        profile: &Profile,
        who: Half,
        (start, limit): (u64, u64),
        end: Option<End>,
    ) -> Timer {
        let stops = match profile.pause {
            PauseRule::OpenQuestion => self.stops.clone(),
            PauseRule::Never => Vec::new(),
        };
        Timer::run(profile, who, (start, limit), stops, end, self.as_of)
    }

    /// The time that the request itself names.
    fn asked_for(&self) -> Option<Timer> {
        let profile = self.terms.profile("P-ASKED")?;
        let limit = self.request.instant("reply_by")?.max(self.held);
        Some(self.timer(profile, Half::Answering, (self.held, limit), self.concluded()))
    }

    /// What the instrument sets for such a request.
    fn by_instrument(&self) -> Vec<Timer> {
        self.profiles().filter_map(|profile| self.set(profile)).collect()
    }

    /// The profiles of its instrument that are meant for such a request.
    pub fn profiles(&self) -> impl Iterator<Item = &'a Profile> {
        let (request, terms) = (self.request, self.terms);
        let named = request.word("instrument").and_then(instrument);
        let ids = named.map_or(&[][..], |named| named.profiles).iter();
        ids.filter(move |id| fits(request, id)).filter_map(move |id| terms.profile(id))
    }

    /// An emergency for which neither the request nor its instrument sets a time is for now, and
    /// stays in front until it is concluded. CLK-35
    fn at_once(&self) -> Option<Timer> {
        let dated = self.request.instant("reply_by").is_some();
        let set = self.profiles().any(|profile| profile.sort == Sort::Term);
        if !presses(self.request) || dated || set {
            return None;
        }
        let profile = self.terms.profile("P-EMERGENCY")?;
        let limit = self.terms.limit(profile, Half::Answering, self.held)?;
        Some(self.timer(profile, Half::Answering, (self.held, limit), self.concluded()))
    }

    pub fn set(&self, profile: &Profile) -> Option<Timer> {
        // A hold has its own way.
        if profile.sort == Sort::MinimumHold {
            return None;
        }
        let answered = &self.both.answered;
        let decided = answered.recognised.map(end);
        let (start, ended) = match profile.start {
            // Whoever is notified learns of it when it holds the request.
            Start::Receipt | Start::Contact | Start::Notification => (self.held, self.concluded()),
            Start::AllInformation => (self.complete()?, decided.or(self.concluded())),
            // The record knows the decision, not the service that follows from it.
            Start::Decision | Start::Service => (decided?.logged_at, self.concluded()),
            Start::Order => {
                (answered.holding().first()?.instant("effected_at")?, answered.released.map(end))
            }
            _ => return None,
        };
        let ended = match profile.id {
            // A person who has it is the first help; what comes of it has clocks of its own.
            "P-BUD-35" | "P-SIENA" | "P-EIO-ACK" => self.first_word().or(ended),
            "P-EPO-REF" | "P-EPO-REF-8" => self.raised().or(ended),
            "P-EIO-REC" => decided.or(ended),
            // That something is kept does not end the time for which it is kept.
            "P-EPO-PR" => answered.released.or(self.not_kept()).map(end),
            _ => ended,
        };
        let who = profile.who.unwrap_or(Half::Answering);
        let limit = self.prolonged(profile, who, self.terms.limit(profile, who, start)?);
        // What was kept for so long as was ordered was kept.
        let kept = profile.id == "P-EPO-PR" && self.as_of > limit && !answered.preserved.is_empty();
        let ended = ended.or(kept.then_some(End { logged_at: limit, held_at: None }));
        Some(self.timer(profile, who, (start, limit), ended))
    }

    /// A conclusion by which nothing is kept.
    fn not_kept(&self) -> Option<&'a Act> {
        self.both.answered.conclusion.filter(|act| act.kind != "preserve")
    }

    /// The first word of a person who answers, whatever it is.
    fn first_word(&self) -> Option<End> {
        let answered = &self.both.answered;
        let questions = answered.questions.first().copied();
        let first = [answered.acknowledged, answered.taken_up, answered.recognised, questions];
        first.into_iter().flatten().min_by_key(|act| act.logged_at).map(end)
    }

    /// What an authority that was notified says about it: the ground that it raises, or that it
    /// raises none and lets the order stand.
    fn raised(&self) -> Option<End> {
        let answered = &self.both.answered;
        let intent = answered.intents.first();
        let said = [intent.copied(), answered.recognised];
        said.into_iter().flatten().min_by_key(|act| act.logged_at).map(end)
    }

    /// When the papers were complete: at receipt, or with the last answer to a question that came
    /// before the decision. `None` while such a question is open.
    fn complete(&self) -> Option<u64> {
        let decided = self.both.answered.recognised.map_or(u64::MAX, |act| act.logged_at);
        let asked = self.both.asked_back().into_iter();
        let before = asked.filter(|(question, _)| question.logged_at <= decided);
        let mut at = self.held;
        for (_, answer) in before {
            let answer = answer?;
            at = at.max(answer.held_at.unwrap_or(answer.logged_at));
        }
        Some(at)
    }

    /// What is kept: at least as long as any act that set or noted it says and as the profile
    /// wants. A renewal moves it only when its holder has noted it, by preserving anew. CLK-6.
    fn hold(&self) -> Option<Timer> {
        let answered = &self.both.answered;
        let start = answered.holding().first()?.instant("effected_at")?;
        let profile = hold_profile(self.request, self.terms)?;
        let limit = hold_end(self.both, self.terms)?;
        // It goes on until the formal request is decided. Else, past its end, whoever holds it says
        // what became of it, unless the other side has no more use for it. CLK-36
        let waits = profile.expiry == Expiry::UntilDecision
            && !self.both.asked.formal.is_empty()
            && answered.conclusion.is_none_or(|act| act.kind == "preserve");
        let lapsed = self.as_of > limit && !waits;
        let asked = &self.both.asked;
        let needless = lapsed && (asked.closed.is_some() || asked.ended().is_some());
        let over = needless.then_some(End { logged_at: limit, held_at: None });
        let ended = answered.released.map(end).or(over);
        let mut timer = self.timer(profile, Half::Answering, (start, limit), ended);
        timer.asked_until = self.both.open_renewals().filter_map(|act| act.instant("until")).max();
        timer.lapsed = lapsed && timer.runs();
        Some(timer)
    }

    /// What the opener is asked to answer by a time: a question, an intended refusal, an offer.
    fn replies(&self) -> Vec<Timer> {
        let over = self.concluded();
        let each = self.both.asked_back().into_iter().filter_map(|(question, answer)| {
            let limit = question.instant("supplement_by").or(question.instant("accept_by"))?;
            let profile = self.terms.profile("P-REPLY")?;
            let start = question.held_at?;
            let ended = answer.map(end).or(over);
            let limits = (start, limit.max(start));
            let mut timer = self.timer(profile, Half::Asking, limits, ended);
            // What the other side's conclusion ended before its time was neither met nor missed.
            let needless = answer.is_none() && timer.verdict == Some(Verdict::InTime);
            timer.verdict = timer.verdict.filter(|_| !needless);
            Some(timer)
        });
        each.collect()
    }

    /// When the other side said that it looks again at what it postponed.
    fn review(&self) -> Option<Timer> {
        let newest = self.both.answered.progress.filter(|act| act.kind == "postpone")?;
        let day = newest.word("review_on")?;
        let limit = self.terms.calendar(Half::Answering).day_end(day)?;
        let profile = self.terms.profile("P-REVIEW")?;
        let ends = (newest.logged_at, limit);
        Some(self.timer(profile, Half::Answering, ends, self.concluded()))
    }

    /// The formal request that the opener announced.
    fn formal(&self) -> Option<Timer> {
        let day = self.request.word("formal_by")?;
        let limit = self.terms.calendar(Half::Asking).day_end(day)?;
        let profile = self.terms.profile("P-FORMAL")?;
        let ended = self.both.asked.formal.first().map(|act| end(act));
        // A refusal leaves nothing that a formal request could follow.
        let refused = self.both.answered.conclusion.filter(|act| act.kind == "refuse").map(end);
        Some(self.timer(profile, Half::Asking, (self.request.logged_at, limit), ended.or(refused)))
    }

    fn concluded(&self) -> Option<End> {
        self.both.answered.conclusion.map(end)
    }
}

fn end(act: &Act) -> End {
    End { logged_at: act.logged_at, held_at: act.held_at }
}

#[cfg(test)]
pub(super) mod tests {
    use crate::act::{Act, Half};
    use crate::clock::{Timer, Verdict, instant};
    use crate::flow::assistance::FLOW;
    use crate::flow::{Past, Reader, State};
    use crate::say::{Lang, known};
    use crate::terms::{Sheet, Terms};
    use counterpart_record::id::{Entry, PartyId};
    use counterpart_record::strict::json::{Value, parse_object};

    /// Monday, 1 June 2026, noon in UTC.
    pub(in crate::flow::assistance) const START: u64 = 1_780_315_200;
    pub(in crate::flow::assistance) const HOUR: u64 = 3_600;
    pub(in crate::flow::assistance) const DAY: u64 = 86_400;

    #[derive(Default)]
    pub(in crate::flow::assistance) struct Case {
        pub(in crate::flow::assistance) asking: Vec<Act>,
        pub(in crate::flow::assistance) answering: Vec<Act>,
    }

    impl Case {
        pub(in crate::flow::assistance) fn asked(
            instrument: &str,
            measure: &str,
            urgency: &str,
            more: &str,
        ) -> Case {
            let body = format!(
                r#"{{"type":"new","measure":"{measure}","instrument":"{instrument}",
                    "urgency":"{urgency}"{more}}}"#
            );
            let mut case = Case::default();
            case.say(Half::Asking, "request", &body, START, None);
            case
        }

        pub(in crate::flow::assistance) fn say(
            &mut self,
            half: Half,
            kind: &str,
            body: &str,
            at: u64,
            re: Option<Entry>,
        ) -> Entry {
            let number = (self.asking.len() + self.answering.len() + 1) as u8;
            let act = Act {
                entry: Entry([number; 32]),
                half,
                kind: kind.into(),
                body: parse_object(body.as_bytes()).unwrap(),
                re: re.into_iter().collect(),
                logged_at: at,
                held_at: Some(at + 60),
            };
            let entry = act.entry;
            if half == Half::Asking {
                self.asking.push(act)
            } else {
                self.answering.push(act)
            }
            entry
        }

        pub(in crate::flow::assistance) fn reply(
            &mut self,
            kind: &str,
            body: &str,
            at: u64,
        ) -> Entry {
            self.say(Half::Answering, kind, body, at, None)
        }

        pub(in crate::flow::assistance) fn state(&self, terms: &Terms, as_of: u64) -> State {
            let (asking, answering): (Vec<&Act>, Vec<&Act>) =
                (self.asking.iter().collect(), self.answering.iter().collect());
            FLOW.state(Past { asking: &asking, answering: &answering }, terms, as_of)
        }

        pub(in crate::flow::assistance) fn timer(&self, id: &str, as_of: u64) -> Option<Timer> {
            let state = self.state(Terms::usual(), as_of);
            state.timers.into_iter().find(|timer| timer.profile == id)
        }
    }

    /// Each instrument and urgency starts its own clock, from receipt and not before. CLK-4.
    #[test]
    fn the_instrument_sets_the_clocks() {
        let held = START + 60;
        for (instrument, measure, urgency, id, due) in [
            ("directive-2023-977", "information", "emergency", "P-977-U1", held + 8 * HOUR),
            (
                "directive-2023-977",
                "information",
                "urgent",
                "P-977-U2",
                START + 3 * DAY + DAY / 2 - 1,
            ),
            (
                "directive-2023-977",
                "information",
                "normal",
                "P-977-N",
                START + 7 * DAY + DAY / 2 - 1,
            ),
            ("e-evidence", "content", "emergency", "P-EPO-8", held + 8 * HOUR),
            ("e-evidence", "content", "normal", "P-EPO-10", START + 10 * DAY + DAY / 2 - 1),
            ("points-2015", "information", "normal", "P-DTL-48", held + 48 * HOUR),
        ] {
            let mut case = Case::asked(instrument, measure, urgency, "");
            let timer = case.timer(id, START + HOUR).unwrap();
            assert_eq!((timer.started_at, timer.due), (held, due), "{id}");
            let running = case.state(Terms::usual(), START + HOUR).timers;
            // Beside the week that the law leaves there is the aim of a first answer.
            // An own reminder of the provider leaves an emergency without a term.
            let aim = |timer: &&Timer| ["P-SIENA", "P-EMERGENCY"].contains(&timer.profile);
            let aims = running.iter().filter(aim).count();
            let aimed = ["P-977-N", "P-EPO-8"].contains(&id);
            assert_eq!((running.len(), aims), (1 + aims, usize::from(aimed)), "{id}");
            case.asking[0].held_at = None;
            assert!(case.state(Terms::usual(), START + 9 * DAY).timers.is_empty(), "{id}");
        }
    }

    /// An act of the answering side: its kind and its body.
    type Said = (&'static str, &'static str);

    const RECOGNISED: Said = ("recognise", r#"{"recognised":"whole"}"#);
    const ACKNOWLEDGED: Said = ("acknowledge", "{}");
    const INTENT: Said =
        ("intend-to-refuse", r#"{"ground":"press-freedom","supplement_by":1790000000}"#);
    const ANSWER: Said = ("answer", r#"{"extent":"full","final":true}"#);
    const PROVIDER: &str = r#","capacity":"provider""#;
    const NOTIFIED: &str = r#","capacity":"notified""#;
    const SECOND: &str = "budapest-2nd-protocol";
    const ORDER: &str = "directive-2014-41";
    const POLICE: &str = "directive-2023-977";
    const TRAFFIC: &str = "traffic-data";
    const BARE: &str = "";

    /// A clock; the instrument, measure, urgency and more of a request by which it runs; how many
    /// days or hours; whether it starts with the decision; and what ends it.
    type Row = (&'static str, [&'static str; 4], (u64, u64), bool, Said);

    const RUNS: &[Row] = &[
        ("P-BUD-35", ["budapest", "content", "emergency", BARE], (0, 0), false, ACKNOWLEDGED),
        ("P-SAP-7", [SECOND, "subscriber-data", "normal", PROVIDER], (30, 0), false, ANSWER),
        ("P-SAP-8", [SECOND, TRAFFIC, "normal", BARE], (45, 0), false, RECOGNISED),
        ("P-SAP-8-SUB", [SECOND, "subscriber-data", "normal", BARE], (20, 0), true, ANSWER),
        ("P-SAP-8-TRA", [SECOND, TRAFFIC, "normal", BARE], (45, 0), true, ANSWER),
        ("P-EPO-REF", ["e-evidence", "content", "normal", NOTIFIED], (10, 0), false, INTENT),
        ("P-EPO-REF", ["e-evidence", "content", "urgent", NOTIFIED], (10, 0), false, RECOGNISED),
        ("P-EPO-REF-8", ["e-evidence", TRAFFIC, "emergency", NOTIFIED], (0, 96), false, INTENT),
        ("P-EIO-ACK", [ORDER, "content", "normal", BARE], (7, 0), false, ACKNOWLEDGED),
        ("P-EIO-REC", [ORDER, "content", "normal", BARE], (30, 0), false, RECOGNISED),
        ("P-EIO-EXE", [ORDER, "content", "normal", BARE], (90, 0), true, ANSWER),
        ("P-SIENA", [POLICE, "information", "normal", BARE], (5, 0), false, ACKNOWLEDGED),
    ];

    /// Every profile that this version runs for a request runs somewhere: who must act, from what
    /// on, and what ends it.
    #[test]
    fn clocks_of_every_instrument_run_from_their_start_to_their_end() {
        for (id, [instrument, measure, urgency, more], (days, hours), decided, ending) in RUNS {
            let mut case = Case::asked(instrument, measure, urgency, more);
            if *decided {
                assert!(case.timer(id, START + HOUR).is_none(), "{id} before the decision");
                case.reply(RECOGNISED.0, RECOGNISED.1, START + 2 * HOUR);
            }
            let due = match (days, hours) {
                (0, hours) => START + 60 + hours * HOUR,
                (days, _) => START + days * DAY + DAY / 2 - 1,
            };
            let runs = case.timer(id, START + 3 * HOUR).unwrap_or_else(|| panic!("{id}"));
            assert_eq!((runs.who, runs.due), (Half::Answering, due), "{id}");
            assert!(runs.runs(), "{id}");
            case.reply(ending.0, ending.1, START + 4 * HOUR);
            let ended = case.timer(id, START + 100 * DAY).unwrap();
            assert_eq!(ended.stopped_at, Some(START + 4 * HOUR), "{id}");
        }
        // What a provider is asked itself is no matter of the authorities, and the reverse.
        let direct = Case::asked(SECOND, "subscriber-data", "normal", PROVIDER);
        assert!(direct.timer("P-SAP-8", START + HOUR).is_none());
        let notice = Case::asked("e-evidence", "content", "normal", NOTIFIED);
        assert!(notice.timer("P-EPO-10", START + HOUR).is_none());
    }

    /// A name of a clock says what it is for; how long it is comes from the terms.
    #[test]
    fn a_clock_is_told_with_the_length_that_is_in_force() {
        let parties = [PartyId([1; 32]), PartyId([2; 32])];
        let mut json = String::new();
        Sheet::draft([&parties[0], &parties[1]]).write(&mut json);
        let minute = r#""profiles":[{"id":"P-977-U1","unit":"minutes","count":1,"rolls":false}]"#;
        let json = json.replace(r#""profiles":[]"#, minute);
        let sheet = Sheet::read(&parse_object(json.as_bytes()).unwrap()).unwrap();
        let agreed = Terms::of(&sheet, &parties[0]);
        let more = format!(r#","reply_by":{}"#, START + 30 * DAY);
        let case = Case::asked("directive-2023-977", "information", "emergency", &more);
        for (terms, en, zh) in
            [(Terms::usual(), "(8 h)", "期限 8 小时"), (&agreed, "(1 min)", "期限 1 分钟")]
        {
            let state = case.state(terms, START + 10);
            for (lang, length) in [(Lang::En, en), (Lang::ZhCn, zh)] {
                let lines = state.lines(lang, Reader::Of(Half::Answering, START + 10)).join("\n");
                assert_eq!(lines.matches(length).count(), 1, "{lines}");
            }
        }
    }

    #[test]
    fn a_late_answer_is_late_on_each_clock_by_itself() {
        let more = format!(r#","reply_by":{}"#, START + 30 * DAY);
        let mut case = Case::asked("directive-2023-977", "information", "emergency", &more);
        case.reply("refuse", r#"{"ground":"not-available"}"#, START + 10 * HOUR);
        let state = case.state(Terms::usual(), START + 90 * DAY);
        let verdicts: Vec<_> =
            state.timers.iter().map(|timer| (timer.profile, timer.verdict)).collect();
        let late = Verdict::Late(2 * HOUR - 60);
        let expected = [("P-ASKED", Some(Verdict::InTime)), ("P-977-U1", Some(late))];
        assert_eq!(verdicts, expected);
        assert_eq!((state.late_by, state.overdue), (Some(2 * HOUR - 60), false));
    }

    /// CLK-6: a renewal counts when its holder notes it, and a hold near its end warns.
    #[test]
    fn a_hold_is_prolonged_by_one_side_and_noted_by_the_other() {
        let mut case = Case::asked("budapest", "preservation", "normal", "");
        let effected = START + HOUR;
        let hold = |until: u64| {
            format!(
                r#"{{"effected_at":{effected},"holds_until":{until},"custodian_class":"platform",
                    "secured":"all","final":true}}"#
            )
        };
        case.reply("preserve", &hold(START + 10 * DAY), effected);
        let due = |case: &Case, as_of| case.timer("P-BUD-29", as_of).unwrap().due;
        let sixty = START + 60 * DAY + DAY / 2 - 1;
        assert_eq!(due(&case, effected), sixty, "at least 60 days, whatever the act says");
        assert_eq!(case.timer("P-BUD-29", START + 58 * DAY).unwrap().level, 95);
        let until = START + 120 * DAY;
        let body = format!(r#"{{"until":{until}}}"#);
        let wish = case.say(Half::Asking, "renew", &body, START + 50 * DAY, None);
        assert_eq!(due(&case, START + 51 * DAY), sixty, "a wish moves nothing");
        case.say(Half::Answering, "preserve", &hold(until), START + 52 * DAY, Some(wish));
        assert_eq!(due(&case, START + 53 * DAY), until);
        assert!(case.timer("P-BUD-29", START + 119 * DAY).unwrap().runs());
        let over = case.timer("P-BUD-29", START + 121 * DAY).unwrap();
        assert_eq!((over.runs(), over.lapsed, over.overdue), (true, true, false));
        assert_eq!(over.verdict, None);
        case.say(Half::Asking, "lodge-formal", r#"{"lodged_on":"2026-09-01"}"#, until - DAY, None);
        let on = case.timer("P-BUD-29", START + 121 * DAY).unwrap();
        assert!(on.runs() && !on.lapsed, "until it is decided");
    }

    #[test]
    fn questions_have_a_clock_of_the_opener_and_stop_that_of_the_other() {
        let more = format!(r#","reply_by":{}"#, START + 10 * DAY);
        let mut case = Case::asked("reciprocity", "information", "normal", &more);
        let by = START + 3 * DAY;
        let body = format!(r#"{{"about":"period","supplement_by":{by}}}"#);
        let question = case.reply("ask", &body, START + DAY);
        let reply = case.timer("P-REPLY", START + 2 * DAY).unwrap();
        assert_eq!((reply.who, reply.due, reply.started_at), (Half::Asking, by, START + DAY + 60));
        assert!(case.timer("P-ASKED", START + 2 * DAY).unwrap().paused);
        // Two duties, of either side one: no single time stands over both.
        let now = START + 2 * DAY;
        let lines = case.state(Terms::usual(), now).lines(Lang::En, Reader::Of(Half::Asking, now));
        assert!(!lines.iter().any(|line| line.starts_with("Due by")), "{lines:?}");
        let tells = |begin: &str, end: &str| {
            lines.iter().any(|line| line.starts_with(begin) && line.ends_with(end))
        };
        assert!(tells("Clock (your duty): answer the question", "1 d left"), "{lines:?}");
        assert!(tells("Clock (duty of the other side): reply by", "it stands still"), "{lines:?}");
        assert!(case.timer("P-REPLY", by + 1).unwrap().overdue);
        case.say(Half::Asking, "supplement", "{}", START + 4 * DAY, Some(question));
        let asked = case.timer("P-ASKED", START + 5 * DAY).unwrap();
        assert_eq!((asked.due, asked.paused), (START + 13 * DAY, false));
        assert_eq!(asked.stood, [(Half::Asking, 0), (Half::Answering, 3 * DAY)]);
        let reply = case.timer("P-REPLY", START + 5 * DAY).unwrap();
        assert_eq!(reply.verdict, Some(Verdict::Late(DAY)));
    }

    /// A question that nobody had to answer any more was not answered in time.
    #[test]
    fn a_reply_that_the_conclusion_made_needless_was_neither_met_nor_missed() {
        let more = format!(r#","reply_by":{}"#, START + 10 * DAY);
        let by = START + 3 * DAY;
        for (concluded, verdict) in [(by - DAY, None), (by + DAY, Some(Verdict::Late(DAY)))] {
            let mut case = Case::asked("reciprocity", "information", "normal", &more);
            let body = format!(r#"{{"about":"period","supplement_by":{by}}}"#);
            case.reply("ask", &body, START + DAY);
            case.reply("answer", r#"{"extent":"full","final":true}"#, concluded);
            let state = case.state(Terms::usual(), START + 9 * DAY);
            let reply = state.timers.iter().find(|timer| timer.profile == "P-REPLY").unwrap();
            assert_eq!((reply.runs(), reply.verdict), (false, verdict));
            let (asking, answering): (Vec<&Act>, Vec<&Act>) =
                (case.asking.iter().collect(), case.answering.iter().collect());
            let past = Past { asking: &asking, answering: &answering };
            let counted = FLOW.observe(past, Terms::usual());
            let replies = counted[0].terms.iter().filter(|term| term.profile == "P-REPLY").count();
            assert_eq!(replies, usize::from(verdict.is_some()), "neither met nor owed");
        }
    }

    /// CLK-14: a day alone ends where its own side's calendar says.
    #[test]
    fn a_day_alone_ends_in_the_zone_of_the_side_that_must_act() {
        let parties = [PartyId([1; 32]), PartyId([2; 32])];
        let text = Sheet::draft([&parties[0], &parties[1]]);
        let mut json = String::new();
        text.write(&mut json);
        let json = json.replacen("\"UTC\"", "\"Pacific/Kiritimati\"", 1);
        let json = json.replacen("\"UTC\"", "\"Pacific/Pago_Pago\"", 1);
        let sheet = Sheet::read(&parse_object(json.as_bytes()).unwrap()).unwrap();
        let terms = Terms::of(&sheet, &parties[0]);
        let more = r#","formal_follows":true,"formal_by":"2026-06-30""#;
        let mut case = Case::asked("reciprocity", "information", "normal", more);
        let body = r#"{"postponed_for":"workload","review_on":"2026-06-30"}"#;
        case.reply("postpone", body, START + DAY);
        let state = case.state(&terms, START + 2 * DAY);
        let due = |id: &str| state.timers.iter().find(|timer| timer.profile == id).unwrap().due;
        assert_eq!(Some(due("P-FORMAL")), instant("2026-06-30T09:59:59Z"));
        assert_eq!(Some(due("P-REVIEW")), instant("2026-07-01T10:59:59Z"));
    }

    /// ASK-7: what the terms that a request names say of its instrument, both sides read alike.
    #[test]
    fn an_instrument_that_does_not_bind_both_is_marked() {
        let parties = [PartyId([1; 32]), PartyId([2; 32])];
        let mut json = String::new();
        Sheet::draft([&parties[0], &parties[1]]).write(&mut json);
        let bound = r#""instruments":[{"name":"budapest","from":"2026-06-01"},
            {"name":"hanoi","from":"2026-06-02"}]"#;
        let json = json.replace(r#""instruments":[]"#, bound);
        let sheet = Sheet::read(&parse_object(json.as_bytes()).unwrap()).unwrap();
        let terms = Terms::of(&sheet, &parties[0]);
        for (instrument, marks) in [
            ("budapest", [None, None]),
            ("reciprocity", [None, None]),
            ("e-evidence", [Some("true"), None]),
            ("hanoi", [None, Some("\"2026-06-02\"")]),
        ] {
            let case = Case::asked(instrument, "preservation", "normal", "");
            let state = case.state(&terms, START + DAY);
            let read = ["basis_not_agreed", "basis_in_force_from"]
                .map(|name| state.fact(name).map(Value::to_text));
            assert_eq!(read.each_ref().map(Option::as_deref), marks, "{instrument}");
            for lang in Lang::ALL {
                for line in state.lines(lang, Reader::Of(Half::Answering, START + DAY)) {
                    assert!(!line.contains("fact-"), "{line}");
                }
            }
            let usual = case.state(Terms::usual(), START + DAY);
            assert_eq!(usual.fact("basis_not_agreed"), None);
        }
    }

    #[test]
    fn a_withdrawal_leaves_nothing_due_but_what_is_kept() {
        let more = format!(r#","reply_by":{}"#, START + 10 * DAY);
        let mut case = Case::asked("budapest", "preservation", "normal", &more);
        let body = format!(
            r#"{{"effected_at":{START},"holds_until":{},"custodian_class":"platform",
                "secured":"all","final":false}}"#,
            START + DAY
        );
        case.reply("preserve", &body, START + HOUR);
        case.say(Half::Asking, "withdraw", r#"{"reason":"replaced"}"#, START + DAY, None);
        let state = case.state(Terms::usual(), START + 2 * DAY);
        let ids: Vec<&str> = state.timers.iter().map(|timer| timer.profile).collect();
        assert_eq!(ids, ["P-BUD-29"]);
        assert_eq!((state.due, state.overdue), (None, false));
        let reader = Reader::Of(Half::Answering, START + 2 * DAY);
        for line in state.lines(Lang::En, reader) {
            assert!(!line.contains("timer-") && !known(Lang::En, &line), "{line}");
        }
    }
}
