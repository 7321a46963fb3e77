package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"proxyherd/bench/calls"
	"proxyherd/bench/load"
)

// summary is what the profiles say, in text.
func (t *taking) summary(ctx context.Context, r *load.Result, c *calls.Counts) (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "P=%d: %.0f replies a second, %.0f ns of the server's processor time each, of which the kernel has the system calls below.\n\n",
		r.Pipeline, r.Rate, 1e3*r.Server.CPUPerOp)
	everything, err := t.top(ctx, "cpu", "-nodecount=100000", "-nodefraction=0")
	if err != nil {
		return "", err
	}
	b.WriteString("Whose the time is, by the function that was running:\n")
	for _, s := range shares(everything) {
		fmt.Fprintf(&b, "%7.1f %%  %s\n", s.percent, s.owner)
	}
	b.WriteString("\nSystem calls of a reply, counted apart from the profiles:\n")
	if c.Missing != "" {
		fmt.Fprintf(&b, "  %s\n", c.Missing)
	} else {
		n := float64(r.Answered)
		fmt.Fprintf(&b, "  %.4f reads, %.4f writes, %.4f waits for events; %.4f of all kinds. A turn has %.1f events.\n",
			float64(c.Read)/n, float64(c.Write)/n, float64(c.Wait)/n, float64(c.All)/n, n/float64(r.Pipeline)/float64(c.Turns))
	}
	for _, p := range []struct{ name, what string }{
		{"cpu", "Functions that were running most"}, {"allocs", "What was allocated meanwhile, the profiles' own taking included"},
		{"block", "What goroutines waited for meanwhile"},
	} {
		text, err := t.top(ctx, p.name, "-nodecount=25")
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "\n%s:\n%s", p.what, text)
	}
	return b.String(), nil
}

// share is a part of the time.
type share struct {
	owner   string
	percent float64
}

// owner is whose a function is, by how its name begins.
type owner struct {
	name     string
	prefixes []string
}

// fits says whether a function is the owner's.
func (o owner) fits(function string) bool {
	return slices.ContainsFunc(o.prefixes, func(prefix string) bool { return strings.HasPrefix(function, prefix) })
}

// owners are all there are; the first that fits counts, and the last always does.
var owners = []owner{
	{"the kernel, in system calls", []string{"internal/runtime/syscall", "runtime/internal/syscall", "syscall.Syscall", "syscall.RawSyscall", "runtime.futex", "runtime.epoll", "runtime.write1", "runtime.read", "runtime.usleep", "runtime.nanotime", "runtime.vdso"}},
	{"gnet", []string{"github.com/panjf2000/"}},
	{"ours, the reactor", []string{"proxyherd/reactor"}},
	{"ours, cutting lines", []string{"proxyherd/protocols"}},
	{"ours, the server around the core", []string{"proxyherd/herd/reactorherd", "proxyherd/herd/goroutineherd"}},
	{"ours, the core: parsing, order, store, digest", []string{"proxyherd/herd.", "encoding/binary."}},
	{"ours, the rest", []string{"proxyherd/", "main."}},
	{"Go's memory: copying, comparing, clearing, searching", []string{"runtime.mem", "runtime.cmp", "internal/bytealg", "runtime.memmove", "runtime.duff", "bytes.", "strings.", "slices."}},
	{"Go's garbage collector and allocator", []string{"runtime.gc", "runtime.malloc", "runtime.scan", "runtime.(*mcache", "runtime.(*mspan", "runtime.(*mheap", "runtime.grey", "runtime.newobject", "runtime.growslice"}},
	{"Go's calls into the system: gnet's, ours and the scheduler's way there", []string{"golang.org/x/sys/unix", "syscall.", "runtime.entersyscall", "runtime.exitsyscall", "runtime.reentersyscall", "runtime.casgstatus"}},
	{"the rest of Go and of libraries", []string{""}},
}

// shares adds up the flat percentages of a list by go tool pprof -top.
func shares(top string) (list []share) {
	sums := make([]float64, len(owners))
	for line := range strings.Lines(top) {
		// flat flat% sum% cum cum% function
		fields := strings.Fields(line)
		if len(fields) < 6 {
			continue
		}
		percent, err := strconv.ParseFloat(strings.TrimSuffix(fields[1], "%"), 64)
		if err != nil || !strings.HasSuffix(fields[1], "%") {
			continue // the head of the list
		}
		at := slices.IndexFunc(owners, func(o owner) bool { return o.fits(fields[5]) })
		sums[at] += percent
	}
	for i, o := range owners {
		if sums[i] > 0 {
			list = append(list, share{o.name, sums[i]})
		}
	}
	slices.SortStableFunc(list, func(a, b share) int { return int(100*b.percent) - int(100*a.percent) })
	return list
}
