//! The commands of attachments, as `clap` reads them.

use clap::Subcommand;
use std::path::PathBuf;

/// What to do with attachments.
#[derive(Debug, Subcommand)]
pub enum AttachmentCommand {
    /// The attachments of a matter: what each is, and how much of it is here
    #[command(after_help = "Example:\n  counterpart attachment list 1f0c")]
    List {
        /// First digits of the matter
        matter: String,
    },
    /// Open one into a new file that you name; nothing has opened or scanned it before
    #[command(
        after_help = "Example:\n  counterpart attachment save 1f0c 2 /srv/quarantine/a17\n\n\
                            The file is for its owner alone. It comes from the other side as it \
                            is: look at it where it can do no harm."
    )]
    Save {
        /// First digits of the matter
        matter: String,
        /// Its number in the matter
        number: u32,
        /// The new file
        file: PathBuf,
    },
}
