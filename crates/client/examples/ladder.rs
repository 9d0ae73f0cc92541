//! Bids at ten prices in one frame, and takes them all back in another.

use tidings_client::types::{MarketFilter, NewOrder, Side};
use tidings_client::{Client, Decimal};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let exchange = Client::new(&std::env::var("TIDINGS")?)?;
    let trader = exchange.with_key(std::env::var("KEY")?);
    let markets = exchange.markets(&MarketFilter::default()).page().await?;
    let market = markets.data.first().ok_or("no market is open")?;
    let (slug, outcome) = (&market.slug, &market.outcomes[0].key);

    let bid = |cents| NewOrder::limit(slug, outcome, Side::Buy, Decimal::new(cents, 2), 10.into());
    let ladder: Vec<NewOrder> = (1..=10).map(bid).collect();
    let mut line = trader.line();
    let mut open = Vec::new();
    for outcome in line.place(&ladder).await {
        open.push(outcome.done()?.order.id); // each has an answer of its own
    }
    println!("placed {}", open.len());

    let open: Vec<&str> = open.iter().map(String::as_str).collect();
    for outcome in line.cancel(&open).await {
        outcome.done()?;
    }
    println!("cancelled {}", open.len());
    Ok(())
}
