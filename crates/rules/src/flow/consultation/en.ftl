# Phrases of consultation/1. One line each.

flow-consultation = Consultation on a draft

kind-show-draft = Draft of a request
kind-redraft = New draft
kind-drop-draft = End of the consultation
kind-comment = Comment

draft-not-shown = No draft was shown here.
draft-waits = A draft was shown, and a comment is awaited. No clock runs, and nothing is counted.
draft-commented = The draft has been commented on. No clock runs, and nothing is counted.
draft-dropped = The consultation has ended.

void-draft-shown = The draft was shown already; a new draft of it is another kind of act.
void-draft-not-shown = No draft was shown in this matter.
void-draft-dropped = The consultation has ended.

fact-prospect = What would become of it: { $value }
fact-dropped_for = Why it ended: { $value }

field-dropped_for = Why it ends
field-prospect = What would become of it

choice-dropped_for-submitted = the request was submitted
choice-dropped_for-not-needed = the request is not needed
choice-dropped_for-hopeless = the request would not succeed
choice-prospect-complete = it is complete
choice-prospect-something-missing = something is missing
choice-prospect-other-channel = another channel is the right one
choice-prospect-refusal-likely = a refusal is likely
choice-prospect-cannot-say = cannot be said yet
