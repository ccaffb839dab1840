# 故障：发生了什么，应当怎么办。每条一行；at 为故障位置，不含个人信息。

# 外来字节：格式
fault-cbor-malformed = 数据不是协议规定的唯一规范形式的 CBOR：{ $at }。
fault-cbor-malformed-do = 未保存任何内容。请发送方重新导出或重新发送；如再次失败，请保留该文件并告知对方运维人员。
fault-json-malformed = 文本不是协议规定的严格形式的 JSON：{ $at }。
fault-json-malformed-do = 如文件由您编写，请在所指位置更正；如来自对方，则未保存任何内容，请对方重新发送。
fault-too-large = 有内容超出其限额：{ $at }。
fault-too-large-do = 请拆分或缩短。如来自对方，系统未读取即予拒收；请将所触及的限额告知对方运维人员。
fault-structure-wrong = 对象的组成部分不符合其格式要求：{ $at }。
fault-structure-wrong-do = 请核对文件种类是否正确。如来自对方，则未保存任何内容；请将所指位置告知对方运维人员。
fault-header-not-closed = 已签名的头部多出、缺少参数，或者参数类型有误：{ $at }。
fault-header-not-closed-do = 该声明不能接受。请签发方使用现行版本软件重新签发。
fault-algorithm-unknown = 使用了约定套件以外的密码算法：{ $at }。
fault-algorithm-unknown-do = 不得变通处理。请与对方运维人员商定套件，或请对方以约定套件重新签名。
fault-key-malformed = 公钥无法读取，或者属于一律不得接受的公钥：{ $at }。
fault-key-malformed-do = 不得使用该对象。请直接向该机构重新索取凭证，并以语音核对指纹。
fault-signature-wrong = 签名与其所签内容不符：{ $at }。
fault-signature-wrong-do = 该内容应视为未经证实：可能被篡改、损坏，或由其他密钥签名。请经另一途径重新索取，并保留本份。
fault-type-wrong = 对象类型与此处所需类型不符：{ $at }。
fault-type-wrong-do = 请核对所提供的文件。回执、声明、凭证和封包各有专用命令。

# 外来行为：身份
fault-issuer-wrong = 签发方不是该连接或文件所属的一方：{ $at }。
fault-issuer-wrong-do = 未保存任何内容。请核实文件来自哪一方；如由在线对方发来，请报告安全主管人员。
fault-audience-wrong = 收件方为其他机构：{ $at }。
fault-audience-wrong-do = 未保存任何内容。请勿拆阅，退回发送方并说明误送。
fault-channel-wrong = 所属通道与实际送达的通道不符：{ $at }。
fault-channel-wrong-do = 请核查是否将演练文件送入正式通道或者相反，并请对方经正确的通道重新发送。
fault-kid-unknown = 签名所用密钥，在签发方日志的该位置上没有任何凭证载明：{ $at }。
fault-kid-unknown-do = 请向对方索取最新凭证并导入，然后重新接收该封包。
fault-key-revoked = 签名所用密钥已被其所有者吊销：{ $at }。
fault-key-revoked-do = 不得采信。请以语音向对方核实该行为是否由其作出，并请其以有效密钥重新签发。
fault-party-wrong = 根密钥与其所称机构不符：{ $at }。
fault-party-wrong-do = 不得认可。请直接向该机构重新索取凭证，并以语音或当面核对指纹。
fault-credential-order = 该凭证与已持有的凭证不衔接：{ $at }。
fault-credential-order-do = 请向对方索取自您所持凭证以来的全部凭证，并按版本顺序导入。
fault-credential-older = 该凭证早于已持有的凭证：{ $at }。
fault-credential-older-do = 无须任何操作：较新的凭证继续有效。如您在等待某项更改，请向对方索取其最新凭证。
fault-log-begun-older = 对方日志以早于您所认可版本的凭证开始，且未延续到您认可的版本（对方：日志中的版本、所认可的版本）：{ $at }。
fault-log-begun-older-do = 未接收其中任何内容。仅持有对方旧密钥的人也能制作此类封包：请按凭证中的回拨号码致电对方值班室，核实由谁发出。对方节点自己的封包会延续到新密钥，并会被接收。

# 外来行为：内容
fault-payload-wrong = 载荷缺少字段、多出字段，或者字段值类型有误：{ $at }。
fault-payload-wrong-do = 该行为已被拒收，拒收情况已记入日志。须由签发方重新签发；请将所指字段告知其运维人员。
fault-drill-differs = 正式行为出现在演练通道，或者演练行为出现在正式通道：{ $at }。
fault-drill-differs-do = 不得据此行动。请以语音向签发方核实是否为演练，并请其在正确的通道签发。
fault-epoch-differs = 该行为所属纪元与其所在日志的纪元不同：{ $at }。
fault-epoch-differs-do = 行为须写明其所在日志的纪元。请告知对方运维人员；该行为不产生效力。
fault-epoch-wrong = 对方关于新纪元的声明与本节点所持的其日志不符：{ $at }。
fault-epoch-wrong-do = 未采纳任何内容。请询问对方运维人员恢复了哪一份备份，并请其据此开启纪元。
fault-aside-full = 若接受该纪元，对方已结束的各纪元所留下的叶子将超出节点对一份日志的保存上限（接受后数量，上限）：{ $at }。
fault-aside-full-do = 其中任何内容均未接收，已登记的内容保持不变。请告知对方运维人员恢复现有最新的备份：其留下的叶子最少。如仍不足，对方机关需另建节点，并由双方重新相互认可。
fault-epoch-closed = 该封包属于发送方已结束的纪元，即早于一次备份恢复：{ $at }。
fault-epoch-closed-do = 未采纳任何内容，本方无任何损失。如有需要，请发送方重新说明。
fault-disclosure-wrong = 披露字段与行为中的摘要不能一一对应：{ $at }。
fault-disclosure-wrong-do = 该行为所附文字未经证实。须由签发方连同全部披露内容重新发送。

# 日志
fault-note-malformed = 检查点不是约定形式的签名文本：{ $at }。
fault-note-malformed-do = 请重新索取检查点。如文件经过编辑，或经过会改变换行符的程序，请使用原始文件。
fault-origin-wrong = 检查点属于另一份日志：{ $at }。
fault-origin-wrong-do = 请核对检查点与对方或者卷宗是否相符，然后使用正确的检查点重试。
fault-time-back = 日志头所载时间早于先前的日志头：{ $at }。
fault-time-back-do = 未保存任何内容。请对方运维人员检查其节点时钟；本方仍保留先前的日志头。
fault-root-differs = 同一日志在同一大小下出现两种不同内容：{ $at }。
fault-root-differs-do = 未收下任何相关内容。如 counterpart proofs 列有此项，即证明日志所有者存在过错：请停止采信该日志的新日志头，报告安全主管人员，并导出证据。
fault-cosignature-stray = 会签所指的日志头不在该日志中：{ $at }。
fault-cosignature-stray-do = 未收下该封包的任何内容；此事不证明任何一方有过错。请运行 counterpart fsck。如未发现问题，请通过电话与对方核对 counterpart log 所示大小和根值，并告知双方运维人员。
fault-head-order = 日志头的链条有缺口，或者所载前一大小有误：{ $at }。
fault-head-order-do = 请对方从双方共同持有的最后大小起重新发送；如再次失败，请将所列大小告知其运维人员。
fault-entries-missing = 本方所持与日志头所涵盖范围之间缺少日志条目：{ $at }。
fault-entries-missing-do = 无需人工决定：节点会自行索取缺失部分。如使用邮袋，请对方从所列大小起重新打包。
fault-entry-not-in-head = 所附日志头未涵盖该声明：{ $at }。
fault-entry-not-in-head-do = 该声明尚未与日志绑定，未予保存。请对方连同最新日志头重新发送。
fault-proof-wrong = 日志证明推导不出已签名的根：{ $at }。
fault-proof-wrong-do = 不得采信该证明所支持的主张。请索取新的证明，并保留本份。
fault-receipt-wrong = 回执与其所依据的检查点不一致：{ $at }。
fault-receipt-wrong-do = 不得将该声明视为已登记。请重新索取卷宗，并保留本份。

# 封包
fault-parcel-malformed = 该文件或报文不是封包：{ $at }。
fault-parcel-malformed-do = 请核对文件是否复制完整，并请对方重新打包；重复打包不会造成损害。
fault-suite-unknown = 封包使用了本节点不支持的套件：{ $at }。
fault-suite-unknown-do = 请与对方运维人员核对软件版本，商定双方均支持的套件。
fault-parcel-not-for-us = 封包的收件方为其他机构，或者所用密钥本方已不再持有：{ $at }。
fault-parcel-not-for-us-do = 请将本方最新凭证发给对方，并请其重新打包。
fault-seal-broken = 封包的密封无法开启：{ $at }。
fault-seal-broken-do = 封包在传递途中受损或被篡改，内容未被读取。请对方重新发送。
fault-sender-wrong = 封包内所载发送方与实际来源方不符：{ $at }。
fault-sender-wrong-do = 未保存任何内容。请核实文件由哪一方交来；如经网络送达，请报告安全主管人员。

# 附件
fault-attachment-wrong = 附件的字节与行为所载不符：{ $at }。
fault-attachment-wrong-do = 该字节未予保存，也没有留下文件；此前完整的部分仍在。如再次不符，请附件的作者重新附上，并告知安全主管人员。
fault-attachment-missing = 附件的密封字节不在本地：{ $at }。
fault-attachment-missing-do = 如正在传送，请等待；`matter show` 会显示已到多少。否则请作者交来带附件的邮袋，或者重新附上。
fault-attachment-erased = 该附件已随其事项的文本一并删除，密钥也已删除：{ $at }。
fault-attachment-erased-do = 已无法再打开。如仍有需要，请其作者在未结的事项中重新发送。
fault-attachment-unfit = 该文件不能作为附件：{ $at }。
fault-attachment-unfit-do = 每个行为最多 16 个文件，每个 1 字节至 50 MiB（52428800 字节），写作 --attach KIND=PATH；并非每种行为都可带附件。较大的文件请拆分，分几个行为发送。没有签署或者发送任何内容。
fault-attachment-damaged = 附件的密封字节在本机磁盘上已损坏：{ $at }。
fault-attachment-damaged-do = 请检查磁盘，并移走损坏的文件：对方所附的会从对方再次取得，本方所附的在最近的备份中。

# 介质包
fault-bag-wrong = 该文件夹不是完整的介质包，或者其中有校验值不符：{ $at }。
fault-bag-wrong-do = 请从原介质重新复制；如再次失败，请发送方重新打包。
fault-file-missing = 卷宗所列文件不存在：{ $at }。
fault-file-missing-do = 请复制整个文件夹而非个别文件，然后重新核验。
fault-page-differs = 页面内容与旁边的声明不一致：{ $at }。
fault-page-differs-do = 请以声明为准，不要以页面为准：`counterpart-verify statement` 会显示实际签署的内容。请向签署方重新索取页面。
fault-summary-differs = 摘要所述与旁边的签名行为不符：{ $at }。
fault-summary-differs-do = 请以签名行为为准，不要相信该摘要；上文所列即为签署时的内容。请询问交付卷宗者，摘要在何处被改动。
fault-path-outside = 介质包内有路径指向包外：{ $at }。
fault-path-outside-do = 不得以其他方式解包。请保留介质并报告安全主管人员。

# 承办人输入
fault-fields-wrong = 表单不完整或者填写有误：{ $at }。
fault-fields-wrong-do = 请更正所列全部字段后重试。未签署、未发送任何内容，已填写的内容不会丢失。
fault-doubtful = 所填内容看来并非本意：{ $at }。
fault-doubtful-do = 请予更正；如确属本意，可用 --as-it-is 照原样签署，阅读者会在旁边看到该疑点。未签署、未发送任何内容，已填写的内容不会丢失。
fault-requirements-unmet = 请求缺少法律依据文件或者对方所要求的内容：{ $at }。
fault-requirements-unmet-do = 请予补充；如不能等待，可用 --as-it-is 照原样发出，对方可能询问或者拒绝。未签署或者发送任何内容。
fault-not-permitted = 依照规则，目前不得作出该行为：{ $at }。
fault-not-permitted-do = 请打开该事项查看其状态，填写期间情况可能已有变化。未签署、未发送任何内容。
fault-retained = 该事项的文本保留至 { $at }。
fault-retained-do = 请等到该时间。若由本方设定保留，有权者可执行 counterpart retain MATTER --lift 解除；保留期限在 config 文件中设定。未删除任何内容。
fault-peer-unknown = 本方没有该对方机构：{ $at }。
fault-peer-unknown-do = 请用 counterpart 列出各对方，并使用列表中的名称；或者先导入对方凭证：counterpart credential import FILE
fault-matter-unknown = 本方没有该事项：{ $at }。
fault-matter-unknown-do = 请用 counterpart matter list 列出事项，并使用列表中的编号；如对方刚刚提出，请先接收。
fault-matter-coming = 该呼叫先于仍在途中的其他行为到达：{ $at }。
fault-matter-coming-do = 待其到齐即可接听，请一分钟后重试。回拨无须等待，`counterpart call code` 已可给出代码和号码。未签署任何内容。
fault-one-sided = { $at } 没有节点，而此事须由双方节点进行。
fault-one-sided-do = `counterpart correspondent show` 列有其联系方式；对方的答复以 `counterpart enter` 手工记入。未签署、未发送任何内容。
fault-ambiguous = 所给名称对应不止一个对象：{ $at }。
fault-ambiguous-do = 请多输入几位编号；指称一方时请输入其编号的前几位，即 `counterpart` 所显示的数字。
fault-terms-unfit = 本方无法执行这些条款：{ $at }。
fault-terms-unfit-do = 请改正所列之处；`counterpart terms show --write FILE` 可给出一份初稿。如果只是时区数据不同，请双方运行同一版本后重新提出。
fault-stream-unknown = 本通道没有这一业务领域：{ $at }。
fault-stream-unknown-do = 请用 --stream 指明所列的一项；其他领域须先由双方商定（terms show、terms propose）。未签署也未发送任何内容。
fault-terms-none = { $at } 没有等待决定的条款提案。
fault-terms-none-do = 请查看条款；如对方刚刚提出，请先接收。
fault-fingerprint-differs = 口头宣读的指纹与凭证的指纹不一致：{ $at }。
fault-fingerprint-differs-do = 不得认可。请与您认识的人员重新核对全部十二组数字；如仍不一致，则该凭证不属于对方。
fault-not-accredited = 已知该对方机构，但尚未予以认可：{ $at }。
fault-not-accredited-do = 请以语音或当面与对方核对指纹，然后予以认可。
fault-kind-elsewhere = 该事项不属于可作出此项行为的种类：{ $at }。
fault-kind-elsewhere-do = 请以 counterpart matter show MATTER 查看该事项属于何种类、可作出哪些行为。正在加强联络的业务领域列于 counterpart surge list，全部事项列于 counterpart matter list。
fault-argument-wrong = 命令行或者请求中有内容无法识别：{ $at }。
fault-argument-wrong-do = 请在同一命令后加 --help，其中附有示例。

# 运维
fault-folder-not-node = 该文件夹中没有节点：{ $at }。
fault-folder-not-node-do = 请指定正确的文件夹，或者先用 init 在其中建立节点。未创建任何内容。
fault-folder-incomplete = 节点文件夹不完整，缺少：{ $at }。可能是 init 或 restore 在此中断，也可能是设置丢失。
fault-folder-incomplete-do = 如节点曾在此运行，请原样复制整个文件夹，然后将最近的备份恢复到新文件夹（counterpart restore FILE）。如为 init 或 restore 中断，则未曾用此处内容签署任何内容：请指定新文件夹再运行一次。
fault-folder-in-use = 该名称处已有内容：{ $at }。
fault-folder-in-use-do = 请另取名称；如为文件夹，请选择空文件夹或新文件夹。未覆盖任何内容。
fault-folder-locked = 另一进程正在使用该文件夹：{ $at }。
fault-folder-locked-do = 请通过正在运行的节点操作，或者先将其停止。节点运行时切勿手工删除锁。
fault-passphrase-missing = 密钥已锁定，且未提供口令：{ $at }。
fault-passphrase-missing-do = 请按命令帮助所述方式提供口令，然后重新启动。
fault-passphrase-wrong = 口令不能开启密钥：{ $at }。
fault-passphrase-wrong-do = 请注意键盘布局和大小写后重试。密钥未受损害；没有绕过口令的途径。
fault-passphrase-unfit = 新口令不合要求：{ $at }。
fault-passphrase-unfit-do = 请选用至少 12 个字符且未在使用的口令；四个互不相关的词便于记忆。两次输入须一致。未作任何更改。
fault-key-file-wrong = 密钥文件已损坏，或者种类不符：{ $at }。
fault-key-file-wrong-do = 请从备份恢复密钥文件。未经根密钥保管人同意，不得另行生成密钥代替。
fault-token-absent = 存放节点密钥的令牌不在位或者无响应：{ $at }。
fault-token-absent-do = 请重新接入；节点会自行继续，未丢失任何内容。若令牌已彻底遗失：请用根密钥轮换到另一令牌。
fault-token-unfit = 该令牌不具备这些密钥所需的能力：{ $at }。
fault-token-unfit-do = 令牌须能生成并使用 Ed25519 密钥（PKCS#11 CKM_EDDSA）。请换用其他令牌，或者将密钥保存在加密文件中。未作任何改动。
fault-pin-wrong = PIN 不能打开令牌：{ $at }。
fault-pin-wrong-do = 再次尝试前请核对 PIN：多次错误后令牌会锁定。节点从不使用最后一次机会；请先用令牌自带的程序登录一次。
fault-root-missing = 所给文件夹中没有本机构的根密钥：{ $at }。
fault-root-missing-do = 请接入存放根密钥的介质并指定其文件夹，用毕即恢复离线保管。
fault-store-damaged = 存储未通过自检：{ $at }。
fault-store-damaged-do = 请停止节点，原样复制整个文件夹，并恢复最近的备份。在此之前不得签署任何内容。
fault-store-version = 该内容由另一版本的软件写入：{ $at }。
fault-store-version-do = 请启动写入该存储的版本，或者按升级说明办理。未作任何改动。
fault-home-unreadable = 只留在本方的备注、负责人和任务无法读取：{ $at }。
fault-home-unreadable-do = 记录本身未受影响，节点照常工作。请停止节点，把 home.db 移到别处后重新启动；`counterpart doctor` 会说明如何取回其中内容。
fault-keys-awaited = 尚有对方未收到本方最新密钥，其以旧密钥密封的内容将无法再打开：{ $at }。
fault-keys-awaited-do = 请让节点运行至对方答复，或者携带邮袋往返一次（演练通道亦然），然后重试。加 --anyway 则立即销毁旧密钥。记录不受损失；但此处所列对方仅凭旧传输密钥识别本方，在其收到本方最新凭证之前，双方互相呼叫均会失败：请以文件（credential export；对方执行 credential import）或邮袋送达凭证。
fault-key-not-ours = 本方任何凭证均未载明该密钥：{ $at }。
fault-key-not-ours-do = 未吊销任何密钥。请抄录 64 位数字：counterpart credential keys 可列出本方历次凭证的全部密钥。
fault-key-in-force = 该密钥正在使用，不能吊销：{ $at }。
fault-key-in-force-do = 请先轮换密钥：如他人可能持有该密钥，请用 counterpart rotate --compromised，否则用 counterpart rotate；之后再吊销。未签署任何内容。
fault-revoked-before = 该密钥已自所给时间或更早起被吊销：{ $at }。
fault-revoked-before-do = 无须再做任何操作；counterpart credential keys 可列出已吊销的密钥。只有滥用开始得更早时才需再次吊销，并以 --since 给出更早的时间。
fault-backup-key-away = 无法触及该备份的密钥：{ $at }。
fault-backup-key-away-do = 请接入存放以 .key 结尾文件的介质，并指明其上的备份。若已自行销毁其全部副本，请加 --destroyed。查看已有备份：counterpart backup list
fault-address-in-use = 已有其他程序在该地址监听：{ $at }。
fault-address-in-use-do = 请结束该程序，或者在节点文件夹的 config 文件中改用其他地址，然后重新启动。对方通过 counterpart rotate --settings-only 得知新的端点。未作任何更改。
fault-config-wrong = 配置无法读取：{ $at }。
fault-config-wrong-do = 请更正所指的行，然后重新启动。

# 外部环境
fault-file-absent = 没有该文件：{ $at }。
fault-file-absent-do = 请核对文件名和当前所在文件夹，并指明所指文件。未签署、未发送任何内容。
fault-io = 读取或者写入失败：{ $at }。
fault-io-do = 请检查剩余空间、权限和介质，然后重试。此前已确认的内容不受影响。
fault-peer-unreachable = 无法连通对方：{ $at }。
fault-peer-unreachable-do = 该行为已保存，待对方应答后即行发送。如不能等待，请致电对方值班室，或者以邮袋递送。
fault-busy = 节点已达到处理上限：{ $at }。
fault-busy-do = 请稍候几秒再试。没有内容丢失，也没有操作重复执行。
fault-over-quota = 对方请本方放慢速度：{ $at }。
fault-over-quota-do = 没有内容丢失：节点会等待并自行继续。如持续如此，请对方运维人员提高其每小时接收上限。
fault-not-running = 节点未在运行：{ $at }。
fault-not-running-do = 请用 serve 启动节点，然后重试。

# 软件自身
fault-internal = 软件出现了不应存在的状态：{ $at }。
fault-internal-do = 这是软件的故障，并非您的过错。请记下所指位置并报告；下次启动时将检查磁盘上的记录。
fault-cut-not-shared = 统计需要两份日志各有一个经双方会签的日志头，此处没有：{ $at }。
fault-cut-not-shared-do = 请让两个节点再交换一次封包，或改用更晚的时间。只有一方持有的内容不计入共同统计。
fault-store-behind = 本记录旧于本节点先前已签署的内容：对方出示了本节点签署过、但本记录中没有的日志头或纪元（{ $at }，epoch 即纪元编号）。
fault-store-behind-do = 在日志以大于所列编号的新纪元结束并继续之前，不与该对方签署任何内容：第二份历史会成为对本方不利的证据。请停止节点并校准时钟。如另有内容更全的文件夹或更新的备份，请恢复该备份（counterpart restore FILE）。否则请在此运行 counterpart restore --root DIR --after-epoch N，N 即所列编号。对方会交还其所持内容。
fault-restore-unfinished = 本记录由备份恢复，其日志尚未作为新日志继续：{ $at }。
fault-restore-unfinished-do = 请备好根密钥并运行不带文件的 counterpart restore。在此之前不签署也不发送任何内容。
fault-backup-wrong = 该备份无法使用：{ $at }。
fault-backup-wrong-do = 需要原样的两个文件：备份本身及以 .key 结尾的文件。请使用另一份副本；未作任何更改。
fault-epoch-unheard = 已恢复备份，对方尚未出示本节点自备份以来在事项 { $at } 中所说的内容。
fault-epoch-unheard-do = 请等待对方回应一次；线路畅通时会自动完成。随时可以开启新的事项。
fault-log-spent = 与 { $at } 之间的日志重新开始的次数已达上限：已有 256 个纪元。
fault-log-spent-do = 该处不再签署或发送任何内容；已有内容仍可查阅和导出，其他对方不受影响。如需再与该对方合作，请以新的根密钥建立新节点，并由双方重新互相认可。

# 故障的具体情形。
