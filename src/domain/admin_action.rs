//! What is done to users and invites, as the log of such acts names it.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Action {
    /// The first administrator, by the start page or the command line.
    AdminCreated,
    InviteMade,
    InviteRevoked,
    /// Somebody came in with an invite.
    Registered,
    Approved,
    Disabled,
    Enabled,
    /// All devices, by an administrator.
    SignedOut,
    /// Role, stores, regions or name.
    Edited,
    PasswordReset,
    /// By the user.
    PasswordChanged,
    /// One device, by the user.
    DeviceRemoved,
    /// All devices, by the user.
    SignedOutEverywhere,
    /// A refresh token was shown that had been traded before: the device was signed out by the house.
    TokenReused,
    /// A file's rows were taken over into the books.
    ImportConfirmed,
    ImportUndone,
}

/// What an act was done to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum OnKind {
    User,
    Invite,
    Import,
}
