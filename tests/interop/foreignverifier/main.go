// Foreignverifier checks a Colloque bundle with the public packages that the Go checksum database is built on
// (golang.org/x/mod/sumdb/tlog and note); nothing of Colloque's own code is used.
//
//	foreignverifier DIR LOG-KEY [WITNESS-KEY]
//
// Exit code 0 when everything holds, 1 with a sentence when something does not.
package main

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const tileHeight = 8

type checkpoint struct {
	origin string
	tree   tlog.Tree
}

// parseCheckpoint reads the three lines of c2sp.org/tlog-checkpoint.
func parseCheckpoint(text string) (checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return checkpoint{}, errors.New("a checkpoint has three lines")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || strconv.FormatInt(size, 10) != lines[1] {
		return checkpoint{}, errors.New("the size of the checkpoint is no number")
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		return checkpoint{}, err
	}
	return checkpoint{lines[0], tlog.Tree{N: size, Hash: root}}, nil
}

func openCheckpoint(data []byte, origin string, known note.Verifiers) (checkpoint, *note.Note, error) {
	opened, err := note.Open(data, known)
	if err != nil {
		return checkpoint{}, nil, err
	}
	found, err := parseCheckpoint(opened.Text)
	if err == nil && found.origin != origin {
		err = fmt.Errorf("the checkpoint is of %q", found.origin)
	}
	signedByLog := false
	for _, signature := range opened.Sigs {
		signedByLog = signedByLog || signature.Name == origin
	}
	if err == nil && !signedByLog {
		err = errors.New("the log did not sign")
	}
	return found, opened, err
}

// cosigner checks the timestamped signatures of c2sp.org/tlog-cosignature (type 0x04).
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (c cosigner) Name() string    { return c.name }
func (c cosigner) KeyHash() uint32 { return c.hash }
func (c cosigner) Verify(message, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	seconds := binary.BigEndian.Uint64(signature)
	signed := fmt.Sprintf("cosignature/v1\ntime %d\n%s", seconds, message)
	return ed25519.Verify(c.key, []byte(signed), signature[8:])
}

func newCosigner(text string) (note.Verifier, error) {
	parts := strings.SplitN(text, "+", 3)
	if len(parts) != 3 {
		return nil, errors.New("a key is name+id+key")
	}
	material, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(material) != 33 || material[0] != 4 {
		return nil, errors.New("this is no key of a witness")
	}
	digest := sha256.Sum256(append([]byte(parts[0]+"\n"), material...))
	hash := binary.BigEndian.Uint32(digest[:])
	if fmt.Sprintf("%08x", hash) != parts[1] {
		return nil, errors.New("the key does not match its identifier")
	}
	return cosigner{parts[0], hash, material[1:]}, nil
}

// folder serves the tiles of c2sp.org/tlog-tiles, whose paths leave out the height that Go's package writes.
type folder string

func (f folder) Height() int                      { return tileHeight }
func (f folder) SaveTiles([]tlog.Tile, [][]byte)  {}
func (f folder) read(path string) ([]byte, error) { return os.ReadFile(filepath.Join(string(f), path)) }
func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range tiles {
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		data, err := f.read(path)
		if err != nil {
			return nil, err
		}
		if len(data) != tile.W*tlog.HashSize {
			return nil, fmt.Errorf("%s is %d bytes long", path, len(data))
		}
		found = append(found, data)
	}
	return found, nil
}

// entries reads every entry bundle: entries behind their length as big-endian uint16.
func (f folder) entries(size int64) ([][]byte, error) {
	var all [][]byte
	for start := int64(0); start < size; start += 1 << tileHeight {
		tile := tlog.Tile{H: tileHeight, L: -1, N: start >> tileHeight, W: 1 << tileHeight}
		if rest := size - start; rest < int64(tile.W) {
			tile.W = int(rest)
		}
		path := strings.Replace(tile.Path(), "tile/8/data/", "tile/entries/", 1)
		data, err := f.read(path)
		if err != nil {
			return nil, err
		}
		count := 0
		for ; len(data) > 0; count++ {
			if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
				return nil, fmt.Errorf("%s is cut off", path)
			}
			end := 2 + int(binary.BigEndian.Uint16(data))
			all, data = append(all, data[2:end]), data[end:]
		}
		if count != tile.W {
			return nil, fmt.Errorf("%s holds %d entries", path, count)
		}
	}
	return all, nil
}

type memory []tlog.Hash

func (m memory) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var found []tlog.Hash
	for _, index := range indexes {
		if index >= int64(len(m)) {
			return nil, errors.New("a hash beyond the tree was asked for")
		}
		found = append(found, m[index])
	}
	return found, nil
}

func rebuild(entries [][]byte) (memory, error) {
	var hashes memory
	for number, entry := range entries {
		more, err := tlog.StoredHashes(int64(number), entry, hashes)
		if err != nil {
			return nil, err
		}
		hashes = append(hashes, more...)
	}
	return hashes, nil
}

func checkProof(data []byte, origin string, known note.Verifiers, entries [][]byte) error {
	parts := bytes.SplitN(data, []byte("\n\n"), 2)
	if len(parts) != 2 {
		return errors.New("the proof has no checkpoint")
	}
	lines := strings.Split(string(parts[0]), "\n")
	if len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" || !strings.HasPrefix(lines[1], "index ") {
		return errors.New("this is no tlog-proof")
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
	if err != nil || index >= int64(len(entries)) {
		return errors.New("the proof is about no entry")
	}
	var proof tlog.RecordProof
	for _, line := range lines[2:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return err
		}
		proof = append(proof, hash)
	}
	found, _, err := openCheckpoint(parts[1], origin, known)
	if err != nil {
		return err
	}
	return tlog.CheckRecord(proof, found.tree.N, found.tree.Hash, index, tlog.RecordHash(entries[index]))
}

func run(dir folder, logKey string, witnessKeys []string) error {
	logVerifier, err := note.NewVerifier(logKey)
	if err != nil {
		return fmt.Errorf("log key: %w", err)
	}
	verifiers := []note.Verifier{logVerifier}
	for _, text := range witnessKeys {
		witness, err := newCosigner(text)
		if err != nil {
			return fmt.Errorf("witness key: %w", err)
		}
		verifiers = append(verifiers, witness)
	}
	known, origin := note.VerifierList(verifiers...), logVerifier.Name()

	data, err := dir.read("checkpoint")
	if err != nil {
		return err
	}
	newest, opened, err := openCheckpoint(data, origin, known)
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	if len(opened.Sigs) != len(verifiers) {
		return fmt.Errorf("checkpoint: %d of %d known keys signed", len(opened.Sigs), len(verifiers))
	}

	entries, err := dir.entries(newest.tree.N)
	if err != nil {
		return err
	}
	hashes, err := rebuild(entries)
	if err != nil {
		return err
	}
	root, err := tlog.TreeHash(newest.tree.N, hashes)
	if err != nil {
		return err
	}
	if root != newest.tree.Hash {
		return errors.New("the entries do not lead to the signed root")
	}

	tiles := tlog.TileHashReader(newest.tree, dir)
	for number, entry := range entries {
		n := int64(number)
		found, err := tiles.ReadHashes([]int64{tlog.StoredHashIndex(0, n)})
		if err != nil {
			return fmt.Errorf("tiles: %w", err)
		}
		if found[0] != tlog.RecordHash(entry) {
			return fmt.Errorf("tiles: entry %d has another hash", n)
		}
		proof, err := tlog.ProveRecord(newest.tree.N, n, tiles)
		if err != nil {
			return fmt.Errorf("inclusion of %d: %w", n, err)
		}
		if err := tlog.CheckRecord(proof, newest.tree.N, newest.tree.Hash, n, tlog.RecordHash(entry)); err != nil {
			return fmt.Errorf("inclusion of %d: %w", n, err)
		}
	}
	// The reader above takes a wide tile's hashes for granted once its parent vouches for it; look at each byte too.
	for level := 0; newest.tree.N>>(tileHeight*level) > 0; level++ {
		count := newest.tree.N >> (tileHeight * level)
		for start := int64(0); start < count; start += 1 << tileHeight {
			tile := tlog.Tile{H: tileHeight, L: level, N: start >> tileHeight, W: 1 << tileHeight}
			if rest := count - start; rest < int64(tile.W) {
				tile.W = int(rest)
			}
			expected, err := tlog.ReadTileData(tile, hashes)
			if err != nil {
				return err
			}
			found, err := dir.ReadTiles([]tlog.Tile{tile})
			if err != nil {
				return err
			}
			if !bytes.Equal(found[0], expected) {
				return fmt.Errorf("%s is not what the entries say", tile.Path())
			}
		}
	}

	older, err := os.Open(filepath.Join(string(dir), "checkpoints.jsonl"))
	if err != nil {
		return err
	}
	defer older.Close()
	count, previous := 0, checkpoint{}
	for lines := bufio.NewScanner(older); lines.Scan(); count++ {
		var line struct{ Note string }
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			return fmt.Errorf("checkpoints.jsonl: %w", err)
		}
		current, _, err := openCheckpoint([]byte(line.Note), origin, known)
		if err != nil {
			return fmt.Errorf("checkpoints.jsonl: %w", err)
		}
		proof, err := tlog.ProveTree(newest.tree.N, current.tree.N, tiles)
		if err != nil {
			return err
		}
		if err := tlog.CheckTree(proof, newest.tree.N, newest.tree.Hash, current.tree.N, current.tree.Hash); err != nil {
			return fmt.Errorf("consistency of %d with %d: %w", current.tree.N, newest.tree.N, err)
		}
		if count > 0 {
			proof, err := tlog.ProveTree(current.tree.N, previous.tree.N, hashes)
			if err != nil {
				return err
			}
			if err := tlog.CheckTree(proof, current.tree.N, current.tree.Hash, previous.tree.N, previous.tree.Hash); err != nil {
				return fmt.Errorf("consistency of %d with %d: %w", previous.tree.N, current.tree.N, err)
			}
		}
		previous = current
	}
	if previous.tree != newest.tree {
		return errors.New("checkpoints.jsonl does not end with the checkpoint")
	}

	proofs, err := filepath.Glob(filepath.Join(string(dir), "proofs", "*.tlog-proof"))
	if err != nil {
		return err
	}
	for _, path := range proofs {
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if err := checkProof(data, origin, known, entries); err != nil {
			return fmt.Errorf("%s: %w", filepath.Base(path), err)
		}
	}
	fmt.Printf("%d entries, %d checkpoints, %d proofs hold\n", newest.tree.N, count, len(proofs))
	return nil
}

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: foreignverifier DIR LOG-KEY [WITNESS-KEY...]")
		os.Exit(2)
	}
	if err := run(folder(os.Args[1]), os.Args[2], os.Args[3:]); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}
