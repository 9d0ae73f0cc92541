//! Hooks: where editors want to be told, and what they were told.

use serde::{Deserialize, Serialize};
use tidings_store::{Delivery, DeliveryStatus, Hook, HookStatus};
use utoipa::ToSchema;

use crate::wire::id;
use crate::wire::text::Reference;
use crate::wire::time::Time;

/// Where an editor wants to be told.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewHook, example = json!({"url": "https://desk.paper.example/odds"}))]
pub struct HookBody {
    /// An https address on the public internet, without a port, a user name or a password.
    pub url: Reference,
}

/// Where an editor is told.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Hook)]
pub struct HookJson {
    /// Its id.
    #[schema(example = "hook_1")]
    pub id: String,
    /// The address that is called.
    pub url: String,
    /// Whether it is called.
    pub status: HookStatusWord,
    /// What calls are signed with, where the hook is made: it is not shown again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// When it was made.
    pub created_at: Time,
    /// Since when nothing got through; null while all is well.
    pub failing_since: Option<Time>,
    /// When it was disabled or taken away.
    pub ended_at: Option<Time>,
}

/// Whether a hook is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = HookStatus)]
pub enum HookStatusWord {
    /// Yes.
    Active,
    /// Nothing got through for three days, or the other side said that it is gone. Make it anew.
    Disabled,
    /// Its editor took it away.
    Deleted,
}

/// Something that a hook was, or is to be, told.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Delivery)]
pub struct DeliveryJson {
    /// The name of what happened, the same in every call about it.
    #[schema(example = "mkt_0-1841-halted")]
    pub event: String,
    /// How far it has come.
    pub status: DeliveryStatusWord,
    /// How often it was tried.
    pub attempts: u32,
    /// What the other side said last, or why it could not be asked.
    #[schema(example = "200")]
    pub reply: Option<String>,
    /// What is sent, byte for byte.
    pub body: String,
    /// When it was noted.
    pub created_at: Time,
    /// When it was last tried; null before the first time.
    pub tried_at: Option<Time>,
    /// When it is tried next; null when it is not.
    pub next_at: Option<Time>,
}

/// How far a delivery has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = DeliveryStatus)]
pub enum DeliveryStatusWord {
    /// To be tried.
    Due,
    /// The other side took it.
    Delivered,
    /// It was tried for two days.
    Failed,
}

impl HookJson {
    /// A hook, with its secret where it is to be shown.
    pub fn of(hook: &Hook, secret: Option<String>) -> HookJson {
        HookJson {
            id: id::hook(hook.id),
            url: hook.url.clone(),
            status: match hook.status {
                HookStatus::Active => HookStatusWord::Active,
                HookStatus::Disabled => HookStatusWord::Disabled,
                HookStatus::Deleted => HookStatusWord::Deleted,
            },
            secret,
            created_at: Time(hook.created_at),
            failing_since: hook.failing_since.map(Time),
            ended_at: hook.ended_at.map(Time),
        }
    }
}

impl DeliveryJson {
    /// A delivery.
    pub fn of(delivery: &Delivery) -> DeliveryJson {
        let is_due = delivery.status == DeliveryStatus::Due;
        DeliveryJson {
            event: delivery.event.clone(),
            status: match delivery.status {
                DeliveryStatus::Due => DeliveryStatusWord::Due,
                DeliveryStatus::Delivered => DeliveryStatusWord::Delivered,
                DeliveryStatus::Failed => DeliveryStatusWord::Failed,
            },
            attempts: delivery.attempts,
            reply: delivery.reply.clone(),
            body: delivery.body.clone(),
            created_at: Time(delivery.created_at),
            tried_at: (delivery.attempts > 0).then_some(Time(delivery.changed_at)),
            next_at: is_due.then_some(Time(delivery.due_at)),
        }
    }
}
