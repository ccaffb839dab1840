"""Verify one COSE_Sign1 statement with two libraries by two authors: pycose and cwt.

usage: cose.py STATEMENT PUBLIC_KEY_PEM

Prints one verdict per library. Exit 0: both accept. 1: both refuse. 2: they disagree.
"""

import sys

import cbor2
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)
from cwt import COSE, COSEKey
from pycose.keys import OKPKey
from pycose.keys.curves import Ed25519
from pycose.messages import Sign1Message


def with_pycose(statement: bytes, pem: bytes) -> bool:
    raw = load_pem_public_key(pem).public_bytes(Encoding.Raw, PublicFormat.Raw)
    message = Sign1Message.decode(statement)
    message.key = OKPKey(crv=Ed25519, x=raw)
    return message.verify_signature()


def with_cwt(statement: bytes, pem: bytes) -> bool:
    # The kid of a statement is the RFC 9679 thumbprint; cwt looks its key up by kid.
    protected = cbor2.loads(cbor2.loads(statement).value[0])
    COSE.new(verify_kid=True).decode(statement, COSEKey.from_pem(pem, kid=protected[4]))
    return True


def main() -> int:
    statement = open(sys.argv[1], "rb").read()
    pem = open(sys.argv[2], "rb").read()
    verdicts = []
    for name, verify in (("pycose", with_pycose), ("cwt", with_cwt)):
        try:
            accepted, why = verify(statement, pem), ""
        except Exception as refusal:  # Each library has its own zoo of errors; all mean refusal.
            accepted, why = False, f" ({type(refusal).__name__}: {refusal})"
        print(f"{name}: {'accepted' if accepted else 'refused'}{why}")
        verdicts.append(accepted)
    if all(verdicts):
        return 0
    return 2 if any(verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
