//! The command line as `clap` reads it. Its texts stand here in English; `help` puts those of the
//! other language in their place, and a test asks for each of them.

use super::apart_args::{CorrespondentCommand, EnterArgs};
use super::attachment_args::AttachmentCommand;
use super::channel_args::{FiguresArgs, PouchCommand, TermsCommand};
use super::home_args::{NoteCommand, OwnerArgs, TaskCommand};
use super::operate_args::{
    BackupArgs, EraseArgs, PassphraseCommand, ProofsCommand, RetainArgs, RotateArgs, TokenArgs,
};
use super::request_args::{
    AcknowledgeArgs, Form, FormArgs, InMatter, OfInstrument, RequestCommand, RequirementsCommand,
};
use super::ring_args::{CallCommand, EscalateArgs, LineCommand, RingArgs, SurgeCommand};
use clap::{Args, Parser, Subcommand, ValueEnum, value_parser};
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;

/// The node of an authority: asks and answers other authorities, and leaves on both sides one
/// record that neither can alter. Without a command: where you stand, and what to do next.
#[derive(Debug, Parser)]
#[command(name = "counterpart", version, disable_help_subcommand = true)]
#[command(
    after_help = "Example:\n  counterpart init --name Arcadia --listen 0.0.0.0:7777 --endpoint \
                        node.arcadia.example:7777\n\nThe passphrase comes from \
                        --passphrase-file, from COUNTERPART_PASSPHRASE, or from the terminal.\n\
                        Exit: 0 done, 1 refused, 2 the command line cannot be read, 3 the operator \
                        has to act,\n4 network, disk or load, 5 a fault of this program."
)]
pub struct Line {
    /// Settings for every command.
    #[command(flatten)]
    pub common: Common,
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Settings for every command.
#[derive(Debug, Args)]
pub struct Common {
    /// The node's folder [default: .counterpart in your home folder]
    #[arg(long, global = true, env = "COUNTERPART_HOME", value_name = "DIR")]
    pub home: Option<PathBuf>,
    /// The language of messages [default: COUNTERPART_LANG, else the locale]
    #[arg(long, global = true, value_name = "TAG", value_parser = ["en", "zh-CN"])]
    pub lang: Option<String>,
    /// Print the JSON value of the operation and nothing else
    #[arg(long, global = true)]
    pub json: bool,
    /// Read the passphrase from the first line of a file
    #[arg(long, global = true, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a new node, and its root keys in another folder
    #[command(
        after_help = "Example:\n  counterpart init --name Arcadia --name-zh 阿卡迪亚 --listen \
                            0.0.0.0:7777 --endpoint node.arcadia.example:7777 --callback \
                            \"+1 555 0100\"\n\nThe root keys go to HOME-root unless --root says \
                            otherwise. Take that folder off line."
    )]
    Init(Init),
    /// Show, hand out or take in a credential
    #[command(after_help = "Example:\n  counterpart credential export arcadia.credential")]
    Credential {
        /// Which.
        #[command(subcommand)]
        what: CredentialCommand,
    },
    /// The fingerprint to read aloud: your own, or that of a peer
    #[command(after_help = "Example:\n  counterpart fingerprint Borealis")]
    Fingerprint {
        /// Name or first digits of the party
        peer: Option<String>,
    },
    /// Accept a peer whose fingerprint you compared; signed with the root keys
    #[command(
        after_help = "Example:\n  counterpart accredit Borealis --compared voice --fingerprint \
                            \"12345 67890 12345 67890 12345 67890 12345 67890 12345 67890 12345 \
                            67890\""
    )]
    Accredit {
        /// Name or first digits of the party
        peer: String,
        /// What the peer read aloud: twelve groups of five digits; asked for at the terminal
        #[arg(long, value_name = "GROUPS")]
        fingerprint: Option<String>,
        /// How it was compared
        #[arg(long, value_enum)]
        compared: Compared,
        /// Where the root keys are.
        #[command(flatten)]
        root: Root,
    },
    /// New keys and the settings of the file `config`, as the next version of the credential;
    /// the node must not be running
    #[command(
        after_help = "Example:\n  counterpart rotate --root /media/safe/arcadia-root\n\nAfter a \
                            change of the settings (name, endpoint, call-back number) the keys \
                            can stay:\n  counterpart rotate --settings-only\n\nThe old transport \
                            key is kept until every peer has the new ones, so that the line stays \
                            up.\nNot with --compromised: then hand each peer your credential \
                            (`credential export`), or a pouch.\n\nWhen \
                            every peer has the new keys, destroy the old secrets, so that \
                            recorded traffic\ncannot be opened any more; this asks for no root \
                            keys:\n  counterpart rotate --drop-older"
    )]
    Rotate(RotateArgs),
    /// The passphrase that locks the node's keys, or the root keys
    #[command(after_help = "Example:\n  counterpart passphrase change")]
    Passphrase {
        /// What.
        #[command(subcommand)]
        what: PassphraseCommand,
    },
    /// Revoke a key that was replaced: what it signs from now on counts for nothing
    #[command(after_help = "Example:\n  counterpart revoke \
                            0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0 \
                            --since 2026-06-14T09:00:00+08:00")]
    Revoke {
        /// The key: 64 digits, as `credential show` printed them
        kid: String,
        /// From when misuse is suspected: a time with its offset
        #[arg(long, value_name = "TIME")]
        since: String,
        /// Where the root keys are.
        #[command(flatten)]
        root: Root,
    },
    /// Ask a peer for help in a case
    #[command(after_help = "Example:\n  counterpart request new Borealis")]
    Request {
        /// What.
        #[command(subcommand)]
        what: RequestCommand,
    },
    /// An act of any kind in a matter
    #[command(after_help = "Example:\n  counterpart act answer 1f0c --field extent=full --field \
                            final=yes --text \"The log is attached to the formal reply.\"")]
    Act {
        /// The kind; `matter show` lists those that are open
        kind: String,
        /// First digits of the matter
        matter: String,
        /// What it says.
        #[command(flatten)]
        form: Form,
    },
    /// Say, in the name of a desk, that a person has the request
    #[command(after_help = "Example:\n  counterpart acknowledge 1f0c --desk \"Duty desk 2\"")]
    Acknowledge(AcknowledgeArgs),
    /// Ask the asking side back
    #[command(after_help = "Example:\n  counterpart ask 1f0c --field about=period --text \"Which \
                            time zone?\"")]
    Ask(InMatter),
    /// Add to your request: answers the questions that are open
    #[command(after_help = "Example:\n  counterpart supplement 1f0c --text \"UTC+8.\"")]
    Supplement(InMatter),
    /// Say what is secured, and until when; or note that it is held for longer
    #[command(after_help = "Example:\n  counterpart preserve 1f0c --field \
                            effected_at=2026-06-14T09:00:00+08:00 --field \
                            holds_until=2030-08-14T09:00:00+08:00 --field \
                            custodian_class=hosting-provider --field secured=all --field \
                            final=yes")]
    Preserve(InMatter),
    /// Answer a request, in whole or in part
    #[command(after_help = "Example:\n  counterpart answer 1f0c --field extent=full --field \
                            final=yes --text \"Preserved.\"")]
    Answer(InMatter),
    /// Refuse a request; a ground is always stated, if only that no reason is given
    #[command(
        after_help = "Example:\n  counterpart refuse 1f0c --field ground=lapse-of-time \\\n      \
                            --field article=78 --text 'Ten years are over.'\n\n\
                            `counterpart form refuse --matter 1f0c` lists the grounds that its \
                            instrument knows."
    )]
    Refuse(InMatter),
    /// Remind the answering side
    #[command(after_help = "Example:\n  counterpart remind 1f0c --text \"The logs expire on \
                            Friday.\"")]
    Remind(InMatter),
    /// Take your request back
    #[command(after_help = "Example:\n  counterpart withdraw 1f0c --field \
                            reason=no-longer-needed")]
    Withdraw(InMatter),
    /// Lift your request above the desk: raises a call about it, and says so in the matter
    #[command(after_help = "Example:\n  counterpart escalate 1f0c --because overdue --text \"It \
                            was due on Friday.\"")]
    Escalate(EscalateArgs),
    /// Call a peer's duty desk; take, talk, hand over, close
    #[command(after_help = "Example:\n  counterpart call raise Borealis --urgency flash --topic \
                            danger-to-life --text \"Somebody is about to be hurt.\"")]
    Call {
        /// What.
        #[command(subcommand)]
        what: CallCommand,
    },
    /// Wait until something rings at this desk, and ring the terminal until it is taken
    #[command(after_help = "Example:\n  counterpart ring\n\nExit: 0 nothing rings any more, 1 it \
                            rings (with --once, or when the time is over).")]
    Ring(RingArgs),
    /// Test the line to a peer, answer a test, or review how the line was used
    #[command(after_help = "Example:\n  counterpart line review Borealis --from \
                            2030-01-01T00:00:00Z")]
    Line {
        /// What.
        #[command(subcommand)]
        what: LineCommand,
    },
    /// Raise a stream together with a peer, for a time
    #[command(after_help = "Example:\n  counterpart surge propose Borealis --until \
                            2030-06-14T09:00:00+08:00 --text \"Attacks on hospitals.\"")]
    Surge {
        /// What.
        #[command(subcommand)]
        what: SurgeCommand,
    },
    /// What an act of a kind asks for: fields, choices, what is required
    #[command(after_help = "Example:\n  counterpart form refuse --matter 1f0c")]
    Form(FormArgs),
    /// The legal bases that this version knows: measures, grounds, what a request needs, and what
    /// holds of them for you and the other side
    #[command(after_help = "Example:\n  counterpart instrument hanoi Borealis")]
    Instrument(OfInstrument),
    /// What each side needs in a request to it
    #[command(after_help = "Example:\n  counterpart requirements show Borealis")]
    Requirements {
        /// What.
        #[command(subcommand)]
        what: RequirementsCommand,
    },
    /// List matters, or show one
    #[command(after_help = "Example:\n  counterpart matter show 1f0c")]
    Matter {
        /// Which.
        #[command(subcommand)]
        what: MatterCommand,
    },
    /// Partners without a node: you write them pages, and enter by hand what comes
    #[command(after_help = "Example:\n  counterpart correspondent add Cascadia --callback \
                            \"+1 555 0177\" --address fax=\"+1 555 0178\"")]
    Correspondent {
        /// What.
        #[command(subcommand)]
        what: CorrespondentCommand,
    },
    /// Enter what came from a correspondent by telephone, mail or otherwise
    #[command(after_help = "Example:\n  counterpart enter answer 1f0c --how phone --at \
                            2030-06-14T09:00:00+08:00 --by \"Desk 2\" --field extent=full \
                            --field final=yes --text \"Preserved.\"\n  counterpart enter \
                            request --from Cascadia --how fax --at 2030-06-14T09:00:00+08:00 \
                            --file request.json")]
    Enter(EnterArgs),
    /// The printable page of an act of yours, with what proves it, in a new folder
    #[command(after_help = "Example:\n  counterpart page 1f0c to-cascadia\n\nCheck it: \
                            counterpart-verify page to-cascadia --fingerprint \"12345 ...\"")]
    Page {
        /// First digits of the matter
        matter: String,
        /// The new folder
        dir: PathBuf,
        /// First digits of the act [default: your newest in the matter]
        #[arg(long, value_name = "DIGITS")]
        entry: Option<String>,
    },
    /// Note that two matters are the same request that came twice; stays here
    #[command(after_help = "Example:\n  counterpart same 1f0c 7a3b")]
    Same {
        /// First digits of a matter
        one: String,
        /// First digits of the other
        other: String,
    },
    /// Notes about a matter that stay here: never logged, never sent
    #[command(after_help = "Example:\n  counterpart note add 1f0c \"Ask the night shift for the \
                            log.\"")]
    Note {
        /// What.
        #[command(subcommand)]
        what: NoteCommand,
    },
    /// Who of us looks after a matter; stays here
    #[command(after_help = "Example:\n  counterpart owner 1f0c \"Duty desk 2\"")]
    Owner(OwnerArgs),
    /// Tasks of our own in a matter, with a time; they stay here
    #[command(after_help = "Example:\n  counterpart task add 1f0c \"Call the hospital.\" --in 2h")]
    Task {
        /// What.
        #[command(subcommand)]
        what: TaskCommand,
    },
    /// Files beside the acts of a matter: list them, or open one into a new file
    #[command(after_help = "Example:\n  counterpart attachment list 1f0c\n\nTo attach: \
                            counterpart answer 1f0c --attach evidence=log.txt ...")]
    Attachment {
        /// What.
        #[command(subcommand)]
        what: AttachmentCommand,
    },
    /// What is due, across all matters: what has the least time left comes first
    #[command(after_help = "Example:\n  counterpart due --ours")]
    Due {
        /// Only what we must do, and holds that end for us
        #[arg(long)]
        ours: bool,
        /// How many clocks at the most
        #[arg(long, default_value_t = 100, value_parser = value_parser!(u32).range(1..))]
        limit: u32,
        /// Instead, the marks that clocks which concern us have passed since a time
        #[arg(long, value_name = "TIME")]
        since: Option<String>,
        /// With --since: of exercises, which have a calendar of their own
        #[arg(long, requires = "since")]
        drill: bool,
    },
    /// Write what is due into a new iCalendar file: times and numbers, nothing of a case
    #[command(after_help = "Example:\n  counterpart calendar due.ics")]
    Calendar {
        /// The new file
        file: PathBuf,
    },
    /// The terms of a channel: zones, holidays, deadlines, streams; agreed by an act of each side
    #[command(after_help = "Example:\n  counterpart terms show Borealis --write terms.json\n  \
                            counterpart terms propose terms.json Borealis")]
    Terms {
        /// What.
        #[command(subcommand)]
        what: TermsCommand,
    },
    /// Both logs of a channel: heads and the newest leaves
    #[command(after_help = "Example:\n  counterpart log Borealis --limit 50\n  counterpart log \
                            Borealis --checkpoint head.txt")]
    Log(LogArgs),
    /// Carry a channel by USB stick or any other means
    #[command(after_help = "Example:\n  counterpart pouch pack Borealis /media/stick/to-borealis")]
    Pouch {
        /// Which way.
        #[command(subcommand)]
        what: PouchCommand,
    },
    /// Write a matter into a new folder that anyone can verify off line
    #[command(after_help = "Example:\n  counterpart dossier 1f0c case-17")]
    Dossier {
        /// First digits of the matter
        matter: String,
        /// The new folder
        dir: PathBuf,
        /// Leave the attachments out; the acts that name them stay
        #[arg(long)]
        without_attachments: bool,
    },
    /// What both sides did for each other, counted so that both come to the same digits
    #[command(
        after_help = "Example:\n  counterpart figures --peer Borealis --from 2026-01-01 --to \
                            2027-01-01 --as-of 2027-02-01\n  counterpart figures \
                            --peer Borealis --agree --year 2026\n  counterpart figures \
                            --by-hand\n\nA day begins at midnight UTC. With a \
                            time in the past, both sides come to the same digest."
    )]
    Figures(FiguresArgs),
    /// Check the whole record again from its raw bytes
    #[command(after_help = "Example:\n  counterpart fsck")]
    Fsck,
    /// Make again what follows from acts and heads; says whether anything differed
    #[command(after_help = "Example:\n  counterpart rebuild")]
    Rebuild,
    /// Take away the text of a closed matter; its proofs, states and figures stay
    #[command(after_help = "Example:\n  counterpart erase 1f0c --yes\n  counterpart erase \
                            --due\n\nThe peer is told by an act. Backups from before still hold \
                            the text: counterpart backup forget.\n\
                            Periods of retention are lines in the file config: retain = 365..730, \
                            retain.STREAM, retain.STREAM.FLOW.")]
    Erase(EraseArgs),
    /// Hold the text of a matter back from erasure until a time; it stays here
    #[command(after_help = "Example:\n  counterpart retain 1f0c --until \
                            2031-01-01T00:00:00+08:00 --why \"An appeal is pending.\"\n  \
                            counterpart retain 1f0c --lift")]
    Retain(RetainArgs),
    /// One sealed copy of record, keys and settings, while the node runs or not
    #[command(
        after_help = "Example:\n  counterpart backup /media/safe/arcadia-2026-11-22\n\nThe key \
                            of the backup goes into FILE.key, sealed under the node's passphrase. \
                            Keep the two apart; without the key the backup says nothing."
    )]
    Backup(BackupArgs),
    /// Put a backup back into a new folder: every log ends where the backup ends, and goes on
    #[command(after_help = "Example:\n  counterpart --home /srv/arcadia restore \
                            /media/safe/arcadia-2026-11-22 --root /media/safe/arcadia-root\n\n\
                            Without FILE: end a restore that was interrupted.\n\nOnly what stays \
                            here, into the node that is there: counterpart restore FILE \
                            --home-only")]
    Restore {
        /// The backup; its key lies in FILE.key
        file: Option<PathBuf>,
        /// Put back notes, owners and tasks alone; the node must not be running
        #[arg(long, requires = "file")]
        home_only: bool,
        /// End the logs under a number above this one, which a peer knows of this node; without
        /// FILE those of the node that is there, which must not be running
        #[arg(long, value_name = "N", conflicts_with = "home_only")]
        after_epoch: Option<u64>,
        /// Where the root keys are.
        #[command(flatten)]
        root: Root,
    },
    /// Look at the house: rights, disk, clock, backups, peers; each finding with its remedy
    #[command(after_help = "Example:\n  counterpart doctor --json")]
    Doctor,
    /// The proofs that a peer signed two things that cannot both be true
    #[command(after_help = "Example:\n  counterpart proofs\n  counterpart proofs export 1 \
                            proof-1.cbor\n\nWhoever has the file and the fingerprint of that peer \
                            checks it off line:\n  counterpart-verify inconsistency proof-1.cbor \
                            --fingerprint \"12345 ...\"")]
    Proofs {
        /// One of them as a file.
        #[command(subcommand)]
        what: Option<ProofsCommand>,
    },
    /// The calendar of the drill channels
    #[command(after_help = "Example:\n  counterpart drill calendar --advance 86400")]
    Drill {
        /// What.
        #[command(subcommand)]
        what: DrillCommand,
    },
    /// Check a dossier, a statement, a receipt, a checkpoint, a proof or a log, without a node;
    /// the arguments are those of counterpart-verify
    #[command(disable_help_flag = true)]
    #[command(
        after_help = "Example:\n  counterpart verify dossier case-17 --fingerprint \"12345 ...\" \
                            --fingerprint \"67890 ...\""
    )]
    Verify {
        /// As for counterpart-verify; `counterpart verify help` lists them
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGS")]
        words: Vec<OsString>,
    },
    /// Two real nodes meet, work on an exercise channel, and are checked
    #[command(
        after_help = "Example:\n  counterpart demo --headless --dir demo-1\n\nEverything stays in \
                            the folder. Exit 0 only if all of it held."
    )]
    Demo {
        /// Do not pause between the lines
        #[arg(long)]
        headless: bool,
        /// A new or empty folder [default: one among the temporary files]
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
    },
    /// Measure: each figure beside a limit from the same run
    #[command(after_help = "Example:\n  counterpart bench verify --json")]
    Bench {
        /// exchange, verify, log, verbs, many, hostile or files [default: all]
        part: Option<String>,
    },
    /// Run the node: peers reach it, and it reaches them, until Ctrl-C or SIGTERM
    #[command(after_help = "Example:\n  counterpart serve")]
    Serve,
}

/// How a fingerprint was compared.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Compared {
    /// Over a telephone number that you had already, with a voice that you know
    Voice,
    /// Face to face
    InPerson,
}

impl Compared {
    /// The word in the accreditation.
    pub fn word(self) -> &'static str {
        match self {
            Compared::Voice => "voice",
            Compared::InPerson => "in-person",
        }
    }
}

/// Where the root keys are.
#[derive(Debug, Args)]
pub struct Root {
    /// The folder of the root keys [default: HOME-root]
    #[arg(long, value_name = "DIR")]
    pub root: Option<PathBuf>,
    /// The passphrase of the root keys in a file [default: the same source as the node's]
    #[arg(long, value_name = "FILE")]
    pub root_passphrase_file: Option<PathBuf>,
}

/// A new node.
#[derive(Debug, Args)]
pub struct Init {
    /// The authority's name in English; asked for at the terminal
    #[arg(long)]
    pub name: Option<String>,
    /// The authority's name in Chinese
    #[arg(long)]
    pub name_zh: Option<String>,
    /// Where the root keys go.
    #[command(flatten)]
    pub root: Root,
    /// Address and port to listen on; without it the node can only call out
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<SocketAddr>,
    /// Where peers reach it, HOST:PORT; may be given again [default: the address listened on]
    #[arg(long, value_name = "HOST:PORT")]
    pub endpoint: Vec<String>,
    /// A number to call back; may be given again
    #[arg(long, value_name = "NUMBER")]
    pub callback: Vec<String>,
    /// A line of work; may be given again [default: cybercrime]
    #[arg(long, value_name = "S")]
    pub stream: Vec<String>,
    /// The token on which the signing keys are to lie.
    #[command(flatten)]
    pub token: TokenArgs,
}

/// What to do with credentials.
#[derive(Debug, Subcommand)]
pub enum CredentialCommand {
    /// Show your own credential, or that of a peer
    #[command(after_help = "Example:\n  counterpart credential show Borealis")]
    Show {
        /// Name or first digits of the party
        peer: Option<String>,
    },
    /// List the keys of every credential of yours, or of a peer: those in force, replaced, revoked
    #[command(after_help = "Example:\n  counterpart credential keys")]
    Keys {
        /// Name or first digits of the party
        peer: Option<String>,
    },
    /// Write your credential into a new file, to give to a peer
    #[command(after_help = "Example:\n  counterpart credential export arcadia.credential")]
    Export {
        /// The new file
        file: PathBuf,
    },
    /// Take in the credential that a peer gave you; nothing follows from it yet
    #[command(after_help = "Example:\n  counterpart credential import borealis.credential")]
    Import {
        /// The file
        file: PathBuf,
    },
}

/// Which log, and how much of it.
#[derive(Debug, Args)]
pub struct LogArgs {
    /// Name or first digits of the party
    pub peer: Option<String>,
    /// The channel for exercises
    #[arg(long)]
    pub drill: bool,
    /// How many leaves, the newest ones
    #[arg(long, default_value_t = 20)]
    pub limit: u32,
    /// Write our newest signed head into a new file, and its verifier keys beside it
    #[arg(long, value_name = "FILE")]
    pub checkpoint: Option<PathBuf>,
}

/// Which matters.
#[derive(Debug, Subcommand)]
pub enum MatterCommand {
    /// The newest matters: what is due soonest comes first, closed ones last
    #[command(after_help = "Example:\n  counterpart matter list --limit 20")]
    List {
        /// How many at the most
        #[arg(long, default_value_t = 100, value_parser = value_parser!(u32).range(1..))]
        limit: u32,
    },
    /// One matter: both halves side by side, where it stands, what you may do next
    #[command(after_help = "Example:\n  counterpart matter show 1f0c")]
    Show {
        /// First digits of the matter
        matter: String,
    },
}

/// What to do with exercises.
#[derive(Debug, Subcommand)]
pub enum DrillCommand {
    /// What the calendar of the drill channels shows; or move it on, and there is no way back
    #[command(after_help = "Example:\n  counterpart drill calendar --advance 86400")]
    Calendar {
        /// By so many seconds
        #[arg(long, value_name = "SECONDS")]
        advance: Option<u32>,
    },
}
