// Command profile shows where a server's time goes under the hot load: IAMATs of 50
// connections, 16 and 64 in a write, on one core. It is what make profile runs.
//
//	go run ./bench/profile -peer reactor -for 5s -out bin/profile
//
// Into the folder go, for each of the two, profiles of the processor, of allocations and of
// what goroutines waited for, as go tool pprof reads them, and a summary in text: whose
// the time is, which functions have it, and the system calls of a reply.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"proxyherd/bench/calls"
	"proxyherd/bench/load"
	"proxyherd/bench/peers"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "profile:", err)
		}
		os.Exit(1)
	}
}

// pipelines are how many requests a write has.
var pipelines = []int{16, 64}

// run carries out a command line.
func run(ctx context.Context, args []string, out, told io.Writer) (err error) {
	flags := flag.NewFlagSet("profile", flag.ContinueOnError)
	flags.SetOutput(told)
	name := flags.String("peer", "reactor", "which of our servers: reactor or goroutine")
	long := flags.Duration("for", 5*time.Second, "how long each profile is taken")
	dir := flags.String("out", "bin/profile", "the folder that takes the profiles")
	if err := flags.Parse(args); err != nil {
		return err
	}
	cores, err := load.Cores()
	if err != nil {
		return err
	}
	scratch, err := os.MkdirTemp("", "herd-profile-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	root, err := os.Getwd()
	if err != nil {
		return err
	}
	place := peers.Place{Root: root, Bin: filepath.Join(root, "bin", "bench")}
	peer, err := profiled(*name)
	if err == nil {
		err = peer.Make(ctx, place)
	}
	if err != nil {
		return err
	}
	servers, err := peer.Run(ctx, place, peers.Settings{Dir: scratch, CPUs: cores[:1]})
	if err != nil {
		return err
	}
	defer peers.Stop(servers)
	t := taking{server: servers[0], long: *long, options: load.Options{
		Addresses: []string{servers[0].Address}, PIDs: []int{servers[0].PID}, CPUs: cores[len(cores)-1:],
	}}
	if t.program, err = os.Readlink(fmt.Sprintf("/proc/%d/exe", t.server.PID)); err != nil {
		return err
	}
	for i, pipeline := range pipelines {
		t.options.Pipeline, t.options.Preload = pipeline, i == 0
		t.dir = filepath.Join(*dir, fmt.Sprintf("P%d", pipeline))
		text, err := t.all(ctx)
		if err != nil {
			return fmt.Errorf("with %d in a write: %w", pipeline, err)
		}
		fmt.Fprintf(out, "%s\nIn %s: cpu.pprof, allocs.pprof, block.pprof, summary.txt\n\n", text, t.dir)
	}
	return nil
}

// profiled is one of our servers that shows profiles.
func profiled(name string) (*peers.Peer, error) {
	all, err := peers.All()
	if err != nil {
		return nil, err
	}
	for i := range all {
		if p := &all[i]; p.Name == name && p.Ours {
			p.Start = append(p.Start, "--pprof")
			return p, nil
		}
	}
	return nil, fmt.Errorf("%q is none of our servers", name)
}

// taking is what profiles are taken of, and how.
type taking struct {
	server  *peers.Server
	program string // the path of its file
	long    time.Duration
	options load.Options
	dir     string
}

// all takes every profile and writes the summary, which it returns.
func (t *taking) all(ctx context.Context) (string, error) {
	if err := os.MkdirAll(t.dir, 0o755); err != nil {
		return "", err
	}
	// Two loads, as a profile of the processor is itself work: the second, in which
	// nothing but system calls is counted, is what says how fast the server is.
	if _, err := t.beside(ctx, "cpu", "allocs", "block"); err != nil {
		return "", err
	}
	t.options.Preload = false
	stop := calls.Count(ctx, t.server.PID)
	result, err := t.beside(ctx)
	counts := stop()
	if err != nil {
		return "", err
	}
	text, err := t.summary(ctx, result, counts)
	if err != nil {
		return "", err
	}
	return text, os.WriteFile(filepath.Join(t.dir, "summary.txt"), []byte(text), 0o644)
}

// pages are where profiles are taken.
var pages = map[string]string{"cpu": "profile", "allocs": "allocs", "block": "block"}

// samples are what counts in a profile that has several kinds of numbers.
var samples = map[string]string{"cpu": "cpu", "allocs": "alloc_space", "block": "delay"}

// beside puts the load, and takes profiles meanwhile, one beside the other.
func (t *taking) beside(ctx context.Context, profiles ...string) (*load.Result, error) {
	o := t.options
	if o.Preload { // how long that takes nobody knows
		before := o
		before.Duration = 100 * time.Millisecond
		if _, err := load.Run(ctx, before); err != nil {
			return nil, err
		}
		o.Preload = false
	}
	// The warm-up has to be over, and the load not, while profiles are taken.
	o.Warmup, o.Duration = 300*time.Millisecond, t.long+500*time.Millisecond
	failed := make([]error, len(profiles))
	var all sync.WaitGroup
	for i, name := range profiles {
		all.Go(func() {
			time.Sleep(o.Warmup)
			failed[i] = t.take(ctx, name)
		})
	}
	result, err := load.Run(ctx, o)
	all.Wait()
	return result, errors.Join(append(failed, err)...)
}

// take takes a profile for as long as is wanted.
func (t *taking) take(ctx context.Context, name string) error {
	seconds := max(1, int(t.long.Seconds()))
	url := fmt.Sprintf("http://%s/debug/pprof/%s?seconds=%d", t.server.HTTP, pages[name], seconds)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	profile, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s: %.200s", url, answer.Status, profile)
	}
	if err != nil {
		return err
	}
	return os.WriteFile(t.path(name), profile, 0o644)
}

func (t *taking) path(name string) string { return filepath.Join(t.dir, name+".pprof") }

// top is what go tool pprof says of a profile.
func (t *taking) top(ctx context.Context, name string, args ...string) (string, error) {
	args = append(append([]string{"tool", "pprof", "-top", "-sample_index=" + samples[name]}, args...), t.program, t.path(name))
	cmd := exec.CommandContext(ctx, "go", args...)
	var complaints strings.Builder
	cmd.Stderr = &complaints
	text, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("go %s: %w: %s", strings.Join(args, " "), err, &complaints)
	}
	return string(text), nil
}
