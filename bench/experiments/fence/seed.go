package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"proxyherd/bench/peers/peer"
	"proxyherd/bench/peers/tables"
)

// What finds a mistake.
const (
	byChecker = "before it runs"
	byTest    = "by the tests"
	byLog     = "passes; the log tells"
	byNobody  = "passes"
)

// patience is how long the tests wait for what does not come, with a mistake in.
const patience = "5s"

// found is what became of a mistake in a host.
type found struct {
	What string `json:"what"`
	Host string `json:"host"`
	How  string `json:"how"`            // one of the above, or why it cannot be made
	Says string `json:"says,omitempty"` // the first of what was said
}

// errMistake is a mistake that cannot be seeded as it is written.
var errMistake = errors.New("the source is not what a mistake is written for")

// errFound is a mistake that is found where none was made: on a machine with much else to
// do it may be a turn that took long.
var errFound = errors.New("a mistake is found where there is none; try on a machine that has less to do")

// laboratory is where mistakes are made.
type laboratory struct {
	root  string // the module's folder
	dir   string
	tests string // the tests of this package, compiled
}

// findAll makes every mistake in every host, or where only is not empty that one alone;
// the others are as they were known. Without a mistake the tests must pass, or what they
// find means nothing.
func findAll(root, only string, known []found) (all []found, err error) {
	dir, err := os.MkdirTemp("", "fence")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }() // a temporary directory
	l := &laboratory{root: root, dir: dir, tests: filepath.Join(dir, "fence.test")}
	build := exec.Command("go", "test", "-c", "-o", l.tests, "./bench/experiments/fence")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building the tests: %w\n%s", err, out)
	}
	for _, h := range hosts {
		got, err := l.find(h, seeded{})
		if err != nil {
			return nil, fmt.Errorf("%s without a mistake: %w", h.name, err)
		}
		if got.How != byNobody {
			return nil, fmt.Errorf("%w: %s without one: %s: %s", errFound, h.name, got.How, got.Says)
		}
	}
	for _, b := range bugs {
		for _, h := range hosts {
			got := found{How: b.in[h.name].why}
			if at := slices.IndexFunc(known, func(f found) bool { return f.What == b.what && f.Host == h.name }); at >= 0 && only != "" && only != b.what {
				got = known[at]
			} else if got.How == "" {
				if got, err = l.find(h, b.in[h.name]); err != nil {
					return nil, fmt.Errorf("%s: %s: %w", b.what, h.name, err)
				}
			}
			got.What, got.Host = b.what, h.name
			fmt.Fprintf(os.Stderr, "%s: %s: %s: %s\n", got.What, got.Host, got.How, got.Says)
			all = append(all, got)
		}
	}
	return all, nil
}

// find makes a mistake and looks for who finds it.
func (l *laboratory) find(h host, s seeded) (found, error) {
	dir, err := os.MkdirTemp(l.dir, "mistake")
	if err != nil {
		return found{}, err
	}
	texts, err := l.texts(s)
	if err != nil {
		return found{}, err
	}
	var check *exec.Cmd
	var environment []string
	if h.design != "" {
		flags, err := l.overlay(dir, texts)
		if err != nil {
			return found{}, err
		}
		check = exec.Command("go", slices.Concat([]string{"vet"}, flags, []string{"./" + geofence + "/..."})...)
		environment = []string{builtWith + "=-race " + strings.Join(flags, " ")}
	} else {
		if check, err = l.copied(h, dir, texts); err != nil {
			return found{}, err
		}
		environment = []string{fromSources + "=" + dir}
	}
	check.Dir = l.root
	if out, err := check.CombinedOutput(); err != nil {
		out = bytes.ReplaceAll(out, []byte(dir+string(filepath.Separator)), nil)
		return found{How: byChecker, Says: firstWith(out, `error|cannot|missing|not enough|undefined|vet:`)}, exited(err)
	}
	return l.test(h, environment)
}

// texts are the sources that are not what they were, by path.
func (l *laboratory) texts(s seeded) (map[string]string, error) {
	texts := map[string]string{}
	for _, c := range s.changes {
		text, known := texts[c.path]
		if !known {
			var err error
			if text, err = read(l.root, c.path); err != nil {
				return nil, err
			}
		}
		if strings.Count(text, c.old) != 1 {
			return nil, fmt.Errorf("%w: %q is in %s %d times", errMistake, c.old, c.path, strings.Count(text, c.old))
		}
		texts[c.path] = strings.Replace(text, c.old, c.new, 1)
	}
	return texts, nil
}

// overlay has the go command see other texts.
func (l *laboratory) overlay(dir string, texts map[string]string) (flags []string, err error) {
	replace := map[string]string{}
	for path, text := range texts {
		own, err := filepath.Abs(filepath.Join(l.root, path))
		if err != nil {
			return nil, err
		}
		replace[own] = filepath.Join(dir, strings.ReplaceAll(path, "/", "-"))
		if err := os.WriteFile(replace[own], []byte(text), 0o600); err != nil {
			return nil, err
		}
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return nil, err
	}
	file := filepath.Join(dir, "overlay.json")
	return []string{"-overlay=" + file}, os.WriteFile(file, text, 0o600)
}

// copied copies the folders of a server in another language with other texts, and returns
// the command that checks it before it runs.
func (l *laboratory) copied(h host, dir string, texts map[string]string) (*exec.Cmd, error) {
	p, known := peer.Named(h.name)
	if !known {
		return nil, fmt.Errorf("there is no peer %q", h.name)
	}
	for _, folder := range []string{p.Folder, p.Shared} {
		if folder == "" {
			continue
		}
		within := filepath.Join("bench", "peers", folder)
		if err := os.CopyFS(filepath.Join(dir, within), os.DirFS(filepath.Join(l.root, within))); err != nil {
			return nil, err
		}
	}
	for path, text := range texts {
		if err := os.WriteFile(filepath.Join(dir, path), []byte(text), 0o600); err != nil {
			return nil, err
		}
	}
	if p.Ext == ".py" {
		return exec.Command("python3", "-m", "py_compile", filepath.Join(dir, python)), nil
	}
	return exec.Command("node", "--check", filepath.Join(dir, node)), nil
}

// test runs the tests of this package on one host.
func (l *laboratory) test(h host, environment []string) (found, error) {
	tests := exec.Command(l.tests, "-test.v", "-test.run", "^(TestTheFenceIsTheSameInAllHosts|TestTheFencesOfWhoLeavesGo)$")
	tests.Dir = filepath.Join(l.root, "bench", "experiments", "fence")
	tests.Env = slices.Concat(os.Environ(), environment, []string{onHost + "=" + h.name, whosePatience + "=" + patience})
	out, err := tests.CombinedOutput()
	// A busy machine has slow turns too, but none that long; and a link that ends before it
	// is open, as servers stop one after the other, is a warning that tells of no mistake.
	logged := firstWith(shortTurn.ReplaceAll(out, nil), `log of \w+: (error|warn "slow turn")`)
	switch {
	case strings.Contains(string(out), "--- SKIP"):
		return found{}, fmt.Errorf("%s: %w", h.name, peer.ErrMissing)
	case err != nil && strings.Contains(string(out), "DATA RACE"):
		return found{How: byTest, Says: "WARNING: DATA RACE"}, exited(err)
	case err != nil:
		return found{How: byTest, Says: firstWith(out, `_test\.go:\d+: |^panic: `)}, exited(err)
	case logged != "":
		return found{How: byLog, Says: logged}, nil
	}
	return found{How: byNobody}, nil
}

// shortTurn is what the log has of a turn of less than 100 ms.
var shortTurn = regexp.MustCompile(`(?m)^.*"slow turn".* took=\d?\d\.\d+ms\n`)

// exited is nil for a program that has said no, and else the error.
func exited(err error) error {
	if _, said := errors.AsType[*exec.ExitError](err); said {
		return nil
	}
	return err
}

// most is how much of a line is kept.
const most = 160

// firstWith is the first line that has something.
func firstWith(out []byte, what string) string {
	has := regexp.MustCompile(what)
	for _, line := range strings.Split(string(out), "\n") {
		if has.MatchString(line) {
			line = strings.TrimSpace(line)
			return line[:min(most, len(line))]
		}
	}
	return ""
}

// mistakesTable has a row for each mistake.
func mistakesTable(all []found) string {
	rows := [][]string{{"a mistake is found"}}
	for _, h := range hosts {
		rows[0] = append(rows[0], h.title)
	}
	for _, b := range bugs {
		row := []string{b.what}
		for _, f := range all {
			if f.What == b.what {
				row = append(row, f.How)
			}
		}
		rows = append(rows, row)
	}
	return tables.Table(rows)
}
