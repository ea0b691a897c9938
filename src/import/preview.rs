//! What is shown of a file before anything is saved.

use super::table::Form;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Preview {
    pub form: Form,
    pub columns: Vec<SeenColumn>,
    /// The first rows as read, and mended.
    pub sample: Vec<SeenRow>,
    /// Below the header; blank ones are not counted.
    pub rows: i64,
    /// Rows that may be taken over.
    pub good: i64,
    /// Rows with an error.
    pub bad: i64,
    /// Rows with a warning.
    pub warned: i64,
    /// Of the good ones: what is not in the books yet.
    pub new: i64,
    pub changed: i64,
    pub unchanged: i64,
    /// Errors and warnings by code, all of them.
    pub fault_counts: BTreeMap<String, i64>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SeenColumn {
    /// `A` is the first.
    pub letter: String,
    pub header: String,
    /// What it is taken for; absent: it is not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SeenRow {
    /// As a spreadsheet counts, the header being 1.
    pub row: u32,
    pub cells: Vec<String>,
}
