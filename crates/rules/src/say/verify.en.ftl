# The verifier's own sentences. One line each.

verify-channel-live = Dossier of channel { $channel }: { $acts } acts, { $heads } signed log heads, { $files } files.
verify-channel-drill = EXERCISE. Dossier of drill channel { $channel }: { $acts } acts, { $heads } signed log heads, { $files } files.
verify-party = Party: { $name }. Its fingerprint is one of those that you gave: { $fingerprint }
verify-act = { $number }. { $author } to { $audience }: { $kind }, act { $seq } of its author in matter { $matter }, signed at { $time }.
verify-act-both = Held by both: the log of { $author } has it since { $own }, the log of { $audience } since { $peer }.
verify-act-author = Held by its author only: the log of { $author } has it since { $own }. Nothing here shows that { $audience } received it.
verify-act-unplaced = No receipt of it could be checked.
verify-act-whole = All { $digests } disclosed fields are here and are those that were signed.
verify-act-part = { $shown } of { $digests } disclosed fields are here and are those that were signed; the others were erased or left out.
verify-act-contested = Contested: its owner suspects misuse of the key at that time.

verify-unchecked = What could not be checked, or does not show:
verify-unchecked-rest = Everything after the first thing that is wrong.
verify-unchecked-receipt = { $file }: one of its receipts rests on a checkpoint that does not hold.
verify-unchecked-cosigned = { $file }: the other party has cosigned neither this head nor a later one of this log. That the log only grew is the word of its owner alone.
verify-unchecked-placed = { $file }: nothing shows from which place in the log this credential counts. It is taken to count from the beginning or not at all.
verify-unchecked-accredited = { $party }: no accreditation of the other party's credential is in the dossier.
verify-unchecked-key = Whether the key belongs to the author named, and whether a log holds the statement. A dossier shows both.
verify-unchecked-foreign = What the payload says, and who holds the key: only the signature was checked.
verify-unchecked-checkpoint = The checkpoint that the receipt rests on. Without it there is no post-quantum signature; give --checkpoint and --vkey.
verify-unchecked-signed = Index and size stand outside the signature of such a receipt; only the root is signed.

verify-wrong = What is wrong:
verify-wrong-party = It concerns what this party signed or is said to have signed: { $party }.
verify-valid = VALID. Everything was checked and holds.
verify-valid-but = VALID in all that was checked; see above what was not.
verify-not-valid = NOT VALID. Faults found: { $count }
verify-not-checked = NOT CHECKED. Nothing was decided.

verify-fault-altered = A file was altered or damaged after the bag was packed: { $at }.
verify-fault-strange = A file lies in the bag that nothing in it vouches for: { $at }.
verify-fault-left-behind = A file lies in the folder that is no part of the dossier: { $at }. Computers leave such files where a folder was opened or copied.
verify-fault-left-behind-do = Delete this one file and run the check again. If it is there again, copy the dossier to a medium that nobody browses.
verify-fault-fingerprints = Two fingerprints are needed, each of twelve groups of five digits; given: { $at }.
verify-fault-fingerprints-do = Ask both parties for theirs, by voice or in person, and give each in quotation marks after --fingerprint. Never take them from the dossier.
verify-fault-command = There is no check of this name: { $at }.
verify-fault-command-do = For the folder of a dossier: counterpart-verify dossier DIR --fingerprint "..." --fingerprint "...". With --help all checks are listed.
verify-fault-folder = This is a file, and a folder is needed: { $at }.
verify-fault-folder-do = Unpack it first and name the folder in which bagit.txt lies.
verify-fault-no-dossier = This folder is not that of a dossier: { $at }.
verify-fault-no-dossier-do = Name the folder in which bagit.txt lies.
verify-fault-inside = This is not the folder of the dossier itself, which is { $at }.
verify-fault-inside-do = Name that folder.
verify-fault-cut = A file of the bag is cut short: { $at }.
verify-fault-file-missing = A file that belongs to the dossier is missing: { $at }.
verify-fault-fingerprint-differs = The dossier is of a party whose fingerprint is not one of those that you gave: { $at }.
verify-fault-fingerprint-differs-do = Compare all twelve groups once more with what the party itself told you. If they differ still, the dossier comes from somebody else.
verify-fault-kid-unknown = It is signed with a key, or comes with a key, that its party had not in force there: { $at }.
verify-fault-kid-unknown-do = Do not rely on it. Ask the party for a dossier with all of its credentials and their receipts.
verify-fault-entries-missing = An act of this author is left out: { $at }.
verify-fault-entries-missing-do = Ask for the whole matter. What is left out may change what the rest means.

verify-help = Checks files of Counterpart off line. It needs no network, no node and no account.
verify-help-dossier = a dossier, from nothing but its folder and the two fingerprints
verify-help-statement = one statement under a key that you trust
verify-help-receipt = one receipt of a log
verify-help-checkpoint = one C2SP checkpoint, each given verifier key having a line on it
verify-help-inclusion = one inclusion proof as JSON (leafIdx, treeSize, root, leafHash, proof)
verify-help-consistency = one consistency proof as JSON (size1, size2, root1, root2, proof)
verify-help-log = a log in a folder of C2SP tlog-tiles
verify-help-example = Example:
verify-help-options = Everywhere: --json for machines, --lang en|zh-CN, --help.
verify-help-exit = Exit code: 0 valid, 1 not valid, 2 could not be checked.

verify-statement = { $kind } ({ $rules }) from { $author } to { $audience }, act { $seq } of its author in matter { $matter }, signed at { $time }. The signature holds.
verify-foreign-statement = The signature holds. SHA-256 of the whole: { $entry }
verify-receipt = The log of { $party } has held the entry as leaf { $index } of { $size } since { $time }.
verify-foreign-receipt = The log holds the entry as leaf { $index } of { $size }.
verify-checkpoint = Log { $origin }, { $size } leaves, root { $root }.
verify-line = Line of { $name }, kind { $kind }, holds; its time: { $time }
verify-inclusion = Leaf { $index } is in the tree of { $size } leaves.
verify-consistency = The tree of { $new } leaves extends that of { $old }.
verify-log-checkpoint = { $file }: { $size } leaves; signature, entries and tiles agree.
verify-log = Log of { $size } leaves: { $checkpoints } checkpoints, { $pairs } pairs proven consistent.
