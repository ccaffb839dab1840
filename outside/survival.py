"""Waiting times by the method of Kaplan and Meier, written from the definition and from nothing of
this project: standard library, exact fractions.

Reads `{"waits": [[seconds, came], ...]}` per line, writes `{"steps": [[seconds, at risk, events],
...], "quartiles": [a, b, c]}` per line; a quartile that is not reached is null.
"""

import json
import sys
from fractions import Fraction


def curve(waits):
    steps, share, quartiles = [], Fraction(1), [None, None, None]
    for second in sorted({seconds for seconds, came in waits if came}):
        at_risk = sum(1 for seconds, _ in waits if seconds >= second)
        events = sum(1 for seconds, came in waits if came and seconds == second)
        steps.append([second, at_risk, events])
        share *= 1 - Fraction(events, at_risk)
        for at, limit in enumerate((Fraction(3, 4), Fraction(1, 2), Fraction(1, 4))):
            if quartiles[at] is None and share <= limit:
                quartiles[at] = second
    return {"steps": steps, "quartiles": quartiles}


for line in sys.stdin:
    print(json.dumps(curve(json.loads(line)["waits"])))
