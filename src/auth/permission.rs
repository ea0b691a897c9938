//! Who may do what: one table, a row a door. Whether it concerns one's own store only follows from the session's scope.

use crate::domain::role::Role;

/// What a handler asks for by naming `May<P>`.
pub trait Permit: 'static {
    const PERMISSION: Permission;
}

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident: $($role:ident),+;)+) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Permission {$(
            $(#[$doc])*
            $name,
        )+}

        impl Permission {
            pub const ALL: &[Self] = &[$(Self::$name),+];

            pub fn is_of(self, role: Role) -> bool {
                match self {$(
                    Self::$name => matches!(role, $(Role::$role)|+),
                )+}
            }
        }

        /// The permissions as types, for extractors.
        pub mod may {$(
            $(#[$doc])*
            #[derive(Debug)]
            pub enum $name {}

            impl super::Permit for $name {
                const PERMISSION: super::Permission = super::Permission::$name;
            }
        )+}
    };
}

permissions! {
    /// Rounds with their lines; store people those that their store is invited to.
    SeeRounds: StoreStaff, StoreManager, Supervisor, Admin;
    /// Claim for one's own store, and ask what became of it.
    Claim: StoreStaff, StoreManager;
    /// Running totals of a round, over all stores.
    SeeBoard: Supervisor, Admin;
    DraftRound: Supervisor;
    PublishRound: Supervisor;
    /// Agree to a hot round that somebody else asked for, or send it back.
    ApproveRound: Supervisor;
    /// Pause, resume, extend, stop, cancel: always with a reason.
    SteerRound: Supervisor, Admin;

    /// Orders; store people those of their store.
    SeeOrders: StoreStaff, StoreManager, Supervisor, Finance, Admin;
    /// Before anything was dispatched.
    CancelOrder: StoreManager, Supervisor, Admin;
    SeeShipments: WarehouseClerk, Supervisor, Admin;
    /// Dispatch, and tell where a shipment is.
    Dispatch: WarehouseClerk;
    /// Count what arrived at one's own store.
    Receive: StoreStaff, StoreManager;

    SeeStores: Supervisor, Finance, Admin;
    /// Change something of a store; which fields, the two rows below say.
    EditStore: Supervisor, Finance, Admin;
    /// Suspend a store, lift that, and set what its dock takes in a day.
    SuspendStore: Supervisor, Admin;
    SetCredit: Finance;
    /// End somebody's sessions everywhere: always with a reason.
    SignOutUser: Admin;
    SeeCatalogue: Supervisor, WarehouseClerk, Finance, Admin;
    /// Stock of the warehouses.
    SeeStock: Supervisor, WarehouseClerk, Admin;

    /// Lists as files; which, `domain::export` says.
    Export: StoreManager, Supervisor, WarehouseClerk, Finance, Admin;
    /// Feed the books by files; which kinds, `domain::import` says.
    Import: Supervisor, WarehouseClerk, Finance, Admin;

    /// Users and invites; a store manager those of the own store.
    SeeUsers: StoreManager, Admin;
    /// Approve, disable, enable, give a new password; a store manager to staff of the own store.
    LookAfterUsers: StoreManager, Admin;
    /// Let newcomers in; a store manager as staff of the own store.
    Invite: StoreManager, Admin;
    /// Role, stores, regions, name.
    EditUser: Admin;
    SeeAdminActions: Admin;
    KeepWebhooks: Admin;

    /// Who needs what; store people what their own store needs.
    SeeNeeds: StoreStaff, StoreManager, Supervisor, Admin;
    /// Compute the need of the chain, and follow it.
    RunNeeds: Supervisor, Admin;
    /// Who got what in a round, and why.
    SeeReport: Supervisor, Admin;
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROLES: [Role; 6] =
        [Role::StoreStaff, Role::StoreManager, Role::Supervisor, Role::WarehouseClerk, Role::Finance, Role::Admin];

    #[test]
    fn no_permission_belongs_to_everybody_or_to_nobody() {
        for permission in Permission::ALL {
            let holders = ROLES.iter().filter(|role| permission.is_of(**role)).count();
            assert!((1..ROLES.len()).contains(&holders), "{permission:?}");
        }
    }

    #[test]
    fn store_staff_do_less_than_their_manager() {
        for permission in Permission::ALL {
            assert!(!permission.is_of(Role::StoreStaff) || permission.is_of(Role::StoreManager), "{permission:?}");
        }
    }
}
