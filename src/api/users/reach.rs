//! Whom somebody may look after: an administrator everybody, a store manager the staff of the own store.

use crate::{
    api::{
        problem::{Kind, Problem},
        values::Text,
        words::Words,
    },
    auth::Session,
    domain::{account::UserStatus, ids::UserId, role::Role},
    storage::{
        Tx,
        user_edit::{self, Held},
        user_list::{self, UserItem},
    },
};
use serde::Deserialize;

/// Why something was done that needs no reason.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Why {
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 200)]
    reason: Option<Text<200>>,
}

impl Why {
    pub fn text(&self) -> &str {
        self.reason.as_ref().map_or("", Text::as_str)
    }
}

/// Locks a user within reach; the transaction ends when there is none.
pub async fn hold(mut tx: Tx, session: &Session, user_id: UserId) -> Result<(Tx, Held), Problem> {
    let found = user_edit::hold(&mut tx, user_id).await?;
    let refused = match (&found, session.store_id) {
        (None, _) => Some(Kind::NotFound),
        (Some(_), None) => None,
        // Nobody learns who works elsewhere.
        (Some(user), Some(store_id)) if !user.stores.contains(&store_id) => Some(Kind::NotFound),
        (Some(user), Some(_)) if user.role != Role::StoreStaff => Some(Kind::NotAllowed),
        (Some(user), Some(_)) => {
            // Who gives a password can sign in as that person: never into a store that is not one's own.
            let own = user_edit::stores_of(&mut tx, session.user_id).await?;
            (!user.stores.iter().all(|store| own.contains(store))).then_some(Kind::NotAllowed)
        }
    };
    match (found, refused) {
        (Some(user), None) => Ok((tx, user)),
        (_, refused) => {
            tx.rollback().await?;
            Err(refused.unwrap_or(Kind::NotFound).into())
        }
    }
}

/// Nothing is changed, because of the state that the user is in.
pub async fn wrong_status(tx: Tx, status: UserStatus) -> Problem {
    let (zh, en) = match status {
        UserStatus::Pending => ("待批准", "waits for approval"),
        UserStatus::Active => ("使用中", "is active"),
        UserStatus::Disabled => ("已停用", "is disabled"),
    };
    let words = Words::new(
        format!("这个账号{zh}，不能做这一步。刷新后再看。"),
        format!("This user {en}: this step is not possible. Reload."),
    );
    refused(tx, Problem::new(Kind::WrongState).detail(words)).await
}

/// There must always be somebody who can let others in.
pub async fn last_admin(tx: Tx) -> Problem {
    let words = Words::fixed(
        "这是最后一个管理员。先让另一个人当管理员。",
        "This is the last administrator. Make somebody else one first.",
    );
    refused(tx, Problem::new(Kind::WrongState).detail(words)).await
}

async fn refused(tx: Tx, problem: Problem) -> Problem {
    tx.rollback().await.map_or_else(Problem::from, |()| problem)
}

/// The user after the act, which is in the books now.
pub async fn finish(mut tx: Tx, user_id: UserId) -> Result<UserItem, Problem> {
    let item = user_list::by_id(&mut tx, user_id).await?.ok_or(Kind::NotFound)?;
    tx.commit().await?;
    Ok(item)
}
