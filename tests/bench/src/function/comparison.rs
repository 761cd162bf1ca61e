//! The function's figures, beside those of its floors.

use super::subject::Subject;
use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Table};

/// A row for each thing measured.
#[derive(Default)]
pub(crate) struct Comparison(Vec<Vec<String>>);

/// What `inventory` should come to.
pub(crate) struct Aim {
    pub(crate) text: &'static str,
    pub(crate) is_met: bool,
}

impl Comparison {
    /// Adds the figures of every [`Subject`], in their order, with this many decimals.
    pub(crate) fn add(
        &mut self,
        name: &str,
        figures: [f64; Subject::ALL.len()],
        decimals: usize,
        aim: Option<Aim>,
    ) {
        let [_, floor, ours] = figures;
        let mut row = vec![name.to_owned()];
        row.extend(figures.iter().map(|figure| format!("{figure:.decimals$}")));
        row.push(if floor > 0.0 { format!("{:.2}", ours / floor) } else { String::new() });
        row.push(aim.map_or_else(String::new, |aim| {
            format!("{}: {}", aim.text, if aim.is_met { "met" } else { "missed" })
        }));
        self.0.push(row);
    }

    pub(crate) fn print(self) {
        if self.0.is_empty() {
            return;
        }
        println!("inventory beside its floors: one execution environment on one CPU\n");
        let header = ["", "nothing", "PutItem", "inventory", "of PutItem's", "aim"];
        print(&header, self.0);
    }
}

/// Prints rows with their figures aligned to the right.
pub(crate) fn print(header: &[&str], rows: Vec<Vec<String>>) {
    let mut table = Table::new();
    table.load_style(NOTHING);
    table.set_header(header.to_vec());
    table.add_rows(rows);
    for (n, name) in header.iter().enumerate() {
        if let Some(column) = table.column_mut(n).filter(|_| n > 0 && *name != "aim") {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let lines = table.to_string();
    lines.lines().for_each(|line| println!("{}", line.trim_end()));
    println!();
}
