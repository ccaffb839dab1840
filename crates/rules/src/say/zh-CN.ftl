# 通用词语。每条一行。

place-unknown = 未记录位置
duration-days = { $days } 天 { $hours } 小时 { $minutes } 分钟
duration-hours = { $hours } 小时 { $minutes } 分钟
duration-just-days = { $days } 天
duration-just-hours = { $hours } 小时
duration-minutes = { $minutes } 分钟
duration-seconds = { $seconds } 秒

time-beginning = 最初
penalty-fine = 罚金
penalty-life = 无期徒刑
penalty-death = 死刑
penalty-years = { $count } 年
penalty-months = { $count } 个月
penalty-one-years = { $count } 年
penalty-one-months = { $count } 个月

long-digits = { $first }…（共 { $count } 位）

half-asking = 请求方
half-answering = 被请求方

state-turn-ours = 轮到本方。
state-turn-theirs = 轮到对方。
state-turn-outside = 现由{ $half }办理。
state-due = 期限：{ $at }。
state-due-left = 期限：{ $at }，剩余 { $by }。
state-due-paused = 询问未答复期间停止计时；截至目前，期限为 { $at }。
state-due-paused-left = 询问未答复期间停止计时；截至目前，期限为 { $at }，剩余 { $by }。
state-overdue = 自 { $at } 起逾期。事项仍未办结，此后办结的按逾期计。
state-overdue-by = 自 { $at } 起逾期，已超过 { $by }。事项仍未办结，此后办结的按逾期计。
state-reminders = 催办次数：{ $count }

stream-cybercrime = 网络犯罪（cybercrime）
stream-fraud = 诈骗（fraud）
stream-fugitives = 在逃人员（fugitives）
stream-child-abuse-material = 儿童性虐待材料（child-abuse-material）
stream-ip-theft = 知识产权窃取（ip-theft）
stream-terrorist-misuse = 恐怖主义利用网络（terrorist-misuse）
stream-arms-trade = 网上武器交易（arms-trade）
stream-corruption = 腐败（corruption）
stream-drugs = 毒品（drugs）
stream-repatriation = 遣返（repatriation）
stream-counter-terrorism = 反恐（counter-terrorism）
stream-terms = 条款（terms）
stream-node = 节点（node）
stream-figures = 统计（figures）

void-body = 该行为的编码字段不符合其种类的表单。
void-half = 该行为应由事项的另一方作出。
void-kind = 本流程没有该种类的行为。
void-equivocation = 行为人在事项的同一位置作出两个不同的行为；以其日志中在先者为准。
void-orphaned = 该行为属于行为人已关闭的纪元。
void-seen = 该行为所称已见范围小于同一行为人先前的行为，或者所指日志头未知。
void-re = 该行为所答复的内容，行为人当时不可能已经看到。
void-limit = 同一作者在一个事项中最多可有4096个行为，此行为已超出上限。请另立新事项。

field-fault-missing = { $field }：未填写
field-fault-unknown = { $field }：表单中没有该字段
field-fault-twice = { $field }：重复填写
field-fault-choice = { $field }：须为下列之一：{ $words }
field-fault-long = { $field }：超过 { $max } 的上限
field-fault-range = { $field }：须在 { $least } 至 { $most } 之间
field-fault-character = { $field }：含有控制字符
field-fault-language = { $field }：语言标签无效（例如 en、zh-CN）
field-fault-no-language = { $field }：请注明文字所用语言
field-fault-backward = { $field }：结束早于开始
field-fault-wanted = { $field }：{ $by } 要求提供
field-fault-not-offered = { $field }：{ $by } 未规定
field-fault-language-of = { $field }：对方可受理的语言为 { $words }
field-fault-not-agreed = { $field }：与对方现行的条款未为双方列明此项
field-fault-not-yet = { $field }：自 { $day } 起方对双方生效
field-fault-type-flag = { $field }：须为 true（是）或者 false（否）
field-fault-type-whole = { $field }：须为整数
field-fault-type-instant = { $field }：须为注明时差的时间，例如 2030-06-14T09:00:00+08:00
field-fault-type-date = { $field }：须为日历上的日期，例如 2030-06-14
field-fault-type-token = { $field }：只能使用字母 A 至 Z、数字、点、连字符和圆括号
field-fault-type-matters = { $field }：必须是以三十二位数字标示的事项
field-fault-type-penalty = { $field }：须为 fine（罚金）、life（无期徒刑）、death（死刑），或者期间，例如 P6M（六个月）、P10Y（十年）
field-fault-type-line = { $field }：须为一行文字
field-fault-type-text = { $field }：须为注明语言的文字
field-fault-type-group = { $field }：须包含具名的各项
field-fault-type-span = { $field }：须为两个时间，格式为“开始/结束”
field-fault-type-rows = { $field }：须为列表
field-fault-type-sheet = { $field }：不符合通道条款的写法
field-fault-type-attachments = { $field }：附件须以 --attach KIND=PATH 附上，不能直接写入表单
field-fault-type-row = { $field }：须为包含具名各项的一行

hint-choice = 请选择一项。
hint-flag = yes（是）或者 no（否）
hint-whole = 整数。
hint-instant = 注明时差的时间：2030-06-14T09:00:00+08:00
hint-date = 日期：2030-06-14
hint-token = 条款编号，例如 27.4.a
hint-matters = 其他事项的编号，以逗号分隔。
hint-penalty = fine（罚金）、life（无期徒刑）、death（死刑），或者期间：P6M（六个月）、P10Y（十年）
hint-text = 以所注明语言书写的文字。
hint-line = 一行文字。
hint-span = 两个时间：2030-06-01T00:00:00Z/2030-06-14T00:00:00Z
hint-sheet = JSON 对象；`counterpart terms show` 可给出一份初稿。
hint-rows = 一项或者多项，每项格式为“种类:值”，例如 domain:example.org

wrong-missing = 缺少
wrong-unknown = 无此栏目
wrong-twice = 重复填写
wrong-choice = 不在可选项内
wrong-long = 过长
wrong-range = 超出范围
wrong-character = 含有控制字符
wrong-language = 语言标签无效
wrong-no-language = 须注明语言
wrong-backward = 结束早于开始
wrong-wanted = 文件或者对方要求提供
wrong-not-offered = 未作规定
wrong-language-of = 不是对方可受理的语言
wrong-not-agreed = 现行条款未为双方列明
wrong-not-yet = 尚未对双方生效
wrong-type = 填写形式不符
