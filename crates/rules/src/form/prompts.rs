//! The questions that a CLI or a page asks for a kind of act, in order.

use super::{Field, Kind, Need, Sort, row};
use crate::say::Say;

/// One question.
#[derive(Debug)]
pub struct Prompt {
    /// The name under which the answer goes into the form; members of groups with a dot.
    pub name: String,
    /// The label for a person.
    pub label: Say,
    /// How to write the answer.
    pub hint: Say,
    /// When an answer is needed.
    pub need: Need,
    /// The group of which at least one member is needed, for a member of such a group.
    pub one_of: Option<&'static str>,
    /// The words to choose from, or none; [`Prompt::choice`] is the phrase of each.
    pub choices: &'static [&'static str],
    /// The field behind the question.
    pub field: &'static Field,
}

impl Prompt {
    /// One of the choices for a person.
    pub fn choice(&self, word: &str) -> Say {
        Say::of(format!("choice-{}-{word}", self.field.name))
    }
}

/// Every question of a kind; groups are taken apart, so each answer is one value.
pub fn prompts(kind: &Kind) -> Vec<Prompt> {
    let mut out = Vec::new();
    for field in kind.fields {
        match &field.sort {
            Sort::Group(members) => {
                out.extend(members.iter().map(|member| {
                    let name = format!("{}.{}", field.name, member.name);
                    Prompt {
                        label: Say::of(format!("field-{}-{}", field.name, member.name)),
                        name,
                        one_of: Some(field.name).filter(|_| field.required() && leads(member)),
                        ..prompt(member)
                    }
                }));
            }
            // Files are named on the command line or chosen on a page, not typed as text.
            Sort::Attachments | Sort::Attached => {}
            _ => out.push(prompt(field)),
        }
    }
    out
}

/// Whether a member counts where at least one of its group is needed.
fn leads(member: &Field) -> bool {
    !matches!(member.need, Need::Beside(_))
}

fn prompt(field: &'static Field) -> Prompt {
    let choices = match field.sort {
        Sort::Choice(words) | Sort::Named(words) => words,
        _ => &[],
    };
    Prompt {
        name: field.name.to_owned(),
        label: Say::of(format!("field-{}", field.name)),
        hint: hinted(field),
        need: field.need,
        one_of: None,
        choices,
        field,
    }
}

fn hinted(field: &'static Field) -> Say {
    let say = Say::of(format!("hint-{}", hint(field)));
    match field.sort {
        Sort::Rows(fields) => {
            say.with("syntax", row::syntax(fields)).with("example", row::example(field))
        }
        _ => say,
    }
}

fn hint(field: &Field) -> &'static str {
    match field.sort {
        Sort::Choice(_) | Sort::Named(_) => "choice",
        Sort::Flag => "flag",
        Sort::Whole(..) => "whole",
        Sort::Instant => "instant",
        Sort::Date => "date",
        _ if field.is_matter() => "matter",
        _ if field.is_party() => "party",
        Sort::Token(_) => "token",
        Sort::Matters(_) => "matters",
        Sort::Languages(_) => "languages",
        Sort::Penalty => "penalty",
        Sort::Group(_) => "group",
        Sort::Text(_) => "text",
        Sort::Line(_) => "line",
        Sort::Span => "span",
        Sort::Rows(_) | Sort::Attachments | Sort::Attached => "rows",
        Sort::Sheet(_) => "sheet",
    }
}
