//! The commands of a channel as a whole: figures, pouches, terms, as `clap` reads them.

use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Which figures.
#[derive(Debug, Args)]
pub struct FiguresArgs {
    /// Name or first digits of the party; may be left out when there is only one. Given again:
    /// all of them together, as the figures of a side
    #[arg(long)]
    pub peer: Vec<String>,
    /// Of the channel for exercises
    #[arg(long)]
    pub drill: bool,
    /// What was opened from this time on: a day, or a time with its offset
    #[arg(long, value_name = "TIME")]
    pub from: Option<String>,
    /// And before this one
    #[arg(long, value_name = "TIME")]
    pub to: Option<String>,
    /// As things stood at this time [default: now]
    #[arg(long, value_name = "TIME")]
    pub as_of: Option<String>,
    /// Print a table for other programs (RFC 4180)
    #[arg(long, group = "form")]
    pub csv: bool,
    /// Write a drawing into a new file
    #[arg(long, value_name = "FILE", group = "form")]
    pub svg: Option<PathBuf>,
    /// Print what may be published: without small counts, and without what would give them back
    #[arg(long, group = "form")]
    pub published: bool,
    /// State these figures to the peer, who compares them with its own
    #[arg(long, group = "form")]
    pub agree: bool,
    /// Compare the figures that were stated in a matter: its first digits
    #[arg(long, value_name = "MATTER", group = "form")]
    pub answer: Option<String>,
    /// What was asked and answered by hand, with partners without a node: your own count, shared
    /// with nobody; --peer names one of them
    #[arg(long, group = "form")]
    pub by_hand: bool,
    /// Print the statistics of a year under Directive (EU) 2023/977, Article 18, with all peers; or
    /// with --agree, state the figures of that whole year (UTC) to one of them
    #[arg(
        long,
        value_name = "YEAR",
        conflicts_with_all = ["from", "to", "csv", "svg", "published", "answer", "by_hand"]
    )]
    pub year: Option<u32>,
}

/// Which way a pouch goes.
#[derive(Debug, Subcommand)]
pub enum PouchCommand {
    /// Write what the peer may lack into a new file
    #[command(after_help = "Example:\n  counterpart pouch pack Borealis /media/stick/to-borealis")]
    Pack {
        /// Name or first digits of the party
        peer: String,
        /// The new file
        file: PathBuf,
        /// The channel for exercises
        #[arg(long)]
        drill: bool,
        /// The attachments that the peer may lack as well, in the folder FILE.attachments beside it
        #[arg(long)]
        attachments: bool,
    },
    /// Take in a file that a peer packed; twice does no harm
    #[command(after_help = "Example:\n  counterpart pouch unpack /media/stick/to-arcadia")]
    Unpack {
        /// The file
        file: PathBuf,
    },
}

/// What to do with terms.
#[derive(Debug, Subcommand)]
pub enum TermsCommand {
    /// What is in force, and what either side proposes
    #[command(after_help = "Example:\n  counterpart terms show Borealis --write terms.json")]
    Show {
        /// Which channel.
        #[command(flatten)]
        of: OfChannel,
        /// Write a sheet to begin with into a new file
        #[arg(long, value_name = "FILE")]
        write: Option<PathBuf>,
    },
    /// Propose a sheet; a newer proposal replaces the one before
    #[command(after_help = "Example:\n  counterpart terms propose terms.json Borealis")]
    Propose {
        /// The sheet
        file: PathBuf,
        /// Which channel.
        #[command(flatten)]
        of: OfChannel,
        /// What to say beside it
        #[arg(long)]
        text: Option<String>,
    },
    /// Accept what the peer proposes
    #[command(after_help = "Example:\n  counterpart terms accept Borealis")]
    Accept {
        /// Which channel.
        #[command(flatten)]
        of: OfChannel,
        /// What to say beside it
        #[arg(long)]
        text: Option<String>,
    },
    /// Decline what the peer proposes
    #[command(after_help = "Example:\n  counterpart terms decline Borealis --text \"Our \
                            holidays of October are missing.\"")]
    Decline {
        /// Which channel.
        #[command(flatten)]
        of: OfChannel,
        /// What to say beside it
        #[arg(long)]
        text: Option<String>,
    },
}

/// Which channel.
#[derive(Debug, Args)]
pub struct OfChannel {
    /// Name or first digits of the party; may be left out when there is only one
    pub peer: Option<String>,
    /// The channel for exercises
    #[arg(long)]
    pub drill: bool,
}
