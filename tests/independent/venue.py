"""What both programs need: an RSA key pair, registered for the account whose key is in the environment."""

import json
import os
import urllib.request

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

BASE = os.environ["BASE"]


def register():
    """The id of a key that signs, and its private half as PEM."""
    pair = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = pair.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    body = json.dumps({"name": "independent", "rsa_public_key": public.decode()})
    request = urllib.request.Request(
        BASE + "/v1/account/keys",
        data=body.encode(),
        headers={
            "authorization": "Bearer " + os.environ["KEY"],
            "content-type": "application/json",
        },
    )
    with urllib.request.urlopen(request) as answer:
        issued = json.load(answer)
    private = pair.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return issued["key_id"], private.decode()
