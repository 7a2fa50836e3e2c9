package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

// A folder serves the tiles of a log to x/mod, whose paths also say the height.
type folder string

func (f folder) Height() int                         { return height }
func (f folder) SaveTiles(_ []tlog.Tile, _ [][]byte) {}

func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		data, err := f.read(tile)
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

func (f folder) read(tile tlog.Tile) ([]byte, error) {
	return os.ReadFile(filepath.Join(string(f), c2spPath(tile)))
}

// c2spPath turns tile/8/0/001 into tile/0/001, and tile/8/data/001 into tile/entries/001.
func c2spPath(tile tlog.Tile) string {
	path := "tile/" + strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/", height))
	return strings.Replace(path, "tile/data/", "tile/entries/", 1)
}

// tilesOf lists the tiles of a log: some versions of x/mod also name each narrower tile that the last ones once were.
func tilesOf(size int64) []tlog.Tile {
	var tiles []tlog.Tile
	for _, tile := range tlog.NewTiles(height, 0, size) {
		if last := len(tiles) - 1; last >= 0 && tiles[last].L == tile.L && tiles[last].N == tile.N {
			tiles = tiles[:last]
		}
		tiles = append(tiles, tile)
	}
	return tiles
}

// leaves reads the entry bundles (C2SP tlog-tiles): each entry after its length in two bytes.
func (f folder) leaves(size int64) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tilesOf(size) {
		if tile.L != 0 {
			continue
		}
		tile.L = -1
		data, err := f.read(tile)
		if err != nil {
			return nil, err
		}
		for n := 0; n < tile.W; n++ {
			if len(data) < 2 || len(data)-2 < int(binary.BigEndian.Uint16(data)) {
				return nil, fmt.Errorf("%s ends within entry %d", c2spPath(tile), n)
			}
			end := 2 + int(binary.BigEndian.Uint16(data))
			all, data = append(all, data[2:end]), data[end:]
		}
		if len(data) != 0 {
			return nil, fmt.Errorf("%s goes on after its last entry", c2spPath(tile))
		}
	}
	return all, nil
}

// stored holds the hashes of a log that was built here, from its leaves.
type stored []tlog.Hash

func (s stored) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var all []tlog.Hash
	for _, index := range indexes {
		all = append(all, s[index])
	}
	return all, nil
}

type logQuestion struct {
	Folder, Key string
	Olds        []int64
}

type grown struct {
	Size  int64          `json:"size"`
	Root  tlog.Hash      `json:"root"`
	Proof tlog.TreeProof `json:"proof"`
}

type logAnswer struct {
	Size      int64              `json:"size"`
	Root      tlog.Hash          `json:"root"`
	Leaves    [][]byte           `json:"leaves"`
	Inclusion []tlog.RecordProof `json:"inclusion"`
	Grown     []grown            `json:"grown"`
	Tiles     []string           `json:"tiles"`
}

// readLog verifies a log in a folder: its checkpoint, each of its tiles, twice, and each of its entries.
func readLog(q logQuestion) (*logAnswer, error) {
	f := folder(q.Folder)
	checkpoint, err := os.ReadFile(filepath.Join(q.Folder, "checkpoint"))
	if err != nil {
		return nil, err
	}
	_, tree, err := openCheckpoint(string(checkpoint), q.Key)
	if err != nil {
		return nil, err
	}
	a := &logAnswer{Size: tree.N, Root: tree.Hash}
	if a.Leaves, err = f.leaves(tree.N); err != nil {
		return nil, err
	}
	// Authenticates every tile that it reads against the checkpoint.
	reader := tlog.TileHashReader(tree, f)
	if err := a.prove(reader, q.Olds); err != nil {
		return nil, err
	}
	return a, a.rebuild(f, tree)
}

func (a *logAnswer) prove(reader tlog.HashReader, olds []int64) error {
	for n, leaf := range a.Leaves {
		proof, err := tlog.ProveRecord(a.Size, int64(n), reader)
		if err != nil {
			return err
		}
		if err := tlog.CheckRecord(proof, a.Size, a.Root, int64(n), tlog.RecordHash(leaf)); err != nil {
			return fmt.Errorf("entry %d: %w", n, err)
		}
		a.Inclusion = append(a.Inclusion, proof)
	}
	for _, old := range olds {
		root, err := tlog.TreeHash(old, reader)
		if err != nil {
			return err
		}
		proof, err := tlog.ProveTree(a.Size, old, reader)
		if err != nil {
			return err
		}
		if err := tlog.CheckTree(proof, a.Size, a.Root, old, root); err != nil {
			return fmt.Errorf("tree of %d: %w", old, err)
		}
		a.Grown = append(a.Grown, grown{old, root, proof})
	}
	return nil
}

// rebuild makes the log anew from its leaves: x/mod has to arrive at the same root and, byte for byte, the same tiles.
func (a *logAnswer) rebuild(f folder, tree tlog.Tree) error {
	var hashes stored
	for n, leaf := range a.Leaves {
		more, err := tlog.StoredHashes(int64(n), leaf, hashes)
		if err != nil {
			return err
		}
		hashes = append(hashes, more...)
	}
	root, err := tlog.TreeHash(tree.N, hashes)
	if err != nil || root != tree.Hash {
		return fmt.Errorf("the leaves have the root %v, the checkpoint says %v (%v)", root, tree.Hash, err)
	}
	for _, tile := range tilesOf(tree.N) {
		ours, err := tlog.ReadTileData(tile, hashes)
		if err != nil {
			return err
		}
		theirs, err := f.read(tile)
		if err != nil || !bytes.Equal(ours, theirs) {
			return fmt.Errorf("%s differs (%v)", c2spPath(tile), err)
		}
		a.Tiles = append(a.Tiles, c2spPath(tile))
	}
	return nil
}
