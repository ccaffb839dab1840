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
