package stage

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"proxyherd/herd"
)

func TestWhatIsMissingIsTold(t *testing.T) {
	l := Lacks{NFT: "no nft", TBF: "no root", Direct: "no root"}
	for want, needs := range map[string][]Need{
		"":                nil,
		"no nft":          {Namespaces, NFT},
		"no root":         {TBF, Direct}, // said once
		"no root; no nft": {TBF, NFT},
	} {
		if got := l.Missing(needs); got != want {
			t.Errorf("of %q there is missing %q, want %q", needs, got, want)
		}
	}
	if all := LacksAll("why"); all.Missing([]Need{Namespaces}) != "why" || len(all) != 5 || all[AnyJournal] != "" {
		t.Errorf("what lacks everything lacks %v", all)
	}
}

// Nobody is taken for enclosed who says so, and is where he was.
func TestWhoIsNotEnclosedCannotSaySo(t *testing.T) {
	for _, left := range []string{"", space()} {
		t.Setenv(enclosed, left)
		if Enclosed() {
			t.Errorf("a process that says it has left %q is taken for enclosed", left)
		}
	}
}

// Each link is hurt in one of two ways, and with nothing but loopback by proxies.
func TestEachLinkCanBeHurt(t *testing.T) {
	s := &Stage{Config: herd.Default()}
	if direct, proxied := s.Links(false), s.Links(true); len(direct) != 3 || len(proxied) != 2 {
		t.Errorf("direct are %q, proxied %q", direct, proxied)
	}
	s.settings.Lacks = LacksAll("loopback")
	if direct, proxied := s.Links(false), s.Links(true); len(direct) != 0 || len(proxied) != 5 {
		t.Errorf("on loopback direct are %q, proxied %q", direct, proxied)
	}
}

func TestLogsAreReadFromTheOldest(t *testing.T) {
	s := &Stage{}
	s.Config.Log.Dir = t.TempDir()
	dir := filepath.Join(s.Config.Log.Dir, "Hill")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"Hill.log", "Hill.log.2", "Hill.log.1"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	paths, err := s.Logs("Hill")
	for i := range paths {
		paths[i] = filepath.Base(paths[i])
	}
	if want := []string{"Hill.log.2", "Hill.log.1", "Hill.log"}; err != nil || !slices.Equal(paths, want) {
		t.Errorf("the logs are %q, want %q; error %v", paths, want, err)
	}
}

func TestADesignThatThereIsNotIsRefused(t *testing.T) {
	_, err := Open(Settings{Dir: t.TempDir(), Design: "clay", Journal: "none"})
	if err == nil || !strings.Contains(err.Error(), "clay") {
		t.Errorf("the error is %v", err)
	}
	_, err = Open(Settings{Dir: t.TempDir(), Design: "mixed", Journal: "stone"})
	if err == nil || !strings.Contains(err.Error(), "stone") {
		t.Errorf("the error is %v", err)
	}
}

// A server that is set up finds its neighbours behind proxies, and itself where it is.
func TestNeighboursAreDialledThroughProxies(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(Settings{Dir: dir, Design: "mixed", Journal: "none", Lacks: LacksAll("loopback")})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close(false) }() // without disks of its own nothing fails
	if len(s.Wires) != 10 {
		t.Fatalf("there are %d wires", len(s.Wires))
	}
	for _, w := range s.Wires {
		text, err := os.ReadFile(filepath.Join(dir, w.From+".json"))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(text), w.address()) || !strings.Contains(string(text), s.Address(w.From, PeerPort)) ||
			strings.Contains(string(text), s.Address(w.To, PeerPort)) {
			t.Errorf("%s does not dial %s at %s:\n%s", w.From, w.To, w.address(), text)
		}
	}
	if farmar, _ := s.Config.Server("Farmar"); farmar.Design != "reactor" {
		t.Errorf("Farmar is built as %q", farmar.Design)
	}
	if young, _ := s.Config.Server("Young"); young.Design != "goroutine" {
		t.Errorf("Young is built as %q", young.Design)
	}
	if s.Life("Hill") != nil || s.Spaces() || len(s.Wrongs()) > 0 {
		t.Error("something runs, or is wrong, before anything was started")
	}
}
