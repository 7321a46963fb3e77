package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// top is a list of go tool pprof.
const top = `File: herd
Type: cpu
Duration: 5s, Total samples = 4.80s (96.00%)
Showing nodes accounting for 4.80s, 100% of 4.80s total
      flat  flat%   sum%        cum   cum%
     2.40s 50.00% 50.00%      2.40s 50.00%  internal/runtime/syscall/linux.Syscall6
     1.20s 25.00% 75.00%      1.30s 27.08%  proxyherd/herd.ParseCommand (inline)
     0.48s 10.00% 85.00%      4.00s 83.33%  github.com/panjf2000/gnet/v2/pkg/netpoll.(*Poller).Polling
     0.48s 10.00% 95.00%      0.48s 10.00%  proxyherd/herd.(*Store).Put
     0.24s  5.00%   100%      0.24s  5.00%  runtime.mapaccess1
`

func TestSharesAddUp(t *testing.T) {
	want := []share{
		{"the kernel, in system calls", 50}, {"ours, the core: parsing, order, store, digest", 35}, {"gnet", 10}, {"the rest of Go and of libraries", 5},
	}
	got := shares(top)
	if len(got) != len(want) {
		t.Fatalf("%v, want %v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%v, want %v", got[i], want[i])
		}
	}
}

// A server is started, loaded and profiled for a second at each depth.
func TestProfilesAreTaken(t *testing.T) {
	t.Chdir("../..") // where the sources are
	dir := t.TempDir()
	var out, told strings.Builder
	if err := run(t.Context(), []string{"-for", time.Second.String(), "-out", dir}, &out, &told); err != nil {
		t.Fatalf("%v\n%s", err, &told)
	}
	for _, p := range []string{"P16", "P64"} {
		for _, name := range []string{"cpu.pprof", "allocs.pprof", "block.pprof", "summary.txt"} {
			if info, err := os.Stat(filepath.Join(dir, p, name)); err != nil || info.Size() == 0 {
				t.Errorf("%s of %s: %v", name, p, err)
			}
		}
	}
	for _, want := range []string{"P=16: ", "P=64: ", "the kernel, in system calls\n", "System calls of a reply", "Functions that were running most:\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in:\n%s", want, &out)
		}
	}
	if err := run(t.Context(), []string{"-peer", "c"}, &out, &told); err == nil {
		t.Error("a server that is not ours was profiled")
	}
}
