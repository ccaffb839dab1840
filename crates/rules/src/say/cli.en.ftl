# The command line's own sentences. One line each.

cli-ask-passphrase = Passphrase of the node:{ " " }
cli-ask-root-passphrase = Passphrase of the root keys:{ " " }
cli-ask-new-passphrase = New passphrase for the node, at least 12 characters:{ " " }
cli-ask-new-root-passphrase = New passphrase for the root keys, at least 12 characters:{ " " }
cli-ask-again = The same again:{ " " }
cli-next = Next:

cli-init-made = The node of { $name } stands in { $home }.
cli-init-root = Its root keys lie in { $root }. The node never needs them: take that folder off line, and keep a copy.
cli-init-no-endpoint = Peers do not know yet where to reach it: put `endpoint = HOST:PORT` into the file config, then rotate.
cli-fingerprint-own = Your fingerprint, for peers to compare:

cli-credential-party = party
cli-credential-version = version
cli-credential-issued = issued
cli-credential-callback = call-back numbers
cli-credential-endpoints = reached at
cli-credential-languages = languages
cli-credential-streams = streams
cli-credential-fingerprint = fingerprint
cli-credential-key = key { $role }
cli-credential-drill-key = drill key { $role }
cli-exported = Your credential is in { $file }. Hand it to the peer by any way; it holds no secret.
cli-imported = The credential of { $name }, version { $version }, is held.
cli-imported-not-yet = Nothing follows from it until you compare the fingerprint with a person whom you know, and accredit.

cli-fingerprint-of-own = Your own fingerprint, { $name }:
cli-fingerprint-of-peer = The fingerprint that { $name } must read to you:
cli-fingerprint-first-half = First half
cli-fingerprint-second-half = Second half
cli-fingerprint-read = Read it to your peer over a number that you had before: one half, let them repeat it, then the other half.
cli-fingerprint-listen = Call them on a number that you had before. Let them read all twelve groups; do not read these to them first.
cli-accredited = { $name } is accredited. The channels to it are open on your side.
cli-rotated = New keys are in force: credential version { $version }. Peers learn of it with the next parcel. Back up node.key.
cli-revoked = The key { $kid } is revoked; what it signed since { $since } is contested.

cli-logged = { $kind } in matter { $matter }: signed and on disk since { $at }.
cli-logged-pushed = The running node sends it now.
cli-logged-waits = It waits here until the node runs or until you carry it.
cli-form-how = Answer each question; a blank line leaves it out; * is required.
cli-form-required = * required

cli-matters-none = No matter is open or closed here.
cli-overdue-since = overdue since { $at }
cli-due = due { $at }
cli-our-turn = your turn
cli-drill = exercise
cli-matter = Matter { $matter }
cli-matter-ours = Asked by you, of { $peer }: { $subject }
cli-matter-theirs = Asked by { $peer }, of you: { $subject }
cli-matter-stream = Stream: { $stream }
cli-matter-nothing-open = There is nothing for you to do in this matter.
cli-half-ours = You
cli-half-theirs = Peer
cli-ladder = ●○○ logged by its author   ●●○ held by both   ●●● both logs cosigned
cli-void = Does not count: { $why }
cli-held = Kept, not yet applied: { $why }
cli-erased = Erased texts: { $count }
cli-yes = yes
cli-no = no

cli-log-own = Your log
cli-log-peer = The peer's log, as you hold it
cli-log-origin = origin
cli-log-size = size
cli-log-root = root
cli-log-time = head of
cli-log-cosigned = cosigned to
cli-never = never

cli-fsck = Checked from raw bytes: { $leaves } leaves, { $heads } heads, { $statements } statements.
cli-fsck-good = All of it holds.
cli-proofs-none = No peer has signed two things that cannot both be true.
cli-proofs = Each of these proves by itself, with the bytes that show it:
cli-proof-two-roots = two contents for one size of its log
cli-proof-two-official-heads = two official heads for one entry
cli-proof-forked = a log that was forked
cli-proof-two-acts = two acts in one place of a matter

cli-packed = { $file } is sealed for the peer: { $bytes } bytes. Whoever finds it can read nothing.
cli-unpacked = Taken in from { $peer }.
cli-unpacked-gap = Something before it is missing, and nothing was kept: pack a pouch for the peer, and its next one begins where you stand.
cli-unpacked-nothing = No new act was in it.
cli-notice-act = matter { $matter }: { $kind }
cli-notice-refused = refused: { $entry }, { $code }
cli-notice-inconsistent = The peer signed two things that cannot both be true. The proof is kept.
cli-dossier = { $files } files in { $dir }. Anyone can check them off line with the two fingerprints.
cli-drill-calendar = The calendar of the drill channels shows { $at }.

cli-stand = { $name }
cli-stand-running = The node runs.
cli-stand-not-running = The node does not run; peers cannot reach it.
cli-stand-no-node = There is no node in { $home } yet.
cli-stand-open = Open matters: { $count }, of these overdue: { $overdue }
cli-stand-proofs = Proofs against peers: { $count }. Look at them with `counterpart proofs`.
cli-peer-not-accredited = not accredited
cli-peer-mutual = accredited by both
cli-peer-one-sided = accredited by you, not heard from yet
cli-peer-holds = holds { $held } of { $size }
cli-peer-heard = last head of { $at }
cli-why-our-turn = It is your turn in the first of these.
cli-why-no-peers = You know no peer yet: exchange credentials.
cli-why-not-accredited = A peer waits to be accredited: compare its fingerprint by voice or in person.
cli-why-carry = Something waits to be sent: run the node, or carry a pouch.
cli-why-nothing-waits = Nothing waits for you.

cli-serving = The node of { $name } runs. Peers reach it at { $at }.
cli-serving-calls-out = The node of { $name } runs. It listens to nobody and calls its peers.
cli-serving-end = Ctrl-C ends it.
cli-served = The node has ended. What was acknowledged is on disk.

cli-ringing = It rings:
cli-ring = { $peer }, { $urgency }. It has rung since { $since }, now at: { $post }.
cli-ring-next = Next: { $post }, at { $at }.
cli-ring-taken = It is taken; nothing rings any more.
cli-ring-none = Nothing rings.
cli-ring-alone = The node does not run here: what a peer sends comes only while it does.
cli-code = Call code { $code }. You read { $ours } aloud, { $peer } reads { $theirs }; only then is it the same call.
cli-callback = Call back only on the number of the credential. { $peer }: { $numbers }
cli-callback-none = The credential of { $peer } has no number to call back.
cli-surges = Raised by both sides:
cli-surge-until = until { $at }
cli-surge-none = No stream is raised.
cli-review = The line with { $peer }, from { $from } to { $to }.
cli-review-ours = Begun by you:
cli-review-theirs = Begun by { $peer }:
cli-review-urgency = Calls
cli-review-made = made
cli-review-taken = taken
cli-review-middle = half within
cli-review-most = slowest
cli-review-again = rang again
cli-review-supervisor = to supervisor
cli-review-principal = to principal
cli-review-tests = Tests of the line: { $made }. Passed { $passed } of { $of } that are decided; under way: { $open }.
cli-review-surges = Surges proposed: { $made }; agreed: { $agreed }.
cli-why-rings = What rings comes first. Take it with the command above, or look at it whole.
cli-about-it = Calls about this matter: { $matters }
