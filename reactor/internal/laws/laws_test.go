// Package laws holds the import laws of the whole module: who may know whom.
// There is nothing in it but this test.
package laws

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
)

type listed struct {
	ImportPath string
	Imports    []string
}

// packages are the module's, with what their own code, tests aside, imports.
func packages(t *testing.T) (all []listed) {
	t.Helper()
	list := exec.Command("go", "list", "-json=ImportPath,Imports", "proxyherd/...")
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// ours maps each package, or tree of packages (ending in /...), of the mirrored
// half to what it may import of the module.
var ours = map[string][]string{
	"reactor":              {"reactor/deferred"},
	"reactor/deferred":     {},
	"reactor/threads":      {"reactor", "reactor/deferred", "reactor/internal/..."},
	"reactor/task":         {"reactor", "reactor/deferred", "reactor/internal/..."},
	"reactor/endpoints":    {"reactor", "reactor/deferred"},
	"reactor/service":      {"reactor", "reactor/deferred", "reactor/endpoints", "reactor/task"},
	"reactor/gnetreactor":  {"reactor", "reactor/deferred", "reactor/internal/..."},
	"reactor/reactortest":  {"reactor", "reactor/deferred", "reactor/internal/...", "reactor/task"},
	"reactor/internal/...": {"reactor", "reactor/deferred"},
	"protocols":            {"reactor", "reactor/deferred"},
	"factories":            {"reactor", "reactor/deferred", "protocols"},
	"herd":                 {},
	"herd/upstream/...":    {"herd/upstream/..."},
	"herd/twister":         {"reactor", "reactor/deferred", "herd/upstream"},
	"herd/wirelog":         {},
	"herd/configfile":      {"herd"},
	"herd/monitor":         {"herd"},
	"herd/reactorherd":     {"reactor", "reactor/deferred", "reactor/threads", "protocols", "factories", "herd", "herd/upstream", "herd/wirelog"},
	"herd/script":          {},
	"herd/sim":             {"reactor", "reactor/reactortest", "protocols", "herd", "herd/upstream", "herd/reactorherd", "herd/script"},
	"herd/goroutineherd":   {"herd", "herd/upstream", "herd/wirelog"},

	"bench/plots": {},

	// The servers in other languages: what starts them knows the config and nothing
	// of our servers, which only faultyherd is made of.
	"bench/peers/peer":    {"herd", "herd/configfile", "herd/freeport"},
	"bench/peers/ready":   {"bench/peers/peer"},
	"bench/peers/compare": {"bench/peers/peer", "herd", "herd/upstream/standin"},

	// The oracle plays everything that mirrors Twisted; what a script is knows
	// nothing of that.
	"reactor/internal/oracle/...":      {"reactor", "reactor/...", "protocols", "factories"},
	"reactor/internal/oracle/scenario": {},

	// A command that reads the packages' source, and imports none of them.
	"reactor/internal/names": {},
}

// The core's own law, no I/O, clock or lock, is held beside it.

// outside maps a module that we depend on to the packages that may import it.
var outside = map[string][]string{
	"github.com/panjf2000/gnet":   {"reactor/gnetreactor", "bench/..."},
	"github.com/sirupsen/logrus":  {"herd/wirelog", "cmd/..."},
	"github.com/json-iterator/go": {"herd/configfile", "herd/upstream/...", "herd/monitor", "cmd/...", "bench/..."},
	"github.com/spf13/cobra":      {"cmd/..."},
	"github.com/sony/gobreaker":   {"herd/upstream"},
	// The client of Prometheus: metrics are made where they are shown.
	"github.com/prometheus/client_golang": {"herd/monitor"},

	// Pictures are drawn in one place.
	"gonum.org/v1/plot": {"bench/plots"},

	"golang.org/x/sys": {"reactor/gnetreactor", "cmd/...", "herd/wirelog", "herd/configfile", "herd/monitor"},
}

func TestImportLaws(t *testing.T) {
	checked := 0
	for _, p := range packages(t) {
		name := strings.TrimPrefix(p.ImportPath, "proxyherd/")
		allowed, bound := lookup(ours, name)
		for _, imported := range p.Imports {
			inner, isOurs := strings.CutPrefix(imported, "proxyherd/")
			switch {
			case isOurs && bound && !within(allowed, inner):
				t.Errorf("%s imports %s; it may import only %q", name, inner, allowed)
			case !isOurs && isModule(imported):
				mayUse(t, name, imported)
			}
			checked++
		}
	}
	if checked < 100 {
		t.Fatalf("%d imports checked: go list found too few packages", checked)
	}
}

// mayUse checks an import of another module.
func mayUse(t *testing.T, name, imported string) {
	for module, users := range outside {
		if imported == module || strings.HasPrefix(imported, module+"/") {
			if !within(users, name) {
				t.Errorf("%s imports %s; only %q may", name, imported, users)
			}
			return
		}
	}
	t.Errorf("%s imports %s, a module that no law knows: a new dependency needs a line here", name, imported)
}

// isModule tells another module's package from the standard library's: its
// first element is a host's name.
func isModule(imported string) bool {
	host, _, _ := strings.Cut(imported, "/")
	return strings.Contains(host, ".")
}

// lookup finds the law of a package: of several that bind it the longest, so
// that one within a tree may have its own.
func lookup(laws map[string][]string, name string) (allowed []string, bound bool) {
	longest := ""
	for law := range laws {
		if within([]string{law}, name) && len(law) > len(longest) {
			longest = law
		}
	}
	allowed, bound = laws[longest]
	return allowed, bound
}

// within reports whether name is one of the packages, or in one of the trees.
func within(laws []string, name string) bool {
	for _, law := range laws {
		tree, isTree := strings.CutSuffix(law, "/...")
		if name == law || isTree && (name == tree || strings.HasPrefix(name, tree+"/")) {
			return true
		}
	}
	return false
}
