package herdtest

import (
	"bufio"
	"fmt"
	"io"
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

// BenchmarkTwins measures IAMATs at a server of each design, each client waiting for
// its answer before it sends the next: alone, and with one neighbour of the same
// design, which is told of each. It reports the server's own processor time for one.
// The designs take turns, as what else the machine does should fall on both.
func BenchmarkTwins(b *testing.B) {
	for _, clients := range []int{1, 64} {
		for _, neighbours := range []int{0, 1} {
			for _, design := range herd.Designs {
				b.Run(fmt.Sprintf("neighbours=%d/clients=%d/%s", neighbours, clients, design), func(b *testing.B) {
					server, address := pairOf(b, design, neighbours)
					callers := make([]*caller, clients)
					for i := range callers {
						callers[i] = newCaller(b, address)
						callers[i].call(b, iamat(i, 0)) // so that all records are there
					}
					before := processorTime(b, server)
					b.ResetTimer()
					var all sync.WaitGroup
					for i, c := range callers {
						all.Go(func() {
							for n := range b.N / clients {
								c.call(b, iamat(i, n+1))
							}
						})
					}
					all.Wait()
					b.StopTimer()
					// In hundredths of a second, as the system counts it.
					b.ReportMetric(float64(processorTime(b, server)-before)*1e7/float64(b.N), "cpu-ns/op")
				})
			}
		}
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
			server, address := pairOf(b, design, 0)
			c := newCaller(b, address)
			c.call(b, iamat(0, 0))
			page := server.page
			before := memory(b, page)
			callers := make([]*caller, clients)
			for i := range callers {
				callers[i] = newCaller(b, address)
				callers[i].call(b, iamat(0, i+1)) // one record, that it does not count
			}
			b.ReportMetric((memory(b, page)-before)/clients, "B/conn")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// memory is the heap and the stacks that a server has in use.
func memory(b *testing.B, page string) (bytes float64) {
	b.Helper()
	for range 3 { // stacks shrink by half at each collection
		get(b, page+"/debug/pprof/heap?gc=1")
	}
	for line := range strings.Lines(get(b, page+"/metrics")) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		if name == "go_memstats_heap_alloc_bytes" || name == "go_memstats_stack_inuse_bytes" {
			n, err := strconv.ParseFloat(value, 64)
			if err != nil {
				b.Fatal(err)
			}
			bytes += n
		}
	}
	return bytes
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

// pairOf runs a server, and neighbours that it talks to, until the benchmark ends.
func pairOf(b *testing.B, design string, neighbours int) (server benched, address string) {
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

// processorTime is what a process has used, in hundredths of a second.
func processorTime(b *testing.B, server benched) int64 {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", server.pid))
	if err != nil {
		b.Fatal(err)
	}
	// The name in parentheses may hold anything; utime and stime are the 12th and
	// 13th fields behind it.
	_, rest, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest)
	user, err1 := strconv.ParseInt(fields[11], 10, 64)
	system, err2 := strconv.ParseInt(fields[12], 10, 64)
	if err1 != nil || err2 != nil {
		b.Fatalf("%q: %v, %v", rest, err1, err2)
	}
	return user + system
}
