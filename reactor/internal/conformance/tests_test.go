package main

import (
	"bytes"
	"maps"
	"strings"
	"testing"
)

func TestReadEvents(t *testing.T) {
	const output = `{"ImportPath":"proxyherd/broken","Action":"build-output","Output":"broken.go:1: no\n"}
{"ImportPath":"proxyherd/broken","Action":"build-fail"}
{"Action":"start","Package":"proxyherd/fruit"}
{"Action":"run","Package":"proxyherd/fruit","Test":"TestPear"}
{"Action":"output","Package":"proxyherd/fruit","Test":"TestPear","Output":"all is well\n"}
{"Action":"output","Package":"proxyherd/fruit","Test":"TestPear/is_soft","Output":"it is hard\n"}
{"Action":"fail","Package":"proxyherd/fruit","Test":"TestPear/is_soft"}
{"Action":"skip","Package":"proxyherd/fruit","Test":"TestPear/is_ripe"}
{"Action":"pass","Package":"proxyherd/fruit","Test":"TestPear","Elapsed":0.1}
{"Action":"fail","Package":"proxyherd/fruit"}
`
	var log bytes.Buffer
	got, err := readEvents(strings.NewReader(output), &log)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"proxyherd/fruit.TestPear":         "pass",
		"proxyherd/fruit.TestPear/is_soft": "fail",
		"proxyherd/fruit.TestPear/is_ripe": "skip",
	}
	if !maps.Equal(got, want) {
		t.Errorf("results are %v, want %v", got, want)
	}
	if got, want := log.String(), "broken.go:1: no\nit is hard\n"; got != want {
		t.Errorf("it logged %q, want %q", got, want)
	}
	if _, err := readEvents(strings.NewReader("go: no such package"), &log); err == nil {
		t.Error("what is not the output of go test -json was read")
	}
}

func TestGoTestRunsWhatItIsGiven(t *testing.T) {
	results, err := goTest([]string{"proxyherd/reactor/internal/threadpool"}, false)
	if err != nil {
		t.Fatal(err)
	}
	if got := results["proxyherd/reactor/internal/threadpool.TestOneWorkerKeepsTheOrder"]; got != "pass" {
		t.Errorf("a test that passes has outcome %q; in all there are %d", got, len(results))
	}
	results, err = goTest(nil, false)
	if err != nil || len(results) != 0 {
		t.Errorf("of no packages there are %d results (%v)", len(results), err)
	}
}
