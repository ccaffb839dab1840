//! For which requests a profile is meant, and which of them cannot wait.

use crate::act::Act;
use crate::instrument::instrument;

/// Whether the instrument of a request has this profile for it.
pub(super) fn by_instrument(request: &Act, id: &str) -> bool {
    let named = request.word("instrument").and_then(instrument);
    named.is_some_and(|named| named.profiles.contains(&id)) && fits(request, id)
}

/// Whether a request is one that cannot wait.
pub(super) fn presses(request: &Act) -> bool {
    request.word("urgency") == Some("emergency")
        || request.word("measure") == Some("emergency-disclosure")
}

/// Whether a profile that fits a request is meant for emergencies: it sets a time of hours, and
/// none for what can wait. CLK-35
pub(super) fn for_emergencies(request: &Act, id: &str) -> bool {
    id != "P-977-U2" && !fits_as(request, "normal", id)
}

/// Whether a profile is meant for such a request. Of the two of 2023/977 for what is urgent, which
/// one runs is for the answering side to say, who knows what it has at hand. CLK-40
pub(super) fn fits(request: &Act, id: &str) -> bool {
    fits_as(request, request.word("urgency").unwrap_or_default(), id)
}

/// Whether it would be meant for it if it were so urgent.
fn fits_as(request: &Act, urgency: &str, id: &str) -> bool {
    let measure = request.word("measure").unwrap_or_default();
    let asked_as = |capacity| request.word("capacity") == Some(capacity);
    let (provider, notified) = (asked_as("provider"), asked_as("notified"));
    match id {
        "P-977-U1" | "P-977-U2" => ["emergency", "urgent"].contains(&urgency),
        "P-977-N" => urgency == "normal",
        // A first answer is a goal where the law leaves a week; it leaves no time to aim else.
        "P-SIENA" => urgency == "normal",
        // A point that is reached at any hour helps at once when it must.
        "P-BUD-35" => urgency == "emergency",
        "P-EPO-REF" => notified && urgency != "emergency",
        "P-EPO-REF-8" => notified && urgency == "emergency",
        "P-EPO-8" | "P-EPO-10" | "P-EPO-PR" if notified => false,
        "P-EPO-8" => urgency == "emergency" && measure != "preservation",
        "P-EPO-10" => urgency != "emergency" && measure != "preservation",
        "P-EPO-PR" => measure == "preservation",
        // An order that goes to the provider itself (Art. 7) is not one to which the authorities
        // give effect (Art. 8).
        "P-SAP-7" => provider && measure == "subscriber-data",
        "P-SAP-8" | "P-SAP-8-SUB" | "P-SAP-8-TRA" if provider || notified => false,
        "P-SAP-8" => ["subscriber-data", "traffic-data"].contains(&measure),
        "P-SAP-8-SUB" => measure == "subscriber-data",
        "P-SAP-8-TRA" => measure == "traffic-data",
        "P-LECD-30" => measure == "travel-papers",
        _ => true,
    }
}
