# 命令行的用语。每条一行。

cli-ask-passphrase = 节点口令：
cli-ask-root-passphrase = 根密钥口令：
cli-ask-new-passphrase = 为节点设置新口令，至少十二个字符：
cli-ask-new-root-passphrase = 为根密钥设置新口令，至少十二个字符：
cli-ask-again = 再次输入相同口令：
cli-next = 下一步：

cli-init-made = { $name }的节点已建立，位于 { $home }。
cli-init-root = 根密钥位于 { $root }。节点从不需要根密钥：请将该文件夹离线保管，并另存一份。
cli-init-no-endpoint = 对方尚不知道如何连接本节点：请在 config 文件中写入 `endpoint = HOST:PORT`，然后执行 rotate。
cli-fingerprint-own = 本方指纹，供对方核对：

cli-credential-party = 当事方
cli-credential-version = 版本
cli-credential-issued = 签发时间
cli-credential-callback = 回拨号码
cli-credential-endpoints = 连接地址
cli-credential-languages = 工作语言
cli-credential-streams = 业务领域
cli-credential-fingerprint = 指纹
cli-credential-key = 密钥 { $role }
cli-credential-drill-key = 演练密钥 { $role }
cli-exported = 本方凭证已写入 { $file }。可用任何方式交给对方；其中不含秘密。
cli-imported = 已收存{ $name }的凭证，版本 { $version }。
cli-imported-not-yet = 在与熟识的人员核对指纹并予以认可之前，该凭证不产生任何效力。

cli-fingerprint-of-own = 本方指纹（{ $name }）：
cli-fingerprint-of-peer = { $name }应当向您读出的指纹：
cli-fingerprint-first-half = 前半部分
cli-fingerprint-second-half = 后半部分
cli-fingerprint-read = 请拨打事先掌握的号码，向对方读出：先读一半，请对方复述，再读另一半。
cli-fingerprint-listen = 请拨打事先掌握的号码，请对方读出全部十二组；不要先把这些数字读给对方。
cli-accredited = 已认可{ $name }。本方一侧的通道已经开启。
cli-rotated = 新密钥已生效：凭证版本 { $version }。对方将随下一个包裹得知。请备份 node.key。
cli-revoked = 密钥 { $kid } 已撤销；自 { $since } 起由其签署的内容视为有争议。

cli-logged = 事项 { $matter }：{ $kind }，已签署并于 { $at } 写入磁盘。
cli-logged-pushed = 运行中的节点正在发送。
cli-logged-waits = 将保留在本地，直至节点运行或者由人携带送达。
cli-form-how = 请逐项回答；空行表示略过；* 为必填。
cli-form-required = * 必填

cli-matters-none = 本处没有任何事项。
cli-overdue-since = 自 { $at } 起逾期
cli-due = 期限 { $at }
cli-our-turn = 轮到本方
cli-drill = 演练
cli-matter = 事项 { $matter }
cli-matter-ours = 由本方向{ $peer }提出：{ $subject }
cli-matter-theirs = 由{ $peer }向本方提出：{ $subject }
cli-matter-stream = 业务领域：{ $stream }
cli-matter-nothing-open = 本方在该事项中无事可做。
cli-half-ours = 本方
cli-half-theirs = 对方
cli-ladder = ●○○ 作者已记入日志   ●●○ 双方均已收存   ●●● 双方日志均经会签
cli-void = 不生效：{ $why }
cli-held = 已收存，尚未适用：{ $why }
cli-erased = 已删除的文本：{ $count }
cli-yes = 是
cli-no = 否

cli-log-own = 本方日志
cli-log-peer = 本方所持的对方日志
cli-log-origin = 来源
cli-log-size = 条数
cli-log-root = 树根
cli-log-time = 日志头时间
cli-log-cosigned = 已会签至
cli-never = 从未

cli-fsck = 已从原始字节核查：{ $leaves } 个叶子，{ $heads } 个日志头，{ $statements } 份声明。
cli-fsck-good = 全部成立。
cli-proofs-none = 没有对方签署过不能同时为真的两项内容。
cli-proofs = 以下各项凭所附字节即可自行证明：
cli-proof-two-roots = 日志的同一条数有两种内容
cli-proof-two-official-heads = 同一条目有两个正式日志头
cli-proof-forked = 日志分叉
cli-proof-two-acts = 事项的同一位置有两项行为

cli-packed = { $file } 已为对方密封：{ $bytes } 字节。拾得者无法读出任何内容。
cli-unpacked = 已收入来自 { $peer } 的内容。
cli-unpacked-gap = 此前的内容缺失，因此未作保存：请为对方打包，对方的下一包将从本方所持之处开始。
cli-unpacked-nothing = 其中没有新的行为。
cli-notice-act = 事项 { $matter }：{ $kind }
cli-notice-refused = 已拒收：{ $entry }，{ $code }
cli-notice-inconsistent = 对方签署了不能同时为真的两项内容。证据已经保存。
cli-dossier = { $dir } 中共有 { $files } 个文件。任何人凭两个指纹即可离线核查。
cli-drill-calendar = 演练通道的日历现为 { $at }。

cli-stand = { $name }（本方）
cli-stand-running = 节点正在运行。
cli-stand-not-running = 节点未运行；对方无法连接。
cli-stand-no-node = { $home } 中尚无节点。
cli-stand-open = 未结事项：{ $count }，其中逾期：{ $overdue }
cli-stand-proofs = 针对对方的证据：{ $count }。请用 `counterpart proofs` 查看。
cli-peer-not-accredited = 未认可
cli-peer-mutual = 双方均已认可
cli-peer-one-sided = 本方已认可，尚未收到对方消息
cli-peer-holds = 已收存 { $held }/{ $size }
cli-peer-heard = 最近日志头 { $at }
cli-why-our-turn = 其中第一项轮到本方。
cli-why-no-peers = 尚无对方：请先交换凭证。
cli-why-not-accredited = 有一方等待认可：请通过语音或者当面核对其指纹。
cli-why-carry = 有内容等待发送：请运行节点，或者携带邮袋送达。
cli-why-nothing-waits = 没有等待本方处理的事项。

cli-serving = { $name }的节点正在运行。对方可通过 { $at } 连接。
cli-serving-calls-out = { $name }的节点正在运行。它不接受连接，只主动呼叫对方。
cli-serving-end = 按 Ctrl-C 结束。
cli-served = 节点已结束。凡经确认的内容均已写入磁盘。

cli-ringing = 正在振铃：
cli-ring = { $peer }，{ $urgency }。自 { $since } 起振铃，现为：{ $post }。
cli-ring-next = 下一级：{ $post }，时间：{ $at }。
cli-ring-taken = 已接听，现无振铃。
cli-ring-none = 现无振铃。
cli-ring-alone = 节点未在此运行：仅在运行期间才能收到对方发来的内容。
cli-code = 呼叫核对码 { $code }。贵方读出 { $ours }，{ $peer }读出 { $theirs }；两段均相符，方为同一呼叫。
cli-callback = 只可拨打证书所载号码回拨。{ $peer }：{ $numbers }
cli-callback-none = { $peer }的证书未载回拨号码。
cli-surges = 双方加强联络的工作领域：
cli-surge-until = 至 { $at }
cli-surge-none = 现无加强联络的工作领域。
cli-review = 与{ $peer }的线路，自 { $from } 至 { $to }。
cli-review-ours = 由贵方发起：
cli-review-theirs = 由{ $peer }发起：
cli-review-urgency = 呼叫
cli-review-made = 发出
cli-review-taken = 接听
cli-review-middle = 半数用时
cli-review-most = 最长用时
cli-review-again = 再次振铃
cli-review-supervisor = 升至主管
cli-review-principal = 升至负责人
cli-review-tests = 线路测试：{ $made }。已有结果 { $of }，其中通过 { $passed }；进行中：{ $open }。
cli-review-surges = 提议加强联络：{ $made }；同意：{ $agreed }。
cli-why-rings = 请先处理振铃事项：可用上列命令接听，或者查看全文。
cli-about-it = 与本事项有关的呼叫：{ $matters }
