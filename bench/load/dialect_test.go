package load

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// readCommand reads a command as Redis does: strictly, by the lengths that it is told.
func readCommand(in *bufio.Reader) (words []string, err error) {
	number := func(sign byte) (n int) {
		var line string
		if err == nil {
			line, err = in.ReadString('\n')
		}
		if err == nil && (line[0] != sign || !strings.HasSuffix(line, "\r\n")) {
			err = fmt.Errorf("%q is no number after %q", line, sign)
		}
		if err == nil {
			n, err = strconv.Atoi(line[1 : len(line)-2])
		}
		return n
	}
	for range number('*') {
		text := make([]byte, number('$')+2)
		if err == nil {
			_, err = io.ReadFull(in, text)
		}
		if err == nil && !strings.HasSuffix(string(text), "\r\n") {
			err = fmt.Errorf("%q does not end where it should", text)
		}
		if err != nil {
			return nil, err
		}
		words = append(words, string(text[:len(text)-2]))
	}
	return words, err
}

// redis is how often each client has reported to a server that answers as Redis does to
// what it should be sent, and with an error to all else.
type redis struct {
	mu      sync.Mutex
	clients map[string]int
}

// serve takes one connection, and returns where.
func (r *redis) serve(t *testing.T) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		for in := bufio.NewReader(conn); ; {
			words, err := readCommand(in)
			if err != nil {
				return
			}
			if _, err := io.WriteString(conn, r.store(words)); err != nil {
				return
			}
		}
	}()
	return listener.Addr().String()
}

func (r *redis) store(words []string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	degrees := func(text string, most float64) bool {
		d, err := strconv.ParseFloat(text, 64)
		return err == nil && d >= -most && d <= most
	}
	switch {
	case len(words) == 3 && words[0] == "SET" && len(strings.Fields(words[2])) == 2:
		r.clients[words[1]]++
		return "+OK\r\n"
	case len(words) == 5 && words[0] == "GEOADD" && words[1] == "clients" && degrees(words[2], 180) && degrees(words[3], 85.05112878):
		r.clients[words[4]]++
		if r.clients[words[4]] > 1 {
			return ":0\r\n"
		}
		return ":1\r\n"
	}
	return "-ERR unknown command\r\n"
}

func TestRedisIsSpokenTo(t *testing.T) {
	for _, name := range []string{RedisSet, RedisGeoAdd} {
		server := &redis{clients: map[string]int{}}
		const all = 1500 // from every place, those beyond Redis's latitudes too
		r, err := Run(t.Context(), Options{
			Addresses: []string{server.serve(t)}, Dialect: name, Connections: 1, Clients: all, Pipeline: 16,
			Preload: true, Duration: 200 * time.Millisecond,
		})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		server.mu.Lock()
		clients := len(server.clients)
		server.mu.Unlock()
		if r.Errors != (Errors{}) || r.Replies == 0 || clients != all || r.Dialect != name {
			t.Errorf("%s: %d clients, %+v", name, clients, r)
		}
	}
}

// Somewhere a client of GEOADD is farther north or south than Redis knows, and no client
// is told to be there; and each moves.
func TestGEOADDsClientsMoveWithinItsLatitudes(t *testing.T) {
	o := Options{Addresses: []string{"x"}, Connections: 1, Clients: 2000, Dialect: RedisGeoAdd}.withDefaults()
	d := &driver{options: &o, dialect: dialects[o.Dialect], clock: newClock(), atlas: theAtlas()}
	c := &conn{people: newPopulation(&o, 0)}
	server, places := &redis{clients: map[string]int{}}, map[string][]string{}
	atLast := 0
	const reports = 100
	for range reports {
		for own := range uint32(o.Clients) {
			c.report(d, own, 0, d.clock.now())
		}
	}
	for in := bufio.NewReader(strings.NewReader(string(c.out))); ; {
		words, err := readCommand(in)
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(server.store(words), "-") {
			t.Fatalf("%q is refused", words)
		}
		if words[3][1:] == "85.050000" {
			atLast++
		}
		if at := words[2] + words[3]; !slices.Contains(places[words[4]], at) {
			places[words[4]] = append(places[words[4]], at)
		}
	}
	if len(places) != o.Clients || atLast == 0 {
		t.Errorf("%d clients, %d times at the last latitude", len(places), atLast)
	}
	still := 0
	for _, at := range places {
		// Some reports of one way along the last latitude fall together.
		if len(at) < reports/2 {
			still++
		}
	}
	// The place that a client leaves and the one that it goes to may be the same.
	if still > o.Clients/100 {
		t.Errorf("%d of %d clients hardly move", still, o.Clients)
	}
}

func TestWhatRedisMustAnswer(t *testing.T) {
	for _, c := range []struct {
		dialect, line string
		want          verdict
	}{
		{RedisSet, "+OK\r\n", good}, {RedisSet, "+OK\n", wrong}, {RedisSet, "-OOM command not allowed\r\n", wrong}, {RedisSet, ":1\r\n", wrong},
		{RedisGeoAdd, ":1\r\n", good}, {RedisGeoAdd, ":0\r\n", good}, {RedisGeoAdd, ":2\r\n", wrong},
		{RedisGeoAdd, "-ERR invalid longitude,latitude pair\r\n", wrong},
	} {
		if got := dialects[c.dialect].judge(&conn{}, []byte(c.line), 0, false); got != c.want {
			t.Errorf("%s: %q is %v, want %v", c.dialect, c.line, got, c.want)
		}
	}
}
