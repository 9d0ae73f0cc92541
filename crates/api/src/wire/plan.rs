//! Planned links on the wire.

use serde::{Deserialize, Serialize};
use tidings_store::{Halt, Plan, PlanState};
use utoipa::ToSchema;

use crate::wire::id;
use crate::wire::time::Time;
use crate::wire::words::LinkRoleWord;

/// The longest that a market is halted on either side of an embargo's end.
const MOST_MINUTES: u32 = 24 * 60;

/// A link to be made when the article's embargo ends.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewPlan, example = json!({"market": "jpkr-joint-statement-2026", "role": "trigger",
    "halt": {"minutes_before": 5, "minutes_after": 10}}))]
pub struct PlanBody {
    /// The market's slug or id.
    pub market: String,
    /// The article's part in it.
    pub role: LinkRoleWord,
    /// A halt around the end of the embargo. Only an operator can ask for one, in whose name it is
    /// carried out.
    pub halt: Option<HaltBody>,
}

/// How long a market is halted around the end of an embargo.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = HaltAround)]
pub struct HaltBody {
    /// Before it: 0 to 1,440.
    #[schema(maximum = 1440, example = 5)]
    pub minutes_before: u32,
    /// After it: 0 to 1,440.
    #[schema(maximum = 1440, example = 10)]
    pub minutes_after: u32,
}

/// How far a plan has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PlanState)]
pub enum PlanStateWord {
    /// Nothing was done yet.
    Waiting,
    /// The market was halted by it.
    Halted,
    /// The link was made, and the market is still halted by it.
    Linked,
    /// All of it was done.
    Done,
}

/// A link that is made when the article's embargo ends.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Plan)]
pub struct PlanJson {
    /// The article's slug.
    pub article: String,
    /// The market's id.
    #[schema(example = "mkt_0")]
    pub market: String,
    /// The article's part in it.
    pub role: LinkRoleWord,
    /// The halt around the end of the embargo, if there is to be one.
    pub halt: Option<HaltBody>,
    /// Who planned it, and in whose name it is carried out.
    #[schema(example = "acc_3")]
    pub planned_by: String,
    /// When it was planned.
    pub planned_at: Time,
    /// How far it has come.
    pub state: PlanStateWord,
}

impl HaltBody {
    /// In seconds, if it is not too long.
    pub(crate) fn halt(self) -> Option<Halt> {
        let seconds = |minutes: u32| (minutes <= MOST_MINUTES).then_some(minutes * 60);
        Some(Halt {
            before: seconds(self.minutes_before)?,
            after: seconds(self.minutes_after)?,
        })
    }
}

impl PlanJson {
    /// A plan as it stands.
    pub(crate) fn of(plan: &Plan) -> PlanJson {
        PlanJson {
            article: plan.article.clone(),
            market: id::market(plan.market),
            role: plan.role.into(),
            halt: plan.halt.map(|halt| HaltBody {
                minutes_before: halt.before / 60,
                minutes_after: halt.after / 60,
            }),
            planned_by: id::account(plan.account),
            planned_at: Time(plan.made_at),
            state: match plan.state {
                PlanState::Waiting => PlanStateWord::Waiting,
                PlanState::Halted => PlanStateWord::Halted,
                PlanState::Linked => PlanStateWord::Linked,
                PlanState::Done => PlanStateWord::Done,
            },
        }
    }
}
