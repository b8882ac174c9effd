"""Says which of the signed requests in a file these libraries hold to be right: {"<library>": ["<name>", …]}."""

import base64
import binascii
import hashlib
import hmac
import json
import sys

import nacl.exceptions
import nacl.signing
import standardwebhooks
import svix.webhooks


def is_taken(library, case):
    try:
        library.Webhook(case["secret"]).verify(case["body"].encode(), case["headers"])
        return True
    except (library.WebhookVerificationError, binascii.Error):
        return False


def is_of_key(case):
    key = nacl.signing.VerifyKey(base64.b64decode(case["key"].removeprefix("whpk_")))
    headers = case["headers"]
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{case['body']}".encode()
    for signature in headers["webhook-signature"].split(" "):
        if signature.startswith("v1a,"):
            try:
                key.verify(content, base64.b64decode(signature.removeprefix("v1a,")))
                return True
            except nacl.exceptions.BadSignatureError:
                pass
    return False


def is_compatible(case):
    digest = hmac.new(case["secret"].encode(), case["body"].encode(), getattr(hashlib, case["hash"])).digest()
    written = {"hex": digest.hex(), "base64": base64.b64encode(digest).decode()}
    return written[case["encoding"]] == case["signature"]


def names(cases, is_right):
    return [case["name"] for case in cases if is_right(case)]


with open(sys.argv[1], encoding="utf-8") as file:
    cases = json.load(file)
verdicts = {
    "standardwebhooks": names(cases["standard"], lambda case: is_taken(standardwebhooks, case)),
    "svix": names(cases["standard"], lambda case: is_taken(svix.webhooks, case)),
    "libsodium": names(cases["ed25519"], is_of_key),
    "hmac": names(cases["compatible"], is_compatible),
}
print(json.dumps(verdicts))
