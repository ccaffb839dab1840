"""Check an RFC 9162 consistency proof with the scitt-cose package.

usage: consistency.py OLD_ROOT_HEX NEW_ROOT_HEX OLD_SIZE NEW_SIZE [HASH_HEX ...]

Exit 0: consistent. 1: not.
"""

import sys

from scitt_cose import verify_consistency


def main() -> int:
    old_root, new_root, old_size, new_size, *path = sys.argv[1:]
    try:
        good = verify_consistency(old_root, new_root, int(old_size), int(new_size), path)
    except ValueError as refusal:
        print(refusal)
        return 1
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
