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

clock-P-ASKED = reply by the time asked for
clock-P-REPLY = answer the question, or the offer
clock-P-REVIEW = look again at what was postponed
clock-P-FORMAL = lodge the formal request
clock-P-HELD = data kept, as the answer says
clock-P-BUD-29 = preserve, Budapest Art. 29
clock-P-BUD-16 = holder keeps data, Budapest Art. 16
clock-P-BUD-35 = contact point helps, Budapest Art. 35
clock-P-SAP-7 = provider answers, Second Protocol Art. 7
clock-P-SAP-8 = serve the order, Second Protocol Art. 8
clock-P-SAP-8-SUB = subscriber data, Second Protocol Art. 8
clock-P-SAP-8-TRA = traffic data, Second Protocol Art. 8
clock-P-UN-42 = preserve, Hanoi Art. 42
clock-P-EPO-10 = produce data, e-Evidence, 10 days
clock-P-EPO-8 = produce data in an emergency, e-Evidence, 8 hours
clock-P-EPO-REF = raise a ground, e-Evidence, 10 days
clock-P-EPO-REF-8 = raise a ground in an emergency, e-Evidence, 96 hours
clock-P-EPO-PR = preserve, e-Evidence, 60 days
clock-P-977-U1 = answer, urgent, Directive 2023/977, 8 hours
clock-P-977-U2 = answer, urgent and to be fetched, Directive 2023/977, 3 days
clock-P-977-N = answer, Directive 2023/977, 7 days
clock-P-EIO-ACK = acknowledge, Directive 2014/41
clock-P-EIO-REC = decide, Directive 2014/41
clock-P-EIO-EXE = carry out, Directive 2014/41
clock-P-NIS-24 = early warning, Directive 2022/2555
clock-P-NIS-72 = notification, Directive 2022/2555
clock-P-NIS-1M = final report, Directive 2022/2555
clock-P-LECD-30 = travel papers after the identity check
clock-P-DTL-48 = reply to a call on the line, 48 hours
clock-P-SIENA = first-line answer, 5 days
clock-P-STAT = yearly statistics
clock-P-CALL-FLASH = flash call: acknowledge
clock-P-CALL-FLASH-HELD = flash call: something follows
clock-P-CALL-IMM = immediate call: acknowledge
clock-P-CALL-IMM-HELD = immediate call: something follows
clock-P-CALL-PRIO = priority call: acknowledge
clock-P-CALL-PRIO-HELD = priority call: something follows
clock-P-CALL-ROUT = routine call: acknowledge
clock-P-CALL-ROUT-HELD = routine call: something follows
clock-P-LINE-MACH = line test: answer by the machine
clock-P-LINE-PERS = line test: answer by a person
clock-P-PING = test of the line or the directory

timer-runs = Clock ({ $sort } of { $half }): { $name }, until { $at }
timer-overdue = Clock ({ $sort } of { $half }): { $name }, over since { $at }
timer-in-time = Clock ({ $sort } of { $half }): { $name }, until { $at }: met in time
timer-late = Clock ({ $sort } of { $half }): { $name }, until { $at }: met late
timer-contested = Clock ({ $sort } of { $half }): { $name }, until { $at }: in time by one log, late by the other
timer-over = Clock ({ $sort } of { $half }): { $name }, until { $at }: ended
timer-stood = It stood still for { $by } at the word of { $half }.

cli-due-none = Nothing is due.
cli-due-left = { $by } left
cli-due-over = { $by } over
cli-due-paused = { $by } left, stands still
cli-due-hold-ended = ended { $by } ago
cli-due-ours = we must act
cli-due-theirs = the other side must act
cli-due-aim = our aim
cli-due-own = our own reminder
cli-due-keep = we keep it
cli-due-renew = kept for us: renew it before
cli-due-level = { $level } % used
cli-calendar = Written: { $file } ({ $count } due times)
cli-stand-due = Soon due, or over:
