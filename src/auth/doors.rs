//! Who may do what, as data: every door of the API and every frame of the socket, with those whom it is for. The doors ask
//! for themselves, by their extractors; this table is what they are held against, in tests and by `graborder bench
//! sessions`, which walk every cell and miss no door that the API describes.

use crate::domain::role::Role::{self, *};
use uuid::Uuid;

/// Whom a door is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Whoever reaches the port.
    Anybody,
    SignedIn,
    These(&'static [Role]),
}

pub struct Door {
    pub method: &'static str,
    /// Below `/api/v1`; what stands in braces is an id.
    pub path: &'static str,
    /// A body with nothing in it that could change anything: whoever is let in is told that something is missing.
    pub body: Option<&'static str>,
    pub who: Who,
}

pub const ROLES: [Role; 6] = [StoreStaff, StoreManager, Supervisor, WarehouseClerk, Finance, Admin];

const STORE: Who = Who::These(&[StoreStaff, StoreManager]);
const ROUNDS: Who = Who::These(&[StoreStaff, StoreManager, Supervisor, Admin]);
const STEER: Who = Who::These(&[Supervisor, Admin]);
const SUPERVISOR: Who = Who::These(&[Supervisor]);
const ORDERS: Who = Who::These(&[StoreStaff, StoreManager, Supervisor, Finance, Admin]);
const WAREHOUSE: Who = Who::These(&[WarehouseClerk]);
const STORES: Who = Who::These(&[Supervisor, Finance, Admin]);
const GOODS: Who = Who::These(&[Supervisor, WarehouseClerk, Finance, Admin]);
const STOCK: Who = Who::These(&[Supervisor, WarehouseClerk, Admin]);
const PEOPLE: Who = Who::These(&[StoreManager, Admin]);
const EXPORTS: Who = Who::These(&[StoreManager, Supervisor, WarehouseClerk, Finance, Admin]);
const ADMIN: Who = Who::These(&[Admin]);

const fn get(path: &'static str, who: Who) -> Door {
    Door { method: "GET", path, body: None, who }
}

const fn post(path: &'static str, body: &'static str, who: Who) -> Door {
    Door { method: "POST", path, body: Some(body), who }
}

const fn put(path: &'static str, body: &'static str, who: Who) -> Door {
    Door { method: "PUT", path, body: Some(body), who }
}

const fn patch(path: &'static str, body: &'static str, who: Who) -> Door {
    Door { method: "PATCH", path, body: Some(body), who }
}

const fn delete(path: &'static str, who: Who) -> Door {
    Door { method: "DELETE", path, body: None, who }
}

const WHY: &str = r#"{"reason":"x"}"#;
/// Refused before anything is done, because it is not what the door expects.
const WRONG: &str = r#"{"nothing":1}"#;

pub const DOORS: &[Door] = &[
    post("/auth/login", WRONG, Who::Anybody),
    post("/auth/refresh", WRONG, Who::Anybody),
    post("/auth/logout", WRONG, Who::Anybody),
    post("/auth/register", WRONG, Who::Anybody),
    get("/auth/ways", Who::Anybody),
    post("/auth/wechat", WRONG, Who::Anybody),
    put("/auth/wechat", WRONG, Who::SignedIn),
    delete("/auth/wechat", Who::SignedIn),
    post("/auth/wecom", WRONG, Who::Anybody),
    put("/auth/wecom", WRONG, Who::SignedIn),
    delete("/auth/wecom", Who::SignedIn),
    get("/setup", Who::Anybody),
    post("/setup", WRONG, Who::Anybody),
    get("/me", Who::SignedIn),
    get("/me/consents", Who::SignedIn),
    post("/me/consents", WRONG, Who::SignedIn),
    post("/ws-tickets", "{}", Who::SignedIn),
    post("/auth/password", WRONG, Who::SignedIn),
    post("/auth/store", WRONG, Who::SignedIn),
    get("/auth/devices", Who::SignedIn),
    delete("/auth/devices/{sign_in_id}", Who::SignedIn),
    get("/rounds", ROUNDS),
    get("/rounds/{round_id}", ROUNDS),
    get("/rounds/{round_id}/board", STEER),
    get("/rounds/{round_id}/claims/{claim_id}", STORE),
    post("/rounds", "{}", SUPERVISOR),
    patch("/rounds/{round_id}", "{}", SUPERVISOR),
    post("/rounds/{round_id}/publish", "{}", SUPERVISOR),
    post("/rounds/{round_id}/approve", "{}", SUPERVISOR),
    post("/rounds/{round_id}/send-back", WHY, SUPERVISOR),
    post("/rounds/{round_id}/pause", WHY, STEER),
    post("/rounds/{round_id}/resume", WHY, STEER),
    post("/rounds/{round_id}/stop", WHY, STEER),
    post("/rounds/{round_id}/cancel", WHY, STEER),
    post("/rounds/{round_id}/extend", "{}", STEER),
    post("/claims", "{}", STORE),
    get("/orders", ORDERS),
    get("/orders/{order_id}", ORDERS),
    post("/orders/{order_id}/cancel", WHY, Who::These(&[StoreManager, Supervisor, Admin])),
    get("/shipments", STOCK),
    post("/shipments/{shipment_id}/dispatch", r#"{"carrier":"x","tracking_no":"y"}"#, WAREHOUSE),
    post("/shipments/{shipment_id}/in-transit", "{}", WAREHOUSE),
    post("/shipments/{shipment_id}/arrive", "{}", WAREHOUSE),
    post("/shipments/{shipment_id}/receive", r#"{"lines":[]}"#, STORE),
    get("/stores", STORES),
    get("/stores/{store_id}", STORES),
    patch("/stores/{store_id}", r#"{"suspended_until":null}"#, STEER),
    patch("/stores/{store_id}", r#"{"dock_units_per_day":1}"#, STEER),
    patch("/stores/{store_id}", r#"{"credit_limit_cents":1}"#, Who::These(&[Finance])),
    get("/skus", GOODS),
    get("/warehouses", GOODS),
    get("/stock", STOCK),
    post("/exports", "{}", EXPORTS),
    get("/imports", GOODS),
    post("/imports", WRONG, GOODS),
    get("/imports/{import_id}", GOODS),
    delete("/imports/{import_id}", GOODS),
    get("/imports/{import_id}/faults", GOODS),
    patch("/imports/{import_id}/cells", r#"{"cells":[{"cell":"A2","value":""}]}"#, GOODS),
    post("/imports/{import_id}/confirm", "{}", GOODS),
    post("/imports/{import_id}/undo", WHY, GOODS),
    get("/users", PEOPLE),
    get("/invites", PEOPLE),
    post("/invites", "{}", PEOPLE),
    delete("/invites/{invite_id}", PEOPLE),
    post("/users/{user_id}/approve", "{}", PEOPLE),
    post("/users/{user_id}/enable", "{}", PEOPLE),
    post("/users/{user_id}/disable", WHY, PEOPLE),
    post("/users/{user_id}/reset-password", "{}", PEOPLE),
    patch("/users/{user_id}", WHY, ADMIN),
    post("/users/{user_id}/sign-out", WHY, ADMIN),
    get("/admin-actions", ADMIN),
    get("/webhooks", ADMIN),
    post("/webhooks", WRONG, ADMIN),
    patch("/webhooks/{webhook_id}", "{}", ADMIN),
    delete("/webhooks/{webhook_id}", ADMIN),
    post("/webhooks/{webhook_id}/rotate-secret", "{}", ADMIN),
    post("/webhooks/{webhook_id}/ping", "{}", ADMIN),
    get("/webhooks/{webhook_id}/messages", ADMIN),
    post("/webhooks/{webhook_id}/messages/{message_id}/replay", "{}", ADMIN),
    get("/needs", ROUNDS),
    get("/need-runs", STEER),
    get("/need-runs/{need_run_id}", STEER),
    post("/need-runs", WRONG, STEER),
    get("/rounds/{round_id}/report", STEER),
    get("/kpis", Who::SignedIn),
];

/// A frame that a session may say after its hello, with nothing in it that could change anything.
pub struct Frame {
    pub t: &'static str,
    /// `{id}` stands for an id that does not exist, `{ticket}` for a fresh ticket of the session's own.
    pub text: &'static str,
    pub who: Who,
}

const fn frame(t: &'static str, text: &'static str, who: Who) -> Frame {
    Frame { t, text, who }
}

/// Every frame that clients may say. Whoever may not is answered `not_allowed`; who has not signed in gets no socket.
pub const FRAMES: &[Frame] = &[
    frame("hello", r#"{"t":"hello","client":"bench","version":"1"}"#, Who::SignedIn),
    frame("auth", r#"{"t":"auth","ticket":"{ticket}"}"#, Who::SignedIn),
    frame("ping", r#"{"t":"ping","t0":1}"#, Who::SignedIn),
    frame("claim", r#"{"t":"claim","claim_id":"{id}","round_id":"{id}","lines":[],"mode":"PARTIAL"}"#, STORE),
    frame("claim_status", r#"{"t":"claim_status","claim_id":"{id}","round_id":"{id}"}"#, STORE),
    frame("watch", r#"{"t":"watch","round_id":"{id}"}"#, ROUNDS),
];

/// Doors that the table leaves out, because walking through them ends the walk: they sign out who asks.
pub const NOT_WALKED: [(&str, &str); 1] = [("POST", "/auth/sign-out-everywhere")];

impl Door {
    /// The path with an id that does not exist in the place of each name.
    pub fn path_to_nothing(&self) -> String {
        let named = |part: &str| if part.starts_with('{') { Uuid::now_v7().to_string() } else { part.to_owned() };
        self.path.split('/').map(named).collect::<Vec<_>>().join("/")
    }
}

impl Frame {
    pub fn text_to_nothing(&self, ticket: &str) -> String {
        self.text.replace("{ticket}", ticket).replace("{id}", &Uuid::now_v7().to_string())
    }
}

impl Who {
    pub fn includes(self, role: Role) -> bool {
        match self {
            Self::Anybody | Self::SignedIn => true,
            Self::These(roles) => roles.contains(&role),
        }
    }
}

/// What a door answers to somebody whom it lets in, and who asks for what is not there.
pub const LET_IN: [u16; 9] = [200, 201, 204, 404, 409, 410, 422, 428, 503];
