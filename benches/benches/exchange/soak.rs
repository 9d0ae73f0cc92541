//! Memory over a long run.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::Bench;
use crate::crowd::{Crowd, Pace, Until};
use crate::{MARKETS, TRADERS, resident, start, stop};

/// Open orders of a trader, at most: the books stay as deep as they are, so that nothing of the state grows.
const OPEN: usize = 10;

impl Bench<'_> {
    /// Says how much memory there is after each tenth of many commands.
    pub(crate) async fn soak(&self, name: &str, database: &str) {
        let exchange = start(database, Some(10_000)).await;
        let crowd = Crowd::gather(&exchange, self.asked.size(TRADERS, 50), MARKETS).await;
        let tenth = self.asked.size(1_000_000, 200);
        let (started, from) = (Instant::now(), exchange.committed().seq.0);
        let over = Arc::new(AtomicBool::new(false));
        let (watched, end) = (exchange.clone(), Arc::clone(&over));
        let name = name.to_owned();
        let watch = tokio::spawn(async move {
            println!("{name}: soak: {} MB resident at its start", resident());
            for part in 1..=10 {
                while watched.committed().seq.0 - from < part * tenth {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
                println!(
                    "{name}: soak: {} MB resident after {} commands, {:.1?}; history {} records behind",
                    resident(),
                    part * tenth,
                    started.elapsed(),
                    watched.lag().records,
                );
            }
            end.store(true, Ordering::Relaxed);
        });
        let told = Until::Told(over);
        drop(crowd.trade_until(told, Pace::Free, OPEN).await);
        watch.await.expect("watching");
        stop(exchange).await;
    }
}
