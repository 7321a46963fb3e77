package main

import (
	"bytes"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"proxyherd/bench/peers/peer"
	"proxyherd/bench/peers/tables"
	"proxyherd/herd"
	"proxyherd/herd/upstream/standin"
)

const (
	// outcome is how long an experiment looks for what becomes of its client: much
	// longer than anything takes that happens at all.
	outcome = 10 * time.Second
	// delayed is when somebody counts as having waited for a call that blocks for three
	// seconds: much longer than an answer takes, and shorter than that.
	delayed = 2 * time.Second
)

// subject is a server that is experimented on.
type subject struct {
	name    string // of the column
	program func(server, config string) []string
	// fault is what a client says to bring a mistake about: the last of these lines.
	// Empty: the mistake does not get past the compiler.
	fault func(mistake string) []string
}

// spoken is how the others are told of a mistake.
func spoken(mistake string) []string { return []string{"FAULT " + mistake} }

// subjects builds all of them. What is not on this machine is an error: a table with
// holes is not written.
func subjects(root, dir string) (all []subject, err error) {
	for _, p := range peer.All() {
		if err := p.Build(root, dir); err != nil {
			return nil, err
		}
		start, err := p.Program(root, dir)
		if err != nil {
			return nil, err
		}
		all = append(all, subject{p.Name, func(server, config string) []string { return append(start(server, config), "--faults") }, spoken})
	}
	binary := filepath.Join(dir, "faultyherd")
	build := exec.Command("go", "build", "-o", binary, "./bench/peers/faultyherd")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%w\n%s", err, out)
	}
	of := func(design string) func(server, config string) []string {
		return func(server, config string) []string {
			return []string{binary, design, "--config", config, "--name", server}
		}
	}
	onReactor := func(mistake string) []string {
		if mistake == "type" {
			return nil
		}
		id := "fault-" + strings.Fields(mistake)[0]
		return []string{"IAMAT " + id + " +1+1 1", "IAMAT " + id + " +1+1 2"}
	}
	inGoroutines := func(mistake string) []string {
		if mistake == "type" {
			return nil
		}
		return spoken(mistake)
	}
	return append(all, subject{"Go, on the reactor", of("reactor"), onReactor}, subject{"Go, in goroutines", of("goroutine"), inGoroutines}), nil
}

// trial is one server, with a client that is experimented with, and another.
type trial struct {
	*peer.Herd
	subject       subject
	victim, other *peer.Client
}

// begin starts a server and connects both clients.
func (s subject) begin(web string) (*trial, error) {
	h, err := peer.New(peer.Spec{Program: s.program, Upstream: web, Configure: func(c *herd.Config) {
		c.Servers = slices.DeleteFunc(c.Servers, func(s herd.Server) bool { return s.Name != "Gasol" })
		c.Servers[0].TalksTo = nil
	}})
	if err != nil {
		return nil, err
	}
	t := &trial{Herd: h, subject: s}
	if err = h.StartAll(); err == nil {
		t.victim, err = h.Connect("Gasol")
	}
	if err == nil {
		t.other, err = h.Connect("Gasol")
	}
	if err == nil {
		// Both are being served before anything happens.
		err = errors.Join(asked(t.victim, "x"), asked(t.other, "x"))
	}
	if err != nil {
		h.Close()
		return nil, fmt.Errorf("%s: %w", s.name, err)
	}
	return t, nil
}

// asked says something, and waits for its answer.
func asked(c *peer.Client, line string) error {
	c.Send([]byte(line + "\n"))
	got, err := c.Line()
	if err == nil && got != "? "+line {
		err = fmt.Errorf("%q was answered by %q: %w", line, got, errWrongAnswer)
	}
	return err
}

var errWrongAnswer = errors.New("the answer is another one")

// within waits for a condition for as long as an experiment looks.
func within(condition func() bool) bool {
	for late := time.Now().Add(outcome); time.Now().Before(late); time.Sleep(5 * time.Millisecond) {
		if condition() {
			return true
		}
	}
	return condition()
}

// others is what becomes of the other client, who asks while it happens.
func (t *trial) others(start time.Time) string {
	t.other.Send([]byte("y\n"))
	switch answered := within(func() bool { return len(t.other.Received()) > 0 || t.other.Ended() }); {
	case !t.Alive("Gasol"):
		return "all are cut off: the process ends"
	case !answered:
		return "others get no answer"
	case t.other.Ended():
		return "others are cut off"
	case time.Since(start) > delayed:
		return "others wait as long"
	}
	return "others are served"
}

// mistaken has a mistake made, and says what came of it.
func (t *trial) mistaken(mistake string) string {
	lines := t.subject.fault(mistake)
	for _, line := range lines[:len(lines)-1] {
		t.victim.Send([]byte(line + "\n"))
		if _, err := t.victim.Line(); err != nil {
			return err.Error()
		}
	}
	start := time.Now()
	t.victim.Send([]byte(lines[len(lines)-1] + "\n"))
	// Let the server read it before the other's line, or there is nothing to see.
	time.Sleep(50 * time.Millisecond)
	others := t.others(start)
	victim := "the client gets nothing"
	if within(func() bool { return len(t.victim.Received()) > 0 || t.victim.Ended() }) {
		victim = "the client is answered"
		if len(t.victim.Received()) == 0 {
			victim = "the client is cut off"
		}
	}
	if !t.Alive("Gasol") {
		return others
	}
	logged := "the log says nothing"
	if within(func() bool {
		log, err := t.Log("Gasol")
		return err == nil && (bytes.Contains(log, []byte("! error")) || bytes.Contains(log, []byte(`! warn "slow turn"`)))
	}) {
		logged = "the log tells"
	}
	return strings.Join([]string{victim, others, logged}, "; ")
}

// strange reports for a client whose id is not UTF-8.
func (t *trial) strange() string {
	const id = "\xff\xfe\x80k\xe9y"
	t.victim.Send([]byte("IAMAT " + id + " +1+1 1\n"))
	at, err := t.victim.Line()
	if err != nil {
		return "the client gets nothing: " + err.Error()
	}
	t.other.Send([]byte("WHATSAT " + id + " 0 0\n"))
	again, err := t.other.Line()
	switch {
	case err != nil:
		return "others get nothing: " + err.Error()
	case !strings.Contains(at, " "+id+" "):
		return fmt.Sprintf("it becomes %q", at)
	case again != at:
		return fmt.Sprintf("others read %q", again)
	}
	return "copied byte for byte; others find it"
}

// endless is how many bytes without a LF a client sends at most.
const endless = 256 << 20

// rude sends a line without an end.
func (t *trial) rude() string {
	before := t.Resident("Gasol")
	chunk := bytes.Repeat([]byte("x"), 1<<20)
	sent, most := 0, before
	for sent < endless && !t.victim.Ended() {
		t.victim.Send(chunk)
		sent += len(chunk)
		most = max(most, t.Resident("Gasol"))
	}
	others := t.others(time.Now())
	got, err := t.victim.Line()
	if err != nil {
		got = err.Error()
	}
	grown := "the server stays as it was"
	if by := (most - before) >> 20; by >= 8 {
		grown = fmt.Sprintf("the server grows by %d MiB", by)
	}
	if strings.HasPrefix(got, "? line longer than ") {
		got = "the client is told, and then not heeded"
	}
	return strings.Join([]string{got, others, grown}, "; ")
}

// experiment is a row of the table.
type experiment struct {
	what string
	run  func(t *trial) string
	// mistake is what it takes; empty: none.
	mistake string
}

var experiments = []experiment{
	{"a wrong type, where a client is answered", nil, "type"},
	{"a call that blocks for three seconds", nil, "block"},
	{"an error while a line is carried out", nil, "error"},
	{"an error where nobody looks: a forgotten Deferred, task, promise, future, goroutine", nil, "lost error"},
	{"an id that is not UTF-8", (*trial).strange, ""},
	{"a line without an end", (*trial).rude, ""},
}

// experimentsTable runs each experiment on a server of its own.
func experimentsTable(root string) (string, error) {
	dir, err := os.MkdirTemp("", "compare")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(dir) }() // a temporary directory
	web := httptest.NewServer(standin.New(standin.Options{}))
	defer web.Close()
	all, err := subjects(root, dir)
	if err != nil {
		return "", err
	}
	rows := [][]string{{"what happens"}}
	for _, s := range all {
		rows[0] = append(rows[0], s.name)
	}
	for _, e := range experiments {
		row := []string{e.what}
		for _, s := range all {
			cell, err := e.on(s, web.URL+"/search.json")
			if err != nil {
				return "", err
			}
			fmt.Fprintf(os.Stderr, "%s: %s: %s\n", e.what, s.name, cell)
			row = append(row, cell)
		}
		rows = append(rows, row)
	}
	return tables.Table(rows), nil
}

func (e experiment) on(s subject, web string) (string, error) {
	if e.mistake != "" && s.fault(e.mistake) == nil {
		return "is not compiled", nil
	}
	t, err := s.begin(web)
	if err != nil {
		return "", err
	}
	defer t.Close()
	if e.mistake != "" {
		return t.mistaken(e.mistake), nil
	}
	return e.run(t), nil
}
