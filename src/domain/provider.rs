//! Other houses that can say who somebody is.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Provider {
    /// The chain's mini-program: one person is one openid.
    Wechat,
    /// 企业微信: one member of the corporation.
    Wecom,
}
