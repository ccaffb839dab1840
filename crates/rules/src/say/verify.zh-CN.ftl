# 核验工具的语句。每条一行。

verify-channel-live = 通道 { $channel } 的卷宗：{ $acts } 项行为，{ $heads } 个已签名的日志头，{ $files } 个文件。
verify-channel-drill = 【演练】演练通道 { $channel } 的卷宗：{ $acts } 项行为，{ $heads } 个已签名的日志头，{ $files } 个文件。
verify-party = 当事方：{ $name }。其指纹为您所提供的指纹之一：{ $fingerprint }
verify-act = { $number }．{ $author } 致 { $audience }：{ $kind }，系签发方在事项 { $matter } 中的第 { $seq } 项行为，签名时间 { $time }。
verify-act-both = 双方均已持有：{ $author } 的日志自 { $own } 起载有该行为，{ $audience } 的日志自 { $peer } 起载有该行为。
verify-act-author = 仅签发方持有：{ $author } 的日志自 { $own } 起载有该行为。本卷宗未能表明 { $audience } 已经收到。
verify-act-unplaced = 该行为没有可供核验的回执。
verify-act-whole = 全部 { $digests } 个披露字段均在，且与签名时一致。
verify-act-part = { $digests } 个披露字段中有 { $shown } 个在此，且与签名时一致；其余已被删除或者未予附上。
verify-act-contested = 存在争议：密钥所有者怀疑该密钥当时被冒用。

verify-unchecked = 未能核验或者未予表明的内容：
verify-unchecked-rest = 首个错误之后的全部内容。
verify-unchecked-receipt = { $file }：其中一份回执所依据的检查点不成立。
verify-unchecked-cosigned = { $file }：对方既未会签该日志头，也未会签该日志此后的任何日志头。该日志只增不改，仅为其所有者单方陈述。
verify-unchecked-placed = { $file }：没有内容表明该凭证自日志何处起生效。核验时视为自始生效或者不生效。
verify-unchecked-accredited = { $party }：卷宗中没有其对另一方凭证的认可。
verify-unchecked-key = 密钥是否属于所称签发方，以及是否有日志持有该声明。卷宗可以同时表明这两点。
verify-unchecked-foreign = 载荷内容以及密钥持有人：此处仅核验签名。
verify-unchecked-checkpoint = 回执所依据的检查点。缺少检查点即缺少抗量子签名；请提供 --checkpoint 和 --vkey。
verify-unchecked-signed = 此类回执的序号和大小不在签名范围之内；仅根值经过签名。

verify-wrong = 错误之处：
verify-wrong-party = 涉及以下一方所签名或者据称由其签名的内容：{ $party }。
verify-valid = 有效。全部内容均已核验且成立。
verify-valid-but = 已核验的内容全部有效；未核验的内容见上文。
verify-not-valid = 无效。发现错误数：{ $count }
verify-not-checked = 未予核验。未作任何判定。

verify-fault-altered = 文件在打包之后被改动或者损坏：{ $at }。
verify-fault-strange = 介质包内有来历不明的文件：{ $at }。
verify-fault-left-behind = 文件夹内有不属于卷宗的文件：{ $at }。文件夹被打开或者复制时，计算机会留下此类文件。
verify-fault-left-behind-do = 请仅删除该文件，然后重新核验。如再次出现，请将卷宗复制到无人浏览的介质。
verify-fault-fingerprints = 需要两个指纹，每个为十二组、每组五位数字；所给内容：{ $at }。
verify-fault-fingerprints-do = 请通过语音或者当面向双方索取，并各以引号括起，置于 --fingerprint 之后。切勿取自卷宗。
verify-fault-command = 没有此项核验：{ $at }。
verify-fault-command-do = 核验卷宗文件夹：counterpart-verify dossier DIR --fingerprint "..." --fingerprint "..."。使用 --help 可列出全部核验。
verify-fault-folder = 此为文件，需要的是文件夹：{ $at }。
verify-fault-folder-do = 请先解包，再指明 bagit.txt 所在的文件夹。
verify-fault-no-dossier = 该文件夹不是卷宗文件夹：{ $at }。
verify-fault-no-dossier-do = 请指明 bagit.txt 所在的文件夹。
verify-fault-inside = 此处并非卷宗文件夹本身，卷宗文件夹为 { $at }。
verify-fault-inside-do = 请指明该文件夹。
verify-fault-cut = 介质包内有文件不完整：{ $at }。
verify-fault-file-missing = 缺少属于本卷宗的文件：{ $at }。
verify-fault-fingerprint-differs = 卷宗所属一方的指纹不在您所提供的指纹之列：{ $at }。
verify-fault-fingerprint-differs-do = 请与该方亲自告知您的内容再次核对全部十二组数字。如仍不一致，则该卷宗来自他人。
verify-fault-kid-unknown = 签名所用密钥或者所附密钥，当时并非该方的有效密钥：{ $at }。
verify-fault-kid-unknown-do = 不得采信。请向该方索取附有全部凭证及其回执的卷宗。
verify-fault-entries-missing = 该签发方有行为未列入：{ $at }。
verify-fault-entries-missing-do = 请索取完整事项。未列入的内容可能改变其余内容的含义。

verify-help = 离线核验 Counterpart 的文件。无需网络、节点和账户。
verify-help-dossier = 核验卷宗，仅需卷宗文件夹和两个指纹
verify-help-statement = 以您信任的密钥核验一份声明
verify-help-receipt = 核验一份日志回执
verify-help-checkpoint = 核验一个 C2SP 检查点，所给的每个验证密钥均须有对应的签名行
verify-help-inclusion = 核验一份 JSON 形式的包含证明（leafIdx、treeSize、root、leafHash、proof）
verify-help-consistency = 核验一份 JSON 形式的一致性证明（size1、size2、root1、root2、proof）
verify-help-log = 核验一个 C2SP tlog-tiles 文件夹中的日志
verify-help-example = 示例：
verify-help-options = 通用选项：--json 供机器读取，--lang en|zh-CN 选择语言，--help 显示帮助。
verify-help-exit = 退出码：0 有效，1 无效，2 未能核验。

verify-statement = { $kind }（{ $rules }），由 { $author } 致 { $audience }，系签发方在事项 { $matter } 中的第 { $seq } 项行为，签名时间 { $time }。签名成立。
verify-foreign-statement = 签名成立。全文的 SHA-256 值：{ $entry }
verify-receipt = { $party } 的日志自 { $time } 起持有该条目，为 { $size } 个叶中的第 { $index } 号。
verify-foreign-receipt = 该日志持有该条目，为 { $size } 个叶中的第 { $index } 号。
verify-checkpoint = 日志 { $origin }，共 { $size } 个叶，根值 { $root }。
verify-line = { $name } 的签名行成立，类型 { $kind }，其时间：{ $time }
verify-inclusion = 第 { $index } 号叶在 { $size } 个叶的树中。
verify-consistency = { $new } 个叶的树是 { $old } 个叶的树的延伸。
verify-log-checkpoint = { $file }：{ $size } 个叶；签名、条目和瓦片一致。
verify-log = 日志共 { $size } 个叶：{ $checkpoints } 个检查点，{ $pairs } 对经证明一致。
