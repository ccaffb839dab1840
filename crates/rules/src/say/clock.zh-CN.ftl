# 期限、条款与到期事项。每条一行。

clock-unit-minutes = { $count } 分钟
clock-unit-hours = { $count } 小时
clock-unit-days = { $count } 个日历日
clock-unit-working_days = { $count } 个工作日
clock-unit-months = { $count } 个月

clock-sort-term = 义务
clock-sort-minimum-hold = 保留
clock-sort-service-goal = 目标
clock-sort-own-reminder = 自用提醒

terms-sharing-none = 数据不对外提供
terms-sharing-totals = 共享总数
terms-sharing-per-kind = 共享各类请求的数据
terms-sharing-full = 共享全部数据

cli-terms-none = 本通道尚未商定条款：期限按程序自带的规定执行，日期按 UTC 计算。
cli-terms-in-force = 现行条款：{ $id }
cli-terms-ours = 本方已提出、对方尚未决定：{ $id }
cli-terms-theirs = 对方已提出、本方尚未决定：{ $id }
cli-terms-doubt = 本程序无法执行：{ $what }
cli-terms-tz = 时区数据
cli-terms-side = { $zone }；工作日 { $week }（1 为星期一）；节假日 { $holidays } 天；调休上班 { $worked } 天
cli-terms-bound = { $name }，自 { $from } 起生效
cli-terms-logged = 已于 { $at } 记入事项 { $matter }。

clock-P-ASKED = 按请求所定时间答复
clock-P-REPLY = 答复提问或者提议
clock-P-REVIEW = 重新审视已推迟的请求
clock-P-FORMAL = 提交正式请求
clock-P-HELD = 按答复所述保留数据
clock-P-BUD-29 = 保全（《布达佩斯公约》第29条）
clock-P-BUD-16 = 持有人保留数据（《布达佩斯公约》第16条）
clock-P-BUD-35 = 联络点协助（《布达佩斯公约》第35条）
clock-P-SAP-7 = 服务提供者答复（第二附加议定书第7条）
clock-P-SAP-8 = 送达命令（第二附加议定书第8条）
clock-P-SAP-8-SUB = 用户数据（第二附加议定书第8条）
clock-P-SAP-8-TRA = 流量数据（第二附加议定书第8条）
clock-P-UN-42 = 保全（《河内公约》第42条）
clock-P-EPO-10 = 提供数据（电子证据条例，10日）
clock-P-EPO-8 = 紧急提供数据（电子证据条例，8小时）
clock-P-EPO-REF = 提出拒绝理由（电子证据条例，10日）
clock-P-EPO-REF-8 = 紧急情况下提出拒绝理由（电子证据条例，96小时）
clock-P-EPO-PR = 保全（电子证据条例，60日）
clock-P-977-U1 = 紧急答复（第2023/977号指令，8小时）
clock-P-977-U2 = 紧急且须调取的答复（第2023/977号指令，3日）
clock-P-977-N = 答复（第2023/977号指令，7日）
clock-P-EIO-ACK = 确认收到（第2014/41号指令）
clock-P-EIO-REC = 作出决定（第2014/41号指令）
clock-P-EIO-EXE = 执行（第2014/41号指令）
clock-P-NIS-24 = 早期预警（第2022/2555号指令）
clock-P-NIS-72 = 事件通知（第2022/2555号指令）
clock-P-NIS-1M = 最终报告（第2022/2555号指令）
clock-P-LECD-30 = 身份核实后签发旅行证件
clock-P-DTL-48 = 回复热线联络（48小时）
clock-P-SIENA = 首轮答复（5日）
clock-P-STAT = 年度统计
clock-P-PING = 热线或名录测试

timer-runs = 期限（{ $half }的{ $sort }）：{ $name }，至 { $at }
timer-overdue = 期限（{ $half }的{ $sort }）：{ $name }，已于 { $at } 届满
timer-in-time = 期限（{ $half }的{ $sort }）：{ $name }，至 { $at }：按时完成
timer-late = 期限（{ $half }的{ $sort }）：{ $name }，至 { $at }：逾期完成
timer-contested = 期限（{ $half }的{ $sort }）：{ $name }，至 { $at }：一方日志为按时，另一方日志为逾期
timer-over = 期限（{ $half }的{ $sort }）：{ $name }，至 { $at }：已结束
timer-stood = 因{ $half }提出，期限曾暂停 { $by }。

cli-due-none = 没有到期事项。
cli-due-left = 剩余 { $by }
cli-due-over = 已超过 { $by }
cli-due-paused = 剩余 { $by }，暂停中
cli-due-hold-ended = 已于 { $by }前结束
cli-due-ours = 须由本方行动
cli-due-theirs = 须由对方行动
cli-due-aim = 本方目标
cli-due-own = 本方自用提醒
cli-due-keep = 由本方保留
cli-due-renew = 为本方保留：请在此前续期
cli-due-level = 已用 { $level } %
cli-calendar = 已写入：{ $file }（{ $count } 个到期时间）
cli-stand-due = 即将到期或已超过：
