//! A key figure as an answer.

use crate::storage::kpis::{Figure, Kpi, Unit};
use serde::Serialize;

/// A figure by its name; what it is exactly stands in `docs/kpi.md`.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct KpiAnswer {
    #[schema(example = "fill_rate")]
    pub name: String,
    pub unit: Unit,
    pub figures: Vec<Shown>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Shown {
    #[serde(flatten)]
    pub figure: Figure,
    /// Part ÷ whole; absent where there is nothing to divide.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
}

impl KpiAnswer {
    pub fn new(kpi: &Kpi, figures: Vec<Figure>) -> Self {
        let shown = |figure: Figure| {
            let value = figure.part.filter(|_| figure.whole != 0).map(|part| part as f64 / figure.whole as f64);
            Shown { figure, value }
        };
        Self { name: kpi.name.to_owned(), unit: kpi.unit, figures: figures.into_iter().map(shown).collect() }
    }
}
