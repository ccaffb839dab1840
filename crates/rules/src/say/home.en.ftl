# What stays here: notes, an owner, tasks at home. One line each.

home-stays = Stays here: never logged, never sent
home-unreadable = It cannot be read now; `counterpart doctor` says why and what to do.
home-owner = Looked after by { $name }
home-owner-of = Matter { $matter } is looked after by { $name }. Only you see this.
home-owner-nobody = Nobody in particular looks after matter { $matter }.
home-noted = Noted beside matter { $matter }. It stays here.
home-notes-none = There are no notes.
home-notes-older = Older notes: { $count }
home-task = task { $task }: { $text }
home-task-set = Task { $task } is due { $at }. It stays here.
home-task-set-open = Task { $task } is set, without a time. It stays here.
home-task-done = Task { $task } is done since { $at }.
home-tasks-none = No task is open.
home-done = done
home-no-time = no time set
home-due = ours, at home
home-erased = What stayed here of it went, too: { $count } notes, tasks and names.
home-fault = What stays here cannot be read ({ $at }). The record is not touched. `counterpart doctor` says what to do.
home-anew = Notes, owners and tasks were missing and were begun anew { $at }. If you had some, they are in your last backup.
cli-backup-no-home = Notes, owners and tasks could not be read and are not in it. `counterpart doctor` says what to do.
doctor-home = What stays here can be read: { $at }.
doctor-home-bad = Notes, owners and tasks cannot be read, or were begun anew: { $at }.
doctor-home-do = Stop the node and move home.db aside; at the next start an empty one is made. Unpack your last backup into another folder with restore, on a machine without a network, and take its home.db.
