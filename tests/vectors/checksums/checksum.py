"""A client's part of checksums. Prints checksums.json."""

import json
import zlib


def text(document):
    if "odds" in document:
        lines = [document["status"]]
        lines += [f"{key} {odds or 'null'}" for key, odds in document["odds"].items()]
    else:
        lines = [document["outcome"]]
        for side, levels in ("bid", document["bids"]), ("ask", document["asks"]):
            lines += [" ".join((side, at["price"], at["resting"], at["implied"], at["maker"])) for at in levels]
    return "\n".join(lines)


def level(price, resting="0", implied="0", maker="0"):
    return {"price": price, "resting": resting, "implied": implied, "maker": maker}


EXAMPLES = [
    {"status": "open", "odds": {"yes": "0.35", "no": "0.65"}},
    {"status": "halted", "odds": {"nara": "0.412345", "seoul": "0.587654", "other": "0.000001"}},
    {"status": "draft", "odds": {"yes": None, "no": None}},
    {"status": "settled", "odds": {"long": "1", "short": "0"}},
    {"outcome": "yes", "bids": [], "asks": []},
    {"outcome": "yes", "bids": [level("0.41", "312")], "asks": [level("0.43", "0", "25", "41.26")]},
    {
        "outcome": "elsewhere",
        "bids": [level("0.2", "0.01"), level("0.19", "100", "50", "7.5")],
        "asks": [],
    },
]

if __name__ == "__main__":
    cases = [{"document": each, "text": text(each), "checksum": zlib.crc32(text(each).encode())} for each in EXAMPLES]
    print(json.dumps(cases, indent=2))
