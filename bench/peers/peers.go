// Package peers knows the servers that the bench compares: each is a row of peers.json,
// which says how it is built and started, and what it speaks.
//
// In the arguments {root} is the module's folder, {bin} where programs are built, {name}
// {host} and {port} what the server is called and where it listens, and {config} the path
// of a herd's config that has it all. A server is there once it takes connections, and
// ends at SIGTERM.
package peers

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	jsoniter "github.com/json-iterator/go"
)

// What a server speaks.
const (
	IAMAT     = "IAMAT"      // as every peer must
	HalfClose = "half-close" // a client that says that no more will come gets every answer
	WHATSAT   = "WHATSAT"    // with an upstream
	Herd      = "herd"       // servers of it tell each other, and write wire logs
)

// ErrPeers is a list of peers that cannot be used.
var ErrPeers = errors.New("the list of peers cannot be used")

// Peer is a server that can be measured.
type Peer struct {
	Name   string   `json:"name"`
	Title  string   `json:"title"`
	Build  []string `json:"build"` // a command that makes the program; empty: none is needed
	Start  []string `json:"start"`
	Design string   `json:"design,omitempty"` // of a herd's server, for {config}
	Speaks []string `json:"speaks"`
	Lacks  string   `json:"lacks,omitempty"` // of the full job
	Ours   bool     `json:"ours,omitempty"`
}

//go:embed peers.json
var listed []byte

// All returns the peers in the order of the list.
func All() ([]Peer, error) { return parse(listed) }

func parse(text []byte) (list []Peer, err error) {
	decoder := jsoniter.Config{DisallowUnknownFields: true}.Froze()
	if err := decoder.Unmarshal(text, &list); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPeers, err)
	}
	seen := map[string]bool{}
	for _, p := range list {
		switch {
		case p.Name == "" || p.Title == "" || len(p.Start) == 0:
			return nil, fmt.Errorf("%w: %q has no name, no title or no way to start it", ErrPeers, p.Name)
		case seen[p.Name]:
			return nil, fmt.Errorf("%w: %s is there twice", ErrPeers, p.Name)
		case !slices.Contains(p.Speaks, IAMAT):
			return nil, fmt.Errorf("%w: %s does not speak IAMAT", ErrPeers, p.Name)
		}
		seen[p.Name] = true
	}
	return list, nil
}

// Does reports whether the peer speaks all of that.
func (p *Peer) Does(what ...string) bool {
	for _, w := range what {
		if !slices.Contains(p.Speaks, w) {
			return false
		}
	}
	return true
}

// Place is where programs are built, from which sources.
type Place struct {
	Root string // the module's folder
	Bin  string // is made where it is missing
}

// Make builds the peer's program.
func (p *Peer) Make(ctx context.Context, at Place) error {
	if len(p.Build) == 0 {
		return nil
	}
	if err := os.MkdirAll(at.Bin, 0o755); err != nil {
		return err
	}
	args := fill(p.Build, at.values())
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Dir = at.Root
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building %s: %s: %w\n%s", p.Title, strings.Join(args, " "), err, out)
	}
	return nil
}

func (at Place) values() []string {
	// A program's path must hold wherever it is started.
	bin, err := filepath.Abs(at.Bin)
	if err != nil {
		bin = at.Bin
	}
	return []string{"{root}", at.Root, "{bin}", bin}
}

// fill puts values in the places of their names.
func fill(args, values []string) []string {
	replace := strings.NewReplacer(values...)
	filled := make([]string, len(args))
	for i, a := range args {
		filled[i] = replace.Replace(a)
	}
	return filled
}
