"""Compute RFC 9901 digests with the sd-jwt package, one disclosure a line on standard input.

Prints for each line: DIGEST NAME, the digest as base64url and the claim name as sd-jwt reads it.
"""

import sys

from sd_jwt.common import SDJWTCommon


def main() -> int:
    common = SDJWTCommon(serialization_format="compact")
    # The mapping that the package's own verifier builds before it looks at any claim.
    common._create_hash_mappings(sys.stdin.read().split())
    for digest, (_salt, name, _value) in common._hash_to_decoded_disclosure.items():
        print(digest, name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
