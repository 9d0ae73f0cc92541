"""Signs requests as Tidings takes them: RFC 9421 with Ed25519, RFC 9530 for the body.

`sign` is all that a client needs. Run as a program, this prints `requests.json` beside it; it shares no
code with the server. Needs `cryptography`.
"""

import base64
import hashlib
import json

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def sign(key, created, method, path, query="", body=b"", idempotency_key=None):
    """The headers that sign a request, and the text that was signed."""
    b64 = lambda data: base64.b64encode(data).decode()
    parts = {"@method": method, "@path": path, "@query": "?" + query}
    headers = {}
    if method not in ("GET", "HEAD"):
        headers["Content-Digest"] = "sha-256=:" + b64(hashlib.sha256(body).digest()) + ":"
        parts["content-digest"] = headers["Content-Digest"]
        if path != "/v1/quotes":  # every command carries one
            headers["Idempotency-Key"] = idempotency_key
            parts["idempotency-key"] = idempotency_key
    public = b64(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))
    names = " ".join(f'"{name}"' for name in parts)
    params = f'({names});created={created};keyid="{public}"'
    lines = [f'"{name}": {value}' for name, value in parts.items()]
    base = "\n".join(lines + [f'"@signature-params": {params}'])
    headers["Signature-Input"] = "sig=" + params
    headers["Signature"] = "sig=:" + b64(key.sign(base.encode())) + ":"
    return headers, base


# The first secret key of RFC 8032, section 7.1: everyone knows it, so it is good for nothing else.
SECRET = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
ORDER = ('{"market":"jpkr-joint-statement-2026","outcome":"yes","side":"buy","type":"limit",'
         '"price":"0.41","quantity":"250"}')
CASES = [
    ("a read", dict(method="GET", path="/v1/account")),
    ("a read with a query, as it is sent",
     dict(method="GET", path="/v1/account/fills", query="limit=5&market=jpkr%2Djoint")),
    ("an order", dict(method="POST", path="/v1/orders", body=ORDER, idempotency_key="a-17")),
    ("a quote, which is no command", dict(method="POST", path="/v1/quotes", body=ORDER)),
    ("an amendment",
     dict(method="PATCH", path="/v1/orders/ord_12", body='{"price":"0.4"}', idempotency_key="a-18")),
    ("a cancel without a body",
     dict(method="DELETE", path="/v1/orders", query="market=jpkr-joint-statement-2026",
          idempotency_key="a-19")),
    ("a body beyond ASCII",
     dict(method="POST", path="/v1/account/keys", body='{"name":"奈良の机"}', idempotency_key="a-20")),
]

if __name__ == "__main__":
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(SECRET))
    cases = []
    for what, case in CASES:
        given = {"query": "", "body": "", "idempotency_key": None, **case}
        headers, base = sign(key, 1_761_955_200, **{**given, "body": given["body"].encode()})
        cases.append({"what": what, **given, "created": 1_761_955_200, "base": base,
                      "headers": headers})
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    document = {"secret_key": SECRET, "public_key": base64.b64encode(public).decode(),
                "cases": cases}
    print(json.dumps(document, ensure_ascii=False, indent=1))
