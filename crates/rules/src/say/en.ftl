# Common words. One line each.

place-unknown = place not recorded
duration-days = { $days } d { $hours } h { $minutes } min
duration-hours = { $hours } h { $minutes } min
duration-just-days = { $days } d
duration-just-hours = { $hours } h
duration-minutes = { $minutes } min
duration-seconds = { $seconds } s

time-beginning = the beginning
penalty-fine = a fine
penalty-life = life imprisonment
penalty-death = death
penalty-years = { $count } years
penalty-months = { $count } months
penalty-one-years = { $count } year
penalty-one-months = { $count } month

long-digits = { $first }… ({ $count } digits)

half-asking = the asking side
half-answering = the answering side

state-turn-ours = It is your turn.
state-turn-theirs = It is the other side's turn.
state-turn-outside = It is the turn of { $half }.
state-due = Due by { $at }.
state-due-left = Due by { $at }: { $by } left.
state-due-paused = The clock stands still while a question is open; as of now it is due by { $at }.
state-due-paused-left = The clock stands still while a question is open; as of now it is due by { $at }: { $by } left.
state-overdue = Overdue since { $at }. The matter stays open, and a later conclusion counts as late.
state-overdue-by = Overdue since { $at }: { $by } over. The matter stays open, and a later conclusion counts as late.
state-reminders = Reminders: { $count }

stream-cybercrime = cybercrime
stream-fraud = fraud
stream-fugitives = fugitives
stream-child-abuse-material = child abuse material (child-abuse-material)
stream-ip-theft = theft of intellectual property (ip-theft)
stream-terrorist-misuse = terrorist misuse of the network (terrorist-misuse)
stream-arms-trade = online arms trade (arms-trade)
stream-corruption = corruption
stream-drugs = drugs
stream-repatriation = repatriation
stream-counter-terrorism = counter-terrorism
stream-terms = terms
stream-node = node
stream-figures = figures

void-body = The coded fields of the act do not follow the form of its kind.
void-half = The act belongs to the other side of the matter.
void-kind = This flow has no act of that kind.
void-equivocation = Its author wrote two different acts in one place of the matter; the one earlier in the author's log counts.
void-orphaned = The act belongs to an epoch that its author has closed.
void-seen = The act claims to have seen less than an earlier act of the same author, or a log head that is not known.
void-re = The act answers something that its author could not have seen yet.
void-limit = One author may write 4,096 acts in a matter, and this is one more. Open a new matter.

field-fault-missing = { $field }: missing
field-fault-unknown = { $field }: this form has no such field
field-fault-twice = { $field }: given twice
field-fault-choice = { $field }: must be one of { $words }
field-fault-long = { $field }: longer than { $max }
field-fault-range = { $field }: must lie between { $least } and { $most }
field-fault-character = { $field }: contains a control character
field-fault-language = { $field }: the language tag is not valid (for example en, zh-CN)
field-fault-no-language = { $field }: name the language of the text
field-fault-backward = { $field }: ends before it begins
field-fault-wanted = { $field }: wanted by { $by }
field-fault-not-offered = { $field }: not provided for by { $by }
field-fault-language-of = { $field }: the other side reads { $words }
field-fault-not-agreed = { $field }: the terms in force with the other side do not list it for both sides
field-fault-not-yet = { $field }: in force for both sides from { $day } only
field-fault-type-flag = { $field }: must be true or false
field-fault-type-whole = { $field }: must be a whole number
field-fault-type-instant = { $field }: must be a time with its offset, for example 2030-06-14T09:00:00+08:00
field-fault-type-date = { $field }: must be a day of the calendar, for example 2030-06-14
field-fault-type-token = { $field }: only letters A to Z, digits, points, hyphens and round brackets
field-fault-type-matters = { $field }: must be matters by their 32 digits
field-fault-type-penalty = { $field }: must be fine, life, death, or a length such as P6M (months) or P10Y (years)
field-fault-type-line = { $field }: must be one line of text
field-fault-type-text = { $field }: must be a text with its language
field-fault-type-group = { $field }: must hold named members
field-fault-type-span = { $field }: must be two times, beginning/end
field-fault-type-rows = { $field }: must be a list
field-fault-type-sheet = { $field }: not as the terms of a channel are written
field-fault-type-attachments = { $field }: files are attached with --attach KIND=PATH, not written into the form
field-fault-type-row = { $field }: must be a row with named members

hint-choice = Choose one.
hint-flag = yes or no
hint-whole = A whole number.
hint-instant = A time with its offset: 2030-06-14T09:00:00+08:00
hint-date = A day: 2030-06-14
hint-token = An identifier such as 27.4.a
hint-matters = Other matters by their digits, with commas between them.
hint-penalty = fine, life, death, or a length: P6M (months), P10Y (years)
hint-text = Text, in the language named.
hint-line = One line.
hint-span = Two times: 2030-06-01T00:00:00Z/2030-06-14T00:00:00Z
hint-sheet = A JSON object; `counterpart terms show` writes one to begin with.
hint-rows = One or more, each as sort:value, for example domain:example.org

wrong-missing = missing
wrong-unknown = no such field
wrong-twice = given twice
wrong-choice = not one of the choices
wrong-long = too long
wrong-range = out of range
wrong-character = holds a control character
wrong-language = the language tag is not valid
wrong-no-language = name its language
wrong-backward = ends before it begins
wrong-wanted = wanted by the instrument or the other side
wrong-not-offered = not provided for
wrong-language-of = not a language that the other side reads
wrong-not-agreed = not in the terms in force for both sides
wrong-not-yet = not yet in force for both sides
wrong-type = not written as this field wants it
