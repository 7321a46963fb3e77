package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

// server is a client port that answers one connection as the test wants.
func server(t *testing.T, answer func(conn *net.TCPConn)) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		answer(conn.(*net.TCPConn))
		_ = conn.Close() // what became of it, the other side tells
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		<-ended
	})
	return listener.Addr().String()
}

// says reads to the end and then sends text.
func says(text string) func(*net.TCPConn) {
	return func(conn *net.TCPConn) {
		_, _ = io.Copy(io.Discard, conn)
		_, _ = io.WriteString(conn, text)
	}
}

func TestAConversation(t *testing.T) {
	for _, test := range []struct {
		name   string
		lines  string
		answer string
		strict bool
		want   error
	}{
		{"one answer", "IAMAT a +1+1 1\n", "AT A +1.000000000 a +1+1 1\n", true, nil},
		{"two lines for a question", "WHATSAT a 1 1\n", "AT A +1.000000000 a +1+1 1\n{\"AT\":\"?\"}\n", true, nil},
		{"nothing", "", "", true, nil},
		{"invalid", "x\n", "? x\n", false, nil},
		{"invalid, strictly", "x\ny", "? x\n? y\n", true, errInvalid},
		{"a line without an end", "x", "? x\n", false, nil},
		{"an answer is missing", "x\ny\n", "? x\n", false, errUnanswered},
		{"the last answer is missing", "x\ny", "? x\n", false, errUnanswered},
		{"none came", "x\n", "", false, errUnanswered},
	} {
		t.Run(test.name, func(t *testing.T) {
			var out bytes.Buffer
			talk := conversation{lines: strings.NewReader(test.lines), out: &out, strict: test.strict, timeout: deadline}
			err := talk.with(t.Context(), server(t, says(test.answer)))
			if !errors.Is(err, test.want) || test.want == nil && err != nil {
				t.Errorf("%v, want %v", err, test.want)
			}
			if out.String() != test.answer {
				t.Errorf("it printed %q, want %q", out.String(), test.answer)
			}
		})
	}
}

func TestAServerThatDoesNotAnswerIsGivenUp(t *testing.T) {
	given := make(chan struct{})
	address := server(t, func(conn *net.TCPConn) {
		_, _ = io.Copy(io.Discard, conn)
		<-given
	})
	talk := conversation{lines: strings.NewReader("x\n"), out: io.Discard, timeout: 50 * time.Millisecond}
	err := talk.with(t.Context(), address)
	close(given)
	if !errors.Is(err, errSilent) || !strings.Contains(err.Error(), "0 of 1 lines were answered") {
		t.Errorf("%v", err)
	}
}

// A server stops reading from a client that takes no answers: whoever sends a lot
// must read meanwhile.
func TestAnswersAreReadWhileLinesAreSent(t *testing.T) {
	const many = 200_000
	address := server(t, func(conn *net.TCPConn) {
		in, out := bufio.NewReader(conn), bufio.NewWriter(conn)
		defer out.Flush()
		for {
			line, err := in.ReadString('\n')
			if err != nil {
				return
			}
			_, _ = out.WriteString("? " + line)
		}
	})
	var out bytes.Buffer
	talk := conversation{lines: strings.NewReader(strings.Repeat("a line of some length\n", many)), out: &out, timeout: deadline}
	if err := talk.with(t.Context(), address); err != nil {
		t.Fatal(err)
	}
	if talk.answered != many || bytes.Count(out.Bytes(), []byte("? a line of some length\n")) != many {
		t.Errorf("%d answers in %d bytes", talk.answered, out.Len())
	}
}

func TestInputThatCannotBeReadIsTold(t *testing.T) {
	broken := errors.New("the disk is gone")
	talk := conversation{lines: iotest.ErrReader(broken), out: io.Discard, timeout: deadline}
	if err := talk.with(t.Context(), server(t, says(""))); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
}

func TestSendFindsAServerByItsName(t *testing.T) {
	dir, config := inDir(t, nil)
	serve(t, dir, "Hill")
	hill, _ := config.Server("Hill")
	for _, test := range []struct {
		args []string
		code int
		out  string
		err  string
	}{
		{[]string{"send", "Hill", "one", "two"}, 0, "? one\n? two\n", ""},
		{[]string{"send", hill.Clients, "AT"}, 0, "? AT\n", ""},
		{[]string{"send", "--strict", "Hill", "one"}, 1, "? one\n", "1 answer with \"?\""},
		{[]string{"send", "Hill"}, 0, "", ""},
		{[]string{"send", "Meeks", "one"}, 1, "", "is the server running?"},
	} {
		got := herdIn(t, dir, test.args...)
		if got.code != test.code || got.out != test.out || !strings.Contains(got.err, test.err) || test.err == "" && got.err != "" {
			t.Errorf("%v: %+v", test.args, got)
		}
	}
}
