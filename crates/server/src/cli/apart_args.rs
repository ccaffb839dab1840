//! The commands of partners without a node, as `clap` reads them.

use super::request_args::Form;
use clap::{Args, Subcommand, ValueEnum};

/// What to do with correspondents.
#[derive(Debug, Subcommand)]
pub enum CorrespondentCommand {
    /// Describe a new one; your own log says so
    #[command(after_help = "Example:\n  counterpart correspondent add Cascadia --name-zh \
                            卡斯卡迪亚 --language en --callback \"+1 555 0177\" --address \
                            fax=\"+1 555 0178\"")]
    Add(Described),
    /// Describe one anew; what was said before stays in your log
    #[command(after_help = "Example:\n  counterpart correspondent change Cascadia Cascadia \
                            --callback \"+1 555 0179\"")]
    Change {
        /// Name or first digits
        correspondent: String,
        /// As it is now.
        #[command(flatten)]
        described: Described,
    },
    /// All of them
    #[command(after_help = "Example:\n  counterpart correspondent list")]
    List,
    /// One of them
    #[command(after_help = "Example:\n  counterpart correspondent show Cascadia")]
    Show {
        /// Name or first digits
        correspondent: String,
    },
}

/// Who a correspondent is.
#[derive(Debug, Args)]
pub struct Described {
    /// Its name in English
    pub name: String,
    /// Its name in Chinese
    #[arg(long)]
    pub name_zh: Option<String>,
    /// A language that it reads; may be given again
    #[arg(long, value_name = "TAG")]
    pub language: Vec<String>,
    /// A number to call back; may be given again
    #[arg(long, value_name = "NUMBER")]
    pub callback: Vec<String>,
    /// Where it is reached, for example fax=+15550178; may be given again
    #[arg(long, value_name = "KIND=ADDRESS")]
    pub address: Vec<String>,
}

/// What came by hand.
#[derive(Debug, Args)]
pub struct EnterArgs {
    /// The kind of act that it is; `matter show` lists those that may come
    pub kind: String,
    /// First digits of the matter; left out for a new request
    pub matter: Option<String>,
    /// For a new request: from which correspondent
    #[arg(long, value_name = "NAME", conflicts_with = "matter")]
    pub from: Option<String>,
    /// How it came; asked for at a terminal
    #[arg(long, value_enum)]
    pub how: Option<How>,
    /// When it came: a time with its offset; asked for at a terminal
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
    /// Who took it
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
    /// For a new request: on the ring for exercises
    #[arg(long, conflicts_with = "matter")]
    pub drill: bool,
    /// For a new request: the line of work
    #[arg(long, value_name = "S", conflicts_with = "matter")]
    pub stream: Option<String>,
    /// What it says.
    #[command(flatten)]
    pub form: Form,
}

/// How something came.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum How {
    /// By telephone
    Phone,
    /// By mail, on paper or electronic
    Mail,
    /// By fax
    Fax,
    /// Over another network
    OtherNetwork,
    /// In person
    InPerson,
}

impl How {
    /// The word in the statement.
    pub fn word(self) -> &'static str {
        match self {
            How::Phone => "phone",
            How::Mail => "mail",
            How::Fax => "fax",
            How::OtherNetwork => "other-network",
            How::InPerson => "in-person",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use counterpart_rules::apart::HOW;

    #[test]
    fn the_line_knows_every_way_in() {
        let words: Vec<&str> = How::value_variants().iter().map(|how| how.word()).collect();
        assert_eq!(words, HOW);
    }
}
