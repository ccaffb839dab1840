//! What can go wrong, as a closed list. Each code says who is at fault and has a URN; the two
//! sentences a person reads (what happened, what to do) live in `rules/say` under the same name.

use std::fmt;

/// Who has to act on a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Blame {
    /// The person who gave the input.
    Officer,
    /// Whoever made the foreign bytes; the bytes themselves show it.
    Peer,
    /// The person who runs the node.
    Operator,
    /// Nobody: the network or the disk.
    World,
    /// Us.
    Bug,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident $blame:ident $text:literal,)*) => {
        /// The closed list of fault codes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code { $($(#[$doc])* $name,)* }

        impl Code {
            /// Every code, in the order of the list.
            pub const ALL: &'static [Code] = &[$(Code::$name,)*];

            /// The short name, used in URNs, metrics and phrase keys.
            pub fn name(self) -> &'static str { match self { $(Code::$name => $text,)* } }

            /// Who has to act.
            pub fn blame(self) -> Blame { match self { $(Code::$name => Blame::$blame,)* } }
        }
    };
}

codes! {
    // Foreign bytes: form.
    /// Not well-formed CBOR, or a form that RFC 8949 section 4.2.1 does not allow.
    CborMalformed Peer "cbor-malformed",
    /// Not strict JSON (RFC 8259 with the limits of docs/spec/statement.md).
    JsonMalformed Peer "json-malformed",
    /// Larger than a limit in `limits`.
    TooLarge Peer "too-large",
    /// Not the structure that the format asks for.
    StructureWrong Peer "structure-wrong",
    /// A protected header with a missing, an extra or a wrong parameter.
    HeaderNotClosed Peer "header-not-closed",
    /// An algorithm that is not in the suite.
    AlgorithmUnknown Peer "algorithm-unknown",
    /// A public key that cannot be read, or that is of small order.
    KeyMalformed Peer "key-malformed",
    /// A signature that does not verify.
    SignatureWrong Peer "signature-wrong",
    /// A type parameter (RFC 9596) that belongs to another kind of object.
    TypeWrong Peer "type-wrong",
    // Foreign acts: identity.
    /// The issuer is not the pinned peer.
    IssuerWrong Peer "issuer-wrong",
    /// Addressed to another party.
    AudienceWrong Peer "audience-wrong",
    /// Subject or channel do not fit the channel it came on.
    ChannelWrong Peer "channel-wrong",
    /// A key that no credential of the issuer names at that log index.
    KidUnknown Peer "kid-unknown",
    /// A key that its owner has revoked.
    KeyRevoked Peer "key-revoked",
    /// Root keys that do not hash to the party id.
    PartyWrong Peer "party-wrong",
    /// A credential that does not follow the one held.
    CredentialOrder Peer "credential-order",
    /// A credential older than the one held, which stays.
    CredentialOlder Officer "credential-older",
    /// A log that begins with an older credential than the one accredited and stays there.
    LogBegunOlder Peer "log-begun-older",
    // Foreign acts: content.
    /// A payload key missing, unknown, or of the wrong type.
    PayloadWrong Peer "payload-wrong",
    /// Live act on a drill channel, or the reverse.
    DrillDiffers Peer "drill-differs",
    /// An act of another epoch than the log it lies in.
    EpochDiffers Peer "epoch-differs",
    /// An epoch statement that does not follow from the log as it is held.
    EpochWrong Peer "epoch-wrong",
    /// Ended epochs of a peer's log leave more leaves aside than a node keeps. REC-57
    AsideFull Peer "aside-full",
    /// A parcel of an epoch that its sender has ended.
    EpochClosed World "epoch-closed",
    /// Disclosures and digests do not match one to one (RFC 9901).
    DisclosureWrong Peer "disclosure-wrong",
    // Logs.
    /// Not a C2SP signed note, or not a checkpoint.
    NoteMalformed Peer "note-malformed",
    /// A checkpoint of another log.
    OriginWrong Peer "origin-wrong",
    /// A head whose time is before that of an earlier one.
    TimeBack Peer "time-back",
    /// Two roots for one size of one log: a proof of fault.
    RootDiffers Peer "root-differs",
    /// A cosignature on a head that the log does not have.
    CosignatureStray Peer "cosignature-stray",
    /// A head with a wrong chain of previous sizes.
    HeadOrder Peer "head-order",
    /// Entries between what we hold and what the head covers are missing.
    EntriesMissing World "entries-missing",
    /// A statement that the head beside it does not commit to.
    EntryNotInHead Peer "entry-not-in-head",
    /// An inclusion or consistency proof that does not lead to the root.
    ProofWrong Peer "proof-wrong",
    /// A receipt and the checkpoint it rests on disagree.
    ReceiptWrong Peer "receipt-wrong",
    // Parcels.
    /// Not a parcel.
    ParcelMalformed Peer "parcel-malformed",
    /// A suite that this node does not speak.
    SuiteUnknown Peer "suite-unknown",
    /// Sealed for another party or with a key that we no longer hold.
    ParcelNotForUs Peer "parcel-not-for-us",
    /// The seal does not open.
    SealBroken Peer "seal-broken",
    /// The sender inside is not the pinned peer.
    SenderWrong Peer "sender-wrong",
    // Bags.
    /// Not a BagIt bag (RFC 8493), or one of its digests is wrong.
    BagWrong Peer "bag-wrong",
    /// A file that the dossier names is not there.
    FileMissing Peer "file-missing",
    /// A page that does not say what the statement beside it says.
    PageDiffers Peer "page-differs",
    /// A summary that does not say what the acts of its dossier say.
    SummaryDiffers Peer "summary-differs",
    /// A path that leaves the bag.
    PathOutside Peer "path-outside",
    // Attachments.
    /// Sealed bytes that are not those which an act names, or content that is not the one promised.
    AttachmentWrong Peer "attachment-wrong",
    /// The sealed bytes are not here: not yet, or no longer.
    AttachmentMissing World "attachment-missing",
    /// The key went with the text of its matter.
    AttachmentErased Officer "attachment-erased",
    /// A file that cannot be attached: empty, too large, too many, or changed while it was read.
    AttachmentUnfit Officer "attachment-unfit",
    /// Sealed bytes that were whole on this disk and are not any more.
    AttachmentDamaged Operator "attachment-damaged",
    // The officer's input.
    /// One or more fields are missing or wrong; the message lists them all.
    FieldsWrong Officer "fields-wrong",
    /// Something that can hardly be meant as it stands.
    Doubtful Officer "doubtful",
    /// A request without what its instrument or its receiver wants in one.
    RequirementsUnmet Officer "requirements-unmet",
    /// The rules do not allow this act now.
    NotPermitted Officer "not-permitted",
    /// The text of the matter is held, or its period of retention runs.
    Retained Officer "retained",
    /// No such peer.
    PeerUnknown Officer "peer-unknown",
    /// No such matter.
    MatterUnknown Officer "matter-unknown",
    /// A call that rang ahead of its place in the record, which has not come.
    MatterComing World "matter-coming",
    /// What takes two nodes, with a partner that has none.
    OneSided Officer "one-sided",
    /// More than one thing fits the name given.
    Ambiguous Officer "ambiguous",
    /// The fingerprint read aloud is not that of the credential.
    FingerprintDiffers Officer "fingerprint-differs",
    /// The peer is known but not accredited.
    NotAccredited Officer "not-accredited",
    /// Terms of a channel of a wrong shape, or with names that this program does not know.
    TermsUnfit Officer "terms-unfit",
    /// A line of work that the terms of the channel do not have.
    StreamUnknown Officer "stream-unknown",
    /// No terms wait for our decision.
    TermsNone Officer "terms-none",
    /// An act of another sort of matter than the one named.
    KindElsewhere Officer "kind-elsewhere",
    /// An argument that cannot be read.
    ArgumentWrong Officer "argument-wrong",
    /// A file that was named and is not there.
    FileAbsent Officer "file-absent",
    // The operator's house.
    /// The folder holds no node.
    FolderNotNode Operator "folder-not-node",
    /// A node was begun in the folder, or lost its settings.
    FolderIncomplete Operator "folder-incomplete",
    /// The folder holds something already.
    FolderInUse Operator "folder-in-use",
    /// Another process has the folder.
    FolderLocked Operator "folder-locked",
    /// No passphrase was given.
    PassphraseMissing Operator "passphrase-missing",
    /// The passphrase does not open the keys.
    PassphraseWrong Operator "passphrase-wrong",
    /// A new passphrase is too short, the one in force, or was not typed twice alike.
    PassphraseUnfit Officer "passphrase-unfit",
    /// The key file is damaged or of another kind.
    KeyFileWrong Operator "key-file-wrong",
    /// The token that holds the keys is not there, or does not answer.
    TokenAbsent Operator "token-absent",
    /// The token cannot do what the keys need.
    TokenUnfit Operator "token-unfit",
    /// The PIN does not open the token, or one more wrong one would lock it.
    PinWrong Operator "pin-wrong",
    /// The root keys are not in the folder given.
    RootMissing Operator "root-missing",
    /// The store fails its own checks.
    StoreDamaged Operator "store-damaged",
    /// A peer shows a head of our log that the store does not have: an old copy was restored.
    StoreBehind Operator "store-behind",
    /// Figures were asked for at a cut that both sides have not cosigned.
    CutNotShared World "cut-not-shared",
    /// The store is a restored copy, and its logs have not gone on as new ones yet.
    RestoreUnfinished Operator "restore-unfinished",
    /// After a restore, in a matter from before it: the peer has not shown yet what we lost.
    EpochUnheard World "epoch-unheard",
    /// Our log of a channel has been begun anew as often as a log can be.
    LogSpent Operator "log-spent",
    /// Not a backup, damaged, cut short, or without its key.
    BackupWrong Operator "backup-wrong",
    /// The store was written by another version.
    StoreVersion Operator "store-version",
    /// The private part of the matters cannot be read.
    HomeUnreadable Operator "home-unreadable",
    /// A peer has not acknowledged our newest keys, and may still seal to the older ones.
    KeysAwaited Operator "keys-awaited",
    /// A key to be revoked that none of our credentials named.
    KeyNotOurs Operator "key-not-ours",
    /// A key that is in force and cannot be revoked.
    KeyInForce Officer "key-in-force",
    /// A key that is revoked already, since that time or an earlier one.
    RevokedBefore Operator "revoked-before",
    /// The key of a backup is not within reach, so that it cannot be destroyed.
    BackupKeyAway Operator "backup-key-away",
    /// Another program listens where this one was told to.
    AddressInUse Operator "address-in-use",
    /// The configuration cannot be read.
    ConfigWrong Operator "config-wrong",
    // The world.
    /// Reading or writing failed.
    Io World "io",
    /// The peer cannot be reached.
    PeerUnreachable World "peer-unreachable",
    /// The queue is full; ask again.
    Busy World "busy",
    /// The peer takes no more from us for a while.
    OverQuota World "over-quota",
    /// The node is not running.
    NotRunning World "not-running",
    // Us.
    /// A state that cannot be: our fault.
    Internal Bug "internal",
}

impl Code {
    /// `urn:counterpart:fault:<name>`.
    pub fn urn(self) -> String {
        format!("urn:counterpart:fault:{}", self.name())
    }

    /// A fault of this code; `at` names the place (a field, a file, a size), never a person.
    pub fn at(self, at: impl Into<String>) -> Fault {
        Fault { code: self, at: at.into() }
    }
}

/// One fault: a code and the place where it showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Which of the closed list.
    pub code: Code,
    /// Where: a field, a file, an index. No personal data.
    pub at: String,
}

impl Fault {
    /// The same fault, seen from one step further out.
    pub fn within(self, place: &str) -> Fault {
        Fault { at: format!("{place}: {}", self.at), code: self.code }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.at.is_empty() {
            f.write_str(self.code.name())
        } else {
            write!(f, "{}: {}", self.code.name(), self.at)
        }
    }
}

impl std::error::Error for Fault {}

/// The result of everything that can go wrong.
pub type Result<T> = std::result::Result<T, Fault>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_kebab() {
        for (i, code) in Code::ALL.iter().enumerate() {
            let name = code.name();
            assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{name}");
            assert!(Code::ALL[..i].iter().all(|other| other.name() != name), "{name} twice");
            assert_eq!(code.urn(), format!("urn:counterpart:fault:{name}"));
        }
    }

    #[test]
    fn display_names_the_place() {
        let fault = Code::PayloadWrong.at("seq").within("statement 3");
        assert_eq!(fault.to_string(), "payload-wrong: statement 3: seq");
    }
}
