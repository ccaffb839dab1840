//! The commands of requests and what an act says, as `clap` reads them.

use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Args, Command, FromArgMatches, Subcommand};
use std::path::PathBuf;

/// What an act says.
#[derive(Clone, Debug, Default, Args)]
pub struct Form {
    /// One field; may be given again
    #[arg(long, value_name = "NAME=VALUE")]
    pub field: Vec<String>,
    /// The field `text`
    #[arg(long)]
    pub text: Option<String>,
    /// The language of the texts, as a tag: en, zh-CN [default: that of the screen, unless the
    /// script of a text says otherwise]
    #[arg(long, value_name = "TAG")]
    pub text_lang: Option<String>,
    /// All fields as one JSON object in a file; --field comes on top
    #[arg(long, value_name = "FORM.json")]
    pub file: Option<PathBuf>,
    /// A file that goes with it, up to 50 MiB: KIND is order, data, translation, evidence or
    /// other; may be given again
    #[arg(long, value_name = "KIND=PATH")]
    pub attach: Vec<String>,
    /// Sign it as it is: although it lacks what the instrument or the other side wants, or says
    /// what can hardly be meant
    #[arg(long)]
    pub as_it_is: bool,
}

/// An act in a matter that is open.
#[derive(Debug, Args)]
pub struct InMatter {
    /// First digits of the matter
    pub matter: String,
    /// What it says.
    #[command(flatten)]
    pub form: Form,
}

/// The word of a desk that a person has a request.
#[derive(Debug, Args)]
pub struct AcknowledgeArgs {
    /// First digits of the matter
    pub matter: String,
    /// In whose name.
    #[command(flatten)]
    pub desk: DeskName,
    /// What it says.
    #[command(flatten)]
    pub form: Form,
}

/// The desk in whose name somebody writes, and whether it was typed for this act: one that is set
/// for a whole shift stands behind what the form says. Only the parser can tell the two apart.
#[derive(Debug, Default)]
pub struct DeskName {
    /// Its name.
    pub name: Option<String>,
    /// Whether it stands on the command line.
    pub typed: bool,
}

impl FromArgMatches for DeskName {
    fn from_arg_matches(found: &ArgMatches) -> Result<DeskName, clap::Error> {
        let typed = found.value_source("desk") == Some(ValueSource::CommandLine);
        Ok(DeskName { name: found.get_one::<String>("desk").cloned(), typed })
    }

    fn update_from_arg_matches(&mut self, found: &ArgMatches) -> Result<(), clap::Error> {
        *self = DeskName::from_arg_matches(found)?;
        Ok(())
    }
}

impl Args for DeskName {
    fn augment_args(command: Command) -> Command {
        let desk = Arg::new("desk").long("desk").env("COUNTERPART_DESK").value_name("NAME");
        command.arg(desk.help("The desk in whose name you write"))
    }

    fn augment_args_for_update(command: Command) -> Command {
        DeskName::augment_args(command)
    }
}

/// What to do with requests.
#[derive(Debug, Subcommand)]
pub enum RequestCommand {
    /// Open a new matter with a request; at a terminal, without fields, you are asked for each
    #[command(after_help = "Example:\n  counterpart request new Borealis --file request.json \
                            --field urgency=normal\n\nThe file is one JSON object with a member \
                            for each field; `counterpart form request` lists them.")]
    New {
        /// To whom.
        #[command(flatten)]
        of: OfRequest,
        /// What it says.
        #[command(flatten)]
        form: Form,
    },
    /// All that a request still lacks: by its form, its instrument, and what the other side
    /// published; nothing is signed or sent
    #[command(
        after_help = "Example:\n  counterpart request check Borealis --file request.json \\\n      \
                            --attach order=order.pdf\n\n\
                            Files are measured, not sealed. Exit 0 if it lacks nothing, 1 if it \
                            does."
    )]
    Check {
        /// To whom.
        #[command(flatten)]
        of: OfRequest,
        /// What it says.
        #[command(flatten)]
        form: Form,
    },
    /// Show a draft to the other side before it is sent: no clock runs, no figure counts it
    #[command(
        after_help = "Example:\n  counterpart request consult Borealis --file request.json\n\n\
                            Later: counterpart request new Borealis --from 1f0c"
    )]
    Consult {
        /// To whom.
        #[command(flatten)]
        of: OfRequest,
        /// What it says so far.
        #[command(flatten)]
        form: Form,
    },
}

/// To whom a matter is opened.
#[derive(Debug, Args)]
pub struct OfRequest {
    /// Name or first digits of the party; may be left out when there is only one
    pub peer: Option<String>,
    /// On the channel for exercises
    #[arg(long)]
    pub drill: bool,
    /// The line of work
    #[arg(long, value_name = "S")]
    pub stream: Option<String>,
    /// Begin with what you wrote in this matter: a draft that was shown, an earlier request
    #[arg(long, value_name = "DIGITS")]
    pub from: Option<String>,
}

/// Which form.
#[derive(Debug, Args)]
pub struct FormArgs {
    /// The kind, for example `request`
    pub kind: String,
    /// For a matter: the grounds that its instrument knows come first
    #[arg(long, value_name = "DIGITS")]
    pub matter: Option<String>,
    /// For a request on this instrument: its measures, the fields that it wants, its deadlines
    #[arg(long, value_name = "NAME", conflicts_with = "matter")]
    pub instrument: Option<String>,
    /// For a request of this measure: the fields that the instrument wants for it
    #[arg(long, value_name = "NAME", requires = "instrument")]
    pub measure: Option<String>,
}

/// Which instrument, and between whom.
#[derive(Debug, Args)]
pub struct OfInstrument {
    /// Which; without it, all on one line each
    pub name: Option<String>,
    /// With whom: name or first digits; may be left out when there is only one
    pub peer: Option<String>,
    /// On the channel for exercises
    #[arg(long)]
    pub drill: bool,
}

/// What to do with requirements.
#[derive(Debug, Subcommand)]
pub enum RequirementsCommand {
    /// What the other side published, and what you did
    #[command(after_help = "Example:\n  counterpart requirements show Borealis")]
    Show {
        /// Whose.
        #[command(flatten)]
        of: OfRequest,
    },
    /// Publish what a request to you needs; it takes the place of what you published before
    #[command(after_help = "Example:\n  counterpart requirements publish Borealis --field \
                            languages=en --field languages=zh-CN --field \
                            wanted=any:content:period --field declined=any:real-time-traffic")]
    Publish {
        /// To whom.
        #[command(flatten)]
        of: OfRequest,
        /// What it says.
        #[command(flatten)]
        form: Form,
    },
}
