"""What schemathesis cannot know of this exchange: who asks for what, what is there to be asked about,
and what has to be true of every answer beside what it checks itself.

Everything that was asked is written down, a line each, so that it can be held against the journal."""

import json
import os
import random
import threading

import requests
import schemathesis

with open(os.environ["TIDINGS_FUZZ"], encoding="utf-8") as given:
    WORLD = json.load(given)

BASE, KEYS, POOL = WORLD["base"], WORLD["keys"], WORLD["pool"]
LOG = open(WORLD["log"], "w", encoding="utf-8", buffering=1 << 16)
LOCK = threading.RLock()
RANDOM = random.Random(WORLD["seed"])
# Whose money and keys the run lives on.
PROTECTED = set(WORLD["protected"])
# At most so many of each kind are remembered.
MOST = 200
# Of what can be asked about, so much is there.
THERE = 0.8
COUNT = 0


def role(method, path):
    """Who may ask for it."""
    if path.startswith("/v1/account/keys"):
        return "spare"
    if path.startswith(("/v1/accounts", "/v1/deposits")):
        return "admin"
    watched = path in ("/v1/journal/records", "/v1/anomalies") or path.startswith("/v1/halts")
    if watched or (path.startswith("/v1/markets") and path.endswith("/preview")):
        return "operator"
    if path.startswith(("/v1/feeds", "/v1/hooks", "/v1/questions")) or path.endswith(("/suggestions", "/plans", "/desk")):
        return "editor"
    if method == "GET" or path.endswith("/disputes"):
        return "trader"
    if path.startswith("/v1/markets"):
        return RANDOM.choice(["operator", "second"])
    return "editor" if path.startswith("/v1/articles") else "trader"


@schemathesis.auth(refresh_interval=None)
class Keys:
    """The key of whoever may ask."""

    def get(self, case, context):
        return KEYS[role(case.method.upper(), context.operation.path)]

    def set(self, case, data, context):
        case.headers = case.headers or {}
        case.headers["Authorization"] = f"Bearer {data}"


def is_meant_to_be_wrong(case):
    meta = getattr(case, "meta", None)
    return meta is not None and meta.generation.mode.is_negative


@schemathesis.hook
def before_call(context, case, kwargs):
    global COUNT
    with LOCK:
        COUNT += 1
        number = COUNT
    path, method = case.operation.path, case.method.upper()
    given = case.path_parameters or {}
    if not is_meant_to_be_wrong(case):
        for name in given:
            there = POOL.get(f"{name} {kind(path)}") or POOL.get(name)
            if there and RANDOM.random() < THERE:
                given[name] = RANDOM.choice(there)
        body = case.body
        if isinstance(body, dict) and isinstance(body.get("market"), str) and RANDOM.random() < THERE:
            body["market"] = RANDOM.choice(POOL["m"])
        if isinstance(body, dict) and method == "POST":
            name_clauses(path, body)
    stay_here(path, case.body)
    # What would end the run: its own keys, and its own money.
    ends = path.startswith("/v1/accounts/{id}") and method != "GET" and not path.endswith("/deposits")
    if ends and str(given.get("id")) in PROTECTED:
        given["id"] = WORLD["spare"]
    headers = case.headers = case.headers if case.headers is not None else {}
    if method not in ("GET", "HEAD") and "Idempotency-Key" not in headers and not is_meant_to_be_wrong(case):
        headers["Idempotency-Key"] = f"fuzz-{number}"


def stay_here(path, body):
    """An address in an example is a real one. Whoever asks for an article of there is told 502 where there is no network, and
    a site that nobody meant is asked where there is one. This machine's is never fetched."""
    address = body.get("url") if isinstance(body, dict) else None
    if path.startswith("/v1/articles") and isinstance(address, str) and address.startswith("http"):
        body["url"] = "http://127.0.0.1/article"


# Parts of rules: some that the markets here have, and some that none has.
CLAUSES = ["early_close_1", "early_close_2", "criteria", "edge_case_1", "edge_case_9", "clarification_1"]


def name_clauses(path, body):
    """What is optional in the document is seldom sent by chance: ends of trading by a clause, and rules that have such."""
    if path.endswith(("/close", "/disputes")) and RANDOM.random() < THERE:
        body["clause"] = RANDOM.choice(CLAUSES)
    rules = body.get("rules")
    if path in ("/v1/markets", "/v1/questions/check") and isinstance(rules, dict) and RANDOM.random() < THERE:
        rules["early_close"] = ["Trading ends once it has happened."] * RANDOM.choice([1, 2, 10, 11])


def kind(path):
    return "orders" if path.startswith("/v1/orders") else "accounts"


def remember(name, value):
    with LOCK:
        known = POOL.setdefault(name, [])
        if isinstance(value, str) and value not in known:
            known.append(value)
            if len(known) > MOST:
                known.pop(RANDOM.randrange(len(known)))


@schemathesis.hook
def after_call(context, case, response):
    path, method = case.operation.path, case.method.upper()
    sent = response.request.headers
    answer = answer_of(response)
    key = sent.get("Idempotency-Key")
    key = key.decode("latin-1") if isinstance(key, bytes) else key
    line = {
        "method": response.request.method, "path": path, "status": response.status_code, "key": key,
        "code": answer.get("code"), "seq": answer.get("seq"),
    }
    with LOCK:
        LOG.write(json.dumps(line) + "\n")
    if response.status_code == 201:
        if path == "/v1/markets":
            remember("m", answer.get("slug"))
        elif path == "/v1/articles":
            remember("a", answer.get("slug"))
        elif path == "/v1/orders":
            remember("id orders", answer.get("order", {}).get("id"))
        elif path == "/v1/accounts":
            remember("id accounts", answer.get("id"))
    if path.startswith("/v1/account/keys"):
        renew_spare()


def answer_of(response):
    try:
        answer = response.json()
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def renew_spare():
    """The account whose keys are issued and ended at will gets another one when it has none left."""
    with LOCK:
        asked = requests.get(f"{BASE}/v1/account", headers={"Authorization": f"Bearer {KEYS['spare']}"}, timeout=10)
        if asked.status_code == 200:
            return
        opened = requests.post(
            f"{BASE}/v1/accounts", json={"name": "Spare", "role": "trader"}, timeout=10,
            headers={"Authorization": f"Bearer {KEYS['admin']}"},
        ).json()
        KEYS["spare"], WORLD["spare"] = opened["key"], opened["id"]


@schemathesis.check
def a_problem_is_one_of_those_that_are_described(ctx, response, case):
    kinds = response.headers.get("content-type", [""])
    if response.status_code < 400 or response.status_code == 405:
        return None
    assert kinds[0] == "application/problem+json", f"{response.status_code} is no problem: {kinds}"
    problem = response.json()
    answers = case.operation.definition.raw["responses"]
    answer = answers.get(str(response.status_code), {})
    # What operations share is referred to.
    if "$ref" in answer:
        answer = case.operation.schema.raw_schema["components"]["responses"][answer["$ref"].rsplit("/", 1)[1]]
    described = answer.get("content", {})
    examples = described.get("application/problem+json", {}).get("examples", {})
    assert problem["code"] in examples, f"{problem['code']} is not described"
    assert problem["status"] == response.status_code
    return None
