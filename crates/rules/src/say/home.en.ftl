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
home-due = yours, at home
home-erased = What stayed here of it went, too: { $count } notes, tasks and names.
home-fault = What stays here cannot be read ({ $at }). The record is not touched. `counterpart doctor` says what to do.
home-anew = Notes, owners and tasks were missing and were begun anew { $at }. If you had some, they are in your last backup.
cli-backup-no-home = Notes, owners and tasks could not be read and are not in it. `counterpart doctor` says what to do.
doctor-home = What stays here can be read: { $at }.
doctor-home-bad = Notes, owners and tasks cannot be read, or were begun anew: { $at }.
doctor-home-do = Stop the node and run counterpart restore BACKUP --home-only: it puts back what was in your last backup and leaves the record as it is. Without a backup, move home.db aside; at the next start an empty one is made.
home-restored = Notes, owners and tasks are back as they were in the backup. The record was not touched.
home-restored-erased = Left out, since their matters were erased after the backup: { $count } notes, tasks and names.
home-restored-aside = What was there lies in { $file }. Delete it when nobody needs it; erasing a matter does not reach it.
