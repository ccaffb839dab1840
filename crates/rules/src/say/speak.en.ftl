# What the node says besides faults: summaries, the command line, the demo. One line each.

rung-logged = logged by its author, not yet held by the other side
rung-held = held by both
rung-anchored = held by both, and both logs cosigned

summary-title = Matter { $matter }
face-asking = Requesting authority: { $name }; reached day and night at { $numbers }
face-asking-bare = Requesting authority: { $name }; no number of it is known
face-asked = Requested authority: { $name }; reached day and night at { $numbers }
face-asked-bare = Requested authority: { $name }; no number of it is known
summary-between = Asked by { $asks }. Answered by { $answers }.
summary-drill = THIS IS AN EXERCISE. Nothing in it is real.
summary-act = { $number }. { $at }  { $author }: { $kind } ({ $rung })
summary-contested = Contested: its author revoked the key that signed it, and suspects misuse since { $since }.
summary-proof = Nobody signed this page. What stands above the line of equals signs follows from the signed acts beside it, and counterpart-verify makes it again and compares, given the two fingerprints.
summary-of-act = Act { $number }: { $what }
summary-account = What stands below this line is the word of { $name }, which exported it. Nothing here proves it.
