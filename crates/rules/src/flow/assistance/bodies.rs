//! The field tables of the asking half, in the order in which a person is asked. Coded fields carry
//! no names, references or words of a person; those are disclosed.

use crate::form::{Field, Need, Sort, table};
use crate::instrument;

/// What can be asked for.
pub(in crate::flow) const MEASURE: &[&str] = &[
    "preservation",
    "expedited-disclosure",
    "emergency-disclosure",
    "subscriber-data",
    "traffic-data",
    "content",
    "real-time-traffic",
    "evidence-for-concern",
    "information",
    "advice",
    "malware-analysis",
    "take-down",
    "freezing",
    "locate-person",
    "travel-papers",
    "other",
];
const OFFENCE: &[&str] = &[
    "illegal-access",
    "illegal-interception",
    "data-interference",
    "system-interference",
    "misuse-of-devices",
    "computer-forgery",
    "computer-fraud",
    "extortion",
    "identity-crime",
    "child-abuse-material",
    "intimate-images",
    "intellectual-property",
    "trade-secrets",
    "money-laundering",
    "corruption",
    "drugs",
    "arms",
    "trafficking-in-persons",
    "terrorism",
    "violence",
    "other",
];
pub(super) const PURPOSE: &[&str] = &[
    "investigation",
    "prosecution",
    "trial",
    "enforcement-of-sentence",
    "danger-to-life",
    "prevention",
    "network-protection",
    "asset-recovery",
];
const REASON: &[&str] = &[
    "no-longer-needed",
    "obtained-otherwise",
    "replaced",
    "proceedings-ended",
    "sent-in-error",
    "no-reason-given",
];
const NO_USE: &[&str] = &[
    "too-late",
    "wrong-data",
    "too-little",
    "form-unreadable",
    "not-certified",
    "conditions",
    "language",
    "other",
];
const IDENTIFIER: &[&str] = &[
    "ip",
    "domain",
    "url",
    "account",
    "email",
    "phone",
    "device",
    "wallet",
    "bank-account",
    "file-digest",
    "other",
];

/// Largest count of persons in one role.
const PERSONS_MOST: i64 = 1_000_000;
/// The roles of persons concerned, at least one of which is stated.
const ROLES: &[&str] = &["suspect", "convicted", "victim", "witness", "other"];
/// Persons concerned, by role, and how many of each are minors: who is a child is said of the
/// victim and of the suspect, not of all together.
const PERSONS: &[Field] = &[
    role("suspect"),
    minors("suspect_minors", "suspect"),
    role("convicted"),
    minors("convicted_minors", "convicted"),
    role("victim"),
    minors("victim_minors", "victim"),
    role("witness"),
    minors("witness_minors", "witness"),
    role("other"),
    minors("other_minors", "other"),
];

const fn role(name: &'static str) -> Field {
    Field { name, sort: Sort::Whole(0, PERSONS_MOST), need: Need::OneOf(ROLES) }
}

const fn minors(name: &'static str, of: &'static str) -> Field {
    Field { name, sort: Sort::Whole(0, PERSONS_MOST), need: Need::Beside(of) }
}

const ESCALATED: &[&str] = &[
    "danger-to-life",
    "no-acknowledgement",
    "overdue",
    "hold-ends-soon",
    "refused-without-reason",
    "answer-of-no-use",
    "other",
];

table! {
    /// What the data is found by. An address of the network is worth little without port and time.
    IDENTIFIERS {
        required "sort": Choice(IDENTIFIER);
        required "value": Line(2_000);
        optional "port": Whole(0, 65_535);
        optional "at": Instant;
        optional "zone": Line(60);
    }

    /// Assurances that the asking side gives: who, what, how far, until when.
    ASSURANCES {
        required "who": Line(300);
        required "text": Text(4_000);
        optional "scope": Text(2_000);
        optional "until": Date;
    }

    /// Adds to the request: what was asked for, or unasked.
    pub(super) SUPPLEMENT {
        required "text": Text(20_000);
        optional "identifiers": Rows(IDENTIFIERS);
        optional "period": Span;
        optional "custodian": Text(500);
        optional "assurances": Rows(ASSURANCES);
        optional "attachments": Attachments;
        optional "attached": Attached;
    }

    /// Decides, after a warning, that the request shall be carried out all the same (Budapest
    /// Art. 27(8), 29(6)). The other decision is to withdraw.
    pub(super) GO_ON {
        optional "text": Text(4_000);
    }

    /// Asks again; counted.
    pub(super) REMIND {
        optional "text": Text(4_000);
    }

    /// Asks to hold preserved data for longer. The holder notes it by preserving anew.
    pub(super) RENEW {
        required "until": Instant;
        optional "text": Text(4_000);
    }

    /// Asks the holder to let go of what it holds: nobody needs it any more. Its release says when
    /// it did, or that its own law keeps it for longer.
    pub(super) LET_GO {
        required "reason": Choice(REASON);
        optional "text": Text(4_000);
    }

    /// The formal request that a preservation waits for has been lodged.
    pub(super) LODGE_FORMAL {
        required "lodged_on": Date;
        optional "formal_reference": Line(200);
        optional "text": Text(4_000);
        optional "attachments": Attachments;
        optional "attached": Attached;
    }

    /// Accepts the conditions of an offer; only then may its content be sent.
    pub(super) ACCEPT_CONDITIONS {
        optional "assurances": Rows(ASSURANCES);
        optional "text": Text(4_000);
        optional "attachments": Attachments;
        optional "attached": Attached;
    }

    /// Declines them; the matter ends without content.
    pub(super) DECLINE_CONDITIONS {
        optional "text": Text(4_000);
    }

    /// What was done with what was given.
    pub(super) ACCOUNT_FOR_USE {
        required "used": Choice(&["not-used", "lead", "evidence", "returned", "destroyed"]);
        optional "used_on": Date;
        optional "text": Text(20_000);
    }

    /// Lifts the matter above the desk. `call` is the matter of the call that goes with it.
    pub(super) ESCALATE {
        required "escalated_for": Choice(ESCALATED);
        optional "call": Token(32);
        optional "text": Text(4_000);
    }

    /// What the answer was worth.
    pub(super) APPRAISE {
        required "worth": Choice(&["complete", "partial", "no-use"]);
        optional "no_use_because": Choice(NO_USE), when "worth" in &["no-use"];
        required "timely": Choice(&["in-time", "late"]);
        required "as_evidence": Choice(&["usable", "not-usable", "not-known"]);
        optional "text": Text(4_000);
    }

    /// Asks for more than was asked at first: what use is made of an answer, and by whom.
    pub(super) ASK_CONSENT {
        required "consent_for": Choice(&["evidence", "new-purpose", "onward-transfer"]);
        optional "purpose": Choice(PURPOSE), when "consent_for" in &["new-purpose"];
        optional "recipient": Text(500), when "consent_for" in &["onward-transfer"];
        required "text": Text(4_000);
        optional "attachments": Attachments;
        optional "attached": Attached;
    }

    /// Takes the request back.
    pub(super) WITHDRAW {
        required "reason": Choice(REASON);
        optional "text": Text(4_000);
    }

    /// Closes the file: nothing more will come from this side.
    pub(super) CLOSE_REQUEST {
        optional "text": Text(4_000);
    }
}

/// ASK-1. The form of a request, once as it is signed and once as a draft in which anything may be
/// missing. What protects people is required: a request without it is not signable.
macro_rules! request {
    ($($(#[$doc:meta])* $table:ident: $must:ident, $may:ident;)*) => {
        table! {$(
            $(#[$doc])*
            pub(in crate::flow) $table {
                $must "instrument": Named(instrument::NAMES);
                $must "measure": Choice(MEASURE);
                optional "capacity": Choice(&["authority", "provider", "notified"]);
                $must "type": Choice(&["new", "extension"]);
                $may "extension_of": Matters(1), when "type" in &["extension"];
                $must "urgency": Choice(&["emergency", "urgent", "normal"]);
                $may "urgency_why": Text(2_000), when "urgency" in &["emergency", "urgent"];
                optional "reply_by": Instant;
                optional "reference": Line(200);
                optional "consulted": Token(32);
                $must "offence": Choice(OFFENCE);
                optional "offence_text": Text(4_000);
                $must "max_penalty": Penalty;
                $must "purpose": Choice(PURPOSE);
                $must "legal_basis": Text(4_000);
                $must "authorising_body": Text(500);
                $must "necessity": Text(4_000);
                $must "persons": Group(PERSONS);
                $must "assured": Choice(&["given", "none"]);
                $may "assurances": Rows(ASSURANCES), when "assured" in &["given"];
                $must "facts": Text(20_000);
                optional "data_category": Choice(&["subscriber", "traffic", "content", "other"]);
                optional "identifiers": Rows(IDENTIFIERS);
                optional "period": Span;
                optional "custodian": Text(500);
                optional "link": Text(4_000);
                optional "evidence_use": Choice(&["wanted", "not-wanted"]);
                optional "confidential": Flag;
                optional "partial_disclosure": Flag;
                optional "formal_follows": Flag;
                optional "formal_by": Date;
                optional "lodged_on": Date;
                optional "formal_reference": Line(200);
                optional "contact": Line(500);
                optional "attachments": Attachments;
                optional "attached": Attached;
            }
        )*}
    };
}

request! {
    /// Opens the matter.
    REQUEST: required, optional;
    /// The same form on its way: shown to the other side before it is sent.
    DRAFT: optional, draft;
}
