package herdtest

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"proxyherd/herd"
	"proxyherd/herd/configfile"
	"proxyherd/herd/freeport"
)

// BenchmarkTwins measures IAMATs at a server of each design. Each client sends some
// lines in one piece, and waits for all their answers before it sends the next: a
// single client one by one, and 50 of them 1, 16 and 64 at a time, to a server that has
// one core and to one that has all, alone and with one neighbour of the same design,
// which is told of each. It reports the server's own processor time for a line. The
// designs take turns, as what else the machine does should fall on both.
func BenchmarkTwins(b *testing.B) {
	for _, cores := range []int{1, 2} {
		for _, neighbours := range []int{0, 1} {
			for _, load := range []struct{ clients, lines int }{{1, 1}, {50, 1}, {50, 16}, {50, 64}} {
				for _, design := range herd.Designs {
					name := fmt.Sprintf("cores=%d/neighbours=%d/clients=%d/lines=%d/%s", cores, neighbours, load.clients, load.lines, design)
					b.Run(name, func(b *testing.B) { benchmarkTwin(b, design, cores, neighbours, load.clients, load.lines) })
				}
			}
		}
	}
}

func benchmarkTwin(b *testing.B, design string, cores, neighbours, clients, lines int) {
	server, address := pairOf(b, design, neighbours, cores)
	senders := make([]*sender, clients)
	for i := range senders {
		senders[i] = newSender(b, address, i, lines)
		senders[i].send(b) // so that all records are there
	}
	rounds := max(1, b.N/clients/lines)
	before := processorTime(b, server)
	b.ResetTimer()
	var all sync.WaitGroup
	for _, s := range senders {
		all.Go(func() {
			for range rounds {
				s.send(b)
			}
		})
	}
	all.Wait()
	b.StopTimer()
	used := float64(processorTime(b, server) - before)
	sent := float64(rounds * clients * lines)
	b.ReportMetric(sent/b.Elapsed().Seconds()/1000, "klines/s")
	b.ReportMetric(used/sent, "cpu-ns/line")
	b.ReportMetric(0, "ns/op")
}

// sender is a client that sends several lines in one piece. What it sends and gets are
// buffers of its own: it is not what is measured.
type sender struct {
	conn          net.Conn
	client, lines int
	said          int // reports so far
	piece, got    []byte
}

func newSender(b *testing.B, address string, client, lines int) *sender {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { conn.Close() })
	return &sender{conn: conn, client: client, lines: lines, got: make([]byte, 64<<10)}
}

// send sends a piece, and waits for all answers.
func (s *sender) send(b *testing.B) {
	s.piece = s.piece[:0]
	for range s.lines {
		s.said++
		// Of several clients each, as a server's store would otherwise be in no cache's way.
		s.piece = fmt.Appendf(s.piece, "IAMAT client%d.%d +34.0-118.0 1700000000.%09d\n", s.client, s.said%1000, s.said)
	}
	if _, err := s.conn.Write(s.piece); err != nil {
		b.Error(err)
		return
	}
	for answers := 0; answers < s.lines; {
		n, err := s.conn.Read(s.got)
		if err != nil {
			b.Error(err)
			return
		}
		answers += bytes.Count(s.got[:n], []byte{'\n'})
	}
}

func iamat(client, n int) string {
	return fmt.Sprintf("IAMAT client%d +34.0-118.0 1700000000.%09d\n", client, n)
}

// BenchmarkIdleConnection measures what a connection costs a server that has had one
// report over it, and hears no more: its memory once garbage is collected.
func BenchmarkIdleConnection(b *testing.B) {
	const clients = 5000
	for _, design := range herd.Designs {
		b.Run(design, func(b *testing.B) {
			server, address := pairOf(b, design, 0, 2)
			c := newCaller(b, address)
			c.call(b, iamat(0, 0))
			page := server.page
			heap, stacks := memory(b, page)
			callers := make([]*caller, clients)
			for i := range callers {
				callers[i] = newCaller(b, address)
				callers[i].call(b, iamat(0, i+1)) // one record, that it does not count
			}
			heapThen, stacksThen := memory(b, page)
			b.ReportMetric((heapThen-heap)/clients, "heap-B/conn")
			b.ReportMetric((stacksThen-stacks)/clients, "stack-B/conn")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// memory is the heap and the stacks that a server has in use.
func memory(b *testing.B, page string) (heap, stacks float64) {
	b.Helper()
	for range 3 { // stacks shrink by half at each collection
		get(b, page+"/debug/pprof/heap?gc=1")
	}
	var err error
	for line := range strings.Lines(get(b, page+"/metrics")) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		into := map[string]*float64{"go_memstats_heap_alloc_bytes": &heap, "go_memstats_stack_inuse_bytes": &stacks}[name]
		if into == nil {
			continue
		}
		if *into, err = strconv.ParseFloat(value, 64); err != nil {
			b.Fatal(err)
		}
	}
	return heap, stacks
}

func get(b *testing.B, url string) string {
	b.Helper()
	response, err := http.Get(url)
	if err != nil {
		b.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		b.Fatalf("%s: %s, %v", url, response.Status, err)
	}
	return string(text)
}

// benched is a server's process.
type benched struct {
	pid  int
	page string
}

// pairOf runs a server, and neighbours that it talks to, until the benchmark ends. On
// one core it is the first, and nobody else is kept from it.
func pairOf(b *testing.B, design string, neighbours, cores int) (server benched, address string) {
	b.Helper()
	ports, err := freeport.Find(3 * (1 + neighbours))
	if err != nil {
		b.Fatal(err)
	}
	config := herd.Default()
	config.Log.Dir, config.Log.Lines = filepath.Join(b.TempDir(), "logs"), false
	config.Servers = []herd.Server{{Name: "A", Clients: ports[0], Peers: ports[1], HTTP: ports[2], Design: design}}
	for i := range neighbours {
		name, own := fmt.Sprint("B", i), ports[3*(i+1):]
		config.Servers[0].TalksTo = append(config.Servers[0].TalksTo, name)
		config.Servers = append(config.Servers, herd.Server{Name: name, Clients: own[0], Peers: own[1], HTTP: own[2], Design: design, TalksTo: []string{"A"}})
	}
	path := filepath.Join(b.TempDir(), "herd.json")
	file, err := os.Create(path)
	if err == nil {
		err = configfile.Write(file, config)
	}
	if err == nil {
		err = file.Close()
	}
	if err != nil {
		b.Fatal(err)
	}
	for i, s := range config.Servers {
		cmd := exec.Command(herdBinary, "serve", s.Name, "--config", path, "--pprof")
		if cores == 1 && i == 0 {
			cmd = exec.Command("taskset", append([]string{"-c", "0"}, cmd.Args...)...)
			cmd.Env = append(os.Environ(), "GOMAXPROCS=1")
		}
		out, err := cmd.StdoutPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() {
			_ = cmd.Process.Kill()
			_ = cmd.Wait() // it says that it was killed
		})
		if line, err := bufio.NewReader(out).ReadString('\n'); !strings.HasPrefix(line, "ready ") {
			b.Fatalf("%s says %q (%v)", s.Name, line, err)
		}
		if i == 0 {
			server = benched{cmd.Process.Pid, "http://" + s.HTTP}
		}
	}
	return server, config.Servers[0].Clients
}

// processorTime is what a process has used, on all its threads, in nanoseconds.
func processorTime(b *testing.B, server benched) (ns int64) {
	b.Helper()
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", server.pid))
	if err != nil || len(threads) == 0 {
		b.Fatalf("the threads of process %d: %d found, %v", server.pid, len(threads), err)
	}
	for _, path := range threads {
		text, err := os.ReadFile(path)
		if err != nil {
			b.Fatal(err)
		}
		ran, _, _ := strings.Cut(string(text), " ")
		n, err := strconv.ParseInt(ran, 10, 64)
		if err != nil {
			b.Fatalf("%s: %q: %v", path, text, err)
		}
		ns += n
	}
	return ns
}
