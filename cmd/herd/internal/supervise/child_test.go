package supervise

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"
)

// childWord as the first argument makes the test binary a child.
const childWord = "child"

func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == childWord {
		child(os.Args[2])
		return
	}
	os.Exit(m.Run())
}

// child is what the children of the tests do, by name.
func child(what string) {
	switch what {
	case "reads": // what it is handed, then waits for the parent's end
		in := bufio.NewReader(os.Stdin)
		line, err := in.ReadString('\n')
		fmt.Printf("ready %q %v\n", line, err)
		_, err = io.Copy(io.Discard, in)
		fmt.Printf("the input has ended: %v\n", err)
	case "obeys":
		signals := make(chan os.Signal, 1)
		signal.Notify(signals, syscall.SIGTERM)
		fmt.Println("ready obeys")
		<-signals
	case "ignores":
		signal.Ignore(syscall.SIGTERM)
		fmt.Println("ready ignores")
		select {}
	case "dies": // as soon as it is ready
		fmt.Println("ready dies")
		os.Exit(7)
	case "cannot": // even begin
		fmt.Println("failed the port is taken")
		os.Exit(1)
	case "leaves": // well, but nobody has asked it to
		fmt.Println("ready leaves")
	case "talks":
		fmt.Println(strings.Repeat("x", longestLine+10))
		fmt.Fprintln(os.Stderr, "to standard error")
		fmt.Print("without an end")
	}
}

// program is a child of that sort.
func program(t *testing.T, what string) Program {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return Program{Name: what, Path: path, Args: []string{childWord, what}}
}
