# 没有节点的合作方。每条一行。

kind-entered = 人工录入
kind-correspondent = 登记联络对象
choice-how-phone = 通过电话
choice-how-mail = 通过信函或者电子邮件
choice-how-fax = 通过传真
choice-how-other-network = 通过其他网络
choice-how-in-person = 当面
field-how = 收到方式
field-received_at = 收到时间
field-taken_by = 接收人
void-one-sided = 对方没有节点，无法这样办理：这里只有本方的日志和本方的签名。
entered-two-sided = 该事项的对方有自己的节点并自行签名，不能人工录入。

page-from = 发自：{ $name }
page-to = 致：{ $name }
page-matter = 事项：{ $matter }
page-signed = 签署时间：{ $at }
page-answers = 答复：{ $entry }
page-entry = 声明：{ $entry }
page-fingerprint = 签署方的指纹，请与您认识的人核对：
page-check = 本页旁的文件可作证明：counterpart-verify page 文件夹 --fingerprint "..."

one-sided-mark = 单方
one-sided-matter = 单方事项：{ $peer }没有节点。此处全部内容都是本方的陈述；对方来件由本方人工录入，仅有本方签名。
one-sided-came = 人工录入：{ $how }收到，{ $at }
one-sided-taken = 接收人：{ $name }
one-sided-late = 补录：收到 { $by } 之后录入
one-sided-may-come = 对方现在可能发来的内容；录入时会询问收到的方式和时间：
one-sided-logged = 已记入本方日志。请把页面交给对方：系统不会自动发送任何内容。
one-sided-entered = 事项 { $matter }：{ $kind }，已人工录入，仅由本方签名。
same-as = 与下列事项相同：{ $matters }
same-said = 已注明事项 { $one } 与 { $other } 相同。该备注只留在本方。
correspondent-added = 已登记联络对象 { $name }：{ $id }。对方没有节点，由本方出具页面并录入来件。
correspondent-changed = 已更新联络对象 { $name } 的资料：{ $id }。
correspondent-none = 没有联络对象。
correspondent-languages = 语言
correspondent-callback = 回拨号码
page-written = 页面位于 { $dir }：page.txt 供阅读和打印，旁边的文件供核验。
