# Phrases of bounce/1. One line each.

flow-bounce = Notice between nodes

kind-refused = Bytes refused
kind-erased = Text erased

bounced = One node has told the other that it could not take something.
text-erased = One side has erased the text of a matter at its place and told the other, whose copy stays.
void-noticed = This matter has its notice already; a further one is a matter of its own.

field-entry = Entry in the sender's log
field-code = Fault code
field-erased_matter = Matter whose text was erased
field-count = Number of texts
