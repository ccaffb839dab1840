//! The field tables of `assistance/1`, in the order in which a person is asked. Coded fields carry
//! no names, references or words of a person; those are disclosed.

use crate::form::table;
use crate::ground;

const MEASURE: &[&str] = &[
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
const PURPOSE: &[&str] = &[
    "investigation",
    "prosecution",
    "trial",
    "enforcement-of-sentence",
    "danger-to-life",
    "prevention",
    "network-protection",
    "asset-recovery",
];
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
const REASON: &[&str] = &[
    "no-longer-needed",
    "obtained-otherwise",
    "replaced",
    "proceedings-ended",
    "sent-in-error",
    "no-reason-given",
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

table! {
    /// Persons concerned, by role; at least one role is stated, and zero is a statement.
    PERSONS {
        optional "suspect": Whole(0, PERSONS_MOST);
        optional "convicted": Whole(0, PERSONS_MOST);
        optional "victim": Whole(0, PERSONS_MOST);
        optional "witness": Whole(0, PERSONS_MOST);
        optional "other": Whole(0, PERSONS_MOST);
        optional "minors": Whole(0, PERSONS_MOST);
    }

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

    /// Data secured, and for how long.
    PRESERVED {
        required "effected_at": Instant;
        required "holds_until": Instant;
    }

    /// Opens the matter. What protects people is required: a request without it is not signable.
    pub(super) REQUEST {
        required "type": Choice(&["new", "extension"]);
        required "measure": Choice(MEASURE);
        required "instrument": Choice(ground::INSTRUMENTS);
        required "urgency": Choice(&["emergency", "urgent", "normal"]);
        optional "urgency_why": Text(2_000), when "urgency" in &["emergency", "urgent"];
        optional "reply_by": Instant;
        optional "reference": Line(200);
        required "offence": Choice(OFFENCE);
        optional "offence_text": Text(4_000);
        required "max_penalty": Penalty;
        required "purpose": Choice(PURPOSE);
        required "legal_basis": Text(4_000);
        required "authorising_body": Text(500);
        required "necessity": Text(4_000);
        required "persons": Group(PERSONS);
        required "facts": Text(20_000);
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
        optional "contact": Line(500);
        optional "assurances": Rows(ASSURANCES);
    }

    /// Adds to the request: what was asked for, or unasked.
    pub(super) SUPPLEMENT {
        required "text": Text(20_000);
        optional "identifiers": Rows(IDENTIFIERS);
        optional "period": Span;
        optional "custodian": Text(500);
        optional "formal_lodged_on": Date;
        optional "formal_reference": Line(200);
        optional "assurances": Rows(ASSURANCES);
    }

    /// Asks again; counted.
    pub(super) REMIND {
        optional "text": Text(4_000);
    }

    /// Takes the request back.
    pub(super) WITHDRAW {
        required "reason": Choice(REASON);
        optional "text": Text(4_000);
    }

    /// A desk takes the request up. Nothing is required: at night it should be one key.
    pub(super) ACKNOWLEDGE {
        optional "complete": Flag;
        optional "expected_at": Instant;
        optional "desk": Line(300);
        optional "reference": Line(200);
        optional "text": Text(4_000);
    }

    /// Asks back. `would_refuse` says that without an answer a refusal is meant.
    pub(super) ASK {
        required "about": Choice(ABOUT);
        required "text": Text(20_000);
        optional "would_refuse": Flag;
    }

    /// Answers, in whole or in part; the last answer is final.
    pub(super) ANSWER {
        required "extent": Choice(&["full", "partial"]);
        required "final": Flag;
        optional "preserved": Group(PRESERVED);
        optional "evidence_consent": Choice(&["given", "on-conditions", "not-given"]);
        required "text": Text(20_000);
        optional "conditions": Text(4_000);
        optional "reference": Line(200);
    }

    /// Refuses. A ground is always stated, if only that no reason is given.
    pub(super) REFUSE {
        required "ground": Choice(ground::NAMES);
        optional "article": Token(32);
        optional "text": Text(20_000);
        optional "would_help": Text(4_000);
        optional "reference": Line(200);
    }
}
