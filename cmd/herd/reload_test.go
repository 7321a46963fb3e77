package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"proxyherd/herd"
	"proxyherd/herd/wirelog"
)

var errNotThere = errors.New("the file is not there")

// reloading is a server's reload, and what came of it.
type reloading struct {
	*reload
	loop   *slowLoop
	path   string // of the log
	config herd.Config
	keys   [][]byte
	err    error // of reading

	levels []wirelog.Level
	given  [][][]byte
	refuse error // of the server, for keys
}

func newReloading(t *testing.T) *reloading {
	t.Helper()
	r := &reloading{loop: &slowLoop{calls: make(chan func(), 10)}, config: herd.Default(), path: filepath.Join(t.TempDir(), "x.log"), keys: [][]byte{[]byte("one")}}
	log, err := wirelog.Open(wirelog.Options{Path: r.path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = log.Close() })
	r.reload = &reload{
		read: func() (herd.Config, [][]byte, error) { return r.config, r.keys, r.err },
		loop: r.loop, log: log, config: herd.Default(),
		setKeys: func(keys [][]byte) error {
			if r.refuse == nil {
				r.given = append(r.given, keys)
			}
			return r.refuse
		},
		setLevel: func(level wirelog.Level) { r.levels = append(r.levels, level) },
	}
	return r
}

// happens is one SIGHUP and what the log says of it.
func (r *reloading) happens(t *testing.T) string {
	t.Helper()
	before, err := os.ReadFile(r.path)
	if err != nil {
		t.Fatal(err)
	}
	r.again()
	for len(r.loop.calls) > 0 {
		r.loop.turn()
	}
	if err := r.log.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
	after, err := os.ReadFile(r.path)
	if err != nil {
		t.Fatal(err)
	}
	return string(after[len(before):])
}

func TestAReloadTakesTheLevelAndTheSecrets(t *testing.T) {
	r := newReloading(t)
	r.config.Log.Level, r.keys = "debug", [][]byte{[]byte("two"), []byte("one")}
	r.config.SecretFile = "elsewhere"
	said := r.happens(t)
	if !slices.Equal(r.levels, []wirelog.Level{wirelog.Debug}) || len(r.given) != 1 || len(r.given[0]) != 2 {
		t.Errorf("the levels are %v, the keys %q", r.levels, r.given)
	}
	if !strings.Contains(said, `info "reloaded" log.level=debug secrets=2`) || strings.Contains(said, "wait for") || strings.Contains(said, "two") {
		t.Errorf("the log says %s", said)
	}
}

func TestAReloadTellsWhatWaitsForANewStart(t *testing.T) {
	r := newReloading(t)
	r.config.Limits.Records = 7
	r.config.Servers = r.config.Servers[:4]
	if said := r.happens(t); !strings.Contains(said, `warn "settings that have changed wait for a new start" settings="servers limits.records"`) || len(r.given) != 1 {
		t.Errorf("the log says %s", said)
	}
}

func TestAReloadThatFailsChangesNothing(t *testing.T) {
	r := newReloading(t)
	r.err = errNotThere
	if said := r.happens(t); !strings.Contains(said, `error "nothing was reloaded" error="the file is not there"`) {
		t.Errorf("the log says %s", said)
	}
	r.err, r.config.Log.Level = nil, "loud"
	if said := r.happens(t); !strings.Contains(said, `error "nothing was reloaded"`) {
		t.Errorf("the log says %s", said)
	}
	r.config.Log.Level, r.refuse = "debug", herd.ErrKeyCount
	if said := r.happens(t); !strings.Contains(said, `error "the secret was not reloaded"`) || strings.Contains(said, `"reloaded"`) {
		t.Errorf("the log says %s", said)
	}
	if len(r.levels)+len(r.given) > 0 {
		t.Errorf("the levels are %v, the keys %q", r.levels, r.given)
	}
	r.read = nil
	if said := r.happens(t); said != "" {
		t.Errorf("a child of herd up says %s", said)
	}
}
