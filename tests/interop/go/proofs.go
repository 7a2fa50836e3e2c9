package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

type checkQuestion struct {
	Inclusion []struct {
		Leaf        []byte
		Index, Size int64
		Root        tlog.Hash
		Proof       tlog.RecordProof
	}
	Consistency []struct {
		Old, Size     int64
		OldRoot, Root tlog.Hash
		Proof         tlog.TreeProof
	}
}

type checkAnswer struct {
	Inclusion   []bool `json:"inclusion"`
	Consistency []bool `json:"consistency"`
}

// check says of each proof whether x/mod accepts it.
func check(q checkQuestion) (*checkAnswer, error) {
	a := &checkAnswer{Inclusion: []bool{}, Consistency: []bool{}}
	for _, one := range q.Inclusion {
		err := tlog.CheckRecord(one.Proof, one.Size, one.Root, one.Index, tlog.RecordHash(one.Leaf))
		a.Inclusion = append(a.Inclusion, err == nil)
	}
	for _, one := range q.Consistency {
		err := tlog.CheckTree(one.Proof, one.Size, one.Root, one.Old, one.OldRoot)
		a.Consistency = append(a.Consistency, err == nil)
	}
	return a, nil
}

type proven struct {
	Index int64 `json:"index"`
	Size  int64 `json:"size"`
}

// checkLogProof reads a log proof by the letter of C2SP tlog-proof.
func checkLogProof(q struct {
	Proof, Key string
	Leaf       []byte
}) (*proven, error) {
	head, checkpoint, found := strings.Cut(q.Proof, "\n\n")
	lines := strings.Split(head, "\n")
	if !found || lines[0] != "c2sp.org/tlog-proof@v1" {
		return nil, errors.New("not a log proof")
	}
	lines = lines[1:]
	if len(lines) > 0 && strings.HasPrefix(lines[0], "extra ") {
		lines = lines[1:]
	}
	if len(lines) == 0 || !strings.HasPrefix(lines[0], "index ") {
		return nil, errors.New("no index")
	}
	index, err := strconv.ParseInt(lines[0][len("index "):], 10, 64)
	if err != nil {
		return nil, err
	}
	var proof tlog.RecordProof
	for _, line := range lines[1:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return nil, err
		}
		proof = append(proof, hash)
	}
	_, tree, err := openCheckpoint(checkpoint, q.Key)
	if err != nil {
		return nil, err
	}
	if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(q.Leaf)); err != nil {
		return nil, fmt.Errorf("the proof: %w", err)
	}
	return &proven{index, tree.N}, nil
}
