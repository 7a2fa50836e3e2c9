package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// A cosigner verifies cosignature/v1 lines (C2SP tlog-cosignature), which x/mod does not know.
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (c *cosigner) Name() string    { return c.name }
func (c *cosigner) KeyHash() uint32 { return c.hash }

func (c *cosigner) Verify(text, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	return ed25519.Verify(c.key, cosigned(text, binary.BigEndian.Uint64(sig)), sig[8:])
}

func cosigned(text []byte, time uint64) []byte {
	return append([]byte(fmt.Sprintf("cosignature/v1\ntime %d\n", time)), text...)
}

func cosignerID(name string, key []byte) uint32 {
	sum := sha256.Sum256(append([]byte(name+"\n\x04"), key...))
	return binary.BigEndian.Uint32(sum[:])
}

func newVerifier(vkey string) (note.Verifier, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return nil, fmt.Errorf("%q is no key", vkey)
	}
	key, err := base64.StdEncoding.Strict().DecodeString(parts[2])
	if err != nil || len(key) == 0 || key[0] != 4 {
		return note.NewVerifier(vkey)
	}
	id, err := strconv.ParseUint(parts[1], 16, 32)
	if err != nil || len(key) != 33 || uint32(id) != cosignerID(parts[0], key[1:]) {
		return nil, fmt.Errorf("%q is no cosigner's key", vkey)
	}
	return &cosigner{parts[0], uint32(id), key[1:]}, nil
}

type openQuestion struct {
	Note string
	Keys []string
}

type openAnswer struct {
	Text     string            `json:"text"`
	SignedBy []string          `json:"signed_by"`
	Unknown  []string          `json:"unknown"`
	Times    map[string]uint64 `json:"times"`
}

func open(q openQuestion) (*openAnswer, error) {
	opened, err := openNote(q.Note, q.Keys)
	if err != nil {
		return nil, err
	}
	a := &openAnswer{Text: opened.Text, SignedBy: []string{}, Unknown: []string{}, Times: map[string]uint64{}}
	for _, sig := range opened.Sigs {
		a.SignedBy = append(a.SignedBy, sig.Name)
		raw, err := base64.StdEncoding.DecodeString(sig.Base64)
		if err != nil {
			return nil, err
		}
		if len(raw) == 4+8+ed25519.SignatureSize {
			a.Times[sig.Name] = binary.BigEndian.Uint64(raw[4:])
		}
	}
	for _, sig := range opened.UnverifiedSigs {
		a.Unknown = append(a.Unknown, sig.Name)
	}
	return a, nil
}

func openNote(text string, keys []string) (*note.Note, error) {
	var verifiers []note.Verifier
	for _, key := range keys {
		verifier, err := newVerifier(key)
		if err != nil {
			return nil, err
		}
		verifiers = append(verifiers, verifier)
	}
	return note.Open([]byte(text), note.VerifierList(verifiers...))
}

// openCheckpoint opens a note by its log's key and reads it as a tree. x/mod's own reader wants the name of Go's log in
// the first line, so it gets that.
func openCheckpoint(text, key string) (*note.Note, tlog.Tree, error) {
	opened, err := openNote(text, []string{key})
	if err != nil {
		return nil, tlog.Tree{}, err
	}
	origin, rest, _ := strings.Cut(opened.Text, "\n")
	if origin != opened.Sigs[0].Name {
		return nil, tlog.Tree{}, fmt.Errorf("%q signed a checkpoint of %q", opened.Sigs[0].Name, origin)
	}
	tree, err := tlog.ParseTree([]byte("go.sum database tree\n" + rest))
	return opened, tree, err
}

type keyPair struct {
	Skey string `json:"skey"`
	Vkey string `json:"vkey"`
}

func keygen(q struct{ Name string }) (*keyPair, error) {
	skey, vkey, err := note.GenerateKey(rand.Reader, q.Name)
	return &keyPair{skey, vkey}, err
}

type signed struct {
	Note string `json:"note"`
}

func sign(q struct{ Text, Skey string }) (*signed, error) {
	signer, err := note.NewSigner(q.Skey)
	if err != nil {
		return nil, err
	}
	made, err := note.Sign(&note.Note{Text: q.Text}, signer)
	return &signed{string(made)}, err
}

type cosignQuestion struct {
	Text, Name, Seed string
	Time             uint64
}

type cosignature struct {
	Vkey string `json:"vkey"`
	Line string `json:"line"`
}

func cosign(q cosignQuestion) (*cosignature, error) {
	seed, err := hex.DecodeString(q.Seed)
	if err != nil || len(seed) != ed25519.SeedSize {
		return nil, fmt.Errorf("%q is no seed", q.Seed)
	}
	key := ed25519.NewKeyFromSeed(seed)
	public := key.Public().(ed25519.PublicKey)
	id := cosignerID(q.Name, public)
	var line bytes.Buffer
	for _, part := range []any{id, q.Time, ed25519.Sign(key, cosigned([]byte(q.Text), q.Time))} {
		binary.Write(&line, binary.BigEndian, part)
	}
	b64 := base64.StdEncoding.EncodeToString
	return &cosignature{
		Vkey: fmt.Sprintf("%s+%08x+%s", q.Name, id, b64(append([]byte{4}, public...))),
		Line: fmt.Sprintf("— %s %s\n", q.Name, b64(line.Bytes())),
	}, nil
}
