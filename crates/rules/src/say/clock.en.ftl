# Clocks, terms, and what is due. One line each.

clock-unit-minutes = { $count } min
clock-unit-hours = { $count } h
clock-unit-days = { $count } calendar days
clock-unit-working_days = { $count } working days
clock-unit-months = { $count } months

clock-sort-term = duty
clock-sort-minimum-hold = hold
clock-sort-service-goal = aim
clock-sort-own-reminder = own reminder

terms-sharing-none = figures stay at home
terms-sharing-totals = totals are shared
terms-sharing-per-kind = figures per kind of request are shared
terms-sharing-full = all figures are shared

cli-terms-none = Nothing is agreed about this channel: the deadlines stand as shipped, and days are counted in UTC.
cli-terms-in-force = Terms in force: { $id }
cli-terms-ours = We propose, and the other side has not decided: { $id }
cli-terms-theirs = The other side proposes, and we have not decided: { $id }
cli-terms-doubt = This program cannot follow: { $what }
cli-terms-tz = Zone data
cli-terms-side = { $zone }; working days { $week } (1 = Monday); holidays: { $holidays }; days worked all the same: { $worked }
cli-terms-bound = { $name }, in force since { $from }
cli-terms-logged = Logged in matter { $matter } at { $at }.
