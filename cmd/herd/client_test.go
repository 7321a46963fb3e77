package main

import (
	"bytes"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"proxyherd/herd"
)

// dial connects to a server of the herd.
func dial(t *testing.T, config herd.Config, server string) *net.TCPConn {
	t.Helper()
	s, found := config.Server(server)
	if !found {
		t.Fatalf("no server %s", server)
	}
	conn, err := net.DialTimeout("tcp", s.Clients, deadline)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() }) // it may be closed by then
	if err := conn.SetDeadline(time.Now().Add(deadline)); err != nil {
		t.Fatal(err)
	}
	return conn.(*net.TCPConn)
}

func write(t *testing.T, conn net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
}

// exchange sends text, says that no more will come, and returns the lines of the
// answer.
func exchange(t *testing.T, config herd.Config, server, text string) []string {
	t.Helper()
	conn := dial(t, config, server)
	write(t, conn, text)
	if err := conn.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	if err != nil {
		t.Fatalf("%s, after %q: %v", server, answer, err)
	}
	if len(answer) > 0 && !bytes.HasSuffix(answer, []byte("\n")) {
		t.Errorf("%s: the answer %q lacks its last line end", server, answer)
	}
	return strings.Split(strings.TrimSuffix(string(answer), "\n"), "\n")
}

// report sends an IAMAT and returns the AT line.
func report(t *testing.T, config herd.Config, server, id string) string {
	t.Helper()
	lines := exchange(t, config, server, "IAMAT "+id+" +34.068930-118.445127 1479413884.392014450\n")
	if len(lines) != 1 || !strings.HasPrefix(lines[0], "AT "+server+" ") ||
		!strings.HasSuffix(lines[0], " "+id+" +34.068930-118.445127 1479413884.392014450") {
		t.Fatalf("%s answered %q", server, lines)
	}
	return lines[0]
}

// learns waits until a server knows a client, and checks that it has that line.
func learns(t *testing.T, config herd.Config, server, id, line string) {
	t.Helper()
	var lines []string
	until(t, server+" knows "+id, func() bool {
		lines = exchange(t, config, server, "WHATSAT "+id+" 10 0\n")
		return !strings.HasPrefix(lines[0], "?")
	})
	if len(lines) != 2 || lines[0] != line || !strings.HasPrefix(lines[1], "{") {
		t.Errorf("%s answered %q, want %q and a line of JSON", server, lines, line)
	}
}
