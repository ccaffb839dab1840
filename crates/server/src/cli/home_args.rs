//! The commands of what stays here, as `clap` reads them.

use clap::{Args, Subcommand};

/// What to do with notes.
#[derive(Debug, Subcommand)]
pub enum NoteCommand {
    /// Add a note to a matter
    #[command(after_help = "Example:\n  counterpart note add 1f0c \"Ask the night shift for the \
                            log.\" --by \"Desk 2\"")]
    Add {
        /// First digits of the matter
        matter: String,
        /// What it says
        text: String,
        /// Who wrote it
        #[arg(long, value_name = "NAME")]
        by: Option<String>,
    },
    /// The notes of a matter, oldest first
    #[command(after_help = "Example:\n  counterpart note list 1f0c")]
    List {
        /// First digits of the matter
        matter: String,
        /// How many at the most, the newest ones
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
}

/// Who looks after a matter.
#[derive(Debug, Args)]
pub struct OwnerArgs {
    /// First digits of the matter
    pub matter: String,
    /// A person or a desk; without it, you are told who it is
    pub name: Option<String>,
    /// Nobody any more
    #[arg(long, conflicts_with = "name")]
    pub nobody: bool,
}

/// What to do with tasks.
#[derive(Debug, Subcommand)]
pub enum TaskCommand {
    /// Add a task to a matter
    #[command(after_help = "Example:\n  counterpart task add 1f0c \"Call the hospital.\" --due \
                            2030-06-14T09:00:00+08:00")]
    Add {
        /// First digits of the matter
        matter: String,
        /// What is to be done
        text: String,
        /// By when: a time with its offset
        #[arg(long, value_name = "TIME", conflicts_with = "within")]
        due: Option<String>,
        /// By when, from now: 30min, 2h, 3d
        #[arg(long = "in", value_name = "LENGTH")]
        within: Option<String>,
    },
    /// Note that a task is done
    #[command(after_help = "Example:\n  counterpart task done 17")]
    Done {
        /// Its number
        task: u32,
    },
    /// Tasks that are open, what is due first at the front
    #[command(after_help = "Example:\n  counterpart task list 1f0c --all")]
    List {
        /// First digits of the matter; without it, of all matters
        matter: Option<String>,
        /// Also those that are done
        #[arg(long)]
        all: bool,
    },
}
