# bounce/1 的用语。每条一行。

flow-bounce = 节点间通知

kind-refused = 拒收无法接收的内容
kind-erased = 文本已删除

bounced = 一方节点已告知另一方：有内容无法接收。
text-erased = 一方已在本地删除某事项的文本并告知另一方；另一方的副本不受影响。
void-noticed = 本事项已有一份通知；再有通知须另立事项。

field-entry = 发送方日志中的条目
field-code = 故障代码
field-erased_matter = 文本已删除的事项
field-count = 文本数量
