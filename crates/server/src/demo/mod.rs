//! `counterpart demo`: two real nodes in two processes, Arcadia and Borealis, enrol each other and
//! play an exercise on its own calendar. Everything goes through the command line, as a person
//! would; what comes out is checked, and the demo succeeds only if all of it held and every kind of
//! act that the rules know was played.

mod story;
mod judge;
mod figures;
mod apart;
mod line;
mod request;
mod terms;
mod telling;
mod stage;

use counterpart_record::fault::Result;
use counterpart_rules::say::Lang;
use std::path::Path;

/// Plays the demo in a new folder and leaves everything there. `tell` hears each line.
pub fn run(folder: &Path, lang: Lang, tell: &mut dyn FnMut(&str)) -> Result<()> {
    let mut stage = stage::Stage::set(folder, lang)?;
    story::play(&mut stage, tell)
}
