//! An item's documentation comment.

use syn::{Attribute, Expr, ExprLit, Lit, Meta};

/// The first paragraph as one line; empty when there is none.
pub(crate) fn summary(attributes: &[Attribute]) -> String {
    let lines = attributes.iter().filter_map(line);
    let text = lines.flat_map(|line| line.lines().map(str::to_owned).collect::<Vec<_>>());
    let text = text.map(|line| line.trim().to_owned()).skip_while(String::is_empty);
    text.take_while(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The text of one `///`, if the attribute is one.
fn line(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(pair) = &attribute.meta else { return None };
    match &pair.value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) if pair.path.is_ident("doc") => {
            // `///` alone has no line of its own in the text.
            Some(format!("{}\n", text.value()))
        }
        _ => None,
    }
}
