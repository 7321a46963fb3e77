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
	"herd/monitor":         {"herd", "herd/monitor/internal/sse"},
	"herd/monitor/web":     {"herd/monitor/internal/sse"},
	"herd/reactorherd":     {"reactor", "reactor/deferred", "reactor/threads", "protocols", "factories", "herd", "herd/upstream", "herd/wirelog", "herd/backbone"},
	"herd/script":          {},
	"herd/sim":             {"reactor", "reactor/reactortest", "protocols", "herd", "herd/upstream", "herd/reactorherd", "herd/script", "herd/backbone/membus"},
	"herd/goroutineherd":   {"herd", "herd/upstream", "herd/wirelog", "herd/backbone"},
	"herd/backbone":        {"herd", "herd/wirelog"},

	"herd/backbone/natsbone": {"herd/backbone"},
	"herd/backbone/membus":   {"herd/backbone"},

	"herd/journal":        {"herd", "herd/wirelog"},
	"herd/sink":           {"herd", "herd/wirelog"},
	"herd/sink/redissink": {"herd/sink"},
	"herd/sink/pgsink":    {"herd/sink"},
	"herd/sink/sinktest":  {"herd", "herd/freeport", "herd/sink"},

	// The bench loads servers of any kind, and knows of ours what is said on the wire.
	"bench/plots":          {},
	"bench/load":           {"herd", "herd/wirelog", "herd/upstream/standin/gazetteer"},
	"bench/peers":          {"bench/peers/peer", "herd", "herd/configfile", "herd/freeport"},
	"bench/peers/gnet-raw": {"herd"},
	"bench/peers/central":  {"herd", "herd/configfile", "herd/upstream"},
	"bench/calls":          {},
	"bench/scenario":       {"bench/load", "bench/peers", "bench/paired", "bench/calls", "herd", "herd/upstream/standin", "herd/wirelog"},
	"bench/paired":         {},
	"bench/goals/reached":  {"bench/scenario", "bench/paired"},
	"bench/goals":          {"bench/goals/reached", "bench/report"},
	"bench/profile":        {"bench/load", "bench/peers", "bench/calls"},
	"bench/herdsize":       {"bench/paired", "bench/plots", "herd/sim"},
	"bench/report":         {"bench/load", "bench/scenario", "bench/paired", "bench/plots"},
	"bench/figures":        {"bench/report", "bench/scenario", "bench/plots", "bench/paired", "bench/scaling/scaled"},

	// What make scaling finds, what plays a server's neighbours, what asks a server of
	// messages, and the command.
	"bench/scaling/scaled":     {"bench/paired", "bench/plots", "bench/report", "bench/scenario"},
	"bench/scaling/neighbours": {"bench/load", "bench/paired", "bench/peers", "herd", "herd/configfile"},
	"bench/scaling/bus":        {"bench/load", "bench/peers"},
	"bench/scaling":            {"bench/scaling/...", "bench/load", "bench/peers", "bench/scenario", "herd", "herd/sim"},

	// A herd that is hurt on purpose: each part knows those before it.
	"herd/chaos/stage":          {"herd", "herd/configfile", "herd/freeport", "herd/upstream/standin"},
	"herd/chaos/account":        {"herd", "herd/wirelog"},
	"herd/chaos/load":           {"herd/chaos/stage", "herd/chaos/account"},
	"herd/chaos/fault":          {"herd", "herd/wirelog", "herd/chaos/stage"},
	"herd/chaos/internal/play":  {"herd", "herd/chaos/..."},
	"herd/chaos/internal/hosts": {},
	"herd/chaos/internal/soak":  {"herd/chaos/...", "bench/plots"},

	// The servers in other languages: what starts them knows the config and nothing
	// of our servers, which only faultyherd is made of.
	"bench/peers/peer":    {"herd", "herd/configfile", "herd/freeport"},
	"bench/peers/ready":   {"bench/peers", "bench/peers/peer"},
	"bench/peers/marks":   {},
	"bench/peers/tables":  {},
	"bench/peers/compare": {"bench/peers/peer", "bench/peers/marks", "bench/peers/tables", "herd", "herd/upstream/standin"},

	// A second service beside a server: its core knows the herd's records, each way of
	// joining it one design, and what measures them starts programs.
	"docs/examples/geofence":              {"herd"},
	"docs/examples/geofence/onreactor":    {"docs/examples/geofence", "herd", "herd/reactorherd", "herd/wirelog", "protocols", "factories", "reactor"},
	"docs/examples/geofence/ingoroutines": {"docs/examples/geofence", "herd", "herd/goroutineherd", "herd/wirelog"},
	"bench/experiments/fence":             {"bench/load", "bench/paired", "bench/peers/marks", "bench/peers/peer", "bench/peers/tables", "herd", "herd/freeport"},

	// The oracle plays everything that mirrors Twisted; what a script is knows
	// nothing of that.
	"reactor/internal/oracle/...":      {"reactor", "reactor/...", "protocols", "factories"},
	"reactor/internal/oracle/scenario": {},

	// What knows of events, and what plays with the page from outside, knows nothing else.
	"herd/monitor/internal/sse":        {},
	"herd/monitor/web/internal/uitest": {},

	// Commands that read source or pages, and import none of ours.
	"reactor/internal/names": {},
	"docs/internal/...":      {},
}

// The core's own law, no I/O, clock or lock, is held beside it.

// outside maps a module that we depend on to the packages that may import it.
var outside = map[string][]string{
	"github.com/panjf2000/gnet":   {"reactor/gnetreactor", "bench/..."},
	"github.com/sirupsen/logrus":  {"herd/wirelog", "cmd/..."},
	"github.com/json-iterator/go": {"herd/configfile", "herd/upstream/...", "herd/monitor", "herd/monitor/web", "cmd/...", "bench/..."},
	"github.com/spf13/cobra":      {"cmd/..."},
	"github.com/sony/gobreaker":   {"herd/upstream"},
	"github.com/cockroachdb":      {"herd/journal"},
	"github.com/redis/go-redis":   {"herd/sink/redissink", "bench/peers/central"},
	"github.com/jackc/pgx":        {"herd/sink/pgsink", "bench/peers/central"},
	"github.com/nats-io":          {"herd/backbone/natsbone"},
	// The client of Prometheus: metrics are made where they are shown.
	"github.com/prometheus/client_golang": {"herd/monitor"},

	// Latencies are counted and pictures drawn in one place each. Pages are read by two
	// commands, one that checks them all and one that sets a single one.
	"github.com/HdrHistogram/hdrhistogram-go": {"bench/load"},
	"gonum.org/v1/gonum":                      {"bench/paired"},
	"gonum.org/v1/plot":                       {"bench/plots"},
	"github.com/yuin/goldmark":                {"docs/internal/check", "docs/internal/paper"},

	// A browser is driven from one command.
	"github.com/chromedp": {"herd/monitor/web/internal/uitest"},

	// Toxiproxy writes its log with zerolog.
	"github.com/Shopify/toxiproxy":      {"herd/chaos/stage"},
	"github.com/rs/zerolog":             {"herd/chaos/stage"},
	"github.com/anishathalye/porcupine": {"herd/chaos/account"},

	"golang.org/x/sys": {"herd/chaos/stage", "reactor/gnetreactor", "cmd/...", "herd/wirelog", "herd/configfile", "herd/monitor", "bench/..."},
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

// The program that people run is made of nothing that only checks it, or draws: of the
// bench it has the load generator alone, for herd bench.
func TestTheProgramCarriesNoTools(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "proxyherd/cmd/herd").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	packages := strings.Fields(string(out))
	for _, p := range packages {
		for _, tool := range []string{"proxyherd/herd/chaos", "proxyherd/herd/sink/sinktest", "proxyherd/bench", "github.com/chromedp", "github.com/Shopify", "github.com/anishathalye", "gonum.org"} {
			if strings.HasPrefix(p, tool) && p != "proxyherd/bench/load" {
				t.Errorf("it has %s in it", p)
			}
		}
	}
	if len(packages) < 100 {
		t.Errorf("%d packages were looked at", len(packages))
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
