//! What is asked for, and whether it can be had: on which terms, narrowed by what, and of things that exist for whoever
//! asks.

use crate::{
    api::{
        problem::{Kind, Problem},
        values::{Text, sensible},
        words::Words,
    },
    auth::Session,
    domain::{
        export::{ExportFormat, ExportKind, Terms},
        ids::{RoundId, StoreId, WarehouseId},
    },
    storage::{
        catalogue,
        exports::{self, Reach},
    },
};
use chrono::{DateTime, Utc};
use serde::{
    Deserialize,
    de::{DeserializeOwned, value},
};
use serde_json::{Map, Value, json};
use sqlx::PgConnection;

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Export {
    pub kind: ExportKind,
    pub format: ExportFormat,
    /// Everybody but a store manager gives one.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 200)]
    reason: Option<Text<200>>,
    /// Of `orders`; `round_results` must name one.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Uuid)]
    pub round_id: Option<RoundId>,
    /// Of `orders`.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Uuid)]
    pub store_id: Option<StoreId>,
    /// Of `shipments` and `stock`.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Uuid)]
    pub warehouse_id: Option<WarehouseId>,
    /// Of `orders` one state, of `shipments` one or several, joined by commas: as their lists take it.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 100)]
    state: Option<Text<100>>,
    /// Of `orders` and `shipments`: ordered or planned at this time or later.
    #[serde(default)]
    pub from: Option<DateTime<Utc>>,
    /// And before this time.
    #[serde(default)]
    pub to: Option<DateTime<Utc>>,
    /// Of `stock`, `stores` and `skus`: part of code or name, as their lists take it.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 60)]
    query: Option<Text<60>>,
}

/// By what each list can be narrowed.
fn filters_of(kind: ExportKind) -> &'static [&'static str] {
    match kind {
        ExportKind::Orders => &["round_id", "store_id", "state", "from", "to"],
        ExportKind::Shipments => &["warehouse_id", "state", "from", "to"],
        ExportKind::Stock => &["warehouse_id", "query"],
        ExportKind::Stores | ExportKind::Skus => &["query"],
        ExportKind::RoundResults => &["round_id"],
    }
}

impl Export {
    pub fn reason(&self) -> &str {
        self.reason.as_ref().map_or("", Text::as_str)
    }

    pub fn text(&self) -> Option<String> {
        self.query.as_ref().map(|text| text.as_str().to_owned())
    }

    /// By what the list is narrowed, as it is logged.
    pub fn filters(&self) -> Map<String, Value> {
        let given = [
            ("round_id", self.round_id.map(|id| json!(id))),
            ("store_id", self.store_id.map(|id| json!(id))),
            ("warehouse_id", self.warehouse_id.map(|id| json!(id))),
            ("state", self.state.as_ref().map(|state| json!(state.as_str()))),
            ("from", self.from.map(|at| json!(at))),
            ("to", self.to.map(|at| json!(at))),
            ("query", self.query.as_ref().map(|text| json!(text.as_str()))),
        ];
        given.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
    }

    /// The states that are asked for, none for all.
    pub fn states<S: DeserializeOwned>(&self) -> Result<Vec<S>, Problem> {
        let read = |name| S::deserialize(value::StrDeserializer::<value::Error>::new(name));
        let names = self.state.iter().flat_map(|state| state.as_str().split(','));
        names.map(read).collect::<Result<_, _>>().map_err(|_| no_such_state())
    }

    /// The one state that is asked for, if any.
    pub fn state<S: DeserializeOwned>(&self) -> Result<Option<S>, Problem> {
        let mut states = self.states()?;
        let state = states.pop();
        if states.is_empty() { Ok(state) } else { Err(no_such_state()) }
    }

    /// Whether the caller may take this list, says why, and narrows it by what it can be narrowed by.
    pub fn check(&self, session: &Session) -> Result<(), Problem> {
        let terms = self.kind.terms_of(session.role).ok_or(Kind::NotAllowed)?;
        if terms == Terms::WithReason && self.reason.is_none() {
            let words = Words::fixed("导出要写原因，会记下来。", "Say why: an export is logged with its reason.");
            return Err(Problem::invalid("/reason", words));
        }
        let fitting = filters_of(self.kind);
        if let Some((name, _)) = self.filters().iter().find(|(name, _)| !fitting.contains(&name.as_str())) {
            let words =
                Words::fixed("这种导出没有这个条件，请去掉。", "This list is not narrowed by that: leave it out.");
            return Err(Problem::invalid(format!("/{name}"), words));
        }
        if self.kind == ExportKind::RoundResults && self.round_id.is_none() {
            return Err(Problem::invalid("/round_id", Words::fixed("缺少这个字段。", "This field is missing.")));
        }
        for (pointer, time) in [("/from", self.from), ("/to", self.to)] {
            if let Some(time) = time {
                sensible(pointer, time)?;
            }
        }
        Ok(())
    }

    /// Whose rows the caller takes, after looking whether what is named is there for them.
    pub async fn reach(&self, db: &mut PgConnection, session: &Session) -> Result<Reach, Problem> {
        let reach = Reach { store_id: session.scope().store_id(), area_of: session.area_of() };
        if let Some(round_id) = self.round_id
            && !exports::sees_round(db, round_id, reach).await?
        {
            return Err(Kind::NotFound.into());
        }
        if let Some(store_id) = self.store_id {
            let sees = match reach.store_id {
                Some(own) => own == store_id,
                None => catalogue::store(db, store_id, reach.area_of).await?.is_some(),
            };
            if !sees {
                return Err(Kind::NotFound.into());
            }
        }
        if let Some(warehouse_id) = self.warehouse_id {
            let warehouses = catalogue::warehouses(db).await?;
            if !warehouses.iter().any(|warehouse| warehouse.warehouse_id == warehouse_id) {
                return Err(Kind::NotFound.into());
            }
        }
        Ok(reach)
    }
}

fn no_such_state() -> Problem {
    Problem::invalid("/state", Words::fixed("没有这个状态。", "There is no such state."))
}
