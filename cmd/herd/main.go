// Command herd runs application servers that share where their clients are: one
// server, a whole herd of them, and what is needed to try it.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/sirupsen/logrus"

	"proxyherd/reactor/gnetreactor"
)

// The exit codes, as the help of herd tells them.
const (
	exitOK     = 0
	exitFailed = 1 // it did not work, or a second signal ended it at once
	exitUsage  = 2 // the command line or the config cannot be used
)

// usageError is a mistake on the command line or in the config: nothing was
// started or changed.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// errTold is a failure that the user has been told of already.
var errTold = errors.New("it failed, as was told before")

func main() {
	// gnet's own logger would write to standard output, which is for answers.
	gnetreactor.SetLogger(logrus.New())
	os.Exit(run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run carries out a command line and returns the exit code.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	command, err := root.ExecuteContextC(ctx)
	// A command that has not begun was given wrongly: cobra's own errors have no
	// type to tell them by.
	begun := command.Annotations[begunMark] != ""
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errTold):
		return exitFailed
	}
	tell(stderr, err)
	if !begun {
		fmt.Fprintf(stderr, "See: %s --help\n", command.CommandPath())
		return exitUsage
	}
	if _, usage := errors.AsType[usageError](err); usage {
		return exitUsage
	}
	return exitFailed
}

// tell writes an error for the user. Several that were joined are a line each.
func tell(out io.Writer, err error) {
	for line := range strings.SplitSeq(err.Error(), "\n") {
		fmt.Fprintf(out, "herd: %s\n", line)
	}
}
