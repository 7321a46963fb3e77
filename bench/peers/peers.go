// Package peers knows the servers that the bench compares: each is a row of peers.json,
// which says how it is built and started, and what it speaks.
//
// A server in another language is package peer's, and a program that takes reports in a
// dialect of its own is a yardstick from outside.
//
// In the arguments {root} is the module's folder, {bin} where programs are built, {name}
// {host} and {port} what the server is called and where it listens, {config} the path of a
// herd's config that has it all, and {database} the address of a database that was started
// for it. A server is there once it takes connections, and ends at SIGTERM.
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
	"time"

	jsoniter "github.com/json-iterator/go"

	"proxyherd/bench/peers/peer"
)

// Duration is a time.Duration that is written as "300ms".
type Duration time.Duration

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	*d = Duration(v)
	return err
}

// MarshalText implements encoding.TextMarshaler.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// What a server speaks.
const (
	IAMAT     = "IAMAT"      // as every peer must that has no dialect of its own
	HalfClose = "half-close" // a client that says that no more will come gets every answer
	WHATSAT   = "WHATSAT"    // with an upstream
	Herd      = "herd"       // servers of it tell each other, and write wire logs
)

// ErrMissing is what a peer needs and this machine has not.
var ErrMissing = errors.New("not on this machine")

// ErrPeers is a list of peers that cannot be used.
var ErrPeers = errors.New("the list of peers cannot be used")

// Peer is a server that can be measured.
type Peer struct {
	Name     string   `json:"name"`
	Title    string   `json:"title"`
	Build    []string `json:"build"` // a command that makes the program; empty: none is needed
	Start    []string `json:"start"`
	Language string   `json:"language"` // in place of those two: the server of package peer with that name
	Also     []string `json:"also"`     // arguments of a server in another language, by which it is not as usual
	Database string   `json:"database"` // one of redis, postgres and postgres-async is started for it
	Tells    []string `json:"tells"`    // a command that tells the version; none: package peer's, or nothing does
	Package  string   `json:"package"`  // of Debian's, that has a program which is not built here
	Design   string   `json:"design"`   // of a herd's server, for {config}
	Dialect  string   `json:"dialect"`  // of package load, in which it takes reports; empty: the herd's
	Speaks   []string `json:"speaks"`   // what scenarios may need
	Lacks    string   `json:"lacks"`    // of the full job
	Warm     Duration `json:"warm"`     // how long a new server is loaded before it is measured at all, where it compiles as it runs
	Ours     bool     `json:"ours"`
	Apart    bool     `json:"apart"` // it is measured only in scenarios that name it
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
		case p.Name == "" || p.Title == "" || (len(p.Start) == 0) == (p.Language == ""):
			return nil, fmt.Errorf("%w: %q has no name, no title, or not one way to start it", ErrPeers, p.Name)
		case seen[p.Name]:
			return nil, fmt.Errorf("%w: %s is there twice", ErrPeers, p.Name)
		case p.Does(IAMAT) != (p.Dialect == ""):
			return nil, fmt.Errorf("%w: %s speaks %q, and its dialect is %q: one of them must be IAMAT's", ErrPeers, p.Name, p.Speaks, p.Dialect)
		}
		if len(p.Also) > 0 && p.Language == "" || p.Database != "" && databaseNamed(p.Database) == nil {
			return nil, fmt.Errorf("%w: %s has %q without a language, or a database that nobody knows, %q", ErrPeers, p.Name, p.Also, p.Database)
		}
		if _, err := p.language(); err != nil {
			return nil, err
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

// language finds the server in another language that the peer is; none if it is another.
func (p *Peer) language() (known peer.Peer, err error) {
	if p.Language == "" {
		return peer.Peer{}, nil
	}
	known, found := peer.Named(p.Language)
	if !found {
		return known, fmt.Errorf("%w: %s is the server in %q, which there is not", ErrPeers, p.Name, p.Language)
	}
	return known, nil
}

// Make builds the peer's program. The error wraps ErrMissing where the machine has not
// what it is built with or runs on.
func (p *Peer) Make(ctx context.Context, at Place) error {
	if p.Language != "" {
		known, err := p.language()
		if err == nil {
			err = known.Build(at.Root, at.Bin)
		}
		if errors.Is(err, peer.ErrMissing) {
			err = fmt.Errorf("%w: %w", ErrMissing, err)
		}
		return err
	}
	if _, err := p.Outside(); err != nil || len(p.Build) == 0 {
		return err
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

// Outside finds the program that the peer needs and that is not built here: itself, or its
// database; none is empty. The error wraps ErrMissing, and names Debian's package.
func (p *Peer) Outside() (path string, err error) {
	if kind := databaseNamed(p.Database); kind != nil {
		path, _, err = kind.find()
	} else if p.Language == "" && len(p.Build) == 0 {
		path, err = exec.LookPath(p.Start[0])
	}
	if err != nil {
		return "", fmt.Errorf("%w: %w; Debian's package for it is %s", ErrMissing, err, p.Package)
	}
	return path, nil
}

// start is the command that starts a server of the peer, whose config is at a path.
func (p *Peer) start(at Place, name, host, port, config, database string) ([]string, error) {
	if p.Language == "" {
		return fill(p.Start, append(at.values(), "{name}", name, "{host}", host, "{port}", port, "{config}", config, "{database}", database)), nil
	}
	known, err := p.language()
	if err != nil {
		return nil, err
	}
	program, err := known.Program(at.Root, at.Bin)
	if err != nil {
		return nil, err
	}
	return append(program(name, config), p.Also...), nil
}

// Version is what tells which version of its language or program the peer is of; empty if
// nothing does.
func (p *Peer) Version(ctx context.Context) string {
	tells := p.Tells
	if path, err := p.Outside(); err == nil && p.Database != "" {
		tells = []string{path, "--version"}
	}
	if known, err := p.language(); err == nil && p.Language != "" {
		tells = known.Version()
	}
	if len(tells) == 0 {
		return ""
	}
	out, err := exec.CommandContext(ctx, tells[0], tells[1:]...).CombinedOutput()
	if err != nil {
		return ""
	}
	first, _, _ := strings.Cut(string(out), "\n")
	return strings.TrimSpace(first)
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
