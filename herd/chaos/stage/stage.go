package stage

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/configfile"
)

// Settings are how a stage is set up.
type Settings struct {
	// Dir takes the configs, the logs and what the servers say. It must exist.
	Dir string
	// Binary is the program that the servers are.
	Binary string
	// Design is one of Designs.
	Design string
	// Journal is one of Journals.
	Journal string
	// Lacks is what Probe found: without namespaces the herd is on loopback.
	Lacks Lacks
	// Plain puts no proxies between neighbours.
	Plain bool
	// Named has the servers know each other by names, listen on every address, and
	// have addresses of IPv4 and of IPv6. It needs namespaces, and Plain.
	Named bool
}

// Designs are the herds that can be set up. In a mixed one Farmar and Hill are on
// the reactor, and the others in goroutines, so that links between them are of all
// three kinds.
var Designs = []string{"reactor", "goroutine", "mixed"}

// Journals are when the servers' journals are safe: there are none, or what
// journal.fsync may be.
var Journals = append([]string{"none"}, herd.Fsyncs...)

// Stage is a herd at work, and all by which it can be hurt.
type Stage struct {
	Config   herd.Config // with the addresses of the servers themselves
	Wires    []*Wire
	Upstream Upstream

	settings Settings
	ground   *ground
	token    string
	named    map[string]*host // with Settings.Named
	web      *http.Server
	tables   atomic.Int64 // of Filter

	mu     sync.Mutex
	lives  map[string]*Life // of the servers that run
	wrong  []string         // what no fault explains
	number int              // of the last life
}

// Open sets the stage up, and starts no server yet. After an error there may be
// something left of it, which goes with the process.
func Open(settings Settings) (*Stage, error) {
	s := &Stage{settings: settings, Config: herd.Default(), token: randomText(), lives: map[string]*Life{}}
	if !slices.Contains(Designs, settings.Design) {
		return nil, fmt.Errorf("there is no design %q; there are %q", settings.Design, Designs)
	}
	if !slices.Contains(Journals, settings.Journal) {
		return nil, fmt.Errorf("there is no journal %q; there are %q", settings.Journal, Journals)
	}
	lay := onSpaces
	if settings.Lacks[Namespaces] != "" {
		lay = onLoopback
	}
	var err error
	if s.ground, err = lay(&s.Config); err != nil {
		return nil, err
	}
	if settings.Named {
		if err := s.callByName(); err != nil {
			return nil, err
		}
	}
	s.settle()
	if s.web, s.Config.Upstream.URL, err = s.Upstream.open(s.ground.host); err != nil {
		return nil, err
	}
	for file, text := range map[string]string{s.Config.SecretFile: randomText(), s.Config.HTTPTokenFile: s.token} {
		if err := os.WriteFile(file, []byte(text+"\n"), 0o600); err != nil {
			return nil, err
		}
	}
	if err := s.wireUp(); err != nil {
		return nil, err
	}
	for _, server := range s.Config.Servers {
		if err := s.setUp(server.Name); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// settle makes the settings that all servers share.
func (s *Stage) settle() {
	c := &s.Config
	for i := range c.Servers {
		name := c.Servers[i].Name
		c.Servers[i].Design = s.settings.Design
		if s.settings.Design == "mixed" {
			c.Servers[i].Design = "goroutine"
			if name == "Farmar" || name == "Hill" {
				c.Servers[i].Design = "reactor"
			}
		}
	}
	c.SecretFile = filepath.Join(s.settings.Dir, "secret")
	c.HTTPTokenFile = filepath.Join(s.settings.Dir, "token")
	c.Log.Dir = filepath.Join(s.settings.Dir, "logs")
	if s.HasJournals() {
		c.Journal = herd.Journal{Dir: filepath.Join(s.settings.Dir, "journals"), Fsync: s.settings.Journal}
	}
	c.Upstream.Timeout = herd.Duration(upstreamTimeout)
	// Soon too much for a link that is cut or slow.
	c.Limits.PeerOutput = 64 << 10
	c.Limits.PeerChanged = 200
}

// wireUp puts proxies on links: on all of them where nothing else could hurt these,
// and else on two of the five.
func (s *Stage) wireUp() error {
	if s.settings.Plain {
		return nil
	}
	for _, link := range s.Links(true) {
		for _, ends := range [][2]string{link, {link[1], link[0]}} {
			listen, err := s.ground.port(len(s.Wires))
			if err != nil {
				return err
			}
			w, err := newWire(len(s.Wires), ends[0], ends[1], listen, s.server(ends[1]).Peers)
			if err != nil {
				return err
			}
			s.Wires = append(s.Wires, w)
		}
	}
	return nil
}

// Proxied reports whether two neighbours talk through proxies.
func (s *Stage) Proxied(a, b string) bool {
	if s.settings.Lacks[Direct] != "" {
		return true
	}
	link := []string{min(a, b), max(a, b)}
	return slices.Equal(link, []string{"Hill", "Meeks"}) || slices.Equal(link, []string{"Gasol", "Young"})
}

// Links returns the pairs of neighbours, each once, that talk through proxies or
// that do not.
func (s *Stage) Links(proxied bool) (links [][2]string) {
	for _, server := range s.Config.Servers {
		for _, to := range server.TalksTo {
			if server.Name < to && s.Proxied(server.Name, to) == proxied {
				links = append(links, [2]string{server.Name, to})
			}
		}
	}
	return links
}

// Between returns the two wires of a link.
func (s *Stage) Between(link [2]string) (wires []*Wire) {
	for _, w := range s.Wires {
		if w.From == link[0] && w.To == link[1] || w.From == link[1] && w.To == link[0] {
			wires = append(wires, w)
		}
	}
	return wires
}

// setUp writes the config of one server, in which neighbours are where their wires
// begin, and makes a disk for its log.
func (s *Stage) setUp(name string) error {
	c := s.Config
	c.Servers = slices.Clone(c.Servers)
	for _, w := range s.Wires {
		if w.From == name {
			i := slices.IndexFunc(c.Servers, func(to herd.Server) bool { return to.Name == w.To })
			c.Servers[i].Peers = w.address()
		}
	}
	c.Log.Dir = s.logDir(name)
	if s.settings.Lacks[Tmpfs] == "" {
		for _, dir := range s.disks(name) {
			if err := mountDisk(dir); err != nil {
				return err
			}
		}
	}
	file, err := os.Create(s.configPath(name))
	if err != nil {
		return err
	}
	return errors.Join(configfile.Write(file, c), file.Close())
}

// disks are the directories of a server's log and of its journal, if it has one.
func (s *Stage) disks(name string) []string {
	if !s.HasJournals() {
		return []string{s.logDir(name)}
	}
	return []string{s.logDir(name), s.journalDir(name)}
}

// HasJournals reports whether the servers keep journals. They refuse reports then while
// the disk fails.
func (s *Stage) HasJournals() bool { return slices.Contains(herd.Fsyncs, s.settings.Journal) }

func (s *Stage) journalDir(name string) string { return filepath.Join(s.Config.Journal.Dir, name) }
func (s *Stage) logDir(name string) string     { return filepath.Join(s.Config.Log.Dir, name) }
func (s *Stage) configPath(name string) string { return filepath.Join(s.settings.Dir, name+".json") }

// Logs returns the files of a server's log, oldest first.
func (s *Stage) Logs(name string) ([]string, error) {
	all, err := filepath.Glob(filepath.Join(s.logDir(name), name+".log*"))
	// The newest has no number, and the larger a number the older; there are fewer
	// than ten.
	slices.Sort(all)
	slices.Reverse(all)
	return all, err
}

// Names returns the servers' names, in the order of the config.
func (s *Stage) Names() (names []string) {
	for _, server := range s.Config.Servers {
		names = append(names, server.Name)
	}
	return names
}

// Spaces reports whether each server is in a network namespace of its own.
func (s *Stage) Spaces() bool { return s.ground.spaces }

func (s *Stage) server(name string) herd.Server {
	server, found := s.Config.Server(name)
	if !found {
		panic("there is no server " + name)
	}
	return server
}

// Address returns where a server serves its clients, its neighbours or its pages.
func (s *Stage) Address(name string, port Port) string {
	if s.named != nil {
		return s.named[name].address(port)
	}
	server := s.server(name)
	return [...]string{server.Clients, server.Peers, server.HTTP}[port]
}

// Port is one of a server's.
type Port int

// The ports.
const (
	ClientPort Port = iota
	PeerPort
	HTTPPort
)

// Close kills the servers and ends what is around them. With keep the logs and journals
// stay in the stage's directory, also those that had a disk of their own. The error says
// why one does not.
func (s *Stage) Close(keep bool) (err error) {
	for _, name := range s.Names() {
		s.Kill(name)
	}
	for _, w := range s.Wires {
		w.Cut()
	}
	if s.web != nil {
		_ = s.web.Close() // it serves nobody any more
	}
	if s.settings.Lacks[Tmpfs] != "" {
		return nil
	}
	for _, name := range s.Names() {
		for _, dir := range s.disks(name) {
			err = errors.Join(err, unmount(dir, keep))
		}
	}
	return err
}

// upstreamTimeout is how long a WHATSAT may wait for the upstream.
const upstreamTimeout = 2 * time.Second

// randomText is 32 random bytes in hex.
func randomText() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // it never fails
	return hex.EncodeToString(b[:])
}
