package main

import (
	"os"
	"strings"
	"testing"
)

// herd bench starts a herd, measures it, ends it, and leaves nothing behind.
func TestBenchMeasuresAHerdOfItsOwn(t *testing.T) {
	for _, c := range []struct {
		args string
		code int
		says string
	}{
		{"--warmup 0s --duration 500ms --clients 500 --preload --whatsat 0.1", 0, "0 wrong, 0 unanswered, 0 connections lost, 0 of the upstream"},
		{"--warmup 0s --duration 500ms --quiet --design goroutine --rate 200 --p99 1ns", 1, "herd: a bound was broken: p99 is "},
		{"--warmup 0s --duration 500ms --quiet --churn --format json", 0, `{"loop":"churn","connections":50,`},
		{"--propagation 20 --format gobench", 0, "BenchmarkHerd/propagation/to=Hill"},
		{"--dialect redis-set", 2, "give the HOST:PORT of a server that does"},
		{"127.0.0.1:1 --dialect redis-set --propagation 5", 2, "leave --dialect out"},
		{"--idle 600", 0, "of the servers' own memory"},
	} {
		t.Run(c.args, func(t *testing.T) {
			if len(buildFlags) > 0 && c.code == 0 && !strings.Contains(c.args, "--preload") {
				t.Skip("with the race detector six processes take 9 s to start and to end: one load, and a bound that is broken, are enough")
			}
			dir := t.TempDir()
			t.Setenv("TMPDIR", dir)
			p := start(t, dir, append([]string{"bench"}, strings.Fields(c.args)...)...)
			p.await(t, c.says)
			p.ends(t, c.code)
			left, err := os.ReadDir(dir)
			if err != nil || len(left) > 0 {
				t.Errorf("herd bench leaves %v, %v", left, err)
			}
		})
	}
}
