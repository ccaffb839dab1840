# 与对方的线路：谁能呼叫谁。
cli-stand-by-hand = 本方与{ $name }均无法经网络被呼叫：待传内容须由人携带，请用 `counterpart pouch pack`。
doctor-carrier = 对方 { $at }：两个节点中至少有一个可被呼叫。
doctor-carrier-bad = 对方 { $at }：两个节点均不可被呼叫，任何内容都无法经网络传送。
doctor-carrier-do = 请用 `counterpart pouch pack` 以邮袋传递；或者让其中一个节点监听，并在新的凭证中写明其地址。
