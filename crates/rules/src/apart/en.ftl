# Partners without a node. One line each.

kind-entered = Entered by hand
kind-correspondent = Correspondent described
choice-how-phone = by telephone
choice-how-mail = by mail
choice-how-fax = by fax
choice-how-other-network = over another network
choice-how-in-person = in person
field-how = How it came
field-received_at = When it came
field-taken_by = Who took it
void-one-sided = This cannot be done with a partner without a node: there is one log and one signature, ours.
entered-two-sided = The partner of this matter has a node and signs for itself: nothing is entered by hand.

page-from = From: { $name }
page-to = To: { $name }
page-matter = Matter: { $matter }
page-signed = Signed: { $at }
page-answers = Answers: { $entry }
page-entry = Statement: { $entry }
page-fingerprint = Fingerprint of the author; compare it with a person whom you know:
page-check = The files beside this page prove it: counterpart-verify page FOLDER --fingerprint "..."

one-sided-mark = one-sided
one-sided-matter = One-sided: { $peer } has no node. Everything here is your own word; what came from them was entered by hand and signed by nobody but you.
one-sided-came = Entered by hand: came { $how }, { $at }
one-sided-taken = Taken by { $name }
one-sided-late = Late entry: { $by } after it came
one-sided-may-come = What may come from them now; each asks how and when it came:
one-sided-logged = It is in your own log. Give them the page: nothing is sent by itself.
one-sided-entered = { $kind } in matter { $matter }: entered by hand, signed by you and by nobody else.
same-as = The same as: { $matters }
same-said = Matters { $one } and { $other } are noted as the same. The note stays here.
correspondent-added = { $name } is a correspondent now: { $id }. It has no node; you write pages and enter what comes.
correspondent-changed = { $name } is described anew: { $id }.
correspondent-none = There are no correspondents.
correspondent-languages = languages
correspondent-callback = call-back numbers
page-written = The page lies in { $dir }: page.txt to read and to print, and beside it what proves it.
