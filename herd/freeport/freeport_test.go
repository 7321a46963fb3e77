package freeport

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"testing"
)

// asAnother is set for a process that only finds ports and waits.
const asAnother = "FREEPORT_AS_ANOTHER"

func TestMain(m *testing.M) {
	if os.Getenv(asAnother) == "" {
		os.Exit(m.Run())
	}
	addresses, err := Find(several)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	for _, address := range addresses {
		fmt.Println(address)
	}
	io.Copy(io.Discard, os.Stdin) // until the test has looked
}

// several are more than one block has.
const several = inABlock + 20

// Ports of a process that lives are not found by another one, whether anybody listens on
// them at the moment or not: a server that is started anew finds its port.
func TestAnotherProcessFindsOthers(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	other := exec.Command(self)
	other.Env = append(os.Environ(), asAnother+"=1")
	stdin, err := other.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := other.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	its := map[string]bool{}
	for lines := bufio.NewScanner(stdout); len(its) < several && lines.Scan(); {
		its[lines.Text()] = true
	}
	ours, err := Find(capacity / 2) // so many that one of its would surely be among them
	if err != nil {
		t.Fatal(err)
	}
	for _, address := range ours {
		if its[address] {
			t.Errorf("%s is found twice", address)
		}
	}
	stdin.Close()
	if err := other.Wait(); err != nil || len(its) != several {
		t.Errorf("the other process: %v, %d addresses of %d", err, len(its), several)
	}
}

func TestFoundPortsAreFreeAndDifferent(t *testing.T) {
	addresses, err := Find(20)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, address := range addresses {
		l, err := net.Listen("tcp", address)
		if err != nil {
			t.Errorf("%s is not free: %v", address, err)
			continue
		}
		defer l.Close() // only in the end, so that one found twice shows
		seen[address] = true
	}
	if len(seen) != 20 {
		t.Errorf("%d different ports, want 20", len(seen))
	}
}

func TestTooManyAreAnError(t *testing.T) {
	if _, err := Find(capacity + 1); !errors.Is(err, ErrNone) {
		t.Errorf("asking for more than there are: %v", err)
	}
}

// Two that are found one after the other, neither of which is taken yet, differ.
func TestWhatWasFoundIsNotFoundAgain(t *testing.T) {
	seen := map[string]bool{}
	for range 50 {
		addresses, err := Find(3)
		if err != nil {
			t.Fatal(err)
		}
		for _, address := range addresses {
			seen[address] = true
		}
	}
	if len(seen) != 150 {
		t.Errorf("%d different ports of 150", len(seen))
	}
}

// A port whose last connection lingers is none to hand out: not every program could have it.
func TestWhereConnectionsLingerIsNotFree(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	client, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	server, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	// Who ends it first keeps it: that is the server here.
	if err := errors.Join(server.Close(), client.Close(), l.Close()); err != nil {
		t.Fatal(err)
	}
	again, err := strictly.Listen(t.Context(), "tcp", l.Addr().String())
	if err == nil {
		again.Close()
		t.Error("it is said to be free")
	}
	if lenient, err := net.Listen("tcp", l.Addr().String()); err != nil {
		t.Errorf("nobody listens there, and yet: %v", err)
	} else {
		lenient.Close()
	}
}
