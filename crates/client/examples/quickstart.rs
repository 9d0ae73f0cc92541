//! Buys for 25 in the newest market, and shows the odds afterwards.

use tidings_client::types::{MarketFilter, NewOrder};
use tidings_client::{Client, Event};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let exchange = Client::new(&std::env::var("TIDINGS")?)?;
    let trader = exchange.with_key(std::env::var("KEY")?);

    let markets = exchange.markets(&MarketFilter::default()).page().await?;
    let market = markets.data.first().ok_or("no market is open")?;
    let order = NewOrder::spend(&market.slug, &market.outcomes[0].key, "25".parse()?);
    println!(
        "{} for {}",
        trader.quote(&order).await?.quantity,
        market.question
    );

    let placed = trader.place(&order).await.done()?; // once, however often it had to be sent
    println!("bought {} for {}", placed.order.filled, placed.order.amount);

    let mut events = exchange.market_events(&market.slug);
    while let Some(event) = events.next().await {
        if let Event::Odds(odds) = event {
            println!("the odds are {:?}", odds.odds);
            break;
        }
    }
    Ok(())
}
