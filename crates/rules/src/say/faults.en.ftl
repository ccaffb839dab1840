# Faults: what happened, and what to do. One line each; `at` is the place, never a person.

# Foreign bytes: form
fault-cbor-malformed = The bytes are not CBOR in the one form that the protocol allows: { $at }.
fault-cbor-malformed-do = Nothing was kept. Ask the sender to export or send it again; if it fails again, keep the file and tell the sender's operator.
fault-json-malformed = The text is not JSON in the strict form that the protocol allows: { $at }.
fault-json-malformed-do = If you wrote the file, correct it at the place named. If it came from a peer, nothing was kept; ask them to send it again.
fault-too-large = Something is larger than its limit: { $at }.
fault-too-large-do = Split it or shorten it. If it came from a peer, it was refused unread; tell the peer's operator which limit it met.
fault-structure-wrong = The parts of the object are not those that its format asks for: { $at }.
fault-structure-wrong-do = Check that it is the right kind of file. If it came from a peer, nothing was kept; report the place named to the peer's operator.
fault-header-not-closed = The signed header has a parameter too many, too few or of the wrong type: { $at }.
fault-header-not-closed-do = The statement cannot be accepted. Ask the author to issue it again with a current version of the software.
fault-algorithm-unknown = It uses a cryptographic algorithm that is not in the agreed suite: { $at }.
fault-algorithm-unknown-do = Do not work around it. Agree on the suite with the peer's operator, or have the object signed again with the agreed one.
fault-key-malformed = A public key cannot be read, or is one of the keys that must never be accepted: { $at }.
fault-key-malformed-do = Do not use the object. Get the credential again from the party itself and compare the fingerprint by voice.
fault-signature-wrong = A signature does not fit the bytes that it stands on: { $at }.
fault-signature-wrong-do = Treat the content as unproven: it was altered, damaged or signed by another key. Ask for it again over another carrier and keep this copy.
fault-type-wrong = The object is of another type than the one expected here: { $at }.
fault-type-wrong-do = Check which file you gave. A receipt, a statement, a credential and a parcel each have their own command.

# Foreign acts: identity
fault-issuer-wrong = The issuer is not the party that this connection or file belongs to: { $at }.
fault-issuer-wrong-do = Nothing was kept. Check which peer the file came from; if a live peer sent it, inform the security officer.
fault-audience-wrong = It is addressed to another party: { $at }.
fault-audience-wrong-do = Nothing was kept. Return it to the sender unopened and say that it reached the wrong authority.
fault-channel-wrong = It belongs to another channel than the one it came on: { $at }.
fault-channel-wrong-do = Check whether a drill file was given to a live channel or the reverse, then ask the peer to send it on the right one.
fault-kid-unknown = It is signed with a key that no credential of the issuer named at that place of its log: { $at }.
fault-kid-unknown-do = Ask the peer for its newest credential and import it; then receive the parcel again.
fault-key-revoked = It is signed with a key that its owner has revoked: { $at }.
fault-key-revoked-do = Do not rely on it. Ask the peer by voice whether the act is theirs, and to issue it again with a key in force.
fault-party-wrong = The root keys do not belong to the party that they are given for: { $at }.
fault-party-wrong-do = Do not accredit. Get the credential again from the authority itself and compare the fingerprint by voice or in person.
fault-credential-order = The credential does not follow the one that is held: { $at }.
fault-credential-order-do = Ask the peer for every credential since the one you hold, and import them in order of their versions.
fault-credential-older = The credential is older than the one that is held: { $at }.
fault-credential-older-do = Nothing needs to be done: the newer one stays in use. If you expected a change, ask the peer for its newest credential.
fault-log-begun-older = The peer's log begins with an older credential than the one that you accredited, and does not go on to it (peer: version there, version accredited): { $at }.
fault-log-begun-older-do = Nothing of it was taken. Somebody who has only the peer's old keys could have made it: call the desk at the number in the credential and ask who sent this. A parcel of the peer's own node goes on to the newer keys and is taken.

# Foreign acts: content
fault-payload-wrong = The payload lacks a key, has one too many, or holds a value of the wrong type: { $at }.
fault-payload-wrong-do = The act is refused and the refusal is logged. The author must issue it again; tell its operator the key named.
fault-drill-differs = A live act lies on a drill channel, or a drill act on a live one: { $at }.
fault-drill-differs-do = Do not act on it. Ask the author by voice whether it is an exercise, and to issue it on the right channel.
fault-epoch-differs = The act belongs to another epoch than the log that it lies in: { $at }.
fault-epoch-differs-do = An act has to name the epoch of the log that it lies in. Tell the peer's operator; nothing of it counts.
fault-epoch-wrong = The peer's statement on its new epoch does not fit its log as this node holds it: { $at }.
fault-epoch-wrong-do = Nothing of it was taken. Ask the peer's operator which backup was restored, and to begin the epoch from that one.
fault-aside-full = With this epoch, those that the peer ended would leave more leaves aside than a node keeps of one log (with it, at most): { $at }.
fault-aside-full-do = Nothing of it was taken, and what is registered stays. Tell the peer's operator to put back the newest backup there is: it leaves the fewest aside. If that is not enough, its authority needs a new node, and both sides accredit each other anew.
fault-epoch-closed = The parcel is from an epoch that its sender has ended, so from before a backup was restored: { $at }.
fault-epoch-closed-do = Nothing of it was taken and nothing is lost here. If it matters, ask the sender to say it again.
fault-disclosure-wrong = The disclosed fields and the digests in the act do not match one to one: { $at }.
fault-disclosure-wrong-do = The text beside the act is not proven. The author must send the act again with all its disclosures.

# Logs
fault-note-malformed = The checkpoint is not a signed note in the agreed form: { $at }.
fault-note-malformed-do = Ask for the checkpoint again. If it was edited or passed through a program that changes line ends, use the original file.
fault-origin-wrong = The checkpoint belongs to another log: { $at }.
fault-origin-wrong-do = Check that the checkpoint and the peer or dossier belong together, then try again with the right one.
fault-time-back = A log head carries a time before that of an earlier head: { $at }.
fault-time-back-do = Nothing was kept. Ask the peer's operator to check the clock of its node; yours has kept the earlier head.
fault-root-differs = One log shows two different contents for the same size: { $at }.
fault-root-differs-do = Nothing of it was taken. Where counterpart proofs lists it, this proves a fault of the log's owner: stop relying on new heads of this log, inform the security officer, and export the proof.
fault-cosignature-stray = A cosignature is on a head that the log does not have: { $at }.
fault-cosignature-stray-do = Nothing of the parcel was taken, and this proves nothing against anybody. Run counterpart fsck. If it finds nothing, compare the size and root of counterpart log with the peer by telephone, and tell both operators.
fault-head-order = The chain of log heads has a gap or a wrong previous size: { $at }.
fault-head-order-do = Ask the peer to send from the last size that both sides hold. If it fails again, tell its operator the sizes named.
fault-entries-missing = Log entries between what is held here and what the head covers are missing: { $at }.
fault-entries-missing-do = Nothing to decide: the node asks for the gap. By stick, ask the peer for a new bag that begins at the size named.
fault-entry-not-in-head = The head beside the statement does not cover it: { $at }.
fault-entry-not-in-head-do = The statement is not yet bound to a log and was not kept. Ask the peer to send it again with its newest head.
fault-proof-wrong = A log proof does not lead to the signed root: { $at }.
fault-proof-wrong-do = Do not rely on the claim that the proof was to support. Ask for a new proof, and keep this one.
fault-receipt-wrong = The receipt and the checkpoint that it rests on disagree: { $at }.
fault-receipt-wrong-do = Do not count the statement as registered. Ask for the dossier again and keep this copy.

# Parcels
fault-parcel-malformed = The file or message is not a parcel: { $at }.
fault-parcel-malformed-do = Check that the whole file was copied. Ask the peer to pack it again; packing again does no harm.
fault-suite-unknown = The parcel is sealed with a suite that this node does not speak: { $at }.
fault-suite-unknown-do = Compare software versions with the peer's operator and agree on a suite that both speak.
fault-parcel-not-for-us = The parcel is sealed for another party, or with a key that is no longer held here: { $at }.
fault-parcel-not-for-us-do = Send the peer your newest credential and ask it to pack the parcel again.
fault-seal-broken = The seal of the parcel does not open: { $at }.
fault-seal-broken-do = The parcel was damaged or altered on its way. Nothing was read. Ask the peer to send it again.
fault-sender-wrong = The sender named inside the parcel is not the peer that it came from: { $at }.
fault-sender-wrong-do = Nothing was kept. Check which peer handed over the file; if it came by network, inform the security officer.

# Attachments
fault-attachment-wrong = The bytes of an attachment are not those that the act names: { $at }.
fault-attachment-wrong-do = They were not kept, and no file was left. What was whole before stays. If they come wrong again, ask the author to attach the file anew, and tell the security officer.
fault-attachment-missing = The sealed bytes of the attachment are not here: { $at }.
fault-attachment-missing-do = If they are on their way, wait; `matter show` says how much has come. Otherwise ask the author for a pouch with attachments, or to attach the file anew.
fault-attachment-erased = The attachment was erased with the text of its matter, and its key with it: { $at }.
fault-attachment-erased-do = Nothing can open it any more. If it is still needed, ask its author to send it in a matter that is open.
fault-attachment-unfit = The file cannot be attached: { $at }.
fault-attachment-unfit-do = At most 16 files to an act, each from 1 byte to 50 MiB (52428800 bytes), as --attach KIND=PATH; not every kind of act carries them. Split a larger file and send it in several acts. Nothing was signed or sent.
fault-attachment-damaged = The sealed bytes of an attachment are damaged on this disk: { $at }.
fault-attachment-damaged-do = Check the disk. Move the damaged file away: what a peer attached comes again from the peer; what you attached is in your last backup.

# Bags
fault-bag-wrong = The folder is not a complete bag, or one of its checksums is wrong: { $at }.
fault-bag-wrong-do = Copy the bag again from the original medium. If it fails again, ask the sender to pack a new one.
fault-file-missing = A file that the dossier names is not there: { $at }.
fault-file-missing-do = Copy the whole folder, not single files, and run the check again.
fault-page-differs = The page does not say what the statement beside it says: { $at }.
fault-page-differs-do = Believe the statement and not the page: `counterpart-verify statement` shows what was signed. Ask its author for the page again.
fault-summary-differs = The summary does not say what the signed acts beside it say: { $at }.
fault-summary-differs-do = Believe the acts and not the summary; the list above tells them as they were signed. Ask whoever gave you the dossier where it was altered.
fault-path-outside = A path in the bag leads out of the bag: { $at }.
fault-path-outside-do = Do not unpack it by other means. Keep the medium and inform the security officer.

# The officer's input
fault-fields-wrong = The form is not complete or not right: { $at }.
fault-fields-wrong-do = Correct every field named and try again. Nothing was signed or sent, and what you wrote is not lost.
fault-doubtful = This can hardly be meant as it stands: { $at }.
fault-doubtful-do = Correct it; or, if it is meant, sign it with --as-it-is: whoever reads it sees the doubt beside it. Nothing was signed or sent, and what you wrote is not lost.
fault-requirements-unmet = The request lacks what its instrument or the other side wants: { $at }.
fault-requirements-unmet-do = Add it; or, if it cannot wait, send it with --as-it-is: the other side may ask back or refuse. Nothing was signed or sent.
fault-not-permitted = The rules do not allow this act now: { $at }.
fault-not-permitted-do = Open the matter to see where it stands; it may have moved while you wrote. Nothing was signed or sent.
fault-retained = The text of this matter is kept until { $at }.
fault-retained-do = Wait until then. If somebody here set a hold, whoever may lift it says: counterpart retain MATTER --lift. A period is set in the file config. Nothing was erased.
fault-peer-unknown = There is no such peer here: { $at }.
fault-peer-unknown-do = List the peers with `counterpart` and use a name from the list, or import the peer's credential first: counterpart credential import FILE
fault-matter-unknown = There is no such matter here: { $at }.
fault-matter-unknown-do = List the matters with `counterpart matter list` and use a number from the list. If the peer has just opened it, receive first.
fault-matter-coming = This call rang ahead of other acts that are still on their way: { $at }.
fault-matter-coming-do = It can be taken as soon as they are here; try again in a minute. Calling back need not wait: `counterpart call code` tells code and number already. Nothing was signed.
fault-one-sided = { $at } has no node, and this takes two.
fault-one-sided-do = `counterpart correspondent show` tells how it is reached; what comes back is entered by hand with `counterpart enter`. Nothing was signed or sent.
fault-ambiguous = More than one thing fits the name given: { $at }.
fault-ambiguous-do = Give more characters of the number; of a party, the first digits of its id, as `counterpart` shows them.
fault-terms-unfit = These terms cannot be followed here: { $at }.
fault-terms-unfit-do = Correct the places named; `counterpart terms show --write FILE` gives a sheet to begin with. If only the zone data differs, let both sides run the same release, then propose again.
fault-stream-unknown = There is no such line of work in this channel: { $at }.
fault-stream-unknown-do = Name one of those listed with --stream; another one has to be agreed first (terms show, terms propose). Nothing was signed or sent.
fault-terms-none = { $at } proposes no terms that wait for a decision.
fault-terms-none-do = Show the terms. If the other side has just proposed some, receive first.
fault-fingerprint-differs = The fingerprint that was read aloud is not that of the credential: { $at }.
fault-fingerprint-differs-do = Do not accredit. Read all twelve groups again with a person whom you know; if they differ still, the credential is not theirs.
fault-not-accredited = The peer is known but has not been accredited: { $at }.
fault-not-accredited-do = Compare the fingerprint with the peer by voice or in person, then accredit.
fault-kind-elsewhere = There is no such act in a matter of this sort: { $at }.
fault-kind-elsewhere-do = Open the matter to see what it is and which acts it takes: counterpart matter show MATTER. Surges are listed by counterpart surge list, all matters by counterpart matter list.
fault-argument-wrong = Something on the command line or in the request cannot be read: { $at }.
fault-argument-wrong-do = Call the same command with --help; it shows an example.

# The operator's house
fault-folder-not-node = The folder does not hold a node: { $at }.
fault-folder-not-node-do = Name the right folder, or make a node there first with init. Nothing was created.
fault-folder-incomplete = A part of the node is not in its folder: { $at }. Either init or restore was interrupted here, or the settings were lost.
fault-folder-incomplete-do = If the node has worked here, copy the whole folder as it is, then restore the newest backup into a new folder (counterpart restore FILE). If init or restore was interrupted, nothing was signed with what lies here: run it once more with a new folder.
fault-folder-in-use = There is something of that name already: { $at }.
fault-folder-in-use-do = Choose another name; for a folder, an empty or a new one. Nothing was overwritten.
fault-folder-locked = Another process is using the folder: { $at }.
fault-folder-locked-do = Talk to the running node, or stop it first. Never remove the lock by hand while it runs.
fault-passphrase-missing = The keys are locked and no passphrase was given: { $at }.
fault-passphrase-missing-do = Give the passphrase in the way that the help of the command describes, and start again.
fault-passphrase-wrong = The passphrase does not open the keys: { $at }.
fault-passphrase-wrong-do = Try again, with an eye on keyboard layout and capital letters. The keys are unharmed, and there is no way round the passphrase.
fault-passphrase-unfit = The new passphrase does not fit: { $at }.
fault-passphrase-unfit-do = Choose one of at least 12 characters that is not in use; four words that nobody would put together are easy to remember. Type it the same way twice. Nothing was changed.
fault-key-file-wrong = The key file is damaged or of another kind: { $at }.
fault-key-file-wrong-do = Put the key file back from your backup. Do not make new keys in its place before you have asked the owner of the root key.
fault-token-absent = The token with the node's keys is not there or does not answer: { $at }.
fault-token-absent-do = Put it in again; the node goes on by itself, and nothing was lost. If the token is lost for good: rotate, with the root keys, onto another one.
fault-token-unfit = The token cannot do what these keys need: { $at }.
fault-token-unfit-do = It must make and use Ed25519 keys (PKCS#11 CKM_EDDSA). Take another token, or keep the keys in the sealed file. Nothing was changed.
fault-pin-wrong = The PIN does not open the token: { $at }.
fault-pin-wrong-do = Look at the PIN before the next try: tokens lock after a few wrong ones. The last try is never used by a node; log in once with the token's own program.
fault-root-missing = The folder given does not hold the root keys of this party: { $at }.
fault-root-missing-do = Attach the medium that holds the root keys, name its folder, and take it off line again afterwards.
fault-store-damaged = The store fails its own checks: { $at }.
fault-store-damaged-do = Stop the node, copy the whole folder as it is, and restore the last backup. Do not sign anything before that.
fault-store-version = This was written by another version of the software: { $at }.
fault-store-version-do = Start the version that wrote it, or follow the upgrade notes. Nothing was changed.
fault-home-unreadable = Notes, owners and tasks that stay here cannot be read: { $at }.
fault-home-unreadable-do = The record is not touched and the node works on. Stop it, move home.db aside, and start again; `counterpart doctor` says how to bring back what was in it.
fault-keys-awaited = Not every peer has our newest keys yet; what these seal to the older ones could not be opened any more: { $at }.
fault-keys-awaited-do = Let the node run until they have answered, or carry a pouch to them and one back, exercises too; then say it again. With --anyway the older keys go at once. Nothing in the record is lost; but the peers named here know you by an older transport key, so calls fail both ways until your newest credential has reached them: as a file (credential export; they say credential import) or with a pouch.
fault-key-not-ours = No credential of ours ever named this key: { $at }.
fault-key-not-ours-do = Nothing was revoked. Copy the 64 digits from: counterpart credential keys. It lists the keys of every credential of ours.
fault-key-in-force = This key is in force and cannot be revoked: { $at }.
fault-key-in-force-do = Make new keys first: counterpart rotate --compromised if somebody else may have this one, else counterpart rotate. Then revoke it. Nothing was signed.
fault-revoked-before = This key is revoked already, since that time or an earlier one: { $at }.
fault-revoked-before-do = Nothing more is to be done; counterpart credential keys lists what is revoked. Only a misuse that began earlier needs another revocation, with --since that earlier time.
fault-backup-key-away = The key of the backup is not within reach: { $at }.
fault-backup-key-away-do = Attach the medium on which the file that ends with .key lies, and name the backup there. If you have destroyed every copy of it yourself, say --destroyed. Which backups there are: counterpart backup list
fault-address-in-use = Another program listens there already: { $at }.
fault-address-in-use-do = End that program, or name another address in the file config of the node's folder, and start again. Peers learn of another endpoint by counterpart rotate --settings-only. Nothing was changed.
fault-config-wrong = The configuration cannot be read: { $at }.
fault-config-wrong-do = Correct the line named and start again.

# The world
fault-file-absent = There is no such file: { $at }.
fault-file-absent-do = Check the name and the folder that you are in, and give the file that is meant. Nothing was signed or sent.
fault-io = Reading or writing failed: { $at }.
fault-io-do = Check free space, permissions and the medium, then try again. What was acknowledged before is safe.
fault-peer-unreachable = The peer cannot be reached: { $at }.
fault-peer-unreachable-do = The act is kept and will be sent when the peer answers. If it cannot wait, call the peer's duty desk or carry a bag.
fault-busy = The node has as much work as it can take: { $at }.
fault-busy-do = Wait a few seconds and try again. Nothing was lost and nothing was done twice.
fault-over-quota = The peer asks us to slow down: { $at }.
fault-over-quota-do = Nothing is lost: the node waits and goes on by itself. If it lasts, ask the peer's operator to raise what it takes in an hour.
fault-not-running = The node is not running: { $at }.
fault-not-running-do = Start it with serve and try again.

# Us
fault-internal = The software has reached a state that should not exist: { $at }.
fault-internal-do = This is a fault of the software, not yours. Note the place named and report it; the record on disk is checked at the next start.
fault-cut-not-shared = The figures need a head of each log that both sides have cosigned, and there is none at that place: { $at }.
fault-cut-not-shared-do = Let the nodes exchange parcels once more, or ask for a later time. What only one side holds is in no shared figure.
fault-store-behind = This record is older than what the node has signed before: the peer shows a head, or an epoch, that this node signed and does not know ({ $at }).
fault-store-behind-do = Nothing is signed with this peer until the log has ended under a number above the one named: a second history would convict you. Stop the node and set the clock. If another folder or a newer backup has more, bring that back (counterpart restore FILE). If not, run counterpart restore --root DIR --after-epoch N here, N being the number named. The peer gives back what it holds.
fault-restore-unfinished = This record was restored from a backup, and its logs have not gone on as new ones yet: { $at }.
fault-restore-unfinished-do = Run counterpart restore without a file, with the root keys at hand. Until then nothing is signed and nothing is sent.
fault-backup-wrong = This is no backup that can be used: { $at }.
fault-backup-wrong-do = Both files are needed, the backup and the one that ends with .key, as they were written. Take another copy; nothing was changed.
fault-epoch-unheard = A backup was restored, and the peer has not shown yet what this node had said in matter { $at } since the backup.
fault-epoch-unheard-do = Wait until the peer has answered once; this happens by itself when the line is there. A new matter can be opened at any time.
fault-log-spent = The log with { $at } has been begun anew as often as a log can be: it has had 256 epochs.
fault-log-spent-do = Nothing more is signed or sent there; what it holds can be read and exported, and other peers are not concerned. To work with this peer again, found a new node with new root keys, and let both sides accredit each other.
