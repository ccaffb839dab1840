# Agreeing the terms of a channel.

flow-accord = Terms of the channel

terms-none = No terms are proposed.
terms-proposed = Terms are proposed and wait for a decision.
terms-accepted = The terms proposed last are accepted.
terms-declined = The terms proposed last are declined.

void-terms-no-proposal = The act names no proposal, or not the newest one that its author had seen.
void-terms-decided = There is no proposal that waits for a decision.

kind-propose-terms = Propose terms
kind-accept-terms = Accept the terms
kind-decline-terms = Decline the terms

field-sheet = Terms: zones, holidays, deadlines, streams

fact-terms_accepted = Accepted: { $value }
