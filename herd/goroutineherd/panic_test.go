package goroutineherd_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/freeport"
	"proxyherd/herd/goroutineherd"
	"proxyherd/herd/herdtest"
	"proxyherd/herd/upstream"
)

// panicking is an upstream that fails by a panic, and a kind whose words for that
// may be another.
type panicking struct {
	upstream.Twitter
	wordless bool
}

func (panicking) Fetch(context.Context, upstream.Query) upstream.Result { panic("of the upstream") }

func (p panicking) ErrorLine(message string) []byte {
	if p.wordless {
		panic("for want of words")
	}
	return p.Twitter.ErrorLine(message)
}

// A panic in the upstream's code is an answer like any other failure; one in a
// connection's own ends that connection. The server goes on either way.
func TestAPanicEndsOneConnectionAtMost(t *testing.T) {
	for _, wordless := range []bool{false, true} {
		ports, err := freeport.Find(1)
		if err != nil {
			t.Fatal(err)
		}
		config := herd.Default()
		config.Servers = []herd.Server{{Name: solo, Clients: ports[0]}}
		p := panicking{wordless: wordless}
		s, err := goroutineherd.New(goroutineherd.Options{
			Name: solo, Config: config, Keys: [][]byte{[]byte(herdtest.Secret)}, Upstream: p, Kind: p,
		})
		if err == nil {
			err = s.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		answers := speak(t, ports[0], "IAMAT a +1+1 1700000000\nWHATSAT a 10 1\n")
		if told := strings.Contains(answers, `"error":`); told == wordless {
			t.Errorf("wordless %v: the answers are %q", wordless, answers)
		}
		if answers := speak(t, ports[0], "IAMAT b +1+1 1700000000\n"); !strings.HasPrefix(answers, "AT Solo ") {
			t.Errorf("wordless %v: then the server answers %q", wordless, answers)
		}
		want := map[bool]int64{true: 1}[wordless]
		if st := s.Status(); st.Closed["panic"] != want || st.Records != 2 || st.Waiting != 0 || st.Connections != 0 {
			t.Errorf("wordless %v: %v, %d records, %d WHATSATs wait, %d connections", wordless, st.Closed, st.Records, st.Waiting, st.Connections)
		}
		s.Stop()
		s.Wait()
	}
}

// speak sends lines, half-closes, and returns what comes until the end.
func speak(t *testing.T, address, lines string) string {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(guard)); err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(conn, lines)
	// The server may end first, after which there is nothing to half-close.
	_ = conn.(*net.TCPConn).CloseWrite()
	answers, _ := io.ReadAll(bufio.NewReader(conn)) // to whatever end there is
	return string(answers)
}
