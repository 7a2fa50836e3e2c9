package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// A witness for one log, in memory, by the letter of C2SP tlog-witness.
type witness struct {
	name, seed, log string

	mu    sync.Mutex
	known tlog.Tree
}

type said struct {
	Status int    `json:"status"`
	Type   string `json:"type"`
	Body   string `json:"body"`
}

const sizeType = "text/x.tlog.size"

func refuse(status int, why string) said { return said{status, "text/plain", why + "\n"} }

func (w *witness) addCheckpoint(body string) said {
	head, checkpoint, found := strings.Cut(body, "\n\n")
	lines := strings.Split(head, "\n")
	if !found || !strings.HasPrefix(lines[0], "old ") {
		return refuse(400, "not a request")
	}
	old, err := strconv.ParseInt(lines[0][len("old "):], 10, 64)
	if err != nil || old < 0 || len(lines) > 1+63 {
		return refuse(400, "no size, or too many lines")
	}
	var proof tlog.TreeProof
	for _, line := range lines[1:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return refuse(400, err.Error())
		}
		proof = append(proof, hash)
	}
	origin, _, _ := strings.Cut(checkpoint, "\n")
	if origin != strings.SplitN(w.log, "+", 2)[0] {
		return refuse(404, "unknown log")
	}
	opened, tree, err := openCheckpoint(checkpoint, w.log)
	if err != nil {
		return refuse(403, err.Error())
	}
	if old > tree.N {
		return refuse(400, "the old size is larger")
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if old != w.known.N {
		return said{409, sizeType, fmt.Sprintf("%d\n", w.known.N)}
	}
	if tree.N == w.known.N && tree.Hash != w.known.Hash {
		return refuse(409, "another root of the same size")
	}
	if err := follows(proof, tree, w.known); err != nil {
		return refuse(422, err.Error())
	}
	made, err := cosign(cosignQuestion{opened.Text, w.name, w.seed, uint64(time.Now().Unix())})
	if err != nil {
		return refuse(500, err.Error())
	}
	w.known = tree
	return said{200, "text/plain", made.Line}
}

func follows(proof tlog.TreeProof, tree, known tlog.Tree) error {
	if known.N > 0 {
		return tlog.CheckTree(proof, tree.N, tree.Hash, known.N, known.Hash)
	}
	if len(proof) > 0 {
		return errors.New("nothing is to be proved from the empty tree")
	}
	return nil
}

func (w *witness) ServeHTTP(out http.ResponseWriter, in *http.Request) {
	body, err := io.ReadAll(io.LimitReader(in.Body, 1<<20))
	answer := refuse(404, "nothing here")
	if err == nil && in.Method == "POST" && in.URL.Path == "/add-checkpoint" {
		answer = w.addCheckpoint(string(body))
	}
	out.Header().Set("Content-Type", answer.Type)
	out.WriteHeader(answer.Status)
	io.WriteString(out, answer.Body)
}

// serve answers until standard input is closed. The first line of its output says where, and with which key.
func serve() error {
	var q struct{ Name, Seed, Log string }
	input := json.NewDecoder(os.Stdin)
	if err := input.Decode(&q); err != nil {
		return err
	}
	key, err := cosign(cosignQuestion{"", q.Name, q.Seed, 0})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	go http.Serve(listener, &witness{name: q.Name, seed: q.Seed, log: q.Log})
	json.NewEncoder(os.Stdout).Encode(map[string]string{"url": "http://" + listener.Addr().String(), "vkey": key.Vkey})
	io.Copy(io.Discard, os.Stdin)
	return nil
}

var client = http.Client{Timeout: 30 * time.Second}

func postOne(url, body string) (said, error) {
	response, err := client.Post(url+"/add-checkpoint", "text/plain; charset=utf-8", strings.NewReader(body))
	if err != nil {
		return said{}, err
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		return said{}, err
	}
	kind, _, err := mime.ParseMediaType(response.Header.Get("Content-Type"))
	return said{response.StatusCode, kind, string(data)}, err
}

// post sends requests as they are, one after another.
func post(q struct {
	URL    string
	Bodies []string
}) ([]said, error) {
	var all []said
	for _, body := range q.Bodies {
		answer, err := postOne(q.URL, body)
		if err != nil {
			return nil, err
		}
		all = append(all, answer)
	}
	return all, nil
}

type fed struct {
	Statuses []int  `json:"statuses"`
	Line     string `json:"line"`
	Time     uint64 `json:"time"`
}

// feed has a log's checkpoint cosigned as a log of another maker would: the proofs come from its tiles.
func feed(q struct {
	Folder, Key, URL, Witness string
	Old                       int64
}) (*fed, error) {
	checkpoint, err := os.ReadFile(filepath.Join(q.Folder, "checkpoint"))
	if err != nil {
		return nil, err
	}
	opened, tree, err := openCheckpoint(string(checkpoint), q.Key)
	if err != nil {
		return nil, err
	}
	a := &fed{}
	for old := q.Old; len(a.Statuses) < 3; {
		body := fmt.Sprintf("old %d\n", old)
		if 0 < old && old < tree.N {
			proof, err := tlog.ProveTree(tree.N, old, tlog.TileHashReader(tree, folder(q.Folder)))
			if err != nil {
				return nil, err
			}
			for _, hash := range proof {
				body += hash.String() + "\n"
			}
		}
		answer, err := postOne(q.URL, body+"\n"+string(checkpoint))
		if err != nil {
			return nil, err
		}
		a.Statuses = append(a.Statuses, answer.Status)
		if answer.Status == 409 && answer.Type == sizeType {
			if old, err = strconv.ParseInt(strings.TrimSuffix(answer.Body, "\n"), 10, 64); err != nil {
				return nil, err
			}
			continue
		}
		if answer.Status != 200 {
			return nil, fmt.Errorf("%d: %s", answer.Status, answer.Body)
		}
		cosigned, err := open(openQuestion{opened.Text + "\n" + answer.Body, []string{q.Witness}})
		if err != nil {
			return nil, err
		}
		a.Line, a.Time = answer.Body, cosigned.Times[cosigned.SignedBy[0]]
		return a, nil
	}
	return nil, errors.New("it changes its mind about the size that it knows")
}
