# 与对方的线路：谁能呼叫谁，一方接收另一方多少。
cli-stand-by-hand = 本方与{ $name }均无法经网络被呼叫：待传内容须由人携带，请用 `counterpart pouch pack`。
doctor-carrier = 对方 { $at }：两个节点中至少有一个可被呼叫。
doctor-carrier-bad = 对方 { $at }：两个节点均不可被呼叫，任何内容都无法经网络传送。
doctor-carrier-do = 请用 `counterpart pouch pack` 以邮袋传递；或者让其中一个节点监听，并在新的凭证中写明其地址。
cli-stand-slow = { $name }请本方放慢速度：待传内容将于 { $at } 自行继续。呼叫仍会照常发送。
doctor-quota = 对每一对方的接收上限（每小时行为数、每小时 MiB、连接数、每分钟握手数）：{ $at }。
cli-stand-since = 自上次查看以来经过的时点：{ $count }
cli-stand-mark = 已用去 { $mark }%
cli-stand-over = 已到期
cli-ring-ahead = 该呼叫先于仍在途中的其他行为到达；待其到齐即可接听。回拨电话无须等待。
