# The line to a peer: who can call whom.
cli-stand-by-hand = Neither you nor { $name } can be called over the network: what waits travels by hand, with `counterpart pouch pack`.
doctor-carrier = Peer { $at }: one of the two nodes can be called.
doctor-carrier-bad = Peer { $at }: neither node can be called, so nothing travels over the network.
doctor-carrier-do = Carry a pouch with `counterpart pouch pack`, or let one of the two nodes listen and name its endpoint in a new credential.
