//! The table for people and the file for machines.

use super::{
    super::machine::{Busy, Machine},
    load::Measured,
};
use serde::Serialize;

/// A ratio and what it was made of. Values are medians of the runs; the ratio is the median of the runs' ratios.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Figure {
    pub(super) name: &'static str,
    pub(super) value: f64,
    pub(super) unit: &'static str,
    pub(super) reference: f64,
    pub(super) ratio: f64,
    pub(super) runs: usize,
    /// The lowest and the highest ratio of a run.
    pub(super) spread: [f64; 2],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) goal: Option<f64>,
    pub(super) reference_is: &'static str,
}

/// How one kind of run went: its medians.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Run {
    pub(super) what: String,
    pub(super) per_s: f64,
    pub(super) p50_ms: Option<f64>,
    pub(super) p99_ms: Option<f64>,
    /// Shares of one core, in percent.
    pub(super) busy: Busy,
    /// Processor microseconds for each claim: what stays the same when the machine is busy with other things.
    pub(super) micros: Busy,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct Report {
    pub(super) figures: Vec<Figure>,
    pub(super) runs: Vec<Run>,
    pub(super) machine: Machine,
    pub(super) measured_at: String,
}

impl Figure {
    /// `pairs`: value and reference of each run.
    pub(super) fn of(
        name: &'static str,
        unit: &'static str,
        goal: Option<f64>,
        reference_is: &'static str,
        pairs: &[(f64, f64)],
    ) -> Self {
        let mut ratios: Vec<f64> = pairs.iter().map(|(value, reference)| value / reference.max(1e-9)).collect();
        ratios.sort_by(f64::total_cmp);
        let edge = |ratio: Option<&f64>| rounded(ratio.copied().unwrap_or(0.0), 1000.0);
        Self {
            name,
            value: median(pairs.iter().map(|pair| pair.0)).round(),
            unit,
            reference: median(pairs.iter().map(|pair| pair.1)).round(),
            ratio: rounded(median(ratios.iter().copied()), 1000.0),
            runs: pairs.len(),
            spread: [edge(ratios.first()), edge(ratios.last())],
            goal,
            reference_is,
        }
    }
}

impl Run {
    pub(super) fn of(what: String, runs: &[Measured]) -> Self {
        Self {
            what,
            per_s: median(runs.iter().map(|run| run.per_s)).round(),
            p50_ms: Some(rounded(median(runs.iter().map(|run| run.p50_ms)), 100.0)),
            p99_ms: Some(rounded(median(runs.iter().map(|run| run.p99_ms)), 100.0)),
            busy: medians(runs, |share, _| rounded(share, 10.0)),
            // A percent of a core is ten milliseconds a second.
            micros: medians(runs, |share, per_s| rounded(share * 10_000.0 / per_s.max(1.0), 10.0)),
        }
    }

    /// A kind of run of which only the rate and the shares are known.
    pub(super) fn plain(what: &str, runs: &[(f64, Busy)]) -> Self {
        let runs: Vec<Measured> = runs
            .iter()
            .map(|(per_s, busy)| Measured { per_s: *per_s, p50_ms: 0.0, p99_ms: 0.0, busy: *busy })
            .collect();
        Self { p50_ms: None, p99_ms: None, ..Self::of(what.to_owned(), &runs) }
    }
}

/// The median over the runs of what is made of each share and its run's rate.
fn medians(runs: &[Measured], of: fn(f64, f64) -> f64) -> Busy {
    let median_of = |pick: fn(&Busy) -> Option<f64>| {
        let values: Vec<f64> = runs.iter().filter_map(|run| Some(of(pick(&run.busy)?, run.per_s))).collect();
        (!values.is_empty()).then(|| median(values))
    };
    Busy {
        server: median_of(|busy| busy.server),
        redis: median_of(|busy| busy.redis),
        postgres: median_of(|busy| busy.postgres),
        writer: median_of(|busy| busy.writer),
        generator: median_of(|busy| busy.generator),
    }
}

impl Report {
    pub(super) fn table(&self) -> String {
        let mut text = table(
            &["figure", "ours", "reference", "ratio", "lowest–highest", "goal", "runs", "reference is"],
            self.figures.iter().map(|figure| {
                vec![
                    figure.name.to_owned(),
                    format!("{} {}", thousands(figure.value), figure.unit),
                    thousands(figure.reference),
                    format!("{:.2}", figure.ratio),
                    format!("{:.2}–{:.2}", figure.spread[0], figure.spread[1]),
                    figure.goal.map(|goal| goal.to_string()).unwrap_or_default(),
                    figure.runs.to_string(),
                    figure.reference_is.to_owned(),
                ]
            }),
        );
        text.push_str("\nwhere the time goes: percent of one core (processor microseconds a claim)\n");
        let number = |value: Option<f64>| value.map(|value| format!("{value:.1}")).unwrap_or_default();
        let share = |busy: Option<f64>, micros: Option<f64>| match (busy, micros) {
            (Some(busy), Some(micros)) if busy >= 0.5 => format!("{busy:.0} ({micros:.1})"),
            _ => "–".to_owned(),
        };
        text.push_str(&table(
            &["run", "a second", "p50 ms", "p99 ms", "server", "Redis", "Postgres", "writer", "load"],
            self.runs.iter().map(|run| {
                let (busy, micros) = (&run.busy, &run.micros);
                let mut row = vec![run.what.clone(), thousands(run.per_s), number(run.p50_ms), number(run.p99_ms)];
                row.extend([
                    share(busy.server, micros.server),
                    share(busy.redis, micros.redis),
                    share(busy.postgres, micros.postgres),
                    share(busy.writer, micros.writer),
                    share(busy.generator, micros.generator),
                ]);
                row
            }),
        ));
        text
    }
}

/// Columns as wide as their widest cell; the first to the left, numbers to the right, as most cells are.
fn table(head: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut lines: Vec<Vec<String>> = vec![head.iter().map(|cell| (*cell).to_owned()).collect()];
    lines.extend(rows);
    let width = |column: usize| lines.iter().filter_map(|line| line.get(column)).map(|c| c.chars().count()).max();
    let widths: Vec<usize> = (0..head.len()).map(|column| width(column).unwrap_or(0)).collect();
    let last = head.len() - 1;
    let mut text = String::new();
    for line in &lines {
        for (column, cell) in line.iter().enumerate() {
            let gap = " ".repeat(widths[column] - cell.chars().count());
            let plain_text = column == 0 || (column == last && head[last] == "reference is");
            match plain_text {
                true => text.push_str(&format!("{cell}{gap}  ")),
                false => text.push_str(&format!("{gap}{cell}  ")),
            }
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    text
}

fn thousands(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut text = String::with_capacity(digits.len() + 4);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

pub(super) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => 0.0,
        odd if odd % 2 == 1 => values[odd / 2],
        even => f64::midpoint(values[even / 2 - 1], values[even / 2]),
    }
}

fn rounded(value: f64, parts: f64) -> f64 {
    (value * parts).round() / parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_is_the_median_of_the_ratios_of_its_runs() {
        let figure = Figure::of("x", "claims/s", None, "y", &[(10.0, 20.0), (30.0, 40.0), (10.0, 100.0)]);
        assert_eq!((figure.value, figure.reference, figure.ratio, figure.spread), (10.0, 40.0, 0.5, [0.1, 0.75]));
    }

    #[test]
    fn columns_stand_under_each_other_and_numbers_to_the_right() {
        let rows = vec![vec!["a".to_owned(), thousands(1_234_567.0)], vec!["bcd".to_owned(), thousands(12.0)]];
        assert_eq!(table(&["x", "y"], rows.into_iter()), "x            y\na    1 234 567\nbcd         12\n");
    }
}
