"""Trades with Kalshi's own SDK, as it is published, and prints what it saw as JSON."""

import json
import uuid

from kalshi_python_sync import Configuration, KalshiClient
from kalshi_python_sync.exceptions import ApiException

from venue import BASE, register

YES = "JPKR-JOINT-STATEMENT.YES"
NARA = "NEXT-SUMMIT.NARA"


def told(order):
    names = ["order_id", "ticker", "side", "action", "yes_price_dollars", "no_price_dollars"]
    counts = ["initial_count", "fill_count", "remaining_count", "client_order_id"]
    return {**{name: getattr(order, name) for name in names + counts}, "status": order.status.value}


def refusal(call):
    try:
        call()
    except ApiException as error:
        told = json.loads(error.body)["error"]
        return [error.status, told["code"], told["problem"]["code"]]
    raise AssertionError("nothing was refused")


def trade(client):
    seen = {"markets": sorted(market.ticker for market in client.get_markets(status="open").markets)}
    pages, cursor = [], None
    while cursor != "":
        page = client.get_markets(limit=1, cursor=cursor)
        pages += [market.ticker for market in page.markets]
        cursor = page.cursor
    seen["by pages"] = pages
    status = client.get_exchange_status()
    seen["status"] = [status.exchange_active, status.trading_active]
    client.get_exchange_schedule()
    client.get_exchange_announcements()
    seen["series"] = client.get_series("NEXT").series.ticker
    events = client.get_events(with_nested_markets=True).events
    seen["events"] = [[event.event_ticker, len(event.markets)] for event in events]
    seen["event"] = client.get_event("NEXT-SUMMIT").event.title
    for name in [YES, NARA]:
        book = client.get_market_orderbook(name).orderbook
        seen["book " + name] = {"yes": book.yes_dollars, "no": book.no_dollars}
    market = client.get_market(YES).market
    seen["market"] = [market.yes_bid_dollars, market.yes_ask_dollars, market.status]
    seen["balance before"] = client.get_balance().balance

    def place(ticker, side, action, count, **terms):
        name = terms.pop("client_order_id", None) or str(uuid.uuid4())
        return client.create_order(
            ticker=ticker, side=side, action=action, count=count, client_order_id=name, **terms
        ).order

    waiting = [
        place(YES, "yes", "buy", 10, yes_price=10, client_order_id="a-1"),
        place(YES, "no", "buy", 10, no_price_dollars="0.2000", post_only=True),
        place(NARA, "yes", "buy", 10, yes_price_dollars="0.0500"),
        place(NARA, "no", "buy", 10, no_price=10),
    ]
    # Asked again, because the answer was lost: the same order.
    again = place(YES, "yes", "buy", 10, yes_price=10, client_order_id="a-1")
    seen["again"] = again.order_id == waiting[0].order_id
    seen["placed"] = [told(order) for order in waiting]
    seen["open"] = [told(order) for order in client.get_orders(status="resting").orders]
    seen["open here"] = [
        told(order) for order in client.get_orders(status="resting", ticker=NARA).orders
    ]
    cancelled = client.cancel_order(waiting[0].order_id)
    seen["cancelled"] = [told(cancelled.order), cancelled.reduced_by]
    seen["fetched"] = told(client.get_order(waiting[1].order_id).order)
    for order in waiting[1:]:
        client.cancel_order(order.order_id)
    seen["open after"] = client.get_orders(status="resting").orders

    ioc = "immediate_or_cancel"
    took = [
        place(YES, "yes", "buy", 20, yes_price=60, time_in_force=ioc),
        place(NARA, "yes", "buy", 15, yes_price=90, time_in_force="fill_or_kill"),
        place(NARA, "yes", "sell", 5, type="market"),
        place("NEXT-SUMMIT.SEOUL", "no", "buy", 8, no_price=99, time_in_force=ioc),
    ]
    seen["took"] = [told(order) for order in took]
    seen["executed"] = [told(order) for order in client.get_orders(status="executed").orders]
    fills = client.get_fills().fills
    seen["fills"] = [
        [fill.order_id, fill.ticker, fill.side, fill.action, fill.count, fill.yes_price_fixed]
        for fill in fills
    ]
    seen["trades"] = len(client.get_trades(ticker=YES).trades)
    positions = client.get_positions()
    seen["positions"] = {
        position.ticker: position.position for position in positions.market_positions
    }
    seen["fees"] = [position.fees_paid_dollars for position in positions.event_positions]
    balance = client.get_balance()
    seen["balance after"] = [balance.balance, balance.portfolio_value]

    seen["refusals"] = [
        refusal(lambda: client.get_market("NOTHING-OF-THE-KIND.YES")),
        refusal(lambda: place(YES, "yes", "buy", 1, yes_price_dollars="0.1050")),
        refusal(lambda: place(YES, "yes", "buy", 1_000_000, yes_price=99)),
        refusal(lambda: place(YES, "yes", "buy", 11, yes_price=10, client_order_id="a-1")),
        refusal(lambda: client.cancel_order("ord_999999")),
    ]
    return seen


def main():
    key, private = register()
    configuration = Configuration(host=BASE + "/trade-api/v2")
    configuration.api_key_id = key
    configuration.private_key_pem = private
    print(json.dumps(trade(KalshiClient(configuration))))


main()
