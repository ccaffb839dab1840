//! Modules in reading order: one uses only those declared below it in `lib.rs`.

use std::collections::BTreeMap;

use syn::visit::{self, Visit};
use syn::{File, Item, ItemMod, Path, UseTree, Visibility};

use crate::house::{Findings, House, Text, is_test};

/// Every use of `crate::x` (or `super::x` that means the same) points down.
pub fn modules(house: &House) -> Findings {
    let mut found = Findings::default();
    for lib in house.rust().filter(|file| file.is_source() && file.path.ends_with("/src/lib.rs")) {
        let root = &lib.path[..lib.path.len() - "lib.rs".len()];
        let Some(order) = Order::of(lib) else {
            found.breach(format!("{} is not Rust", lib.path));
            continue;
        };
        // Tests may look up: they are read after the story.
        let sources = house.rust().filter(|file| file.path.starts_with(root) && !file.is_test());
        for file in sources {
            let inside = module_path(&file.path[root.len()..]);
            // `bin/` and `main.rs` stand above the library; `lib.rs` declares and re-exports.
            let Some(from) = inside.first().and_then(|top| order.rank(top)) else { continue };
            let Ok(tree) = syn::parse_file(&file.text) else {
                found.breach(format!("{} is not Rust", file.path));
                continue;
            };
            for target in targets(&tree, &inside) {
                let Some((module, to)) = order.meant(&target) else { continue };
                found.seen += 1;
                if to < from {
                    found.breach(format!(
                        "{} uses crate::{module}, declared above {}",
                        file.path, inside[0]
                    ));
                }
            }
        }
    }
    found.sorted()
}

/// The modules of one `lib.rs` from top to bottom, and what it re-exports from which.
struct Order {
    modules: Vec<String>,
    exports: BTreeMap<String, String>,
}

impl Order {
    fn of(lib: &Text) -> Option<Order> {
        let tree = syn::parse_file(&lib.text).ok()?;
        let mut order = Order { modules: Vec::new(), exports: BTreeMap::new() };
        for item in &tree.items {
            match item {
                Item::Mod(module) if !is_test(&module.attrs) => {
                    order.modules.push(module.ident.to_string());
                }
                Item::Use(export) if !matches!(export.vis, Visibility::Inherited) => {
                    let mut paths = Vec::new();
                    spread(&export.tree, &mut Vec::new(), &mut paths);
                    for path in paths {
                        let start = usize::from(matches!(path[0].as_str(), "self" | "crate"));
                        if let (Some(module), Some(name)) = (path.get(start), path.last()) {
                            order.exports.insert(name.clone(), module.clone());
                        }
                    }
                }
                _ => {}
            }
        }
        Some(order)
    }

    fn rank(&self, module: &str) -> Option<usize> {
        self.modules.iter().position(|name| name == module)
    }

    /// The module that a name at the crate root means, and its place.
    fn meant(&self, name: &str) -> Option<(String, usize)> {
        if let Some(rank) = self.rank(name) {
            return Some((name.to_owned(), rank));
        }
        let module = self.exports.get(name)?;
        Some((module.clone(), self.rank(module)?))
    }
}

/// `strict/json.rs` is the module path `[strict, json]`, `strict/mod.rs` is `[strict]`.
fn module_path(file: &str) -> Vec<String> {
    let bare = file.trim_end_matches(".rs");
    let bare = bare.strip_suffix("/mod").unwrap_or(bare);
    bare.split('/').map(str::to_owned).collect()
}

/// First segments below the crate root of every path in a file, tests left out.
fn targets(tree: &File, inside: &[String]) -> Vec<String> {
    let mut paths = Paths { here: inside.to_vec(), targets: Vec::new() };
    paths.visit_file(tree);
    paths.targets
}

struct Paths {
    here: Vec<String>,
    targets: Vec<String>,
}

impl Paths {
    fn add(&mut self, path: &[String]) {
        let ups = path.iter().take_while(|segment| *segment == "super").count();
        let target = match path.first().map(String::as_str) {
            Some("crate") => path.get(1),
            // As many `super` as the module is deep: the crate root.
            Some("super") if ups == self.here.len() => path.get(ups),
            _ => None,
        };
        self.targets.extend(target.cloned());
    }
}

impl<'ast> Visit<'ast> for Paths {
    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        if is_test(&item.attrs) {
            return;
        }
        self.here.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.here.pop();
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        let mut paths = Vec::new();
        spread(&item.tree, &mut Vec::new(), &mut paths);
        for path in paths {
            self.add(&path);
        }
    }

    fn visit_path(&mut self, path: &'ast Path) {
        let segments: Vec<String> = path.segments.iter().map(|s| s.ident.to_string()).collect();
        self.add(&segments);
        visit::visit_path(self, path);
    }
}

/// All paths that one `use` names; a renamed one under its own name, a glob by its folder.
fn spread(tree: &UseTree, before: &mut Vec<String>, paths: &mut Vec<Vec<String>>) {
    let mut leaf = |last: Option<String>| {
        paths.push(before.iter().cloned().chain(last).collect());
    };
    match tree {
        UseTree::Name(name) => leaf(Some(name.ident.to_string())),
        UseTree::Rename(name) => leaf(Some(name.ident.to_string())),
        UseTree::Glob(_) => leaf(None),
        UseTree::Path(path) => {
            before.push(path.ident.to_string());
            spread(&path.tree, before, paths);
            before.pop();
        }
        UseTree::Group(group) => {
            for tree in &group.items {
                spread(tree, before, paths);
            }
        }
    }
}
