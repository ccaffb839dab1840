//! Lengths of files, functions and lines.

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use crate::house::{Findings, House};

const FILE_LINES: usize = 700;
const FUNCTION_LINES: usize = 70;
const COLUMNS: usize = 100;

/// Files and functions that are longer than the house allows, each with its length.
pub fn lengths(house: &House) -> Findings {
    let mut found = Findings::default();
    for file in house.rust() {
        found.seen += 1;
        let lines = file.text.lines().count();
        if lines > FILE_LINES {
            found.breach(format!("{} {lines}", file.path));
        }
        let Ok(tree) = syn::parse_file(&file.text) else {
            found.breach(format!("{} is not Rust", file.path));
            continue;
        };
        let mut functions = Functions::default();
        functions.visit_file(&tree);
        found.seen += functions.all.len();
        for (name, lines) in functions.all {
            if lines > FUNCTION_LINES {
                found.breach(format!("{}::{name} {lines}", file.path));
            }
        }
    }
    found.sorted()
}

/// Lines of Rust that pass the column.
pub fn width(house: &House) -> Findings {
    let mut found = Findings::default();
    for file in house.rust() {
        for (at, line) in file.text.lines().enumerate() {
            found.seen += 1;
            let columns = line.chars().count();
            if columns > COLUMNS {
                found.breach(format!("{}:{} has {columns} columns", file.path, at + 1));
            }
        }
    }
    found
}

/// Every function of a file with its number of lines, signature and braces included.
#[derive(Default)]
struct Functions {
    owner: String,
    all: Vec<(String, usize)>,
}

impl Functions {
    fn add(&mut self, name: &syn::Ident, from: Span, to: Span) {
        let lines = to.end().line + 1 - from.start().line;
        self.all.push((format!("{}{name}", self.owner), lines));
    }
}

impl<'ast> Visit<'ast> for Functions {
    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        let owner = match &*item.self_ty {
            syn::Type::Path(path) => path.path.segments.last().map(|last| last.ident.to_string()),
            _ => None,
        };
        let before =
            std::mem::replace(&mut self.owner, owner.map_or_else(String::new, |o| o + "."));
        visit::visit_item_impl(self, item);
        self.owner = before;
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.add(&item.sig.ident, item.sig.span(), item.block.span());
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.add(&item.sig.ident, item.sig.span(), item.block.span());
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        if let Some(block) = &item.default {
            self.add(&item.sig.ident, item.sig.span(), block.span());
        }
        visit::visit_trait_item_fn(self, item);
    }
}
