# The command line's own sentences. One line each.

cli-ask-passphrase = Passphrase of the node:{ " " }
cli-ask-pin = PIN of the token { $label }:{ " " }
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
cli-rotated = New keys are in force: credential version { $version }. Peers learn of it with the next parcel. Make a backup now: counterpart backup FILE.
cli-revoked = The key { $kid } is revoked; what it signed since { $since } is contested.

cli-logged = { $kind } in matter { $matter }: signed and on disk since { $at }.
cli-logged-pushed = The running node sends it now.
cli-logged-waits = It waits here until the node runs or until you carry it.
cli-form-how = Answer each question; a blank line leaves it out; * is required.
cli-form-required = * required

cli-article = { $instrument }, Article { $article }
cli-wanted-by-peer = the other side
cli-basis-binds = Binding in law on those for whom it is in force.
cli-basis-binds-nobody = Binds nobody in law.
cli-basis-since = In force or applied from { $day }; for each party from its own day.
cli-basis-formal = Between central authorities, in a formal request.
cli-basis-expedited = An expedited request now; a formal one follows where it is needed.
cli-basis-form = Between the competent authorities, in the form of the instrument.
cli-basis-informal = No form beyond what both sides expect of each other.
cli-basis-measures = Measures: { $list }
cli-basis-wanted = Wanted in a request: { $list }
cli-basis-grounds = Grounds for refusing: { $list }
cli-basis-reasons = A refusal gives its reasons: Article { $article }
cli-basis-profiles = Deadline profiles: { $list }
cli-basis-unsure = (?) Nobody has checked this in the published text. Check before relying on it.
cli-needed-theirs = What the other side needs in a request
cli-needed-ours = What you need in a request
cli-needed-none = Nothing was published.
cli-needed-at = Published { $at }
cli-check-complete = The request lacks nothing. Nothing was signed or sent.
cli-check-signable = It can be signed, and the other side may ask back or refuse. Nothing was signed or sent.
cli-check-not-signable = It cannot be signed like this. Nothing was signed or sent.
cli-check-published = Checked against what the other side published { $at }.
cli-check-not-published = The other side has published nothing about what it needs.
cli-form-basis = Grounds that the instrument of this matter knows come first: { $name }

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
cli-matter-also = Also open to you, each as `counterpart act KIND { $matter }`: { $kinds }
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
cli-peer-holds-all = holds all that you signed
cli-peer-lacks = newest entries of your log that it does not hold yet: { $count }
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
cli-escalated = Matter { $matter } is lifted above the desk. The call { $call } rings there now, and at home if nobody takes it.
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
cli-backup = Backed up to { $file }.
cli-backup-key = Its key lies beside it in a file that ends with .key. Keep the two apart; destroying the key file destroys the backup.
cli-restored = Restored. { $count } logs end where the backup ends and go on as new ones. Peers learn of it with the next parcel and give back what they hold.
cli-erase-confirm = what is erased cannot come back; say --yes
cli-erase-done = Erased: { $count } texts of matter { $matter }. The record says so, and its proofs stand.
cli-erased-rest = Recorded traffic can still be opened with the keys of today: counterpart rotate, and when every peer has the new ones, counterpart rotate --drop-older.
cli-erased-backups = { $count ->
    [one] One backup from before still holds them
   *[other] { $count } backups from before still hold them
}: counterpart backup list, and for each counterpart backup forget.
cli-retention = Texts of closed matters whose period of retention is over or nearly so:
cli-retention-may = may be erased since { $at }
cli-retention-must = must be erased by { $at }
cli-retention-must-since = should have been erased by { $at }
cli-retention-held = held until { $at }
cli-retain-set = The text of matter { $matter } is held until { $at }. Nobody else learns of it.
cli-retain-lifted = The text of matter { $matter } is held no longer.
cli-retain-none = No matter is held.
cli-erase-none = No matter's text has to be erased now.
cli-erase-due-yes = Nothing was erased. To erase all of these: counterpart erase --due --yes. To hold one back: counterpart retain MATTER --until TIME --why TEXT.
cli-stand-retention = { $count ->
    [one] The text of one closed matter may be erased
   *[other] The texts of { $count } closed matters may be erased
}, of { $must } it is past due: counterpart erase --due
cli-backups-none = No backup was made yet.
cli-backup-kept = can be restored
cli-backup-forgotten = ended { $at }
cli-backup-forgot = Backup { $id } has ended: its key was overwritten and removed.
cli-backup-forgot-copies = Copies of the key on other media have to be destroyed where they lie. A flash medium may keep old blocks; the key in them is sealed under the passphrase.
cli-dropped = { $count ->
    [one] One older secret was destroyed
   *[other] { $count } older secrets were destroyed
}. What was sealed to them cannot be opened any more, wherever it was recorded. Backups from before still hold them: counterpart backup list.
cli-dropped-none = There are no secrets from before the newest rotation. Nothing was changed.
doctor-rights = Nobody else can read { $at }.
doctor-rights-bad = Others can read { $at }, or it is missing.
doctor-rights-do = Take every right from group and others: chmod -R go= on the node's folder.
doctor-sync = The disk syncs in { $at }.
doctor-sync-bad = The disk takes { $at } to sync, and every act waits for that.
doctor-sync-do = Move the folder to a local disk; network file systems are not for a record.
doctor-room = { $at } are free.
doctor-room-bad = Only { $at } are free.
doctor-room-do = Make room before the disk is full: a full disk loses nothing, but nothing can be logged any more.
doctor-backup = The newest backup is { $at } days old.
doctor-backup-bad = { $at ->
    [never] There is no backup that could be restored.
   *[other] The newest backup is { $at } days old, more than a week.
}
doctor-backup-do = Run counterpart backup, and try the restore on another machine.
doctor-root = The root keys are not beside the node.
doctor-root-bad = The root keys lie on this machine: { $at }.
doctor-root-do = Move that folder to a medium that is kept off line, in two copies.
doctor-token = The token with the keys is there: { $at }.
doctor-token-bad = The token with the keys cannot be used: { $at }.
doctor-token-do = Put it in; see that the module in config is that of the token. A locked PIN is set anew with the token's own program.
doctor-pin-bad = A wrong PIN was entered at the token: { $at }.
doctor-pin-do = If it was nobody of yours, ask who was there. The next right PIN clears this.
doctor-credential = Our keys are { $at } days old.
doctor-credential-bad = Our keys are { $at } days old, more than a year.
doctor-credential-do = counterpart rotate, with the root keys; then, when every peer has the new ones, counterpart rotate --drop-older.
doctor-zones = The zone data is what was agreed: peer { $at }.
doctor-zones-bad = The zone data of the agreed terms is not that of this program: peer { $at }.
doctor-zones-do = Both sides take the same version of the program, then agree the terms anew: counterpart terms propose. Until then a limit near a change of clocks may differ.
doctor-rotation = No rotation is unfinished.
doctor-rotation-bad = A rotation was interrupted: { $at }.
doctor-rotation-do = Start the node once: it ends the rotation or takes it back by itself.
doctor-peer = Peer { $at } can be reached.
doctor-peer-bad = Peer { $at } cannot be reached.
doctor-peer-do = Look at the line and the firewall, and call its desk. A pouch gets through meanwhile.
doctor-clock = Our clock and that of peer { $at } agree.
doctor-clock-bad = Peer { $at } signed something later than our clock shows.
doctor-clock-do = Set this machine's clock by a time server; if it is right, tell the peer.
cli-rebuilt = Made again from acts and heads: { $subtrees } subtrees, { $places } places, { $verdicts } verdicts, { $open } open matters.
cli-rebuilt-equal = All of it was equal, byte for byte.
cli-rebuilt-differed = { $count } of these differed and were put right. Look at the disk, and run fsck.
