//! What is done to users, invites and hot rounds, and what leaves the house, as the log of such acts names it.

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
    WebhookMade,
    /// Address, events, note, or on and off.
    WebhookChanged,
    WebhookRemoved,
    WebhookSecretRotated,
    WebhookReplayed,
    /// WeChat or WeCom may say from now on who the user is.
    IdentityBound,
    IdentityUnbound,
    /// A hot round was published by its second person.
    RoundApproved,
    /// And was not.
    RoundSentBack,
    /// Left the house as a file.
    DataExported,
    /// The file broke off, for a reason of ours.
    DataExportFailed,
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
    Webhook,
    Round,
    /// The act is all that is kept of it.
    Export,
    Import,
}
