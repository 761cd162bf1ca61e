//! What was measured, as aligned lines.

/// Named figures in the order in which they were taken.
#[derive(Default)]
pub(crate) struct Figures(Vec<(String, f64, &'static str, String)>);

impl Figures {
    pub(crate) fn add(&mut self, name: &str, value: f64, unit: &'static str, note: &str) {
        self.0.push((name.to_owned(), value, unit, note.to_owned()));
    }

    pub(crate) fn print(&self) {
        for (name, value, unit, note) in &self.0 {
            let line = format!("{name:<42}{value:>10.1} {unit:<4} {note}");
            println!("{}", line.trim_end());
        }
    }
}

/// The value that `percent` of the values do not exceed.
pub(crate) fn percentile(values: &mut [f64], percent: usize) -> f64 {
    values.sort_by(f64::total_cmp);
    let place = (values.len() * percent).div_ceil(100).saturating_sub(1);
    values.get(place).copied().unwrap_or(f64::NAN)
}

/// The value in the middle.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    percentile(&mut values, 50)
}
