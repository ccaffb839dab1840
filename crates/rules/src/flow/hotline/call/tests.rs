use super::*;
use crate::flow::flow;
use crate::form;
use counterpart_record::strict::json::parse_object;
use proptest::prelude::*;

/// Label, half, kind, coded body.
pub(super) type Body = (&'static str, Half, &'static str, &'static str);

const RAISE_FLASH: &str = r#"{"urgency":"flash","topic":"danger-to-life","needed_by":100000,
    "matters":["0123456789abcdef0123456789abcdef"]}"#;
const OVER: &str = r#"{"outcome":"settled"}"#;

/// The acts that the tests play: those of the caller, then those of the side that is called.
pub(super) const BODIES: &[Body] = &[
    ("raise", Half::Asking, "raise", RAISE_FLASH),
    ("caller acknowledges", Half::Asking, "acknowledge", r#"{"post":"supervisor"}"#),
    ("caller says", Half::Asking, "say", "{}"),
    ("caller says and rings", Half::Asking, "say", r#"{"ring":true}"#),
    ("caller hands over", Half::Asking, "hand-over", "{}"),
    ("caller closes", Half::Asking, "close", OVER),
    ("called acknowledges", Half::Answering, "acknowledge", r#"{"post":"desk"}"#),
    ("called says", Half::Answering, "say", "{}"),
    ("called says as a desk", Half::Answering, "say", r#"{"post":"desk"}"#),
    ("called says and rings", Half::Answering, "say", r#"{"ring":true}"#),
    ("called hands over", Half::Answering, "hand-over", r#"{"post":"principal"}"#),
    ("called closes", Half::Answering, "close", OVER),
    ("called closes as a desk", Half::Answering, "close", r#"{"outcome":"settled","post":"desk"}"#),
];

/// The valid acts of both halves, and the one clock of this small world.
#[derive(Clone)]
pub(super) struct Matter {
    pub asking: Vec<Act>,
    pub answering: Vec<Act>,
    pub now: u64,
}

impl Default for Matter {
    fn default() -> Matter {
        Matter { asking: Vec::new(), answering: Vec::new(), now: 1_000 }
    }
}

impl Matter {
    pub fn state(&self) -> State {
        self.with(|past| FLOW.state(past, Terms::usual(), self.now))
    }

    pub fn rings(&self) -> Vec<Ring> {
        self.with(|past| FLOW.rings(past, Terms::usual(), self.now))
    }

    fn with<T>(&self, of: impl FnOnce(Past<'_>) -> T) -> T {
        let (asking, answering) = (refs(&self.asking), refs(&self.answering));
        of(Past { asking: &asking, answering: &answering })
    }

    /// The act of this label as its author would write it now, with everything before it seen.
    pub fn draft(&self, label: &str) -> Act {
        let (_, half, kind, body) = BODIES.iter().find(|body| body.0 == label).unwrap();
        let number = (self.asking.len() + self.answering.len()) as u64;
        let mut entry = [*half as u8; 32];
        entry[..8].copy_from_slice(&number.to_be_bytes());
        Act {
            entry: Entry(entry),
            half: *half,
            kind: (*kind).to_owned(),
            body: parse_object(body.as_bytes()).unwrap(),
            re: self.with(|past| FLOW.answers(past, Terms::usual(), *half, kind)),
            logged_at: self.now,
            held_at: (*kind != "raise").then_some(self.now),
        }
    }

    pub fn write(&mut self, label: &str) -> Result<(), Void> {
        let act = self.draft(label);
        FLOW.permitted(&refs(&self.asking), &refs(&self.answering), &act)?;
        if act.half == Half::Asking {
            self.asking.push(act)
        } else {
            self.answering.push(act)
        }
        Ok(())
    }

    pub fn held(mut self) -> Matter {
        let now = self.now;
        for act in self.asking.iter_mut().chain(&mut self.answering) {
            act.held_at = act.held_at.or(Some(now));
        }
        self
    }

    pub fn later(mut self, seconds: u64) -> Matter {
        self.now += seconds;
        self
    }

    /// All written in one second, and held.
    pub fn of(labels: &[&str]) -> Matter {
        let mut matter = Matter::default();
        for label in labels {
            matter.write(label).unwrap();
            matter = matter.held();
        }
        matter
    }

    fn stage(&self) -> &'static str {
        self.state().stage
    }

    /// Whose people hear it, how far up, and why.
    fn heard(&self) -> Vec<(Half, Post, &'static str)> {
        let mut heard: Vec<_> = self.rings().iter().map(|r| (r.half, r.post, r.why)).collect();
        heard.sort_by_key(|ring| ring.0);
        heard
    }
}

fn refs(acts: &[Act]) -> Vec<&Act> {
    acts.iter().collect()
}

const HOME: Half = Half::Asking;
const AWAY: Half = Half::Answering;

/// CAL-2, CAL-3
#[test]
fn a_call_rings_until_a_desk_takes_it_and_again_unless_something_follows() {
    let raised = Matter::of(&["raise"]);
    assert_eq!(raised.stage(), "call-ringing");
    assert_eq!(raised.heard(), [(AWAY, Post::Desk, "ring-raised")]);
    let mut taken = raised.later(30);
    taken.write("called acknowledges").unwrap();
    assert_eq!((taken.stage(), taken.heard()), ("call-taken", vec![]));
    // An acknowledgement of flash holds for 15 minutes.
    assert_eq!(taken.clone().later(899).heard(), []);
    let again = taken.clone().later(900);
    assert_eq!(again.stage(), "call-ringing-again");
    assert_eq!(again.heard(), [(AWAY, Post::Desk, "ring-again")]);
    assert_eq!(again.state().fact("rung_again"), Some(&Value::from(1_u64)));
    // Taken once more, it holds once more; a word ends it.
    let mut more = again.clone();
    more.write("called acknowledges").unwrap();
    assert_eq!((more.stage(), more.heard()), ("call-taken", vec![]));
    assert_eq!(more.clone().later(900).stage(), "call-ringing-again");
    more.write("called says").unwrap();
    let quiet = more.later(1_000_000);
    assert_eq!((quiet.stage(), quiet.heard()), ("call-open", vec![]));
}

/// CAL-3: what is said or closed in nobody's name takes nothing, however often.
#[test]
fn a_call_rings_until_a_named_desk_takes_it() {
    let mut matter = Matter::of(&["raise", "called says"]);
    let rings = [(AWAY, Post::Desk, "ring-raised")];
    assert_eq!((matter.stage(), matter.heard()), ("call-ringing", rings.to_vec()));
    assert_eq!(matter.write("called closes"), Err(NO_DESK));
    let state = matter.clone().later(301).state();
    assert!(state.fact("taken_at").is_none() && state.overdue, "{state:?}");
    let later = matter.clone().later(301);
    assert_eq!(
        later.heard(),
        [(HOME, Post::Supervisor, "ring-not-taken"), (AWAY, Post::Supervisor, "ring-raised")]
    );
    let Some(LineItem::Call { taken_after, .. }) =
        later.with(|past| FLOW.line_item(past, Terms::usual(), later.now))
    else {
        panic!("no call")
    };
    assert_eq!(taken_after, None, "a review does not count it as taken");
    // Both judge it by the coded word; that the name beside it was erased changes nothing.
    for (label, stage) in
        [("called says as a desk", "call-open"), ("called closes as a desk", "call-closing")]
    {
        let mut taken = matter.clone();
        taken.write(label).unwrap();
        assert_eq!((taken.stage(), taken.heard()), (stage, vec![]), "{label}");
        assert!(taken.state().timers.iter().all(|timer| !timer.runs()), "{label}");
    }
    // Once a desk is named, whatever its side says counts, and it can close without a name.
    for label in ["called says", "called closes"] {
        let mut taken = matter.clone();
        taken.write("called acknowledges").unwrap();
        taken.write(label).unwrap();
        assert_eq!(taken.later(9_000).heard(), [], "{label}");
    }
    // And where the caller wants nothing more, there is nothing to take.
    let mut left = matter.clone();
    left.write("caller closes").unwrap();
    left.write("called closes").unwrap();
    assert_eq!(left.stage(), "call-closed");
}

#[test]
fn whoever_takes_a_call_and_lets_it_lapse_is_told_apart_from_nobody() {
    let lapsed = Matter::of(&["raise", "called acknowledges"]).later(900 + 60);
    assert!(lapsed.heard().contains(&(HOME, Post::Desk, "ring-lapsed")), "{:?}", lapsed.heard());
}

/// What the caller took back in time was neither met nor missed.
#[test]
fn a_call_that_was_taken_back_leaves_no_verdict() {
    for (after, verdicts) in [(100, [None, None]), (400, [Some(Verdict::Late(100)), None])] {
        let mut matter = Matter::of(&["raise"]).later(after);
        matter.write("caller closes").unwrap();
        let timers = matter.state().timers;
        assert!(timers.iter().all(|timer| !timer.runs()));
        assert_eq!([timers[0].verdict, timers[1].verdict], verdicts);
    }
}

/// A call that the other side has closed waits for one thing.
#[test]
fn whoever_was_left_closes_too() {
    let wanted = |labels: &[&str], half: Half| -> Vec<&str> {
        let matter = Matter::of(labels);
        let kinds = ["acknowledge", "say", "hand-over", "close"].into_iter();
        kinds
            .filter(|kind| {
                !matter.with(|past| FLOW.answers(past, Terms::usual(), half, kind)).is_empty()
            })
            .collect()
    };
    assert_eq!(wanted(&["raise", "called acknowledges", "called closes"], HOME), ["close"]);
    assert_eq!(wanted(&["raise", "called closes as a desk"], HOME), ["close"]);
    assert_eq!(wanted(&["raise", "caller closes"], AWAY), ["close"]);
    assert_eq!(wanted(&["raise"], AWAY).len(), 4);
}

/// CAL-4
#[test]
fn the_ladder_climbs_at_the_side_that_is_called() {
    let raised = Matter::of(&["raise"]);
    let there = |after| {
        let heard = raised.clone().later(after).heard();
        heard.into_iter().find(|ring| ring.0 == AWAY).map(|ring| ring.1)
    };
    assert_eq!(there(299), Some(Post::Desk));
    assert_eq!(there(300), Some(Post::Supervisor));
    assert_eq!(there(600), Some(Post::Principal));
    let ring = raised.rings().remove(0);
    assert_eq!(ring.next, Some((Post::Supervisor, raised.now + 300)));
    let mut late = raised.later(700);
    late.write("called acknowledges").unwrap();
    let state = late.state();
    assert_eq!(state.fact("rung_there"), Some(&Value::from("principal")));
    assert_eq!(state.fact("rung_home"), Some(&Value::from("principal")));
}

/// CAL-5
#[test]
fn a_dead_link_rings_at_home() {
    let mut cut = Matter::default();
    cut.write("raise").unwrap();
    assert_eq!((cut.stage(), cut.heard()), ("call-on-its-way", vec![]));
    let heard = |after| cut.clone().later(after).heard();
    assert_eq!(heard(59), []);
    assert_eq!(heard(60), [(HOME, Post::Desk, "ring-not-held")]);
    assert_eq!(heard(300), [(HOME, Post::Supervisor, "ring-not-held")]);
    assert_eq!(heard(600), [(HOME, Post::Principal, "ring-not-held")]);
    // The supervisor at home knows now that nobody answers, and does not have it rung into the ear.
    let mut known = cut.clone().later(350);
    known.write("caller acknowledges").unwrap();
    assert_eq!(known.heard(), []);
    assert_eq!(known.clone().later(899).heard(), []);
    assert_eq!(known.clone().later(900 + 60).heard(), [(HOME, Post::Desk, "ring-not-held")]);
    // It says nothing for the other side, where it rings as soon as it comes.
    let come = known.held();
    assert!(come.heard().contains(&(AWAY, Post::Desk, "ring-raised")), "{:?}", come.heard());
    // And whoever gives up is no longer rung for.
    let mut given_up = cut.later(70);
    given_up.write("caller closes").unwrap();
    assert_eq!(given_up.clone().later(9_000).heard(), []);
    assert_eq!(given_up.stage(), "call-on-its-way");
    assert_eq!(given_up.held().stage(), "call-closing");
}

/// CAL-5: the other side's word for when it acknowledged cannot keep our own telephones silent.
#[test]
fn an_acknowledgement_dated_ahead_does_not_hold_longer_at_home() {
    let mut matter = Matter::of(&["raise", "called acknowledges"]);
    let now = matter.now;
    matter.answering[0].logged_at = now + 1_000_000;
    matter.answering[0].held_at = Some(now + 10);
    let later = matter.later(10 + 900 + 60);
    assert_eq!(later.heard(), [(HOME, Post::Desk, "ring-lapsed")]);
}

#[test]
fn help_needed_at_once_rings_everybody_at_once() {
    let mut matter = Matter::of(&["raise"]);
    matter.asking[0].body.set("needed_by", matter.now + 30);
    let heard = matter.clone().later(30).heard();
    assert_eq!(
        heard,
        [(HOME, Post::Principal, "ring-not-taken"), (AWAY, Post::Principal, "ring-raised")]
    );
}

#[test]
fn a_message_can_ring_and_either_side_can_be_rung() {
    let mut matter = Matter::of(&["raise", "called acknowledges", "called says and rings"]);
    assert_eq!(matter.stage(), "call-ringing");
    assert_eq!(matter.state().waiting_for, Some(HOME));
    assert_eq!(matter.heard(), [(HOME, Post::Desk, "ring-said")]);
    let climbed = matter.clone().later(300).heard();
    assert_eq!(
        climbed,
        [(HOME, Post::Supervisor, "ring-said"), (AWAY, Post::Supervisor, "ring-not-taken")]
    );
    // The caller's side has named no desk yet: to talk on is not to have taken it.
    let mut unnamed = matter.clone();
    unnamed.write("caller says").unwrap();
    assert_eq!((unnamed.stage(), unnamed.state().waiting_for), ("call-ringing", Some(HOME)));
    assert_eq!(unnamed.write("caller closes"), Err(NO_DESK));
    matter.write("caller acknowledges").unwrap();
    assert_eq!((matter.stage(), matter.heard()), ("call-taken", vec![]));
    // The acknowledgement named what it attended to.
    assert_eq!(matter.asking[1].re, [matter.answering[1].entry]);
    matter.write("caller says").unwrap();
    assert_eq!((matter.stage(), matter.heard()), ("call-open", vec![]));
}

#[test]
fn a_hand_over_holds_like_an_acknowledgement() {
    let matter = Matter::of(&["raise", "called acknowledges", "called hands over"]);
    assert_eq!(matter.stage(), "call-taken");
    assert_eq!(matter.clone().later(900).stage(), "call-ringing-again");
    assert_eq!(matter.state().fact("handed_over"), Some(&Value::from(1_u64)));
}

/// CAL-6
#[test]
fn a_call_is_closed_by_both_and_not_before() {
    let mut matter = Matter::of(&["raise", "called says as a desk", "caller closes"]);
    assert_eq!((matter.stage(), matter.state().waiting_for), ("call-closing", Some(AWAY)));
    // The side that has closed may find something to say after all.
    let mut again = matter.clone();
    again.write("caller says").unwrap();
    assert_eq!(again.stage(), "call-open");
    matter.write("called closes").unwrap();
    let state = matter.state();
    assert!(state.closed && state.stage == "call-closed");
    for (label, ..) in &BODIES[1..] {
        assert_eq!(matter.clone().write(label), Err(CLOSED), "{label}");
    }
    assert_eq!(matter.clone().write("raise"), Err(RAISED));
}

/// CAL-4
#[test]
fn the_duty_to_take_a_call_has_a_clock_and_a_verdict() {
    let timers = |matter: &Matter| -> Vec<(&str, u64, bool)> {
        let state = matter.state();
        let base = 1_000;
        state.timers.iter().map(|t| (t.profile, t.due - base, t.runs())).collect()
    };
    let raised = Matter::of(&["raise"]);
    assert_eq!(timers(&raised), [("P-CALL-FLASH", 300, true), ("P-DTL-48", 172_800, true)]);
    assert!(raised.clone().later(301).state().overdue);
    let mut taken = raised.later(100);
    taken.write("called acknowledges").unwrap();
    let want = [
        ("P-CALL-FLASH", 300, false),
        ("P-CALL-FLASH-HELD", 1_000, true),
        ("P-DTL-48", 172_800, true),
    ];
    assert_eq!(timers(&taken), want);
    assert!(taken.state().due.is_some() && taken.state().due_of == Some(AWAY));
    taken.write("called says").unwrap();
    let state = taken.state();
    assert!(state.timers.iter().all(|timer| !timer.runs()));
    assert_eq!((state.due, state.due_of), (None, None), "due of nobody");
    // No clock of the other side runs before it holds the call.
    let mut cut = Matter::default();
    cut.write("raise").unwrap();
    assert_eq!(timers(&cut), []);
}

/// CAL-1
#[test]
fn acts_are_judged_by_the_causal_past_alone() {
    let mut matter = Matter::default();
    for (label, ..) in &BODIES[1..] {
        assert_eq!(matter.write(label), Err(NOT_RAISED), "{label}");
    }
    matter.write("raise").unwrap();
    assert_eq!(matter.clone().write("raise"), Err(RAISED));
    let mut act = matter.draft("called acknowledges");
    let judge = |act: &Act| FLOW.permitted(&refs(&matter.asking), &[], act);
    assert_eq!(judge(&act), Ok(()));
    act.re = vec![Entry([9; 32])];
    assert_eq!(judge(&act), Err(NOTHING_RINGS));
    act.half = Half::Asking;
    act.kind = "raise".into();
    assert_eq!(judge(&act), Err(Void::BODY));
}

#[test]
fn bodies_of_these_tests_follow_the_tables() {
    for (label, half, kind, body) in BODIES {
        let kind = flow("call/1").unwrap().kind(kind).unwrap();
        assert!(kind.who.includes(*half), "{label}");
        let body = parse_object(body.as_bytes()).unwrap();
        assert_eq!(form::check_coded(kind, &body), Ok(()), "{label}");
    }
}

/// CAL-7
#[test]
fn a_translation_says_who_made_it() {
    let say = FLOW.kind("say").unwrap();
    let given = |row: &str| {
        let text = format!(r#"{{"lang":"en","text":"Are you there?","translations":[{row}]}}"#);
        form::check(say, &parse_object(text.as_bytes()).unwrap())
    };
    let words = r#""text":{"lang":"zh-CN","text":"有人吗？"}"#;
    for by in ["human", "machine"] {
        assert!(given(&format!(r#"{{"translated_by":"{by}",{words}}}"#)).is_ok());
    }
    assert!(given(&format!("{{{words}}}")).is_err());
}

/// CAL-10
#[test]
fn no_form_of_a_call_has_a_place_for_a_number_to_call() {
    for kind in FLOW.kinds() {
        for field in kind.fields {
            for word in ["phone", "number", "contact", "callback", "tel"] {
                assert!(!field.name.contains(word), "{} of {}", field.name, kind.name);
            }
        }
    }
}

#[test]
fn pressing_calls_go_out_at_once() {
    let presses = |kind, body: &str| FLOW.presses(kind, &parse_object(body.as_bytes()).unwrap());
    for (urgency, at_once) in
        [("flash", true), ("immediate", true), ("priority", false), ("routine", false)]
    {
        assert_eq!(presses("raise", &format!(r#"{{"urgency":"{urgency}"}}"#)), at_once);
    }
    assert!(presses("say", r#"{"ring":true}"#) && !presses("say", "{}"));
    assert!(!presses("close", r#"{"outcome":"settled"}"#));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Each half is read from its own author's acts in their own order, so in whatever order the
    /// acts of the two reach a node, it computes the same state and the same rings.
    #[test]
    fn the_order_of_delivery_changes_nothing(
        moves in prop::collection::vec((0usize..BODIES.len(), 0u64..2_000), 1..14),
        deliveries in prop::collection::vec(any::<bool>(), 28),
        ahead in 0u64..5_000,
    ) {
        let mut matter = Matter::default();
        for (label, wait) in moves {
            matter = matter.later(wait);
            let _ = matter.write(BODIES[label].0);
            matter = matter.held();
        }
        let mut other = Matter { asking: vec![], answering: vec![], now: matter.now };
        let (mut a, mut b) = (matter.asking.iter(), matter.answering.iter());
        for first in deliveries {
            if first { other.asking.extend(a.next().cloned()) }
            else { other.answering.extend(b.next().cloned()) }
            // What has come so far can be read at any moment.
            let partial = other.clone().later(ahead).state();
            prop_assert!(FLOW.stages().contains(&partial.stage));
        }
        other.asking.extend(a.cloned());
        other.answering.extend(b.cloned());
        let (one, two) = (matter.later(ahead), other.later(ahead));
        prop_assert_eq!(one.state(), two.state());
        prop_assert_eq!(one.rings(), two.rings());
    }

    /// A ladder never climbs down while nobody does anything, and never rings a closed call.
    #[test]
    fn a_ring_only_climbs(
        moves in prop::collection::vec(0usize..BODIES.len(), 0..10),
        steps in prop::collection::vec(1u64..4_000, 1..12),
    ) {
        let mut matter = Matter::of(&["raise"]);
        for label in moves {
            let _ = matter.write(BODIES[label].0);
            matter = matter.held().later(40);
        }
        let mut last: [Option<(u64, Post)>; 2] = [None, None];
        for step in steps {
            matter = matter.later(step);
            let rings = matter.rings();
            prop_assert!(!matter.state().closed || rings.is_empty());
            for half in [HOME, AWAY] {
                let ring = rings.iter().find(|ring| ring.half == half);
                let slot = &mut last[usize::from(half == AWAY)];
                if let (Some((since, post)), Some(ring)) = (*slot, ring) {
                    // What began earlier and stands higher leads, so the post never goes down.
                    prop_assert!(ring.post >= post, "{since}: {ring:?}");
                }
                prop_assert!(slot.is_none() || ring.is_some(), "it fell silent by itself");
                *slot = ring.map(|ring| (ring.since, ring.post));
            }
        }
    }
}

proptest! {
    /// FIG-13: what figures count at any time is what the rings of that time show.
    #[test]
    fn figures_count_what_rang(
        acts in prop::collection::vec((0usize..BODIES.len(), 0u64..4_000), 0..7),
        later in 0u64..9_000,
    ) {
        let mut matter = Matter::default();
        matter.write("raise").unwrap();
        matter = matter.held();
        for (label, after) in acts {
            matter.now += after;
            // What the called side lets ring at the caller is not a ring of the called side.
            let back = BODIES[label].0 == "called says and rings";
            if !back && matter.write(BODIES[label].0).is_ok() {
                matter = matter.held();
            }
        }
        let as_of = matter.now + later;
        let terms = Terms::usual();
        let seen = matter.with(|past| FLOW.observe(past, terms)).remove(0);
        let shown = matter.with(|past| observe(past, &rung(past, terms), as_of));
        let counted =
            |name| seen.lapses.iter().filter(|(n, at)| *n == name && *at <= as_of).count();
        let reached = shown.reached[1];
        prop_assert_eq!(counted("rung_supervisor") == 1, reached >= Some(Post::Supervisor));
        prop_assert_eq!(counted("rung_principal") == 1, reached >= Some(Post::Principal));
        prop_assert_eq!(counted("rang_again"), shown.again);
        prop_assert_eq!(seen.counted("taken") == 1, shown.taken_at.is_some());
    }
}
