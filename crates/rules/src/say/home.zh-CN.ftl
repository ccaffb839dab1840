# 只留在本方的内容：备注、负责人、任务。每条一行。

home-stays = 只留在本方：不入日志，不外发
home-unreadable = 目前无法读取；`counterpart doctor` 会说明原因和处理办法。
home-owner = 负责：{ $name }
home-owner-of = 事项 { $matter } 由 { $name } 负责。仅本方可见。
home-owner-nobody = 事项 { $matter } 没有指定负责人。
home-noted = 已在事项 { $matter } 旁记下备注。备注只留在本方。
home-notes-none = 没有备注。
home-notes-older = 更早的备注：{ $count } 条
home-task = 任务 { $task }：{ $text }
home-task-set = 任务 { $task } 的期限为 { $at }。任务只留在本方。
home-task-set-open = 任务 { $task } 已记下，未定期限。任务只留在本方。
home-task-done = 任务 { $task } 已于 { $at } 完成。
home-tasks-none = 没有未完成的任务。
home-done = 已完成
home-no-time = 未定期限
home-due = 本方内部任务
home-erased = 只留在本方的内容也已一并删除：备注、任务和负责人共 { $count } 项。
home-fault = 只留在本方的内容无法读取（{ $at }）。记录本身未受影响。`counterpart doctor` 会说明处理办法。
home-anew = 备注、负责人和任务曾经缺失，已于 { $at } 重新建立空白文件。如果原来有内容，可在最近的备份中找到。
cli-backup-no-home = 备注、负责人和任务无法读取，未纳入本次备份。`counterpart doctor` 会说明处理办法。
doctor-home = 只留在本方的内容可以读取：{ $at }。
doctor-home-bad = 备注、负责人和任务无法读取，或曾重新建立：{ $at }。
doctor-home-do = 停止节点，运行 counterpart restore BACKUP --home-only：它只取回最近备份中的备注、负责人和任务，不改动记录。如果没有备份，把 home.db 移到别处；下次启动时会建立空白文件。
home-restored = 备注、负责人和任务已恢复为备份时的内容。记录本身未作改动。
home-restored-erased = 有些事项在备份之后已删除文本，其备注、任务和负责人共 { $count } 项未予恢复。
home-restored-aside = 原有文件保存在 { $file }。不再需要时请删除；删除事项文本时不会处理该文件。
