"""Trades with ccxt's class for Kalshi, as it is published, and prints what it saw as JSON."""

import asyncio
import json

from ccxt.prediction import BadSymbol, InvalidOrder, OrderNotFillable
from ccxt.prediction import kalshi as Kalshi

from venue import BASE, register

YES = "JPKR-JOINT-STATEMENT.YES"
NARA = "NEXT-SUMMIT.NARA"
IOC = {"timeInForce": "IOC"}


def told(order):
    names = ["id", "status", "outcomeId", "side", "price", "amount", "filled", "remaining"]
    return {name: order[name] for name in names}


def filled(trade):
    names = ["order", "outcomeId", "side", "price", "amount", "takerOrMaker"]
    return {**{name: trade[name] for name in names}, "fee": trade["fee"]["cost"]}


async def refusal(kind, call):
    try:
        await call
    except kind as error:
        return type(error).__name__
    raise AssertionError("nothing was refused")


async def trade(venue):
    seen = {"markets": sorted(market["id"] for market in (await venue.load_markets()).values())}
    seen["status"] = (await venue.fetch_status())["status"]
    for name in [YES, YES + "-NO", NARA, NARA + "-NO"]:
        book = await venue.fetch_order_book(name)
        seen["book " + name] = {"bids": book["bids"], "asks": book["asks"]}
    ticker = await venue.fetch_ticker(YES)
    seen["ticker"] = [ticker["bid"], ticker["ask"]]
    events = await venue.fetch_events({"series_ticker": "NEXT"})
    found = await venue.fetch_events({"query": "next summit"})
    seen["found"] = [event["id"] for event in found]
    seen["events"] = [[event["id"], len(event["markets"])] for event in events]
    seen["balance before"] = (await venue.fetch_balance())["USD"]["free"]

    # One that waits, on each side and in each kind of market; listed, and taken back.
    waiting = []
    for name, price in [(YES, 0.1), (YES + "-NO", 0.2), (NARA, 0.05), (NARA + "-NO", 0.1)]:
        waiting.append(await venue.create_order(name, "limit", "buy", 10.0, price))
    seen["placed"] = [told(order) for order in waiting]
    seen["open"] = [told(order) for order in await venue.fetch_open_orders()]
    seen["open here"] = [told(order) for order in await venue.fetch_open_orders(NARA)]
    cancelled = await venue.cancel_order(waiting[0]["id"], YES)
    seen["cancelled"] = [cancelled["id"], cancelled["status"]]
    seen["fetched"] = told(await venue.fetch_order(waiting[1]["id"]))
    seen["cancelled with all"] = [told(order) for order in await venue.cancel_all_orders()]
    seen["open after"] = await venue.fetch_open_orders()

    # Some that fill: at once, as a whole, at any price, and what sells what was bought.
    took = [
        await venue.create_order(YES, "limit", "buy", 20, 0.6, IOC),
        await venue.create_order(NARA, "limit", "buy", 15, 0.9, {"timeInForce": "FOK"}),
        await venue.create_order(NARA, "market", "sell", 5, 0.01),
        await venue.create_order("NEXT-SUMMIT.SEOUL-NO", "limit", "buy", 8, 0.99, IOC),
        await venue.create_order(YES + "-NO", "limit", "buy", 4, 0.95, IOC),
    ]
    seen["took"] = [told(order) for order in took]
    seen["closed"] = [told(order) for order in await venue.fetch_closed_orders()]
    seen["fills"] = [filled(trade) for trade in await venue.fetch_my_trades()]
    seen["trades"] = len(await venue.fetch_trades(YES))
    positions = await venue.fetch_positions()
    seen["positions"] = {
        position["outcomeId"]: [position["side"], position["contracts"]] for position in positions
    }
    seen["balance after"] = (await venue.fetch_balance())["USD"]["free"]

    seen["refusals"] = [
        await refusal(BadSymbol, venue.fetch_ticker("NOTHING-OF-THE-KIND.YES")),
        await refusal(InvalidOrder, venue.create_order(YES, "limit", "buy", 1, 0.105)),
        await refusal(
            OrderNotFillable,
            venue.create_order(YES, "limit", "buy", 1_000, 0.36, {"timeInForce": "FOK"}),
        ),
    ]
    return seen


async def main():
    key, private = register()
    venue = Kalshi(
        {
            "apiKey": key,
            "privateKey": private,
            "enableRateLimit": False,
            # The second is where it searches.
            "urls": {
                "api": {"kalshi": BASE + "/trade-api/v2", "elections": BASE + "/trade-api/v2"}
            },
        }
    )
    try:
        print(json.dumps(await trade(venue)))
    finally:
        await venue.close()


asyncio.run(main())
