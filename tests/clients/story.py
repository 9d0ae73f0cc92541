"""A trader's day, told by the Python client that openapi-python-client makes of /openapi.json.

In: TIDINGS, the address; ADMIN, an administrator's key; MARKET, an open market on yes and no.
Nothing here is written for Tidings but the calls: the package beside it is generated as it is.
"""

import os
from decimal import Decimal

from tidings_client import AuthenticatedClient, Client
from tidings_client.api.account import get_account, get_fills, get_orders, get_request
from tidings_client.api.accounts import deposit, open_account
from tidings_client.api.markets import get_book, get_market, list_markets
from tidings_client.api.orders import amend_order, cancel_order, get_order, place_order, quote_order
from tidings_client.models import (
    AmendOrder, MakerDepth, Market, MarketStatus, OpenAccount, Order, OrderStatus, OrderType,
    PlaceOrder, Problem, RequestStatus, Retry, Role, Side, Transfer, Which,
)

base, market = os.environ["TIDINGS"], os.environ["MARKET"]
anyone = Client(base_url=base, raise_on_unexpected_status=True)
admin = AuthenticatedClient(base_url=base, token=os.environ["ADMIN"])

# Anyone sees the market, typed.
listed = list_markets.sync(client=anyone, status=MarketStatus.OPEN, limit=200)
assert market in [one.slug for one in listed.data], listed
assert all(isinstance(one, Market) for one in listed.data), "a page's rows are of the named type"
seen = get_market.sync(market, client=anyone)
assert sum(Decimal(outcome.odds) for outcome in seen.outcomes) == 1, seen.outcomes

# An administrator opens an account and pays in.
opened = open_account.sync(client=admin, body=OpenAccount(name="Pia", role=Role.TRADER))
paid = deposit.sync(opened.id, client=admin, body=Transfer(amount="500"))
assert (paid.account, Decimal(paid.amount)) == (opened.id, 500), paid
pia = AuthenticatedClient(base_url=base, token=opened.key)


def bid(price, quantity, name):
    return PlaceOrder(market=market, outcome="yes", side=Side.BUY, type_=OrderType.LIMIT,
                      price=price, quantity=quantity, client_order_id=name)


# What it would cost, what it did cost.
spend = PlaceOrder(market=market, outcome="yes", side=Side.BUY, type_=OrderType.MARKET, amount="25")
quote = quote_order.sync(client=pia, body=spend)
bought = place_order.sync(client=pia, body=spend, idempotency_key="pia-1")
assert bought.order.filled == quote.quantity and bought.order.amount == quote.amount, (quote, bought)
assert [fill.source.value for fill in bought.fills] == ["maker"], bought.fills
again = place_order.sync(client=pia, body=spend, idempotency_key="pia-1")
assert again == bought, "sent twice, done once"
told = get_request.sync("pia-1", client=pia)
assert told.status == RequestStatus.APPLIED and told.answer["seq"] == bought.seq, told

# One rests, is in the book and in the list, is changed, and is cancelled.
resting = place_order.sync(client=pia, body=bid("0.1", "20", "low"))
assert resting.order.status == OrderStatus.OPEN, resting
book = get_book.sync(market, client=anyone, outcome="yes", maker=MakerDepth.EXCLUDE)
assert [(level.price, level.resting) for level in book.bids] == [("0.1", "20")], book
amended = amend_order.sync(resting.order.id, client=pia, body=AmendOrder(quantity="15"))
assert amended.order.remaining == "15", amended
mine = get_orders.sync(client=pia, status=Which.OPEN, min_seq=amended.seq)
assert [order.client_order_id for order in mine.data] == ["low"], mine
assert all(isinstance(order, Order) for order in mine.data), mine
cancelled = cancel_order.sync(resting.order.id, client=pia)
assert cancelled.order.status == OrderStatus.CANCELLED and cancelled.order.cancelled == "15", cancelled
ended = get_order.sync(resting.order.id, client=pia, min_seq=cancelled.seq)
assert (ended.status, ended.reason) == (OrderStatus.CANCELLED, "cancelled"), ended

# The account adds up.
account = get_account.sync(client=pia)
spent = Decimal(bought.order.amount) + Decimal(bought.order.fee)
assert Decimal(account.cash.available) == 500 - spent and Decimal(account.cash.reserved) == 0, account
assert [held.shares.free for held in account.positions] == [bought.order.filled], account
fills = get_fills.sync(client=pia, min_seq=cancelled.seq)
assert sum(Decimal(fill.quantity) for fill in fills.data) == Decimal(bought.order.filled), fills

# A refusal is typed, and says what is missing.
dear = place_order.sync_detailed(client=pia, body=bid("0.3", "100000", "dear"))
problem = dear.parsed
assert dear.status_code == 409 and isinstance(problem, Problem), dear
assert (problem.code, problem.retry) == ("insufficient_funds", Retry.AFTER_FIX), problem
assert problem["available"] == account.cash.available and Decimal(problem["required"]) > 500, problem
stranger = AuthenticatedClient(base_url=base, token="tdg_nobody")
assert get_account.sync(client=stranger).code == "key_invalid"

print("told")
