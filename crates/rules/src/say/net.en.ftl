# The line to a peer: who can call whom, and how much one takes from the other.
cli-stand-by-hand = Neither you nor { $name } can be called over the network: what waits travels by hand, with `counterpart pouch pack`.
doctor-carrier = Peer { $at }: one of the two nodes can be called.
doctor-carrier-bad = Peer { $at }: neither node can be called, so nothing travels over the network.
doctor-carrier-do = Carry a pouch with `counterpart pouch pack`, or let one of the two nodes listen and name its endpoint in a new credential.
cli-stand-slow = { $name } asks us to slow down: what waits goes on by itself at { $at }. A call is sent all the same.
doctor-quota = Taken from each peer at the most (acts an hour, MiB an hour, connections, handshakes a minute): { $at }.
cli-stand-since = Passed since somebody last looked here: { $count }
cli-stand-mark = { $mark } % used up
cli-stand-over = over
cli-ring-ahead = It came ahead of other acts that are still on their way; it can be taken as soon as they are here. Calling back need not wait.
