//! Changing what somebody is: name, role, stores, and the regions of a supervisor.

use super::{changed, reach};
use crate::{
    api::{
        body::Body,
        problem::{Problem, ProblemBody},
        state::ApiState,
        values::Text,
        words::Words,
    },
    auth::{May, may},
    domain::{
        account::UserStatus,
        admin_action::Action,
        ids::{StoreId, UserId},
        role::Role,
    },
    storage::{
        Tx,
        admin_actions::Act,
        user_edit::{self, Held, Terms},
        user_list::UserItem,
        users,
    },
};
use actix_web::{patch, web};
use serde::Deserialize;
use serde_json::json;

/// More than anybody walks between.
const STORES_MAX: usize = 50;

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserEdit {
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 60)]
    name: Option<Text<60>>,
    #[serde(default)]
    role: Option<Role>,
    /// All of them. Store people have at least one, others none.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>, max_items = 50)]
    stores: Option<Vec<StoreId>>,
    /// All of them. Of a supervisor; none means the whole chain.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>, max_items = 50)]
    regions: Option<Vec<Text<60>>>,
    #[schema(value_type = String, max_length = 200)]
    reason: Text<200>,
}

/// Change a user
#[utoipa::path(
    tag = "users",
    params(("user_id" = String, Path)),
    request_body = UserEdit,
    responses(
        (status = 200, body = UserItem),
        (status = 403, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 409, description = "`wrong_state`: the last administrator", body = ProblemBody),
        (status = 422, body = ProblemBody),
    ),
)]
#[patch("/users/{user_id}")]
pub async fn edit(
    state: web::Data<ApiState>,
    session: May<may::EditUser>,
    user_id: web::Path<UserId>,
    Body(said): Body<UserEdit>,
) -> Result<web::Json<UserItem>, Problem> {
    let mut tx = Tx::begin(&state.db).await?;
    let others = user_edit::another_admin(&mut tx, *user_id).await?;
    let (mut tx, user) = reach::hold(tx, &session, *user_id).await?;
    let next = match after(&said, &user) {
        Ok(next) => next,
        Err(problem) => {
            tx.rollback().await?;
            return Err(problem);
        }
    };
    if user.role == Role::Admin && next.role != Role::Admin && user.status == UserStatus::Active && !others {
        return Err(reach::last_admin(tx).await);
    }
    if let Err(problem) = all_known(&mut tx, &next).await? {
        tx.rollback().await?;
        return Err(problem);
    }
    let mut changed = None;
    if next != user {
        let terms = Terms {
            name: &next.name,
            role: next.role,
            store_id: next.store_id,
            stores: &next.stores,
            regions: &next.regions,
        };
        user_edit::set_terms(&mut tx, user.user_id, &terms).await?;
        let act = Act::new(Some(session.user_id), Action::Edited, said.reason.as_str());
        changed = users::changed(&mut tx, user.user_id, act.change(told(&user), told(&next))).await?;
    }
    let item = reach::finish(tx, user.user_id).await?;
    changed::felt(&state, changed).await;
    Ok(web::Json(item))
}

fn told(user: &Held) -> serde_json::Value {
    json!({"name": user.name, "role": user.role, "stores": user.stores, "regions": user.regions})
}

/// The user as they are to be, or what does not fit together.
fn after(said: &UserEdit, user: &Held) -> Result<Held, Problem> {
    let role = said.role.unwrap_or(user.role);
    let mut stores =
        said.stores.clone().unwrap_or_else(|| if role.is_of_a_store() { user.stores.clone() } else { Vec::new() });
    stores.sort_unstable();
    stores.dedup();
    let said_regions = said.regions.as_ref().map(|all| all.iter().map(|one| one.as_str().to_owned()).collect());
    let mut regions: Vec<String> =
        said_regions.unwrap_or_else(|| if role == Role::Supervisor { user.regions.clone() } else { Vec::new() });
    regions.sort_unstable();
    regions.dedup();
    let invalid = |pointer: &str, zh, en| Err(Problem::invalid(pointer, Words::fixed(zh, en)));
    if role.is_of_a_store() && stores.is_empty() {
        return invalid("/stores", "门店的人至少要有一家门店。", "Store people need at least one store.");
    }
    if !role.is_of_a_store() && !stores.is_empty() {
        return invalid("/stores", "只有门店的人有门店。", "Only store people have stores.");
    }
    if role != Role::Supervisor && !regions.is_empty() {
        return invalid("/regions", "只有主管分区域。", "Only supervisors have regions.");
    }
    if stores.len() > STORES_MAX {
        return invalid("/stores", "最多 50 家门店。", "At most 50 stores.");
    }
    if regions.len() > STORES_MAX {
        return invalid("/regions", "最多 50 个区域。", "At most 50 regions.");
    }
    let store_id = user.store_id.filter(|store| stores.contains(store)).or(stores.first().copied());
    let name = said.name.as_ref().map_or(user.name.as_str(), Text::as_str).to_owned();
    Ok(Held { name, role, store_id, stores, regions, ..user.clone() })
}

/// Whether all stores and regions exist.
async fn all_known(tx: &mut Tx, next: &Held) -> Result<Result<(), Problem>, Problem> {
    let open = user_edit::open_stores(tx, &next.stores).await?;
    if open.len() < next.stores.len() {
        let words = Words::fixed("没有这家门店，或已关店。", "There is no such store, or it is closed.");
        return Ok(Err(Problem::invalid("/stores", words)));
    }
    let known = user_edit::known_regions(tx, &next.regions).await?;
    if known.len() < next.regions.len() {
        return Ok(Err(Problem::invalid("/regions", Words::fixed("没有这个区域。", "There is no such region."))));
    }
    Ok(Ok(()))
}
