//! Where what stays here lies, as the node holds it: the file, why it cannot be read, and the older
//! copies beside it.

use counterpart_record::fault::Result;
use counterpart_store::Home;

/// Opens the older copies of what stays here that there are now.
pub type Attic = Box<dyn Fn() -> Result<Vec<Box<dyn Home>>> + Send>;

/// What stays here, as far as this process has it.
#[derive(Default)]
pub(crate) struct Hearth {
    /// The file, or why it cannot be read; `None` for a node without.
    pub home: Option<Result<Box<dyn Home>>>,
    /// Older copies of it.
    pub attic: Option<Attic>,
    /// It may hold something of matters that our log says were erased.
    pub behind: bool,
}
