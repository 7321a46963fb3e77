// Command live asks a real service what the tests ask the stand-in, and checks its answers against the same contract.
//
//	go run ./herd/upstream/standin/internal/live KIND
//
// Its exit status is 0 if the service keeps the contract, and also if that could not be found out: then the last line
// begins with "not run:" and says why. It is 1 if the service breaks the contract, and 2 for a kind that does not exist.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"time"

	"proxyherd/herd/upstream"
	"proxyherd/herd/upstream/standin/internal/contract"
)

func main() {
	client := &http.Client{Timeout: 20 * time.Second}
	os.Exit(run(context.Background(), os.Args[1:], os.Getenv, client, os.Stdout))
}

// Exit statuses.
const (
	kept = iota // or not run
	broken
	misused
)

// run is the command with its surroundings as arguments.
func run(ctx context.Context, arguments []string, getenv func(string) string, client *http.Client, out io.Writer) int {
	if len(arguments) != 1 {
		fmt.Fprintf(out, "name one kind: make live KIND=wikipedia (there are %v)\n", contract.Kinds())
		return misused
	}
	service, err := contract.Of(arguments[0])
	if err != nil {
		fmt.Fprintln(out, err)
		return misused
	}
	// Not to be able to ask is no failure of the service's, so the status is 0; but it must not look like success either.
	if service.Gone != "" {
		fmt.Fprintf(out, "not run: no service: %s\n", service.Gone)
		return kept
	}
	key := ""
	if service.Keys != "" {
		if key = getenv(service.Keys); key == "" {
			fmt.Fprintf(out, "not run: no key: put one for %s into the environment variable %s\n", service.Kind, service.Keys)
			return kept
		}
	}
	kind, err := upstream.Named(service.Kind)
	if err != nil {
		fmt.Fprintln(out, err)
		return misused
	}
	address, err := url.Parse(kind.Service().URL)
	if err != nil {
		fmt.Fprintf(out, "the address of %s: %v\n", service.Kind, err)
		return misused
	}
	// What was found before an error counts: a contract that is broken stays broken.
	findings, err := service.Verify(ctx, client, address, key)
	status := show(out, findings)
	switch {
	case errors.Is(err, contract.ErrNotAnswered):
		fmt.Fprintf(out, "not run: %s: %v\n", address.Host, err)
	case err != nil:
		fmt.Fprintln(out, err)
		return misused
	case status == kept:
		fmt.Fprintf(out, "%s keeps the contract\n", service.Kind)
	}
	return status
}

// show prints what was found, and returns the exit status for it.
func show(out io.Writer, findings []contract.Finding) int {
	status := kept
	for _, f := range findings {
		fmt.Fprintf(out, "%s: %d values checked\n", f.Question, f.Checked)
		for _, wrong := range f.Wrong {
			fmt.Fprintf(out, "  broken: %s\n", wrong)
			status = broken
		}
		for _, path := range f.Unknown {
			fmt.Fprintf(out, "  not in our list of documented fields: %s\n", path)
		}
	}
	return status
}
