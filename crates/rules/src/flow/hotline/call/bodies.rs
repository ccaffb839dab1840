//! The field tables of `call/1`. There is no field for a telephone number, on purpose: a number
//! that came with a message is the number of whoever wrote it (CAL-10).

use crate::flow::URGENCY;
use crate::form::table;

pub(in crate::flow::hotline) const POST: &[&str] = &["desk", "supervisor", "principal"];
const TOPIC: &[&str] = &[
    "danger-to-life",
    "child-in-danger",
    "attack-under-way",
    "evidence-at-risk",
    "request-not-answered",
    "coordination",
    "concern",
    "other",
];
const OUTCOME: &[&str] = &["settled", "goes-on-elsewhere", "not-needed", "not-settled"];

table! {
    /// The same words in another language, and who put them there. CAL-7
    TRANSLATIONS {
        required "translated_by": Choice(&["human", "machine"]);
        required "text": Text(20_000);
    }

    /// Calls. Short on purpose: the form is no longer than the call.
    pub(super) RAISE {
        required "urgency": Choice(URGENCY);
        required "topic": Choice(TOPIC);
        required "text": Text(20_000);
        optional "translations": Rows(TRANSLATIONS);
        optional "matters": Matters(20);
        optional "needed_by": Instant;
        optional "desk": Line(300);
    }

    /// A named desk takes the call.
    pub(super) ACKNOWLEDGE {
        required "desk": Line(300);
        optional "post": Choice(POST);
        optional "text": Text(20_000);
        optional "translations": Rows(TRANSLATIONS);
    }

    /// Says something, each side in its own language. With `post` it takes the call as well, in the
    /// name of the desk: the word is coded, since both sides judge by it, and the name beside it.
    pub(super) SAY {
        required "text": Text(20_000);
        optional "translations": Rows(TRANSLATIONS);
        optional "ring": Flag;
        optional "post": Choice(POST);
        optional "desk": Line(300), when "post" in POST;
    }

    /// Gives the call to another desk or shift of the same side.
    pub(super) HAND_OVER {
        required "desk": Line(300);
        optional "post": Choice(POST);
        optional "text": Text(20_000);
        optional "translations": Rows(TRANSLATIONS);
    }

    /// One side has nothing more to say. `post` as in what is said.
    pub(super) CLOSE {
        required "outcome": Choice(OUTCOME);
        optional "post": Choice(POST);
        optional "desk": Line(300), when "post" in POST;
        optional "text": Text(20_000);
        optional "translations": Rows(TRANSLATIONS);
    }
}
