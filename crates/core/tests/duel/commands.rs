//! A line as the engine's command, and the same command as what the model does.

use tidings_core::Reject;
use tidings_core::command::{AmendOrder, Command, HaltMany, TimeInForce, Transfer};
use tidings_core::halt::Scope;
use tidings_core::id::{AccountId, OrderId};
use tidings_core::market::HaltReason;
use tidings_core::units::{Lots, Micros, Timestamp};

use super::{ADMINS, Ask, Duel, Line, MARKET, TAG};
use crate::model::life::Keeper;
use crate::model::{Brake, Done};
use crate::support::propose_void;

/// What a halt of many is about.
pub(super) fn scope(brake: Brake) -> Scope {
    match brake {
        Brake::Everything => Scope::Everything,
        Brake::Tag => Scope::Tag(TAG.to_owned()),
        Brake::OtherTag => Scope::Tag("shipping".to_owned()),
    }
}

impl Duel {
    /// The command for the engine. Life is in the hands of an operator who does not trade.
    pub(super) fn command(&self, line: &Line, ask: &Ask) -> (AccountId, Command) {
        let market = MARKET;
        let id = |line: &usize| OrderId(self.placed.get(line).copied().unwrap_or(u64::MAX));
        let moment = |after: i64| Timestamp::from_micros(self.opened + after);
        let own = self.accounts[line.who];
        let operator = self.desk.account("proposer");
        let reason = "a reason".to_owned();
        match ask {
            Ask::Tick => (AccountId::WORLD, Command::Tick),
            Ask::Place(order) => {
                let mut order = order.as_ref().clone();
                order.valid_until = order.valid_until.map(|at| moment(at.as_micros()));
                if let TimeInForce::Gtd(at) = &mut order.time_in_force {
                    *at = moment(at.as_micros());
                }
                (own, Command::Place(order))
            }
            Ask::Amend {
                order,
                quantity,
                limit,
                valid_until,
            } => {
                let amend = AmendOrder {
                    order: id(order),
                    quantity: quantity.map(Lots::new),
                    limit: *limit,
                    valid_until: valid_until.map(moment),
                };
                (own, Command::Amend(amend))
            }
            Ask::Cancel { order } => (own, Command::Cancel { order: id(order) }),
            Ask::CancelAll => (
                own,
                Command::CancelAll {
                    market: Some(market),
                },
            ),
            Ask::CancelAfter(seconds) => (own, Command::CancelAfter { seconds: *seconds }),
            Ask::KeepOut { by, whom, out } => {
                let actor = match by {
                    Keeper::Operator => operator,
                    // The first is an operator, too.
                    Keeper::Trader => self.accounts[line.who.max(1)],
                };
                let account = self.accounts.get(*whom).copied();
                let account = account.unwrap_or(AccountId(u32::MAX));
                let out = *out;
                (
                    actor,
                    Command::KeepOut {
                        market,
                        account,
                        out,
                    },
                )
            }
            Ask::HaltMany(brake) => {
                let scope = scope(*brake);
                (
                    operator,
                    Command::HaltMany(Box::new(HaltMany { scope, reason })),
                )
            }
            Ask::ResumeMany(brake) => {
                let scope = scope(*brake);
                (operator, Command::ResumeMany { scope })
            }
            Ask::Freeze { by, whom, on } => {
                let actor = match by {
                    Keeper::Operator => operator,
                    Keeper::Trader => self.accounts[line.who.max(1)],
                };
                let account = self.accounts.get(*whom).copied();
                let account = account.unwrap_or(AccountId(u32::MAX));
                let command = match on {
                    true => Command::FreezeAccount { account, reason },
                    false => Command::UnfreezeAccount { account },
                };
                (actor, command)
            }
            Ask::Halt => {
                let reason = HaltReason::Operator(reason);
                (operator, Command::HaltMarket { market, reason })
            }
            Ask::Resume => (operator, Command::ResumeMarket { market }),
            Ask::Close(clause) => (
                operator,
                Command::CloseMarket {
                    market,
                    reason,
                    clause: *clause,
                },
            ),
            Ask::Clarify { by_another } => {
                let by = if *by_another { "confirmer" } else { "proposer" };
                let text = "What it means.".to_owned();
                (
                    self.desk.account(by),
                    Command::Clarify {
                        market,
                        text,
                        about: None,
                    },
                )
            }
            Ask::Deepen(lots) => {
                let liquidity = Lots::new(*lots);
                let actor = if line.who == 0 { own } else { operator };
                (
                    actor,
                    Command::AddLiquidity {
                        market,
                        liquidity,
                        reason: None,
                    },
                )
            }
            Ask::Void => (operator, propose_void(market)),
            Ask::ConfirmVoid => {
                let confirmer = self.desk.account("confirmer");
                (confirmer, Command::ConfirmVoid { market })
            }
            Ask::Deposit { by, whom, amount } => {
                let account = self.accounts.get(*whom).copied();
                let account = account.unwrap_or(AccountId(u32::MAX));
                let amount = Micros::new(*amount);
                (
                    self.admin(*by),
                    Command::Deposit(Transfer { account, amount }),
                )
            }
            Ask::SetLarge { by, from } => {
                let from = from.map(Micros::new);
                (self.admin(*by), Command::SetLargeDeposits { from })
            }
            Ask::Decide {
                by,
                proposal,
                confirm,
            } => {
                let (proposal, confirm) = (*proposal, *confirm);
                (self.admin(*by), Command::DecideFunds { proposal, confirm })
            }
            Ask::Settle(_) | Ask::Correct(_) => unreachable!("they are several commands"),
        }
    }

    fn admin(&self, which: usize) -> AccountId {
        self.desk.account(ADMINS[which])
    }

    pub(super) fn ask_model(
        &mut self,
        line: &Line,
        command: &Command,
    ) -> Result<Option<Done>, Reject> {
        let (model, who) = (&mut self.model, line.who);
        if let Ask::KeepOut { by, whom, out } = &line.ask {
            let whom = Some(*whom).filter(|whom| *whom < model.accounts.len());
            return model.keep_out(*by, whom, *out).map(|()| None);
        }
        match &line.ask {
            Ask::Freeze { by, whom, on } => {
                let whom = Some(*whom).filter(|whom| *whom < model.accounts.len());
                return model.freeze(*by, whom, *on).map(|()| None);
            }
            Ask::HaltMany(brake) => {
                model.halt_many(*brake);
                return Ok(None);
            }
            Ask::ResumeMany(brake) => return model.resume_many(*brake).map(|()| None),
            Ask::Deposit { by, whom, amount } => {
                let by = self.desk.account(ADMINS[*by]);
                let whom = Some(*whom).filter(|whom| *whom < model.accounts.len());
                return model.deposit(by, whom, *amount).map(|()| None);
            }
            Ask::SetLarge { by, from } => {
                let by = self.desk.account(ADMINS[*by]);
                return model.set_large(by, *from).map(|()| None);
            }
            Ask::Clarify { by_another } => {
                let by = if *by_another { "confirmer" } else { "proposer" };
                return model.clarify(self.desk.account(by)).map(|()| None);
            }
            Ask::Decide {
                by,
                proposal,
                confirm,
            } => {
                let by = self.desk.account(ADMINS[*by]);
                return model.decide(by, *proposal, *confirm).map(|()| None);
            }
            _ => {}
        }
        match command {
            Command::Place(order) => model.place(who, order).map(Some),
            Command::Amend(amend) => model.amend(who, amend).map(Some),
            Command::Cancel { order } => model.cancel(who, order.0).map(Some),
            Command::CancelAll { .. } => {
                model.cancel_all(who);
                Ok(None)
            }
            Command::CancelAfter { seconds } => model.cancel_after(who, *seconds).map(|()| None),
            Command::HaltMarket { .. } => model.halt().map(|()| None),
            Command::ResumeMarket { .. } => model.resume().map(|()| None),
            Command::CloseMarket { clause, .. } => {
                let by = self.desk.account("proposer");
                model.close(by, *clause).map(|()| None)
            }
            Command::AddLiquidity { liquidity, .. } => {
                model.add_liquidity(who, *liquidity).map(|()| None)
            }
            Command::ProposeVoid(_) => model.propose_void().map(|()| None),
            Command::ConfirmVoid { .. } => model.void().map(|()| None),
            Command::Tick => Ok(None),
            other => panic!("a command that the model does not know: {other:?}"),
        }
    }
}
