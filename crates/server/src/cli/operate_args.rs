//! The commands of whoever runs the node, as `clap` reads them.

use super::args::Root;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// New keys, or the end of old ones.
#[derive(Debug, Args)]
pub struct RotateArgs {
    /// Make no new keys, but destroy the secrets from before the newest rotation
    #[arg(long)]
    pub drop_older: bool,
    /// Destroy them although a peer has not acknowledged the newest keys
    #[arg(long, requires = "drop_older")]
    pub anyway: bool,
    /// Make no new keys: sign what `config` says now, such as another endpoint or call-back number
    #[arg(long, conflicts_with_all = ["drop_older", "compromised"])]
    pub settings_only: bool,
    /// Somebody else may have the old keys: none of them is used again, not even to tell peers
    #[arg(long, conflicts_with = "drop_older")]
    pub compromised: bool,
    /// Where the root keys are.
    #[command(flatten)]
    pub root: Root,
}

/// What to do with a passphrase.
#[derive(Debug, Subcommand)]
pub enum PassphraseCommand {
    /// Seal the node's keys, or the root keys, under a new passphrase; the node must not be running
    #[command(after_help = "Example:\n  counterpart passphrase change\n  counterpart passphrase \
                            change --of-root --root /media/safe/arcadia-root\n\nThe new one comes \
                            from --new-passphrase-file, from COUNTERPART_NEW_PASSPHRASE, or from \
                            the terminal.\nBackups from before open with the passphrase of their \
                            day.")]
    Change {
        /// Read the new passphrase from the first line of a file
        #[arg(long, value_name = "FILE")]
        new_passphrase_file: Option<PathBuf>,
        /// That of the root keys, and not that of the node
        #[arg(long)]
        of_root: bool,
        /// Where the root keys are.
        #[command(flatten)]
        root: Root,
    },
}

/// A new backup, or what became of others.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, arg_required_else_help = true)]
pub struct BackupArgs {
    /// The new file
    pub file: Option<PathBuf>,
    /// Or look at those that were made.
    #[command(subcommand)]
    pub what: Option<BackupCommand>,
}

/// What to do with backups that were made.
#[derive(Debug, Subcommand)]
pub enum BackupCommand {
    /// The backups that this node made, and which of them can still be restored
    #[command(after_help = "Example:\n  counterpart backup list")]
    List,
    /// Destroy the key of a backup: no copy of it can be read any more
    #[command(after_help = "Example:\n  counterpart backup forget \
                            /media/safe/arcadia-2026-11-22\n\nCopies of the file that ends with \
                            .key have to be destroyed where they lie.")]
    Forget {
        /// The backup's file, or the first digits of its id
        backup: String,
        /// You have destroyed every copy of the key yourself
        #[arg(long)]
        destroyed: bool,
    },
}

/// What is erased.
#[derive(Debug, Args)]
pub struct EraseArgs {
    /// First digits of the matter
    #[arg(required_unless_present = "due", conflicts_with = "due")]
    pub matter: Option<String>,
    /// All closed matters whose period of retention is over; without --yes they are listed
    #[arg(long)]
    pub due: bool,
    /// With --due: also those that may be erased but need not yet
    #[arg(long, requires = "due")]
    pub may: bool,
    /// With --due: the clock is right, although it went far ahead since it was last seen
    #[arg(long, requires = "due")]
    pub clock_is_right: bool,
    /// It cannot be undone, and is meant
    #[arg(long)]
    pub yes: bool,
}

/// What is held back.
#[derive(Debug, Args)]
pub struct RetainArgs {
    /// First digits of the matter; without it, all holds
    pub matter: Option<String>,
    /// Until then: a time with its offset
    #[arg(long, value_name = "TIME", requires = "matter")]
    pub until: Option<String>,
    /// Why; it stays here
    #[arg(long, requires = "until")]
    pub why: Option<String>,
    /// It is held no longer
    #[arg(long, requires = "matter", conflicts_with = "until")]
    pub lift: bool,
}

/// A token for the keys of a new node.
#[derive(Debug, Args)]
pub struct TokenArgs {
    /// Make the signing keys on a token: its PKCS#11 module, a shared library
    #[arg(long, value_name = "MODULE", requires = "token")]
    pub pkcs11: Option<PathBuf>,
    /// The label of the token
    #[arg(long, value_name = "LABEL", requires = "pkcs11")]
    pub token: Option<String>,
    /// A file whose first line is its PIN [default: COUNTERPART_PIN, else the terminal]
    #[arg(long, value_name = "FILE", requires = "pkcs11")]
    pub pin_file: Option<PathBuf>,
}

/// What to do with a proof of inconsistency.
#[derive(Debug, Subcommand)]
pub enum ProofsCommand {
    /// Write one of them as a file that proves by itself, for whoever is to judge
    #[command(after_help = "Example:\n  counterpart proofs export 1 proof-1.cbor")]
    Export {
        /// Its number in the list of `counterpart proofs`
        number: u64,
        /// The file, or a folder for it
        file: PathBuf,
    },
}
