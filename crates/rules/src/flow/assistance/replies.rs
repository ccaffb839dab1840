//! The field tables of the answering half, in the order in which a person is asked.

use crate::clock::PROGRESS;
use crate::form::table;
use crate::ground;

const ABOUT: &[&str] = &[
    "form",
    "legal-basis",
    "authority",
    "facts",
    "offence",
    "identifiers",
    "period",
    "necessity",
    "persons",
    "assurances",
    "scope",
    "other",
];
const POSTPONED: &[&str] = &[
    "own-investigation",
    "own-proceedings",
    "danger-to-a-person",
    "legal-question",
    "workload",
    "other",
];
const CUSTODIAN: &[&str] = &[
    "access-provider",
    "hosting-provider",
    "platform",
    "registry",
    "financial-institution",
    "public-authority",
    "victim",
    "other",
];
const EXTENT: &[&str] = &["full", "partial"];

table! {
    /// What the asking side would be bound to.
    CONDITION {
        optional "confidential": Flag;
        optional "purpose_only": Flag;
        optional "no_evidence": Flag;
        optional "no_onward_transfer": Flag;
        optional "account_due": Flag;
        optional "destroy_after_use": Flag;
        optional "no_death_penalty": Flag;
        optional "other": Flag;
    }

    /// A named desk says that a person has the request, as it takes a call. At night it is still
    /// one line: the desk's name is set once for the shift.
    pub(super) ACKNOWLEDGE {
        required "desk": Line(300);
        optional "complete": Flag;
        optional "at_hand": Flag;
        optional "expected_at": Instant;
        optional "reference": Line(200);
        optional "text": Text(4_000);
    }

    /// A competent unit works on it. It has decided nothing yet.
    pub(super) TAKE_UP {
        optional "at_hand": Flag;
        optional "expected_at": Instant;
        optional "unit": Line(300);
        optional "reference": Line(200);
        optional "text": Text(4_000);
    }

    /// The legal decision to carry the request out.
    pub(super) RECOGNISE {
        required "recognised": Choice(&["whole", "part"]);
        optional "article": Line(200);
        optional "expected_at": Instant;
        optional "text": Text(4_000);
    }

    /// Asks back.
    pub(super) ASK {
        required "about": Choice(ABOUT);
        required "text": Text(20_000);
        optional "supplement_by": Instant;
    }

    /// Warns before going on, and waits for a word (Budapest Art. 27(8), 29(6)).
    pub(super) WARN {
        required "danger": Choice(
            &["would-not-secure", "would-alert", "cannot-keep-confidential"]
        );
        optional "text": Text(4_000);
    }

    /// Not yet decided. What is examined stays at home: only that it is crosses the border.
    pub(super) EXAMINE {
        optional "expected_at": Instant;
        optional "text": Text(4_000);
    }

    /// How it goes, coarsely. `extends` takes the extension that the term allows.
    pub(super) STATUS {
        required "progress": Choice(PROGRESS);
        optional "expected_at": Instant;
        optional "extends": Flag;
        optional "text": Text(4_000);
    }

    /// Acts later, and says when it looks again (Budapest Art. 27(5)).
    pub(super) POSTPONE {
        required "postponed_for": Choice(POSTPONED);
        required "review_on": Date;
        optional "text": Text(4_000);
    }

    /// Hands the request to the competent authority. It goes on here, or there: then this matter
    /// ends, and the opener begins one with that authority.
    pub(super) TRANSFER {
        required "goes_on": Choice(&["here", "there"]);
        required "authority": Text(500);
        optional "party": Token(64);
        optional "text": Text(4_000);
    }

    /// Data is secured; or, once more, is held for longer. `final` says that this was all.
    pub(super) PRESERVE {
        required "effected_at": Instant;
        required "holds_until": Instant;
        required "custodian_class": Choice(CUSTODIAN);
        required "secured": Choice(&["all", "part"]);
        required "final": Flag;
        optional "reference": Line(200);
        optional "text": Text(4_000);
        optional "attachments": Attachments;
        optional "attached": Attached;
    }

    /// Preserved data is let go.
    pub(super) RELEASE {
        required "released_at": Instant;
        required "released_for": Choice(&["end-of-hold", "asked", "handed-over", "law"]);
        optional "text": Text(4_000);
    }

    /// Says what would be refused, and what would help, while there is time (Budapest Art. 27(6)).
    pub(super) INTEND_TO_REFUSE {
        required "ground": Choice(ground::NAMES);
        optional "article": Line(200), when "ground" in ground::OWN_LAW;
        required "would_help": Text(4_000);
        required "supplement_by": Instant;
        optional "text": Text(20_000), when "ground" in ground::OWN_LAW;
    }

    /// Refuses. A ground is always stated, if only that no reason is given. Own law is cited as it
    /// is written there, in whichever language that is: words of a person, not a code. Whoever
    /// finds a request too wide says which narrower one it would take. ASK-9
    pub(super) REFUSE {
        required "ground": Choice(ground::NAMES);
        optional "article": Line(200), when "ground" in ground::OWN_LAW;
        optional "text": Text(20_000), when "ground" in ground::OWN_LAW;
        optional "would_help": Text(4_000), when "ground" in &[ground::TOO_WIDE];
        optional "reference": Line(200);
        optional "attachments": Attachments;
        optional "attached": Attached;
    }

    /// An answer is ready, and its content is sent when the conditions are accepted.
    pub(super) OFFER {
        required "extent": Choice(EXTENT);
        required "condition": Group(CONDITION);
        required "conditions": Text(4_000);
        optional "accept_by": Instant;
        optional "reference": Line(200);
    }

    /// Answers, in whole or in part; the last answer is final.
    pub(super) ANSWER {
        required "extent": Choice(EXTENT);
        required "final": Flag;
        optional "evidence_consent": Choice(&["given", "on-conditions", "not-given"]);
        required "text": Text(20_000);
        optional "reference": Line(200);
        optional "attachments": Attachments;
        optional "attached": Attached;
    }

    /// Gives or withholds a consent that was asked for.
    pub(super) CONSENT {
        required "consented": Choice(&["given", "on-conditions", "withheld"]);
        optional "ground": Choice(ground::NAMES);
        optional "conditions": Text(4_000), when "consented" in &["on-conditions"];
        optional "text": Text(4_000);
        optional "attachments": Attachments;
        optional "attached": Attached;
    }

    /// What the request was worth.
    pub(super) APPRAISE_REQUEST {
        required "quality": Choice(&["complete", "vague", "wrong-channel"]);
        optional "about": Choice(ABOUT);
        optional "text": Text(4_000);
    }
}
