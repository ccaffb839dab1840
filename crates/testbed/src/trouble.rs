//! Everything that goes wrong in the simulation, as a closed list, and how often it did.

use counterpart_rules::flow;
use std::collections::BTreeMap;

macro_rules! troubles {
    ($($(#[$doc:meta])* $name:ident $group:ident $text:literal,)*) => {
        /// A kind of fault.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Trouble { $($(#[$doc])* $name,)* }

        impl Trouble {
            /// Every kind.
            pub const ALL: &'static [Trouble] = &[$(Trouble::$name,)*];

            /// Its name in counts and traces.
            pub fn name(self) -> &'static str { match self { $(Trouble::$name => $text,)* } }

            /// Whose trouble it is.
            pub fn group(self) -> Group { match self { $(Trouble::$name => Group::$group,)* } }
        }
    };
}

/// Whose trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Group {
    /// Of the carriers.
    Network,
    /// Of a process.
    Process,
    /// Of a disk.
    Disk,
    /// Of a clock.
    Clock,
    /// Made by a hostile party.
    Peer,
}

troubles! {
    /// A pushed parcel does not arrive.
    RequestLost Network "request-lost",
    /// It arrives, the answer does not.
    ReplyLost Network "reply-lost",
    /// It takes minutes instead of seconds.
    Delayed Network "delayed",
    /// It arrives twice.
    Duplicated Network "duplicated",
    /// It arrives after one that was sent later.
    Reordered Network "reordered",
    /// Its end is missing.
    Truncated Network "truncated",
    /// One bit of it is another.
    Corrupted Network "corrupted",
    /// Somebody sends a copy of an old one.
    Replayed Network "replayed",
    /// Nothing passes between two parties.
    CutBothWays Network "cut-both-ways",
    /// Nothing passes in one direction.
    CutOneWay Network "cut-one-way",
    /// A bag arrives days later.
    BagLate Network "bag-late",
    /// A bag is brought twice.
    BagTwice Network "bag-twice",
    /// A bag is never brought.
    BagNever Network "bag-never",
    /// A piece of an attachment does not arrive, or its answer does not.
    PieceLost Network "piece-lost",
    /// A piece of an attachment arrives with another bit, or without its end.
    PieceDamaged Network "piece-damaged",
    /// A piece of an attachment arrives twice.
    PieceDoubled Network "piece-doubled",
    /// A copy of a piece arrives hours later.
    PieceLate Network "piece-late",
    /// The process is killed between two steps.
    Killed Process "killed",
    /// The process is killed inside a commit, before it is durable.
    KillBeforeCommit Process "killed-before-commit",
    /// The process is killed inside a commit, after it is durable.
    KillAfterCommit Process "killed-after-commit",
    /// The process is killed while an attachment is under way.
    KilledHauling Process "killed-while-hauling",
    /// The process does nothing for up to an hour.
    Paused Process "paused",
    /// Keys are replaced while parcels are under way.
    Rotated Process "keys-rotated",
    /// A write fails and leaves nothing.
    WriteFails Disk "write-fails",
    /// A write succeeds and is reported as failed.
    WriteUncertain Disk "write-uncertain",
    /// No write succeeds until somebody makes room.
    DiskFull Disk "disk-full",
    /// A bit at rest is another.
    BitFlip Disk "bit-flip",
    /// What was written of an attachment before a crash is torn.
    PieceTorn Disk "piece-torn",
    /// A disk dies, and a backup is put back.
    Restored Disk "backup-restored",
    /// The clock jumps ahead.
    ClockForward Clock "clock-forward",
    /// The clock jumps back.
    ClockBack Clock "clock-back",
    /// The clock stands.
    ClockFrozen Clock "clock-frozen",
    /// Two nodes on one key sign two histories.
    TwoNodes Peer "two-nodes",
    /// Two acts in one place of a matter.
    TwoActs Peer "two-acts",
    /// Heads and leaves without the statements.
    Withheld Peer "statements-withheld",
    /// No cosignature ever.
    NeverCosigns Peer "never-cosigns",
    /// No answer ever.
    NeverAnswers Peer "never-answers",
    /// A false word on how far it holds our log.
    FalseHeld Peer "false-held",
    /// A head with a root that its leaves do not give.
    WrongRoot Peer "wrong-root",
    /// A statement that no head commits to.
    NotInHead Peer "not-in-head",
    /// A committed act that lacks a disclosure.
    DisclosureMissing Peer "disclosure-missing",
    /// A committed act with a disclosure twice.
    DisclosureDoubled Peer "disclosure-doubled",
    /// A committed act with a disclosure under another name.
    DisclosureRenamed Peer "disclosure-renamed",
    /// A key of the payload twice, once in escapes.
    EscapedKey Peer "escaped-key",
    /// A signature with a point of small order.
    SmallOrder Peer "small-order",
    /// An act in the name of another party.
    ForeignIssuer Peer "foreign-issuer",
    /// An act that claims to have seen less than one before it.
    SeenBack Peer "seen-back",
    /// A later act of a matter before the earlier one.
    Gap Peer "gap",
    /// Acts that the rules do not allow, a kind that nobody knows among them.
    NotAllowed Peer "not-allowed",
    /// Bytes of an attachment that are not those which the act names.
    WrongBytes Peer "wrong-bytes",
    /// An attachment that the act names and nobody has.
    NeverThere Peer "never-there",
    /// An attachment of others is asked for, offered, or named as an own one.
    OfOthers Peer "of-others",
    /// A true parcel with a cosignature on a head that nobody signed.
    FalseCosignature Peer "false-cosignature",
}

/// What has to happen to attachments, and to what one side alone has, in histories that are to
/// prove anything.
const COUNTED: &[&str] = &[
    "acts by hand",
    "matters by hand compared",
    "attachments fetched",
    "attachments offered",
    "attachments opened",
    "attachments erased",
    "attachments that both have",
    "attachments that came back",
    "matters erased while bytes moved",
    "matters by hand erased",
    "matters erased with what stays here",
    "erasures that what stays here kept back",
    "homes put back alone",
    "erasures that a dead disk lost",
];

macro_rules! fates {
    ($($(#[$doc:meta])* $name:ident $text:literal,)*) => {
        /// What becomes of a clock.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Fate { $($(#[$doc])* $name,)* }

        impl Fate {
            /// Every one.
            pub const ALL: &'static [Fate] = &[$(Fate::$name,)*];

            /// Its name in tables.
            pub fn name(self) -> &'static str { match self { $(Fate::$name => $text,)* } }
        }
    };
}

fates! {
    /// It runs.
    Running "running",
    /// It has passed a mark.
    Warned "warned",
    /// It stands still.
    Standing "standing",
    /// It stood still for a while, and its limit moved.
    Moved "moved",
    /// Its limit was extended.
    Extended "extended",
    /// Its limit has passed, and nothing was done.
    Overdue "overdue",
    /// What was due came in time.
    InTime "in-time",
    /// It came late.
    Late "late",
    /// In time on one clock, late on the other.
    Contested "contested",
    /// A hold came to its end.
    Kept "kept",
}

/// Counts by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Faults.
    pub troubles: BTreeMap<Trouble, u64>,
    /// Valid acts, by kind.
    pub acts: BTreeMap<String, u64>,
    /// Verdicts at the end of histories, on one side of each act.
    pub verdicts: BTreeMap<String, u64>,
    /// Histories in which a valid act of a kind, by flow and name, met a fault.
    pub met: BTreeMap<(&'static str, &'static str, Trouble), u64>,
    /// Histories in which a clock came to a fate.
    pub fates: BTreeMap<(&'static str, Fate), u64>,
    /// What else was counted.
    pub other: BTreeMap<&'static str, u64>,
}

impl Tally {
    /// One more of a fault.
    pub fn hit(&mut self, trouble: Trouble) {
        *self.troubles.entry(trouble).or_default() += 1;
    }

    /// So many more of something else.
    pub fn add(&mut self, what: &'static str, count: u64) {
        *self.other.entry(what).or_default() += count;
    }

    /// Everything of another tally.
    pub fn merge(&mut self, more: &Tally) {
        more.troubles.iter().for_each(|(key, n)| *self.troubles.entry(*key).or_default() += n);
        more.met.iter().for_each(|(key, n)| *self.met.entry(*key).or_default() += n);
        more.fates.iter().for_each(|(key, n)| *self.fates.entry(*key).or_default() += n);
        more.other.iter().for_each(|(key, n)| *self.other.entry(key).or_default() += n);
        for (mine, theirs) in [(&mut self.acts, &more.acts), (&mut self.verdicts, &more.verdicts)] {
            theirs.iter().for_each(|(key, n)| *mine.entry(key.clone()).or_default() += n);
        }
    }

    /// Kinds of fault that never happened.
    pub fn missed(&self) -> Vec<Trouble> {
        let all = Trouble::ALL.iter().copied();
        all.filter(|trouble| !self.troubles.contains_key(trouble)).collect()
    }

    /// What was to be counted and never was.
    pub fn uncounted(&self) -> Vec<&'static str> {
        let never = |name: &&&str| self.other.get(**name).is_none_or(|count| *count == 0);
        COUNTED.iter().filter(never).copied().collect()
    }

    /// Kinds of act that were never valid. Lines are named only where figures differ, which they
    /// must not; a test of its own has that.
    pub fn unsaid(&self) -> Vec<&'static str> {
        let kinds = flow::flows().iter().flat_map(|flow| flow.kinds());
        let kinds = kinds.map(|kind| kind.name).filter(|kind| *kind != "name-lines");
        kinds.filter(|kind| !self.acts.contains_key(*kind)).collect()
    }
}
