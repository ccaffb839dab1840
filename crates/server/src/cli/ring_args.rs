//! The commands of the line between duty desks, as `clap` reads them.

use clap::{Args, Subcommand, ValueEnum};

/// Who made a translation.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum TranslatedBy {
    /// A person
    Human,
    /// A machine, not checked
    Machine,
}

/// What is said, by whom.
#[derive(Debug, Args)]
pub struct Words {
    /// What you say, in your own language
    #[arg(long)]
    pub text: Option<String>,
    /// The language of what you say, as a tag: en, zh-CN [default: that of the screen, unless the
    /// script says otherwise]
    #[arg(long, value_name = "TAG")]
    pub text_lang: Option<String>,
    /// The same in another language; may be given again
    #[arg(long, value_name = "LANG=TEXT")]
    pub translation: Vec<String>,
    /// Who made the translations
    #[arg(long, value_enum, default_value = "machine")]
    pub translated_by: TranslatedBy,
    /// The desk in whose name you write
    #[arg(long, env = "COUNTERPART_DESK", value_name = "NAME")]
    pub desk: Option<String>,
}

/// Who is on the line.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum PostWord {
    /// The duty desk
    Desk,
    /// Whoever supervises the desk
    Supervisor,
    /// The principal, or whoever stands in
    Principal,
}

/// A request that is lifted above the desk.
#[derive(Debug, Args)]
pub struct EscalateArgs {
    /// First digits of the matter
    pub matter: String,
    /// Why; `counterpart form escalate` lists the words [default: overdue, if it is]
    #[arg(long, value_name = "WORD")]
    pub because: Option<String>,
    /// How urgent the call is: flash, immediate, priority or routine
    #[arg(long, value_name = "WORD", default_value = "immediate")]
    pub urgency: String,
    /// Help is needed by this time
    #[arg(long, value_name = "TIME")]
    pub needed_by: Option<String>,
    /// Sign it as it is: although it lacks what the instrument or the other side wants, or says
    /// what can hardly be meant
    #[arg(long)]
    pub as_it_is: bool,
    /// What is said.
    #[command(flatten)]
    pub words: Words,
}

/// What to do with calls.
#[derive(Debug, Subcommand)]
pub enum CallCommand {
    /// Call a peer: it rings there until a named desk takes it, and at home if nobody does
    #[command(after_help = "Example:\n  counterpart call raise Borealis --urgency immediate \
                            --topic request-not-answered --about 1f0c --text \"The logs expire \
                            tonight.\" --translation zh-CN=日志今晚到期。")]
    Raise {
        /// Name or first digits of the party; may be left out when there is only one
        peer: Option<String>,
        /// flash, immediate, priority or routine
        #[arg(long, value_name = "WORD")]
        urgency: Option<String>,
        /// What it is about; `counterpart form raise` lists the words
        #[arg(long, value_name = "WORD")]
        topic: Option<String>,
        /// First digits of a matter that it is about; may be given again
        #[arg(long, value_name = "MATTER")]
        about: Vec<String>,
        /// Help is needed by this time
        #[arg(long, value_name = "TIME")]
        needed_by: Option<String>,
        /// On the channel for exercises
        #[arg(long)]
        drill: bool,
        /// The line of work
        #[arg(long, value_name = "S")]
        stream: Option<String>,
        /// What is said.
        #[command(flatten)]
        words: Words,
    },
    /// Take a call in the name of a desk; something has to follow, or it rings again
    #[command(after_help = "Example:\n  counterpart call ack 1f0c --desk \"Duty desk 2\"")]
    Ack {
        /// First digits of the call
        matter: String,
        /// Who is there
        #[arg(long, value_enum)]
        post: Option<PostWord>,
        /// What is said.
        #[command(flatten)]
        words: Words,
    },
    /// Say something in a call
    #[command(after_help = "Example:\n  counterpart call say 1f0c --text \"正在核实。\" \
                            --translation \"en=We are checking.\" --translated-by human")]
    Say {
        /// First digits of the call
        matter: String,
        /// Ring the other side until it attends to this
        #[arg(long)]
        ring: bool,
        /// Who is there; with a desk named it takes the call as well
        #[arg(long, value_enum)]
        post: Option<PostWord>,
        /// What is said.
        #[command(flatten)]
        words: Words,
    },
    /// Give a call to another desk or shift of your own side
    #[command(
        after_help = "Example:\n  counterpart call hand-over 1f0c --to \"Day shift\" --text \
                            \"Custodian found; order at noon.\""
    )]
    HandOver {
        /// First digits of the call
        matter: String,
        /// The desk that has it from now on
        #[arg(long, value_name = "NAME")]
        to: Option<String>,
        /// Who is there
        #[arg(long, value_enum)]
        post: Option<PostWord>,
        /// What is said.
        #[command(flatten)]
        words: Words,
    },
    /// Close your side of a call; it is closed when both have
    #[command(after_help = "Example:\n  counterpart call close 1f0c --outcome settled --desk \
                            \"Duty desk 2\"\n\nThe first word of the side that is called names \
                            the desk.")]
    Close {
        /// First digits of the call
        matter: String,
        /// settled, goes-on-elsewhere, not-needed or not-settled
        #[arg(long, value_name = "WORD")]
        outcome: Option<String>,
        /// Who is there; with a desk named it takes the call as well
        #[arg(long, value_enum)]
        post: Option<PostWord>,
        /// What is said.
        #[command(flatten)]
        words: Words,
    },
    /// A call whole: the code, the number to call back, both halves
    #[command(after_help = "Example:\n  counterpart call show 1f0c")]
    Show {
        /// First digits of the call
        matter: String,
    },
    /// The code that both screens show, and which half of it you read aloud
    #[command(after_help = "Example:\n  counterpart call code 1f0c")]
    Code {
        /// First digits of the call
        matter: String,
    },
}

/// How to wait for a ring.
#[derive(Debug, Args)]
pub struct RingArgs {
    /// Look once and do not wait
    #[arg(long)]
    pub once: bool,
    /// Give up after so many seconds
    #[arg(long, value_name = "SECONDS")]
    pub seconds: Option<u64>,
}

/// What to do with a line.
#[derive(Debug, Subcommand)]
pub enum LineCommand {
    /// Begin a test: the peer's node answers by itself, and a person there is rung
    #[command(
        after_help = "Example:\n  counterpart line test Borealis\n\nWith `line_test_hours = \
                            24` in the file `config` the running node does it every day."
    )]
    Test {
        /// Name or first digits of the party; may be left out when there is only one
        peer: Option<String>,
        /// On the channel for exercises
        #[arg(long)]
        drill: bool,
        /// What is said.
        #[command(flatten)]
        words: Words,
    },
    /// Answer a peer's test, as a person at a named desk
    #[command(after_help = "Example:\n  counterpart line answer 1f0c --desk \"Duty desk 2\"")]
    Answer {
        /// First digits of the test
        matter: String,
        /// Who is there
        #[arg(long, value_enum)]
        post: Option<PostWord>,
        /// What is said.
        #[command(flatten)]
        words: Words,
    },
    /// How the line was used: calls, how soon they were taken, how far they climbed, tests
    #[command(after_help = "Example:\n  counterpart line review Borealis --from \
                            2030-01-01T00:00:00Z --to 2030-04-01T00:00:00Z")]
    Review {
        /// Name or first digits of the party; may be left out when there is only one
        peer: Option<String>,
        /// From this time [default: 30 days before its end]
        #[arg(long, value_name = "TIME")]
        from: Option<String>,
        /// Up to this time [default: now]
        #[arg(long, value_name = "TIME")]
        to: Option<String>,
        /// On the channel for exercises
        #[arg(long)]
        drill: bool,
    },
}

/// What to do with surges.
#[derive(Debug, Subcommand)]
pub enum SurgeCommand {
    /// Propose to raise a stream for a time
    #[command(
        after_help = "Example:\n  counterpart surge propose Borealis --stream fraud --until \
                            2030-06-14T09:00:00+08:00 --text \"Before the holidays.\""
    )]
    Propose {
        /// Name or first digits of the party; may be left out when there is only one
        peer: Option<String>,
        /// From this time [default: the agreement]
        #[arg(long, value_name = "TIME")]
        from: Option<String>,
        /// Up to this time; 90 days at the most
        #[arg(long, value_name = "TIME")]
        until: String,
        /// On the channel for exercises
        #[arg(long)]
        drill: bool,
        /// The line of work
        #[arg(long, value_name = "S")]
        stream: Option<String>,
        /// What is said.
        #[command(flatten)]
        words: Words,
    },
    /// Agree to a proposal
    #[command(after_help = "Example:\n  counterpart surge agree 1f0c")]
    Agree {
        /// First digits of the proposal
        matter: String,
        /// What is said.
        #[command(flatten)]
        words: Words,
    },
    /// Decline a proposal
    #[command(after_help = "Example:\n  counterpart surge decline 1f0c")]
    Decline {
        /// First digits of the proposal
        matter: String,
        /// What is said.
        #[command(flatten)]
        words: Words,
    },
    /// End a surge before its time; either side may
    #[command(after_help = "Example:\n  counterpart surge end 1f0c")]
    End {
        /// First digits of the surge
        matter: String,
        /// What is said.
        #[command(flatten)]
        words: Words,
    },
    /// The streams that are raised now
    #[command(after_help = "Example:\n  counterpart surge list")]
    List,
}
