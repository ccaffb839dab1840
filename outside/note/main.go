// The reference implementation of C2SP signed notes and of RFC 6962 tree proofs, as a command.
// Not our code judges here: golang.org/x/mod/sumdb/note and sumdb/tlog do.
//
//	go-note open VERIFIER_KEY FILE      exit 0 if the note opens with that key
//	go-note root FILE                   root of a tree over the lines of FILE (hex, one leaf hash each)
package main

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"os"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func main() {
	var err error
	switch {
	case len(os.Args) == 4 && os.Args[1] == "open":
		err = open(os.Args[2], os.Args[3])
	case len(os.Args) == 3 && os.Args[1] == "root":
		err = root(os.Args[2])
	default:
		err = fmt.Errorf("usage: go-note open VERIFIER_KEY FILE | go-note root FILE")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func open(key, file string) error {
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	opened, err := note.Open(text, note.VerifierList(verifier))
	if err != nil {
		return err
	}
	fmt.Print(opened.Text)
	return nil
}

// hashes is the storage that tlog asks for: every subtree hash by its stored index.
type hashes []tlog.Hash

func (h hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	found := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		if index < 0 || index >= int64(len(h)) {
			return nil, fmt.Errorf("hash %d is not stored", index)
		}
		found[i] = h[index]
	}
	return found, nil
}

func root(file string) error {
	lines, err := os.Open(file)
	if err != nil {
		return err
	}
	defer lines.Close()
	var stored hashes
	var size int64
	scanner := bufio.NewScanner(lines)
	for scanner.Scan() {
		raw, err := hex.DecodeString(scanner.Text())
		if err != nil || len(raw) != tlog.HashSize {
			return fmt.Errorf("line %d is not a hash", size+1)
		}
		var leaf tlog.Hash
		copy(leaf[:], raw)
		more, err := tlog.StoredHashesForRecordHash(size, leaf, stored)
		if err != nil {
			return err
		}
		stored = append(stored, more...)
		size++
	}
	if err := scanner.Err(); err != nil {
		return err
	}
	hash, err := tlog.TreeHash(size, stored)
	if err != nil {
		return err
	}
	fmt.Println(hex.EncodeToString(hash[:]))
	return nil
}
