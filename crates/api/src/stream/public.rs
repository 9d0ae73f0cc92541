//! What everyone may see of markets: odds, trades, books and phases.

use std::sync::Arc;

use tidings_core::view::MarketView;

use crate::app::App;
use crate::problem::Problem;
use crate::stream::ask::ChannelWord;
use crate::stream::tell::Outbox;

/// The markets' channels that a stream listens to.
pub(super) struct Public {}

impl Public {
    pub(super) fn new(_: &App) -> Public {
        Public {}
    }

    pub(super) async fn ready(&mut self) {
        std::future::pending().await
    }

    pub(super) fn tell(&mut self, _: &mut Outbox) {}

    pub(super) fn resolve(&self, _: ChannelWord, _: Option<Vec<String>>) -> Result<Vec<Arc<MarketView>>, Problem> {
        Ok(Vec::new())
    }

    pub(super) fn subscribe(&mut self, _: ChannelWord, _: &[Arc<MarketView>], _: Option<&str>, _: &mut Outbox) {}

    pub(super) fn unsubscribe(&mut self, _: ChannelWord, _: Option<Vec<String>>) -> Result<Vec<String>, Problem> {
        Ok(Vec::new())
    }
}
