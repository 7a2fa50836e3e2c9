// Reads, writes and checks what Kembar makes, with Go's own transparency-log packages (golang.org/x/mod/sumdb) where
// they know the format, and by the letter of the C2SP specifications where they do not. None of it is Kembar's code.
//
//	interop COMMAND <question.json >answer.json
//
// Status 1, and a sentence on standard error, if something does not verify.
package main

import (
	"encoding/json"
	"fmt"
	"os"
)

var commands = map[string]func() error{
	"open":      func() error { return answer(open) },
	"keygen":    func() error { return answer(keygen) },
	"sign":      func() error { return answer(sign) },
	"cosign":    func() error { return answer(cosign) },
	"log":       func() error { return answer(readLog) },
	"check":     func() error { return answer(check) },
	"log-proof": func() error { return answer(checkLogProof) },
	"post":      func() error { return answer(post) },
	"feed":      func() error { return answer(feed) },
	"serve":     serve,
}

func answer[Q, A any](command func(Q) (A, error)) error {
	var question Q
	if err := json.NewDecoder(os.Stdin).Decode(&question); err != nil {
		return fmt.Errorf("the question: %w", err)
	}
	found, err := command(question)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(found)
}

func main() {
	if len(os.Args) != 2 || commands[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: interop COMMAND <question.json")
		os.Exit(2)
	}
	if err := commands[os.Args[1]](); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
