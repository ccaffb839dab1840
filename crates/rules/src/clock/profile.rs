//! Deadline profiles: who must do what by when, as data. The law of each is named in `source`;
//! where `read` is false the text was not at hand, and whoever relies on it checks it first. Two
//! parties change any of them by their channel terms.

use crate::act::Half;

/// What a clock means for whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sort {
    /// A duty to act by a time.
    Term,
    /// Something is kept at least so long.
    MinimumHold,
    /// An aim that both share; missing it breaks no duty.
    ServiceGoal,
    /// Binds a provider or a body at home; shown to its owner only.
    OwnReminder,
}

impl Sort {
    /// All of them.
    pub const ALL: [Sort; 4] =
        [Sort::Term, Sort::MinimumHold, Sort::ServiceGoal, Sort::OwnReminder];

    /// The word in JSON and in the phrase key `clock-sort-<name>`.
    pub fn name(self) -> &'static str {
        match self {
            Sort::Term => "term",
            Sort::MinimumHold => "minimum-hold",
            Sort::ServiceGoal => "service-goal",
            Sort::OwnReminder => "own-reminder",
        }
    }

    /// What the end of such a clock does, where nothing else was agreed.
    pub fn expiry(self) -> Expiry {
        match self {
            Sort::Term => Expiry::Overdue,
            Sort::MinimumHold => Expiry::HoldEnds,
            Sort::ServiceGoal => Expiry::GoalMissed,
            Sort::OwnReminder => Expiry::Reminder,
        }
    }
}

/// How long, and in which unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Limit {
    /// At once: due when it starts.
    AtOnce,
    /// So many minutes of 60 seconds, whatever civil clocks show.
    Minutes(u32),
    /// So many hours of 3,600 seconds, whatever civil clocks show.
    Hours(u32),
    /// So many calendar days; the day of the start is not counted, the last one counts whole.
    Days(u32),
    /// So many working days, counted likewise.
    WorkingDays(u32),
    /// So many months: the same day of the month, or its last one, whole.
    Months(u32),
    /// The next such day of the year (month, day), whole.
    Yearly(u8, u8),
    /// Nothing until the terms of the channel say so.
    AsAgreed,
}

impl Limit {
    /// Unit and count, as in the phrase key `clock-unit-<unit>`, in sheets and in JSON; `None`
    /// where the length is nothing that a person counts: left to agree, or a day of the year.
    pub fn counted(self) -> Option<(&'static str, u32)> {
        match self {
            Limit::AtOnce => Some(("at-once", 0)),
            Limit::Minutes(count) => Some(("minutes", count)),
            Limit::Hours(count) => Some(("hours", count)),
            Limit::Days(count) => Some(("days", count)),
            Limit::WorkingDays(count) => Some(("working_days", count)),
            Limit::Months(count) => Some(("months", count)),
            Limit::Yearly(..) | Limit::AsAgreed => None,
        }
    }
}

/// What starts a clock. The flow says which act it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Start {
    /// The side that must act holds the request.
    Receipt,
    /// What was asked for is complete.
    AllInformation,
    /// Data was secured.
    PreservationEffected,
    /// An order was made at home.
    Order,
    /// An order was served on whoever holds the data.
    Service,
    /// A line was opened, or somebody called.
    Contact,
    /// A notification came in.
    Notification,
    /// It was decided to help.
    Decision,
    /// Something became known at home.
    Awareness,
    /// A person's identity was verified.
    Verification,
    /// The end of a calendar year.
    Year,
    /// The last test of a line or a directory.
    LastTest,
}

/// When a clock stands still.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PauseRule {
    /// Never.
    Never,
    /// While a question of the side that must act is open.
    OpenQuestion,
}

impl PauseRule {
    /// All of them.
    pub const ALL: [PauseRule; 2] = [PauseRule::Never, PauseRule::OpenQuestion];

    /// The word in sheets and in the phrase key `terms-pause-<name>`.
    pub fn name(self) -> &'static str {
        match self {
            PauseRule::Never => "never",
            PauseRule::OpenQuestion => "open-question",
        }
    }
}

/// What the end of a clock does. It never ends a duty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Expiry {
    /// What was not done is overdue, stays open and counts as late when it comes.
    Overdue,
    /// What was kept may be let go; the requester is warned beforehand.
    HoldEnds,
    /// Kept until it is decided on the assistance asked for.
    UntilDecision,
    /// An aim was missed; no duty is broken.
    GoalMissed,
    /// Its owner is reminded.
    Reminder,
}

impl Expiry {
    /// All of them.
    pub const ALL: [Expiry; 5] = [
        Expiry::Overdue,
        Expiry::HoldEnds,
        Expiry::UntilDecision,
        Expiry::GoalMissed,
        Expiry::Reminder,
    ];

    /// The word in sheets and in the phrase key `terms-expiry-<name>`.
    pub fn name(self) -> &'static str {
        match self {
            Expiry::Overdue => "overdue",
            Expiry::HoldEnds => "hold-ends",
            Expiry::UntilDecision => "until-decision",
            Expiry::GoalMissed => "goal-missed",
            Expiry::Reminder => "reminder",
        }
    }
}

/// How far a request is, as its answering side says it: words of `progress`. An extension may be
/// bound to one, and a clock may start with one.
pub const PROGRESS: &[&str] = &[
    "queued",
    "with-competent-authority",
    "waiting-for-judge",
    "waiting-for-custodian",
    "being-carried-out",
    "being-translated",
    "being-reviewed",
    IDENTITY_VERIFIED,
];

/// The progress with which the time for travel papers starts.
pub const IDENTITY_VERIFIED: &str = "identity-verified";

/// A prolongation that the rules of a profile know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Extension {
    /// By how much more; [`Limit::AsAgreed`] as the act that prolongs says.
    pub by: Limit,
    /// Who prolongs; the other side notes it.
    pub asked_by: Half,
    /// How often at the most; 0 without an end.
    pub most: u8,
    /// Only for one of these reasons, as words of `progress`; none: for any.
    pub because: &'static [&'static str],
}

/// One deadline profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Profile {
    /// The name in terms, JSON and the phrase key `clock-<id>`.
    pub id: &'static str,
    /// What it means.
    pub sort: Sort,
    /// Who must act; `None` if the flow decides it each time.
    pub who: Option<Half>,
    /// How long.
    pub limit: Limit,
    /// From what on.
    pub start: Start,
    /// Whether a last day that is no working day moves to the next that is.
    pub rolls: bool,
    /// When it stands still.
    pub pause: PauseRule,
    /// Whether it can be prolonged.
    pub extension: Option<Extension>,
    /// What its end does.
    pub expiry: Expiry,
    /// Where it is written.
    pub source: &'static str,
    /// Whether the source was read; else it is to be checked before anybody relies on it.
    pub read: bool,
    /// Whether this version runs it. What it does not run, nobody can agree: a limit that no clock
    /// keeps would be a promise that nothing holds. CLK-23.
    pub runs: bool,
}

impl Profile {
    /// Whether its clock belongs to a channel and to no matter of it: it runs only where terms name
    /// it. CLK-24.
    pub fn is_of_channel(&self) -> bool {
        matches!(self.start, Start::Year | Start::LastTest)
    }

    /// Whether its clock runs between duty desks: in a call, or in a test of the line.
    pub fn is_of_line(&self) -> bool {
        self.id.starts_with("P-CALL-") || self.id.starts_with("P-LINE-")
    }

    /// Whether an act names its end, so that no length of it can be agreed.
    pub fn is_by_act(&self) -> bool {
        ["P-ASKED", "P-REPLY", "P-REVIEW", "P-FORMAL"].contains(&self.id)
    }

    /// Whether a question of the side that answers can stop it, if that is agreed: it is that side
    /// that must act, in a request.
    pub fn can_stand_still(&self) -> bool {
        let elsewhere = self.is_of_channel() || self.is_of_line();
        self.who != Some(Asking) && self.sort != Sort::MinimumHold && !elsewhere
    }
}

use Half::{Answering, Asking};

const TERM: Profile = Profile {
    id: "",
    sort: Sort::Term,
    who: Some(Answering),
    limit: Limit::AsAgreed,
    start: Start::Receipt,
    rolls: false,
    pause: PauseRule::OpenQuestion,
    extension: None,
    expiry: Expiry::Overdue,
    source: "",
    read: true,
    runs: true,
};
/// It is prolonged by the word of its holder, as long as somebody wishes it, and knows no extension
/// of its own. CLK-6
const HOLD: Profile = Profile {
    sort: Sort::MinimumHold,
    start: Start::PreservationEffected,
    pause: PauseRule::Never,
    expiry: Expiry::HoldEnds,
    ..TERM
};
const OWN: Profile =
    Profile { sort: Sort::OwnReminder, pause: PauseRule::Never, expiry: Expiry::Reminder, ..TERM };
const GOAL: Profile = Profile { sort: Sort::ServiceGoal, expiry: Expiry::GoalMissed, ..TERM };

/// On a line between duty desks nothing stands still.
const LINE: Profile = Profile {
    pause: PauseRule::Never,
    source: "Shipped; the two parties agree on their own",
    ..TERM
};

/// Directive (EU) 2023/977, Art. 5(2): where a judge has to authorise it, the limits may be
/// exceeded; whoever asked is told of the delay that is expected, and of the reason.
const FOR_JUDGE: Option<Extension> = Some(Extension {
    by: Limit::AsAgreed,
    asked_by: Answering,
    most: 0,
    because: &["waiting-for-judge"],
});

const BUDAPEST: &str = "Convention on Cybercrime (Budapest)";
const SECOND: &str = "Second Additional Protocol to the Convention on Cybercrime";
const HANOI: &str = "UN Convention against Cybercrime (Hanoi), Art. 42";
const EVIDENCE: &str = "Regulation (EU) 2023/1543";
const EXCHANGE: &str = "Directive (EU) 2023/977, Art. 5";
const ORDER: &str = "Directive 2014/41/EU, Art. 12 and 16";
const NETWORKS: &str = "Directive (EU) 2022/2555, Art. 23";

/// Every profile that this program knows.
pub const PROFILES: &[Profile] = &[
    // What the two agreed in the request itself.
    Profile { id: "P-ASKED", source: "The request: reply by", ..TERM },
    Profile {
        id: "P-REPLY",
        who: Some(Asking),
        start: Start::Notification,
        pause: PauseRule::Never,
        source: "The question: supplement by; the offer: accept by",
        ..TERM
    },
    Profile {
        id: "P-REVIEW",
        start: Start::Decision,
        pause: PauseRule::Never,
        source: "The postponement: review on",
        ..TERM
    },
    Profile {
        id: "P-FORMAL",
        who: Some(Asking),
        start: Start::Contact,
        pause: PauseRule::Never,
        source: "The request: formal request by",
        ..TERM
    },
    // Of an emergency for which nobody has set a time.
    Profile {
        id: "P-EMERGENCY",
        limit: Limit::AtOnce,
        pause: PauseRule::Never,
        source: "Shipped; the two parties agree on their own",
        ..GOAL
    },
    Profile { id: "P-HELD", source: "The answer: holds until", ..HOLD },
    Profile {
        id: "P-BUD-29",
        limit: Limit::Days(60),
        expiry: Expiry::UntilDecision,
        source: "Convention on Cybercrime (Budapest), Art. 29(7)",
        ..HOLD
    },
    Profile {
        id: "P-BUD-16",
        limit: Limit::Days(90),
        start: Start::Order,
        extension: Some(Extension {
            by: Limit::Days(90),
            asked_by: Answering,
            most: 0,
            because: &[],
        }),
        source: "Convention on Cybercrime (Budapest), Art. 16(2)",
        read: false,
        ..OWN
    },
    Profile {
        id: "P-BUD-35",
        who: None,
        limit: Limit::AtOnce,
        start: Start::Contact,
        pause: PauseRule::Never,
        source: BUDAPEST,
        ..GOAL
    },
    Profile { id: "P-SAP-7", limit: Limit::Days(30), source: SECOND, read: false, ..OWN },
    Profile {
        id: "P-SAP-8",
        limit: Limit::Days(45),
        start: Start::AllInformation,
        source: SECOND,
        read: false,
        ..TERM
    },
    Profile {
        id: "P-SAP-8-SUB",
        limit: Limit::Days(20),
        start: Start::Service,
        source: SECOND,
        read: false,
        ..TERM
    },
    Profile {
        id: "P-SAP-8-TRA",
        limit: Limit::Days(45),
        start: Start::Service,
        source: SECOND,
        read: false,
        ..TERM
    },
    Profile { id: "P-UN-42", limit: Limit::Days(60), source: HANOI, read: false, ..HOLD },
    Profile { id: "P-EPO-10", limit: Limit::Days(10), source: EVIDENCE, ..OWN },
    Profile { id: "P-EPO-8", limit: Limit::Hours(8), source: EVIDENCE, ..OWN },
    Profile {
        id: "P-EPO-REF",
        limit: Limit::Days(10),
        start: Start::Notification,
        source: EVIDENCE,
        ..OWN
    },
    Profile {
        id: "P-EPO-REF-8",
        limit: Limit::Hours(96),
        start: Start::Notification,
        source: EVIDENCE,
        ..OWN
    },
    Profile {
        id: "P-EPO-PR",
        limit: Limit::Days(60),
        extension: Some(Extension { by: Limit::Days(30), asked_by: Asking, most: 1, because: &[] }),
        source: EVIDENCE,
        ..OWN
    },
    Profile {
        id: "P-977-U1",
        limit: Limit::Hours(8),
        extension: FOR_JUDGE,
        source: EXCHANGE,
        ..TERM
    },
    Profile {
        id: "P-977-U2",
        limit: Limit::Days(3),
        extension: FOR_JUDGE,
        source: EXCHANGE,
        ..TERM
    },
    Profile {
        id: "P-977-N",
        limit: Limit::Days(7),
        extension: FOR_JUDGE,
        source: EXCHANGE,
        read: false,
        ..TERM
    },
    Profile { id: "P-EIO-ACK", limit: Limit::Days(7), source: ORDER, read: false, ..TERM },
    Profile {
        id: "P-EIO-REC",
        limit: Limit::Days(30),
        extension: Some(Extension {
            by: Limit::Days(30),
            asked_by: Answering,
            most: 1,
            because: &[],
        }),
        source: ORDER,
        ..TERM
    },
    Profile {
        id: "P-EIO-EXE",
        limit: Limit::Days(90),
        start: Start::Decision,
        source: ORDER,
        ..TERM
    },
    Profile {
        id: "P-NIS-24",
        runs: false,
        who: None,
        limit: Limit::Hours(24),
        start: Start::Awareness,
        source: NETWORKS,
        ..OWN
    },
    Profile {
        id: "P-NIS-72",
        runs: false,
        who: None,
        limit: Limit::Hours(72),
        start: Start::Awareness,
        source: NETWORKS,
        ..OWN
    },
    Profile {
        id: "P-NIS-1M",
        runs: false,
        who: None,
        limit: Limit::Months(1),
        start: Start::Notification,
        source: NETWORKS,
        ..OWN
    },
    Profile {
        id: "P-LECD-30",
        limit: Limit::Days(30),
        start: Start::Verification,
        source: "Law-enforcement and cybersecurity dialogue, 4 October 2017",
        ..TERM
    },
    Profile {
        id: "P-DTL-48",
        limit: Limit::Hours(48),
        source: "Dialogue on cybercrime: the line between the two contact points",
        ..TERM
    },
    Profile {
        id: "P-SIENA",
        limit: Limit::Days(5),
        source: "Police information exchange: first-line answers, 80 of 100",
        ..GOAL
    },
    Profile {
        id: "P-STAT",
        who: None,
        limit: Limit::Yearly(3, 1),
        start: Start::Year,
        pause: PauseRule::Never,
        source: "Directive (EU) 2023/977, Art. 18",
        ..TERM
    },
    Profile {
        id: "P-PING",
        who: None,
        start: Start::LastTest,
        pause: PauseRule::Never,
        source: "By agreement of the two parties",
        read: false,
        ..TERM
    },
    // To take a call, and to follow it up once it is taken.
    Profile { id: "P-CALL-FLASH", limit: Limit::Minutes(5), ..LINE },
    Profile { id: "P-CALL-FLASH-HELD", limit: Limit::Minutes(15), ..LINE },
    Profile { id: "P-CALL-IMM", limit: Limit::Minutes(15), ..LINE },
    Profile { id: "P-CALL-IMM-HELD", limit: Limit::Hours(1), ..LINE },
    Profile { id: "P-CALL-PRIO", limit: Limit::Hours(2), ..LINE },
    Profile { id: "P-CALL-PRIO-HELD", limit: Limit::Hours(4), ..LINE },
    Profile { id: "P-CALL-ROUT", limit: Limit::Hours(24), ..LINE },
    Profile { id: "P-CALL-ROUT-HELD", limit: Limit::Hours(24), ..LINE },
    // To answer a test of the line: the node, and a person.
    Profile { id: "P-LINE-MACH", limit: Limit::Minutes(5), ..LINE },
    Profile { id: "P-LINE-PERS", limit: Limit::Hours(1), ..LINE },
];

/// The profile of this name as it stands without terms.
pub fn profile(id: &str) -> Option<&'static Profile> {
    PROFILES.iter().find(|profile| profile.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_profile_has_its_own_name_and_a_source() {
        for (i, one) in PROFILES.iter().enumerate() {
            assert!(one.id.starts_with("P-") && !one.source.is_empty(), "{}", one.id);
            assert!(PROFILES[..i].iter().all(|other| other.id != one.id), "{} twice", one.id);
        }
        assert!(profile("P-NONE").is_none());
    }

    /// A name has no figure of a length: what is in force may be another.
    #[test]
    fn names_of_clocks_say_nothing_of_their_length() {
        use crate::say::{Lang, Say, render};
        for one in PROFILES {
            for (lang, units) in [
                (Lang::En, &["day", "hour", "month"][..]),
                (Lang::ZhCn, &["日）", "小时", "天", "日内"]),
            ] {
                let name = render(lang, &Say::of(format!("clock-{}", one.id)));
                assert!(units.iter().all(|unit| !name.contains(unit)), "{name}");
            }
        }
    }

    /// CLK-24
    #[test]
    fn clocks_of_a_channel_bind_both_sides_and_stand_still_for_nobody() {
        let of = || PROFILES.iter().filter(|one| one.is_of_channel());
        assert_eq!(of().map(|one| one.id).collect::<Vec<_>>(), ["P-STAT", "P-PING"]);
        for one in of() {
            let plain = one.pause == PauseRule::Never && one.extension.is_none();
            assert!(plain && one.who.is_none() && one.runs, "{}", one.id);
        }
    }

    /// Which are holds, own reminders and goals, as the field has it; all others are duties.
    #[test]
    fn sorts_are_those_of_the_field() {
        let of = |sort| {
            let ids = PROFILES.iter().filter(move |one| one.sort == sort).map(|one| one.id);
            ids.collect::<Vec<_>>()
        };
        assert_eq!(of(Sort::MinimumHold), ["P-HELD", "P-BUD-29", "P-UN-42"]);
        assert_eq!(of(Sort::ServiceGoal), ["P-EMERGENCY", "P-BUD-35", "P-SIENA"]);
        for id in of(Sort::OwnReminder) {
            let own = ["P-BUD-16", "P-SAP-7", "P-EPO-", "P-NIS-"];
            assert!(own.iter().any(|start| id.starts_with(start)), "{id}");
        }
        assert_eq!(of(Sort::OwnReminder).len(), 10);
    }
}
