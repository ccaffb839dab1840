# 除故障以外节点所说的话：摘要、命令行、演示。每条一行。

rung-logged = 已记入作者日志，对方尚未持有
rung-held = 双方均已持有
rung-anchored = 双方均已持有，且两份日志均已会签

summary-title = 事项 { $matter }
face-asking = 请求机关：{ $name }；全天候联系方式：{ $numbers }
face-asking-bare = 请求机关：{ $name }；联系电话不详
face-asked = 被请求机关：{ $name }；全天候联系方式：{ $numbers }
face-asked-bare = 被请求机关：{ $name }；联系电话不详
summary-between = 请求方：{ $asks }。答复方：{ $answers }。
summary-drill = 此为演练。其中内容均非真实。
summary-act = { $number }. { $at }　{ $author }作出：{ $kind }（{ $rung }）
summary-contested = 有争议：签发方已吊销签署该行为的密钥，并怀疑其自 { $since } 起被滥用。
summary-proof = 本页未经任何一方签名。等号线以上的内容均由本文件旁的签名行为得出；提供双方指纹后，counterpart-verify 会重新生成并逐字比对。
summary-of-act = 行为 { $number }：{ $what }
summary-account = 此线以下为导出方{ $name }的单方说法，本卷宗不能证明其内容。
