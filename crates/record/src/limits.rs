//! A named limit for everything that grows, refused at the parser.

/// Largest statement, in bytes: a C2SP tile entry is at most 65,535 bytes, and disclosures carry
/// the long text.
pub const STATEMENT_BYTES: usize = 60 * 1024;
/// Largest single disclosure, in bytes of its base64url text.
pub const DISCLOSURE_BYTES: usize = 256 * 1024;
/// Most disclosures beside one statement.
pub const DISCLOSURES: usize = 64;
/// Deepest JSON nesting (objects and arrays).
pub const JSON_DEPTH: usize = 8;
/// Deepest CBOR nesting (arrays, maps and tags).
pub const CBOR_DEPTH: usize = 16;
/// Longest array or object in JSON and CBOR.
pub const ITEMS: usize = 10_000;
/// Largest integer magnitude in JSON: 2^53 - 1 (RFC 7493).
pub const JSON_INTEGER: i64 = (1 << 53) - 1;
/// Longest inclusion or consistency proof: one hash per level of a tree of 2^63 leaves.
pub const PROOF_HASHES: usize = 63;
/// Largest signed note, in bytes. A note with two ML-DSA-44 lines takes about 7 KiB.
pub const NOTE_BYTES: usize = 64 * 1024;
/// Most signature lines in a note (C2SP signed-note asks for at least 16).
pub const NOTE_SIGNATURES: usize = 32;
/// Largest parcel, in bytes as it travels.
pub const PARCEL_BYTES: usize = 16 * 1024 * 1024;
/// Most heads in one parcel.
pub const PARCEL_HEADS: usize = 512;
/// Most new entries in one parcel.
pub const PARCEL_ENTRIES: usize = 65_536;
/// Most leaves under one head, of those that no head before it covers. REC-47
pub const HEAD_LEAVES: u64 = 4_096;
/// Most credentials of one party: a new one every week for twenty years.
pub const CREDENTIALS: usize = 1_024;
/// Acts that a sender puts into one parcel; root-signed statements may come on top. More makes a
/// long backlog hardly faster, and what presses wait longer behind a parcel that is under way.
pub const PARCEL_ACTS: usize = 1_024;
/// Most epochs of one log: a parcel speaks of all that ended. REC-49
pub const EPOCHS: usize = 256;
/// Most epoch statements in one parcel: each is two root signatures to verify. REC-49
pub const EPOCH_STATEMENTS: usize = 16;
/// Most leaves of one log of a peer that its ended epochs leave aside: three months of all that one
/// of the largest police networks sends. They are all kept in memory, in about 80 MB. REC-57
pub const LEAVES_ASIDE: u64 = 900_000;
/// Most statements in one parcel.
pub const PARCEL_STATEMENTS: usize = 5_000;
/// Bytes of statements and disclosures that a sender puts into one parcel.
pub const PARCEL_FILL: usize = 2 * 1024 * 1024;
/// Padded contents of a parcel in which something presses, at the most: a size class (REC-31), and
/// what a node takes now and then of a peer that has used up its quota. CAL-15
pub const PRESSING_BYTES: usize = 64 * 1024;
/// Most acts of one author in one matter. Part of the rules: what lies beyond is void (ORD-10).
pub const MATTER_ACTS: u64 = 4_096;
/// Most digests in `re`.
pub const ANSWERED: usize = 16;
/// Largest control statement (credential, accreditation, revocation, epoch), in bytes.
pub const CONTROL_BYTES: usize = 60 * 1024;
/// Largest file that a verifier reads from a dossier, in bytes.
pub const DOSSIER_FILE_BYTES: u64 = 64 * 1024 * 1024;
/// Most files in a dossier.
pub const DOSSIER_FILES: usize = 1_000_000;
/// Largest content of one attachment, in bytes: 50 MiB. ATT-2
pub const ATTACHMENT_BYTES: u64 = 50 * 1024 * 1024;
/// Most attachments of one act. ATT-1
pub const ATTACHMENTS: usize = 16;
/// Most sealed bytes that a node takes from one peer, in attachments that were not erased.
pub const ATTACHMENT_PEER_BYTES: u64 = 64 * 1024 * 1024 * 1024;
/// Most bytes of an attachment that one request between nodes carries.
pub const ATTACHMENT_PIECE: usize = 1024 * 1024;
