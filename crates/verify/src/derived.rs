//! What lies in a dossier for people, proves nothing by itself and follows from the rest of it: the
//! summaries, and the verifier keys of its checkpoints. Each is made again from what was proven and
//! compared.

use crate::heads::Heads;
use crate::report::{Contents, Finding, Summary};
use crate::shelf::Shelf;
use counterpart_record::dossier::index::Index;
use counterpart_record::dossier::{vkeys_file, vkeys_text};
use counterpart_record::fault::Code;
use counterpart_rules::say::{Lang, Say};
use counterpart_rules::summary::Compared;

/// Checks both; to be called where nothing that they follow from is wrong.
pub(crate) fn check(
    (shelf, index, heads): (&Shelf<'_>, &Index<'_>, &Heads<'_>),
    contents: &mut Contents,
    unchecked: &mut Vec<Say>,
) -> Vec<Finding> {
    let mut findings = vkeys(shelf, index, heads);
    for (path, tag, file) in shelf.summaries() {
        let place = format!("data/{path}");
        let compared = file.bytes().map(|bytes| compared(contents, tag, bytes));
        match compared {
            Ok(Ok(Compared::Same { more })) => {
                contents.summaries.push(Summary { file: place, more });
            }
            Ok(Ok(Compared::Differs)) => findings.push(Code::SummaryDiffers.at(place).into()),
            Ok(Ok(Compared::OtherWords(version))) => {
                let say = Say::of("verify-unchecked-words").with("file", place);
                unchecked.push(say.with("version", version));
            }
            Ok(Err(NoLanguage)) => {
                unchecked.push(Say::of("verify-unchecked-language").with("file", place));
            }
            Err(fault) => findings.push(fault.into()),
        }
    }
    findings
}

/// This program does not speak the language of a summary.
struct NoLanguage;

/// DOS-20
fn compared(contents: &Contents, tag: &str, bytes: &[u8]) -> Result<Compared, NoLanguage> {
    let lang = Lang::ALL.into_iter().find(|lang| lang.tag() == tag).ok_or(NoLanguage)?;
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    Ok(contents.page().compare(lang, text))
}

/// The keys beside each checkpoint are those by which it was verified. DOS-24
fn vkeys(shelf: &Shelf<'_>, index: &Index<'_>, heads: &Heads<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (standing, listed) in heads.standing.iter().zip(&index.checkpoints) {
        let path = vkeys_file(&listed.file);
        let (Some(standing), Ok(file)) = (standing, shelf.file(&path)) else { continue };
        let good = vkeys_text(&standing.vkeys());
        match file.bytes() {
            Ok(bytes) if bytes == good.as_bytes() => {}
            Ok(_) => {
                let place = format!("data/{path}: not the keys that signed the checkpoint");
                findings.push(Code::KidUnknown.at(place).into());
            }
            Err(fault) => findings.push(fault.into()),
        }
    }
    findings
}
