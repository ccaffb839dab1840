//! Rust sources as a flat row of tokens: comments are gone, and so are doc comments.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// One token of a source: a word, a sign, a literal or a bracket, and the line it stands on.
#[derive(Clone, Debug)]
pub struct Token {
    pub text: String,
    pub line: usize,
    /// Inside an item marked `#[cfg(test)]` or `#[test]`.
    pub in_test: bool,
}

/// The tokens of a source, or why it is no Rust.
pub fn tokens(source: &str) -> Result<Vec<Token>, String> {
    let stream: TokenStream = source.parse().map_err(|error| format!("not Rust: {error}"))?;
    let mut row = Vec::new();
    flatten(stream, false, &mut row);
    Ok(row)
}

/// Where a row of words stands, `::` being two signs: the indexes of its first tokens.
pub fn find(row: &[Token], words: &[&str]) -> Vec<usize> {
    let fits = |at: usize| words.iter().zip(&row[at..]).all(|(word, token)| token.text == *word);
    let last = (row.len() + 1).saturating_sub(words.len());
    (0..last).filter(|at| fits(*at)).collect()
}

fn flatten(stream: TokenStream, in_test: bool, row: &mut Vec<Token>) {
    let trees: Vec<TokenTree> = stream.into_iter().collect();
    let mut test_item = false;
    let mut at = 0;
    while at < trees.len() {
        if let Some(attribute) = attribute_at(&trees, at) {
            test_item |= attribute == "cfg(test)" || attribute == "test";
            if attribute.starts_with("doc=") {
                at += 2;
                continue;
            }
        } else if is_sign(&trees, at, '#') && is_sign(&trees, at + 1, '!') {
            // An inner attribute: most often the text at the head of a file.
            at += 3;
            continue;
        }
        let inside = in_test || test_item;
        match &trees[at] {
            TokenTree::Group(group) => {
                let (open, close) = brackets(group.delimiter());
                let line = group.span_open().start().line;
                row.push(sign(open, line, inside));
                flatten(group.stream(), inside, row);
                row.push(sign(close, group.span_close().start().line, inside));
                // The body of an item ends what its attributes say of it.
                if group.delimiter() == Delimiter::Brace {
                    test_item = false;
                }
            }
            TokenTree::Punct(punct) => {
                if punct.as_char() == ';' {
                    test_item = false;
                }
                let line = punct.span().start().line;
                row.push(sign(&punct.as_char().to_string(), line, inside));
            }
            TokenTree::Ident(ident) => {
                row.push(sign(&ident.to_string(), ident.span().start().line, inside));
            }
            TokenTree::Literal(literal) => {
                let line = literal.span().start().line;
                row.push(sign(&literal.to_string(), line, inside));
            }
        }
        at += 1;
    }
}

/// The text of the attribute whose `#` stands at `at`, without spaces.
fn attribute_at(trees: &[TokenTree], at: usize) -> Option<String> {
    if !is_sign(trees, at, '#') {
        return None;
    }
    match trees.get(at + 1)? {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Bracket => {
            Some(group.stream().to_string().replace([' ', '\n'], ""))
        }
        _ => None,
    }
}

fn is_sign(trees: &[TokenTree], at: usize, sign: char) -> bool {
    matches!(trees.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == sign)
}

fn sign(text: &str, line: usize, in_test: bool) -> Token {
    Token { text: text.to_owned(), line, in_test }
}

fn brackets(delimiter: Delimiter) -> (&'static str, &'static str) {
    match delimiter {
        Delimiter::Parenthesis => ("(", ")"),
        Delimiter::Brace => ("{", "}"),
        Delimiter::Bracket => ("[", "]"),
        Delimiter::None => ("", ""),
    }
}

#[test]
fn comments_are_no_tokens_and_tests_are_marked() {
    let source = "//! inner\n/// doc\nfn a() { b::c(); } // tail\n#[cfg(test)] mod t { fn d() {} }";
    let row = tokens(source).unwrap();
    assert!(row.iter().all(|token| !token.text.contains("tail") && !token.text.contains("doc")));
    let at = find(&row, &["b", ":", ":", "c"]);
    assert_eq!(at.len(), 1);
    assert!(!row[at[0]].in_test);
    assert!(row[find(&row, &["d"])[0]].in_test);
}
